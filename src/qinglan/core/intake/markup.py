"""Gives an office its own workbook back with every refused row marked: coloured cells, and a last column 〈问题与修改办法〉.

An xlsx is edited in place and keeps what it held; an xls or csv comes back as an xlsx with the same cells. Mended, the file loads
again: the added column is known and left out. Nothing is ever written as a formula.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import io
from collections import defaultdict

import openpyxl
import xlsxwriter
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet
from xlsxwriter.exceptions import OverlappingRange

from .header import tidy_header
from .model import MARK_HEADER, Report, RowResult, Sheet, SheetReport, Workbook, column_index
from .raw import MOST_COLUMNS
from .text import shown

_ROW = "FFFDECEA"
_CELL = "FFF9B4AB"
_WIDTH = 60
_MOST_MARKED = 20_000


def mark(workbook: Workbook, report: Report) -> bytes:
    """Return an xlsx of the workbook with the report's refused rows marked."""
    refused: defaultdict[str, list[RowResult]] = defaultdict(list)
    for row in report.rows:
        if row.outcome == "refused":
            refused[row.sheet].append(row)
    summaries = {summary.name: summary for summary in report.sheets}
    if workbook.kind == "xlsx":
        try:
            return _edit(workbook, summaries, refused)
        except (ValueError, TypeError, KeyError, AttributeError, IndexError):
            # Some programs write styles that openpyxl cannot load; the cells themselves have been read, so nothing is lost.
            return _rewrite(workbook, summaries, refused)
    return _rewrite(workbook, summaries, refused)


def _sentences(row: RowResult) -> str:
    """Return the reasons of a row as one text; it begins with a digit or a letter, never with a sign a sheet would compute."""
    reasons = [reason.sentence() for reason in row.reasons]
    text = reasons[0] if len(reasons) == 1 else "；".join(f"{n}. {reason}" for n, reason in enumerate(reasons, start=1))
    return text if text[:1] not in "=+-@\t\r" else f"请看：{text}"


def _mark_column(sheet: Sheet, summary: SheetReport) -> int:
    """Return the 0-based column for the marks: the one of an earlier marking, or the first free one, also of merged cells from
    the header on down (a title may be merged as far as it likes)."""
    for row in summary.header_rows:
        for column, value in enumerate(sheet.rows[row - 1]):
            if isinstance(value, str) and tidy_header(value) == tidy_header(MARK_HEADER):
                return column
    top = summary.header_rows[0] - 1
    merged = (right + 1 for _, _, bottom, right in sheet.merges if bottom >= top and right < MOST_COLUMNS)
    return max((*(len(_trimmed(row)) for row in sheet.rows), *merged), default=0)


def _trimmed(row: list) -> list:
    end = len(row)
    while end and row[end - 1] is None:
        end -= 1
    return row[:end]


def _edit(workbook: Workbook, summaries: dict[str, SheetReport], refused: dict[str, list[RowResult]]) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(workbook.data), keep_links=False)
    for sheet in workbook.sheets:
        summary = summaries.get(sheet.name)
        target = book[sheet.name]
        if summary is None or not summary.read or not isinstance(target, Worksheet):
            continue
        column = _mark_column(sheet, summary)
        bottom = summary.header_rows[-1]
        for number in range(bottom + 1, len(sheet.rows) + 1):
            if column < len(sheet.rows[number - 1]) and sheet.rows[number - 1][column] is not None:
                _unmark(target, number, column + 1)
        rows = refused.get(sheet.name, [])
        if not rows:
            continue
        head = target.cell(bottom, column + 1)
        head.value, head.font = MARK_HEADER, Font(bold=True)
        letter = head.column_letter
        target.column_dimensions[letter].width = _WIDTH
        light, strong = PatternFill("solid", fgColor=_ROW), PatternFill("solid", fgColor=_CELL)
        for row in rows[:_MOST_MARKED]:
            faulty = {column_index(reason.column) for reason in row.reasons if reason.column}
            for index in sorted({column_index(c) for c in summary.columns} | faulty):
                target.cell(row.row, index + 1).fill = strong if index in faulty else light
            cell = target.cell(row.row, column + 1)
            cell.value = _sentences(row)
            cell.data_type = "s"
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.fill = light
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _unmark(target: Worksheet, row: int, last: int) -> None:
    """Take an earlier marking off a row: its sentence and our two colours."""
    target.cell(row, last).value = None
    for column in range(1, last + 1):
        cell = target.cell(row, column)
        if cell.fill.fgColor.rgb in (_ROW, _CELL):
            cell.fill = PatternFill()


def _rewrite(workbook: Workbook, summaries: dict[str, SheetReport], refused: dict[str, list[RowResult]]) -> bytes:
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    options["date_1904"] = workbook.date1904  # day counts in cells of no format stay as they are
    with xlsxwriter.Workbook(buffer, options) as book:
        formats = {
            (fill, kind): book.add_format(
                ({"bg_color": f"#{fill[2:]}"} if fill else {}) | ({"num_format": kind} if kind else {})
            )
            for fill in ("", _ROW, _CELL)
            for kind in ("", "yyyy-mm-dd", "@")
        }
        wrap = book.add_format({"bg_color": f"#{_ROW[2:]}", "text_wrap": True, "valign": "top"})
        bold = book.add_format({"bold": True})
        for sheet in workbook.sheets:
            target = book.add_worksheet(sheet.name)
            summary = summaries.get(sheet.name)
            rows = {row.row: row for row in refused.get(sheet.name, ())}
            column = _mark_column(sheet, summary) if summary and summary.read else -1
            mapped = {column_index(c) for c in summary.columns} if summary else set()
            for number, cells in enumerate(sheet.rows, start=1):
                row = rows.get(number)
                faulty = {column_index(reason.column) for reason in row.reasons if reason.column} if row else set()
                for index, value in enumerate(cells):
                    if index == column and summary and number > summary.header_rows[-1]:
                        continue
                    fill = (_CELL if index in faulty else _ROW if index in mapped else "") if row else ""
                    _write(target, number - 1, index, value, fill, formats)
                if row:
                    target.write_string(number - 1, column, _sentences(row), wrap)
            if rows and summary:
                target.write_string(summary.header_rows[-1] - 1, column, MARK_HEADER, bold)
                target.set_column(column, column, _WIDTH)
            for merge in sheet.merges:
                # Values stay as written; only the merge itself is set again, unless a mark stands under it.
                if not (rows and summary) or merge[3] < column or merge[2] < summary.header_rows[0] - 1:
                    _merge(target, sheet, merge, formats)
            if sheet.state == "hidden" and len(workbook.sheets) > 1:
                target.hide()
    return buffer.getvalue()


def _write(target, row: int, column: int, value, fill: str, formats: dict) -> None:
    if value is None:
        if fill:
            target.write_blank(row, column, None, formats[fill, ""])
    elif isinstance(value, bool):
        target.write_boolean(row, column, value, formats[fill, ""])
    elif isinstance(value, int | float):
        target.write_number(row, column, value, formats[fill, ""])
    elif isinstance(value, dt.date):
        target.write_datetime(row, column, value, formats[fill, "yyyy-mm-dd"])
    else:
        target.write_string(row, column, shown(value), formats[fill, "@"])


def _merge(target, sheet: Sheet, merge: tuple[int, int, int, int], formats: dict) -> None:
    """Merge cells again; not those that overlap others, nor those under which further values stand."""
    top, left, bottom, right = merge
    covered = [cells[left : right + 1] for cells in sheet.rows[top : bottom + 1]]
    inside = [value for number, cells in enumerate(covered) for value in cells[number == 0 :] if value is not None]
    if (top, left) == (bottom, right) or inside:
        return
    value = covered[0][0] if covered and covered[0] else None
    with contextlib.suppress(OverlappingRange):
        target.merge_range(top, left, bottom, right, "")
        _write(target, top, left, value, "", formats)
