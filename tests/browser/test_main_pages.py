"""The main pages with an invented sub-district, at a desk and on a phone: nothing for axe to find, nothing wider than the screen.

SCREENSHOTS=1 also writes docs/screenshots.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from qinglan.apps.people.models import Person, RoleGrant, User
from qinglan.demo import loading
from tests.browser.settling import settle

SCREENSHOTS = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
WIDE = {"width": 1440, "height": 900}


@pytest.fixture
def officer(transactional_db: None, tmp_path: Path) -> User:
    """The district officer of a small 桃源区: one sub-district, 189 people, three years of facts."""
    loading.load(say=lambda sentence: None, total=189, subdistricts=1)
    loading.accounts(tmp_path / "accounts.json")
    return User.objects.get(pk=RoleGrant.objects.get(role="district_officer", user__username="qu").user_id)


def _keep(page: Page, name: str) -> None:
    if os.environ.get("SCREENSHOTS"):
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"{name}.png")


def _settled(page: Page) -> None:
    """Until what loads by itself is there."""
    expect(page.get_by_text("正在载入…").locator("visible=true")).to_have_count(0)
    settle(page)


def test_main_pages(officer: User, open_page: Callable[..., Page], check_access: Callable[[Page], None]) -> None:
    worker = Person.objects.filter(user__username="shegong").get()
    pages = {
        "home": "/",
        "organisations": "/organisations/",
        "organisation": f"/organisations/{worker.org_code}/",
        "people": "/people/",
        "person": f"/people/{worker.pk}/",
        "packs": "/packs/",
    }
    for phone in (False, True):
        page = open_page("/", user=officer, phone=phone)
        if not phone:
            page.set_viewport_size(WIDE)
        for name, address in pages.items():
            page.goto(address)
            _settled(page)
            assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, f"{name} is too wide"
            _keep(page, f"{name}-{'390' if phone else '1440'}")
            check_access(page)


def test_worker_on_a_phone_arrives_at_her_own_page(
    officer: User, open_page: Callable[..., Page], check_access: Callable[[Page], None]
) -> None:
    worker = User.objects.get(username="shegong")
    page = open_page("/", user=worker, phone=True)
    _settled(page)
    assert page.url.endswith("/me/")
    assert worker.person is not None
    assert worker.person.name in page.inner_text("main")
    assert worker.person.id_number.open() not in page.content()
    _keep(page, "mine-390")
    check_access(page)


def test_tree_opens_by_keyboard(officer: User, open_page: Callable[..., Page]) -> None:
    page = open_page("/organisations/", user=officer)
    page.get_by_role("button", name="桃花渡街道的下级").press("Enter")
    expect(page.get_by_text("桃花春晓社区居委会")).to_be_visible()


def test_slash_goes_to_the_search_box(officer: User, open_page: Callable[..., Page]) -> None:
    page = open_page("/", user=officer)
    page.keyboard.press("/")
    page.keyboard.type("wang")
    page.keyboard.press("Enter")
    page.wait_for_url("**/people/?q=wang")


def test_full_number_is_shown_after_a_reason(officer: User, open_page: Callable[..., Page]) -> None:
    worker = Person.objects.filter(user__username="shegong").get()
    page = open_page(f"/people/{worker.pk}/", user=officer)
    page.get_by_role("button", name=re.compile("查看完整.*身份证号")).click()
    page.get_by_label("查看理由").locator("visible=true").fill("核对社保参保信息")
    page.get_by_role("button", name="查看并留痕").locator("visible=true").click()
    expect(page.get_by_text(worker.id_number.open())).to_be_visible()
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_first_run_of_an_empty_system(
    transactional_db: None, open_page: Callable[..., Page], check_access: Callable[[Page], None]
) -> None:
    page = open_page("/")
    page.wait_for_url("**/setup/")
    _keep(page, "setup-1440")
    check_access(page)
    page.get_by_label("您的姓名").fill("林晓青")
    page.get_by_label("账号名").fill("linxiaoqing")
    page.get_by_label("密码", exact=True).fill("Taohua-Yuan-2026")
    page.get_by_label("再输一次密码").fill("Taohua-Yuan-2026")
    page.get_by_label("本区").select_option(label="湖北省武汉市江汉区")
    page.get_by_role("button", name="建立系统并登录").click()
    expect(page.get_by_text("接下来做什么")).to_be_visible()
    _keep(page, "first-steps-1440")
    check_access(page)


def test_components(
    open_page: Callable[..., Page], check_access: Callable[[Page], None], transactional_db: None
) -> None:
    keeper = User.objects.create_user("keeper", password="x", is_staff=True)
    for phone in (False, True):
        page = open_page("/components/", user=keeper, phone=phone)
        expect(page.get_by_text("已完成")).to_be_visible()  # the sample job ends by itself
        check_access(page)
    page.get_by_role("button", name="撤销导入").click()
    expect(page.get_by_text("将标为作废")).to_be_visible()
    check_access(page)
