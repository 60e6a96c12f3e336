"""Looks through the sheets of an xlsx as a stream, before anything builds a grid of them: formulas, far cells, hidden rows and
columns, error cells, and date cells that show only year and month.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field

from .container import bomb_error
from .model import IntakeError, column_index, column_letter
from .xmlstream import MOST_DEPTH, MOST_NODES, check_part, stream

MOST_CELLS = 600_000
MOST_COLUMNS = 256
MOST_ROWS = 120_000
MOST_AREA = 2_500_000
MOST_SHEETS = 200
MOST_MERGES = 20_000
_BUILTIN_DATES = frozenset((14, 15, 16, 17, 22, 27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58))
_BUILTIN_MONTHS = frozenset((17, 27, 36, 50, 52, 57))
_LITERAL = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')


@dataclass(slots=True)
class SheetFacts:
    """What the stream showed of one sheet; rows and columns 0-based. `formulas` names the first few cells, `formula_count` all."""

    name: str
    state: str = "visible"
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    months: set[tuple[int, int]] = field(default_factory=set)
    days: set[tuple[int, int]] = field(default_factory=set)
    formulas: list[tuple[int, int]] = field(default_factory=list)
    formula_count: int = 0


@dataclass(slots=True)
class BookFacts:
    """What the stream showed of a workbook."""

    sheets: list[SheetFacts]
    date1904: bool = False


def is_month_format(code: str) -> bool:
    """Say whether a number format shows a year and a month but no day and no time."""
    bare = _LITERAL.sub("", code.split(";")[0]).lower()
    return "y" in bare and "m" in bare and "d" not in bare and "h" not in bare and "s" not in bare


def is_date_format(code: str) -> bool:
    """Say whether a number format shows a date."""
    bare = _LITERAL.sub("", code.split(";")[0]).lower()
    return "y" in bare or ("m" in bare and "d" in bare)


def look_through(parts: dict[str, bytes]) -> BookFacts:
    """Return the facts of a workbook's parts; raise IntakeError for far cells, too many cells, formulas and hostile XML."""
    book_name = next(name for name in parts if name.lower().endswith("workbook.xml"))
    relations_name = "{}/_rels/{}.rels".format(*posixpath.split(book_name)).lstrip("/")
    nodes = MOST_NODES
    for part in (book_name, relations_name):
        nodes = check_part(part, parts.get(part, b"<none/>"), nodes)
    relations = _relations(parts.get(relations_name), posixpath.dirname(book_name))
    sheets: list[tuple[str, str, str]] = []
    book = BookFacts([])

    def start(tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "sheet":
            target = next((v for k, v in attributes.items() if k.rpartition(":")[2] == "id"), "")
            sheets.append((attributes.get("name", ""), attributes.get("state", "visible"), relations.get(target, "")))
        elif tag == "workbookPr":
            book.date1904 = attributes.get("date1904") in ("1", "true")

    stream(parts[book_name], start)
    targets = {target for _, _, target in sheets}
    if len(sheets) > MOST_SHEETS or len(targets) != len(sheets) or not targets <= parts.keys():
        raise _unreadable()
    for part, content in parts.items():
        # The sheets themselves are checked while they are streamed for their cells.
        if part not in targets and part not in (book_name, relations_name):
            nodes = check_part(part, content, nodes)
    formats = _formats(parts)
    budget = _Budget(nodes)
    for name, state, target in sheets:
        facts = SheetFacts(name, "visible" if state == "visible" else "hidden")
        _sheet(parts[target], facts, formats, budget)
        book.sheets.append(facts)
    for facts in book.sheets:
        if facts.formula_count:
            raise _formula(facts, len(book.sheets) > 1)
    return book


def _formula(facts: SheetFacts, several: bool) -> IntakeError:
    return formula_error([facts.name] if several else [], facts.formulas, facts.formula_count)


def formula_error(sheet: list[str], cells: list[tuple[int, int]], count: int) -> IntakeError:
    """Return the refusal of a file with formulas, naming the first cells."""
    row, column = cells[0]
    where = f"工作表〈{sheet[0]}〉" if sheet else ""
    more = f"（共{count}个公式单元格）" if count > 1 else ""
    return IntakeError(
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


def _formats(parts: dict[str, bytes]) -> list[str]:
    """Return 'month', 'day' or '' for each cell style."""
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


def style_of(number: int, codes: dict[int, str]) -> str:
    """Return 'month', 'day' or '' for a number format."""
    code = codes.get(number)
    if number in _BUILTIN_MONTHS or (code and is_month_format(code)):
        return "month"
    if number in _BUILTIN_DATES or (code and is_date_format(code)):
        return "day"
    return ""


@dataclass(slots=True)
class _Budget:
    """What is left of the elements, cells and merges that one file may hold."""

    nodes: int
    cells: int = MOST_CELLS
    merges: int = MOST_MERGES


def _sheet(content: bytes, facts: SheetFacts, formats: list[str], budget: _Budget) -> None:
    """Stream one sheet: only cells that hold a value, a text or a formula count for its extent."""
    row = column = -1
    depth = 0
    farthest_row = farthest_column = 0
    kind, style, filled, in_value = "", "", False, False
    error: list[str] = []
    local: dict[str, str] = {}
    columns: dict[str, int] = {}

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, kind, style, filled, in_value, depth
        depth += 1
        budget.nodes -= 1
        if depth > MOST_DEPTH or budget.nodes < 0:
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
                row, column = _number(reference[len(letters) :]) - 1, columns.get(letters, -1)
                if column < 0:
                    column = columns[letters] = _column(letters)
            kind, filled, in_value = attributes.get("t", "n"), False, False
            index = _number(attributes.get("s", "0"))
            style = formats[index] if index < len(formats) else ""
        elif name == "v" or name == "t":
            in_value = True
        elif name == "f":
            filled = True
            facts.formula_count += 1
            if len(facts.formulas) < 3:
                facts.formulas.append((row, column))
        elif name == "row":
            number = attributes.get("r")
            row, column = (_number(number) - 1 if number else row + 1), -1
            if attributes.get("hidden") in ("1", "true") and row <= MOST_ROWS:
                facts.hidden_rows.add(row)
        elif name == "col" and attributes.get("hidden") in ("1", "true"):
            first, last = _number(attributes.get("min", "1")), _number(attributes.get("max", "1"))
            facts.hidden_columns.update(range(max(first - 1, 0), min(last, MOST_COLUMNS)))
        elif name == "mergeCell":
            budget.merges -= 1
            if budget.merges < 0:
                raise too_many_error()
        elif len(attributes) > MOST_COLUMNS:
            raise bomb_error()

    def end(tag: str) -> None:
        nonlocal farthest_row, farthest_column, in_value, depth
        depth -= 1
        name = local[tag]
        if name == "v" or name == "t":
            in_value = False
        elif name == "c" and filled:
            if row > farthest_row or column > farthest_column:
                farthest_row, farthest_column = max(row, farthest_row), max(column, farthest_column)
                area = (farthest_row + 1) * (farthest_column + 1)
                if farthest_row >= MOST_ROWS or farthest_column >= MOST_COLUMNS or area > MOST_AREA:
                    raise far_error(facts.name, row, column)
            if kind == "e":
                facts.errors[row, column] = "".join(error)
                error.clear()
            elif style and kind == "n":
                (facts.months if style == "month" else facts.days).add((row, column))

    def text(found: str) -> None:
        nonlocal filled
        if in_value:
            filled = True
            if kind == "e":
                error.append(found)

    stream(content, start, end, text)


def _number(text: str) -> int:
    """Return a whole number of an attribute; raise IntakeError when it is none."""
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise _unreadable()
    return int(text)


def _column(letters: str) -> int:
    if not (1 <= len(letters) <= 3 and letters.isascii() and letters.isalpha() and letters.isupper()):
        raise _unreadable()
    return column_index(letters)


def _unreadable() -> IntakeError:
    return IntakeError("not a workbook", "文件里的工作表或单元格编号无法辨认，请用Excel打开后另存为xlsx再导入")
