"""Families over columns that lie in one array, without copies to and fro: the same kernels in the same order as core.year.running.

A sheet holds the frame's columns, then the steps of each family below them. A block of people of a few thousand stays in the
processor's cache, and its room is used again by the next block.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from qinglan.core.frame.missing import MISSING
from qinglan.core.packs.pack import PackOnDate
from qinglan.core.rules.compiling import UNCOMPILED
from qinglan.core.rules.families import Family, compute
from qinglan.core.rules.groups import GroupFamily, compute_groups, fill_quotas
from qinglan.core.twin.compiling import compiled

REASONS = 64  # missing values lie this close below MISSING
FITS = 1 << 62


@dataclass(frozen=True)
class Part:
    """One family's place: rows of its inputs, and the rows (first to last − 1) of its steps."""

    family: Family | GroupFamily
    inputs: np.ndarray
    first: int
    last: int


class Plan:
    """Which row of a sheet holds what. `columns`: the frame's, first; then the families' steps. Raises KeyError for an input that nothing makes."""

    def __init__(self, families: Sequence[Family | GroupFamily], columns: Sequence[str]) -> None:
        self.row = {name: number for number, name in enumerate(columns)}
        self.columns = tuple(columns)
        self.parts: list[Part] = []
        for family in families:
            needed = family.columns if isinstance(family, GroupFamily) else family.inputs._fields
            inputs = np.array([self.row[name] for name in needed], np.intp)
            first = len(self.row)
            for name in family.steps:
                if name in self.row:
                    raise ValueError(f"{family.id}: the step {name} already exists as a column")
                self.row[name] = len(self.row)
            self.parts.append(Part(family, inputs, first, len(self.row)))
        self.most = max((len(part.inputs) for part in self.parts), default=0)

    def rows(self, names: Sequence[str]) -> np.ndarray:
        return np.array([self.row[name] for name in names], np.int64)

    def tables(self, on: PackOnDate) -> list[Any]:
        """What each family reads of the pack. Raises NotInForce."""
        return [
            part.family.quota(on) if isinstance(part.family, GroupFamily) else part.family.tables(on)
            for part in self.parts
        ]


@dataclass
class Desk:
    """Room for sheets, used again and again; it grows as needed."""

    table: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))
    taken: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))

    def sheet(self, plan: Plan, count: int) -> np.ndarray:
        """(rows of the plan, count) int64, not filled."""
        size = len(plan.row) * count
        if len(self.table) < size:
            self.table = np.empty(size, np.int64)
        return self.table[:size].reshape(len(plan.row), count)

    def inputs(self, rows: int, count: int) -> np.ndarray:
        size = rows * count
        if len(self.taken) < size:
            self.taken = np.empty(size, np.int64)
        return self.taken[:size].reshape(rows, count)


def evaluate(plan: Plan, table: np.ndarray, tables: Sequence[Any], desk: Desk) -> None:
    """Fills the steps of a sheet whose columns are filled."""
    count = table.shape[1]
    if count == 0:
        return
    for part, given in zip(plan.parts, tables, strict=True):
        out = table[part.first : part.last]
        inputs = desk.inputs(len(part.inputs), count)
        np.take(table, part.inputs, axis=0, out=inputs, mode="clip")
        if isinstance(part.family, GroupFamily):
            _rank(part.family, inputs, given, out)
        elif UNCOMPILED:
            columns = dict(zip(part.family.inputs._fields, inputs, strict=True))
            for row, values in zip(out, compute(part.family, columns, given).values(), strict=True):
                row[:] = values
        else:
            part.family.run(inputs, given, out)


def results(plan: Plan, table: np.ndarray) -> dict[str, dict[str, np.ndarray]]:
    """{family id: {step: (n,)}}: the steps as core.year.running gives them; they are rows of the sheet itself."""
    return {
        part.family.id: {name: table[plan.row[name]] for name in part.family.steps} for part in plan.parts
    }  # fmt: skip


@compiled
def one_key(inputs, keys):
    """keys (n,): one number a row that sorts as groups and ranks ask: by group, eligible first, best first.

    inputs: group, counted, eligible, then the keys. Rows that are not eligible have no order among themselves. Returns whether
    the values fit one number.
    """
    count = inputs.shape[1]
    least, most = np.int64(FITS), -np.int64(FITS)
    for s in range(count):
        if inputs[0, s] > MISSING:
            least, most = min(least, inputs[0, s]), max(most, inputs[0, s])
        elif inputs[0, s] <= MISSING - REASONS:
            return False
        if inputs[2, s] != 0 and inputs[2, s] != 1:
            return False
    room = 1.0
    for s in range(count):
        group = inputs[0, s] - least + REASONS if inputs[0, s] > MISSING else MISSING - inputs[0, s]
        keys[s] = group * 2 + (1 - inputs[2, s])
    if most >= least:
        room = 2.0 * (most - least + REASONS + 1)
    for row in range(3, inputs.shape[0]):
        low, high = np.int64(FITS), -np.int64(FITS)
        for s in range(count):
            if inputs[2, s] == 1:
                if inputs[row, s] <= MISSING:
                    return False
                low, high = min(low, inputs[row, s]), max(high, inputs[row, s])
        if high < low:
            return True  # nobody is eligible
        room *= high - low + 1.0
        if room >= 4.0e18:
            return False
        for s in range(count):
            keys[s] = keys[s] * (high - low + 1) + (high - inputs[row, s] if inputs[2, s] == 1 else 0)
    return True


@compiled
def put_back(found, order, out):
    """out[:, order] = found."""
    for row in range(found.shape[0]):
        for s in range(found.shape[1]):
            out[row, order[s]] = found[row, s]


def _rank(family: GroupFamily, inputs: np.ndarray, quota: Any, out: np.ndarray) -> None:
    """core.rules.groups.compute_groups, sorted by one key where the values fit one."""
    keys = np.empty(inputs.shape[1], np.int64)
    if not one_key(inputs, keys):
        found = compute_groups(family, dict(zip(family.columns, inputs, strict=True)), quota)
        for row, values in zip(out, found.values(), strict=True):
            row[:] = values
        return
    order = np.argsort(keys)
    ordered = np.take(inputs, order, axis=1)
    made = np.zeros((6, len(order)), np.int64)
    fill_quotas(ordered[0], ordered[1], ordered[2], ordered[3:], quota, made)
    put_back(made, order, out)
