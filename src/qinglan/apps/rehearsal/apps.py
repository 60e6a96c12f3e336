"""Registers the app with Django under its Chinese name."""

from django.apps import AppConfig


class RehearsalConfig(AppConfig):
    """Rehearsals: what other values may bring over years, in bands, for a place and its groups."""

    name = "qinglan.apps.rehearsal"
    verbose_name = "推演"
