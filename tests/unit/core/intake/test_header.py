"""The header is found wherever it stands and whatever its columns are called."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qinglan.core.intake import ROSTER, ColumnMapping, Sheet, check_roster, read_workbook
from qinglan.core.intake.fact_layouts import LAYOUTS
from qinglan.core.intake.header import HeaderFinder

from .books import TODAY, book, person_id

FINDER = HeaderFinder(ROSTER)
KEYS = [field.key for field in ROSTER.fields]
JUNK = ["", "社区工作者花名册（合成数据）", "填报单位：", "2025年12月31日", "第1页", 7, "单位：人"]


@st.composite
def sheets(draw):
    """Draw a sheet: junk rows, a header with the columns in any order and any synonym, one row of data, and where all that stands."""
    chosen = draw(st.lists(st.sampled_from([k for k in KEYS if not ROSTER.field(k).required]), unique=True, max_size=8))
    chosen += [k for k in KEYS if ROSTER.field(k).required]
    chosen = draw(st.permutations(chosen))
    words = [draw(st.sampled_from(ROSTER.field(key).synonyms[0])) for key in chosen]
    spaced = [
        draw(st.sampled_from([w, f" {w} ", w[0] + "　" + w[1:], f"*{w}", w + "（必填）", w[:2] + "\n" + w[2:]]))
        for w in words
    ]
    above = draw(st.lists(st.lists(st.sampled_from(JUNK), max_size=4), max_size=12))
    left = draw(st.integers(0, 3))
    rows = [*above, [None] * left + spaced, [None] * left + ["值"] * len(spaced)]
    return rows, len(above), {left + n: key for n, key in enumerate(chosen)}


@settings(max_examples=150)
@given(sheets())
def test_any_header_is_found(drawn):
    rows, top, columns = drawn
    header = HeaderFinder(ROSTER).find(Sheet("甲", rows))

    assert header is not None
    assert (header.bottom, header.columns, header.problems) == (top, columns, [])


@pytest.mark.parametrize("field", ROSTER.fields, ids=lambda field: field.key)
def test_every_synonym_means_its_own_field(field):
    for tier in field.synonyms:
        for word in tier:
            match = FINDER.match(word)
            assert match is not None, word
            assert match[0] == field.key, word


TWO_ROWS = [
    ["社区工作者名册"],
    ["序号", "姓名", "证件号码", "社会工作者职业资格", None, "所属", None, "入职时间"],
    [None, None, None, "等级", "取得时间", "街道", "社区", None],
    [1, "张三", person_id(), "中级", "2020.9", "万松街", "云天", "2019.7"],
]
MERGES = ("A1:H1", "A2:A3", "B2:B3", "C2:C3", "D2:E2", "F2:G2", "H2:H3")


def test_header_of_two_rows(organisations):
    report = check_roster(read_workbook(book(TWO_ROWS, merges=MERGES), "a.xlsx"), organisations, TODAY)

    assert report.sheets[0].header_rows == (2, 3)
    assert [(row.row, row.outcome) for row in report.rows] == [(4, "accepted")]
    assert (
        report.rows[0].canonical | {"cert": "社会工作师", "cd": "2020-09-01", "community": "云天社区居委会"}
        == report.rows[0].canonical
    )


def rows_with(*headers):
    return [
        ["姓名", "身份证号码", "所属社区", "参加社区工作时间", *headers],
        ["张三", person_id(), "云天社区", "2019.7", "13812345678", "13912345678"],
    ]


def test_two_columns_for_one_field_are_named(organisations):
    report = check_roster(read_workbook(book(rows_with("手机号", "联系电话")), "a.xlsx"), organisations, TODAY)

    assert report.rows == []
    assert "E列〈手机号〉、F列〈联系电话〉" in report.problems[0]


def test_a_mapping_by_hand_decides(organisations):
    workbook = read_workbook(book(rows_with("手机号", "联系电话")), "a.xlsx")
    report = check_roster(workbook, organisations, TODAY, mapping=[ColumnMapping({"F": "phone"})])

    assert report.problems == []
    assert report.rows[0].canonical["phone"] == "13912345678"
    assert report.rows[0].extra == {"手机号": "13812345678"}


def test_a_mapping_reads_headers_nobody_knows(organisations):
    rows = [["甲", "乙", "丙", "丁"], ["张三", person_id(), "云天社区", "2019.7"]]
    mapping = ColumnMapping({"A": "name", "B": "id", "C": "community", "D": "start"}, header_row=1)
    report = check_roster(read_workbook(book(rows), "a.xlsx"), organisations, TODAY, mapping=[mapping])

    assert [(row.row, row.outcome) for row in report.rows] == [(2, "accepted")]


def test_the_officers_own_words_count(organisations):
    rows = [["姓名", "身份证号码", "所属社区", "落户桃源之日"], ["张三", person_id(), "云天社区", "2019.7"]]
    workbook = read_workbook(book(rows), "a.xlsx")

    assert "参加社区工作时间" in check_roster(workbook, organisations, TODAY).problems[0]
    report = check_roster(workbook, organisations, TODAY, synonyms={"start": ["落户桃源之日"]})
    assert report.rows[0].canonical["start"] == "2019-07-01"


def test_weaker_words_give_way(organisations):
    rows = [
        ["姓名", "身份证号码", "所属社区", "参加工作时间", "参加社区工作时间"],
        ["张三", person_id(), "云天社区", "2009.7", "2019.7"],
    ]
    report = check_roster(read_workbook(book(rows), "a.xlsx"), organisations, TODAY)

    assert report.rows[0].canonical["start"] == "2019-07-01"
    assert report.sheets[0].unknown == {"D": "参加工作时间"}


def test_no_header_says_what_was_looked_for(organisations):
    report = check_roster(read_workbook(book([["收件人", "金额"], ["张三", 3]]), "a.xlsx"), organisations, TODAY)

    assert report.counts()["read"] == 0
    assert "身份证号码" in report.problems[0]


@pytest.mark.parametrize("kind", LAYOUTS)
def test_every_synonym_of_a_fact_means_its_own_field(kind):
    finder = HeaderFinder(LAYOUTS[kind])
    meant = {
        (word, field.key, match and match[0])
        for field in LAYOUTS[kind].fields
        for tier in field.synonyms
        for word in tier
        for match in [finder.match(word)]
    }

    assert {(word, key, found) for word, key, found in meant if key != found} == set()


def test_a_word_of_another_column_gives_way_to_the_one_that_says_more(organisations):
    rows = rows_with("职务", "岗位类型")
    rows[1][4:] = ["网格员", "专职"]
    report = check_roster(read_workbook(book(rows), "a.xlsx"), organisations, TODAY)

    assert (report.problems, report.rows[0].canonical["post"]) == ([], "网格员")
