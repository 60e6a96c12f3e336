"""Which open questions are shown, and what is done with some of them; which counts."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.conf import settings

from qinglan.apps.assistant.queries.counting import BY
from qinglan.apps.assistant.states import Channel, Outcome

DAYS = (1, 7, 30, 90, 365)
MOST_DAYS = 3 * 366


class OpenForm(forms.Form):
    """How far back, and a word in the question."""

    q = forms.CharField(label="问题里有", required=False, max_length=80)
    days = forms.TypedChoiceField(label="最近", coerce=int, required=False, empty_value=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = settings.ASSISTANT_DAYS
        days = sorted({*(one for one in DAYS if one < kept), kept})
        self.fields["days"].choices = [("", f"{kept} 天（保存期内全部）"), *((one, f"{one} 天") for one in days[:-1])]  # type: ignore[attr-defined]

    @property
    def said(self) -> tuple[str, int]:
        """(word, days); what cannot be read is as if not said."""
        given = self.cleaned_data if self.is_valid() else {}
        return str(given.get("q", "")).strip(), given.get("days") or settings.ASSISTANT_DAYS


class CountForm(forms.Form):
    """Which days, place and channel are counted, and by what."""

    since = forms.DateField(label="从", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label="到", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    place = forms.ChoiceField(label="地点", required=False)
    channel = forms.ChoiceField(label="渠道", required=False, choices=[("", "全部"), *Channel.choices])
    outcome = forms.ChoiceField(label="结果", required=False, choices=[("", "全部"), *Outcome.choices])
    by = forms.ChoiceField(label="按什么列表", required=False, choices=list(BY.items()))

    def __init__(self, *args: Any, places: dict[str, str], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["place"].choices = [("", "全区"), *places.items()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        said["until"] = said.get("until") or self.today
        said["since"] = said.get("since") or said["until"] - timedelta(days=29)
        if said["since"] > said["until"]:
            self.add_error("since", "“从”不能晚于“到”。")
        elif (said["until"] - said["since"]).days > MOST_DAYS:
            self.add_error("since", "一次最多看三年。")
        return said
