"""Opens a compound file (MS-CFB), the container of an old xls, without trusting its chains."""

from __future__ import annotations

import struct

from .model import IntakeError

_END = 0xFFFFFFFE


def broken_error() -> IntakeError:
    """Return the refusal of a file whose inside does not hold together."""
    return IntakeError("not a workbook", "文件已损坏或不是真正的Excel文件，请用Excel打开后另存为xlsx再导入")


class CompoundFile:
    """A compound file: its directory names and one stream at a time (MS-CFB)."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        if len(data) < 512:
            raise broken_error()
        shift, mini_shift = struct.unpack_from("<HH", data, 30)
        if shift not in (9, 12) or mini_shift != 6:
            raise broken_error()
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
                raise broken_error()
            block = block.ljust(self._size, b"\0")
        return block

    def _chain(self, first: int) -> bytes:
        blocks: list[bytes] = []
        sector, seen = first, set[int]()
        while sector < _END:
            if sector in seen or sector >= len(self._fat):
                raise broken_error()
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
                raise broken_error()
            seen.add(sector)
            blocks.append(mini[sector * 64 : sector * 64 + 64])
            sector = table[sector]
        return b"".join(blocks)[:size]
