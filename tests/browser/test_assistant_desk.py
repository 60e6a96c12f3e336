"""A resident's question goes to a person and back, each on her own screen; a worker asks in the drawer of the page she is on.

SCREENSHOTS=1 also writes docs/screenshots.
"""

import os
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from qinglan.apps.assistant.models import HandOver, Question
from qinglan.apps.base.models import span
from qinglan.apps.people.models import PostKind, Role, RoleGrant, User
from tests.browser.settling import settle, still
from tests.factories import organisation, posted

SCREENSHOTS = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
CheckAccess = Callable[[Page], None]
PHONE = {"width": 390, "height": 844}
PLACES = {
    "99": "虚构省",
    "9901": "虚构市",
    "990101": "桃源区",
    "990101001": "柳溪街道",
    "990101001001": "柳东社区",
}
NOISE = "邻居半夜唱歌吵得睡不着怎么办"


@pytest.fixture
def worker(transactional_db: None) -> User:
    """A worker of 柳东社区, and an officer of its district."""
    for code, name in PLACES.items():
        organisation(code, name)
    user = User.objects.create(
        username="shegong", last_name="沈", first_name="兰", person=posted("990101001001", PostKind.WORKER, name="沈兰")
    )
    officer = User.objects.create(username="quji", last_name="区", first_name="管")
    for account, role, code in ((user, Role.WORKER, "990101001001"), (officer, Role.DISTRICT_OFFICER, "990101")):
        RoleGrant.objects.create(user=account, role=role, org_code=code, span=span(date(2020, 1, 1)))
    return user


class Resident:
    """The page on which a resident asks, on her phone."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def ask(self, text: str) -> None:
        self.page.locator("textarea[name=text]").fill(text)
        self.page.get_by_role("button", name="提问").click()
        expect(self.page.locator("article.turn").last).to_contain_text(text)  # the first builds the index

    def to_a_person(self, note: str) -> None:
        turn = self.page.locator("article.turn").last
        if not turn.locator("textarea[name=note]").is_visible():
            turn.locator("summary", has_text="转给社区工作人员").click()
        turn.locator("textarea[name=note]").fill(note)
        turn.get_by_role("button", name="转给社区工作人员").click()
        expect(turn).to_contain_text("等人接手")


def _fits(page: Page, check_access: CheckAccess, name: str = "") -> None:
    """Nothing wider than the screen, at a desk or on a phone; nothing for axe to find; a picture when asked for."""
    settle(page)
    still(page)
    wide = page.viewport_size
    for size in (wide, PHONE):
        if size:
            page.set_viewport_size(size)
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, f"{page.url} is too wide"
        check_access(page)
        if name and size and os.environ.get("SCREENSHOTS"):
            page.screenshot(path=SCREENSHOTS / f"{name}-{size['width']}.png")
    if wide:
        page.set_viewport_size(wide)


def test_from_a_resident_to_a_person_and_back(
    worker: User, open_page: Callable[..., Page], check_access: CheckAccess
) -> None:
    resident = Resident(open_page("/ask/990101001001/", phone=True))
    resident.ask(NOISE)
    resident.to_a_person("已经三天了")
    desk = open_page("/assistant/desk/", user=worker)
    _fits(desk, check_access, "assistant-desk")
    desk.get_by_role("link", name=NOISE).click()
    expect(desk.get_by_text("已经三天了")).to_be_visible()
    desk.get_by_role("button", name="接手", exact=True).click()
    expect(desk.get_by_text("已由您接手")).to_be_visible()
    desk.get_by_role("button", name="把知识卡的文字放进来").click()
    box = desk.get_by_label("答复")
    assert len(box.input_value()) > 20
    assert len(box.input_value()) <= 1000
    _fits(desk, check_access, "assistant-answer")
    box.fill("打我电话 13900001234")
    desk.get_by_role("button", name="答复", exact=True).click()
    expect(desk.get_by_text("请删去个人号码")).to_be_visible()
    desk.get_by_label("答复").fill("今晚八点网格员和民警一起上门劝说。")
    desk.get_by_role("button", name="答复", exact=True).click()
    expect(desk.get_by_text("已答复，提问的人现在就能看到。")).to_be_visible()
    resident.page.reload()
    expect(resident.page.locator("article.turn").last).to_contain_text("今晚八点网格员和民警一起上门劝说。")
    _fits(resident.page, check_access)
    assert HandOver.objects.get().answered_by_id == worker.pk


def test_a_worker_asks_in_the_drawer_of_any_page(
    worker: User, open_page: Callable[..., Page], check_access: CheckAccess
) -> None:
    page = open_page("/notices/", user=worker)
    page.keyboard.press("Alt+/")
    drawer = page.get_by_role("dialog", name="问青蓝")
    box = drawer.get_by_label("您想问什么？")
    expect(box).to_be_focused()
    box.fill("我这个月工资怎么少了")
    drawer.get_by_role("button", name="提问").click()
    turn = drawer.get_by_role("article").last
    expect(turn).to_contain_text("我这个月工资怎么少了")
    expect(turn.get_by_role("link", name="我的工资条")).to_be_visible()
    expect(box).to_have_value("")
    expect(drawer).to_be_visible()  # a form that was answered closes other dialogs, not this one
    _fits(page, check_access, "assistant-drawer")
    turn.get_by_role("button", name="没有帮助").click()
    expect(drawer.get_by_text("谢谢，已记下。")).to_be_visible()
    if not drawer.get_by_label("要补充的话").is_visible():
        drawer.locator("summary", has_text="转给本区工作人员").click()
    drawer.get_by_role("button", name="转给本区工作人员").click()
    expect(drawer.get_by_text(re.compile("已转人工，编号"))).to_be_visible()
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    page.set_viewport_size(PHONE)
    page.get_by_role("button", name="问青蓝").click()
    expect(page.get_by_role("dialog", name="问青蓝").get_by_text("已转人工")).to_be_visible()  # the talk goes on
    page.keyboard.press("Alt+/")
    expect(drawer).to_be_hidden()
    page.goto("/assistant/")
    expect(page.get_by_role("heading", name="我转人工的提问")).to_be_visible()
    _fits(page, check_access, "assistant-panel")
    assert HandOver.objects.get().asked_by == worker
    assert Question.objects.get().talk.org_code == "990101001001"
