"""Looks through an xls (a compound file with BIFF records) before it is read: password, macros, links, formulas, far cells,
hidden rows and columns, month-only date formats.
"""

from __future__ import annotations

import struct

from .model import IntakeError
from .ooxml import (
    MOST_AREA,
    MOST_CELLS,
    MOST_COLUMNS,
    BookFacts,
    SheetFacts,
    far_error,
    formula_error,
    style_of,
    too_many_error,
)

_END = 0xFFFFFFFE
_FORMULA = frozenset((0x0006, 0x0206, 0x0406))
_NUMBER, _RK, _MULRK, _BLANK, _MULBLANK = 0x0203, 0x027E, 0x00BD, 0x0201, 0x00BE
_CELLS = frozenset((0x0203, 0x027E, 0x00FD, 0x0204, 0x00D6, 0x0205))
_BROKEN = "文件已损坏或不是真正的Excel文件，请用Excel打开后另存为xlsx再导入"


def _broken() -> IntakeError:
    return IntakeError("not a workbook", _BROKEN)


class _Compound:
    """A compound file: its directory names and one stream at a time (MS-CFB)."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        if len(data) < 512:
            raise _broken()
        shift, mini_shift = struct.unpack_from("<HH", data, 30)
        if shift not in (9, 12) or mini_shift != 6:
            raise _broken()
        self._size = 1 << shift
        fat_count, directory, self._cutoff, mini_start, mini_count, extra, extra_count = struct.unpack_from(
            "<II4xIIIII", data, 44
        )
        heads = list(struct.unpack_from("<109I", data, 76))
        sector, seen = extra, 0
        while sector < _END and seen <= extra_count:
            block = struct.unpack(f"<{self._size // 4}I", self._sector(sector))
            heads += block[:-1]
            sector, seen = block[-1], seen + 1
        fat: list[int] = []
        for head in heads[:fat_count]:
            if head < _END:
                fat += struct.unpack(f"<{self._size // 4}I", self._sector(head))
        self._fat = fat
        self.entries: dict[str, tuple[int, int]] = {}
        self.names: set[str] = set()
        raw = self._chain(directory)
        self._root = (_END, 0)
        for at in range(0, len(raw) - 127, 128):
            length, kind = struct.unpack_from("<HB", raw, at + 64)
            if not kind:
                continue
            name = raw[at : at + max(0, min(length - 2, 62))].decode("utf-16-le", "replace")
            start, size = struct.unpack_from("<II", raw, at + 116)
            self.names.add(name)
            if kind == 5:
                self._root = (start, size)
            elif kind == 2:
                self.entries.setdefault(name.lower(), (start, size))
        self._mini_fat = self._chain(mini_start) if mini_count else b""

    def _sector(self, number: int) -> bytes:
        at = (number + 1) * self._size
        block = self._data[at : at + self._size]
        if len(block) < self._size:
            if not block:
                raise _broken()
            block = block.ljust(self._size, b"\0")
        return block

    def _chain(self, first: int) -> bytes:
        blocks: list[bytes] = []
        sector, seen = first, set[int]()
        while sector < _END:
            if sector in seen or sector >= len(self._fat):
                raise _broken()
            seen.add(sector)
            blocks.append(self._sector(sector))
            sector = self._fat[sector]
        return b"".join(blocks)

    def stream(self, name: str) -> bytes | None:
        """Return a stream's bytes; None when there is none of that name."""
        if name not in self.entries:
            return None
        start, size = self.entries[name]
        if size >= self._cutoff:
            return self._chain(start)[:size]
        mini = self._chain(self._root[0])
        table = struct.unpack(f"<{len(self._mini_fat) // 4}I", self._mini_fat)
        blocks: list[bytes] = []
        sector, seen = start, set[int]()
        while sector < _END:
            if sector in seen or sector >= len(table):
                raise _broken()
            seen.add(sector)
            blocks.append(mini[sector * 64 : sector * 64 + 64])
            sector = table[sector]
        return b"".join(blocks)[:size]


def look_through_xls(data: bytes) -> BookFacts:
    """Return the facts of an xls; raise IntakeError for whatever is not a plain workbook."""
    try:
        file = _Compound(data)
        lower = {name.lower() for name in file.names}
        if "encryptedpackage" in lower or "encryptioninfo" in lower:
            raise IntakeError("encrypted", "文件加了密码，请在Excel里取消密码后另存再导入")
        if "_vba_project_cur" in lower or "vba" in lower or "_vba_project" in lower:
            raise IntakeError("macros", "文件带有宏，请在Excel里另存为不含宏的xlsx再导入")
        stream = file.stream("workbook") or file.stream("book")
        if stream is None:
            raise IntakeError("not a workbook", "文件不是Excel工作簿（可能是Word或其他文件），请核对是否传错了文件")
        return _records(stream)
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise _broken() from error


def _records(stream: bytes) -> BookFacts:
    book = BookFacts([])
    codes: dict[int, str] = {}
    styles: list[str] = []
    offsets: dict[int, SheetFacts] = {}
    facts: SheetFacts | None = None
    depth = 0
    budget = MOST_CELLS
    row_far = column_far = 0
    at = 0
    while at + 4 <= len(stream):
        record, length = struct.unpack_from("<HH", stream, at)
        body = stream[at + 4 : at + 4 + length]
        if record in (0x0809, 0x0409, 0x0209, 0x0009):
            if depth == 0:
                facts = offsets.get(at)
                row_far = column_far = 0
            depth += 1
        elif record == 0x000A:
            depth -= 1
        elif record == 0x002F:
            raise IntakeError("encrypted", "文件加了密码，请在Excel里取消密码后另存再导入")
        elif record == 0x0022:
            book.date1904 = body[:1] == b"\x01"
        elif record == 0x01AE and length > 4:
            raise IntakeError(
                "external links",
                "文件引用了别的工作簿（外部链接），请在Excel〈数据－编辑链接〉里断开链接，另存后再导入",
            )
        elif record == 0x0085:
            facts_of = _bound_sheet(body)
            offsets[facts_of[0]] = facts_of[1]
            book.sheets.append(facts_of[1])
        elif record == 0x041E:
            codes[struct.unpack_from("<H", body)[0]] = _long_text(body[2:])
        elif record == 0x00E0:
            styles.append(style_of(struct.unpack_from("<H", body, 2)[0], codes))
        elif facts is not None and depth == 1:
            used = _cell(record, body, facts, styles)
            if used:
                budget -= used[2]
                if budget < 0:
                    raise too_many_error()
                row_far, column_far = max(row_far, used[0]), max(column_far, used[1])
                if column_far >= MOST_COLUMNS or (row_far + 1) * (column_far + 1) > MOST_AREA:
                    raise far_error(facts.name, used[0], used[1])
        at += 4 + length
    for sheet in book.sheets:
        if sheet.formula_count:
            raise formula_error([sheet.name] if len(book.sheets) > 1 else [], sheet.formulas, sheet.formula_count)
    return book


def _cell(record: int, body: bytes, facts: SheetFacts, styles: list[str]) -> tuple[int, int, int] | None:
    """Note one record of a sheet; return (row, last column, cells) when it holds values."""
    if record == 0x0208 and len(body) >= 14:
        row, flags = struct.unpack_from("<H", body)[0], struct.unpack_from("<H", body, 12)[0]
        if flags & 0x20:
            facts.hidden_rows.add(row)
        return None
    if record == 0x007D and len(body) >= 10:
        first, last, _, _, flags = struct.unpack_from("<5H", body)
        if flags & 1:
            facts.hidden_columns.update(range(first, min(last + 1, MOST_COLUMNS)))
        return None
    if record in _FORMULA:
        row, column = struct.unpack_from("<HH", body)
        facts.formula_count += 1
        if len(facts.formulas) < 3:
            facts.formulas.append((row, column))
        return row, column, 1
    if record in _CELLS:
        row, column, style = struct.unpack_from("<HHH", body)
        if record in (_NUMBER, _RK):
            _note_style(facts, row, column, style, styles)
        return row, column, 1
    if record == _MULRK:
        row, first = struct.unpack_from("<HH", body)
        count = (len(body) - 6) // 6
        for offset in range(count):
            _note_style(facts, row, first + offset, struct.unpack_from("<H", body, 4 + 6 * offset)[0], styles)
        return row, first + count - 1, count
    return None


def _note_style(facts: SheetFacts, row: int, column: int, style: int, styles: list[str]) -> None:
    kind = styles[style] if style < len(styles) else ""
    if kind == "month":
        facts.months.add((row, column))
    elif kind == "day":
        facts.days.add((row, column))


def _bound_sheet(body: bytes) -> tuple[int, SheetFacts]:
    offset, state, _kind = struct.unpack_from("<IBB", body)
    count, flags = body[6], body[7]
    raw = body[8 : 8 + count * (2 if flags & 1 else 1)]
    name = raw.decode("utf-16-le" if flags & 1 else "latin-1", "replace")
    return offset, SheetFacts(name, "hidden" if state & 3 else "visible")


def _long_text(body: bytes) -> str:
    count, flags = struct.unpack_from("<HB", body)
    return body[3 : 3 + count * (2 if flags & 1 else 1)].decode("utf-16-le" if flags & 1 else "latin-1", "replace")
