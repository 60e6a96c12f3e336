"""The stored outcome as a page prints it: figures with their unit, charts with bands, rows of tables. Nothing is computed anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.urls import reverse

from qinglan.apps.rehearsal.models import Rehearsal
from qinglan.apps.rehearsal.queries.scenarios import LEVERS, Chosen
from qinglan.core.twin import outcomes
from qinglan.core.twin.parameters import catalogue

NO_FORECAST = (
    "这不是预测：行为参数多为假设，区间只含偶然，不含假设本身的不确定。只宜用来比较两种做法，不宜用来定个人的事。"
)
DIMENSIONS = dict(outcomes.DIMENSIONS)
_READ_AS = {"比例": "%", "程度": "0–1"}
MEASURES = {
    name: f"{label}（{_READ_AS.get(unit, unit)}）" for name, (label, unit, _) in outcomes.GROUP_MEASURES.items()
}
UNITS = {name: unit for name, (_, unit, _) in outcomes.GROUP_MEASURES.items()}
# What the page draws, in the order in which an officer asks; the table below the charts has all.
DRAWN = (
    "heads", "vacant", "stability", "voluntary", "bill", "bill_growth", "ability", "burnt", "satisfaction", "residents",
)  # fmt: skip
PLACES = {"比例": 1, "程度": 3, "倍": 3, "元": 0, "人": 1, "个": 1, "分": 1, "学时": 1}
NOTHING = "—"


def scaled(value: float | None, unit: str) -> float | None:
    """The number as it is read: shares in percent, money in yuan; rounded as it is printed."""
    if value is None:
        return None
    return round(value * 100 if unit == "比例" else value, PLACES.get(unit, 2))


def said(value: float | None, unit: str) -> str:
    """One figure in words; −0 is 0."""
    number = scaled(value, unit)
    return NOTHING if number is None else f"{number + 0.0:,.{PLACES.get(unit, 2)}f}"


def label_of(name: str) -> str:
    one = outcomes.INDICATORS[name]
    return titled(one.label, one.unit)


def titled(label: str, unit: str) -> str:
    return f"{label}（{_READ_AS.get(unit, unit)}）"


def _wide(unit: str) -> tuple[str, float]:
    """Yuan of a whole district are read in units of ten thousand."""
    return ("万元", 1e-4) if unit == "元" else (unit, 1.0)


def charts(found: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """{name, title, data, rows}: the middle of both with their 5 %–95 % bands, by year."""
    for name in DRAWN:
        rows = found["whole"].get(name)
        if rows is None:
            continue
        one = outcomes.INDICATORS[name]
        unit, factor = _wide(one.unit)
        series = [
            {"name": f"{who}{what}", "values": [_drawn(value, one.unit, factor) for value in rows[side][key]]}
            for what, key in ((" 中位", "mid"), (" 5%", "low"), (" 95%", "high"))
            for who, side in (("现行", "base"), ("方案", "other"))
        ]
        shown = _READ_AS.get(unit, unit)
        labels = [str(year) for year in found["years"]]
        data = {"kind": "line", "unit": shown, "labels": labels, "series": series}
        yield {
            "name": f"chart-{name}",
            "title": one.label,
            "data": data,
            "rows": list(_table(labels, series, 2 if factor != 1.0 else PLACES.get(one.unit, 2))),
        }


def _table(labels: list[str], series: list[dict[str, Any]], places: int) -> Iterator[tuple[str, list[str]]]:
    """(year, what every line says) as it is printed below the chart."""
    for at, label in enumerate(labels):
        values = [line["values"][at] for line in series]
        yield label, [NOTHING if value is None else f"{value:,.{places}f}" for value in values]


def _drawn(value: float | None, unit: str, factor: float) -> float | None:
    if value is None:
        return None
    return round(value * factor, 2) if factor != 1.0 else float(scaled(value, unit) or 0.0)


def differences(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row an indicator: its label and by year the mean difference with the 95 % interval, and whether chance alone explains it."""
    rows = []
    for name, one in outcomes.INDICATORS.items():
        apart = found["whole"][name]["apart"]
        unit, factor = _wide(one.unit)
        cells = []
        for mean, low, high in zip(apart["mean"], apart["low"], apart["high"], strict=True):
            numbers = [None if value is None else value * factor for value in (mean, low, high)]
            words = [said(value, unit) for value in numbers]
            sure = low is not None and high is not None and (low > 0 or high < 0)
            cells.append({"mean": words[0], "low": words[1], "high": words[2], "sure": sure})
        rows.append({"label": titled(one.label, unit), "cells": cells})
    return rows


def year_rows(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row an indicator and year, for the workbook."""
    rows = []
    for name, one in outcomes.INDICATORS.items():
        of = found["whole"][name]
        for at, year in enumerate(found["years"]):
            row: dict[str, Any] = {"indicator": titled(one.label, one.unit), "year": year}
            for side in ("base", "other"):
                row |= {f"{side}_{key}": said(of[side][key][at], one.unit) for key in ("low", "mid", "high")}
            row |= {f"apart_{key}": said(of["apart"][key][at], one.unit) for key in ("mean", "low", "high")}
            row["above"] = said(of["apart"]["above"][at], "比例")
            rows.append(row)
    return rows


def month_rows(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row an indicator and month, for the workbook."""
    rows = []
    for name, sides in found["months"].items():
        one = outcomes.INDICATORS[name]
        for at in range(len(sides["base"]["mid"])):
            row: dict[str, Any] = {"indicator": titled(one.label, one.unit)}
            row["month"] = f"{found['years'][at // 12]}-{at % 12 + 1:02d}"
            for side in ("base", "other"):
                row |= {f"{side}_{key}": said(sides[side][key][at], one.unit) for key in ("low", "mid", "high")}
            rows.append(row)
    return rows


def group_rows(found: Mapping[str, Any], by: str, of: str, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """A row a group with what the last year says of it."""
    unit = UNITS[of]
    rows = []
    for name, measures in found["groups"].get(by, {}).items():
        values = [scaled(value, unit) for value in measures.get(of, [None] * 5)]
        figures = dict(zip(("base", "other", "apart", "low", "high"), values, strict=True))
        rows.append({"name": names.get(name, name) or "未记录", "unit": unit, **figures})
    return rows


def assumption_rows(chosen: Chosen) -> list[tuple[str, list[dict[str, Any]]]]:
    """(group, rows) of every parameter: what both use, what the candidate alone uses, the default and where it is from."""
    grouped: dict[str, list[dict[str, Any]]] = {}
    for one in catalogue().values():
        value = chosen.parameters.get(one.name, one.default)
        lever = one.name in LEVERS
        grouped.setdefault(one.group, []).append(
            {
                "label": one.label, "unit": one.unit, "base": f"{one.default if lever else value:g}", "other": f"{value:g}",
                "changed": value != one.default, "default": f"{one.default:g}", "range": f"{one.low:g}–{one.high:g}",
                "basis": one.basis,
            }
        )  # fmt: skip
    return list(grouped.items())


def progress_of(row: Rehearsal) -> dict[str, Any]:
    """The job as the progress bar reads it. `seen`: the page that asks shows the first band already."""
    seen = "?seen=1" if row.done else ""
    return {
        "label": "正在推演" if row.state == Rehearsal.State.RUNNING else "等待后台计算", "done": row.done,
        "total": row.replicates, "state": "running", "message": "先出几次的粗略区间，再逐步补齐；第一次要先编译，可能多等半分钟。",
        "url": reverse("rehearsal:progress", args=[row.pk]) + seen,
    }  # fmt: skip
