"""The stored outcome of the whole place as a page prints it: figures with their unit, charts with bands, rows of tables.

Nothing is computed anew. Groups and winners are in queries.grouping.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.urls import reverse

from qinglan.apps.rehearsal.models import Rehearsal
from qinglan.apps.rehearsal.queries import measures
from qinglan.apps.rehearsal.queries.scenarios import LEVERS, Chosen, number_of
from qinglan.apps.rehearsal.queries.scenarios import titled as parameter_title
from qinglan.core.twin import outcomes
from qinglan.core.twin.parameters import catalogue

NO_FORECAST = (
    "这不是预测：行为参数多为假设，区间只含偶然，不含假设本身的不确定。只宜用来比较两种做法，不宜用来定个人的事。"
)
DIMENSIONS = dict(outcomes.DIMENSIONS)
_READ_AS = {"比例": "%", "程度": "0–1"}
MEASURES = {one.name: f"{one.label}（{_READ_AS.get(one.unit, one.unit)}）" for one in measures.ALL.values()}
UNITS = {one.name: one.unit for one in measures.ALL.values()}
# What the page draws, in the order in which an officer asks; the table below the charts has all.
DRAWN = (
    "stability", "heads", "vacant", "voluntary", "recruits", "bill", "bill_growth", "cost", "training_cost", "rises", "ability",
    "mentored", "burnt", "satisfaction", "residents",
)  # fmt: skip
PLACES = {"比例": 1, "程度": 3, "倍": 3, "元": 0, "人": 1, "个": 1, "分": 1, "学时": 1}
SIDES = (("base", "现行"), ("other", "方案"))
CUTS = {"low": "5%", "first": "25%", "mid": "中位", "third": "75%", "high": "95%"}
NARROW = 0.6  # a band chart whose lowest value lies above this share of its highest does not begin at nought
NOTHING = "—"


def scaled(value: float | None, unit: str) -> float | None:
    """The number as it is read: shares in percent, money in yuan; rounded as it is printed."""
    if value is None:
        return None
    return round(value * 100 if unit == "比例" else value, PLACES.get(unit, 2)) + 0.0


def said(value: float | None, unit: str) -> str:
    """One figure in words; −0 is 0."""
    number = scaled(value, unit)
    return NOTHING if number is None else f"{number:,.{PLACES.get(unit, 2)}f}"


def label_of(name: str) -> str:
    """An indicator with the unit in which the whole place reads it."""
    one = outcomes.INDICATORS[name]
    return titled(one.label, wide(one.unit)[0])


def titled(label: str, unit: str) -> str:
    return f"{label}（{_READ_AS.get(unit, unit)}）"


def wide(unit: str) -> tuple[str, float]:
    """Yuan of a whole district are read in units of ten thousand."""
    return ("万元", 1e-4) if unit == "元" else (unit, 1.0)


def _lines(sides: Mapping[str, list[float | None]], unit: str, factor: float) -> dict[str, list[float | None]]:
    """The cuts of one side as they are drawn. An outcome stored before there were quartiles has the outer ones in their place."""
    found = {}
    for name, outer in (("low", "low"), ("first", "low"), ("mid", "mid"), ("third", "high"), ("high", "high")):
        values = sides.get(name) or sides[outer]
        found[name] = [_drawn(value, unit, factor) for value in values]
    found["values"] = found.pop("mid")
    return found


def charts(found: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """{name, title, data}: the middle of both with their bands, by year."""
    for name in DRAWN:
        rows = found["whole"].get(name)
        if rows is not None:
            one = outcomes.INDICATORS[name]
            unit, factor = wide(one.unit)
            series = [{"name": who, **_lines(rows[side], one.unit, factor)} for side, who in SIDES]
            data = {
                "kind": "band", "unit": _READ_AS.get(unit, unit), "labels": [str(year) for year in found["years"]], "head": "年",
                "series": series, "places": 2 if factor != 1.0 else PLACES.get(one.unit, 2), "zero": not _high(series),
            }  # fmt: skip
            yield {"name": f"chart-{name}", "title": one.label, "data": data}


def _high(series: list[dict[str, Any]]) -> bool:
    """Whether everything lies so far above nought that an axis from there would hide it."""
    values = [value for one in series for key in ("low", "high") for value in one[key] if value is not None]
    return bool(values) and min(values) > NARROW * max(values) > 0


def _drawn(value: float | None, unit: str, factor: float) -> float | None:
    if value is None:
        return None
    return round(value * factor, 2) if factor != 1.0 else scaled(value, unit)


def wide_words(value: float | None, unit: str) -> str:
    """A figure of the whole place: money in units of ten thousand yuan with two places; −0 is 0."""
    return NOTHING if value is None else f"{round(value * 1e-4, 2) + 0.0:,.2f}" if unit == "元" else said(value, unit)


def between(low: float | None, high: float | None, unit: str) -> str:
    """An interval in words; a dash, once, where it is not known."""
    return NOTHING if low is None or high is None else f"{wide_words(low, unit)} 至 {wide_words(high, unit)}"


def differences(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row an indicator: its label and by year the mean difference with the 95 % interval, and whether chance alone explains it."""
    rows = []
    for name, one in outcomes.INDICATORS.items():
        apart = found["whole"][name]["apart"]
        cells = []
        for mean, low, high in zip(apart["mean"], apart["low"], apart["high"], strict=True):
            words = wide_words(mean, one.unit)
            sure = low is not None and high is not None and (low > 0 or high < 0)
            cells.append({"mean": words, "between": between(low, high, one.unit), "sure": sure})
        rows.append({"label": titled(one.label, wide(one.unit)[0]), "cells": cells})
    return rows


def year_rows(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row an indicator and year, for the workbook."""
    rows = []
    for name, one in outcomes.INDICATORS.items():
        of = found["whole"][name]
        for at, year in enumerate(found["years"]):
            row: dict[str, Any] = {"indicator": titled(one.label, one.unit), "year": year, **_cuts(of, at, one.unit)}
            row |= {f"apart_{key}": scaled(of["apart"][key][at], one.unit) for key in ("mean", "low", "high")}
            row["above"] = scaled(of["apart"]["above"][at], "比例")
            rows.append(row)
    return rows


def month_rows(years: list[int], months: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row an indicator and month, for the workbook."""
    rows = []
    for name, sides in months.items():
        one = outcomes.INDICATORS[name]
        for at in range(len(sides["base"]["mid"])):
            month = f"{years[at // 12]}-{at % 12 + 1:02d}"
            rows.append({"indicator": titled(one.label, one.unit), "month": month, **_cuts(sides, at, one.unit)})
    return rows


def _cuts(sides: Mapping[str, Any], at: int, unit: str) -> dict[str, float | None]:
    return {
        f"{side}_{key}": scaled(sides[side][key][at], unit) for side, _ in SIDES for key in CUTS if key in sides[side]
    }


def assumption_rows(chosen: Chosen) -> list[tuple[str, list[dict[str, Any]]]]:
    """(group, rows) of every parameter: what each side uses, the default and where it is from."""
    grouped: dict[str, list[dict[str, Any]]] = {}
    for one in catalogue().values():
        value = chosen.parameters.get(one.name, one.default)
        base = chosen.base.get(one.name, one.default) if one.name in LEVERS else value
        grouped.setdefault(one.group, []).append(
            {
                "label": parameter_title(one), "base": number_of(one, base), "other": number_of(one, value),
                "changed": value != one.default or base != one.default, "default": f"{one.default:g}",
                "range": f"{one.low:g}–{one.high:g}", "basis": one.basis,
            }
        )  # fmt: skip
    return list(grouped.items())


def progress_of(row: Rehearsal) -> dict[str, Any]:
    """The job as the progress bar reads it. `seen`: the page that asks shows the first band already."""
    seen = "?seen=1" if row.done else ""
    return {
        "label": "正在推演" if row.state == Rehearsal.State.RUNNING else "等待后台计算", "done": row.done,
        "total": row.replicates, "state": "running", "message": "先出几次的粗略区间，再逐步补齐；可以离开，算完会留在这里。",
        "url": reverse("rehearsal:progress", args=[row.pk]) + seen, "every": "1s" if row.done else "300ms",
    }  # fmt: skip
