"""Communities and sub-districts by code, with remarks, by their offices' names; those of other districts; cells with errors."""

import pytest

from qinglan.core.intake import cells, check_roster, read_workbook
from qinglan.core.intake.layout import CellFault, Setting

from .books import TODAY, book, person_id

HEAD = ["姓名", "身份证号码", "所属街道", "所属社区", "参加社区工作时间", "联系电话"]


def checked(organisations, street, community, phone=None):
    rows = [HEAD, ["张三", person_id(), street, community, "2019.7", phone]]
    return check_roster(read_workbook(book(rows), "a.xlsx"), organisations, TODAY).rows[0]


@pytest.mark.parametrize(
    "community",
    [
        "420103008015",
        "云天社区（党群服务中心）",
        "云天社区居委会",
        "万松街云天（合署）",
        "万松街道/云天社区",
        "万松街-云天",
        "万松街道（云天社区）",
        "云天社区第3网格",
    ],
)
def test_ways_to_name_a_community(organisations, community):
    assert checked(organisations, None, community).canonical["org"] == "420103008015"
    assert checked(organisations, "/", community).outcome == "accepted"


@pytest.mark.parametrize(
    ("street", "code"),
    [
        ("万松街道党工委", "420103008"),
        ("江汉经济开发区管委会", "420103400"),
        ("武汉中央商务区管委会", "420103401"),
        ("武汉中央商务区", "420103401"),
    ],
)
def test_ways_to_name_a_street(organisations, street, code):
    found = organisations.street(street).organisation

    assert found is not None
    assert found.code == code


@pytest.mark.parametrize(
    ("street", "community", "words"),
    [
        ("万松街", "水塔街老甫", "该社区在水塔街街道"), (None, "武汉市硚口区宗关街水厂社区", "硚口区的社区，不在本区"), (None, "硚口区水厂社区", "硚口区"),
        ("水塔街", "420103008015", "没有社区〈420103008015〉"),
    ],
)  # fmt: skip
def test_a_community_elsewhere_says_where(organisations, street, community, words):
    row = checked(organisations, street, community)

    assert row.outcome == "refused"
    assert words in row.reasons[0].message


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#VALUE!", " #n/a "])
def test_an_error_in_a_cell_is_no_empty_cell(organisations, error):
    row = checked(organisations, None, "云天", error)

    assert [(reason.code, reason.column) for reason in row.reasons] == [("error cell", "F")]
    assert "或清空" in row.reasons[0].mend


@pytest.mark.parametrize("written", ["13812345678/13912345678", "13812345678 13912345678", "13812345678\n13912345678"])
def test_two_phones_in_a_cell_are_told_so(written):
    with pytest.raises(CellFault, match="不止一个"):
        cells.phone(written, Setting(TODAY))


def test_a_fact_of_long_ago_is_a_slip_of_the_year():
    with pytest.raises(CellFault, match="早于1980年"):
        cells.day("bad date", "培训日期", since=1980)("1925年6月", Setting(TODAY))
