"""Choosing a month to compute, closing one, narrowing the list of slips."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet

from qinglan.apps.pay.models import PayMonth, PaySlip
from qinglan.apps.people.models import Person
from qinglan.apps.people.queries.people import search

EARLIEST = 2000


class MonthForm(forms.Form):
    """The district (when there are several) and the month; `following`: what comes next in the only district."""

    district = forms.ChoiceField(label="区")
    month = forms.CharField(
        label="月份", widget=forms.TextInput(attrs={"type": "month", "placeholder": "2026-01", "autocomplete": "off"})
    )

    def __init__(
        self, *args: Any, districts: dict[str, str], following: tuple[int, int] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if len(districts) > 1:
            self.fields["district"].choices = list(districts.items())  # type: ignore[attr-defined]
        else:
            del self.fields["district"]
        if following:
            self.fields["month"].initial = f"{following[0]:04d}-{following[1]:02d}"

    def clean_month(self) -> tuple[int, int]:
        text = self.cleaned_data["month"].strip()
        try:
            day = date.fromisoformat(f"{text}-01")
        except ValueError:
            raise forms.ValidationError("请写成“2026-01”的样子：四位年份、短横线、两位月份。") from None
        if not EARLIEST <= day.year <= EARLIEST + 100:
            raise forms.ValidationError("请填写 2000 年以后的月份。")
        return day.year, day.month


class CloseForm(forms.Form):
    note = forms.CharField(label="说明", max_length=500, required=False)


class SlipFilter(django_filters.FilterSet):
    """Give `month`, and `organisations` in scope as (code, name) in the order of the tree."""

    q = django_filters.CharFilter(label="姓名、拼音", method="by_words")
    org = django_filters.ChoiceFilter(label="街道与社区", method="by_place", empty_label="全部")
    only = django_filters.ChoiceFilter(label="只看", method="by_kind", empty_label="全部")

    class Meta:
        model = PaySlip
        fields = ("q", "org", "only")

    def __init__(self, *args: Any, month: PayMonth, organisations: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.month = month
        shortest = min((len(code) for code, _ in organisations), default=0)
        self.filters["org"].extra["choices"] = [
            (code, f"{'　' * ((len(code) - shortest) // 3)}{name}") for code, name in organisations
        ]
        self.filters["only"].extra["choices"] = [
            ("arrears", "有补发或扣回的"),
            ("changed", "与上月不同的"),
            *((found["key"], found["label"]) for found in month.exceptions),
        ]

    def by_words(self, queryset: QuerySet[PaySlip], name: str, value: str) -> QuerySet[PaySlip]:
        return queryset.filter(person__in=search(Person.objects.all(), value).order_by().values("pk"))

    def by_place(self, queryset: QuerySet[PaySlip], name: str, value: str) -> QuerySet[PaySlip]:
        return queryset.within(value)  # type: ignore[attr-defined]

    def by_kind(self, queryset: QuerySet[PaySlip], name: str, value: str) -> QuerySet[PaySlip]:
        if value == "arrears":
            return queryset.exclude(arrears=0)
        if value == "changed":
            return queryset.exclude(gross_change=0)  # type: ignore[misc]  # annotated by queries.slips
        people = [person for found in self.month.exceptions if found["key"] == value for person in found["people"]]
        return queryset.filter(person__in=people)
