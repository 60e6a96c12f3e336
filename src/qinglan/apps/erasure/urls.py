"""The addresses of erasures."""

from django.urls import path

from qinglan.apps.erasure import views

app_name = "erasure"
urlpatterns = [
    path("erasures/", views.listed, name="list"),
    path("erasures/<int:erasure_id>/", views.erasure, name="erasure"),
    path("erasures/<int:erasure_id>/<str:move>/", views.move, name="move"),
    path("people/<int:person_id>/erase/", views.ask, name="ask"),
]
