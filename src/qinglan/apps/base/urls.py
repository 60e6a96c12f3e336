"""The addresses of the page parts' gallery."""

from django.urls import path

from qinglan.apps.base import views

app_name = "base"
urlpatterns = [
    path("components/", views.components, name="components"),
    path("components/progress/<int:done>/", views.sample_progress, name="sample-progress"),
]
