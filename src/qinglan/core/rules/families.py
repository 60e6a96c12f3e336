"""What a rule family is, and how one is computed over a frame (design §4.2, §4.6, §4.7).

A family file holds Inputs (a NamedTuple of int fields: frame columns or steps of earlier families), Steps (a NamedTuple of
the intermediate and final columns in reading order), Tables (a NamedTuple that the pack fills), one scalar `kernel(x, t) ->
Steps`, its compiled loop `run`, and the FAMILY that names them. The same kernel serves one row, a district and the twin.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numba.np.unsafe.ndarray import to_fixed_tuple as row  # re-exported for the compiled loops of the family files

from qinglan.core.frame.units import CODE, FLAG, Unit
from qinglan.core.packs.pack import PackOnDate
from qinglan.core.rules.compiling import UNCOMPILED, compiled, plain

__all__ = ["Columns", "Family", "Step", "compute", "row", "step", "store"]

Columns = Mapping[str, np.ndarray]


@compiled
def store(out, index, values):
    """Writes the steps of one row into column `index` of out (n_steps, n_rows)."""
    for position, value in enumerate(values):
        out[position, index] = value


@dataclass(frozen=True)
class Step:
    """One column of a family's result, as "为什么是这个数" prints it.

    `item` is the pack item whose clause this step applies; `row` names the step that holds which row of that item was taken,
    or is the row itself (a code) when the step always takes the same one.
    `hidden` steps (row numbers) are stored but not printed.
    """

    label: str
    unit: Unit
    item: str = ""
    row: str | int = ""
    codes: Mapping[int, str] | None = None
    hidden: bool = False


def step(label: str, unit: Unit, **kwargs: Any) -> Step:
    """A Step, checked: codes belong to code units."""
    if kwargs.get("codes") is not None and unit not in (CODE, FLAG):
        raise ValueError(f"step {label}: codes need the unit code")
    return Step(label, unit, **kwargs)


@dataclass(frozen=True)
class Family:
    """A rule family. `steps` maps each field of `outputs` (same order) to its Step; `headline` names the one
    that answers for the family where it is not the last visible one. `since` is the rule version's date."""

    id: str
    label: str
    mechanisms: tuple[str, ...]
    inputs: Any
    outputs: Any
    steps: Mapping[str, Step]
    kernel: Callable[..., Any]
    run: Callable[..., Any]
    tables: Callable[[PackOnDate], Any]
    items: tuple[str, ...] = field(default=())
    version: str = "1"
    headline: str = ""

    def __post_init__(self) -> None:
        if tuple(self.steps) != self.outputs._fields:
            raise ValueError(f"{self.id}: steps {tuple(self.steps)} differ from outputs {self.outputs._fields}")
        if self.headline and self.headline not in self.steps:
            raise ValueError(f"{self.id}: the headline {self.headline} is no step")

    @property
    def result(self) -> str:
        """The step that answers for the family: its headline, or its last visible step."""
        return self.headline or [name for name, step in self.steps.items() if not step.hidden][-1]


def compute(family: Family, frame: Columns, tables: Any, *, interpreted: bool = False) -> dict[str, np.ndarray]:
    """All steps of `family` over the frame: {step name: int64 array (n,)}. KeyError names an input the frame lacks.

    `interpreted` runs the kernel row by row as plain Python (tests and single rows use it; the result is equal).
    """
    names: Sequence[str] = family.inputs._fields
    absent = [name for name in names if name not in frame]
    if absent:
        raise KeyError(f"{family.id} needs the columns {absent}, which the frame lacks")
    columns = np.stack([np.ascontiguousarray(frame[name], dtype=np.int64) for name in names])
    out = np.empty((len(family.outputs._fields), columns.shape[1]), dtype=np.int64)
    if interpreted or UNCOMPILED:
        kernel = plain(family.kernel)
        for index in range(columns.shape[1]):
            out[:, index] = kernel(family.inputs(*(int(value) for value in columns[:, index])), tables)
    else:
        family.run(columns, tables, out)
    return dict(zip(family.outputs._fields, out, strict=True))
