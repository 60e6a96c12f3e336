"""The fact workbooks agree with their truth files; templates load as they were downloaded."""

import json

import pytest

from qinglan.core.intake import (
    KINDS,
    Figure,
    Organisations,
    PeopleList,
    Person,
    check_facts,
    check_roster,
    mark,
    read_workbook,
    row_objects,
    template,
)

from .books import DATA, TODAY, book

# What the workbook of figures may say, told by the caller.
FIGURES = [
    *(Figure(label, "元") for label in (
        "培训专项预算", "本年公布的社会平均工资（月）", "一般公共预算支出", "本年已批救助金", "重大疾病救助基金预算", "社区治理创新专项基金预算",
        "项目大赛奖励基金预算",
    )),
    Figure("薪酬预算", "元", ("社区工作者薪酬预算",)), Figure("薪酬单列预算科目", "是否"),
    *(Figure(label, "人") for label in ("本年平均人数", "上年平均人数", "预算年度人数")),
]  # fmt: skip


@pytest.fixture(scope="module")
def people() -> PeopleList:
    rows = json.loads((DATA / "people.json").read_text(encoding="utf-8"))
    return PeopleList([Person(row["key"], row["name"], row["org"], row["id"]) for row in rows])


def truth_of(kind):
    return {row["row"]: row for row in json.loads((DATA / f"facts-{kind}.truth.json").read_text(encoding="utf-8"))}


def report_of(kind, data, people, organisations):
    return check_facts(kind, read_workbook(data, f"{kind}.xlsx"), people, organisations, TODAY, figures=FIGURES)


def book_of(kind):
    return (DATA / f"facts-{kind}.xlsx").read_bytes()


@pytest.mark.parametrize("kind", KINDS)
def test_rows_agree_with_the_truth(kind, people, organisations):
    report = report_of(kind, book_of(kind), people, organisations)
    rows = {row["row"]: row for row in row_objects(report)}

    assert report.problems == []
    for number, truth in truth_of(kind).items():
        row = rows[number]
        assert (row["outcome"] == "accepted", row["reasons"]) == (truth["ok"], truth["why"]), row
        if truth["ok"]:
            assert row["canonical"] == truth["canonical"]
    assert report.counts()["skipped"] == 3


@pytest.mark.parametrize("kind", KINDS)
def test_truth_has_ten_different_bad_rows(kind):
    assert sum(not row["ok"] for row in truth_of(kind).values()) >= 10


@pytest.mark.parametrize("kind", KINDS)
def test_marked_workbook_reads_the_same(kind, people, organisations):
    first = report_of(kind, book_of(kind), people, organisations)
    again = report_of(kind, mark(read_workbook(book_of(kind), "a.xlsx"), first), people, organisations)

    assert list(row_objects(again)) == list(row_objects(first))


@pytest.mark.parametrize("kind", ["roster", *KINDS])
def test_template_loads_without_its_example(kind, people, organisations):
    book = read_workbook(template(kind, FIGURES if kind == "figures" else ()), "模板.xlsx")
    check = check_roster if kind == "roster" else lambda *rest: check_facts(kind, rest[0], people, *rest[1:])
    report = check(book, organisations, TODAY)

    assert report.problems == []
    assert [row.reasons[0].code for row in report.rows] == ["example row"]
    assert report.sheets[0].unknown == {}


def figures_of(rows, organisations):
    report = check_facts(
        "figures", read_workbook(book(rows), "a.xlsx"), PeopleList([]), organisations, TODAY, figures=FIGURES
    )
    assert report.problems == []
    return report.rows


HEAD = ["项目", "数额", "年度", "依据", "记录人"]


@pytest.mark.parametrize(
    ("above", "amounts"),
    [([], "数额（万元）"), ([], "数额(单位：万元)"), (["单位：万元"], "数额"), (["", "（单位：万元）"], "金额")],
)
def test_unit_above_the_numbers_is_the_unit_of_the_money(above, amounts, organisations):
    head = [HEAD[0], amounts, *HEAD[2:]]
    rows = [["薪酬预算", 16800, 2025, "批复", "李四"], ["本年平均人数", 2241, 2025, "批复", "李四"],
            ["一般公共预算支出", "62亿元", 2025, "批复", "李四"], ["薪酬单列预算科目", "是", 2025, "批复", "李四"]]  # fmt: skip
    found = figures_of([["全区预算数"], above, head, *rows], organisations)

    assert [row.canonical["amount"] for row in found if row.outcome == "accepted"] == [
        16_800_000_000, 2_241, 620_000_000_000, 1,
    ]  # fmt: skip


def test_unit_of_the_row_wins_over_the_one_above(organisations):
    head = ["项目", "数额（万元）", "单位", "年度", "依据", "记录人"]
    rows = figures_of([head, ["薪酬预算", 1.5, "亿元", 2025, "批复", "李四"]], organisations)

    assert rows[0].canonical["amount"] == 15_000_000_000


@pytest.mark.parametrize("head", ["累计收入（万元）", "累计收入"])
def test_unit_above_speaks_for_other_money_too(head, people, organisations):
    above = [] if "万元" in head else ["单位：万元"]
    labels = ["身份证号码", "截止日期", head, "累计扣除（元）", "已扣税额（元）", "依据", "记录人"]
    number = json.loads((DATA / "people.json").read_text(encoding="utf-8"))[0]["id"]
    sheet = book([above, labels, [number, "2025-08-31", 4.8, 9600.5, "0元", "工资册", "李四"]])
    report = check_facts("openings", read_workbook(sheet, "a.xlsx"), people, organisations, TODAY)

    row = next(row for row in report.rows if row.outcome != "skipped")
    assert (row.outcome, row.canonical["income"], row.canonical["deductions"]) == ("accepted", 4_800_000, 960_050)


def test_district_without_an_organisation_of_its_own_is_told(organisations):
    rows = [[*HEAD], ["薪酬预算", 1, 2025, "批复", "李四"]]
    report = check_facts(
        "figures", read_workbook(book(rows), "a.xlsx"), PeopleList([]), Organisations([]), TODAY, figures=FIGURES
    )

    assert [reason.code for reason in report.rows[0].reasons] == ["unknown district"]
