"""`qinglan twin desk` on files: the template runs, every format says the same, and what is wrong is said with its place."""

import json
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from qinglan.commands.twin import twin
from qinglan.core.matching.books import book
from qinglan.core.matching.tables import TableError
from qinglan.core.twin.desk.case import Case
from qinglan.core.twin.desk.figures import FIGURES
from qinglan.core.twin.desk.reading import hour_of, read_desk
from qinglan.core.twin.desk.sheets import template
from qinglan.core.twin.parameters import ParameterError

HEAD = ["事项", "平均办理分钟", "窗口", "窗口人数", "后台人数", "9:00", "10:00"]
ROWS = [HEAD, ["社保", 12, "甲", 2, 1, 6, 4], ["退休", 25, "甲", "", "", 1, 1], ["低保", 15, "乙", 1, 0, 2, 2.5]]
YAML = """
名称: 小窗口
重复次数: 4
行为参数: {patience: 30}
事项:
  - {事项: 社保, 平均办理分钟: 12, 窗口: 甲, 窗口人数: 2, 后台人数: 1, 来人: {"9:00": 6, "10:00": 4}}
  - {事项: 退休, 平均办理分钟: 25, 窗口: 甲, 来人: {"9:00": 1, "10:00": 1}}
  - {事项: 低保, 平均办理分钟: 15, 窗口: 乙, 窗口人数: 1, 后台人数: 0, 来人: {"9:00": 2, "10:00": 2.5}}
"""


def said(*arguments: str | Path, code: int = 0) -> str:
    done = CliRunner().invoke(twin, ["desk", *map(str, arguments)])
    assert done.exit_code == code, done.output
    return done.output


def wrong(rows: list[list], settings: list[list] | None = None) -> str:
    sheets = {"来人": rows} | ({"设置": [["项", "值"], *settings]} if settings else {})
    with pytest.raises((TableError, ParameterError)) as caught:
        read_desk(book(sheets), "窗口.xlsx")
    return "\n".join(caught.value.problems)


def test_the_template_runs_and_its_figures_are_printed_and_written(tmp_path: Path) -> None:
    assert "样表已写到" in said("--template", tmp_path / "样表.xlsx")
    text = said(tmp_path / "样表.xlsx", "--out", tmp_path / "结果.xlsx")
    for figure in FIGURES:
        assert figure.label in text
    assert "这不是预测" in text
    assert "可下沉网格" in text
    found = load_workbook(tmp_path / "结果.xlsx")
    assert found.sheetnames == ["比较", "各事项", "各月", "人手", "腾出的人", "参数", "说明"]
    assert [cell.value for cell in found["比较"]["A"]][1:] == ["人数", *(figure.label for figure in FIGURES)]


def test_workbook_csv_and_yaml_say_the_same(tmp_path: Path) -> None:
    csv = "\n".join(",".join(map(str, row)) for row in ROWS)
    cases = [
        read_desk(book({"来人": ROWS, "设置": [["项", "值"], ["重复次数", 4], ["patience", 30]]}), "小窗口.xlsx"),
        read_desk(YAML.encode(), "小窗口.yaml"),
        read_desk(csv.encode(), "小窗口.csv").with_(replicates=4, parameters=(("patience", 30.0),)),
    ]
    assert cases[0] == cases[1] == cases[2]
    assert cases[0].general == 3
    assert cases[0].front == 2
    (tmp_path / "小窗口.yaml").write_text(YAML, encoding="utf-8")
    assert json.loads(said(tmp_path / "小窗口.yaml", "--json").strip())["residents"] == 16.5


def test_what_is_wrong_is_said_with_its_place_all_of_it() -> None:
    rows = [
        [*HEAD, "备注"],
        ["社保", "十二", "甲", 2, 1, 6, 4],
        ["社保", 12, "甲", 3, 0, -1, 4],
        ["", 5, "丙", 1, 0, 1, 1],
    ]
    text = wrong(rows, [["重复次数", 0], ["耐性", 3], ["patience", -4]])
    for sentence in (
        "窗口.xlsx 表「来人」第 2 行「平均办理分钟」：写的是「十二」；请填 0.1 到 600",
        "第 3 行「事项」：「社保」在窗口.xlsx 表「来人」第 2 行已有",
        "第 3 行「窗口人数」：窗口「甲」前面写的是 2，这里是 3",
        "第 3 行「9:00」：写的是「-1」",
        "第 4 行「事项」：空着",
        "不认识「备注」这一列",
        "表「设置」第 2 行「重复次数」：写的是「0」；请填 2 到 1000 的整数",
        "表「设置」第 3 行：不认识「耐性」",
        "表「设置」第 4 行：「patience」",
    ):
        assert sentence in text, (sentence, text)


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([["甲", "乙"], [1, 2]], "没有找到写着各事项的表"),
        ([HEAD], "表头下面没有一件事"),
        ([HEAD[:5], ["社保", 12, "甲", 2, 1]], "没有时段的列"),
        ([HEAD, ["社保", 12, "甲", 2, 1, 0, 0]], "各时段来人都是 0"),
        ([[*HEAD[:5], "9:00", "9:30"], ["社保", 12, "甲", 2, 1, 1, 1]], "重叠"),
        ([HEAD, ["社保", 12, "甲", "", 1, 1, 1]], "窗口「甲」没有写「窗口人数」"),
        ([HEAD, ["社保", 12, "甲", 2, 1, 1000, 1000], ["退休", 12, "甲", 2, 1, 1000, 1000]], "请核对是否把一周或一月"),
    ],
)
def test_files_that_cannot_be_run(rows: list[list], sentence: str) -> None:
    assert sentence in wrong(rows)


def test_a_file_that_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "图.xlsx").write_bytes(b"\x89PNG....")
    assert "图.xlsx：文件其实是图片" in said(tmp_path / "图.xlsx", code=1)
    (tmp_path / "坏.yaml").write_text("事项: [1, {事项", encoding="utf-8")
    assert "坏.yaml" in said(tmp_path / "坏.yaml", code=1)
    assert "--template" in said(code=1)


@pytest.mark.parametrize(
    ("heading", "minute"),
    [("9:00", 540), ("9时", 540), ("9点30分", 570), ("09：30", 570), ("9:00-10:00", 540), ("0.375", 540), ("9:00:00", 540), ("13", 780),
     ("备注", None), ("25:00", None), ("9:75", None), ("上午", None)],
)  # fmt: skip
def test_headings_that_name_an_hour(heading: str, minute: int | None) -> None:
    assert hour_of(heading) == minute


cells = st.one_of(
    st.none(),
    st.integers(-5, 2000),
    st.floats(allow_nan=False, allow_infinity=False, width=16),
    st.text(max_size=8),
    st.sampled_from(["12", "5%", "甲"]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(cells, min_size=7, max_size=7), max_size=4))
def test_any_cells_give_a_desk_or_sentences(rows: list[list]) -> None:
    problems: list[str] = []
    try:
        found = read_desk(book({"来人": [HEAD, *rows]}), "任意.xlsx")
    except TableError as error:
        problems = error.problems
    else:
        assert isinstance(found, Case)
        assert found.residents > 0
    assert all(problem.endswith("。") for problem in problems)


def test_the_template_explains_every_setting() -> None:
    sheet = load_workbook(BytesIO(template()))["设置"]
    assert all(row[2].value for row in sheet.iter_rows(min_row=2))
