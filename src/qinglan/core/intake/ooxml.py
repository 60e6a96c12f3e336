"""Reads the sheets of an xlsx as a stream of XML: nothing is built that the file has no cells for, whatever it claims about its
size, and formulas, far cells and endless lists end the reading.

Ours and not a library's: python-calamine reserves what a count attribute asks for, and one large number there takes the whole
process with it.
"""

from __future__ import annotations

import datetime as dt
import math
import posixpath
import re

from .container import bomb_error
from .model import IntakeError, Value, column_index
from .raw import (
    MOST_COLUMNS,
    MOST_ROWS,
    MOST_SHEETS,
    Budget,
    RawSheet,
    dated,
    refuse_formulas,
    style_of,
    too_many_error,
)
from .xmlstream import MOST_DEPTH, MOST_NODES, check_part, stream

_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
_MOST_FORMULAS = 10_000


def read_xlsx(parts: dict[str, bytes]) -> tuple[list[RawSheet], bool]:
    """Return the sheets of a workbook's parts, and whether it counts days from 1904; raise IntakeError for hostile ones."""
    book_name = next(name for name in parts if name.lower().endswith("workbook.xml"))
    relations_name = "{}/_rels/{}.rels".format(*posixpath.split(book_name)).lstrip("/")
    nodes = MOST_NODES
    for part in (book_name, relations_name):
        nodes = check_part(part, parts.get(part, b"<none/>"), nodes)
    relations = _relations(parts.get(relations_name), posixpath.dirname(book_name))
    listed: list[tuple[str, str, str]] = []
    date1904 = False

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal date1904
        tag = tag.rpartition(":")[2]
        if tag == "sheet":
            target = next((v for k, v in attributes.items() if k.rpartition(":")[2] == "id"), "")
            listed.append((attributes.get("name", ""), attributes.get("state", "visible"), relations.get(target, "")))
        elif tag == "workbookPr":
            date1904 = attributes.get("date1904") in ("1", "true")

    stream(parts[book_name], start)
    targets = {target for _, _, target in listed}
    if not listed or len(listed) > MOST_SHEETS or len(targets) != len(listed) or not targets <= parts.keys():
        raise _unreadable()
    for part, content in parts.items():
        # The sheets themselves are checked while they are streamed for their cells.
        if part not in targets and part not in (book_name, relations_name):
            nodes = check_part(part, content, nodes)
    reader = _SheetReader(_styles(parts), _shared_strings(parts), nodes, date1904=date1904)
    budget = Budget()
    sheets: list[RawSheet] = []
    for name, state, target in listed:
        sheet = RawSheet(
            name, state, budget, is_worksheet="chartsheets/" not in target and "dialogsheets/" not in target
        )
        if sheet.is_worksheet:
            reader.read(parts[target], sheet)
        sheets.append(sheet)
    refuse_formulas(sheets)
    return sheets, date1904


def _relations(content: bytes | None, folder: str) -> dict[str, str]:
    """Return {relation id: part name} of the workbook."""
    found: dict[str, str] = {}

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "Relationship":
            target = attributes.get("Target", "").replace("\\", "/")
            path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            found[attributes.get("Id", "")] = path

    if content:
        stream(content, start)
    return found


def _styles(parts: dict[str, bytes]) -> list[str]:
    """Return for each cell style what `raw.style_of` says of it."""
    content = next((c for name, c in parts.items() if name.lower().endswith("/styles.xml")), None)
    codes: dict[int, str] = {}
    styles: list[str] = []
    inside = [False]

    def start(tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "numFmt" and attributes.get("numFmtId", "").isdigit():
            codes[int(attributes["numFmtId"])] = attributes.get("formatCode", "")
        elif tag == "cellXfs":
            inside[0] = True
        elif tag == "xf" and inside[0]:
            number = attributes.get("numFmtId", "0")
            styles.append(style_of(int(number) if number.isdigit() else 0, codes))

    def end(tag: str) -> None:
        if tag.rpartition(":")[2] == "cellXfs":
            inside[0] = False

    if content:
        stream(content, start, end)
    return styles


def _shared_strings(parts: dict[str, bytes]) -> list[str]:
    """Return the table of strings, without the readings that stand above Japanese words."""
    content = next((c for name, c in parts.items() if name.lower().endswith("/sharedstrings.xml")), None)
    found: list[str] = []
    pieces: list[str] = []
    inside = False
    phonetic = 0

    def start(tag: str, _: dict[str, str]) -> None:
        nonlocal inside, phonetic
        tag = tag.rpartition(":")[2]
        if tag == "t":
            inside = not phonetic
        elif tag == "rPh":
            phonetic += 1

    def end(tag: str) -> None:
        nonlocal inside, phonetic
        tag = tag.rpartition(":")[2]
        if tag == "t":
            inside = False
        elif tag == "rPh":
            phonetic -= 1
        elif tag == "si":
            found.append(_unescaped("".join(pieces)))
            pieces.clear()

    def text(chunk: str) -> None:
        if inside:
            pieces.append(chunk)

    if content:
        stream(content, start, end, text)
    return found


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


class _SheetReader:
    """Reads sheet after sheet of one workbook with its styles, its strings and what is left of its elements."""

    def __init__(self, styles: list[str], strings: list[str], nodes: int, *, date1904: bool) -> None:
        self._styles = styles
        self._strings = strings
        self._nodes = nodes
        self._date1904 = date1904

    def read(self, content: bytes, sheet: RawSheet) -> None:
        """Fill a sheet from its part."""
        if content.count(b"<c ") > sheet.budget.cells:  # before half a million of them are parsed
            raise too_many_error()
        row = column = -1
        depth = phonetic = 0
        nodes = self._nodes
        kind, style, in_value, in_cell = "", "", False, False
        pieces: list[str] = []
        local: dict[str, str] = {}
        columns: dict[str, int] = {}
        styles, budget = self._styles, sheet.budget

        def start(tag: str, attributes: dict[str, str]) -> None:
            nonlocal row, column, kind, style, in_value, in_cell, depth, nodes, phonetic
            depth += 1
            nodes -= 1
            if depth > MOST_DEPTH or nodes < 0 or len(attributes) > MOST_COLUMNS:
                raise bomb_error()
            name = local.get(tag) or local.setdefault(tag, tag.rpartition(":")[2])
            if name == "c":
                budget.cells -= 1
                if budget.cells < 0:
                    raise too_many_error()
                reference = attributes.get("r")
                column += 1
                if reference:
                    letters = reference.rstrip("0123456789")
                    row, column = _row(reference[len(letters) :]), columns.get(letters, -1)
                    if column < 0:
                        column = columns[letters] = _column(letters)
                in_cell = True
                kind = attributes.get("t", "n")
                number = attributes.get("s")
                index = _number(number) if number else 0
                style = styles[index] if index < len(styles) else ""
                pieces.clear()
            elif name == "v" or name == "t":
                in_value = not phonetic
            elif name == "f" and in_cell:  # lists to choose from have an f of their own, outside the cells
                if len(sheet.formulas) < _MOST_FORMULAS:
                    sheet.formulas.append((row, column))
            elif name == "row":
                number = attributes.get("r")
                row, column = (_row(number) if number else row + 1), -1
                if attributes.get("hidden") in ("1", "true") and row <= MOST_ROWS:
                    sheet.hidden_rows.add(row)
            elif name == "rPh":
                phonetic += 1
            elif name == "mergeCell":
                sheet.merge(*_range(attributes.get("ref", "")))
            elif name == "col" and attributes.get("hidden") in ("1", "true"):
                first, last = _number(attributes.get("min", "1")), _number(attributes.get("max", "1"))
                sheet.hidden_columns.update(range(max(first - 1, 0), min(last, MOST_COLUMNS)))

        def end(tag: str) -> None:
            nonlocal in_value, in_cell, depth, phonetic
            depth -= 1
            name = local[tag]
            if name == "v" or name == "t":
                in_value = False
            elif name == "rPh":
                phonetic -= 1
            elif name == "c":
                in_cell = False
                if not pieces:
                    return
                value = self._value("".join(pieces), kind, style)
                pieces.clear()
                if value is not None:
                    sheet.put(row, column, value)

        def text(found: str) -> None:
            if in_value:
                pieces.append(found)

        stream(content, start, end, text)
        self._nodes = nodes

    def _value(self, text: str, kind: str, style: str) -> Value:
        """Return the value of a cell by its type."""
        if kind == "s":
            index = _number(text.strip())
            if index >= len(self._strings):
                raise _unreadable()
            return self._strings[index] or None
        if kind == "n":
            try:
                number = float(text)
            except ValueError:
                return text
            return dated(number, style, date1904=self._date1904) if math.isfinite(number) else text
        if kind == "b":
            return text.strip() in ("1", "true")
        if kind == "d":
            try:
                return dt.date.fromisoformat(text.strip()[:10])
            except ValueError:
                return text
        return text if kind == "e" else _unescaped(text)


def _number(text: str) -> int:
    """Return a whole number of an attribute; raise IntakeError when it is none."""
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise _unreadable()
    return int(text)


def _row(text: str) -> int:
    """Return the 0-based row of a reference."""
    row = _number(text) - 1
    if row < 0:
        raise _unreadable()
    return row


def _column(letters: str) -> int:
    if not (1 <= len(letters) <= 3 and letters.isascii() and letters.isalpha() and letters.isupper()):
        raise _unreadable()
    return column_index(letters)


def _unreadable() -> IntakeError:
    return IntakeError("not a workbook", "文件里的工作表或单元格编号无法辨认，请用Excel打开后另存为xlsx再导入")


def _range(reference: str) -> tuple[int, int, int, int]:
    """Return (top, left, bottom, right) of a reference such as A1:C3."""
    corners = []
    for corner in (reference.split(":") * 2)[:2]:
        letters = corner.rstrip("0123456789")
        corners.append((_row(corner[len(letters) :]), _column(letters)))
    (top, left), (bottom, right) = corners
    if top > bottom or left > right:
        raise _unreadable()
    return top, left, bottom, right
