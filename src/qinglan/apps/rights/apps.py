"""Registers the app with Django under its Chinese name."""

from django.apps import AppConfig


class RightsConfig(AppConfig):
    """Claims, objections and appeals; proposals that end or lower somebody."""

    name = "qinglan.apps.rights"
    verbose_name = "权益"
