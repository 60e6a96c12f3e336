"""Prints PDF files with typst: a template of ours and plain data, the fonts embedded, the same bytes for the same data.

`pdf("letter", data)` sets templates/print/letter.typ. The data reaches it as JSON and is only ever shown as text: no name can
become a command. Fonts are the packaged Noto Sans CJK and whatever lies in the folder `fonts` of the data folder; the system's
are not used, so that every machine prints alike. A character that no font has is refused in words; no box is ever printed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import typst
from django.conf import settings

from qinglan.apps.base.printing.coverage import coverage_of

TEMPLATES = Path(__file__).resolve().parent.parent / "templates" / "print"
MAIN = "Noto Sans CJK SC"
PACKAGE = "manimgx_fonts_cjk"
FONT_SUFFIXES = {".otf", ".ttf", ".ttc", ".otc"}
STANDARDS: list[Any] = [
    "a-2u",
    "ua-1",
]  # for archives and for screen readers; both refuse a missing glyph by themselves


class CannotPrint(ValueError):
    """Nothing was printed. Its text is for people."""


def pdf(template: str, data: Mapping[str, Any]) -> bytes:
    """The PDF of a template with `data`: text, numbers, lists and dicts; `data["date"]` (2026-01-02) is the document's day.

    Raises CannotPrint with a sentence when a character has no glyph. Anything typst warns of is an error (TypstError too is).
    """
    day = date.fromisoformat(data["date"])
    check_glyphs(data)
    fonts, families, _ = _fonts(_own_fonts())
    inputs = {"data": json.dumps(data, ensure_ascii=False), "fonts": json.dumps([MAIN, *families])}
    compiler = typst.Compiler(
        input=TEMPLATES / f"{template}.typ",
        root=TEMPLATES,
        font_paths=fonts,
        ignore_system_fonts=True,
        sys_inputs=inputs,
    )
    made, warnings = compiler.compile_with_warnings(
        format="pdf", timestamp=datetime(day.year, day.month, day.day, tzinfo=UTC), pdf_standards=STANDARDS
    )
    if warnings:
        raise RuntimeError("; ".join(one.message for one in warnings))
    assert isinstance(made, bytes)
    return made


def check_glyphs(data: Any) -> None:
    """Raise CannotPrint when a text in `data`, however deep, holds a character that no font has."""
    _, _, known = _fonts(_own_fonts())
    for text in _texts(data):
        absent = [sign for sign in dict.fromkeys(text) if not known.has(ord(sign))]
        if absent:
            signs = "、".join(f"「{sign}」（U+{ord(sign):04X}）" for sign in absent)
            raise CannotPrint(
                f"「{text[:40]}」里的 {signs} 在打印用的字体里没有，不能打印，以免印成空框。"
                "请核对这个字是否录错；确有此字的，请系统管理员把含这个字的字体文件放进数据目录的 fonts 文件夹后再试。"
            )


def _texts(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, Mapping):
        for one in data.values():
            yield from _texts(one)
    elif isinstance(data, Iterable):
        for one in data:
            yield from _texts(one)


def _own_fonts() -> tuple[Path, ...]:
    """The font files that were added to the data folder."""
    folder: Path = settings.DATA_DIR / "fonts"
    return tuple(sorted(one for one in folder.glob("*") if one.suffix.lower() in FONT_SUFFIXES))


@lru_cache(maxsize=4)
def _fonts(own: tuple[Path, ...]) -> tuple[typst.Fonts, list[str], Any]:
    """(fonts, families besides the main one, what characters they cover), read once for a set of files."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise CannotPrint("没有找到打印用的字体包，请重新安装（make setup）。")
    folder = Path(spec.origin).parent
    packaged = [one for one in folder.iterdir() if one.suffix.lower() in FONT_SUFFIXES]
    shipped = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder]).families()
    folders: list[Any] = [folder, *sorted({one.parent for one in own})]
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)
    families = [name for name in fonts.families() if name not in shipped]
    return fonts, families, coverage_of([*packaged, *own])
