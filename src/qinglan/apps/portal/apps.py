"""Registers the app with Django under its Chinese name."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """Home, a person's page and what reads across the apps."""

    name = "qinglan.apps.portal"
    verbose_name = "门户"
