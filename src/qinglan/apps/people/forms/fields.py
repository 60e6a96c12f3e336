"""Fields that many forms share: days, places, grounds."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django import forms

from qinglan.apps.people.models import Organisation


def day_field(label: str, **more: Any) -> forms.DateField:
    """A day, picked or typed as 2026-07-01."""
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, widget=widget, **more)


def day_after(last: date | None) -> date | None:
    """Offices name the last day of a span, the database the first day after it."""
    return None if last is None else last + timedelta(days=1)


def place_choices(organisations: Iterable[Organisation], nothing: str = "请选择") -> list[tuple[str, str]]:
    """(code, name) of organisations in the order given, each indented by its level below the highest."""
    organisations = list(organisations)
    shortest = min((len(one.code) for one in organisations), default=0)
    return [
        ("", nothing),
        *((one.code, f"{'　' * ((len(one.code) - shortest) // 3)}{one.name}") for one in organisations),
    ]


def note_field(required: bool = True) -> forms.CharField:
    """The document on which a change stands."""
    return forms.CharField(
        label="依据", required=required, max_length=200, help_text="批复或文件的名称与文号，会记入沿革。"
    )


class SureForm(forms.Form):
    """Nothing but the yes: for pages that ask once more."""
