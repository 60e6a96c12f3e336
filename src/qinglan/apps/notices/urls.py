"""The addresses of notices."""

from django.urls import path

from qinglan.apps.notices import views

app_name = "notices"
urlpatterns = [
    path("notices/", views.notices, name="list"),
    path("notices/read/", views.read_all, name="read-all"),
    path("notices/<int:notice_id>/open/", views.open_notice, name="open"),
]
