"""A rehearsal from the form to the draft: values and mentors changed, progress watched, the comparison read, exported, taken up.

The short walk is of a small district and a few replicates; the long one (slow) is the issue's: 桃源区 whole, a hundred replicates of
ten years by a worker of the queue, with its times.
"""

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, Thread, current_thread
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from playwright.sync_api import Page, expect
from procrastinate.contrib.django import app as jobs

from qinglan.apps.people.models import User
from qinglan.apps.policy.actions import years
from qinglan.apps.policy.models import PackRelease
from qinglan.apps.rehearsal.actions import running
from qinglan.apps.rehearsal.models import Rehearsal
from qinglan.apps.rehearsal.tasks import live
from qinglan.demo import loading
from tests.browser.settling import settle, still

CheckAccess = Callable[[Page], None]
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
# Names of the threads in which the worker's tasks run, and of that in which asgiref runs the queue's own questions.
TASKS, ASGIREF = "tasks of the walk", "ThreadPoolExecutor-"
RAISED = {"初级": "300", "中级": "600", "高级": "1000"}


def _officer(tmp_path: Path, **size: int) -> User:
    """The district officer of a 桃源区 whose 2024 is published."""
    loading.load(say=lambda sentence: None, **size)
    loading.accounts(tmp_path / "accounts.json")
    loading.publish(years.compute(district="990101", year=2024, by=None))
    return User.objects.get(username="qu")


@pytest.fixture
def officer(transactional_db: None, tmp_path: Path) -> User:
    """Hers is a small one."""
    return _officer(tmp_path, total=189, subdistricts=1)


@pytest.fixture
def whole(transactional_db: None, tmp_path: Path) -> User:
    """Hers is the demo's."""
    return _officer(tmp_path)


@pytest.fixture
def worker() -> Iterator[None]:
    """A worker of the queue, as `qinglan work` runs one. Its tasks' threads keep their connections to the database; they are closed
    when it has ended, else the test's database could not be dropped."""
    loop = asyncio.new_event_loop()
    loop.set_default_executor(ThreadPoolExecutor(thread_name_prefix=TASKS))
    opened: list[BaseDatabaseWrapper] = []

    def note(connection: BaseDatabaseWrapper, **_: Any) -> None:
        if current_thread().name.startswith((TASKS, ASGIREF)):
            opened.append(connection)

    async def work() -> None:
        async with jobs.with_connector(jobs.connector.get_worker_connector()).open_async() as ours:  # type: ignore[attr-defined]
            await ours.run_worker_async(queues=["rehearsal"], install_signal_handlers=False)

    task = loop.create_task(work())

    def run() -> None:
        try:
            loop.run_until_complete(task)
        except asyncio.CancelledError:
            pass
        finally:
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()

    thread = Thread(target=run, name=f"{TASKS} queue")
    connection_created.connect(note)
    thread.start()
    yield
    loop.call_soon_threadsafe(task.cancel)
    thread.join(120)
    connection_created.disconnect(note)
    assert not thread.is_alive(), "the worker does not end"
    for one in opened:
        one.inc_thread_sharing()  # its thread is gone
        one.close()


def _fits(page: Page, check_access: CheckAccess) -> None:
    """Nothing wider than a phone's screen; nothing for axe to find at a desk."""
    settle(page)
    page.set_viewport_size(PHONE)
    still(page)
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, f"{page.url} is too wide"
    page.set_viewport_size(WIDE)
    check_access(page)


def _by_keyboard(page: Page) -> None:
    """An item is added and taken away, and the form sent, without a mouse; a mistake keeps what was typed."""
    page.get_by_label("改哪一项").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("[data-row]")).to_have_count(1)
    page.get_by_role("button", name="移走").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-row]")).to_have_count(0)
    page.get_by_label("一名师傅带几人（人）", exact=True).fill("很多")
    page.get_by_label("名称").fill("键盘")
    page.keyboard.press("Enter")
    expect(page.get_by_text("「一名师傅带几人」须是一个数，写的是「很多」。")).to_be_visible()
    expect(page.get_by_label("一名师傅带几人（人）", exact=True)).to_have_value("很多")
    assert not Rehearsal.objects.exists()


def _filled_in(page: Page, years: int, replicates: int) -> None:
    """The form as the issue has it: the allowance raised, more places for mentees."""
    page.get_by_label("改哪一项").select_option("pay.cert_allowance.amount")
    page.get_by_role("button", name="加上这一项").click()
    for level, amount in RAISED.items():
        page.get_by_label(level, exact=True).fill(amount)
    page.get_by_label("一名师傅带几人（人）", exact=True).fill("5")
    page.get_by_label("名称").fill("津贴与师傅")
    page.get_by_label("推演几年").fill(str(years))
    page.get_by_label("重复几次").fill(str(replicates))


def _read_and_adopted(page: Page, check_access: CheckAccess, tmp_path: Path) -> None:
    """The comparison, its groups and winners, the workbook, the report; then the draft for a second person."""
    address = page.url
    expect(page.get_by_text("这不是预测").first).to_be_visible()
    expect(page.locator("[data-chart] canvas").first).to_be_visible()
    page.locator("summary", has_text="数据表").first.click()
    page.locator("summary", has_text="帮带").click()
    expect(page.get_by_text("已改").first).to_be_visible()
    _fits(page, check_access)
    page.set_viewport_size(PHONE)
    check_access(page)
    page.set_viewport_size(WIDE)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="导出（xlsx）").click()
    waiting.value.save_as(tmp_path / "figures.xlsx")
    assert openpyxl.load_workbook(tmp_path / "figures.xlsx").worksheets[0].max_row > 20
    with page.expect_download() as waiting:
        page.get_by_role("link", name="报告（PDF）").click()
    assert Path(waiting.value.path()).read_bytes().startswith(b"%PDF-")

    page.get_by_role("link", name="分组看").click()
    page.get_by_label("按", exact=True).select_option("sex")
    page.get_by_label("看什么").select_option("pay")
    page.get_by_role("button", name="查看").click()
    expect(page.get_by_role("heading", name="人均月应发（元），按性别")).to_be_visible()
    _fits(page, check_access)
    page.get_by_role("link", name="谁得谁失").click()
    expect(page.get_by_text("单个人的得失不推演")).to_be_visible()
    _fits(page, check_access)

    page.goto(address)
    page.get_by_role("link", name="拟为政策包修订").click()
    page.get_by_label("名称").fill("桃源区政策包（修订）")
    page.get_by_label("版本").fill("2027.1")
    page.get_by_label("依据").fill("区政府常务会议纪要〔2026〕8 号（测试）")
    _fits(page, check_access)
    page.get_by_role("button", name="拟成草稿").click()
    expect(page.get_by_text("由另一人发布").first).to_be_visible()
    assert page.url.endswith(f"/packs/releases/{PackRelease.objects.get().pk}/")
    assert PackRelease.objects.get().state == "draft"


def _live(number: int) -> None:
    try:
        live(number)
    finally:
        connection.close()


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
    _by_keyboard(page)
    _filled_in(page, 1, 4)
    _fits(page, check_access)
    page.get_by_role("button", name="推演", exact=True).click()
    expect(page.get_by_role("button", name="现在就算")).to_be_visible()
    row = Rehearsal.objects.get()

    go_on, keep = Event(), running._keep

    def held(*given: Any) -> None:
        keep(*given)
        go_on.wait(300)

    monkeypatch.setattr(running, "_keep", held)
    thread = Thread(target=_live, args=[row.pk])
    thread.start()
    try:
        # the waiting page comes to the first coarse band by itself
        expect(page.get_by_text("下面是头 3 次的结果")).to_be_visible()
        expect(page.locator("progress")).to_have_attribute("value", "3")
        check_access(page)
    finally:
        go_on.set()
        thread.join(120)
    expect(page.get_by_text("已完成")).to_be_visible()  # and to the end as well
    _read_and_adopted(page, check_access, tmp_path)


@pytest.mark.slow
def test_the_whole_district(
    whole: User, worker: None, open_page: Callable[..., Page], check_access: CheckAccess, tmp_path: Path
) -> None:
    page = open_page("/rehearsals/new/", user=whole)
    _filled_in(page, 10, 100)
    page.wait_for_timeout(15_000)  # an officer reads the form; a worker gets ready meanwhile
    began = time.monotonic()
    page.get_by_role("button", name="推演", exact=True).click()
    expect(page.get_by_text("下面是头").first).to_be_visible()
    first = time.monotonic() - began
    expect(page.get_by_text("已完成")).to_be_visible(timeout=300_000)
    end = time.monotonic() - began
    print(f"first band {first:.1f} s (goal 3), whole {end:.1f} s (goal 20), load {os.getloadavg()[0]:.1f}")  # noqa: T201
    assert Rehearsal.objects.get().outcome["people"] > 2_000
    _read_and_adopted(page, check_access, tmp_path)
