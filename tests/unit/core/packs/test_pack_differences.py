"""What differs between two packs, and what-ifs: sparse diffs whose empty form changes nothing."""

from datetime import date

import pytest

from qinglan.core.packs.differences import Kind, differences
from qinglan.core.packs.diffs import Diff, apply, parse_diff, read_diff
from qinglan.core.packs.errors import PackError
from qinglan.core.packs.loading import load
from qinglan.core.packs.located import parse
from qinglan.core.rules.registry import ITEMS

DAY = date(2025, 6, 30)
BASE = """
x.months:
  note: 原说明
  values:
    - {since: 2020-01-01, setting: 样例, value: 24}
    - {since: 2026-01-01, setting: 样例, value: 36}
x.allowance:
  values:
    - {since: 2020-01-01, setting: 样例, value: {初级: 50, 中级: 100}}
x.weights:
  values:
    - {since: 2020-01-01, setting: 样例, value: {群众评议: 50, 专业评估: 50}}
"""
OTHER = """
x.months:
  values:
    - {since: 2021-01-01, setting: 样例, value: 24}
x.allowance:
  values:
    - {since: 2020-01-01, setting: 样例, value: {初级: 100, 高级: 300, 中级: 100}}
x.weights:
  values:
    - {since: 2020-01-01, setting: 另一个理由, value: {群众评议: 50, 专业评估: 50}}
x.spare:
  values:
    - {since: 2020-01-01, setting: 样例, value: 3}
"""


def diff(text: str, items) -> Diff:
    return parse_diff(parse(text.encode(), "试算.yaml"), items)


def test_differences_item_by_item_in_words(write, little_items) -> None:
    one, other = load(write("one", BASE), little_items), load(write("other", OTHER), little_items)
    found = differences(one.on(DAY), other.on(DAY))
    assert [(each.item.id, each.kind, each.rows) for each in found] == [
        ("x.allowance", Kind.CHANGED, (("初级", "50.00 元", "100.00 元"), ("高级", "", "300.00 元"))),
        ("x.spare", Kind.ONLY_AFTER, (("", "", "3 天"),)),
        ("x.weights", Kind.SOURCE, ()),
    ]


def test_differences_depend_on_the_day(write, little_items) -> None:
    one, other = load(write("one", BASE), little_items), load(write("other", OTHER), little_items)
    later = {each.item.id: each for each in differences(one.on(date(2026, 1, 1)), other.on(date(2026, 1, 1)))}
    assert later["x.months"].rows == (("", "36 个月", "24 个月"),)
    assert later["x.months"].before.since == date(2026, 1, 1)
    earlier = {each.item.id: each for each in differences(one.on(date(2020, 5, 1)), other.on(date(2020, 5, 1)))}
    assert earlier["x.months"].kind is Kind.ONLY_BEFORE
    assert differences(one.on(date(2019, 1, 1)), other.on(date(2019, 1, 1))) == []


def test_a_pack_does_not_differ_from_itself() -> None:
    pack = load("taoyuan", ITEMS).on(DAY)
    assert differences(pack, pack) == []


def test_the_empty_diff_changes_nothing() -> None:
    pack = load("taoyuan", ITEMS)
    same = apply(pack, diff("", ITEMS))
    assert same.hash == pack.hash
    assert same == pack
    assert differences(pack.on(DAY), same.on(DAY)) == []


def test_a_what_if_stands_from_its_first_day_on(write, little_items) -> None:
    pack = load(write("one", BASE), little_items)
    what_if = diff("x.months:\n  values:\n    - {since: 2025-01-01, setting: 试算, value: 12}\n", little_items)
    changed = apply(pack, what_if)
    days = (date(2024, 12, 31), date(2025, 1, 1), date(2026, 6, 1))
    assert [changed.on(day)["x.months"] for day in days] == [24, 12, 12]
    assert [pack.on(day)["x.months"] for day in days] == [24, 24, 36]
    assert changed.hash != pack.hash
    assert changed.entries["x.months"].note == "原说明"
    assert changed.on(days[1]).dated("x.months").pack == "试算.yaml"
    assert [each.item.id for each in differences(pack.on(days[1]), changed.on(days[1]))] == ["x.months"]


def test_a_what_if_may_fix_what_the_pack_leaves_open(write, little_items) -> None:
    pack = load(write("one", BASE), little_items)
    what_if = diff("x.spare:\n  values:\n    - {since: 2025-01-01, setting: 试算, value: 5}\n", little_items)
    assert apply(pack, what_if).on(DAY)["x.spare"] == 5


def test_saying_again_what_the_pack_says_gives_its_hash(write, little_items) -> None:
    pack = load(write("one", BASE), little_items)
    assert apply(pack, diff(BASE, little_items)).hash == pack.hash


def test_two_what_ifs_after_one_another_are_both_there(write, little_items) -> None:
    pack = load(write("one", BASE), little_items)
    first = diff("x.months:\n  values:\n    - {since: 2025-01-01, setting: 试算, value: 12}\n", little_items)
    second = diff("x.spare:\n  values:\n    - {since: 2025-01-01, setting: 试算, value: 5}\n", little_items)
    assert apply(apply(pack, first), second).hash == apply(apply(pack, second), first).hash


def test_a_wrong_what_if_is_refused_like_a_pack(tmp_path, little_items) -> None:
    file = tmp_path / "试算.yaml"
    file.write_text("x.month:\n  values:\n    - {since: 2025-01-01, setting: 试算, value: 12}\n", encoding="utf-8")
    with pytest.raises(PackError, match=r"^试算.yaml 第 1 行〔x.month〕没有「x.month」这个条目。是不是「x.months」？$"):
        read_diff(file, little_items)
