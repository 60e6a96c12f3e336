"""Turns the bytes of a file into sheets of cells, once the guard has let it through: xlsx, xls, csv."""

from __future__ import annotations

import csv
import datetime as dt
import io

import python_calamine

from .biff import XlsSheet, read_xls
from .compound import broken_error
from .container import open_parts, packed
from .dates import from_serial
from .model import IntakeError, Sheet, Value, Workbook, column_letter
from .ooxml import MOST_CELLS, BookFacts, SheetFacts, look_through, too_many_error

MOST_BYTES = 30 * 2**20
MOST_TEXT = 16 * 2**20
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCODINGS = ("utf-8", "gb18030")
_LITERAL_MARKS = ('="', "='")


def read_workbook(data: bytes, filename: str) -> Workbook:
    """Return the sheets of a file; raise IntakeError, with one Chinese sentence, for a file that must not be read.

    What a file is follows from its bytes, not from its name.
    """
    if not data.strip(b"\x00 \t\r\n"):
        raise IntakeError("empty file", "文件是空的，请核对后重新选择文件")
    if len(data) > MOST_BYTES:
        raise IntakeError("too large", f"文件超过{MOST_BYTES // 2**20}MB，请删去图片和多余的行列，或分成几个文件再导入")
    if data[:4] == b"PK\x03\x04":
        return _read_xlsx(data, filename)
    if data[:8] == _OLE:
        return _read_xls(data, filename)
    if len(data) > MOST_TEXT:
        raise IntakeError("too large", f"CSV文件超过{MOST_TEXT // 2**20}MB，请分成几个文件再导入")
    return _read_csv(data, filename)


def _read_xlsx(data: bytes, filename: str) -> Workbook:
    parts = open_parts(data)
    facts = look_through(parts)
    safe = packed(parts)
    parts.clear()
    return _from_calamine(safe, facts, data, filename)


def _read_xls(data: bytes, filename: str) -> Workbook:
    facts, found = read_xls(data)
    sheets: list[Sheet] = []
    notes: list[str] = []
    for one in found:
        if not one.is_worksheet:
            notes.append(f"〈{one.facts.name}〉不是普通工作表，未读取")
            continue
        rows = _grid(one)
        _put_right(rows, one.facts, facts.date1904)
        sheets.append(_sheet(one.facts, rows, tuple(one.merges)))
    return Workbook(filename, "xls", tuple(sheets), data, tuple(notes), facts.date1904)


def _grid(sheet: XlsSheet) -> list[list[Value]]:
    """Return the cells as rows, each as long as its last cell asks."""
    rows: list[list[Value]] = [[] for _ in range(max((row for row, _ in sheet.cells), default=-1) + 1)]
    for (row, column), value in sorted(sheet.cells.items(), key=lambda cell: cell[0]):
        rows[row] += [None] * (column - len(rows[row])) + [None if value == "" else value]
    return rows


def _sheet(facts: SheetFacts, rows: list[list[Value]], merges: tuple[tuple[int, int, int, int], ...]) -> Sheet:
    state = "hidden" if facts.state == "hidden" else "visible"
    return Sheet(facts.name, rows, merges, state, frozenset(facts.hidden_rows), frozenset(facts.hidden_columns))  # type: ignore[arg-type]


def _from_calamine(safe: bytes, facts: BookFacts, data: bytes, filename: str) -> Workbook:
    known = {sheet.name: sheet for sheet in facts.sheets}
    sheets: list[Sheet] = []
    notes: list[str] = []
    try:
        with python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(safe)) as book:
            for meta in book.sheets_metadata:
                if meta.typ is not python_calamine.SheetTypeEnum.WorkSheet:
                    notes.append(f"〈{meta.name}〉不是普通工作表，未读取")
                    continue
                seen = known[meta.name]
                found = book.get_sheet_by_name(meta.name)
                rows = [[_cell(v) for v in row] for row in found.to_python(skip_empty_area=False)]
                _put_right(rows, seen, facts.date1904)
                merges = tuple(
                    (top, left, bottom, right) for (top, left), (bottom, right) in found.merged_cell_ranges or ()
                )
                sheets.append(_sheet(seen, rows, merges))
    except (python_calamine.CalamineError, ValueError, OSError) as error:
        raise broken_error() from error
    except BaseException as error:
        # The reader is written in Rust: a panic there is no Exception here, and has no name to import.
        if type(error).__name__ != "PanicException":
            raise
        raise broken_error() from error
    return Workbook(filename, "xlsx", tuple(sheets), data, tuple(notes), facts.date1904)


def _cell(value: object) -> Value:
    """Return a cell as intake knows it; times and durations, which no field holds, as their text."""
    if value == "":
        return None
    return value if isinstance(value, str | int | float | dt.date) else str(value)


def _put_right(rows: list[list[Value]], facts: SheetFacts, date1904: bool) -> None:
    """Give back what the reader drops: error texts, dates in local formats, and the month-only look of a first day."""
    for (row, column), text in facts.errors.items():
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = text
    for row, column in (*facts.days, *facts.months):
        if row < len(rows) and column < len(rows[row]):
            value = rows[row][column]
            if isinstance(value, int | float) and not isinstance(value, bool) and 1 <= value < 2_958_466:
                rows[row][column] = from_serial(value, date1904=date1904)
    for row, column in facts.months:
        if row < len(rows) and column < len(rows[row]):
            value = rows[row][column]
            # Excel turns a typed 1990年7月 into the first of July and shows the month: the day was never said.
            if isinstance(value, dt.date) and value.day == 1:
                rows[row][column] = f"{value.year}年{value.month}月"


def _read_csv(data: bytes, filename: str) -> Workbook:
    text = _decode(data)
    if "\x00" in text:
        raise IntakeError("nul", "文件里有空字符（NUL），不是正常的CSV，请在Excel里另存为xlsx再导入")
    lines = text.split("\n", 50)[:50]
    delimiter = max(
        (",", "\t", ";", "，", "|"), key=lambda mark: (sum(line.count(mark) for line in lines), mark == ",")
    )
    rows: list[list[Value]] = []
    budget = MOST_CELLS
    try:
        for number, record in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)):
            budget -= max(len(record), 1)
            if budget < 0:
                raise too_many_error()
            rows.append([_csv_cell(value, number, column) for column, value in enumerate(record)])
    except csv.Error as error:
        raise IntakeError("not a workbook", "CSV文件有残缺的引号或过长的单元格，请在Excel里另存为xlsx再导入") from error
    return Workbook(filename, "csv", (Sheet("CSV", rows),), data)


def _decode(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    elif data.startswith(b"\xef\xbb\xbf"):
        encodings = ("utf-8-sig",)
    else:
        encodings = _ENCODINGS
    if b"\x00" in data and encodings != ("utf-16",):
        raise IntakeError("nul", "文件里有空字符（NUL），不是正常的CSV，请在Excel里另存为xlsx再导入")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise IntakeError("encoding", "文字编码无法识别，请在Excel里另存为xlsx，或另存为UTF-8编码的CSV再导入")


def _csv_cell(value: str, row: int, column: int) -> Value:
    """Return a cell of a CSV; ="990101…" is the trick by which programs keep text as text, other formulas are refused."""
    if not value:
        return None
    if value.startswith("="):
        if (
            value.startswith(_LITERAL_MARKS)
            and value.endswith(value[1])
            and value[1] not in value[2:-1]
            and len(value) > 2
        ):
            return value[2:-1]
        raise IntakeError(
            "formula", f"第{row + 1}行{column_letter(column)}列是公式，请全选后复制，选择性粘贴为数值，另存后再导入"
        )
    return value
