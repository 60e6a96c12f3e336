"""Registers the app with Django under its Chinese name."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Who did what and who saw what, in a chain that cannot be rewritten."""

    name = "qinglan.apps.audit"
    verbose_name = "审计"
