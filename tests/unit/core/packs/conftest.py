"""Packs written for one test, and a few items of their own, so that what districts change does not touch these tests."""

from collections.abc import Callable
from pathlib import Path

import pytest

from qinglan.core.frame import units
from qinglan.core.frame.codes import Certificate, Source
from qinglan.core.packs.items import Item
from qinglan.core.rules.shapes import Quota, Scalar, Table, Weights

LITTLE_ITEMS = {
    item.id: item
    for item in (
        Item("x.months", "月数", Scalar(units.MONTHS), "x"),
        Item("x.allowance", "津贴", Table(Certificate, units.FEN), "x"),
        Item("x.weights", "权重", Weights(Source), "x"),
        Item("x.quota", "名额", Quota(), "x"),
        Item("x.spare", "备用", Scalar(units.DAYS), "x", optional=True),
    )
}

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """write(name, rules, manifest lines) makes a pack folder and gives its path."""

    def make(name: str, rules: str = "", more: str = "", **files: str) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        head = f'name: {name}\ntitle: 政策包{name}\nversion: "1"\n{more}'
        (folder / "pack.yaml").write_text(head, encoding="utf-8")
        for file, text in {"rules": rules, **files}.items():
            (folder / f"{file}.yaml").write_text(text, encoding="utf-8")
        return folder

    return make


@pytest.fixture
def little_items() -> dict[str, Item]:
    return LITTLE_ITEMS
