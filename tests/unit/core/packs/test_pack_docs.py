"""The pages on packs say what is so: items, examples, decisions taken, the sentence in the tutorial."""

import re
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from qinglan.commands.pack_pages import pages
from qinglan.commands.packs import pack as command
from qinglan.core.packs.errors import PackError
from qinglan.core.packs.loading import load, shipped
from qinglan.core.packs.located import parse
from qinglan.core.packs.reading import EntryReader
from qinglan.core.rules.registry import ITEMS

DOCS = Path(__file__).parents[4] / "docs"
PAGES = (DOCS / "reference" / "packs.md", DOCS / "how-to" / "write-a-pack.md")
DECISIONS = (DOCS / "adr" / "0003-open-decisions.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (\d+) \|(.*)\|(.*)\|(.*)\|$", DECISIONS, flags=re.MULTILINE)
PLACES = [
    (int(number), pack, item, "figure is the source's" in where or "likewise" in where or pack == "national")
    for number, _, _, where in ROWS
    for pack, items in re.findall(r"(\w+) ((?:`[\w.]+`(?:, )?)+)", where)
    for item in re.findall(r"`([\w.]+)`", items)
    if pack in shipped()
]


def rule_examples() -> list[tuple[str, str]]:
    blocks = [
        (page.name, block)
        for page in PAGES
        for block in re.findall(r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    ]
    return [(name, block) for name, block in blocks if "values:" in block]


def test_the_generated_pages_are_current() -> None:
    for file, text in pages(DOCS).items():
        assert file.read_text(encoding="utf-8") == text, (
            f"{file.name} is not current: qinglan pack reference|schema --out"
        )


def test_the_table_is_written_between_its_marks_and_checked(tmp_path: Path) -> None:
    page = tmp_path / "packs.md"
    page.write_text(PAGES[0].read_text(encoding="utf-8") + "后面的话。\n", encoding="utf-8")
    run = CliRunner().invoke
    assert run(command, ["reference", "--out", str(page)]).exit_code == 0
    current = page.read_text(encoding="utf-8")
    assert current.startswith("# 政策包\n")
    assert current.endswith("后面的话。\n")
    assert f"共 {len(ITEMS)} 个条目。" in current
    page.write_text(current.replace("个条目。", "个条目！", 1), encoding="utf-8")
    assert run(command, ["reference", "--out", str(page), "--check"]).exit_code == 1
    assert run(command, ["reference", "--out", str(page)]).exit_code == 0
    assert page.read_text(encoding="utf-8") == current


@pytest.mark.parametrize(("page", "text"), rule_examples())
def test_examples_in_the_pages_load(page: str, text: str) -> None:
    documents = dict.fromkeys(("S0", "S1", "S3", "TY1", "LJ1", "IIT", "SI"), "文件")
    reader = EntryReader(parse(text.encode(), page), ITEMS, documents, "sample")
    assert reader.entries()
    assert [str(problem) for problem in reader.problems] == []


def test_every_shape_has_an_example() -> None:
    text = PAGES[0].read_text(encoding="utf-8")
    for kind in {item.shape.kind for item in ITEMS.values()}:
        assert f"`{kind}`" in text, kind


def test_the_tutorial_leads_to_a_sound_pack_and_shows_the_true_sentence(tmp_path: Path) -> None:
    blocks = re.findall(r"```(?:yaml)?\n(.*?)```", PAGES[1].read_text(encoding="utf-8"), flags=re.DOTALL)
    manifest, rules = (
        next(one for one in blocks if start in one) for start in ("name: linjiang", "excellent_quota:\n")
    )
    sentence = next(one for one in blocks if one.startswith("linjiang/"))
    folder = tmp_path / "linjiang"
    folder.mkdir()
    (folder / "pack.yaml").write_text(manifest, encoding="utf-8")
    (folder / "assess.yaml").write_text(rules, encoding="utf-8")
    pack = load(folder, ITEMS)
    assert pack.on(date(2026, 1, 1)).dated("assess.jh_grades.excellent_quota").pack == "linjiang"
    (folder / "assess.yaml").write_text(rules.replace("舍去", "舍弃"), encoding="utf-8")
    with pytest.raises(PackError) as refused:
        load(folder, ITEMS)
    assert f"{refused.value}\n" == sentence


def test_all_twenty_decisions_are_recorded() -> None:
    assert [int(number) for number, *_ in ROWS] == list(range(1, 21))
    decided = {number for number, *_ in PLACES}
    later = {int(number) for number, _, _, where in ROWS if where.strip().startswith("later:")}
    assert decided | later == set(range(1, 21))
    assert not decided & later


@pytest.mark.parametrize(("number", "pack", "item", "sourced"), PLACES)
def test_decision_stands_in_its_pack_and_is_marked(number: int, pack: str, item: str, sourced: bool) -> None:
    entry = load(pack, ITEMS).entries[item]
    dated = entry.values[-1]
    assert dated.pack == pack
    settings = [one for one in (dated.source_at(()), *dated.sources.values()) if one.is_setting]
    assert sourced or settings, f"{number}: {item} is not marked 本区设定"
    if sourced and pack == "blueprint":
        assert f"待定第{number}项" in entry.note
