"""What a kind of sheet holds: its fields, the header words for each, and how a cell of it is read. Pure data for the reader,
the checker, the marked workbook, the mapping page and the template alike.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .model import Value


class CellFault(Exception):
    """A cell that cannot be taken: stable code, Chinese sentence, Chinese mend."""

    def __init__(self, code: str, message: str, mend: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.mend = mend


@dataclass(frozen=True, slots=True)
class Setting:
    """What parsers may know: the day of the import, how the file counts days, the tables of words in force."""

    today: dt.date
    date1904: bool = False
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


Parser = Callable[[Value, Setting], Any]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a layout.

    `synonyms` are tiers of header words: a column of an earlier tier wins over one of a later tier, two columns of the same
    tier are ambiguous. `patterns` (regular expressions on the tidied header) come after all tiers. `required` asks for the
    column, `needed` for a value in each row. `inherit` lets a vertically merged cell speak for all its rows. `example`,
    `choices`, `width` and `text` shape the template. `units`: what the header (金额（万元）) or a line above it (单位：万元) may say
    of the numbers below, the endings of the parser.
    """

    key: str
    label: str
    synonyms: tuple[tuple[str, ...], ...]
    parser: Parser
    required: bool = False
    needed: bool = False
    missing: tuple[str, str, str] | None = None
    patterns: tuple[str, ...] = ()
    inherit: bool = True
    example: str | int | float = ""
    choices: tuple[str, ...] = ()
    width: int = 14
    text: bool = False
    help: str = ""
    units: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """A kind of sheet. `ignored` are headers that are known and carry nothing (序号, 备注); a sheet with none of `subject` is a
    table of something else, such as sums."""

    kind: str
    title: str
    fields: tuple[Field, ...]
    one_of: tuple[tuple[str, ...], ...] = ()
    subject: tuple[str, ...] = ("id", "name")
    ignored: tuple[str, ...] = ("序号", "编号", "序", "no", "行号", "备注", "说明", "签名", "签字", "年龄", "周岁")

    def field(self, key: str) -> Field:
        """Return the field of a key; raise KeyError when the layout has none."""
        for candidate in self.fields:
            if candidate.key == key:
                return candidate
        raise KeyError(key)


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """An officer's own mapping of one sheet: columns by letter to a field key ('' leaves the column out).

    `sheet` None means every sheet; `header_row` (1-based, the last row of the header) None means: find it; `ignore` leaves the
    sheet out on purpose.
    """

    columns: Mapping[str, str]
    sheet: str | None = None
    header_row: int | None = None
    ignore: bool = False
