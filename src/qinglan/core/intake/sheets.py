"""Turns the bytes of a file into sheets of cells, once the guard has let it through: xlsx, xls, csv."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from itertools import islice
from typing import Literal

from .biff import read_xls
from .container import open_parts
from .model import IntakeError, Sheet, Value, Workbook, column_letter
from .ooxml import read_xlsx
from .raw import MOST_CELLS, MOST_COLUMNS, MOST_ROWS, RawSheet, far_error, too_many_error

MOST_BYTES = 30 * 2**20
MOST_TEXT = 16 * 2**20
MOST_HEAD = 2**17
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKUP = re.compile(
    r"\ufeff?\s*(<(!doctype|!--|html|table|meta|head|body|\?xml|style|div|workbook)|mime-version:)", re.IGNORECASE
)
# What gets chosen by mistake, by the first bytes.
_OTHERS = {
    b"%PDF-": "PDF",
    b"{\\rtf": "RTF文档",
    b"Rar!": "RAR压缩包",
    b"7z\xbc\xaf": "7z压缩包",
    b"\x89PNG": "图片",
    b"\xff\xd8\xff": "图片",
    b"GIF8": "图片",
}
_MOST_LINES = 4 * MOST_ROWS  # some may stand inside quotes
_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")
_LEAST_WIDTH, _WHOLE_ROW, _MOST_DELIMITERS = 4, 2, 20_000
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
        sheets, date1904 = read_xlsx(open_parts(data))
        return _workbook(filename, "xlsx", sheets, data, date1904)
    if data[:8] == _OLE:
        sheets, date1904 = read_xls(data)
        return _workbook(filename, "xls", sheets, data, date1904)
    other = next((name for head, name in _OTHERS.items() if data.startswith(head)), None)
    if other:
        raise IntakeError(
            "not a workbook", f"文件其实是{other}，不是表格，请核对是否传错了文件，或把表格另存为xlsx再导入"
        )
    if len(data) > MOST_TEXT:
        raise IntakeError("too large", f"CSV文件超过{MOST_TEXT // 2**20}MB，请分成几个文件再导入")
    return _read_csv(data, filename)


def _workbook(
    filename: str, kind: Literal["xlsx", "xls"], found: list[RawSheet], data: bytes, date1904: bool
) -> Workbook:
    notes = tuple(f"〈{sheet.name}〉不是普通工作表，未读取" for sheet in found if not sheet.is_worksheet)
    sheets = tuple(sheet.finished() for sheet in found if sheet.is_worksheet)
    return Workbook(filename, kind, sheets, data, notes, date1904)


def _read_csv(data: bytes, filename: str) -> Workbook:
    text = _decode(data)
    if _MARKUP.match(text):
        raise IntakeError(
            "not a workbook", "文件其实是网页或XML（有些系统导出的xls就是这样），请用Excel打开后另存为xlsx再导入"
        )
    if "\x00" in text:
        raise IntakeError("nul", "文件里有空字符（NUL），不是正常的CSV，请在Excel里另存为xlsx再导入")
    text = text.rstrip(" \r\n")
    if text.count("\n") > _MOST_LINES:
        raise far_error("CSV", text.count("\n"), 0)
    lines = text[:MOST_HEAD].split("\n", 50)[:50]
    delimiter = max(
        (",", "\t", ";", "，", "|"), key=lambda mark: (sum(line.count(mark) for line in lines), mark == ",")
    )
    rows: list[list[Value]] = []
    budget, blank = MOST_CELLS, 0
    # Blank lines at the end of the file and blank cells at the end of a line are no part of the table.
    text = text.rstrip(f" \r\n{delimiter}")
    for number, record in enumerate(_records(text, delimiter)):
        if number >= MOST_ROWS:
            raise far_error("CSV", number, max(len(record), 1) - 1)
        cells = [_csv_cell(value, number, column) for column, value in enumerate(record)]
        while cells and cells[-1] is None:
            cells.pop()
        if not cells:
            blank += 1
            continue
        if len(cells) > MOST_COLUMNS:
            raise far_error("CSV", number, len(cells) - 1)
        budget -= len(cells)
        if budget < 0:
            raise too_many_error()
        rows += [[] for _ in range(blank)]
        rows.append(cells)
        blank = 0
    return Workbook(filename, "csv", (Sheet("CSV", rows),), data)


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    """Yield the records of a CSV; raise IntakeError where a quote without its pair would swallow the rows behind it.

    Programs that put no quotes around quotes write "两委"委员: read as it stands, as long as the cell ends on its line.
    """
    try:
        for _ in islice(csv.reader(_lines(text, delimiter), delimiter=delimiter, strict=True), MOST_ROWS + 1):
            pass
        sound = True
    except csv.Error:
        sound = False
    width = _LEAST_WIDTH
    number = 0
    try:
        for record in csv.reader(_lines(text, delimiter), delimiter=delimiter):
            number += 1
            for value in record:
                broken = "\n" in value or "\r" in value
                inside = value.count(delimiter)
                if (broken and inside >= width - 1) if sound else (broken or inside >= _WHOLE_ROW):
                    raise csv.Error
            width = max(width, len(record))
            yield record
    except csv.Error as error:
        raise IntakeError(
            "not a workbook",
            f"CSV文件第{number}行起引号不成对或单元格过长，后面的行分不开，请改正引号，或在Excel里另存为xlsx再导入",
        ) from error


def _lines(text: str, delimiter: str) -> Iterator[str]:
    for number, match in enumerate(_LINE.finditer(text)):
        line = match[0]
        if line.count(delimiter) > _MOST_DELIMITERS:
            raise far_error("CSV", number, line.count(delimiter))
        yield line


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
