"""The schematic map: drawn from the page's own tables, moved by keyboard, the same content for those who do not see it, on a phone too."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from qinglan.apps.rehearsal.models import Study
from qinglan.apps.rehearsal.states import Kind
from qinglan.core.matching.siting import plan
from qinglan.core.matching.siting_sheets import map_of, pasted, plain, read_map, told
from qinglan.core.twin.desk.figures import outcome
from qinglan.core.twin.desk.reading import read_desk
from qinglan.core.twin.desk.sheets import pasted as columns
from qinglan.core.twin.dispatching import outcome as dispatched
from qinglan.core.twin.dispatching_sheets import changed, read_field, template
from qinglan.core.twin.dispatching_sheets import plain as packed
from tests import cast as casting
from tests.browser.settling import settle

SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture
def cast(transactional_db: None) -> casting.Cast:
    return casting.build()


@pytest.fixture
def study(cast: casting.Cast) -> Study:
    """A siting that has been answered: five new centres, and two villages that nobody serves."""
    far = "\n099\t远村\t80\t6000\t0\n100\t远庄\t70\t6100\t0"
    kept = plain(read_map((pasted() + far).encode(), "小区.csv", {"most_new": 5}))
    one = map_of(kept)
    row = Study.objects.create(
        kind=Kind.SITING, org_code="990101", name="邻里中心", inputs={"map": kept}, made_by_name="区级", done=1, total=1,
        outcome=told(one, plan(one.problem)),
    )  # fmt: skip
    for state in (Study.State.RUNNING, Study.State.DONE):
        row.state = state
        row.save(update_fields=["state"])
    return row


def test_the_plan_is_drawn_and_stands_in_tables_beside(
    cast: casting.Cast, study: Study, open_page: Callable[..., Page], check_access: Callable[[Page], None]
) -> None:
    page = open_page(f"/studies/{study.pk}/", cast.users["district_a"])
    drawn = page.locator(".ql-map")
    expect(drawn).to_have_attribute("data-drawn", "5")
    # 26 neighbourhoods, 5 centres with their circles, and a line to each who is served.
    served = sum(1 for one in study.outcome["places"] if one["centre"])
    expect(drawn.locator("path")).to_have_count(26 + 10 + served)
    expect(page.get_by_role("row").filter(has_text="远村").get_by_text("没有服务到")).to_be_visible()
    drawn.locator("path.leaflet-interactive").last.hover()
    expect(drawn.get_by_role("tooltip")).to_contain_text("个小区")
    zoom = drawn.get_by_role("button", name="放大")
    before = drawn.locator("path").first.get_attribute("d")
    zoom.focus()
    page.keyboard.press("Enter")
    expect(drawn.locator("path").first).not_to_have_attribute("d", before or "")
    check_access(page)
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    expect(drawn).to_have_attribute("data-drawn", "5")
    assert not page.evaluate(SIDEWAYS)
    check_access(page)


def test_the_desk_side_by_side_fits_a_phone(
    cast: casting.Cast, open_page: Callable[..., Page], check_access: Callable[[Page], None]
) -> None:
    """The longest page of studies: three layouts, stacked where there is no room."""
    case = read_desk(columns().encode(), "粘贴的表").with_(replicates=2, months=2)
    row = Study.objects.create(
        kind=Kind.DESK, org_code="990101", name="窗口", inputs={"case": case.plain()}, made_by_name="区级", done=2, total=2,
        outcome=outcome(case),
    )  # fmt: skip
    for state in (Study.State.RUNNING, Study.State.DONE):
        row.state = state
        row.save(update_fields=["state"])
    page = open_page(f"/studies/{row.pk}/", cast.users["district_a"], phone=True)
    expect(page.get_by_text("能腾出几个人")).to_be_visible()
    expect(page.locator(".ql-chart canvas").first).to_be_visible()
    assert not page.evaluate(SIDEWAYS)
    check_access(page)


def test_a_dispatch_fits_desk_and_phone(
    cast: casting.Cast, open_page: Callable[..., Page], check_access: Callable[[Page], None]
) -> None:
    field = changed(read_field(template(), "派单样表.xlsx"), {"days": 2, "replicates": 3}, "")
    row = Study.objects.create(
        kind=Kind.DISPATCH, org_code="990101", name="三家片区", inputs={"field": packed(field)}, made_by_name="区级",
        done=3, total=3, outcome=dispatched(field),
    )  # fmt: skip
    for state in (Study.State.RUNNING, Study.State.DONE):
        row.state = state
        row.save(update_fields=["state"])
    page = open_page(f"/studies/{row.pk}/", cast.users["district_a"])
    expect(page.get_by_role("row").filter(has_text="平均响应（分钟）")).to_be_visible()
    settle(page)
    check_access(page)
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    settle(page)
    assert not page.evaluate(SIDEWAYS)
