"""`qinglan twin site` on files: the template runs, formats agree, coordinates of three kinds, and what is wrong is said with its place."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from qinglan.commands.twin import twin
from qinglan.core.matching.books import book
from qinglan.core.matching.siting import plan
from qinglan.core.matching.siting_sheets import Map, read_map, told
from qinglan.core.matching.tables import TableError

HOMES = [
    ["编码", "名称", "户数", "x", "y"],
    ["1", "东苑", 500, 0, 0],
    ["2", "西苑", 700, 300, 0],
    ["3", "远村", 90, 9000, 0],
]
CENTRES = [["名称", "已建", "容量", "x", "y"], ["老中心", "是", 1, 100, 0]]
YAML = """
小区:
  - {编码: "1", 名称: 东苑, 户数: 500, x: 0, y: 0}
  - {编码: "2", 名称: 西苑, 户数: 700, x: 300, y: 0}
  - {编码: "3", 名称: 远村, 户数: 90, x: 9000, y: 0}
中心:
  - {名称: 老中心, 已建: 是, 容量: 1, x: 100, y: 0}
最多新建几个: 1
"""


def said(*arguments: str | Path, code: int = 0) -> str:
    done = CliRunner().invoke(twin, ["site", *map(str, arguments)])
    assert done.exit_code == code, done.output
    return done.output


def wrong(**sheets: list[list]) -> str:
    with pytest.raises(TableError) as caught:
        read_map(book(sheets), "小区.xlsx")
    return "\n".join(caught.value.problems)


def test_the_template_runs_and_the_plan_is_written(tmp_path: Path) -> None:
    said("--template", tmp_path / "样表.xlsx")
    text = said(tmp_path / "样表.xlsx", "--out", tmp_path / "结果.xlsx")
    assert "新建 4 个，已证明不能再少" in text
    assert "示例已有中心" in text
    found = load_workbook(tmp_path / "结果.xlsx")
    assert found.sheetnames == ["中心", "小区", "说明"]
    assert found["小区"].max_row == 25


def test_workbook_and_yaml_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "图.yaml").write_text(YAML, encoding="utf-8")
    (tmp_path / "图.xlsx").write_bytes(
        book({"小区": HOMES, "中心": CENTRES, "设置": [["项", "值"], ["最多新建几个", 1]]})
    )
    found = [json.loads(said(tmp_path / name, "--json").strip()) for name in ("图.yaml", "图.xlsx")]
    for one in found:
        one.pop("seconds")
    assert found[0] == found[1]
    assert (found[0]["served"], found[0]["new"], found[0]["existing"]) == (1200, 1, 1)
    far = next(one for one in found[0]["places"] if one["name"] == "远村")
    assert far["centre"] == 0
    assert far["why"]
    assert "没有服务到：远村" in said(tmp_path / "图.xlsx")


def test_settings_of_the_command_go_before_the_files(tmp_path: Path) -> None:
    (tmp_path / "图.yaml").write_text(YAML, encoding="utf-8")
    found = json.loads(said(tmp_path / "图.yaml", "--json", "--most-new", "2", "--capacity", "0").strip())
    assert found["left_out"] == 0
    assert found["most_new"] == 2


def test_without_coordinates_an_area_is_within_reach() -> None:
    rows = [["名称", "户数", "片区"], *([f"小区{n}", 100, "东片" if n < 7 else "西片"] for n in range(9))]
    chosen = read_map(book({"小区": rows}), "片区.xlsx")
    found = told(chosen, plan(chosen.problem))
    assert found["schematic"]
    assert found["new"] == 3  # seven need two, two need one
    for number in (1, 2, 3):
        names = {one["name"] < "小区7" for one in found["places"] if one["centre"] == number}
        assert len(names) == 1, number  # one centre, one area
    assert all(one["far"] is None for one in found["places"])


def test_what_is_wrong_is_said_with_its_place() -> None:
    homes = [HOMES[0], ["1", "东苑", "五百", 0, 0], ["1", "", 700, "", 0], ["3", "远村", "", 9000, 0]]
    centres = [CENTRES[0], ["老中心", "好像", 1.5, 100, 0]]
    text = wrong(小区=homes, 中心=centres, 设置=[["项", "值"], ["半径", 3], ["最多算几秒", 900]])
    for sentence in (
        "表「小区」第 2 行「户数」：写的是「五百」",
        "第 3 行「名称」：空着",
        "第 3 行「编码」：「1」在小区.xlsx 表「小区」第 2 行已有",
        "第 3 行「x」：空着",
        "第 4 行「户数」：空着",
        "表「中心」第 2 行「已建」：写的是「好像」；请填 是 或 否",
        "第 2 行「容量」：写的是「1.5」",
        "表「设置」第 2 行：不认识「半径」",
        "第 3 行「最多算几秒」：写的是「900」",
    ):
        assert sentence in text, (sentence, text)


@pytest.mark.parametrize(
    ("homes", "sentence"),
    [
        ([["甲"], [1]], "没有小区"),
        ([["名称", "户数"], ["甲", 1]], "没有坐标"),
        ([["名称", "户数", "经度", "纬度"], ["甲", 1, 121, 131]], "「纬度」：写的是「131」；请填 -85 到 85"),
    ],
)
def test_files_that_cannot_be_sited(homes: list[list], sentence: str) -> None:
    assert sentence in wrong(小区=homes)


@pytest.mark.parametrize(
    ("sheets", "sentence"),
    [
        ({"小区": [["名称", "x", "y"], ["甲", 1, 1]]}, "小区.xlsx 表「小区」：缺少列「户数」（小区的表）或「已建」"),
        ({"小区": [HOMES[0]]}, "小区.xlsx 表「小区」：只有表头，一个小区也没有"),
        ({"小区": [row[:4] for row in HOMES]}, "小区.xlsx 表「小区」：缺少列「y」"),
        ({"小区": HOMES, "中心": [row[:3] for row in CENTRES]}, "小区.xlsx 表「中心」：缺少列「x」「y」"),
        (
            {"小区": HOMES, "设置": [["项", "值"], ["每个中心最多几个小区", 2]]},
            "是 4，多于「每个中心最多几个小区」的 2",
        ),
    ],
)
def test_what_is_missing_or_at_odds_is_said_once(sheets: dict[str, list[list]], sentence: str) -> None:
    text = wrong(**sheets)
    assert sentence in text
    assert len(text.splitlines()) == 1, text


def test_the_values_used_and_the_codes_are_said(tmp_path: Path) -> None:
    homes = [HOMES[0], ["A1", "东苑", 500, 0, 0], ["B2", "东苑", 90, 9000, 0]]
    (tmp_path / "图.xlsx").write_bytes(book({"小区": homes, "设置": [["项", "值"], ["服务半径（米）", 300]]}))
    text = said(tmp_path / "图.xlsx", "--most-new", "1", "--out", tmp_path / "结果.xlsx")
    assert "服务半径（米） 300；" in text
    assert "最多新建几个 1；" in text
    assert "东苑〔A1〕" in text
    assert "没有服务到：东苑〔B2〕" in text
    about = [[cell.value for cell in row] for row in load_workbook(tmp_path / "结果.xlsx")["说明"].rows]
    assert ["服务半径（米）", "300", "1,000"] in about


cells = st.one_of(st.none(), st.integers(-5, 2000), st.text(max_size=6), st.sampled_from(["是", "5%", "甲"]))


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.lists(cells, min_size=5, max_size=5), max_size=5),
    st.lists(st.lists(cells, min_size=5, max_size=5), max_size=3),
)
def test_any_cells_give_a_plan_or_sentences(homes: list[list], centres: list[list]) -> None:
    problems: list[str] = []
    try:
        chosen = read_map(book({"小区": [HOMES[0], *homes], "中心": [CENTRES[0], *centres]}), "任意.xlsx")
    except TableError as error:
        problems = error.problems
    else:
        assert isinstance(chosen, Map)
        json.dumps(told(chosen, plan(chosen.problem)), allow_nan=False)
    assert all(problem.endswith("。") for problem in problems)
