"""Registers the app with Django under its Chinese name."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Organisations, persons, posts over time, users and roles."""

    name = "qinglan.apps.people"
    verbose_name = "机构与人员"
