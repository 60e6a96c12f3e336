"""Registers the app with Django under its Chinese name."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """What the system tells an account: in the system, and by e-mail where set."""

    name = "qinglan.apps.notices"
    verbose_name = "通知"
