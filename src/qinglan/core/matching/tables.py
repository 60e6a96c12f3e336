"""Finds the tables in an uploaded workbook, CSV or YAML file, each row with the words for where it stands."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from qinglan.core.intake.model import IntakeError
from qinglan.core.intake.sheets import read_workbook
from qinglan.core.packs.errors import PackError
from qinglan.core.packs.located import Located, parse


class TableError(ValueError):
    """What is wrong with a file. `problems` are sentences for people."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Table:
    """`where` names file and sheet; `head` the columns as written; `rows`: where each stands, and its cells by column."""

    where: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, Mapping[str, Any]], ...]

    @property
    def twice(self) -> list[str]:
        """Columns that are there more than once."""
        return sorted({name for name in self.head if name and self.head.count(name) > 1})


def tables(data: bytes, filename: str, columns: Collection[str]) -> Iterator[Table]:
    """Every sheet that has a row with one of `columns` in it; that row is its head. Raises TableError."""
    try:
        book = read_workbook(data, filename)
    except IntakeError as error:
        raise TableError([f"{filename}：{error}。"]) from None
    for sheet in book.sheets:
        cells = [(number, row) for number, row in enumerate(sheet.rows, start=1) if any(map(filled, row))]
        start = next((at for at, (_, row) in enumerate(cells) if {word_of(one) for one in row} & set(columns)), None)
        if start is None:
            continue
        where = filename if book.kind == "csv" else f"{filename} 表「{sheet.name}」"
        head = tuple(word_of(one) for one in cells[start][1])
        rows = (
            (f"{where}第 {number} 行", {name: row[at] for at, name in enumerate(head) if name and at < len(row)})
            for number, row in cells[start + 1 :]
        )
        yield Table(where, head, tuple(rows))


def located(data: bytes, filename: str) -> Located:
    """A YAML file as plain values with their lines. Raises TableError."""
    try:
        return parse(data, filename)
    except PackError as error:
        raise TableError([str(one) for one in error.problems]) from None


def filled(value: Any) -> bool:
    return value is not None and str(value).strip() != ""


def word_of(value: Any) -> str:
    """A cell as somebody wrote it: 12 and not 12.0."""
    if not filled(value):
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value).strip()


def number_of(value: Any) -> float | None:
    """The number in a cell (12, 1,200, 15%); nothing where there is none."""
    if isinstance(value, bool) or not filled(value):
        return None
    text = str(value).strip().replace("，", "").replace(",", "")
    share = text.endswith(("%", "％"))
    try:
        number = float(text.rstrip("%％"))
    except ValueError:
        return None
    if number != number or number in (float("inf"), float("-inf")):
        return None
    return number / 100.0 if share else number
