"""Tells the community of a row: by its own cells, else by the section line, the sheet's name or the title above it."""

from __future__ import annotations

import re

from .check import Row
from .organisations import Organisation, Organisations
from .text import compact, is_empty_word

_DISTRICT = re.compile(r"(.{2,4}省)?(.{2,4}市)?([\u4e00-\u9fff]{1,3}[^社小园校景辖]区)(?=..)")


def find_community(row: Row, organisations: Organisations) -> tuple[Organisation | None, Organisation | None]:
    """Return (sub-district, community) of a row; refuse it when they cannot be told."""
    written, name = row.get("street"), row.get("community")
    if written and is_empty_word(compact(written)):
        written = None
    street: Organisation | None = None
    if written:
        found = organisations.street(written)
        street = found.organisation
        if street is None:
            row.refuse("street", "unknown street", f"找不到街道〈{written}〉", "请填本区街道的名称")
    else:
        street = _street_around(row, organisations)
    if not name:
        return street, None
    found = organisations.community(name, street)
    if found.organisation is None and street is not None and not written and not found.candidates:
        found = organisations.community(name)
    if found.organisation is None:
        if written and street is None:
            return None, None  # the street is what has to be mended first
        if found.candidates:
            places = "、".join(
                f"{s.name if s else ''}{o.name}" for o in found.candidates[:4] for s in [organisations.street_of(o)]
            )
            row.refuse(
                "community", "ambiguous community", f"社区〈{name}〉不止一个：{places}", "请填所属街道，或写社区全称"
            )
        else:
            row.refuse("community", "unknown community", *_unknown(name, street, organisations))
        return street, None
    community = found.organisation
    return organisations.street_of(community), community


def names_community(row: Row) -> bool:
    """Say whether the cell of the community says anything; a stroke does not."""
    return "community" in row.faulty or not is_empty_word(compact(row.get("community")))


def _street_around(row: Row, organisations: Organisations) -> Organisation | None:
    """Return the sub-district that a section line, the sheet's name or the title names."""
    for text in (row.line.section, row.sheet.name, *row.sheet.titles):
        street = organisations.street_inside(text) if text else None
        if street:
            return street
    return None


def _unknown(name: str, street: Organisation | None, organisations: Organisations) -> tuple[str, str]:
    where = f"{street.name}里" if street else "本区"
    others = organisations.elsewhere(name) if street else []
    if others:
        right = organisations.street_of(others[0])
        return f"{where}没有社区〈{name}〉，该社区在{right.name if right else '别的街道'}", "请核对所属街道"
    other = _DISTRICT.match(name)
    if other and other[3] not in (organisations.district.name if organisations.district else ""):
        return f"〈{name}〉好像是{other[3]}的社区，不在本区", "请核对所属社区；别的区的人由那个区导入"
    similar = organisations.similar(name, street)
    hint = f"是不是{'、'.join(similar)}？" if similar else "请填社区全称"
    return f"{where}没有社区〈{name}〉", hint
