"""Runs a layout over the sheets of a workbook: header, rows, cells, then the checks of one kind of row. Shared by the roster and
by every kind of fact.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

from .header import LEAST_FIELDS, SEARCHED_ROWS, Header, HeaderFinder, Synonyms
from .layout import CellFault, ColumnMapping, Layout, Setting
from .model import Reason, Report, RowResult, Sheet, SheetReport, Value, Workbook, column_letter
from .scan import Line, lines
from .text import compact, shown
from .vocabulary import Words, index

# What a sheet shows where a formula failed.
_ERRORS = frozenset(
    {
        "#N/A",
        "#REF!",
        "#VALUE!",
        "#DIV/0!",
        "#NAME?",
        "#NUM!",
        "#NULL!",
        "#SPILL!",
        "#CALC!",
        "#FIELD!",
        "#GETTING_DATA",
    }
)
_ID = re.compile(r"\d{17}[\dXx]")
_IN_HEADER = re.compile(r"[(\[【](?:单位:?)?([^()\[\]【】:]+)[)\]】]")
_ABOVE = re.compile(r"^[(\[【]?(?:金额|计量)?单位[:：]?([^()\[\]【】:]+)[)\]】]?$")


class RowCheck(Protocol):
    """Checks one row after its cells were read; adds reasons to `result` and fills its canonical values."""

    def __call__(self, row: Row) -> None: ...


class Row:
    """A row under check: parsed values, raw cells, and the result being written."""

    def __init__(self, line: Line, result: RowResult, layout: Layout, setting: Setting, sheet: SheetContext) -> None:
        self.line = line
        self.result = result
        self.layout = layout
        self.setting = setting
        self.sheet = sheet
        self.values: dict[str, Any] = {}
        self.faulty: set[str] = set()

    def get(self, key: str) -> Any:
        """Return the parsed value of a field; None when empty, absent or faulty."""
        return self.values.get(key)

    def says(self, key: str) -> bool:
        """Say whether a cell says something, be it wrong: a stroke or 无 says that there is nothing."""
        return self.values.get(key) is not None or key in self.faulty

    def reason(self, key: str | None, code: str, message: str, mend: str = "") -> Reason:
        """Return a reason that points at the cell of a field."""
        column = self.line.columns.get(key) if key else None
        return Reason(
            code,
            message,
            mend,
            field=key,
            column=None if column is None else column_letter(column),
            value=shown(self.line.cells.get(key)) if key and self.line.cells.get(key) is not None else None,
        )

    def refuse(self, key: str | None, code: str, message: str, mend: str = "") -> None:
        """Refuse the row because of a field."""
        self.result.reasons.append(self.reason(key, code, message, mend))
        if key:
            self.faulty.add(key)

    def note(self, key: str | None, code: str, message: str, mend: str = "") -> None:
        """Remark on the row without refusing it."""
        self.result.notes.append(self.reason(key, code, message, mend))

    def unit_above(self, key: str, units: Collection[str]) -> str | None:
        """Return which of `units` the header of a field (金额（万元）) or a line above the table (单位：万元) says, if any."""
        column = self.line.columns.get(key)
        found = _IN_HEADER.findall("" if column is None else self.sheet.words.get(column, ""))
        return next((said for said in (*found, *self.sheet.units) if said in units), None)

    def parse(self) -> None:
        """Read every cell by its field's parser; faults become reasons."""
        for column in self.layout.fields:
            raw: Value = self.line.cells.get(column.key)
            if column.units and raw is not None and compact(raw)[-1:].isdigit() and not isinstance(raw, dt.date):
                raw = f"{_number(raw)}{self.unit_above(column.key, column.units) or ''}"
            if isinstance(raw, str) and raw.strip().upper() in _ERRORS:
                message = f"{column.label}的单元格是错误值{raw.strip()}，原来的内容已经丢了"
                mend = f"请填上{column.label}本身" + ("" if column.needed else "，或清空这一格")
                self.refuse(column.key, "error cell", message, mend)
                continue
            try:
                value = None if raw is None else column.parser(raw, self.setting)
            except CellFault as fault:
                self.refuse(column.key, fault.code, fault.message, fault.mend)
                continue
            self.values[column.key] = value
            if value is None and column.needed and (column.required or column.key in self.line.columns):
                code, message, mend = column.missing or (
                    f"no {column.key}",
                    f"没有填{column.label}",
                    f"请补填{column.label}",
                )
                self.refuse(column.key, code, message, mend)


def _number(value: Value) -> str:
    """A number as its digits, at the precision that number cells are read with; text as it is."""
    return f"{value:.8f}".rstrip("0").rstrip(".") if isinstance(value, float) else compact(value)


class SheetContext:
    """What is known of a whole sheet: its name, the words above its header (填报单位：万松街街道), the header's by column."""

    def __init__(self, sheet: Sheet, header: Header) -> None:
        self.name = sheet.name
        self.words = header.words
        self.titles = [
            text
            for cells in sheet.rows[: header.top]
            for value in cells
            if isinstance(value, str) and (text := compact(value))
        ]
        self.units = [match[1] for title in self.titles if (match := _ABOVE.match(title))]


def setting_for(
    today: dt.date, workbook: Workbook, tables: Mapping[str, Words], more: Mapping[str, Words] | None
) -> Setting:
    """Return what parsers may know, with the district's own words added to the tables."""
    extra = more or {}
    return Setting(today, workbook.date1904, {name: index(table, extra.get(name)) for name, table in tables.items()})


def check_sheets(
    workbook: Workbook,
    layout: Layout,
    setting: Setting,
    check: RowCheck,
    *,
    synonyms: Synonyms | None = None,
    mapping: Sequence[ColumnMapping] = (),
) -> Report:
    """Return the report of a workbook: every sheet with a header is read, the others are named in the notes."""
    report = Report(layout.kind, notes=list(workbook.notes))
    finder = HeaderFinder(layout, synonyms)
    found = [(sheet, *_sheet(sheet, finder, mapping)) for sheet in workbook.sheets]
    report.sheets = [summary for _, _, summary in found]
    is_read = any(header and not header.problems and finder.is_complete(header) for _, header, _ in found)
    for sheet, header, summary in found:
        if header is None:
            report.problems += _headless(sheet, finder) if is_read and not summary.ignored else []
            continue
        if is_read and not header.problems and not set(layout.subject) & set(header.columns.values()):
            _of_something_else(sheet, header, summary, layout)
            continue
        report.problems += _said(sheet, header)
        lacking = finder.missing(header)
        if lacking and not header.problems:
            report.problems.append(
                f"工作表〈{sheet.name}〉第{header.bottom + 1}行表头缺少{'、'.join(f'〈{name}〉' for name in lacking)}列，"
                "请补上该列，或在列对应页面指定用哪一列"
            )
        if header.problems or lacking:
            summary.read = False
            continue
        context = SheetContext(sheet, header)
        for line in lines(sheet, header, finder):
            report.rows.append(_row(line, sheet, layout, setting, context, check))
    if not any(summary.read for summary in report.sheets) and not report.problems:
        report.problems.append(
            f"没有找到〈{layout.title}〉的表头：前300行里没有一行同时写着{_needed_labels(layout)}，请核对是否传错了文件，或下载模板填写"
        )
    return report


def _headless(sheet: Sheet, finder: HeaderFinder) -> list[str]:
    """Say that a sheet without a header holds people all the same: the roster went on where the sheet before it was full."""
    texts = [[compact(value) for value in cells if isinstance(value, str)] for cells in sheet.rows]
    people = sum(any(_ID.fullmatch(text) for text in row) for row in texts)
    has_own_header = any(sum(finder.match(text) is not None for text in row) > 1 for row in texts[:SEARCHED_ROWS])
    if not people or has_own_header:
        return []
    return [
        f"工作表〈{sheet.name}〉没有可识别的表头，却有{people}行写着身份证号码，请在第一行补上与别的工作表一样的表头"
    ]


def _of_something_else(sheet: Sheet, header: Header, summary: SheetReport, layout: Layout) -> None:
    """Leave a sheet out that names nobody, such as sums by community beside the rosters."""
    rows = sum(any(v is not None and compact(v) for v in cells) for cells in sheet.rows[header.bottom + 1 :])
    names = "、".join(f"〈{f.label}〉" for f in layout.fields if f.key in layout.subject)
    summary.read = False
    summary.notes = [f"工作表〈{sheet.name}〉没有{names}列，不是〈{layout.title}〉，其中{rows}行未读取"]


def _said(sheet: Sheet, header: Header) -> list[str]:
    """Return what is wrong with a header, in words."""
    where = f"工作表〈{sheet.name}〉第{header.bottom + 1}行表头"
    if len(header.problems) >= LEAST_FIELDS:
        return [
            f"{where}里{len(header.problems)}个列名都出现了不止一次，好像左右并排着两张表，请把右边的一张剪切到左边一张的下面"
        ]
    return [f"{where}：{problem}" for problem in header.problems]


def _needed_labels(layout: Layout) -> str:
    return "、".join(f.label for f in layout.fields if f.required) or "、".join(f.label for f in layout.fields[:4])


def _sheet(sheet: Sheet, finder: HeaderFinder, mappings: Sequence[ColumnMapping]) -> tuple[Header | None, SheetReport]:
    mapping = next((m for m in mappings if m.sheet == sheet.name), None) or next(
        (m for m in mappings if m.sheet is None), None
    )
    if mapping and mapping.ignore:
        return None, SheetReport(
            sheet.name, read=False, ignored=True, notes=[f"工作表〈{sheet.name}〉按列对应的设置不读取"]
        )
    header = finder.mapped(sheet, mapping) if mapping else finder.find(sheet)
    summary = SheetReport(sheet.name, read=header is not None)
    used = sum(any(v is not None and compact(v) for v in cells) for cells in sheet.rows)
    if header is None:
        if used:
            summary.notes.append(f"工作表〈{sheet.name}〉没有可识别的表头，其中{used}行未读取")
        return None, summary
    summary.header_rows = tuple(range(header.top + 1, header.bottom + 2))
    summary.columns = {column_letter(c): key for c, key in sorted(header.columns.items())}
    summary.headers = {column_letter(c): words for c, words in sorted(header.words.items())}
    summary.unknown = {column_letter(c): words for c, words in sorted(header.unknown.items())}
    if summary.unknown:
        names = "、".join(f"{letter}列〈{words}〉" for letter, words in summary.unknown.items())
        summary.notes.append(f"工作表〈{sheet.name}〉有不认识的列，原样保留、不导入：{names}")
    if sheet.state == "hidden":
        summary.notes.append(f"工作表〈{sheet.name}〉是隐藏的，照常读取")
    hidden = sorted(row for row in sheet.hidden_rows if row > header.bottom and row < len(sheet.rows))
    if hidden:
        shown_rows = "、".join(str(row + 1) for row in hidden[:10]) + ("等" if len(hidden) > 10 else "")
        summary.notes.append(f"工作表〈{sheet.name}〉有{len(hidden)}个隐藏行（第{shown_rows}行），照常读取")
    above = [
        str(number)
        for number, cells in enumerate(sheet.rows[: header.top], start=1)
        if any(isinstance(value, str) and _ID.fullmatch(compact(value)) for value in cells)
    ]
    if above:
        summary.notes.append(
            f"工作表〈{sheet.name}〉第{'、'.join(above[:10])}行在表头上面，写着身份证号码，未读取；是人员的请移到表头下面"
        )
    columns = [column_letter(c) for c in sorted(sheet.hidden_columns) if c in header.words]
    if columns:
        summary.notes.append(f"工作表〈{sheet.name}〉有隐藏列（{'、'.join(columns)}列），照常读取")
    return header, summary


def _row(
    line: Line, sheet: Sheet, layout: Layout, setting: Setting, context: SheetContext, check: RowCheck
) -> RowResult:
    if line.skip:
        return RowResult(sheet.name, line.row, "skipped", [line.skip_reason()])
    if line.fault:
        mend = "请补上该列，或把这张表移到单独的工作表"
        return RowResult(sheet.name, line.row, "refused", [Reason("other table", line.fault, mend)])
    result = RowResult(sheet.name, line.row, "accepted", extra=line.extra)
    row = Row(line, result, layout, setting, context)
    row.parse()
    check(row)
    if result.reasons:
        result.outcome = "refused"
    return result
