"""An item is one thing a pack may fix: its id, label, shape and mechanism. The shapes themselves stand in core.rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import TypeAdapter

from qinglan.core.packs.located import Path


class Shape(Protocol):
    """How a value is written, checked, compiled and said. The closed list is core.rules.shapes."""

    @property
    def kind(self) -> str:
        """Its name in the closed list."""

    @property
    def adapter(self) -> TypeAdapter[Any]:
        """Parses the YAML value (scalars are text); raises pydantic's ValidationError."""

    def compile(self, value: Any) -> Any:
        """What kernels read: an int, an int64 array, or a NamedTuple of them."""

    def say(self, value: Any) -> list[tuple[str, str]]:
        """(row label, text) lines for a policy officer."""

    def row_path(self, value: Any, row: int) -> Path:
        """Where compiled row `row` stands inside the value: for the source of a single row."""


@dataclass(frozen=True)
class Item:
    """`optional` items may be absent from a pack; their rules then answer "政策包未规定"."""

    id: str
    label: str
    shape: Shape
    mechanism: str
    help: str = ""
    optional: bool = False


Items = Mapping[str, Item]
