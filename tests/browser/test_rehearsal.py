"""A rehearsal from the form to the draft: values and mentors changed, progress watched, the comparison read, exported, taken up."""

from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from typing import Any

import openpyxl
import pytest
from django.db import connection
from playwright.sync_api import Page, expect

from qinglan.apps.people.models import User
from qinglan.apps.policy.actions import years
from qinglan.apps.policy.models import PackRelease
from qinglan.apps.rehearsal.actions import running
from qinglan.apps.rehearsal.models import Rehearsal
from qinglan.apps.rehearsal.tasks import live
from qinglan.demo import loading

CheckAccess = Callable[[Page], None]
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
RAISED = "无: 0\n初级: 300\n中级: 600\n高级: 1000"


@pytest.fixture
def officer(transactional_db: None, tmp_path: Path) -> User:
    """The district officer of a small 桃源区 whose 2024 is published."""
    loading.load(say=lambda sentence: None, total=189, subdistricts=1)
    loading.accounts(tmp_path / "accounts.json")
    loading.publish(years.compute(district="990101", year=2024, by=None))
    return User.objects.get(username="qu")


def _fits(page: Page, check_access: CheckAccess) -> None:
    """Nothing wider than the screen, nothing for axe to find; at a desk and on a phone."""
    for size in (WIDE, PHONE):
        page.set_viewport_size(size)
        page.wait_for_load_state("networkidle")
        page.mouse.move(0, 0)
        page.wait_for_timeout(300)  # what was under the mouse fades back
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, f"{page.url} is too wide"
        check_access(page)
    page.set_viewport_size(WIDE)


def _worker(number: int) -> None:
    try:
        live(number)
    finally:
        connection.close()


@pytest.mark.slow
def test_from_the_form_to_the_draft(
    officer: User,
    open_page: Callable[..., Page],
    check_access: CheckAccess,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = open_page("/rehearsals/", user=officer)
    expect(page.get_by_text("还没有推演")).to_be_visible()
    page.get_by_role("link", name="新的推演").click()
    page.get_by_label("改政策包的哪一项").select_option("pay.cert_allowance.amount")
    page.get_by_role("button", name="加上这一项").click()
    page.get_by_label("试的值").fill(RAISED)
    page.get_by_label("一名师傅带几人").fill("5")
    page.get_by_label("名称", exact=True).fill("津贴与师傅")
    page.get_by_label("推演几年").fill("2")
    page.get_by_label("重复几次").fill("8")
    _fits(page, check_access)
    page.get_by_role("button", name="推演", exact=True).click()
    expect(page.get_by_role("button", name="现在就算")).to_be_visible()
    row = Rehearsal.objects.get()

    go_on, keep = Event(), running._keep

    def held(*given: Any) -> bool:
        going = keep(*given)
        go_on.wait(30)
        return going

    monkeypatch.setattr(running, "_keep", held)
    worker = Thread(target=_worker, args=[row.pk])
    worker.start()
    try:
        # the waiting page comes to the first coarse band by itself
        expect(page.get_by_text("下面是头 3 次的结果")).to_be_visible(timeout=60_000)
        expect(page.locator("progress")).to_have_attribute("value", "3")
        check_access(page)
    finally:
        go_on.set()
        worker.join(60)
    expect(page.get_by_text("已完成")).to_be_visible(timeout=30_000)  # and to the end as well
    expect(page.get_by_text("这不是预测").first).to_be_visible()
    expect(page.locator("[data-chart] canvas").first).to_be_visible()
    page.locator("summary", has_text="帮带").click()
    expect(page.get_by_text("已改").first).to_be_visible()
    _fits(page, check_access)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="导出（xlsx）").click()
    waiting.value.save_as(tmp_path / "figures.xlsx")
    assert openpyxl.load_workbook(tmp_path / "figures.xlsx").active.max_row > 30

    page.get_by_role("link", name="分组看").click()
    page.get_by_label("按", exact=True).select_option("sex")
    page.get_by_label("看什么").select_option("pay")
    page.get_by_role("button", name="查看").click()
    expect(page.get_by_role("heading", name="人均月应发（元），按性别")).to_be_visible()
    _fits(page, check_access)

    page.goto(f"/rehearsals/{row.pk}/")
    page.get_by_role("link", name="拟为政策包修订").click()
    page.get_by_label("名称").fill("桃源区政策包（修订）")
    page.get_by_label("版本").fill("2027.1")
    page.get_by_label("依据").fill("区政府常务会议纪要〔2026〕8 号（测试）")
    _fits(page, check_access)
    page.get_by_role("button", name="拟成草稿").click()
    expect(page.get_by_text("由另一人发布").first).to_be_visible(timeout=30_000)
    assert page.url.endswith(f"/packs/releases/{PackRelease.objects.get().pk}/")
    assert PackRelease.objects.get().state == "draft"
