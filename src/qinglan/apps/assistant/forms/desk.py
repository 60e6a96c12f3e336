"""What the desk is narrowed by, and what is typed or chosen on a hand-over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from qinglan.apps.assistant import states
from qinglan.apps.assistant.actions.handing import MOST_ANSWER
from qinglan.apps.assistant.models import HandOver
from qinglan.apps.base.models import code_range

MOST_DIGITS = 18  # of a row's number


class DeskForm(forms.Form):
    """`places`: (code, name) of those that have hand-overs; `user`: whose own "taken by me" is."""

    OPEN, MINE = "open", "mine"

    state = forms.ChoiceField(
        label="状态", required=False, choices=[("", "全部"), (OPEN, "未办结"), (MINE, "我接手的"), *states.Handing.choices]
    )  # fmt: skip
    org = forms.ChoiceField(label="地点", required=False)
    q = forms.CharField(label="编号、问题里的字", max_length=60, required=False)

    def __init__(self, *args: Any, places: Sequence[tuple[str, str]], user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["org"].choices = [("", "全部"), *places]  # type: ignore[attr-defined]

    def narrow(self, rows: QuerySet[HandOver]) -> QuerySet[HandOver]:
        """The rows asked for; all when the address makes no sense."""
        if not self.is_valid():
            return rows
        given: dict[str, Any] = self.cleaned_data
        if given["state"] == self.OPEN:
            rows = rows.filter(state__in=states.OPEN)
        elif given["state"] == self.MINE:
            rows = rows.filter(state=states.Handing.TAKEN, taken_by=self.user)
        elif given["state"]:
            rows = rows.filter(state=given["state"])
        if given["org"]:
            rows = rows.filter(code_range(given["org"]))
        if given["q"]:
            word = given["q"]
            number = Q(pk=int(word)) if word.isascii() and word.isdigit() and len(word) <= MOST_DIGITS else Q()
            rows = rows.filter(Q(text__icontains=word) | Q(note__icontains=word) | number)
        return rows


class HandAnswerForm(forms.Form):
    text = forms.CharField(
        label="答复", max_length=MOST_ANSWER, strip=True, widget=forms.Textarea(attrs={"rows": 8}),
        help_text=f"提问的人会原样看到，不超过 {MOST_ANSWER} 字。不要写身份证号、手机号、银行卡号；要留电话的，写社区的座机。",
    )  # fmt: skip


class PutBackForm(forms.Form):
    reason = forms.ChoiceField(label="为什么放回", choices=states.PutBack.choices)


class CloseForm(forms.Form):
    reason = forms.ChoiceField(label="为什么关闭", choices=states.Closing.choices)
