"""Registers the app with Django under its Chinese name."""

from django.apps import AppConfig


class BaseConfig(AppConfig):
    """Components, htmx, paging, scope by organisation code, files and jobs that every app uses."""

    name = "qinglan.apps.base"
    verbose_name = "公用部件"
