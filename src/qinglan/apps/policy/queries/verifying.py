"""Computes a run again from what it froze, and says where anything differs (ADR 0008)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from qinglan.apps.policy.models import PersonResult, Run
from qinglan.core.frame import freezing as tables
from qinglan.core.packs import freezing as packs
from qinglan.core.packs.errors import PackError
from qinglan.core.packs.pack import NotInForce
from qinglan.core.rules.registry import ITEMS
from qinglan.core.year import order
from qinglan.core.year.canonical import inputs_hash, results_hash
from qinglan.core.year.computing import Year, compute_year

SHOWN = 20


def verify(run: Run) -> list[str]:
    """Sentences on what differs, the first twenty; none when the run says today what it said."""
    return list(_differences(run))[:SHOWN]


def recompute(run: Run) -> Year:
    """The year of a run from its frozen tables, pack and rule versions alone. Raises PackError, NotInForce, RuleGone."""
    text = run.pack_text
    assert text is not None
    records, figures = tables.thaw(bytes(run.input.tables))
    return compute_year(
        records, run.year, packs.thaw(text.files, text.name, ITEMS), figures, order.NOW.at(run.rule_versions)
    )


def _differences(run: Run) -> Iterator[str]:
    kept = getattr(run, "input", None)
    if kept is None or run.pack_text is None:
        yield "这次计算没有保存输入（早于本版），不能重算。"
        return
    if packs.digest(run.pack_text.files) != run.pack_text.digest:
        yield "保存的政策包原文与它的指纹不符。"
    records, figures = tables.thaw(bytes(kept.tables))
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
    """The stored row of each person beside what is computed now."""
    count = len(year.frame)
    names = [step for _, steps in run.step_columns for step in steps]
    flat = {
        name: values
        for family in (year.person, year.pay_year)
        for steps in family.values()
        for name, values in steps.items()
    }
    steps = np.stack([flat[name] for name in names], axis=1) if names else np.empty((count, 0), np.int64)
    frame = np.stack([year.frame.columns[name] for name in run.frame_columns], axis=1)
    months = [array for family in year.months.values() for array in family.values()]
    number = {int(person): row for row, person in enumerate(year.frame.people)}
    seen = 0
    for stored in PersonResult.objects.filter(run=run).defer("segments").iterator(chunk_size=500):
        seen += 1
        row = number.get(stored.person_id)
        if row is None:
            yield f"人员 {stored.person_id}：保存的结果里有她，重算里没有。"
            continue
        now = [int(array[month, row]) for month in range(12) for array in months]
        for label, kept, computed, columns in (
            ("输入", stored.frame, frame[row].tolist(), run.frame_columns),
            ("步骤", stored.steps, steps[row].tolist(), names),
            ("月度步骤", stored.months, now, None),
        ):
            if kept != computed:
                place = next(i for i, (a, b) in enumerate(zip(kept, computed, strict=False)) if a != b)
                what = columns[place] if columns else f"第 {place + 1} 个"
                yield f"人员 {stored.person_id} 的{label}「{what}」：保存的是 {kept[place]}，重算是 {computed[place]}。"
    if seen != count:
        yield f"保存了 {seen} 人的结果，重算是 {count} 人。"
