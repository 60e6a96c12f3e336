"""Computes a run again from what it froze, and says where anything differs (ADR 0008)."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from qinglan.apps.policy.models import PersonResult, Run, UnitResult
from qinglan.apps.policy.queries.packs import thawed
from qinglan.core.frame import freezing as tables
from qinglan.core.packs import freezing as packs
from qinglan.core.packs.errors import PackError
from qinglan.core.packs.pack import NotInForce
from qinglan.core.year import order
from qinglan.core.year.canonical import inputs_hash, results_hash
from qinglan.core.year.computing import Year, compute_year
from qinglan.core.year.rows import person_rows, unit_rows

SHOWN = 20


def verify(run: Run) -> list[str]:
    """Sentences on what differs, the first twenty; none when the run says today what it said."""
    return list(_differences(run))[:SHOWN]


def recompute(run: Run) -> Year:
    """The year of a run from its frozen tables, pack and rule versions alone. Raises PackError, NotInForce, RuleGone."""
    text = run.pack_text
    assert text is not None
    records, figures = tables.thaw(bytes(run.input.tables))
    return compute_year(records, run.year, thawed(text.files, text.name), figures, order.NOW.at(run.rule_versions))


def _differences(run: Run) -> Iterator[str]:
    kept = getattr(run, "input", None)
    if kept is None or run.pack_text is None:
        yield "这次计算没有保存输入（早于本版），不能重算。"
        return
    if packs.digest(run.pack_text.files) != run.pack_text.digest:
        yield "保存的政策包原文与它的指纹不符。"
    try:
        records, figures = tables.thaw(bytes(kept.tables))
    except (zipfile.BadZipFile, pl.exceptions.PolarsError, KeyError, ValueError, OSError):
        yield "保存的输入打不开，已经损坏。"
        return
    if tables.digest(records, figures) != kept.tables_hash:
        yield "保存的输入表与它的指纹不符。"
    try:
        year = recompute(run)
    except (PackError, NotInForce, order.RuleGone) as error:
        yield str(error)
        return
    if year.pack.hash != run.pack_hash:
        yield "政策包的指纹与计算时不同。"
    if inputs_hash(year, kept.columns) != run.inputs_hash:
        yield "由保存的事实得到的输入，指纹与计算时不同。"
    if results_hash(year) != run.results_hash:
        yield "重新计算的结果，指纹与计算时不同。"
    yield from _rows(run, year)


def _rows(run: Run, year: Year) -> Iterator[str]:
    """Every stored row, of people, units and the district, beside what is computed now."""
    steps = [step for _, names in run.step_columns for step in names]
    people = PersonResult.objects.filter(run=run).order_by("person_id")
    now = {row.person: row for row in person_rows(year, run.frame_columns)}
    if (kept := people.count()) != len(now):
        yield f"保存了 {kept} 人的结果，重算是 {len(now)} 人。"
    for one in people.iterator(chunk_size=500):
        if one.person_id not in now:
            yield f"人员 {one.person_id}：保存的结果里有她，重算里没有。"
            continue
        row, who = now[one.person_id], f"人员 {one.person_id}"
        yield from _array(f"{who} 的输入", one.frame, row.frame, run.frame_columns)
        yield from _array(f"{who} 的步骤", one.steps, row.steps, steps)
        yield from _array(f"{who} 的月度步骤", one.months, row.months)
        yield from _array(f"{who} 的分段步骤", one.segments, row.segments)
        yield from _figures(who, one, {"org_code": row.place, **row.figures})
    units = {unit.org_code: unit for unit in UnitResult.objects.filter(run=run)}
    _, unit_columns, *_ = run.input.columns
    for unit_row in unit_rows(year, unit_columns):
        unit = units.pop(unit_row.place, None)
        if unit is None:
            yield f"单位 {unit_row.place}：重算里有，保存的结果里没有。"
            continue
        yield from _array(f"单位 {unit_row.place} 的输入", unit.frame, unit_row.frame, unit_columns)
        yield from _array(f"单位 {unit_row.place} 的步骤", unit.steps, unit_row.steps)
        yield from _figures(f"单位 {unit_row.place}", unit, unit_row.figures)
    yield from (f"单位 {code}：保存的结果里有，重算里没有。" for code in units)
    if run.district_steps != year.district or run.district_frame != year.district_frame:
        yield "全区的预算与增长：保存的与重算的不同。"


def _array(whose: str, kept: list[int], computed: list[int], names: Sequence[str] = ()) -> Iterator[str]:
    """The first number that differs."""
    if kept == computed:
        return
    if len(kept) != len(computed):
        yield f"{whose}：保存了 {len(kept)} 个数，重算是 {len(computed)} 个。"
        return
    place = next(i for i, (before, now) in enumerate(zip(kept, computed, strict=True)) if before != now)
    what = names[place] if names else f"第 {place + 1} 个"
    yield f"{whose}「{what}」：保存的是 {kept[place]}，重算是 {computed[place]}。"


def _figures(whose: str, row: PersonResult | UnitResult, computed: Mapping[str, Any]) -> Iterator[str]:
    """The figures beside the arrays, which lists show and sum."""
    for name, value in computed.items():
        if getattr(row, name) != value:
            yield f"{whose} 的「{name}」：保存的是 {getattr(row, name)}，重算是 {value}。"
