"""Registers the app with Django under its Chinese name."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """How other systems come in and are told: tokens, idempotency keys, webhooks."""

    name = "qinglan.apps.exchange"
    verbose_name = "接口"
