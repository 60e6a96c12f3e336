"""Registers the app with Django under its Chinese name."""

from django.apps import AppConfig


class PolicyConfig(AppConfig):
    """Packs in force, runs, results, holds, sign-off and publication."""

    name = "qinglan.apps.policy"
    verbose_name = "政策与结果"
