"""The addresses of the home page, of the first run and of what reads across the apps."""

from django.urls import path

from qinglan.apps.portal.views import cockpit, growth, home

app_name = "portal"
urlpatterns = [
    path("", home.home, name="home"),
    path("setup/", home.setup, name="setup"),
    path("cockpit/", cockpit.page, name="cockpit"),
    path("me/", growth.growth, name="growth"),
]
