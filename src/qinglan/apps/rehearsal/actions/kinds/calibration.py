"""离职率校准: the leaving parameters from the district's own recorded exits, with intervals; the defaults where history is thin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

import django_tables2 as tables
from django import forms
from django.urls import reverse

from qinglan.apps.base.tables import Table
from qinglan.apps.rehearsal.actions.kinds.shape import Step, StudyForm, StudyKind, figure, percent
from qinglan.apps.rehearsal.models import Study
from qinglan.apps.rehearsal.queries.studying import records_of
from qinglan.apps.rehearsal.states import Kind
from qinglan.core.twin.calibration import LEAST, LEAST_EACH, calibrate
from qinglan.core.twin.parameters import catalogue


class CalibrationForm(StudyForm):
    """How many leavers make a history."""

    least = forms.IntegerField(
        label="至少多少人自愿离职才用本区数字", min_value=10, max_value=100_000, initial=LEAST,
        help_text=f"本区设定，默认 {LEAST} 人；不到就仍用默认值，并说明",
    )  # fmt: skip
    least_each = forms.IntegerField(
        label="每个因素两边至少多少人离职", min_value=5, max_value=100_000, initial=LEAST_EACH,
        help_text=f"本区设定，默认 {LEAST_EACH} 人；不到的因素仍用默认值",
    )  # fmt: skip


class CalibrationTable(Table):
    """A row a parameter."""

    exportable = True
    caption = "离职参数"

    label = tables.Column(verbose_name="参数")
    value = tables.Column(verbose_name="用的值")
    low = tables.Column(verbose_name="区间下限")
    high = tables.Column(verbose_name="区间上限")
    default = tables.Column(verbose_name="默认（假设）")
    why = tables.Column(verbose_name="说明")

    class Meta(Table.Meta):
        sequence = ("label", "value", "low", "high", "default", "why")


def _run(study: Study) -> Iterator[Step]:
    asked = study.inputs
    found = calibrate(
        records_of(study), study.year or 0, prefix=study.org_code, least=asked["least"], least_each=asked["least_each"]
    )
    yield Step(1, 1, asdict(found) | {"parameters": found.parameters})


def rows(found: dict[str, Any]) -> list[dict[str, Any]]:
    """The figures as they are printed: a rate in percent, effects in log odds; a default has no interval."""
    said = []
    for one in found["figures"]:
        known = catalogue()[one["name"]]
        share = known.unit == "比例"
        words = {
            name: f"{one[name]:.1%}" if share else f"{one[name]:.2f}" for name in ("value", "low", "high", "default")
        }
        if not one["used"]:
            words |= {"low": "—", "high": "—"}
        why = one["why"] or ("本区数字" if one["used"] else "")
        said.append({"label": f"{known.label}（{known.unit}）", "used": one["used"], "why": why, **words})
    return said


def _shown(study: Study) -> dict[str, Any]:
    found = study.outcome or {}
    taken = {f"p_{name}": f"{value:.6g}" for name, value in found["parameters"].items()}
    address = f"{reverse('rehearsal:new')}?{urlencode({'run': study.run_id, **taken})}" if taken else ""
    years = [
        one | {"percent": f"{one['rate']:.1%}", "band": f"{one['low']:.1%} 至 {one['high']:.1%}"}
        for one in found["years"]
    ]
    return {"rows": rows(found), "years": years, "rehearse": address}


def values(found: dict[str, Any]) -> list[dict[str, Any]]:
    """The same for the workbook: numbers, with the form in which they are read."""
    numbered = []
    for row, one in zip(rows(found), found["figures"], strict=True):
        say = percent if catalogue()[one["name"]].unit == "比例" else (lambda value: figure(value, 2))
        cells = {name: say(one[name]) for name in ("value", "low", "high", "default")}
        numbered.append(row | cells | ({} if one["used"] else {"low": None, "high": None}))
    return numbered


KIND = StudyKind(
    kind=Kind.CALIBRATION,
    about="由本区记录的自愿离职算出离职率和年龄、新人的差别，附区间；记录太少就仍用默认值，并说明。",
    form=CalibrationForm,
    runner=_run,
    table=lambda study: CalibrationTable(values(study.outcome or {"figures": []})),
    shown=_shown,
)
