"""The closed list of rule shapes (design §4.1). A pack names an item and fills its shape; no formula is ever a string.

Each shape says how its value is written (a pydantic adapter, whose JSON Schema helps editors), how it compiles to the int64
numbers and arrays that kernels read, and how it is said in words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, NamedTuple

import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, create_model

from qinglan.core.frame.codes import Code, Rounding, Tie
from qinglan.core.frame.units import PERCENT, Unit, say
from qinglan.core.packs.located import Path
from qinglan.core.rules.groups import QuotaTable
from qinglan.core.rules.values import ANY, NOT_IN_PACK, REST, name_in, names_schema, number, wrong


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


@dataclass(frozen=True)
class Scalar:
    """One number: `value: 8`."""

    unit: Unit
    codes: type[Code] | None = None
    minimum: int | None = 0
    maximum: int | None = None
    kind = "scalar"

    @cached_property
    def adapter(self) -> TypeAdapter[int]:
        return TypeAdapter(number(self.unit, self.codes, self.minimum, self.maximum))

    def compile(self, value: int) -> int:
        return value

    def say(self, value: int) -> list[tuple[str, str]]:
        return [("", say(value, self.unit, self.codes.labels() if self.codes else None))]

    def row_path(self, value: int, row: int) -> Path:
        return ()


@dataclass(frozen=True)
class Table:
    """A number for each name of a closed list: `value: {初级: 100, 中级: 200}`. 「其余」 fills the names not written.

    Compiles to an int64 array indexed by code; a name the pack leaves out is missing (政策包未规定).
    """

    keys: type[Code]
    unit: Unit
    codes: type[Code] | None = None
    minimum: int | None = 0
    maximum: int | None = None
    every: bool = False
    kind = "table"

    @cached_property
    def adapter(self) -> TypeAdapter[dict[str, int]]:
        leaf = number(self.unit, self.codes, self.minimum, self.maximum)
        listed = [*self.keys.by_label(), REST]
        names = name_in(listed)

        def check(value: dict[str, int]) -> dict[str, int]:
            absent = [label for label in self.keys.by_label() if label not in value]
            if self.every and absent and REST not in value:
                raise wrong(f"缺 {'、'.join(absent)}", f"补上，或写 {REST}: …")
            if not value:
                raise wrong("一行也没有", "至少写一行")
            return value

        return TypeAdapter(Annotated[dict[names, leaf], AfterValidator(check), names_schema(listed, leaf)])  # type: ignore[valid-type, arg-type]

    def compile(self, value: dict[str, int]) -> np.ndarray:
        array = np.full(max(self.keys) + 1, value.get(REST, NOT_IN_PACK), np.int64)
        for name, one in value.items():
            if name != REST:
                array[self.keys.by_label()[name]] = one
        return array

    def say(self, value: dict[str, int]) -> list[tuple[str, str]]:
        labels = self.codes.labels() if self.codes else None
        return [(name, say(one, self.unit, labels)) for name, one in value.items()]

    def row_path(self, value: dict[str, int], row: int) -> Path:
        label = self.keys.labels().get(row, "")
        return (label,) if label in value else (REST,)


class BandTable(NamedTuple):
    """Ascending lower bounds and what each band means."""

    lower: np.ndarray
    value: np.ndarray


@dataclass(frozen=True)
class Bands:
    """Bands of a number: `value: [{from: 0, is: 红}, {from: 60, is: 黄}]`; each reaches to the next."""

    bound: Unit
    unit: Unit
    codes: type[Code] | None = None
    kind = "bands"

    @cached_property
    def adapter(self) -> TypeAdapter[Any]:
        row = create_model(
            "Band",
            __base__=Strict,
            lower=(number(self.bound), Field(alias="from")),
            value=(number(self.unit, self.codes), Field(alias="is")),
        )

        def check(rows: list[Any]) -> list[Any]:
            bounds = [one.lower for one in rows]
            if not rows:
                raise wrong("一段也没有", "至少写一段")
            for index in range(1, len(bounds)):
                if bounds[index] <= bounds[index - 1]:
                    low, high = say(bounds[index - 1], self.bound), say(bounds[index], self.bound)
                    message = f"第 {index + 1} 段的下限 {high}，不大于第 {index} 段的 {low}"
                    raise wrong(message, "按 from 从小到大排，不重复")
            return rows

        return TypeAdapter(Annotated[list[row], AfterValidator(check)])  # type: ignore[valid-type, arg-type]

    def compile(self, value: Sequence[Any]) -> BandTable:
        return BandTable(
            np.array([one.lower for one in value], np.int64), np.array([one.value for one in value], np.int64)
        )

    def say(self, value: Sequence[Any]) -> list[tuple[str, str]]:
        labels = self.codes.labels() if self.codes else None
        return [(f"{say(one.lower, self.bound)}起", say(one.value, self.unit, labels)) for one in value]

    def row_path(self, value: Sequence[Any], row: int) -> Path:
        return (row,)


class BracketTable(NamedTuple):
    """Upper bounds (the last is unbounded), rates in hundredths of a percent, quick deductions."""

    upto: np.ndarray
    rate: np.ndarray
    quick: np.ndarray


@dataclass(frozen=True)
class Brackets:
    """Progressive brackets: `[{upto: 36000, rate: 3, quick: 0}, …, {rate: 45, quick: 181920}]`; amounts must join."""

    unit: Unit
    kind = "brackets"

    @cached_property
    def adapter(self) -> TypeAdapter[Any]:
        row = create_model(
            "Bracket",
            __base__=Strict,
            upto=(number(self.unit, optional=True), None),
            rate=(number(PERCENT, maximum=10_000), ...),
            quick=(number(self.unit), ...),
        )

        def check(rows: list[Any]) -> list[Any]:
            if not rows or rows[-1].upto is not None:
                raise wrong("最后一级不应有 upto", "最后一级只写 rate 和 quick")
            if any(one.upto is None for one in rows[:-1]):
                raise wrong("除最后一级外都要有 upto", "补上该级的上限")
            for index in range(1, len(rows)):
                low, high = rows[index - 1], rows[index]
                if index < len(rows) - 1 and high.upto <= low.upto:
                    raise wrong(f"第 {index + 1} 级的上限不大于前一级的", "按 upto 从小到大排")
                if (high.rate - low.rate) * low.upto != (high.quick - low.quick) * 10_000:
                    fit = low.quick + (high.rate - low.rate) * low.upto // 10_000
                    message = f"第 {index + 1} 级的速算扣除数 {say(high.quick, self.unit)} 与前一级接不上"
                    raise wrong(message, f"应是 {say(fit, self.unit)}")
            return rows

        return TypeAdapter(Annotated[list[row], AfterValidator(check)])  # type: ignore[valid-type, arg-type]

    def compile(self, value: Sequence[Any]) -> BracketTable:
        return BracketTable(
            np.array([one.upto if one.upto is not None else 2**62 for one in value], np.int64),
            np.array([one.rate for one in value], np.int64),
            np.array([one.quick for one in value], np.int64),
        )

    def say(self, value: Sequence[Any]) -> list[tuple[str, str]]:
        return [
            (
                f"不超过 {say(one.upto, self.unit)}" if one.upto is not None else "以上",
                f"税率 {say(one.rate, PERCENT)}，速算扣除 {say(one.quick, self.unit)}",
            )
            for one in value
        ]

    def row_path(self, value: Sequence[Any], row: int) -> Path:
        return (row,)


@dataclass(frozen=True)
class Weights:
    """Shares of a closed list that make 100%: `{群众评议: 30%, 专业评估: 40%, …}`. Compiles to an array by code."""

    keys: type[Code]
    kind = "weights"

    @cached_property
    def adapter(self) -> TypeAdapter[dict[str, int]]:
        listed = list(self.keys.by_label())
        names = name_in(listed)

        def check(value: dict[str, int]) -> dict[str, int]:
            if sum(value.values()) != 10_000:
                absent = [name for name in self.keys.by_label() if name not in value]
                right = "相加要等于 100%" + (f"；没有写的有：{'、'.join(absent)}" if absent else "")
                raise wrong(f"各项相加是 {say(sum(value.values()), PERCENT)}", right)
            return value

        leaf = number(PERCENT, maximum=10_000)
        return TypeAdapter(Annotated[dict[names, leaf], AfterValidator(check), names_schema(listed, leaf)])  # type: ignore[valid-type, arg-type]

    def compile(self, value: dict[str, int]) -> np.ndarray:
        array = np.zeros(max(self.keys) + 1, np.int64)
        for name, one in value.items():
            array[self.keys.by_label()[name]] = one
        return array

    def say(self, value: dict[str, int]) -> list[tuple[str, str]]:
        return [(name, say(one, PERCENT)) for name, one in value.items()]

    def row_path(self, value: dict[str, int], row: int) -> Path:
        return (self.keys.labels().get(row, ""),)


@dataclass(frozen=True)
class Quota:
    """A share of a headcount: `{share: 20%, rounding: 进一, minimum: 1, tie: 并列全不入}`."""

    kind = "quota"

    @cached_property
    def adapter(self) -> TypeAdapter[Any]:
        return TypeAdapter(
            create_model(
                "Quota",
                __base__=Strict,
                share=(number(PERCENT, maximum=10_000), ...),
                rounding=(number(Unit("code", ""), Rounding), ...),
                minimum=(number(Unit("people", "人")), 0),
                tie=(number(Unit("code", ""), Tie), int(Tie.NONE_ENTERS)),
            )
        )

    def compile(self, value: Any) -> QuotaTable:
        return QuotaTable(value.share, value.rounding, value.minimum, value.tie)

    def say(self, value: Any) -> list[tuple[str, str]]:
        return [
            ("比例", say(value.share, PERCENT)),
            ("取整", Rounding.labels()[value.rounding]),
            ("至少", f"{value.minimum} 人"),
            ("并列", Tie.labels()[value.tie]),
        ]

    def row_path(self, value: Any, row: int) -> Path:
        return ()


class CapTable(NamedTuple):
    floor: int
    ceiling: int


@dataclass(frozen=True)
class Cap:
    """A floor and a ceiling: `{floor: 60%, ceiling: 300%}`."""

    unit: Unit
    kind = "cap"

    @cached_property
    def adapter(self) -> TypeAdapter[Any]:
        model = create_model("Cap", __base__=Strict, floor=(number(self.unit), ...), ceiling=(number(self.unit), ...))

        def check(value: Any) -> Any:
            if value.floor > value.ceiling:
                raise wrong(
                    f"下限 {say(value.floor, self.unit)} 高于上限 {say(value.ceiling, self.unit)}",
                    "floor 应不大于 ceiling",
                )
            return value

        return TypeAdapter(Annotated[model, AfterValidator(check)])  # type: ignore[arg-type]

    def compile(self, value: Any) -> CapTable:
        return CapTable(value.floor, value.ceiling)

    def say(self, value: Any) -> list[tuple[str, str]]:
        return [("下限", say(value.floor, self.unit)), ("上限", say(value.ceiling, self.unit))]

    def row_path(self, value: Any, row: int) -> Path:
        return ()


@dataclass(frozen=True)
class Col:
    """A column of Rows: its label, unit, codes; `any` lets a cell be left out (then it is ANY: no condition)."""

    label: str
    unit: Unit
    codes: type[Code] | None = None
    any: bool = False
    minimum: int | None = 0
    maximum: int | None = None


@dataclass(frozen=True)
class Rows:
    """A list of rows with named columns: eligibility (a person fits if one row fits) and ladders (steps in order).

    Compiles to an int64 array (n_rows, n_columns), columns in the order of `columns`. `ascending` names a column that must
    rise from row to row (a ladder's grade number); `within` one inside whose equal values it rises (a ladder's profile).
    """

    columns: Mapping[str, Col]
    ascending: str = ""
    kind: str = "rows"
    within: str = ""

    @cached_property
    def adapter(self) -> TypeAdapter[Any]:
        fields: dict[str, Any] = {}
        for name, col in self.columns.items():
            leaf = number(col.unit, col.codes, col.minimum, col.maximum)
            fields[name] = (leaf, ANY) if col.any else (leaf, ...)
        row = create_model("Row", __base__=Strict, **fields)

        def check(rows: list[Any]) -> list[Any]:
            if not rows:
                raise wrong("一行也没有", "至少写一行")
            if self.ascending:
                label = self.columns[self.ascending].label
                before: dict[Any, tuple[int, int]] = {}
                for index, one in enumerate(rows, 1):
                    group = getattr(one, self.within) if self.within else None
                    number_here = getattr(one, self.ascending)
                    if group in before and number_here <= before[group][1]:
                        message = f"第 {index} 行的「{label}」不大于第 {before[group][0]} 行的"
                        raise wrong(message, f"按「{label}」从小到大排，不重复")
                    before[group] = (index, number_here)
            return rows

        return TypeAdapter(Annotated[list[row], AfterValidator(check)])  # type: ignore[valid-type, arg-type]

    def compile(self, value: Sequence[Any]) -> np.ndarray:
        return np.array([[getattr(one, name) for name in self.columns] for one in value], np.int64).reshape(
            len(value), len(self.columns)
        )

    def say(self, value: Sequence[Any]) -> list[tuple[str, str]]:
        lines = []
        for index, one in enumerate(value):
            cells = [
                f"{col.label} {say(getattr(one, name), col.unit, col.codes.labels() if col.codes else None)}"
                for name, col in self.columns.items()
                if getattr(one, name) != ANY
            ]
            lines.append((f"第 {index + 1} 行", "，".join(cells)))
        return lines

    def row_path(self, value: Sequence[Any], row: int) -> Path:
        return (row,)


def eligibility(columns: Mapping[str, Col]) -> Rows:
    """Conditions, one row each; a person is eligible by the first row she fits."""
    return Rows(columns, kind="eligibility")


def ladder(columns: Mapping[str, Col], ascending: str = "grade", within: str = "") -> Rows:
    """Steps in ascending order of their number, within each value of the column `within` if one is named."""
    return Rows(columns, ascending=ascending, kind="ladder", within=within)
