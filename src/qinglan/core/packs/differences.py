"""What differs between two packs on a day, item by item, in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from qinglan.core.packs.items import Item
from qinglan.core.packs.pack import Dated, PackOnDate


class Kind(Enum):
    CHANGED = "值不同"
    ONLY_BEFORE = "只在前者"
    ONLY_AFTER = "只在后者"
    SOURCE = "值相同，来源不同"


@dataclass(frozen=True)
class Difference:
    """One item on which two packs differ. `rows` are (label, before, after); "" where a side has no such row."""

    item: Item
    kind: Kind
    before: Dated | None
    after: Dated | None
    rows: tuple[tuple[str, str, str], ...]


def differences(before: PackOnDate, after: PackOnDate) -> list[Difference]:
    """Every item on which the two differ, by item id. Packs with equal values and sources give an empty list."""
    return list(_differences(before, after))


def _differences(before: PackOnDate, after: PackOnDate) -> Iterator[Difference]:
    for key in sorted({*before.pack.entries, *after.pack.entries}):
        item = (before.pack.entries.get(key) or after.pack.entries[key]).item
        old = before.dated(key) if before.has(key) else None
        new = after.dated(key) if after.has(key) else None
        kind = _kind(old, new)
        if kind is not None:
            yield Difference(item, kind, old, new, _rows(item, old, new))


def _kind(old: Dated | None, new: Dated | None) -> Kind | None:
    if old is None and new is None:
        return None
    if old is None:
        return Kind.ONLY_AFTER
    if new is None:
        return Kind.ONLY_BEFORE
    if old.value != new.value:
        return Kind.CHANGED
    if (old.source, dict(old.sources)) != (new.source, dict(new.sources)):
        return Kind.SOURCE
    return None


def _rows(item: Item, old: Dated | None, new: Dated | None) -> tuple[tuple[str, str, str], ...]:
    """The rows that differ. Labels keep their order: those of the old value first, then the new ones."""
    left = dict(item.shape.say(old.value)) if old else {}
    right = dict(item.shape.say(new.value)) if new else {}
    labels = [*left, *(label for label in right if label not in left)]
    return tuple(
        (label, left.get(label, ""), right.get(label, ""))
        for label in labels
        if left.get(label, "") != right.get(label, "")
    )
