"""The things an import speaks of: a workbook as read, a reason, a checked row, a report.

Rows and columns are numbered as the sheet numbers them (the first row is 1, the first column is A); a cell value is one of
None, str, int, float, bool, datetime.date or datetime.datetime.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

Value = str | int | float | bool | dt.date | dt.datetime | None
Outcome = Literal["accepted", "unchanged", "refused", "skipped"]
MARK_HEADER = "问题与修改办法"


class IntakeError(Exception):
    """A whole file that cannot be taken; `sentence` is one Chinese sentence: what, where, how to mend."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


def column_letter(index: int) -> str:
    """Return the letters of a 0-based column (0 is A, 26 is AA)."""
    letters = ""
    number = index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_index(letters: str) -> int:
    """Return the 0-based column of letters such as 'D'; raise ValueError when they are no column."""
    number = 0
    for letter in letters.upper():
        if not "A" <= letter <= "Z":
            raise ValueError(letters)
        number = number * 26 + ord(letter) - 64
    if not number:
        raise ValueError(letters)
    return number - 1


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: `rows[0]` is the sheet's row 1; merges are 0-based inclusive (top, left, bottom, right)."""

    name: str
    rows: list[list[Value]]
    merges: tuple[tuple[int, int, int, int], ...] = ()
    state: Literal["visible", "hidden"] = "visible"
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Workbook:
    """A file that passed the guard. `data` are its own bytes, kept for marking up; `date1904` is its day count."""

    filename: str
    kind: Literal["xlsx", "xls", "csv"]
    sheets: tuple[Sheet, ...]
    data: bytes = field(repr=False)
    notes: tuple[str, ...] = ()
    date1904: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a row was refused or skipped, or what was noted about it.

    `code` is a stable English phrase; `message` and `mend` are Chinese; `column` is the letter, `value` the cell as it was.
    """

    code: str
    message: str
    mend: str = ""
    field: str | None = None
    column: str | None = None
    value: str | None = None

    def sentence(self) -> str:
        """Return the reason as an office worker reads it: which column, what is wrong, how to mend it."""
        where = f"{self.column}列：" if self.column else ""
        return f"{where}{self.message}" + (f"（{self.mend}）" if self.mend else "")


@dataclass(slots=True)
class RowResult:
    """One row below a header: its outcome, the reasons for it, and its values in canonical form.

    `subject` is the caller's key of the person (or organisation) a fact row speaks of; `extra` keeps the cells of columns that
    no field claims, by their header.
    """

    sheet: str
    row: int
    outcome: Outcome
    reasons: list[Reason] = field(default_factory=list)
    canonical: dict[str, Any] = field(default_factory=dict)
    notes: list[Reason] = field(default_factory=list)
    extra: dict[str, str] = field(default_factory=dict)
    subject: Any = None


@dataclass(slots=True)
class SheetReport:
    """What was understood of one sheet: header rows, field of each column letter, columns nobody claims;
    whether somebody said to leave it out."""

    name: str
    read: bool
    header_rows: tuple[int, ...] = ()
    columns: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    ignored: bool = False


@dataclass(slots=True)
class Report:
    """The dry run of one workbook. read = accepted + unchanged + refused + skipped holds by construction.

    `problems` are Chinese sentences for which a sheet (or the file) could not be read at all; then nothing should be loaded.
    """

    kind: str
    rows: list[RowResult] = field(default_factory=list)
    sheets: list[SheetReport] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """Return the rows read and how many of them had each outcome."""
        tally = Counter(row.outcome for row in self.rows)
        return {"read": len(self.rows)} | {
            name: tally[name] for name in ("accepted", "unchanged", "refused", "skipped")
        }

    def accepted(self) -> Iterator[RowResult]:
        """Yield the rows that can be loaded, in the order of the file."""
        return (row for row in self.rows if row.outcome == "accepted")

    def settle(self, is_known: Callable[[RowResult], bool]) -> None:
        """Mark accepted rows as unchanged where the caller already holds the same values."""
        for row in self.rows:
            if row.outcome == "accepted" and is_known(row):
                row.outcome = "unchanged"

    def refuse(self, row: RowResult, reason: Reason) -> None:
        """Refuse a row for a reason that only the caller can know (its database)."""
        row.outcome = "refused"
        row.reasons.append(reason)
