"""A dated value said row by row, each row with its own source: what `pack show` and the pages print."""

from typing import Any, NamedTuple

from pydantic import BaseModel

from qinglan.core.packs.items import Item
from qinglan.core.packs.located import Path
from qinglan.core.packs.pack import Dated, Source


class Row(NamedTuple):
    """One line of a value: its label ("" for a single number), its text, where it comes from."""

    label: str
    text: str
    source: Source


def rows(item: Item, dated: Dated) -> list[Row]:
    """The value of `item` in words, with the source of every line."""
    said = item.shape.say(dated.value)
    paths = _paths(dated.value)
    return [
        Row(label, text, dated.source_at(paths[index] if index < len(paths) else ()))
        for index, (label, text) in enumerate(said)
    ]


def _paths(value: Any) -> list[Path]:
    """Where each said line stands inside the value, in the order in which shapes say it."""
    if isinstance(value, dict):
        return [(key,) for key in value]
    if isinstance(value, list):
        return [(index,) for index in range(len(value))]
    if isinstance(value, BaseModel):
        return [(field.alias or name,) for name, field in type(value).model_fields.items()]
    return [()]
