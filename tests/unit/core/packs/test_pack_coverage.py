"""Every figure of kind R in the sources is in a pack with the same number, or named as belonging elsewhere."""

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from qinglan.commands.packs import pack as command
from qinglan.core.packs.coverage import FIGURES, coverage, rule_figures, unread
from qinglan.core.packs.loading import load
from qinglan.core.packs.located import read
from qinglan.core.rules.registry import ITEMS

DAY = date(2025, 12, 31)
COUNTS = {"S0": 3, "S1": 16, "S2": 8, "S3": 22, "S4": 4}


def load_shipped(name: str):
    return load(name, ITEMS)


def test_the_ledger_of_the_sources_is_whole() -> None:
    ledger = read(FIGURES, "figures.yaml").data["ledger"]
    assert {seed: len(rule_figures(line)) for seed, line in ledger.items()} == COUNTS
    assert [part for line in ledger.values() for part in unread(line)] == []


def test_every_rule_figure_has_its_place() -> None:
    covered, problems = coverage(load_shipped, DAY)
    assert [str(problem) for problem in problems] == []
    assert len({(one.seed, one.figure) for one in covered}) == sum(COUNTS.values())


def test_the_command_says_so() -> None:
    ran = CliRunner().invoke(command, ["coverage", "--on", DAY.isoformat()])
    assert ran.exit_code == 0
    assert f"{sum(COUNTS.values())} 个规则数字都有交代。" in ran.stdout


def figures(tmp_path: Path, answers: str, ledger: str = "3 tiers R; 16 communities B; a thing R.") -> Path:
    file = tmp_path / "figures.yaml"
    file.write_text(f"ledger:\n  S0: {ledger}\nfigures:\n  S0:\n{answers}", encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("answers", "sentences"),
    [
        ("    3 tiers: {list: Tier, members: 3}\n    a thing: {elsewhere: data.brain, part: 数据平台}\n", []),
        (
            "    3 tiers: {list: Tier, members: 4}\n    a thing: {elsewhere: data.brain, part: 数据平台}\n",
            ["figures.yaml 第 5 行〔figures → S0 → 3 tiers〕名单 Tier 有 3 项。原文是 4 项。"],
        ),
        (
            "    3 tiers: {list: Tier, members: 3}\n",
            ["figures.yaml 第 4 行〔figures → S0〕没有交代「a thing」。写明它在哪个政策包，或属于哪一部分。"],
        ),
        (
            "    3 tiers: {list: Tier, members: 3}\n    a thing: {later: yes}\n",
            [
                "figures.yaml 第 6 行〔figures → S0 → a thing〕这一条写得不完整。"
                "写 item、pack、says，或 list、members，或 elsewhere、part。"
            ],
        ),
        (
            "    3 tiers: {list: Tier, members: 3}\n    a thing: {item: x.months, pack: one, says: 25 个月}\n",
            [
                "figures.yaml 第 6 行〔figures → S0 → a thing〕政策包「one」写的是：24 个月。改成原文的数字，或说明为什么不同。"
            ],
        ),
        (
            "    3 tiers: {list: Tier, members: 3}\n    a thing: {item: x.days, pack: one, says: 25 天}\n",
            ["figures.yaml 第 6 行〔figures → S0 → a thing → item〕政策包「one」没有「x.days」。写上它，或改这一条。"],
        ),
        (
            "    3 tiers: {list: Tier, members: 3}\n    a thing: {elsewhere: data.brain, part: 数据平台}\n"
            "    4 tiers: {list: Tier, members: 4}\n",
            ["figures.yaml 第 7 行〔figures → S0 → 4 tiers〕原文清单里没有「4 tiers」。照 ledger 里的写法写。"],
        ),
        (
            "    3 tiers: {list: Tier, members: 3}\n    a thing:\n"
            "      - {item: x.allowance, pack: one, rows: {初级: 50.00 元, 中级: 100.00 元}}\n"
            "      - {item: x.allowance, pack: one, count: 2}\n"
            "      - {item: x.months, pack: one, says: 24 个月}\n",
            [],
        ),
        (
            "    3 tiers: {list: Tier, members: 3}\n    a thing:\n"
            "      - {item: x.allowance, pack: one, rows: {初级: 60.00 元}}\n"
            "      - {item: x.allowance, pack: one, count: 3}\n",
            [
                "figures.yaml 第 7 行〔figures → S0 → a thing → 第 1 项〕政策包「one」写的是：初级 50.00 元。"
                "改成原文的数字，或说明为什么不同。",
                "figures.yaml 第 8 行〔figures → S0 → a thing → 第 2 项〕政策包「one」写的是：2 行。"
                "改成原文的数字，或说明为什么不同。",
            ],
        ),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, write, little_items, answers: str, sentences: list[str]) -> None:
    text = """
x.months: {values: [{since: 2020-01-01, setting: 样例, value: 24}]}
x.allowance: {values: [{since: 2020-01-01, setting: 样例, value: {初级: 50, 中级: 100}}]}
"""
    one = load(write("one", text), little_items)
    _, problems = coverage(lambda name: one, DAY, figures(tmp_path, answers))
    assert [str(problem) for problem in problems] == sentences


def test_a_figure_without_its_kind_is_told(tmp_path: Path) -> None:
    answers = "    3 tiers: {list: Tier, members: 3}\n"
    file = figures(tmp_path, answers, "3 tiers R; something new; 300 g milk (irrelevant).")
    _, problems = coverage(load_shipped, DAY, file)
    assert [problem.wrong for problem in problems] == ["「something new」没有写明种类"]
