"""The addresses of the assistant: ask/ for everybody, assistant/ for those who work here."""

from django.urls import path  # noqa: F401

app_name = "assistant"
urlpatterns: list = []
