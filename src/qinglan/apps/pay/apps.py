"""Registers the app with Django under its Chinese name."""

from django.apps import AppConfig


class PayConfig(AppConfig):
    """Pay months open and closed, slips, arrears."""

    name = "qinglan.apps.pay"
    verbose_name = "工资发放"
