"""The tables that `qinglan calc` writes: their columns, from the registries of frames and rule families."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from qinglan.core.frame import units
from qinglan.core.frame.columns import Column
from qinglan.core.frame.district_year import DISTRICT_YEAR
from qinglan.core.frame.month import SEGMENT
from qinglan.core.frame.person_year import PERSON_YEAR
from qinglan.core.frame.unit_year import UNIT_YEAR
from qinglan.core.frame.units import Unit
from qinglan.core.rules.families import Family, Step
from qinglan.core.rules.groups import GroupFamily
from qinglan.core.year import order

Kind = pl.DataType | type[pl.DataType]
REASON = "__reason"
# Numbers of a place in the computation (序号) mean nothing outside it: the code of the organisation is written instead.
NUMBERED = {
    "district", "subdistrict", "organisation", "unit", "budget_district",
    "segment_person", "segment_days_before", "segment_days_paid",
}  # fmt: skip
NARROW: Mapping[Unit, Kind] = {
    units.DATE: pl.Date, units.FLAG: pl.Int16, units.ROW: pl.Int16,
}  # fmt: skip


@dataclass(frozen=True)
class Out:
    """One output column. `family`: the rule family of a step, "" for inputs; `item`: the pack item the step applies."""

    name: str
    label: str
    unit: Unit
    codes: Mapping[int, str] | None = None
    family: str = ""
    item: str = ""

    def kind(self, wide: bool = False) -> Kind:
        """Small integers; `wide` ones where some value of the computation does not fit."""
        if wide and self.unit is not units.DATE:
            return pl.Int64
        return pl.Int16 if self.codes else NARROW.get(self.unit, pl.Int32)


@dataclass(frozen=True)
class Table:
    """An output table: its key columns with their types, then one column an input and one a step."""

    name: str
    label: str
    keys: Mapping[str, tuple[str, Kind]]
    columns: tuple[Out, ...]

    def chosen(self, families: Sequence[str]) -> "Table":
        """With the steps of the families asked for (ids, or what they begin with); all if none is named."""
        kept = tuple(one for one in self.columns if not one.family or chosen(one.family, families))
        return Table(self.name, self.label, self.keys, kept)


def chosen(family: str, families: Sequence[str]) -> bool:
    return not families or any(family == one or family.startswith(f"{one}.") for one in families)


def _frame(columns: Mapping[str, Column]) -> list[Out]:
    return [
        Out(name, one.label, one.unit, one.codes.labels() if one.codes else None)
        for name, one in columns.items()
        if name not in NUMBERED
    ]


def _steps(families: Iterable[Family | GroupFamily]) -> list[Out]:
    def out(family: Family | GroupFamily, name: str, one: Step) -> Out:
        return Out(name, one.label, one.unit, one.codes, family.id, one.item)

    return [out(family, name, one) for family in families for name, one in family.steps.items()]


PERSON = ("人员编号", pl.Int64)
TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table(
            "people", "一人一行：全年各项输入与步骤",
            {"person": PERSON, "organisation": ("年末（或离岗时）所在机构代码", pl.String)},
            (*_frame(PERSON_YEAR), *_steps((*order.PERSON_YEAR, *order.PAY_YEAR))),
        ),
        Table(
            "months", "一人一月一行：当月工资、保险、个税的每一步；没有发工资的月份没有行",
            {"person": PERSON, "month": ("月份（1–12）", pl.Int8)}, tuple(_steps(order.MONTH)),
        ),
        Table(
            "segments", "一人一月中的一段一行：岗位、职级、资格、星级都不变的日子",
            {"person": PERSON, "month": ("月份（1–12）", pl.Int8)},
            (*_frame({name: one for name, one in SEGMENT.items() if name != "segment_month"}),
             *_steps((*order.SEGMENT_DAYS, *order.SEGMENT))),
        ),
        Table(
            "units", "一个单位一行", {"organisation": ("机构代码", pl.String)},
            (*_frame(UNIT_YEAR), *_steps(order.UNIT_YEAR)),
        ),
        Table(
            "district", "一个区一行", {"organisation": ("区代码（6 位）", pl.String)},
            (*_frame(DISTRICT_YEAR), *_steps(order.DISTRICT_YEAR)),
        ),
    )
}  # fmt: skip
ALL_FAMILIES = tuple(dict.fromkeys(one.family for table in TABLES.values() for one in table.columns if one.family))
