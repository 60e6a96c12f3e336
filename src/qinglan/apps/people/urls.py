"""The addresses of organisations and people."""

from django.urls import path

from qinglan.apps.people import views

app_name = "people"
urlpatterns = [
    path("organisations/", views.organisations, name="organisations"),
    path("organisations/<str:code>/", views.organisation, name="organisation"),
    path("organisations/<str:code>/branches/", views.branches, name="branches"),
    path("people/", views.persons, name="persons"),
    path("people/me/", views.mine, name="mine"),
    path("people/<int:person_id>/", views.person, name="person"),
    path("people/<int:person_id>/reveal/<str:field>/", views.reveal, name="reveal"),
]
