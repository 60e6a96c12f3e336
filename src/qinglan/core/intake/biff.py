"""Reads an old xls (BIFF8 records): refuses password, macros, links, formulas and far cells, and returns its cells.

Ours and not the reader's that serves xlsx: on a damaged xls that one asks for memory without end and takes the process with it.
"""

from __future__ import annotations

import struct

from .compound import CompoundFile, broken_error
from .model import IntakeError, Value
from .raw import MOST_COLUMNS, MOST_SHEETS, Budget, RawSheet, dated, refuse_formulas, style_of, too_many_error

_BOF = frozenset((0x0809, 0x0409, 0x0209, 0x0009))
_FORMULA = frozenset((0x0006, 0x0206, 0x0406))
_EOF, _FILEPASS, _DATEMODE, _SUPBOOK, _BOUNDSHEET, _FORMAT, _XF = 0x000A, 0x002F, 0x0022, 0x01AE, 0x0085, 0x041E, 0x00E0
_SST, _CONTINUE, _LABELSST, _LABEL, _RSTRING = 0x00FC, 0x003C, 0x00FD, 0x0204, 0x00D6
_NUMBER, _RK, _MULRK, _BOOLERR, _ROW, _COLINFO, _MERGED = 0x0203, 0x027E, 0x00BD, 0x0205, 0x0208, 0x007D, 0x00E5
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
MOST_STRINGS = 1_000_000
_BIFF8 = 0x0600
_WORKSHEET = 0


def read_xls(data: bytes) -> tuple[list[RawSheet], bool]:
    """Return the sheets of an xls, and whether it counts days from 1904; raise IntakeError for whatever is not a plain one."""
    try:
        file = CompoundFile(data)
        lower = {name.lower() for name in file.names}
        if "encryptedpackage" in lower or "encryptioninfo" in lower:
            raise _encrypted()
        if "_vba_project_cur" in lower or "vba" in lower or "_vba_project" in lower:
            raise IntakeError("macros", "文件带有宏，请在Excel里另存为不含宏的xlsx再导入")
        stream = file.stream("workbook") or file.stream("book")
        if stream is None:
            raise IntakeError("not a workbook", "文件不是Excel工作簿（可能是Word或其他文件），请核对是否传错了文件")
        return _Reader(stream).read()
    except (struct.error, IndexError, UnicodeDecodeError, KeyError) as error:
        raise broken_error() from error


def _encrypted() -> IntakeError:
    return IntakeError("encrypted", "文件加了密码，请在Excel里取消密码后另存再导入")


class _Reader:
    """Walks the records of a workbook stream once."""

    def __init__(self, stream: bytes) -> None:
        self._stream = stream
        self._codes: dict[int, str] = {}
        self._styles: list[str] = []
        self._strings: list[str] = []
        self._sheets: dict[int, RawSheet] = {}
        self._date1904 = False
        self._budget = Budget()

    def read(self) -> tuple[list[RawSheet], bool]:
        """Return the sheets and the day count."""
        sheet: RawSheet | None = None
        depth = at = 0
        while at + 4 <= len(self._stream):
            record, length = struct.unpack_from("<HH", self._stream, at)
            body = self._stream[at + 4 : at + 4 + length]
            if record in _BOF:
                if struct.unpack_from("<H", body)[0] != _BIFF8:
                    raise IntakeError("old workbook", "文件是Excel 95或更早的格式，请用Excel打开后另存为xlsx再导入")
                if depth == 0:
                    sheet = self._sheets.get(at)
                depth += 1
            elif record == _EOF:
                depth -= 1
            elif sheet is not None and depth == 1:
                self._cell(record, body, sheet)
            elif depth == 1:
                self._global(record, body, at)
            at += 4 + length
        sheets = list(self._sheets.values())
        refuse_formulas(sheets)
        return sheets, self._date1904

    def _global(self, record: int, body: bytes, at: int) -> None:
        """Note one record that speaks for the whole workbook."""
        if record == _FILEPASS:
            raise _encrypted()
        if record == _SUPBOOK and len(body) > 4:
            raise IntakeError(
                "external links",
                "文件引用了别的工作簿（外部链接），请在Excel〈数据－编辑链接〉里断开链接，另存后再导入",
            )
        if record == _DATEMODE:
            self._date1904 = body[:1] == b"\x01"
        elif record == _BOUNDSHEET:
            offset, state, kind = struct.unpack_from("<IBB", body)
            name = _chars(body[8:], body[6], body[7])
            self._sheets[offset] = RawSheet(
                name, "hidden" if state & 3 else "visible", self._budget, kind == _WORKSHEET
            )
            if len(self._sheets) > MOST_SHEETS:
                raise broken_error()
        elif record == _FORMAT:
            number, count, flags = struct.unpack_from("<HHB", body)
            self._codes[number] = _chars(body[5:], count, flags)
        elif record == _XF:
            self._styles.append(style_of(struct.unpack_from("<H", body, 2)[0], self._codes))
        elif record == _SST:
            self._strings = _shared_strings(self._pieces(at))

    def _pieces(self, at: int) -> list[bytes]:
        """Return a record's body and the bodies of the records that continue it."""
        pieces: list[bytes] = []
        while at + 4 <= len(self._stream):
            record, length = struct.unpack_from("<HH", self._stream, at)
            if pieces and record != _CONTINUE:
                break
            pieces.append(self._stream[at + 4 : at + 4 + length])
            at += 4 + length
        return pieces

    def _cell(self, record: int, body: bytes, sheet: RawSheet) -> None:
        """Note one record of a sheet."""
        if record == _ROW and len(body) >= 14:
            if struct.unpack_from("<H", body, 12)[0] & 0x20:
                sheet.hidden_rows.add(struct.unpack_from("<H", body)[0])
        elif record == _COLINFO and len(body) >= 10:
            first, last, _, _, flags = struct.unpack_from("<5H", body)
            if flags & 1:
                sheet.hidden_columns.update(range(first, min(last + 1, MOST_COLUMNS)))
        elif record == _MERGED:
            for n in range(struct.unpack_from("<H", body)[0]):
                top, bottom, left, right = struct.unpack_from("<4H", body, 2 + 8 * n)
                sheet.merge(top, left, bottom, right)
        elif record in _FORMULA:
            sheet.formulas.append(struct.unpack_from("<HH", body))
        elif record == _LABELSST:
            row, column, style, index = struct.unpack_from("<HHHI", body)
            self._put(sheet, row, column, style, self._strings[index])
        elif record in (_LABEL, _RSTRING):
            row, column, style, count, flags = struct.unpack_from("<HHHHB", body)
            self._put(sheet, row, column, style, _chars(body[9:], count, flags))
        elif record == _NUMBER:
            row, column, style, number = struct.unpack_from("<HHHd", body)
            self._put(sheet, row, column, style, number)
        elif record == _RK:
            row, column, style, rk = struct.unpack_from("<HHHI", body)
            self._put(sheet, row, column, style, _rk(rk))
        elif record == _MULRK:
            row, first = struct.unpack_from("<HH", body)
            for n in range((len(body) - 6) // 6):
                style, rk = struct.unpack_from("<HI", body, 4 + 6 * n)
                self._put(sheet, row, first + n, style, _rk(rk))
        elif record == _BOOLERR:
            row, column, style, value, is_error = struct.unpack_from("<HHHBB", body)
            self._put(sheet, row, column, style, _ERRORS.get(value, "#N/A") if is_error else bool(value))

    def _put(self, sheet: RawSheet, row: int, column: int, style: int, value: Value) -> None:
        self._budget.cells -= 1
        if self._budget.cells < 0:
            raise too_many_error()
        if isinstance(value, float) and style < len(self._styles):
            value = dated(value, self._styles[style], date1904=self._date1904)
        if value is not None and value != "":
            sheet.put(row, column, value)


def _chars(raw: bytes, count: int, flags: int) -> str:
    return raw[: count * 2].decode("utf-16-le", "replace") if flags & 1 else raw[:count].decode("latin-1")


def _rk(raw: int) -> float:
    """Return the number of an RK value: 30 bits of a double or of an integer, perhaps in hundredths."""
    if not raw & 2:
        number: float = struct.unpack("<d", struct.pack("<Q", (raw & 0xFFFFFFFC) << 32))[0]
    else:
        number = (raw >> 2) - (1 << 30) if raw & 0x80000000 else raw >> 2
    return number / 100 if raw & 1 else float(number)


def _shared_strings(pieces: list[bytes]) -> list[str]:
    """Return the table of strings. A string may break off at a record's end; its rest begins with a byte of flags anew."""
    found: list[str] = []
    unique = struct.unpack_from("<I", pieces[0], 4)[0]
    number, at = 0, 8

    def take(size: int) -> bytes:
        nonlocal number, at
        taken = b""
        while size:
            if at >= len(pieces[number]):
                number, at = number + 1, 0
            part = pieces[number][at : at + size]
            taken, size, at = taken + part, size - len(part), at + len(part)
        return taken

    def skip(size: int) -> None:
        nonlocal number, at
        while size > len(pieces[number]) - at:
            size -= len(pieces[number]) - at
            number, at = number + 1, 0
        at += size

    while len(found) < min(unique, MOST_STRINGS):
        if number == len(pieces) - 1 and at >= len(pieces[number]):
            break
        count, flags = struct.unpack("<HB", take(3))
        runs = struct.unpack("<H", take(2))[0] if flags & 8 else 0
        extra = struct.unpack("<I", take(4))[0] if flags & 4 else 0
        text = ""
        while count:
            if at >= len(pieces[number]):
                number, at = number + 1, 0
                flags, at = pieces[number][0], 1
            width = 2 if flags & 1 else 1
            size = min(count, (len(pieces[number]) - at) // width)
            text += _chars(pieces[number][at : at + size * width], size, flags)
            count -= size
            at += size * width
            if count and not size:
                at = len(pieces[number])
        skip(runs * 4 + extra)
        found.append(text)
    return found
