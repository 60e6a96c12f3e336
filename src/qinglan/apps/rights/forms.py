"""Filing a claim with its evidence, handling it, and what the desk is narrowed by; proposals and their preconditions."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date
from pathlib import PurePath
from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from qinglan.apps.base.models import code_range
from qinglan.apps.people.models import Person
from qinglan.apps.people.queries.people import search
from qinglan.apps.rights import states
from qinglan.apps.rights.actions.claims import Evidence
from qinglan.apps.rights.models import Claim, ClaimKind, Proposal

MOST_FILES, MOST_BYTES = 5, 5_000_000
# Ending -> what the file begins with, and the type it is handed out as.
TYPES = {
    ".pdf": (b"%PDF-", "application/pdf"),
    ".jpg": (b"\xff\xd8\xff", "image/jpeg"),
    ".jpeg": (b"\xff\xd8\xff", "image/jpeg"),
    ".png": (b"\x89PNG\r\n\x1a\n", "image/png"),
    ".docx": (b"PK\x03\x04", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ".xlsx": (b"PK\x03\x04", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


class _Files(forms.ClearableFileInput):
    allow_multiple_selected = True


class EvidenceField(forms.FileField):
    """Several files, each of a known type and size."""

    widget = _Files

    def clean(self, data: Any, initial: Any = None) -> list[Evidence]:
        given = [one for one in (data if isinstance(data, list | tuple) else [data]) if one]
        if len(given) > MOST_FILES:
            raise forms.ValidationError(f"最多 {MOST_FILES} 个文件，其余的请另行补充。")
        return [self._one(super(EvidenceField, self).clean(one, initial)) for one in given]

    def _one(self, file: Any) -> Evidence:
        name = PurePath(file.name).name[:120]
        begins, kind = TYPES.get(PurePath(name).suffix.lower(), (None, ""))
        if file.size > MOST_BYTES:
            raise forms.ValidationError(f"「{name}」超过 {MOST_BYTES // 1_000_000} MB，请压缩或分开。")
        data = file.read()
        if begins is None or not data.startswith(begins):
            raise forms.ValidationError(
                f"「{name}」不是可以收的文件：请用 PDF、JPG、PNG、Word（docx）或 Excel（xlsx）。"
            )
        return Evidence(name, kind, data)


class ClaimForm(forms.Form):
    """A claim in words with evidence. `key` comes with the empty form, so that a double click is one claim."""

    text = forms.CharField(
        label="诉求和理由", max_length=2_000, widget=forms.Textarea(attrs={"rows": 6}),
        help_text="写清楚哪里不对、应当是什么、依据是什么。不超过 2000 字。",
    )  # fmt: skip
    papers = EvidenceField(
        label="证据（可不传）", required=False,
        help_text=f"最多 {MOST_FILES} 个，每个不超过 {MOST_BYTES // 1_000_000} MB：PDF、JPG、PNG、docx、xlsx。加密保存，只有办理的人能看。",
    )  # fmt: skip
    key = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["papers"].widget.attrs["accept"] = ",".join(TYPES)
        self.fields["key"].initial = uuid.uuid4().hex


class ObjectionForm(forms.Form):
    """The figure that an address names."""

    result = forms.IntegerField(min_value=1, max_value=2**62)
    family = forms.CharField(max_length=80)
    step = forms.CharField(max_length=80)
    month = forms.IntegerField(min_value=1, max_value=12, required=False)


class NoteForm(forms.Form):
    note = forms.CharField(label="说明", max_length=500, required=False)


class AssignForm(forms.Form):
    """`people`: (id, name) of those who may answer and are near nothing of it."""

    to = forms.TypedChoiceField(label="办理人", coerce=int)

    def __init__(self, *args: Any, people: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = people  # type: ignore[attr-defined]


class AnswerForm(forms.Form):
    """`facts`: (kind:id, words) of her facts of the year, one of which may be what is wrong."""

    outcome = forms.ChoiceField(label="结论", choices=states.Outcome.choices)
    reasons = forms.CharField(
        label="理由", max_length=2_000, widget=forms.Textarea(attrs={"rows": 6}), help_text="写明核对了什么、依据哪一条。本人会看到。"
    )  # fmt: skip
    to_correct = forms.CharField(
        label="要更正什么", max_length=500, required=False, help_text="成立或部分成立的必填：哪条记录、应当是什么。"
    )  # fmt: skip
    fact = forms.ChoiceField(label="哪条事实", required=False)

    def __init__(self, *args: Any, facts: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["fact"].choices = [("", "（不是事实台账里的记录）"), *facts]  # type: ignore[attr-defined]

    def chosen_fact(self) -> tuple[str, int] | None:
        kind, _, number = self.cleaned_data["fact"].partition(":")
        return (kind, int(number)) if number else None


class CorrectionForm(forms.Form):
    """`facts`: (kind:id, words) of her facts corrected since the answer."""

    fact = forms.ChoiceField(label="已更正的事实", required=False)
    note = forms.CharField(label="不是事实记录的，写明改了什么", max_length=500, required=False)

    def __init__(self, *args: Any, facts: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["fact"].choices = [("", "（另作说明）"), *facts]  # type: ignore[attr-defined]

    def chosen_fact(self) -> tuple[str, int] | None:
        kind, _, number = self.cleaned_data["fact"].partition(":")
        return (kind, int(number)) if number else None


class DeskForm(forms.Form):
    """`places`: (code, name) of the organisations that have claims; `today` decides what is overdue."""

    WAITING, OVERDUE = "waiting", "overdue"

    state = forms.ChoiceField(
        label="状态", required=False,
        choices=[("", "全部"), (WAITING, "待答复"), (OVERDUE, "逾期"), *states.Claim.choices],
    )  # fmt: skip
    kind = forms.ChoiceField(label="种类", required=False, choices=[("", "全部"), *ClaimKind.choices])
    org = forms.ChoiceField(label="街道与社区", required=False)
    q = forms.CharField(label="编号、姓名", max_length=40, required=False)

    def __init__(self, *args: Any, places: Sequence[tuple[str, str]], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["org"].choices = [("", "全部"), *places]  # type: ignore[attr-defined]

    def narrow(self, rows: QuerySet[Claim]) -> QuerySet[Claim]:
        """The rows asked for; all when the address makes no sense."""
        if not self.is_valid():
            return rows
        given: dict[str, Any] = self.cleaned_data
        if given["state"] == self.WAITING:
            rows = rows.filter(state__in=states.WAITING)
        elif given["state"] == self.OVERDUE:
            rows = rows.filter(state__in=states.WAITING, due_on__lt=self.today)
        elif given["state"]:
            rows = rows.filter(state=given["state"])
        if given["kind"]:
            rows = rows.filter(kind=given["kind"])
        if given["org"]:
            rows = rows.filter(code_range(given["org"]))
        if given["q"]:
            people = search(Person.objects.all(), given["q"]).order_by().values("pk")
            rows = rows.filter(Q(number__icontains=given["q"]) | Q(person__in=people))
        return rows


class ProposalFilterForm(forms.Form):
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), *states.Proposal.choices])
    q = forms.CharField(label="编号、姓名", max_length=40, required=False)

    def narrow(self, rows: QuerySet[Proposal]) -> QuerySet[Proposal]:
        """The rows asked for; all when the address makes no sense."""
        if not self.is_valid():
            return rows
        given: dict[str, Any] = self.cleaned_data
        if given["state"]:
            rows = rows.filter(state=given["state"])
        if given["q"]:
            people = search(Person.objects.all(), given["q"]).order_by().values("pk")
            rows = rows.filter(Q(number__icontains=given["q"]) | Q(person__in=people))
        return rows


class WordsForm(forms.Form):
    """Reasons, a statement, a decision: words that must be there."""

    text = forms.CharField(label="内容", max_length=2_000, widget=forms.Textarea(attrs={"rows": 4}))


class TickForm(forms.Form):
    condition = forms.CharField(max_length=40, widget=forms.HiddenInput)
    met = forms.TypedChoiceField(
        label="是否符合", choices=[("1", "符合"), ("0", "不符合")], coerce=lambda value: value == "1"
    )
    note = forms.CharField(label="依据", max_length=500)
