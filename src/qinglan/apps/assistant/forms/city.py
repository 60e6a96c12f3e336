"""What varies by city: narrowing the list, one value, a workbook of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from qinglan.apps.assistant.actions.city import LONGEST_SOURCE, LONGEST_VALUE
from qinglan.apps.assistant.forms.lengths import say_lengths
from qinglan.apps.assistant.queries.city import Field


class CityFilterForm(forms.Form):
    q = forms.CharField(label="内容、卡片、值", max_length=60, required=False)
    show = forms.ChoiceField(
        label="看哪些", required=False, choices=[("", "全部"), ("unfilled", "未填"), ("filled", "已填")]
    )  # fmt: skip

    def narrow(self, rows: Iterable[Field]) -> list[Field]:
        """The rows asked for; all when the address makes no sense."""
        if not self.is_valid():
            return list(rows)
        words, show = self.cleaned_data["q"].strip().lower().split(), self.cleaned_data["show"]
        return [one for one in rows if _has(one, words) and (not show or bool(one.text) == (show == "filled"))]


def _has(one: Field, words: list[str]) -> bool:
    titles = " ".join(f"{key} {title}" for key, title in one.cards)
    text = f"{one.name} {one.label} {one.unit} {one.text} {titles}".lower()
    return all(word in text for word in words)


class CityValueForm(forms.Form):
    text = forms.CharField(
        label="本区的值", max_length=LONGEST_VALUE, required=False, help_text="不写单位；60 字以内。留空是收回原来的值，助手会说该问谁。"
    )  # fmt: skip
    since = forms.DateField(label="自哪天起", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    source = forms.CharField(
        label="依据", max_length=LONGEST_SOURCE, help_text="哪个文件、第几条，或哪个窗口哪天答复。"
    )
    back = forms.CharField(required=False, max_length=500, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say_lengths(self)

    def refuse(self, error: ValidationError) -> None:
        """Put a refusal of the action beside its fields."""
        self.add_error(None, error)


class CityFileForm(forms.Form):
    MOST_BYTES = 1_000_000

    file = forms.FileField(
        label="填好的表格（xlsx）", help_text="在本页下载的表格里填“本区的值”“自哪天起”“依据”三列，整个传上来。"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].widget.attrs["accept"] = ".xlsx,.xls,.csv"

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > self.MOST_BYTES:
            raise ValidationError("文件超过 1 MB；这张表没有这么大，请看看是不是传错了。")
        return file
