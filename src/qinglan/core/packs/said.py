"""A dated value said row by row, each row with its own source: what `pack show` and the pages print."""

from typing import Any, NamedTuple

from pydantic import BaseModel

from qinglan.core.packs.items import Item
from qinglan.core.packs.located import Path
from qinglan.core.packs.pack import Dated, Source

SHORT = 60  # characters of a whole value that can stand beside a step


class Row(NamedTuple):
    """One line of a value: its label ("" for a single number), its text, where it comes from.

    `parts` are the sources of single cells inside the line, where these have their own.
    """

    label: str
    text: str
    source: Source
    parts: tuple[tuple[str, Source], ...] = ()


def rows(item: Item, dated: Dated) -> list[Row]:
    """The value of `item` in words, with the source of every line."""
    paths = _paths(dated.value)
    return [
        Row(label, text, dated.source_at(path), _parts(item, dated, path))
        for (label, text), path in zip(item.shape.say(dated.value), paths, strict=True)
    ]


def applied(item: Item, dated: Dated, row: int | None = None) -> str:
    """What of a value was applied, in words: the line of compiled row `row` (80.00 分起：优秀), else all of a short value.

    "" when the row is none of the value's own, or the value too long to stand beside a step.
    """
    lines = list(zip(item.shape.say(dated.value), _paths(dated.value), strict=True))
    taken = () if row is None else item.shape.row_path(dated.value, row)
    told = [line for line, path in lines if path == taken] if taken else [line for line, _ in lines]
    words = "；".join(f"{label}：{text}" if label else text for label, text in told)
    return words if taken or len(words) <= SHORT else ""


def _parts(item: Item, dated: Dated, path: Path) -> tuple[tuple[str, Source], ...]:
    """(cell, source) for cells of the line at `path` that have a source of their own; columns by their label."""
    columns = getattr(item.shape, "columns", {})
    found = []
    for where, source in dated.sources.items():
        if path and len(where) > len(path) and where[: len(path)] == path:
            name = str(where[-1])
            found.append((columns[name].label if name in columns else name, source))
    return tuple(found)


def _paths(value: Any) -> list[Path]:
    """Where each said line stands inside the value, in the order in which shapes say it."""
    if isinstance(value, dict):
        return [(key,) for key in value]
    if isinstance(value, list):
        return [(index,) for index in range(len(value))]
    if isinstance(value, BaseModel):
        return [(field.alias or name,) for name, field in type(value).model_fields.items()]
    return [()]
