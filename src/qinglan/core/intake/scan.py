"""Walks the rows below a header: tells people's rows from totals, signatures, notes and repeated headers, and lets vertically
merged cells speak for all their rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from .header import Header, HeaderFinder, tidy_header
from .layout import Layout
from .model import MARK_HEADER, IntakeError, Reason, Sheet, Value
from .text import compact, shown

_TOTAL = re.compile(
    r"^(本页|本街道|本社区|全区|全街|街道|社区)?(合计|总计|小计|共计|累计|汇总)(人数|数)?([:：(\d共].*)?$|^共\d+人"
)
_TOTAL_WORD = re.compile(r"(本页|本街道|本社区|全区|全街|街道|社区)?(合计|总计|小计|共计|累计|汇总)(人数|数)?[:：]?")
_SIGNATURE = re.compile(
    r"^(填表|制表|审核|复核|填报|审批|经办|负责|报送|统计|联系|分管|主管|单位|盖章|领导)[\u4e00-\u9fff]{0,8}([(（][^)）]*[)）])?[:：]"
    r"|^[(（]?(单位)?(盖章|公章|签字|签章)[)）]?[:：]?$|^(填表|制表|填报|报送)(日期|时间)"
)
_NOTE = re.compile(
    r"^(备注|说明|填表说明|填写说明|注意|注|附注|附|提示|温馨提示)[:：\d]|^(备注|说明|填表说明|填写说明|注)$|^注[:：.、]"
)
# The total of one place (万松街合计, 小计：12人); a person's own name is never that long.
_PLACE_TOTAL = re.compile(r"^.{0,20}(合计|总计|小计|共计)(人数|数)?[:：]?(共?\d+(人|名|个)?)?$")
# Labels of a line of signatures whose names stand in cells of their own.
_LABEL = re.compile(
    r"^(填表|制表|审核|复核|填报|审批|经办|负责|报送|统计|联系|分管|主管|单位|单位负责|领导)(人员|人|单位|领导|部门)?(签字|签名|签章|盖章)?$"
    r"|^(填表|制表|填报|报送|打印|审核)?(日期|时间)$|^联系电话$"
)
_EXAMPLE = re.compile(r"^[(【]?(填写)?(示例|样例|示范|例)(行|数据)?\d*[)】]?([(:：].*)?$|[(【](示例|样例)[)】]$")
_PERSON = re.compile(r"[^\W\d_]{1,12}(·[^\W\d_]+)*")
_LEAST_NUMBERED, _LEAST_DIGITS = 3, 8
_FILL_IN = frozenset({"必填", "选填", "(必填)", "(选填)", "必填项", "选填项", "*", "可不填"})
_SECTION_TAIL = re.compile(r"[(（]?(共|小计|合计)?\d+(人|名)[)）]?[:：]?$")
_SECTION_HEAD = re.compile(r"^[(（]?[一二三四五六七八九十\d]+[)）]?[、.．]")
_SAME = frozenset({"同上", "〃", "″", '"', "“", "”", "同前", "''", "...", "……"})

_MOST_COVERED = 300_000
# A row that was prepared with its place and number, and then left empty.
_PLACE = frozenset({"street", "community"})

SKIPS = {
    "blank row": "空行",
    "total line": "合计行",
    "signature line": "签名、填报栏",
    "note line": "说明文字",
    "section line": "分组标题行",
    "repeated header": "重复的表头",
    "example row": "示例行",
}


@dataclass(slots=True)
class Line:
    """One row below a header: either skipped with a code, or the raw cells of its fields. `fault`: it stands in another table,
    whose header does not say all that is needed."""

    row: int
    skip: str | None = None
    text: str = ""
    cells: dict[str, Value] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)
    columns: dict[str, int] = field(default_factory=dict)
    section: str = ""
    fault: str = ""

    def skip_reason(self) -> Reason:
        """Return why the row was skipped, in words."""
        assert self.skip is not None
        return Reason(self.skip, f"{SKIPS[self.skip]}，不导入", value=self.text or None)


def lines(sheet: Sheet, header: Header, finder: HeaderFinder) -> Iterator[Line]:
    """Yield every row below the header down to the last one that holds anything."""
    layout = finder.layout
    last = _last_row(sheet)
    filled = _merged_values(sheet, header)
    section = fault = ""
    above: dict[str, Value] = {}
    row = header.bottom + 1
    while row <= last:
        cells = sheet.rows[row]
        marks = _mark_columns(header)
        texts = [(i, t) for i, v in enumerate(cells) if v is not None and i not in marks and (t := compact(v))]
        again = _header_again(sheet, row, texts, header, finder)
        if again:
            fault = _fault(again, finder)
            for covered in range(row, again.bottom + 1):
                yield Line(covered + 1, "repeated header", texts[0][1] if texts else "")
            header, row = again, again.bottom + 1
            filled = _merged_values(sheet, header)
            continue
        skip = _skip(texts, cells, header, finder)
        if skip:
            if skip == "section line":
                section = _SECTION_HEAD.sub("", _SECTION_TAIL.sub("", texts[0][1]))
            yield Line(row + 1, skip, texts[0][1] if texts else "", section=section)
        else:
            line = _data(row, cells, filled, header, layout, above)
            line.section, line.fault = section, fault
            above = line.cells
            yield line
        row += 1


def _mark_columns(header: Header) -> set[int]:
    """Return the columns that an earlier marking added."""
    return {column for column, words in header.words.items() if tidy_header(words) == tidy_header(MARK_HEADER)}


def _last_row(sheet: Sheet) -> int:
    last = len(sheet.rows) - 1
    while last >= 0 and not any(v is not None and compact(v) for v in sheet.rows[last]):
        last -= 1
    return last


def _header_again(
    sheet: Sheet, row: int, texts: list[tuple[int, str]], header: Header, finder: HeaderFinder
) -> Header | None:
    """Return the header that a page break repeated at this row, in part perhaps, or a second table's own."""
    found = {c: match[0] for c, text in texts if not text[0].isdigit() and (match := finder.match(text))}
    if len(found) < _LEAST_NUMBERED:
        return None
    again = finder.settled(sheet, finder.at(sheet, row))
    if finder.is_complete(again) and not again.problems:
        return again
    fields = set(found.values())
    is_header = len(fields) >= _LEAST_NUMBERED and fields & set(finder.layout.subject) and 2 * len(found) >= len(texts)
    if not is_header or any(sum(ch.isdigit() for ch in text) >= _LEAST_DIGITS for _, text in texts):
        return None  # a person whose remarks are header words
    if all(header.columns.get(column) == found.get(column) for column, _ in texts):
        return replace(header, top=row, bottom=row)
    return again


def _fault(header: Header, finder: HeaderFinder) -> str:
    """Say why the rows below a second header cannot be read."""
    lacking = "、".join(f"〈{label}〉" for label in finder.missing(header))
    if lacking:
        return f"第{header.bottom + 1}行起是另一张表，表头缺少{lacking}列"
    return f"第{header.bottom + 1}行起是另一张表，表头有重复的列" if header.problems else ""


def _skip(texts: list[tuple[int, str]], cells: list[Value], header: Header, finder: HeaderFinder) -> str | None:
    if not texts:
        return "blank row"
    first_column, first = texts[0]
    used = [(c, t) for c, t in texts if c in header.columns]
    if (
        not used
        and len(texts) == 1
        and len(first) < _LEAST_DIGITS
        and (finder.is_ignored(header.words.get(first_column, "序号")) and first.isdigit())
    ):
        return "blank row"
    if any(_EXAMPLE.search(text) for c, text in texts if header.columns.get(c, "name") == "name"):
        return "example row"
    identity = {
        key
        for key in ("id", "name")
        if (c := header.column_of(key)) is not None and c < len(cells) and compact(cells[c])
    }
    id_column = header.column_of("id")
    has_number = id_column is not None and any(c == id_column and sum(ch.isdigit() for ch in t) >= 8 for c, t in texts)
    begins_with = header.columns.get(first_column)
    is_filled = len(used) >= _LEAST_NUMBERED and begins_with not in (None, "name", "id", *_PLACE)
    if has_number or (is_filled and not _TOTAL_WORD.fullmatch(first)):
        return None  # 汇总数据平台 and 负责人 may be the first words of a project's row
    if _TOTAL.match(first) or any(_TOTAL_WORD.fullmatch(t) or _is_total(c, t, header) for c, t in texts[:3]):
        return "total line"
    if (
        {header.columns[c] for c, _ in used} <= _PLACE
        and len(texts) > 1
        and all(c in header.columns or t.isdigit() for c, t in texts)
    ):
        return "blank row"
    if _SIGNATURE.match(first) or (len(texts) <= 3 and all(_SIGNATURE.match(t) for _, t in texts)):
        return "signature line"
    if _LABEL.match(first) and 2 * sum(bool(_LABEL.match(t)) for _, t in texts) >= len(texts):
        return "signature line"
    if _NOTE.match(first) or _numbers_columns([text for _, text in texts]):
        return "note line"
    if len(texts) == 1:
        if (_SECTION_HEAD.match(first) and len(first) <= 30) or _SECTION_TAIL.search(first):
            return "section line"
        if identity != {"name"} or first_column == 0 or len(first) > 12:
            ends = first.endswith(("街道", "街", "社区", "居委会", "镇", "园区", "管委会", "管理委员会", "开发区"))
            if ends and len(first) <= 30:
                return "section line"
            if len(first) > 12 or not used or (first_column == 0 and "name" not in identity):
                return "note line"
            if "name" in identity and not _PERSON.fullmatch(first):
                return "note line"
    return None


def _is_total(column: int, text: str, header: Header) -> bool:
    return bool(_PLACE_TOTAL.match(text)) and (header.columns.get(column) != "name" or any(ch.isdigit() for ch in text))


def _numbers_columns(texts: list[str]) -> bool:
    """Say whether a row only numbers the columns (甲 乙 1 2 3) or says which must be filled in (必填 选填)."""
    if len(texts) > 1 and _FILL_IN.issuperset(texts):
        return True
    bare = [text.strip("()") for text in texts]
    numbers = [text for text in bare if text not in ("甲", "乙", "丙", "丁")]
    start = int(numbers[0]) if numbers and numbers[0].isdecimal() and len(numbers[0]) < _LEAST_NUMBERED else None
    return start in (0, 1) and len(bare) >= _LEAST_NUMBERED and numbers == [str(start + n) for n in range(len(numbers))]


def _merged_values(sheet: Sheet, header: Header) -> dict[tuple[int, int], Value]:
    """Return the value of every cell below the header that a vertical merge covers."""
    values: dict[tuple[int, int], Value] = {}
    for top, left, bottom, right in sheet.merges:
        if bottom <= top or top <= header.bottom or top >= len(sheet.rows) or left >= len(sheet.rows[top]):
            continue
        value = sheet.rows[top][left]
        if len(values) > _MOST_COVERED:
            raise IntakeError("too large", f"工作表〈{sheet.name}〉的合并单元格过多，请取消合并，另存后再导入")
        for row in range(top + 1, min(bottom, len(sheet.rows) - 1) + 1):
            for column in range(left, min(right, left + 3) + 1):
                values[row, column] = value
    return values


def _data(
    row: int,
    cells: list[Value],
    filled: dict[tuple[int, int], Value],
    header: Header,
    layout: Layout,
    above: dict[str, Value],
) -> Line:
    line = Line(row + 1)
    for column, key in header.columns.items():
        value = cells[column] if column < len(cells) else None
        if layout.field(key).inherit:
            if value is None or value == "":
                value = filled.get((row, column), value)
            elif isinstance(value, str) and value.strip() in _SAME:
                value = above.get(key)
        line.cells[key] = value
        line.columns[key] = column
    for column, word in header.unknown.items():
        text = shown(cells[column]) if column < len(cells) else ""
        if text.strip():
            line.extra[word] = text
    return line
