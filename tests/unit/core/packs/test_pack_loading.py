"""Loading: lines, inheritance by whole items, dates, sources down to a row, what the hash sees."""

from datetime import date

import pytest

from qinglan.core.frame.codes import Certificate
from qinglan.core.packs.errors import PackError
from qinglan.core.packs.loading import load, shipped
from qinglan.core.packs.located import parse
from qinglan.core.packs.pack import NotInForce
from qinglan.core.packs.said import rows
from qinglan.core.rules.registry import ITEMS

DAY = date(2025, 6, 30)


def months(value: str, since: str = "2020-01-01", reason: str = "样例") -> str:
    return f'x.months:\n  values:\n    - {{since: {since}, setting: {reason}, value: "{value}"}}\n'


ALLOWANCE = """
x.allowance:
  note: 只给最高一级
  values:
    - since: 2020-01-01
      source: {document: D1, clause: 第一条}
      value: {初级: 50, 中级: 100}
    - since: 2025-07-01
      source: {document: D1, clause: 第二条}
      value:
        初级: 100
        中级: {value: 200, source: {document: D2, clause: 第九条}}
        其余: {value: 0, setting: 没有规定即不发}
"""
DOCUMENTS = "documents: {D1: 办法, D2: 通知}\n"


def test_lines_are_remembered_down_to_every_row() -> None:
    located = parse(b"a:\n  b: 1\n  c:\n    - x\n    - y: 2\n", "f.yaml")
    assert located.data == {"a": {"b": "1", "c": ["x", {"y": "2"}]}}
    assert [located.line(path) for path in ((), ("a",), ("a", "b"), ("a", "c"), ("a", "c", 1, "y"))] == [1, 1, 2, 3, 5]
    assert located.line(("a", "c", 7, "nowhere")) == 3
    assert located.problem(("a", "c", 1), "错", "对").path == "a → c → 第 2 项"


@pytest.mark.parametrize(
    ("text", "data"),
    [
        (b"", {}),
        (b"\xef\xbb\xbfa: 1", {"a": "1"}),
        (b"a:\n", {"a": ""}),
        (b"a: ~\n", {"a": ""}),
        (b"a: no", {"a": "no"}),
    ],
)
def test_scalars_stay_text(text: bytes, data: dict[str, str]) -> None:
    assert parse(text, "f.yaml").data == data


def test_value_in_force_by_day(write, little_items) -> None:
    pack = load(write("one", ALLOWANCE, DOCUMENTS), little_items)
    assert pack.on(DAY)["x.allowance"].tolist()[1:3] == [5_000, 10_000]
    assert pack.on(date(2025, 7, 1))["x.allowance"].tolist()[1:3] == [10_000, 20_000]
    assert pack.change_days() == [date(2020, 1, 1), date(2025, 7, 1)]
    assert pack.entries["x.allowance"].note == "只给最高一级"
    with pytest.raises(NotInForce, match=r"政策包「政策包one」在 2019-12-31 没有「津贴」（x.allowance）的值"):
        pack.on(date(2019, 12, 31))["x.allowance"]
    assert not pack.on(date(2019, 12, 31)).has("x.allowance")
    with pytest.raises(NotInForce, match=r"没有「x\.months」"):
        pack.on(DAY)["x.months"]


def test_each_row_may_have_its_own_source(write, little_items) -> None:
    on = load(write("one", ALLOWANCE, DOCUMENTS), little_items).on(date(2025, 7, 1))
    assert str(on.source("x.allowance")) == "办法 第二条"
    assert str(on.source("x.allowance", Certificate.ASSISTANT)) == "办法 第二条"
    assert str(on.source("x.allowance", Certificate.INTERMEDIATE)) == "通知 第九条"
    assert str(on.source("x.allowance", Certificate.SENIOR)) == "本区设定：没有规定即不发"
    assert on.source("x.allowance", Certificate.SENIOR).is_setting
    entry = on.pack.entries["x.allowance"]
    said = rows(entry.item, on.dated("x.allowance"))
    assert [(row.label, row.text, str(row.source)) for row in said] == [
        ("初级", "100.00 元", "办法 第二条"),
        ("中级", "200.00 元", "通知 第九条"),
        ("其余", "0.00 元", "本区设定：没有规定即不发"),
    ]


def test_a_single_cell_of_a_row_may_have_its_own_source(write) -> None:
    text = """
career.five_rank_nine_grade.ladder:
  values:
    - since: 2020-01-01
      setting: 各档系数未给
      value:
        - {profile: 五级九档, grade: 1, rank: {value: 初级, source: {document: D1, clause: 第一条}}, coefficient: 1}
        - {profile: 五级九档, grade: 2, rank: 初级, coefficient: 1.1}
"""
    on = load(write("one", text, DOCUMENTS), ITEMS).on(DAY)
    key = "career.five_rank_nine_grade.ladder"
    first, second = rows(on.pack.entries[key].item, on.dated(key))
    assert [(label, str(source)) for label, source in first.parts] == [("级", "办法 第一条")]
    assert first.source.is_setting
    assert second.parts == ()


def test_a_value_whose_rows_all_have_sources_needs_none_itself(write, little_items) -> None:
    text = """
x.quota:
  values:
    - since: 2020-01-01
      value:
        share: {value: 20%, source: {document: D1}}
        rounding: {value: 进一, setting: 不足一人也算一人}
"""
    on = load(write("one", text, DOCUMENTS), little_items).on(DAY)
    dated = on.dated("x.quota")
    assert [str(row.source) for row in rows(on.pack.entries["x.quota"].item, dated)][:2] == [
        "办法",
        "本区设定：不足一人也算一人",
    ]


def test_child_replaces_the_whole_item_of_its_parent(write, little_items) -> None:
    write("parent", ALLOWANCE + months("24"), DOCUMENTS)
    changed = "x.allowance:\n  values:\n    - {since: 2025-01-01, setting: 本区从优, value: {中级: 300}}\n"
    child = load(write("child", changed, "inherits: [parent]\n"), little_items)
    assert child.on(DAY)["x.allowance"].tolist()[1] < 0  # 初级 is gone with the parent's item
    assert child.on(DAY)["x.allowance"].tolist()[2] == 30_000
    assert not child.on(date(2024, 12, 31)).has("x.allowance")
    assert child.on(DAY)["x.months"] == 24
    assert [child.on(DAY).dated(key).pack for key in ("x.allowance", "x.months")] == ["child", "parent"]
    assert set(child.documents) == {"D1", "D2"}


def test_later_parents_stand_over_earlier_ones(write, little_items) -> None:
    write("first", months("12") + "x.spare:\n  values:\n    - {since: 2020-01-01, setting: 样例, value: 3}\n")
    write("second", months("24"))
    forth = load(write("forth", "", "inherits: [first, second]\n"), little_items)
    back = load(write("back", "", "inherits: [second, first]\n"), little_items)
    assert (forth.on(DAY)["x.months"], back.on(DAY)["x.months"]) == (24, 12)
    assert forth.on(DAY)["x.spare"] == 3
    assert forth.hash != back.hash


def test_two_children_of_one_grandparent_are_no_circle(write, little_items) -> None:
    write("grand", months("12"))
    write("left", "", "inherits: [grand]\n")
    write("right", months("36"), "inherits: [grand]\n")
    assert load(write("both", "", "inherits: [left, right]\n"), little_items).on(DAY)["x.months"] == 36
    assert load(write("other", "", "inherits: [right, left]\n"), little_items).on(DAY)["x.months"] == 12


def test_shipped_pack_is_a_parent_by_name_and_a_neighbour_comes_first(write, little_items) -> None:
    write("national", months("99"))
    assert load(write("child", "", "inherits: [national]\n"), little_items).on(DAY)["x.months"] == 99


def test_a_complete_pack_needs_all_but_the_optional(write, little_items) -> None:
    with pytest.raises(PackError) as refused:
        load(write("one", months("24") + ALLOWANCE, DOCUMENTS + "complete: true\n"), little_items)
    assert [problem.wrong for problem in refused.value.problems] == ["缺「权重」（x.weights）", "缺「名额」（x.quota）"]


def test_hash_sees_values_and_sources_but_not_the_form(write, little_items) -> None:
    plain = load(write("plain", months("24")), little_items).hash
    assert load(write("spaced", months(" 24 个月 ") + "# 说明\n"), little_items).hash == plain
    assert load(write("apart", "", rest=months("24")), little_items).hash == plain
    assert load(write("value", months("25")), little_items).hash != plain
    assert load(write("day", months("24", "2020-01-02")), little_items).hash != plain
    assert load(write("reason", months("24", reason="另有理由")), little_items).hash != plain


@pytest.mark.parametrize("name", ["nowhere", "x" * 5000, "a\0b", "", "pack.yaml"])
def test_a_pack_nobody_knows_is_answered_with_those_there_are(little_items, name: str) -> None:
    with pytest.raises(PackError) as refused:
        load(name, little_items)
    assert str(refused.value).startswith(f"{name}：找不到这个政策包。可用的有：blueprint、chengzhong、")


def test_the_seven_packs_come_with_qinglan() -> None:
    assert shipped() == ["blueprint", "chengzhong", "jianghan", "national", "taoyuan", "wangzhuang", "xuhui"]
