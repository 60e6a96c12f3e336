"""A pack: items with dated values, each with a source or marked 本区设定; inherited by name; read as of a date."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

from qinglan.core.packs.items import Item, Items, Shape
from qinglan.core.packs.located import Path

SETTING = "本区设定"


@dataclass(frozen=True)
class Source:
    """Where a value comes from: a document and clause, or a setting of the district with its reason."""

    document: str = ""
    title: str = ""
    clause: str = ""
    setting: str = ""

    @property
    def is_setting(self) -> bool:
        return bool(self.setting)

    def __str__(self) -> str:
        if self.setting:
            return f"{SETTING}：{self.setting}"
        return f"{self.title or self.document} {self.clause}".strip()


@dataclass(frozen=True)
class Dated:
    """A value in force from `since` until the next one. `sources` holds the sources of single leaves, by path."""

    since: date
    value: Any
    source: Source | None
    sources: Mapping[Path, Source] = field(default_factory=dict)
    pack: str = ""
    file: str = ""
    line: int = 0

    def compiled(self, shape: Shape) -> Any:
        """What kernels read of the value, compiled once: a year asks for it some hundred times. Nobody may change it."""
        kept = self.__dict__.get("_compiled")
        if kept is None:
            kept = self.__dict__["_compiled"] = shape.compile(self.value)
        return kept

    def source_at(self, path: Path) -> Source:
        """The source of the leaf at `path`: its own, or that of the nearest enclosing value."""
        while path:
            if path in self.sources:
                return self.sources[path]
            path = path[:-1]
        if self.source is None:
            return Source(title="各行分别注明")
        return self.source


@dataclass(frozen=True)
class Entry:
    """All dated values of one item, oldest first."""

    item: Item
    values: tuple[Dated, ...]
    note: str = ""

    @cached_property
    def _days(self) -> list[date]:
        return [dated.since for dated in self.values]

    def on(self, day: date) -> Dated | None:
        index = bisect_right(self._days, day)
        return self.values[index - 1] if index else None

    def amended_by(self, new: "Entry") -> "Entry":
        """From the first day of `new` on its values stand in place of these; before that day these stay."""
        kept = tuple(dated for dated in self.values if dated.since < new.values[0].since)
        return replace(self, values=kept + new.values, note=new.note or self.note)


def amended(entries: Mapping[str, Entry], by: Mapping[str, Entry]) -> dict[str, Entry]:
    """The entries with those of `by` in place from their first day on."""
    return {**entries, **{key: entries[key].amended_by(new) if key in entries else new for key, new in by.items()}}


class NotInForce(LookupError):
    """The pack fixes no value of the item on that day."""


@dataclass(frozen=True)
class PackOnDate:
    """A pack as of a day. `pack[id]` is the compiled value; `dated(id)` the value with its source."""

    pack: "Pack"
    day: date

    def dated(self, item: str) -> Dated:
        """The value in force. Raises NotInForce (a sentence for people) if there is none."""
        entry = self.pack.entries.get(item)
        found = entry.on(self.day) if entry else None
        if found is None:
            label = entry.item.label if entry else item
            raise NotInForce(f"政策包「{self.pack.title}」在 {self.day.isoformat()} 没有「{label}」（{item}）的值")
        return found

    def has(self, item: str) -> bool:
        entry = self.pack.entries.get(item)
        return entry is not None and entry.on(self.day) is not None

    def __getitem__(self, item: str) -> Any:
        return self.dated(item).compiled(self.pack.entries[item].item.shape)

    def source(self, item: str, row: int | None = None) -> Source:
        """The source of the item's value, or of compiled row `row` of it."""
        dated = self.dated(item)
        if row is None:
            return dated.source_at(())
        return dated.source_at(self.pack.entries[item].item.shape.row_path(dated.value, row))


@dataclass(frozen=True)
class Pack:
    """A checked pack with everything it inherits. `hash` covers the canonical form of all its values and sources."""

    name: str
    title: str
    version: str
    district: str
    inherits: tuple[str, ...]
    entries: Mapping[str, Entry]
    documents: Mapping[str, str]
    hash: str
    changelog: tuple[str, ...] = ()

    def on(self, day: date) -> PackOnDate:
        return PackOnDate(self, day)

    def change_days(self) -> list[date]:
        """Every day on which any value changes, ascending."""
        return list(self._change_days)

    @cached_property
    def _change_days(self) -> tuple[date, ...]:
        return tuple(sorted({dated.since for entry in self.entries.values() for dated in entry.values}))

    @property
    def mark(self) -> tuple[str, tuple[date, ...]]:
        """Equal for packs that say the same on the same days (`earlier` moves the days and keeps the hash)."""
        return self.hash, self._change_days

    def __iter__(self) -> Iterator[Entry]:
        return iter(sorted(self.entries.values(), key=lambda entry: entry.item.id))


def items_missing(entries: Mapping[str, Entry], items: Items) -> list[Item]:
    """Items that a complete pack must fix and this one does not."""
    return [item for item in items.values() if not item.optional and item.id not in entries]


def earlier(pack: Pack, years: int) -> Pack:
    """The pack with every value beginning whole years earlier: what a coming year will go by, as if it were a past one."""

    def moved(day: date) -> date:
        last = 28 if (day.month, day.day) == (2, 29) else day.day
        return date(max(day.year - years, 1), day.month, last)

    entries = {
        key: replace(entry, values=tuple(replace(dated, since=moved(dated.since)) for dated in entry.values))
        for key, entry in pack.entries.items()
    }
    return replace(pack, entries=entries)
