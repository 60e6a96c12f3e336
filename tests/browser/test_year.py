"""The year by page: an officer computes it, opens a person and the steps of a figure; a worker reads her own on a phone.

SCREENSHOTS=1 also writes docs/screenshots.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from qinglan.apps.people.models import RoleGrant, User
from qinglan.apps.policy.actions import years
from qinglan.apps.policy.models import PersonResult, Run
from qinglan.demo import loading
from tests.browser.settling import settle

SCREENSHOTS = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
CheckAccess = Callable[[Page], None]


@pytest.fixture
def officer(transactional_db: None, tmp_path: Path) -> User:
    """The district officer of a small 桃源区, nothing computed yet: one sub-district, 189 people."""
    loading.load(say=lambda sentence: None, total=189, subdistricts=1)
    loading.accounts(tmp_path / "accounts.json")
    return User.objects.get(pk=RoleGrant.objects.get(role="district_officer", user__username="qu").user_id)


def _fits(page: Page, check_access: CheckAccess, name: str = "") -> None:
    """Nothing wider than the screen, nothing for axe to find; a picture when asked for."""
    settle(page)
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, f"{page.url} is too wide"
    check_access(page)
    if name and os.environ.get("SCREENSHOTS"):
        width = page.viewport_size["width"] if page.viewport_size else 0
        page.screenshot(path=SCREENSHOTS / f"{name}-{width}.png", full_page=bool(os.environ.get("FULL_PAGE")))


def test_officer_computes_a_year_and_reads_why(
    officer: User, open_page: Callable[..., Page], check_access: CheckAccess
) -> None:
    page = open_page("/results/", user=officer)
    page.set_viewport_size(WIDE)
    expect(page.get_by_text("还没有年度结果")).to_be_visible()
    page.get_by_label("计算哪一年").select_option("2025")
    page.get_by_role("button", name="计算", exact=True).click()
    expect(page.get_by_text(re.compile("2025 年草案已算好"))).to_be_visible(timeout=180_000)
    _fits(page, check_access, "results")
    run = Run.objects.get()

    page.get_by_label("等次").select_option("1")
    page.get_by_role("button", name="查询").click()
    page.wait_for_url("**grade=1**")
    expect(page.get_by_text(f"共 {PersonResult.objects.filter(run=run, grade=1).count()} 条")).to_be_visible()
    page.locator("table tbody a").first.click()
    expect(page.get_by_role("heading", name="离高一档还差什么")).to_be_visible()
    _fits(page, check_access, "result")
    page.get_by_role("link", name=re.compile("^综合分")).click()
    expect(page.get_by_role("heading", name=re.compile("为什么是这个数"))).to_be_visible()
    expect(page.get_by_text("四位一体综合分").first).to_be_visible()
    _fits(page, check_access, "why")
    page.get_by_role("link", name=re.compile("^下一项")).click()
    expect(page.get_by_role("heading", name=re.compile("为什么是这个数"))).to_be_visible()

    page.goto(f"/results/runs/{run.pk}/")
    page.locator("summary").first.click()
    _fits(page, check_access, "run")
    page.get_by_role("link", name=re.compile("^全部")).first.click()
    expect(page.get_by_label("例外")).not_to_have_value("")
    page.goto(f"/results/units/{run.units.get(org_code='990101001001').pk}/")
    _fits(page, check_access, "unit")
    unit = page.url
    others = ("/results/runs/", "/packs/taoyuan/", "/packs/compare/?left=blueprint&right=taoyuan")
    for address in others:
        page.goto(address)
        _fits(page, check_access)
    page.set_viewport_size(PHONE)
    for name, address in {"results": "/results/", "run": f"/results/runs/{run.pk}/", "unit": unit}.items():
        page.goto(address)
        _fits(page, check_access, name)
    for address in others:
        page.goto(address)
        _fits(page, check_access)


@pytest.mark.slow
def test_worker_on_a_phone_reaches_her_year_and_its_steps_in_three_taps(
    officer: User, open_page: Callable[..., Page], check_access: CheckAccess
) -> None:
    loading.publish(years.compute(district="990101", year=2025, by=None))
    worker = User.objects.get(username="shegong")
    page = open_page("/", user=worker, phone=True)
    page.get_by_role("link", name="2025 年全部结果").click()  # one
    result = PersonResult.objects.get(person=worker.person_id)
    page.wait_for_url(f"**/results/{result.pk}/")
    expect(page.get_by_role("heading", name="离高一档还差什么")).to_be_visible()
    expect(page.get_by_role("heading", name="学时还差多少")).to_be_visible()
    _fits(page, check_access, "my-year")
    page.get_by_role("link", name=re.compile("^综合分")).click()  # two
    page.wait_for_url("**/why/assess.four_in_one/")
    _fits(page, check_access, "my-why")
    page.go_back()
    page.get_by_role("link", name="3 月", exact=True).click()  # two: every step of March's pay
    expect(page.get_by_text("累计预扣预缴应纳税所得额")).to_be_visible()
    _fits(page, check_access, "my-month")
    page.goto(f"/results/{result.pk}/pay/")
    _fits(page, check_access, "my-pay")
    page.goto(f"/results/{result.pk}/")
    links = page.locator("a[href*='/why/']").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    families = {family for family, _ in result.run.step_columns}
    assert {link.rstrip("/").rsplit("/", 1)[1] for link in links} == families  # two: the steps of any figure


def test_three_people_take_a_year_to_publication(
    officer: User, open_page: Callable[..., Page], check_access: CheckAccess
) -> None:
    run = years.compute(district="990101", year=2025, by=None)
    address = f"/results/runs/{run.pk}/"
    page = open_page(address, user=officer)
    page.get_by_label("说明").fill("请复核")
    page.get_by_role("button", name="提交审核").click()
    expect(page.get_by_text("已提交审核")).to_be_visible()
    expect(page.get_by_role("button", name="签署")).to_be_disabled()
    _fits(page, check_access, "submitted")

    page = open_page(address, user=User.objects.get(username="fuhe"))
    page.get_by_role("link", name=re.compile("人$")).filter(has_text=re.compile(r"^\d+ 人$")).click()
    page.wait_for_url("**/review/")
    _fits(page, check_access, "review")
    while page.get_by_text("还有").first.is_visible():
        page.goto(f"{address}review/?state=open")
        page.get_by_role("button", name="全选本页").click()
        page.get_by_role("button", name="记下勾选的人").click()
        expect(page.get_by_text(re.compile("已记下"))).to_be_visible()
    page.get_by_role("link", name="这次计算").click()
    page.get_by_role("button", name="签署").click()
    expect(page.get_by_text("已签署，金额不再变动")).to_be_visible()

    page = open_page(address, user=User.objects.get(username="gongbu"), phone=True)
    _fits(page, check_access, "signed")
    page.get_by_role("button", name="公布").click()
    page.get_by_role("button", name="确定").click()
    expect(page.get_by_text("本人可以看到自己的结果")).to_be_visible()
    worker = open_page("/", user=User.objects.get(username="shegong"), phone=True)
    worker.get_by_role("link", name="2025 年全部结果").click()
    expect(worker.get_by_text("已公布").first).to_be_visible()
