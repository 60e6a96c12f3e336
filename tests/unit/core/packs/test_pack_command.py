"""`qinglan pack` at the terminal: lists, shows, compares and explains in words; help in Chinese and English."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from qinglan.commands.packs import pack as command

BACKBONE = "diagnose.tier_entry.backbone_months"


def run(*words: str) -> Result:
    return CliRunner().invoke(command, list(words))


def one_line(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("name", ["", "list", "check", "show", "diff", "explain", "schema", "coverage"])
def test_help_is_in_both_languages(name: str) -> None:
    ran = run(*([name] if name else []), "--help")
    assert ran.exit_code == 0
    said = ran.stdout.partition("Options:")[0]
    assert any("\u4e00" <= letter <= "\u9fff" for letter in said)
    assert sum(letter.isascii() and letter.isalpha() for letter in said) > 30


def test_list_names_the_seven() -> None:
    said = run("list").stdout
    for name in ("blueprint", "chengzhong", "jianghan", "national", "taoyuan", "wangzhuang", "xuhui"):
        assert name in said
    assert "桃源区政策包（虚构）" in said


def test_check_passes_the_shipped_packs() -> None:
    ran = run("check")
    assert ran.stdout.count("没有错。") == 7
    assert ran.exit_code == 0


def test_show_says_value_source_origin_and_what_the_district_set() -> None:
    said = one_line(run("show", "wangzhuang", BACKBONE, "--on", "2025-06-30").stdout)
    assert "在 2025-06-30 的值" in said
    assert "24 个月 2020-01-01" in said
    assert "「益动旺庄」" in said
    assert "【本区设定】" in one_line(run("show", "blueprint", "--on", "2025-06-30").stdout)
    inherited = one_line(run("show", "xuhui", "assess.four_in_one.weights").stdout)
    assert "继承 blueprint" in inherited
    assert "群众评议 30%" in inherited


def test_show_takes_a_group_of_items_and_refuses_an_unknown_one() -> None:
    said = run("show", "taoyuan", "diagnose.tier_entry").stdout
    assert BACKBONE in said
    assert "diagnose.tier_entry.pillar_posts" in said
    ran = run("show", "taoyuan", "diagnose.tier_entry.backbone_month")
    assert ran.exit_code == 1
    assert f"是不是「{BACKBONE}」" in ran.stderr


def test_show_before_any_value_is_empty() -> None:
    assert BACKBONE not in run("show", "taoyuan", "--on", "1900-01-01").stdout


def test_diff_of_a_pack_with_itself_is_nothing() -> None:
    assert run("diff", "taoyuan", "taoyuan").stdout == "0 个条目的值不同。\n"


def test_diff_of_two_districts_says_both_sides() -> None:
    said = one_line(run("diff", "blueprint", "taoyuan", "--on", "2025-06-30").stdout)
    assert "优秀名额 比例 20% 2020-01-01 15% 2020-01-01" in said
    assert "个条目的值不同" in said


def test_diff_with_a_what_if(tmp_path: Path) -> None:
    file = tmp_path / "试算.yaml"
    file.write_text(
        f"{BACKBONE}:\n  values:\n    - {{since: 2026-01-01, setting: 试算, value: 36}}\n", encoding="utf-8"
    )
    before = run("diff", "taoyuan", "--with", str(file), "--on", "2025-12-31")
    assert before.stdout == "0 个条目的值不同。\n"
    after = run("diff", "taoyuan", "--with", str(file), "--on", "2026-01-01").stdout
    assert "24 个月" in after
    assert "36 个月" in after
    assert "1 个条目的值不同。" in after
    shown = one_line(run("show", "taoyuan", BACKBONE, "--with", str(file), "--on", "2026-01-01").stdout)
    assert "36 个月" in shown


def test_diff_needs_two_sides() -> None:
    ran = run("diff", "taoyuan")
    assert ran.exit_code == 2
    assert "--with" in ran.stderr


def test_explain_an_item() -> None:
    said = run("explain", "assess.jh_grades.excellent_quota").stdout
    for words in ("优秀名额（assess.jh_grades.excellent_quota）", "机制：assess.jh_grades", "形状：名额", "rounding：取整", "share: 20%",
                  "blueprint 自 2020-01-01", "taoyuan 自 2020-01-01"):  # fmt: skip
        assert words in said
    assert BACKBONE in run("explain").stdout
    ran = run("explain", "diagnose.tier_entry")
    assert ran.exit_code == 1
    assert "diagnose.tier_entry.pillar_posts" in ran.stderr


def test_a_broken_pack_is_told_by_every_command(tmp_path: Path) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    (folder / "pack.yaml").write_text("name: odd\n", encoding="utf-8")
    for words in (["show", str(folder)], ["diff", str(folder), "taoyuan"], ["diff", "taoyuan", str(folder)]):
        ran = run(*words)
        assert ran.exit_code == 1
        assert "odd/pack.yaml 第 1 行〔title〕缺 title（标题）。写上 title: …。" in ran.stderr
