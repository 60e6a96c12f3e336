"""Fact rows that name nobody although their cells are filled, and numbers that a sheet has shortened."""

import pytest

from qinglan.core.intake import PeopleList, check_facts, read_workbook
from qinglan.core.intake.people import Person

from .books import TODAY, book, person_id

TRAINING = ["身份证号码", "姓名", "培训日期", "培训课程", "培训类别", "学时", "佐证材料", "记录人"]
SCORES = [
    "身份证号码",
    "姓名",
    "所属社区",
    "考核年度",
    "评分来源",
    "得分",
    "有效票数",
    "满意票数",
    "佐证材料",
    "记录人",
]
EXAMS = ["身份证号码", "考试日期", "考试级别", "是否通过", "证书编号", "佐证材料", "记录人"]


def checked(organisations, kind, *rows):
    people = PeopleList([Person(1, "张三", "420103008015", person_id())])
    return check_facts(kind, read_workbook(book(list(rows)), "a.xlsx"), people, organisations, TODAY).rows


@pytest.mark.parametrize(
    ("number", "name", "expected"),
    [
        ("/", "无", "no person"),
        (None, "——", "no person"),
        ("无", None, "no person"),
        ("无", "张三", None),
        (person_id(), "/", None),
        ("待补", "张三", "id format"),
    ],
)
def test_a_stroke_for_a_person_is_nobody(organisations, number, name, expected):
    row = checked(
        organisations, "training", TRAINING, [number, name, "2025.6", "社区治理", "年度", 8, "签到表", "李四"]
    )[0]

    assert [reason.code for reason in row.reasons] == ([expected] if expected else [])
    assert row.subject == (None if expected else 1)


def test_a_stroke_for_the_community_leaves_the_name(organisations):
    head = [*TRAINING[:2], "所属社区", *TRAINING[2:]]
    row = checked(
        organisations, "training", head, [None, "张三", "/", "2025.6", "社区治理", "年度", 8, "签到表", "李四"]
    )[0]

    assert (row.outcome, row.subject) == ("accepted", 1)


def test_a_stroke_for_the_person_leaves_a_score_to_the_community(organisations):
    row = checked(
        organisations, "scores", SCORES, ["/", "—", "云天", 2025, "满意度调查", None, 100, 98, "问卷", "李四"]
    )[0]

    assert (row.outcome, row.subject, row.canonical["subject"]) == ("accepted", "420103008015", "organisation")


@pytest.mark.parametrize("number", [202512345678901234567, 2.02512345678e17, "2.02512E+17"])
def test_a_certificate_number_that_lost_its_end_says_so(organisations, number):
    row = checked(organisations, "exams", EXAMS, [person_id(), "2025.6", "中级", "是", number, "证书", "李四"])[0]

    assert [reason.code for reason in row.reasons] == ["bad certificate number"]
    assert "丢失" in row.reasons[0].message
