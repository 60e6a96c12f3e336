"""Registers the app with Django under its Chinese name."""

from django.apps import AppConfig


class AssistantConfig(AppConfig):
    """The assistant: questions answered from cards, handed to a person where it does not know, and what is learnt from both."""

    name = "qinglan.apps.assistant"
    verbose_name = "问答助手"
