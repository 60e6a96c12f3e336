"""What both spreadsheet readers share: the ceilings, a sheet while it fills up, and what a number format makes of a number."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field

from .dates import from_serial
from .model import IntakeError, Sheet, Value, column_letter

MOST_CELLS = 500_000
MOST_COLUMNS = 256
MOST_ROWS = 120_000
MOST_AREA = 2_500_000
MOST_SHEETS = 200
MOST_MERGES = 20_000
_BUILTIN_DATES = frozenset((14, 15, 16, 17, 22, 27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58))
_BUILTIN_MONTHS = frozenset((17, 27, 36, 50, 52, 57))
_BUILTIN_PERCENTS = frozenset((9, 10))
# Right behind the digits; behind a comma the number is in yuan and only shown in larger units.
_UNIT = re.compile(r"[0#?][ _]*(万元|千元|亿元|万|亿)")
_LITERAL = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_LAST_SERIAL = 2_958_466


@dataclass(slots=True)
class Budget:
    """What is left of the cells and merges that one file may hold."""

    cells: int = MOST_CELLS
    merges: int = MOST_MERGES


@dataclass(slots=True)
class RawSheet:
    """A sheet while it is read; rows and columns 0-based, merges (top, left, bottom, right), each row as long as it needs."""

    name: str
    state: str
    budget: Budget
    is_worksheet: bool = True
    rows: list[list[Value]] = field(default_factory=list)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    formulas: list[tuple[int, int]] = field(default_factory=list)
    widest: int = 0

    def put(self, row: int, column: int, value: Value) -> None:
        """Set a cell that holds something; raise IntakeError when it lies too far out."""
        rows = self.rows
        self.widest = max(self.widest, column)
        too_far = not (0 <= row < MOST_ROWS and 0 <= column < MOST_COLUMNS)
        if too_far or (max(row, len(rows)) + 1) * (self.widest + 1) > MOST_AREA:
            raise far_error(self.name, row, column)
        while len(rows) <= row:
            rows.append([])
        cells = rows[row]
        if len(cells) <= column:
            cells.extend([None] * (column + 1 - len(cells)))
        cells[column] = value

    def merge(self, top: int, left: int, bottom: int, right: int) -> None:
        """Note merged cells."""
        self.budget.merges -= 1
        if self.budget.merges < 0:
            raise too_many_error()
        self.merges.append((top, left, bottom, right))

    def finished(self) -> Sheet:
        """Return the sheet as the rest of intake knows it."""
        return Sheet(
            self.name,
            self.rows,
            tuple(self.merges),
            "visible" if self.state == "visible" else "hidden",
            frozenset(self.hidden_rows),
            frozenset(self.hidden_columns),
        )


def refuse_formulas(sheets: list[RawSheet]) -> None:
    """Raise IntakeError, naming the first cell, when any sheet holds formulas."""
    count = sum(len(sheet.formulas) for sheet in sheets)
    first = next((sheet for sheet in sheets if sheet.formulas), None)
    if first is None:
        return
    row, column = first.formulas[0]
    where = f"工作表〈{first.name}〉" if len(sheets) > 1 else ""
    more = f"（共{count}个公式单元格）" if count > 1 else ""
    raise IntakeError(
        "formula",
        f"{where}第{row + 1}行{column_letter(column)}列是公式{more}，请全选后复制，选择性粘贴为数值，另存后再导入",
    )


def far_error(name: str, row: int, column: int) -> IntakeError:
    """Return the refusal of a file with a cell far from all others."""
    return IntakeError(
        "far cell",
        f"工作表〈{name}〉在{column_letter(column)}{row + 1}有内容，离表格太远（最多{MOST_ROWS}行、{MOST_COLUMNS}列），"
        "请删去多余的行列，另存后再导入",
    )


def too_many_error() -> IntakeError:
    """Return the refusal of a file with too many cells."""
    return IntakeError(
        "too large", f"表格超过{MOST_CELLS}个单元格或{MOST_MERGES}处合并，请删去空白的带格式行列，或分成几个文件再导入"
    )


def style_of(number: int, codes: dict[int, str]) -> str:
    """Return what a number format adds to a number: 'month', 'day', '%', a unit of money such as '万元', or ''."""
    code = codes.get(number)
    if number in _BUILTIN_PERCENTS or (code and "%" in _shows(code)):
        return "%"
    unit = _UNIT.search(code.split(";")[0].replace('"', "").replace("\\", "")) if code else None
    if unit:
        return unit[1]
    if number in _BUILTIN_MONTHS or (code and _is_month(_shows(code))):
        return "month"
    if number in _BUILTIN_DATES or (code and _is_date(_shows(code))):
        return "day"
    return ""


def _shows(code: str) -> str:
    """Return the letters of a number format's first section that stand for parts of a date or time."""
    return _LITERAL.sub("", code.split(";")[0]).lower()


def _is_month(bare: str) -> bool:
    return "y" in bare and "m" in bare and not set(bare) & set("dhs")


def _is_date(bare: str) -> bool:
    return "y" in bare or ("m" in bare and "d" in bare)


def dated(number: float, style: str, *, date1904: bool) -> Value:
    """Return what a number in a cell of that style means: a date, a month as text, or the number.

    Excel turns a typed 1990年7月 into the first of July and shows the month: the day was never said. A share or a number with a
    unit (0.85 shown as 85%, 12 shown as 12万元) is what the sheet shows, as text.
    """
    if style not in ("", "month", "day"):
        return f"{number * 100 if style == '%' else number:.8f}".rstrip("0").rstrip(".") + style
    if not style or not 1 <= number < _LAST_SERIAL:
        return number
    day = from_serial(number, date1904=date1904)
    if style == "month" and isinstance(day, dt.date) and day.day == 1:
        return f"{day.year}年{day.month}月"
    return day
