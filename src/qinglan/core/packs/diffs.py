"""A what-if is a sparse diff on a pack (design §3.8): a few dated values, applied in memory; the empty diff changes nothing.

A diff file is a rule file without a folder: item id → {values: [{since, setting | source, value}]}. From its first day on,
its values stand in place of the pack's; before that day the pack's own values stay.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path as File

from qinglan.core.packs.errors import PackError
from qinglan.core.packs.items import Items
from qinglan.core.packs.loading import values_hash
from qinglan.core.packs.located import Located, read
from qinglan.core.packs.pack import Entry, Pack, amended
from qinglan.core.packs.reading import EntryReader


@dataclass(frozen=True)
class Diff:
    """Checked entries that stand in place of a pack's. `hash` names the diff, whatever pack it is applied to."""

    name: str
    entries: Mapping[str, Entry]

    @property
    def hash(self) -> str:
        return values_hash(self.entries)


def read_diff(file: File, items: Items, documents: Mapping[str, str] | None = None) -> Diff:
    """The diff in `file`; its sources may cite `documents` (a pack's). Raises PackError with every problem."""
    return parse_diff(read(file, file.name), items, documents)


def parse_diff(located: Located, items: Items, documents: Mapping[str, str] | None = None) -> Diff:
    """The diff in a YAML text already read. Raises PackError with every problem."""
    reader = EntryReader(located, items, documents or {}, located.file)
    entries = reader.entries()
    if reader.problems:
        raise PackError(reader.problems)
    return Diff(located.file, entries)


def apply(pack: Pack, diff: Diff) -> Pack:
    """The pack with the diff's values from their first day on. The pack itself stays as it is."""
    entries = amended(pack.entries, diff.entries)
    return replace(pack, entries=entries, hash=values_hash(entries))
