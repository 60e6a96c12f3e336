"""Computes families in order over a frame; the steps of each become columns for the next."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from qinglan.core.packs.pack import PackOnDate
from qinglan.core.rules.families import Family, compute
from qinglan.core.rules.groups import GroupFamily, compute_groups

Results = dict[str, dict[str, np.ndarray]]


def run(
    families: Sequence[Family | GroupFamily],
    frame: Mapping[str, np.ndarray],
    pack: PackOnDate,
    *,
    interpreted: bool = False,
) -> Results:
    """{family id: {step: int64 array}} for every row of the frame. Raises NotInForce when the pack lacks a value.

    Two families may not have a step of the same name: a step is a column for the families after it.
    """
    columns: dict[str, np.ndarray] = dict(frame)
    results: Results = {}
    for family in families:
        steps = _one(family, columns, pack, interpreted)
        clash = [name for name in steps if name in columns]
        if clash:
            raise ValueError(f"{family.id}: the steps {clash} already exist as columns")
        columns.update(steps)
        results[family.id] = steps
    return results


def _one(family: Family | GroupFamily, columns: dict[str, Any], pack: PackOnDate, interpreted: bool) -> Any:
    if isinstance(family, GroupFamily):
        return compute_groups(family, columns, family.quota(pack))
    return compute(family, columns, family.tables(pack), interpreted=interpreted)
