"""What residents asked in words that no card knew becomes ways of asking of a card: grouped, drafted, measured, released by a second
person, answered. LEARNING_PICTURES=folder also keeps pictures of the pages, wide and narrow.
"""

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from qinglan.apps.assistant.actions import asking
from qinglan.apps.assistant.models import Evaluation, Question
from qinglan.apps.assistant.states import Channel, Outcome
from qinglan.apps.assistant.tasks import evaluate
from qinglan.apps.base.models import span
from qinglan.apps.people.models import Role, RoleGrant, User
from tests.browser.settling import settle, still
from tests.factories import organisation

CheckAccess = Callable[[Page], None]
PHONE, WIDE = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
PLACES = {
    "99": "虚构省", "9901": "虚构市", "990101": "桃源区", "990101001": "柳溪街道", "990101001001": "柳东社区",
}  # fmt: skip
CARD = "高龄津贴怎么领"
ASKED = ("寿星红包几时派", "寿星红包哪个给", "寿星红包怎么派", "寿星红包到哪里讨")
SET = "question,expected\n寿星红包几时派,35\n寿星红包找哪个讨,35\n明天天气怎么样,拒答\n低保到哪里申请,25\n"


@pytest.fixture
def officers(transactional_db: None) -> list[User]:
    """Two officers of 桃源区, where residents asked in vain."""
    for code, name in PLACES.items():
        organisation(code, name)
    made = []
    for name in ("quyi", "quer"):
        made.append(User.objects.create(username=name, last_name="区", first_name=name))
        RoleGrant.objects.create(
            user=made[-1], role=Role.DISTRICT_OFFICER, org_code="990101", span=span(date(2020, 1, 1))
        )
    talk = asking.begin(channel=Channel.PAGE, place="990101001001")
    for text in ASKED:
        assert asking.ask(talk=talk, text=text).outcome in (Outcome.REFUSED, Outcome.HANDED_OVER), "a card knows it"
    return made


def _looked_at(page: Page, check_access: CheckAccess, name: str) -> None:
    """Nothing wider than a phone's screen, nothing for axe to find, a picture when asked for."""
    for size in (PHONE, WIDE):
        page.set_viewport_size(size)
        settle(page)
        still(page)
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, f"{page.url} is too wide"
        if folder := os.environ.get("LEARNING_PICTURES"):
            page.screenshot(path=Path(folder) / f"{name}-{size['width']}.png", full_page=True)
    check_access(page)


def test_from_unanswered_questions_to_an_answer(
    officers: list[User], open_page: Callable[..., Page], check_access: CheckAccess, tmp_path: Path
) -> None:
    page = open_page("/assistant/learning/", user=officers[0])
    group = page.locator("section.card", has_text=ASKED[0])
    for text in ASKED:
        expect(group.get_by_label(text)).to_be_checked()
    _looked_at(page, check_access, "learning")
    group.get_by_role("button", name=f"加进“{CARD}”").click()
    expect(page.get_by_text(f"已放进居民问过的 {len(ASKED)} 句")).to_be_visible()
    page.get_by_role("button", name="存为草稿").click()
    expect(page.get_by_text("还没有评测")).to_be_visible()
    draft = page.url
    assert set(Question.objects.values_list("settled__title", flat=True)) == {CARD}

    page.get_by_role("link", name="评测这份草稿").click()
    _looked_at(page, check_access, "evaluation-new")
    file = tmp_path / "四题.csv"
    file.write_text(SET, encoding="utf-8")
    page.get_by_label("或者上传一份新的问题").set_input_files(file)
    page.get_by_role("button", name="开始评测").click()
    expect(page.get_by_text("这次评测还没有开始")).to_be_visible()
    evaluate(Evaluation.objects.get().pk)  # the worker of the queue
    page.reload()
    expect(page.get_by_text("带上草稿，多答对 2 题，没有少答对的")).to_be_visible()
    expect(page.get_by_text("由它答上的 4 个；不带时答上的 0 个")).to_be_visible()
    _looked_at(page, check_access, "evaluation-draft")
    page.get_by_label("看哪些").select_option("多答对")
    page.get_by_role("button", name="查询").click()
    expect(page.get_by_role("cell", name="寿星红包找哪个讨")).to_be_visible()

    page.goto(draft)
    expect(page.get_by_text("多答对 2 题，少答对 0 题")).to_be_visible()
    page.get_by_role("button", name="提交").click()
    second = open_page(draft, user=officers[1])
    _looked_at(second, check_access, "draft")
    second.get_by_role("button", name="发布").click()
    second.get_by_role("button", name="确定").click()
    expect(second.get_by_text("已发布，助手从起始日起照它回答")).to_be_visible()
    second.goto("/assistant/learning/")
    expect(second.get_by_text("没有要处理的提问")).to_be_visible()

    resident = open_page("/ask/990101001001/", phone=True)
    resident.locator("textarea[name=text]").fill(ASKED[0])
    resident.get_by_role("button", name="提问").click()
    expect(resident.locator("article.turn").last).to_contain_text(CARD)
    assert Question.objects.latest("pk").outcome == Outcome.ANSWERED
