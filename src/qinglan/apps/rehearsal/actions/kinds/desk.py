"""窗口排队: separate windows, one queue of generalists, or a counter with a back office, with the same residents (`service.quanke`)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import django_tables2 as tables
from django import forms

from qinglan.apps.base.tables import Table
from qinglan.apps.rehearsal.actions.kinds.shape import Step, StudyKind, figure
from qinglan.apps.rehearsal.actions.kinds.uploading import SheetForm
from qinglan.apps.rehearsal.models import Study
from qinglan.apps.rehearsal.states import Kind
from qinglan.core.twin.desk.case import DEFAULTS, RANGES, WORDS, Case, case_of, checked
from qinglan.core.twin.desk.figures import FIGURES, RULE, freed_of, outcome
from qinglan.core.twin.desk.parameters import catalogue
from qinglan.core.twin.desk.reading import read_desk
from qinglan.core.twin.desk.sheets import pasted, template

WHOLE = ("general", "front", "months", "replicates")
HELP = {
    "general": "一条队时几个人；不填按窗口人数之和", "front": "综合柜台几个人；不填按窗口人数之和减去后台人数",
    "months": "改成全科以后看几个月；人慢慢熟练", "replicates": "重复多少次，越多区间越窄",
}  # fmt: skip


class DeskForm(SheetForm):
    """The desk as a table (a file, or pasted), its people, and every coefficient with its default."""

    kind = Kind.DESK
    file = forms.FileField(label="服务台的表（xlsx、csv 或 yaml）", required=False)
    pasted = forms.CharField(
        label="或者：从表格里复制，粘贴在这里", required=False, max_length=100_000, strip=False,
        widget=forms.Textarea(attrs={"rows": 7, "spellcheck": "false"}),
        help_text="第一行是表头，一行一件事；9:00 等列是这一小时平均来几个人。现在的数是编的示例，请换成本区的。",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["pasted"].initial = pasted()
        for name in WHOLE:
            low, high = RANGES[name]
            self.fields[name] = forms.IntegerField(
                label=WORDS[name], min_value=low, max_value=high, required=False, initial=DEFAULTS.get(name), help_text=HELP[name],
            )  # fmt: skip
        for one in catalogue().values():
            self.fields[f"p_{one.name}"] = forms.FloatField(
                label=f"{one.label}（{one.unit}）", min_value=one.low, max_value=one.high, required=False, initial=one.default,
                help_text=f"{one.low:g} 到 {one.high:g}；{one.basis}",
            )  # fmt: skip

    def read(self, data: bytes, name: str, uploaded: bool) -> Case:
        """The case with what the form says; what a file says itself stands where the form was left at its default."""
        case = read_desk(data, name)
        whole = self.changed({one: DEFAULTS.get(one) for one in WHOLE}, uploaded)
        given = self.changed({f"p_{one.name}": one.default for one in catalogue().values()}, uploaded)
        parameters = dict(case.parameters) | {name.removeprefix("p_"): value for name, value in given.items()}
        return checked(
            case.with_(**whole, name=self.cleaned_data["name"], parameters=tuple(sorted(parameters.items())))
        )

    def inputs(self) -> dict[str, Any]:
        case: Case = self.cleaned_data["sheet"]
        return {"case": case.plain()}


class DeskTable(Table):
    """A row a figure, a column a layout."""

    exportable = True
    caption = "三种办法"

    label = tables.Column(verbose_name="指标")
    separate = tables.Column(verbose_name="分窗")
    general = tables.Column(verbose_name="一窗")
    counter = tables.Column(verbose_name="柜台加后台")

    class Meta(Table.Meta):
        sequence = ("label", "separate", "general", "counter")


def _run(study: Study) -> Iterator[Step]:
    case = case_of(study.inputs["case"])
    workers = max(1, min(2, os.cpu_count() or 1))
    found = outcome(case, workers=workers, freed=False)
    yield Step(1, 2, found)
    yield Step(2, 2, found | {"freed": freed_of(case, workers)})


def _said(value: float | None, share: bool = False) -> str:
    return "—" if value is None else f"{value * (100 if share else 1):.1f}"


def rows(found: dict[str, Any]) -> list[dict[str, Any]]:
    """The comparison as it is printed: the mean, and its interval under `<layout>_band`."""
    if not found:
        return []
    said: list[dict[str, Any]] = [{"label": "人数"} | {one["layout"]: str(one["people"]) for one in found["layouts"]}]
    for known in FIGURES:
        row = {"label": f"{known.label}（{known.unit}）"}
        for one in found["layouts"]:
            mean, low, high = one["figures"][known.name]
            row[one["layout"]] = _said(mean, known.share)
            row[f"{one['layout']}_band"] = (
                f"{_said(low, known.share)}–{_said(high, known.share)}" if low is not None else ""
            )
        said.append(row)
    return said


def _shown(study: Study) -> dict[str, Any]:
    found = study.outcome or {}
    layouts = found["layouts"]
    tails = {"kind": "bar", "unit": "分钟", "head": "等候不超过", "labels": ["半数人", "九成人", "九成半人", "百人中九十九人"], "places": 1, "series": [
        {"name": one["short"], "values": [one["figures"][q][0] for q in ("p50", "p90", "p95", "p99")]} for one in layouts
    ]}  # fmt: skip
    months = {"kind": "line", "unit": "分钟", "head": "改后第几个月", "labels": [str(at + 1) for at in range(len(layouts[0]["months"]))], "places": 1,
              "series": [{"name": one["short"], "values": [each["wait"][0] for each in one["months"]]} for one in layouts]}  # fmt: skip
    kinds = [
        {"name": name, "cells": [
            {"head": f"{one['short']}{what}", "value": _said(one["kinds"][at][key][0], key == "left")}
            for one in layouts for key, what in (("wait", "平均"), ("p95", "九成半不超过"), ("left", "走的 %"))
        ]}
        for at, name in enumerate(found["kinds"])
    ]  # fmt: skip
    people = [
        {"layout": one["short"], "name": group["name"], "people": group["people"], "busy": _said(group["busy"][0], True)}
        for one in layouts for group in one["groups"]
    ]  # fmt: skip
    return {
        "rows": rows(found), "tails": tails, "months": months, "kinds": kinds, "people": people, "rule": RULE,
        "freed": [_freed(one) for one in found["freed"] or []],
        "parameters": [one | {"range": f"{one['low']:g}–{one['high']:g}"} for one in found["parameters"]],
    }  # fmt: skip


def _freed(one: dict[str, Any]) -> dict[str, Any]:
    """How many people could go to the grid, in a sentence."""
    if one["people"] is None:
        words = "加到一倍多的人也达不到分窗的等候。"
    elif one["freed"] > 0:
        words = f"最少 {one['people']} 人，可下沉网格 {one['freed']} 人，每月腾出 {one['hours_a_month']:,.0f} 小时。"
    elif one["freed"] == 0:
        words = f"最少 {one['people']} 人，与分窗一样多，腾不出人。"
    else:
        words = f"要 {one['people']} 人，比分窗多 {-one['freed']} 人。"
    return {"label": one["label"], "words": words}


def values(found: dict[str, Any]) -> list[dict[str, Any]]:
    """The means for the workbook, as numbers."""
    if not found:
        return []
    layouts = found["layouts"]
    said: list[dict[str, Any]] = [{"label": "人数"} | {one["layout"]: one["people"] for one in layouts}]
    for known in FIGURES:
        means = {one["layout"]: one["figures"][known.name][0] for one in layouts}
        scale = 100 if known.share else 1
        said.append(
            {"label": f"{known.label}（{known.unit}）"}
            | {name: figure(None if mean is None else mean * scale) for name, mean in means.items()}
        )
    return said


KIND = StudyKind(
    kind=Kind.DESK,
    about="居民到窗口要等多久：分窗、一窗、综合柜台加后台三种办法，用同样的居民比较；能腾出几个人下沉网格。",
    form=DeskForm,
    runner=_run,
    table=lambda study: DeskTable(values(study.outcome or {})),
    shown=_shown,
    needs_run=False,
    blank=("服务台样表.xlsx", template),
)
