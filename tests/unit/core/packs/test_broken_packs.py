"""Every broken pack in tests/data/packs/broken gives exactly the sentences in its expected.txt: file, line, path, wrong, right.

A folder's items.txt, if there is one, names the only items that exist for it (so that "incomplete" stays short).
"""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from qinglan.commands.packs import pack as command
from qinglan.core.packs.errors import PackError
from qinglan.core.packs.items import Items
from qinglan.core.packs.loading import load
from qinglan.core.packs.located import MAX_BYTES
from qinglan.core.rules.registry import ITEMS

BROKEN = Path(__file__).parents[3] / "data" / "packs" / "broken"
FOLDERS = sorted(folder for folder in BROKEN.iterdir() if folder.is_dir())


def items_of(folder: Path) -> Items:
    chosen = folder / "items.txt"
    return {key: ITEMS[key] for key in chosen.read_text().split()} if chosen.exists() else ITEMS


@pytest.mark.parametrize("folder", FOLDERS, ids=[folder.name for folder in FOLDERS])
def test_broken_pack_is_refused_with_its_sentences(folder: Path) -> None:
    with pytest.raises(PackError) as refused:
        load(folder, items_of(folder))
    assert f"{refused.value}\n" == (folder / "expected.txt").read_text(encoding="utf-8")
    for problem in refused.value.problems:
        assert problem.file
        assert problem.line > 0
        assert problem.wrong
        assert problem.right


def test_there_are_at_least_twenty_five() -> None:
    assert len(FOLDERS) >= 25


def test_a_very_large_file_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    folder = tmp_path / "large"
    folder.mkdir()
    (folder / "pack.yaml").write_text('name: large\ntitle: 很大\nversion: "1"\n', encoding="utf-8")
    (folder / "rules.yaml").write_bytes(b"# " + b"x" * MAX_BYTES)
    with pytest.raises(PackError, match=r"^large/rules.yaml：文件太大。每个文件不超过 2,000,000 字节。$"):
        load(folder, ITEMS)


def test_a_folder_in_place_of_a_file_is_refused_in_words(tmp_path: Path) -> None:
    folder = tmp_path / "odd"
    (folder / "rules.yaml").mkdir(parents=True)
    (folder / "pack.yaml").write_text('name: odd\ntitle: 怪\nversion: "1"\n', encoding="utf-8")
    with pytest.raises(PackError, match=r"^odd/rules.yaml：文件读不出来。检查它是不是普通文件、有没有读的权限。$"):
        load(folder, ITEMS)


def test_the_command_prints_the_sentences_and_ends_with_1() -> None:
    folder = BROKEN / "several_problems"
    ran = CliRunner().invoke(command, ["check", str(folder), "national"])
    assert ran.exit_code == 1
    for line in (folder / "expected.txt").read_text(encoding="utf-8").splitlines():
        assert line in ran.stdout.splitlines()
    assert "national（国家规定）" in ran.stdout
    assert "2 个政策包里 1 个不能用，共 3 处错。" in ran.stderr


def test_the_command_says_the_same_as_json() -> None:
    ran = CliRunner().invoke(command, ["check", "--json", str(BROKEN / "negative")])
    assert ran.exit_code == 1
    assert json.loads(ran.stdout) == {
        "packs": [],
        "problems": [
            {
                "file": "negative/rules.yaml",
                "line": 5,
                "path": "diagnose.tier_entry.backbone_months → values → 第 1 项 → value",
                "wrong": "骨干的入职月数下限：「-1」太小",
                "right": "应不小于 0 个月",
            }
        ],
    }
