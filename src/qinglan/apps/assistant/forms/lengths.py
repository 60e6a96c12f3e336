"""Says in plain words that a text is too short or too long."""

from __future__ import annotations

from django import forms
from django.core.validators import MaxLengthValidator, MinLengthValidator


def say_lengths(form: forms.Form) -> None:
    """Put the house's sentence in the place of Django's."""
    for field in form.fields.values():
        for one in field.validators:
            if isinstance(one, MinLengthValidator):
                one.message = "太短，现有 %(show_value)d 字；请写到至少 %(limit_value)d 字。"
            elif isinstance(one, MaxLengthValidator):
                one.message = "太长，现有 %(show_value)d 字；请不超过 %(limit_value)d 字。"
