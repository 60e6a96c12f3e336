"""From a worker's doubt about one figure to the amended publication that shows the difference, each on her own screen.

SCREENSHOTS=1 also writes docs/screenshots.
"""

import os
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from qinglan.apps.base.models import span
from qinglan.apps.facts.actions import recording
from qinglan.apps.facts.models import TrainingRecord
from qinglan.apps.people.models import Role, RoleGrant, User
from qinglan.apps.policy.actions import years
from qinglan.apps.policy.models import PersonResult, Run
from qinglan.apps.rights.models import Claim
from qinglan.demo import loading
from tests.browser.settling import settle

SCREENSHOTS = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
CheckAccess = Callable[[Page], None]
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def worker(transactional_db: None, tmp_path: Path) -> User:
    """A worker of a small 桃源区 whose 2025 is published, with eight hours of a training on record."""
    loading.load(say=lambda sentence: None, total=189, subdistricts=1)
    loading.accounts(tmp_path / "accounts.json")
    user = User.objects.get(username="shegong")
    assert user.person is not None
    row = {"person_id": user.person_id, "org_code": user.person.org_code, "kind": "annual", "course": "签到表漏记的培训",
           "valid_on": date(2025, 3, 1), "hours": 800, "days": None, "evidence": "签到表", "recorder": "张敏"}  # fmt: skip
    recording.record_many(kind="training", rows=[row], by=None, org_code="990101")
    loading.publish(years.compute(district="990101", year=2025, by=None))
    return user


@pytest.fixture
def reviewer(worker: User) -> User:
    """A district officer who took no part in the year."""
    user = User.objects.create(username="duban", last_name="督", first_name="办")
    RoleGrant.objects.create(user=user, role=Role.DISTRICT_OFFICER, org_code="990101", span=span(date(2020, 1, 1)))
    return user


def _fits(page: Page, check_access: CheckAccess, name: str = "") -> None:
    """Nothing wider than the screen, at a desk or on a phone; nothing for axe to find; a picture when asked for."""
    settle(page)
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


def test_from_a_doubt_to_the_difference(
    worker: User, reviewer: User, open_page: Callable[..., Page], check_access: CheckAccess
) -> None:
    result = PersonResult.objects.get(person=worker.person_id)
    hers = open_page(f"/results/{result.pk}/why/train.annual_days/", user=worker, phone=True)
    _fits(hers, check_access)
    hers.get_by_role("link", name=re.compile("有异议.*还差学时")).click()
    expect(hers.get_by_role("heading", name="对这个数有异议")).to_be_visible()
    _fits(hers, check_access, "objection")
    hers.get_by_label("诉求和理由").fill("3 月 1 日的培训签到表记 16 学时，只算了 8 学时")
    hers.get_by_label("证据").set_input_files(
        {"name": "签到表.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    )  # fmt: skip
    hers.get_by_role("button", name="提交").click()
    expect(hers.get_by_text(re.compile("已收到，编号"))).to_be_visible()
    claim = Claim.objects.get()
    _fits(hers, check_access, "my-claim")

    desk = open_page("/notices/", user=reviewer)
    desk.get_by_role("button", name=re.compile(f"收到诉求 {claim.number}")).click()
    desk.get_by_text("不能办理的人").click()
    expect(desk.get_by_text(re.compile("签署过这次结果"))).to_be_visible()
    desk.get_by_label("办理人（与此事无关）").select_option(label="督办")
    desk.get_by_role("button", name="指派").click()
    desk.get_by_role("link", name="答复", exact=True).click()
    _fits(desk, check_access, "answer")
    training = TrainingRecord.objects.get(course="签到表漏记的培训")
    desk.get_by_label("结论").select_option("upheld")
    desk.get_by_label("理由").fill("核对签到表，应为 16 学时")
    desk.get_by_label("要更正什么").fill("3 月 1 日的培训为 16 学时")
    desk.get_by_label("哪条事实").select_option(f"training:{training.pk}")
    desk.get_by_role("button", name="提交答复").click()
    expect(desk.get_by_text("已答复，本人已收到消息")).to_be_visible()
    _fits(desk, check_access, "claim-answered")

    desk.get_by_role("link", name="打开要更正的事实").click()
    desk.get_by_role("link", name="更正", exact=True).click()
    desk.get_by_label("学时").fill("16")
    desk.get_by_label("理由").fill(f"诉求 {claim.number} 成立")
    desk.get_by_role("button", name="保存更正").click()
    expect(desk.get_by_text("已更正，原来的记录留在历史里")).to_be_visible()
    desk.goto(f"/rights/{claim.pk}/")
    made = TrainingRecord.objects.get(supersedes=training)
    desk.get_by_label("已更正的事实").select_option(f"training:{made.pk}")
    desk.get_by_role("button", name="登记更正").click()
    expect(desk.get_by_role("button", name="记为已更正")).to_be_disabled()
    loading.publish(years.compute(district="990101", year=2025, by=None))
    assert Run.objects.filter(state=Run.State.AMENDED).count() == 1
    desk.reload()
    desk.get_by_role("button", name="记为已更正").click()
    expect(desk.get_by_text("已记为更正，本人已收到消息")).to_be_visible()

    hers.goto("/notices/")
    _fits(hers, check_access, "notices")
    hers.get_by_role("button", name=re.compile("已更正并公布，请查看前后的不同")).click()
    expect(hers.get_by_role("heading", name="更正前后的不同")).to_be_visible()
    expect(hers.locator("#difference").get_by_text("→").first).to_be_visible()
    _fits(hers, check_access, "claim-difference")
    hers.get_by_role("button", name="接受，办结").click()
    hers.get_by_role("button", name="确定").click()
    expect(hers.get_by_text("已办结").first).to_be_visible()
    for address in ("/rights/desk/", "/rights/day/", "/rights/proposals/"):
        desk.goto(address)
        _fits(desk, check_access, address.strip("/").replace("/", "-"))
