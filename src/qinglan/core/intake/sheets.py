"""Turns the bytes of a file into sheets of cells, once the guard has let it through: xlsx, xls, csv."""

from __future__ import annotations

import csv
import io
import re
from typing import Literal

from .biff import read_xls
from .container import open_parts
from .model import IntakeError, Sheet, Value, Workbook, column_letter
from .ooxml import read_xlsx
from .raw import MOST_CELLS, RawSheet, too_many_error

MOST_BYTES = 30 * 2**20
MOST_TEXT = 16 * 2**20
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKUP = re.compile(rb"(\xef\xbb\xbf)?\s*<(!doctype|html|table|meta|head|\?xml|style|div)", re.IGNORECASE)
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
    if _MARKUP.match(data):
        raise IntakeError(
            "not a workbook", "文件其实是网页或XML（有些系统导出的xls就是这样），请用Excel打开后另存为xlsx再导入"
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
