"""The generated pages on packs: the table of all items inside docs/reference/packs.md, and the JSON Schema for editors."""

from pathlib import Path

from qinglan.core.rules import explaining
from qinglan.core.rules.registry import ITEMS

BEGIN, END = "<!-- 以下由 qinglan pack reference 生成 -->", "<!-- 以上由 qinglan pack reference 生成 -->"


def schema() -> str:
    """The JSON Schema of rule files, as text."""
    return explaining.schema_text(ITEMS)


def reference(page: str = "") -> str:
    """`page` with the table of all items between its marks; a page without marks gets it at the end."""
    table = f"{BEGIN}\n\n{explaining.reference(ITEMS)}\n{END}\n"
    head, begin, rest = page.partition(BEGIN)
    return head + table + rest.partition(END)[2].removeprefix("\n") if begin else page + table


def pages(docs: Path) -> dict[Path, str]:
    """What the generated files under `docs` should hold: {file: text}."""
    items = docs / "reference" / "packs.md"
    return {items: reference(items.read_text(encoding="utf-8")), docs / "reference" / "pack.schema.json": schema()}
