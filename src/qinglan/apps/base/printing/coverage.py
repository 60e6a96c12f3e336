"""Which characters font files have glyphs for: their cmap tables (OpenType specification, formats 4 and 12)."""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from pathlib import Path

UNICODE = {(0, 3), (0, 4), (0, 6), (3, 1), (3, 10)}  # (platform, encoding) of tables keyed by Unicode
LAST_OF_SEGMENT = 0xFFFF
# Signs that print nothing: controls that templates turn into space, joiners, marks of variant glyphs.
INVISIBLE = ((0x09, 0x0D), (0x200B, 0x200F), (0x2028, 0x202E), (0x2060, 0x2064), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xE0100, 0xE01EF))  # fmt: skip


class Coverage:
    """Ranges of code points, asked one by one."""

    def __init__(self, ranges: Iterable[tuple[int, int]]) -> None:
        merged: list[list[int]] = []
        for first, last in sorted(ranges):
            if merged and first <= merged[-1][1] + 1:
                merged[-1][1] = max(merged[-1][1], last)
            else:
                merged.append([first, last])
        self._firsts = [first for first, _ in merged]
        self._lasts = [last for _, last in merged]

    def has(self, point: int) -> bool:
        """Whether some font shows this code point, or it shows nothing anyway."""
        place = bisect_right(self._firsts, point) - 1
        return place >= 0 and point <= self._lasts[place]


def coverage_of(files: Iterable[Path]) -> Coverage:
    """What all fonts in the files cover together."""
    return Coverage([*INVISIBLE, *(found for file in files for found in _ranges_of(file.read_bytes()))])


def _ranges_of(data: bytes) -> Iterator[tuple[int, int]]:
    starts = [0]
    if data[:4] == b"ttcf":  # a collection: fonts one beside the other in one file
        (count,) = struct.unpack_from(">I", data, 8)
        starts = list(struct.unpack_from(f">{count}I", data, 12))
    seen: set[int] = set()
    for start in starts:
        (tables,) = struct.unpack_from(">H", data, start + 4)
        for n in range(tables):
            tag, _, offset, _ = struct.unpack_from(">4sIII", data, start + 12 + 16 * n)
            if tag == b"cmap" and offset not in seen:
                seen.add(offset)
                yield from _cmap(data, offset)


def _cmap(data: bytes, offset: int) -> Iterator[tuple[int, int]]:
    (count,) = struct.unpack_from(">H", data, offset + 2)
    for n in range(count):
        platform, encoding, where = struct.unpack_from(">HHI", data, offset + 4 + 8 * n)
        if (platform, encoding) not in UNICODE:
            continue
        (kind,) = struct.unpack_from(">H", data, offset + where)
        if kind == 12:
            yield from _format_12(data, offset + where)
        elif kind == 4:
            yield from _format_4(data, offset + where)


def _format_12(data: bytes, at: int) -> Iterator[tuple[int, int]]:
    (groups,) = struct.unpack_from(">I", data, at + 12)
    for n in range(groups):
        first, last, glyph = struct.unpack_from(">III", data, at + 16 + 12 * n)
        yield (first if glyph else first + 1, last)  # glyph 0 is the box for what is missing


def _format_4(data: bytes, at: int) -> Iterator[tuple[int, int]]:
    (doubled,) = struct.unpack_from(">H", data, at + 6)
    count = doubled // 2
    lasts = struct.unpack_from(f">{count}H", data, at + 14)
    firsts = struct.unpack_from(f">{count}H", data, at + 16 + doubled)
    deltas = struct.unpack_from(f">{count}H", data, at + 16 + 2 * doubled)
    offsets_at = at + 16 + 3 * doubled
    offsets = struct.unpack_from(f">{count}H", data, offsets_at)
    for n, (first, last) in enumerate(zip(firsts, lasts, strict=True)):
        for point in range(first, last + 1):
            if point == LAST_OF_SEGMENT:
                continue
            if offsets[n]:
                place = offsets_at + 2 * n + offsets[n] + 2 * (point - first)
                (glyph,) = struct.unpack_from(">H", data, place)
                glyph = (glyph + deltas[n]) & 0xFFFF if glyph else 0
            else:
                glyph = (point + deltas[n]) & 0xFFFF
            if glyph:
                yield (point, point)
