"""Figures of a whole district's year (全区预算数): which there are comes from the caller, how a row of them is read stands here.

The unit of money is said by the cell (1680万元), by the column 单位, by the header (数额（万元）) or a line above it; else it is 元.
Mechanisms budget.*, pay.growth_8, pay.start_level.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from . import numbers
from .check import Row
from .layout import CellFault, Parser
from .model import Value
from .text import compact, is_empty_word, without_brackets
from .vocabulary import Words

FigureUnit = Literal["元", "人", "是否"]
MONEY = {"元": 1, "千元": 1_000, "万元": 10_000, "亿元": 100_000_000}
# What a unit is called in the column 单位.
UNITS: Words = {
    "元": ("人民币元",),
    "千元": (),
    "万元": ("万",),
    "亿元": ("亿",),
    "人": ("名", "人数"),
    "是否": ("是/否", "是或否"),
}
MOST_FEN = 10**14  # 一万亿元: shares of it still fit 64 bits
MOST_PEOPLE = 1_000_000


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure that a district may say: its name in the column 项目, its unit, and what else offices call it."""

    label: str
    unit: FigureUnit
    words: tuple[str, ...] = ()


def words_of(figures: Iterable[Figure]) -> Words:
    """Return the table of words for the column 项目, each name also without its remark in brackets."""
    return {
        one.label: (compact(one.label), without_brackets(compact(one.label)), *(compact(word) for word in one.words))
        for one in figures
    }


def as_written(value: Value, _: object) -> Value:
    """Return a cell as it is: what it means depends on the row's 项目. None for a word that says nothing."""
    return None if is_empty_word(compact(value)) else value


def check_figure(row: Row, canonical: dict[str, Any], figures: dict[str, Figure]) -> None:
    """Read the number by its figure's unit: fen, people, or 1 and 0. `canonical` gets amount and unit."""
    figure = figures.get(row.get("item") or "")
    said = row.get("unit") or (row.unit_above("amount", MONEY) if figure and figure.unit == "元" else None)
    canonical |= {"amount": None, "unit": figure.unit if figure else None}
    if figure is None or "amount" in row.faulty:
        return
    if said and not _fits(said, figure):
        row.refuse(
            "unit", "unit contradicts figure",
            f"{figure.label}的单位应是{figure.unit}，表里写的是{said}", "请核对项目、数额和单位",
        )  # fmt: skip
        return
    try:
        canonical["amount"] = _parser(figure, said)(row.get("amount"), row.setting)
    except CellFault as fault:
        row.refuse("amount", fault.code, fault.message, fault.mend)


def _fits(said: str, figure: Figure) -> bool:
    return said in MONEY if figure.unit == "元" else said == figure.unit


def _parser(figure: Figure, said: str | None) -> Parser:
    if figure.unit == "是否":
        return numbers.flag("bad figure", figure.label)
    if figure.unit == "人":
        return numbers.whole("bad figure", figure.label, most=MOST_PEOPLE)
    endings = MONEY | {"万": 10_000, "亿": 100_000_000}
    return numbers.hundredths("bad figure", figure.label, most=MOST_FEN, units=endings, bare=endings[said or "元"])
