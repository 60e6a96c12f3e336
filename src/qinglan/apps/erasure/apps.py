"""Registers the app with Django under its Chinese name."""

from django.apps import AppConfig


class ErasureConfig(AppConfig):
    """Erasing people: asked by one, confirmed by another, carried out by the owner of the tables."""

    name = "qinglan.apps.erasure"
    verbose_name = "个人信息删除"
