"""Registers the app with Django under its Chinese name."""

from django.apps import AppConfig


class FactsConfig(AppConfig):
    """Append-only records with evidence, valid time and recorded time."""

    name = "qinglan.apps.facts"
    verbose_name = "事实台账"
