"""The pack a district goes by on a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from django.core.exceptions import ValidationError

from qinglan.apps.policy.models import PackAdoption, PackText
from qinglan.core.packs.freezing import freeze, thaw
from qinglan.core.packs.loading import load, shipped
from qinglan.core.packs.pack import Pack
from qinglan.core.rules.registry import ITEMS


@lru_cache(maxsize=16)
def pack(name: str) -> Pack:
    """A shipped pack, read once a process. PackError when it must not be used."""
    return load(name, ITEMS)


@lru_cache(maxsize=8)
def _thawed(files: tuple[tuple[str, str], ...], name: str, complete: bool) -> Pack:
    return thaw(dict(files), name, ITEMS, complete=complete)


def thawed(texts: Mapping[str, str], name: str, *, complete: bool = False) -> Pack:
    """The pack `name` of these texts, of which the last few are kept. Raises PackError."""
    return _thawed(tuple(sorted(texts.items())), name, complete)


@lru_cache(maxsize=32)
def frozen(text_id: int) -> Pack:
    """A pack as a run kept it."""
    text = PackText.objects.get(pk=text_id)
    return thawed(text.files, text.name)


def adoption_for(district: str, day: date) -> PackAdoption | None:
    """The adoption in force: of those begun by `day`, the latest recorded of the latest day."""
    return PackAdoption.objects.filter(org_code=district, since__lte=day).order_by("-since", "-pk").first()


def titles() -> dict[str, str]:
    """Name → title of the shipped packs."""
    return {name: pack(name).title for name in shipped()}


def titles_of(names: Iterable[str]) -> list[str]:
    """The titles of packs that another inherits; one that is not shipped by its name."""
    known = titles()
    return [known.get(name, name) for name in names]


def adoptions(districts: list[str]) -> list[PackAdoption]:
    """What the districts took up, newest first."""
    return list(PackAdoption.objects.filter(org_code__in=districts).order_by("-since", "-pk")[:20])


def shipped_in_force(districts: Sequence[str], day: date) -> set[str]:
    """Names of the shipped packs that these districts go by."""
    found = [adoption_for(code, day) for code in districts]
    return {one.pack for one in found if one is not None and one.pack in shipped()}


def newer_shipped(districts: Sequence[str], day: date) -> list[PackAdoption]:
    """The adoptions in force of shipped packs that an update of the system has since brought in another wording."""
    found = [adoption_for(code, day) for code in districts]
    return [one for one in found if one is not None and one.pack in shipped() and texts_of(one) != freeze(one.pack)]


def own_in_force(districts: Sequence[str], day: date) -> list[PackAdoption]:
    """The adoptions of packs of their own that these districts go by."""
    found = [adoption_for(code, day) for code in districts]
    return [one for one in found if one is not None and one.pack not in shipped()]


def pack_for(district: str, day: date) -> Pack:
    """The pack in force. ValidationError (for people) when the district has none."""
    adoption = adoption_for(district, day)
    if adoption is None:
        raise ValidationError(f"{district} 在 {day.isoformat()} 还没有选用政策包，请先在「政策包」里选一个。")
    return adopted(adoption)


def adopted(adoption: PackAdoption) -> Pack:
    """The pack of an adoption as it was adopted; the shipped one where no text was kept yet."""
    return frozen(adoption.text_id) if adoption.text_id else pack(adoption.pack)


def texts_of(adoption: PackAdoption) -> dict[str, str]:
    """{"pack/file.yaml": text} of the pack of an adoption, with all that it inherits."""
    return adoption.text.files if adoption.text_id and adoption.text else freeze(adoption.pack)


GROUPS = {
    "diagnose": "诊断：层级与能力",
    "train": "培训",
    "credit": "继续教育",
    "assess": "考核",
    "career": "职业发展",
    "pay": "薪酬",
    "tax": "个人所得税",
    "honour": "荣誉",
    "exit": "退出与退休",
    "budget": "财政",
    "rights": "权益",
}


@dataclass(frozen=True)
class Value:
    """One item of a pack as of a day, in words."""

    id: str
    label: str
    lines: list[tuple[str, str]]
    sources: list[str]
    setting: bool
    since: date
    from_pack: str
    note: str


def in_words(one: Pack, day: date, search: str = "") -> list[tuple[str, list[Value]]]:
    """(group, values) of every item in force on `day`; `search` narrows by label or id."""
    groups: dict[str, list[Value]] = {}
    for entry in one:
        dated = entry.on(day)
        if dated is None or (search and search not in entry.item.label and search not in entry.item.id):
            continue
        sources = [dated.source, *dated.sources.values()]
        known = list(dict.fromkeys(str(source) for source in sources if source is not None))
        value = Value(
            entry.item.id, entry.item.label, entry.item.shape.say(dated.value), known,
            any(source is not None and source.is_setting for source in sources), dated.since, dated.pack, entry.note,
        )  # fmt: skip
        prefix = entry.item.id.split(".")[0]
        groups.setdefault(GROUPS.get(prefix, prefix), []).append(value)
    order = [*GROUPS.values(), *groups]
    return sorted(groups.items(), key=lambda group: order.index(group[0]))


def differences(left: Pack, right: Pack, day: date) -> list[dict[str, Any]]:
    """Items whose words differ on `day`: {id, label, left, right}, missing ones empty."""
    rows = []
    for key in sorted({*left.entries, *right.entries}):
        entries = [one.entries.get(key) for one in (left, right)]
        dated = [entry.on(day) if entry else None for entry in entries]
        words = [
            entry.item.shape.say(value.value) if entry and value else []
            for entry, value in zip(entries, dated, strict=True)
        ]
        if words[0] != words[1]:
            item = next(entry.item for entry in entries if entry)
            rows.append({"id": key, "label": item.label, "left": words[0], "right": words[1]})
    return rows
