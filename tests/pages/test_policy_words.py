"""What the pages of a year say beside the numbers: the row of the pack that was applied, what colours mean, who has left."""

import io
import re
from datetime import date
from typing import Any

import openpyxl
import pytest

from qinglan.apps.people.actions import employment, postings
from qinglan.apps.people.models import ExitReason, Posting
from qinglan.apps.policy.actions import adoption, years
from qinglan.apps.policy.models import PersonResult, Run, UnitResult
from qinglan.apps.policy.queries import results
from qinglan.core.frame.missing import Reason, missing
from tests import cast as casting

pytestmark = pytest.mark.django_db


@pytest.fixture
def computed(cast: casting.Cast, client: Any) -> casting.Cast:
    """甲区 in 2025: 仇芳 left in the middle of it."""
    adoption.adopt(district="990101", pack="taoyuan", since=date(2020, 1, 1), by=None)
    employment.end(person=cast.people["worker_a"], last_day=date(2025, 6, 30), reason=ExitReason.VOLUNTARY, by=None)
    years.compute(district="990101", year=2025, by=None)
    client.force_login(cast.users["district_a"])
    return cast


def result_of(cast: casting.Cast, name: str) -> PersonResult:
    return PersonResult.objects.get(person=cast.people[name], run__state=Run.State.DRAFT)


def rows_of(page: str) -> list[str]:
    """The rows of the page's tables, their text alone."""
    return [re.sub(r"<[^>]+>|\s", "", row) for row in re.findall(r"<tr.*?</tr>", page, re.S)]


def test_who_left_within_the_year_is_marked_in_list_and_export(computed: casting.Cast, client: Any) -> None:
    rows = rows_of(client.get("/results/?year=2025").content.decode())
    assert [row for row in rows if "离岗" in row and "仇芳" in row and "2025-06-30" in row]
    assert not [row for row in rows if "离岗" in row and "仇芳" not in row]
    book = openpyxl.load_workbook(io.BytesIO(client.get("/results/?year=2025&export=xlsx").content))
    names = {row[0].value for row in book.active.iter_rows(min_row=3)}
    assert "仇芳（2025-06-30 离岗）" in names
    assert "单红" in names


def test_why_page_prints_the_row_of_the_pack_that_was_applied(computed: casting.Cast, client: Any) -> None:
    one = result_of(computed, "colleague_a")
    page = client.get(f"/results/{one.pk}/why/assess.four_in_one/").content.decode()
    assert "群众评议：30%；专业评估：40%；过程考核：20%；创新贡献：10%" in page
    assert page.count("群众评议：30%；专业评估：40%") == 1
    hours = client.get(f"/results/{one.pk}/why/train.annual_days/").content.decode()
    assert "社区工作者" in hours or "网格员" in hours or "其余" in hours


@pytest.mark.parametrize("family", ["assess.four_in_one", "train.annual_days", "career.job_requirements"])
def test_steps_have_no_empty_column_of_notes(family: str, computed: casting.Cast, client: Any) -> None:
    page = client.get(f"/results/{result_of(computed, 'colleague_a').pk}/why/{family}/").content.decode()
    assert '<th scope="col">依据</th></tr>' in page
    assert '<th scope="col">说明</th>' not in page


def test_missing_says_why_beside_the_value(computed: casting.Cast, client: Any) -> None:
    page = client.get(f"/results/{result_of(computed, 'colleague_a').pk}/why/assess.four_in_one/").content.decode()
    assert re.search(r'class="ql-missing">.{0,200}缺：未记录', page, re.S)


def test_colours_are_told_where_units_are_shown(computed: casting.Cast, client: Any) -> None:
    """第三十六条 of 桃源区's rules: blue from 80, yellow from 60, red below; red is talked to at once, yellow after two years."""
    run = Run.objects.get(org_code="990101", state=Run.State.DRAFT)
    unit = UnitResult.objects.filter(run=run).first()
    for address in (f"/results/runs/{run.pk}/", f"/results/units/{unit.pk}/"):
        page = client.get(address).content.decode()
        assert "颜色的意思" in page
        told = [row for row in rows_of(page) if row.startswith(("蓝", "黄", "红")) and "分" in row]
        assert told == [
            "蓝80.00分及以上无",
            "黄60.00分至不到80.00分连续2年：整改约谈",
            "红不到60.00分立即约谈并制定整改计划",
        ]
        assert "第三十六条" in page


def test_who_holds_no_post_is_proposed_for_nothing(cast: casting.Cast, client: Any) -> None:
    """王芳 stays employed, her post ended in the autumn: rotation and promotion do not apply, whatever she scored."""
    adoption.adopt(district="990101", pack="taoyuan", since=date(2020, 1, 1), by=None)
    post = Posting.objects.get(person=cast.people["colleague_a"])
    postings.end(posting=post, on=date(2025, 9, 30), by=None)
    years.compute(district="990101", year=2025, by=None)
    client.force_login(cast.users["district_a"])
    one = result_of(cast, "colleague_a")
    steps = {name: value for family in results.year_steps(one).values() for name, value in family.items()}
    absent = missing(Reason.NOT_APPLICABLE)
    assert (steps["rotation_candidate"], steps["ladder_eligible"]) == (absent, absent)
    assert (steps["rotation_selected"], steps["promotion_selected"]) == (0, 0)
    page = rows_of(client.get(f"/results/{one.pk}/why/career.rotation_15.candidate/").content.decode())
    assert [row for row in page if row.startswith("不计入的原因没有岗位")]
    assert [row for row in page if row.startswith("可列入交流不适用")]


def test_pack_without_colours_tells_none(computed: casting.Cast) -> None:
    run = Run.objects.get(org_code="990101", state=Run.State.DRAFT)
    assert len(results.colour_words(results.pack_of(run))) == 3
    assert results.colour_words(results.pack_of(run, date(1999, 1, 1))) == []


def test_time_taken_stands_with_the_numbers(computed: casting.Cast, client: Any) -> None:
    page = client.get("/results/runs/").content.decode()
    assert re.search(r'<th[^>]*class="[^"]*ql-num[^"]*"[^>]*>(?:\s|<a[^>]*>)*用时（秒）', page)
