"""Every source of a score can be brought in, and none passes for another."""

import datetime as dt

import pytest

from qinglan.core.intake import Organisations, PeopleList, Person, Sheet, Workbook, check_facts

HEAD = ["姓名", "社区", "考核年度", "评分来源", "得分", "有效票数", "满意票数", "考核月份", "佐证材料", "记录人"]
PEOPLE = PeopleList([Person(1, "张三", "990101001001")])
PLACES = Organisations(
    [
        ("990101", "示范区", "district", ""),
        ("990101001", "示范街道", "subdistrict", "990101"),
        ("990101001001", "示范社区居委会", "community", "990101001"),
    ]
)


def book(*rows):
    return Workbook("a.xlsx", "xlsx", [Sheet("表", [HEAD, *rows])], b"")


def checked(*cells):
    row = [*cells, "文件1", "李四"]
    report = check_facts("scores", book(row), PEOPLE, PLACES, dt.date(2026, 3, 15))
    assert report.problems == []
    return report.rows[0]


@pytest.mark.parametrize("month", ["6", "6月", "2025年6月", "2025-06-30", dt.date(2025, 6, 2), 6.0])
def test_a_month_is_read_from_what_offices_write(month):
    row = checked("张三", None, 2025, "月度考核", 88, None, None, month)
    assert (row.outcome, row.canonical["source"], row.canonical["month"]) == ("accepted", "月度考核", 6)


@pytest.mark.parametrize("word", ["居民满意度", "群众满意度", "满意度"])
def test_a_survey_of_content_is_not_the_residents_mark(word):
    row = checked(None, "示范社区", 2025, word, None, 200, 181, None)
    assert (row.outcome, row.subject) == ("accepted", "990101001001")
    assert {key: row.canonical[key] for key in ("source", "ballots", "favourable")} == {
        "source": "满意度调查", "ballots": 200, "favourable": 181,
    }  # fmt: skip


@pytest.mark.parametrize("word", ["社区工作者专业化指数", "社区社会工作室指数", "社区居民组织化指数"])
def test_an_index_is_of_a_unit(word):
    assert checked(None, "示范社区", 2025, word, 71.5, None, None, None).canonical["score"] == 7150
    assert [one.code for one in checked("张三", None, 2025, word, 71.5, None, None, None).reasons] == ["wrong subject"]


def test_an_interview_is_of_a_person():
    assert checked("张三", None, 2025, "面试", 90, None, None, None).outcome == "accepted"
    assert [one.code for one in checked(None, "示范社区", 2025, "面试", 90, None, None, None).reasons] == [
        "wrong subject"
    ]


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (("张三", None, 2025, "月度考核", 88, None, None, None), "bad month"),  # which month?
        (("张三", None, 2025, "月度考核", 88, None, None, 13), "bad month"),
        (("张三", None, 2025, "月度考核", 88, None, None, "2024年6月"), "bad month"),  # of another year
        (("张三", None, 2026, "月度考核", 88, None, None, 4), "bad month"),  # not yet
        (("张三", None, 2025, "月度考核", None, None, None, 6), "bad score"),
        ((None, "示范社区", 2025, "满意度", 90.5, None, None, None), "bad ballots"),  # a percentage alone
        ((None, "示范社区", 2025, "满意度", None, 100, 101, None), "bad ballots"),
    ],
)
def test_what_is_not_said_is_asked_for(cells, code):
    row = checked(*cells)
    assert row.outcome == "refused"
    assert {one.code for one in row.reasons} == {code}


def test_two_months_of_one_person_are_two_facts():
    rows = [["张三", None, 2025, "月度考核", 88, None, None, month, "文件1", "李四"] for month in (6, 7, 7)]
    report = check_facts("scores", book(*rows), PEOPLE, PLACES, dt.date(2026, 3, 15))
    assert [row.outcome for row in report.rows] == ["accepted", "accepted", "refused"]
    assert report.rows[2].reasons[0].code == "duplicate row"
