"""A resident on a telephone: she asks, asks on, says that it helped, goes to a person and reads the answer; a kiosk that begins anew;
voices and recognition of the device alone. SCREENSHOTS=1 also writes docs/screenshots."""

import os
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from django.core.cache import cache
from django.test import override_settings
from playwright.sync_api import Page, expect

from qinglan.apps.assistant.actions import handing
from qinglan.apps.assistant.models import CityValue, HandOver
from qinglan.core.retrieval import shipped
from tests import cast as casting
from tests.browser.settling import settle

SCREENSHOTS = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
AT = "/ask/990101001001/"
CITY = "高龄津贴每月多少钱"
WIDE = "document.documentElement.scrollWidth - window.innerWidth"
# What the page's text is made of, as large as it is shown.
SMALLEST = """() => Math.min(...[...document.querySelectorAll("main *")]
  .filter((one) => one.checkVisibility() && [...one.childNodes].some((part) => part.nodeType === 3 && part.data.trim()))
  .map((one) => parseFloat(getComputedStyle(one).fontSize)))"""
CheckAccess = Callable[[Page], None]


@pytest.fixture
def cast(transactional_db: None) -> casting.Cast:
    cache.clear()
    shipped.answerer().ask(
        "低保", today=date(2026, 1, 1)
    )  # the model is loaded once a process; the walk does not wait for it
    made = casting.build()
    field = next(card for card in shipped.cards() if card.key == "35").city[0]
    CityValue.objects.create(
        org_code="990101",
        field=field.name,
        text="每月100元起",
        since=date(2026, 1, 1),
        source="文件",
        by_id=1,
        by_name="某",
    )
    return made


def _fine(page: Page, check_access: CheckAccess, name: str = "") -> None:
    """Nothing wider than the screen, nothing small, nothing for axe to find; a picture when asked for."""
    settle(page)
    assert page.evaluate(WIDE) <= 0, f"{page.url} is too wide"
    assert page.evaluate(SMALLEST) >= 18, f"{page.url} has small type"
    check_access(page)
    if name and os.environ.get("SCREENSHOTS"):
        page.screenshot(path=SCREENSHOTS / f"{name}-{page.evaluate('innerWidth')}.png")


def _ask(page: Page, text: str, turns: int) -> None:
    page.get_by_label(re.compile("您想问什么|接着问")).fill(text)
    page.keyboard.press("Enter")
    expect(page.locator(".turn")).to_have_count(turns)
    expect(page.get_by_label("接着问")).to_have_value("")


def test_a_resident_asks_and_a_person_answers(
    cast: casting.Cast, open_page: Callable[..., Page], check_access: CheckAccess
) -> None:
    page = open_page(AT, phone=True)
    _fine(page, check_access)
    page.get_by_label("您想问什么？").fill("邻居半夜唱歌吵得睡不着怎么办")
    page.get_by_role("button", name="提问").click()
    turn = page.locator(".turn").last
    expect(turn.get_by_text("出处：知识卡")).to_be_visible()
    expect(turn).to_be_in_viewport()
    expect(page.get_by_text("大家常问")).to_be_hidden()
    _fine(page, check_access, "ask-answer")
    _ask(page, "那要带什么材料？", 2)
    expect(page.locator(".turn .reply").last.get_by_text("材料").first).to_be_visible()
    _ask(page, CITY, 3)
    expect(page.locator(".turn").last.locator("dd").get_by_text("每月100元起")).to_be_visible()
    page.locator(".turn").last.get_by_role("button", name="有帮助", exact=True).click()
    expect(page.locator(".turn").last.get_by_text("谢谢，已记下。")).to_be_visible()
    _ask(page, "我家煤气味很大", 4)
    expect(page.locator(".turn").last.get_by_role("link", name="119")).to_have_attribute("href", "tel:119")
    first = page.locator(".turn").first
    first.get_by_text("转给社区工作人员").first.click()
    first.get_by_label("要补充的话").fill("唱到两点，已经第三天")
    first.get_by_role("button", name="转给社区工作人员").click()
    expect(first.get_by_text("等人接手")).to_be_visible()
    _fine(page, check_access, "ask-handed")
    page.clock.install()
    page.reload()
    assert page.url.endswith(AT), "no key in the address"
    expect(page.locator(".turn")).to_have_count(4)
    row = handing.take(hand_over=HandOver.objects.get(), by=cast.users["worker_a"])
    handing.answer(hand_over=row, text="今晚网格员上门劝阻。", by=cast.users["worker_a"])
    page.clock.fast_forward(15_500)
    expect(page.get_by_text("今晚网格员上门劝阻。")).to_be_visible()
    _fine(page, check_access)
    page.get_by_role("button", name="重新开始").click()
    expect(page.locator(".turn")).to_have_count(0)


def test_one_without_a_place_chooses_her_district_and_goes_on(
    cast: casting.Cast, open_page: Callable[..., Page], check_access: CheckAccess
) -> None:
    page = open_page("/ask/", phone=True)
    _fine(page, check_access)
    page.get_by_role("link", name="先不选，直接问").click()
    _ask(page, CITY, 1)
    page.locator(".turn").get_by_role("link", name="选择所在的区").click()
    page.get_by_role("link", name="甲区").click()
    page.get_by_role("button", name="在甲区接着问").click()
    expect(page.locator(".turn")).to_have_count(2)
    expect(page.locator(".turn").last.locator("dd").get_by_text("每月100元起")).to_be_visible()
    _fine(page, check_access)
    with override_settings(ACCOUNT_RATE_LIMITS={"assistant_ask": "1/m/ip"}):
        _ask(page, "低保到哪里申请", 3)
        page.get_by_label("接着问").fill("办居住证要带什么")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert").get_by_text("过一分钟再问")).to_be_in_viewport()
        expect(page.get_by_label("接着问")).to_have_value("办居住证要带什么")
    _fine(page, check_access)


def test_a_kiosk_begins_anew_when_nobody_touches_it(
    cast: casting.Cast, open_page: Callable[..., Page], check_access: CheckAccess
) -> None:
    page = open_page(f"{AT}kiosk/")
    page.set_viewport_size({"width": 1080, "height": 1920})
    page.clock.install()
    page.reload()
    _fine(page, check_access, "ask-kiosk")
    page.get_by_text("社保退休").click()
    page.get_by_role("button", name="我几岁能退休").click()
    expect(page.locator(".turn")).to_have_count(1)
    _fine(page, check_access)
    page.clock.run_for(50_000)
    expect(page.get_by_role("alertdialog")).to_contain_text("秒后清空屏幕")
    check_access(page)
    page.get_by_role("button", name="我还在看").click()
    expect(page.get_by_role("alertdialog")).to_be_hidden()
    page.clock.run_for(50_000)
    expect(page.locator(".turn")).to_have_count(1)
    page.clock.run_for(11_000)
    expect(page.locator(".turn")).to_have_count(0)
    expect(page.get_by_text("社保退休")).to_be_visible()
    assert [one for one in page.context.cookies() if one["name"].startswith("ql_")] == []


# Stands in for what this browser lacks: voices and a recogniser, of the device or not.
FAKES = """(here) => {
  const voice = {lang: "zh-CN", localService: here, name: "x", default: true, voiceURI: "x"};
  speechSynthesis.getVoices = () => [{...voice, lang: "en-US", localService: true}, voice];
  Object.defineProperty(Navigator.prototype, "webdriver", {get: () => false});
  window.SpeechRecognition = class {};
  window.SpeechRecognition.available = async ({langs, processLocally}) =>
    here && langs[0] === "zh-CN" && processLocally ? "available" : "downloadable";
}"""


@pytest.mark.parametrize("here", [True, False])
def test_voices_are_those_of_the_device_or_there_is_no_button(
    here: bool, cast: casting.Cast, open_page: Callable[..., Page], check_access: CheckAccess
) -> None:
    page = open_page("/ask/", phone=True)
    page.add_init_script(f"({FAKES})({str(here).lower()})")
    page.goto(AT)
    _ask(page, "低保到哪里申请", 1)
    buttons = [page.get_by_role("button", name="读给我听"), page.get_by_role("button", name="说给它听")]
    for button in buttons:
        expect(button).to_be_visible() if here else expect(button).to_be_hidden()
    if here:
        _fine(page, check_access)
