"""On a phone each cell of a stacked table is a row of its label and its content: several blocks side by side would be squeezed."""

import re
from pathlib import Path

import pytest

import qinglan

TEMPLATES = sorted((Path(qinglan.__file__).parent / "apps").rglob("templates/**/*.html"))
SQUEEZED = re.compile(r'<td[^>]*data-label="[^"]+"[^>]*>\{% for [^%]*%\}<(?:div|p)\b')


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda one: one.stem)
def test_a_cell_holds_its_blocks_in_one(template: Path) -> None:
    assert not SQUEEZED.findall(template.read_text(encoding="utf-8"))


def test_the_search_finds_such_a_cell() -> None:
    assert SQUEEZED.search('<td data-label="数值">{% for one in rows %}<div>{{ one }}</div>{% endfor %}</td>')
