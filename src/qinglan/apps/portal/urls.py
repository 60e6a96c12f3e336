"""The addresses of the home page and of the first run."""

from django.urls import path

from qinglan.apps.portal import views

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("setup/", views.setup, name="setup"),
]
