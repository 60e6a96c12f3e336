"""The auditor's way through the site: the log and its chain, what an event was about, a published year and its steps; she changes
nothing. The main path by keyboard alone.

SCREENSHOTS=1 also writes docs/screenshots.
"""

import os
import re
from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from playwright.sync_api import Page, expect
from python_calamine import CalamineWorkbook

from qinglan.apps.audit.actions import saw
from qinglan.apps.audit.actions.chain import seal
from qinglan.apps.audit.actions.checking import check
from qinglan.apps.audit.models import AuditEvent
from qinglan.apps.base.models import span
from qinglan.apps.pay import actions as pay
from qinglan.apps.pay.models import PayMonth
from qinglan.apps.people.actions import persons
from qinglan.apps.people.models import GradeHolding
from qinglan.apps.policy.actions import adoption, years
from qinglan.apps.policy.models import PersonResult, Run
from tests import cast as casting
from tests.factories import deciders, published

SCREENSHOTS = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
DISTRICT = "990101"
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
CheckAccess = Callable[[Page], None]


@pytest.fixture
def cast(transactional_db: None) -> casting.Cast:
    """甲区 with a published 2025, a closed January, a changed record, a look at a full number and a refusal."""
    cache.clear()
    cast = casting.build()
    worker = cast.people["worker_a"]
    adoption.adopt(district=DISTRICT, pack="taoyuan", since=date(2020, 1, 1), by=cast.users["district_a"])
    GradeHolding.objects.bulk_create(
        GradeHolding(person=one, ladder="五级九档", grade=2, span=span(date(2022, 1, 1)))
        for one in cast.people.values()
    )
    published(years.compute(district=DISTRICT, year=2025, by=deciders(DISTRICT)[0]))
    month = pay.compute(district=DISTRICT, year=2025, month=1, by=deciders(DISTRICT)[0])
    pay.close(month=month, by=cast.users["finance_a"])
    persons.update(person=worker, by=cast.users["subdistrict_a"], today=casting.TODAY, nation="回族")
    officer = cast.users["district_a"]
    saw(by=officer, person_id=worker.pk, org_code=worker.org_code, field="id_number", reason="核对社保参保信息")
    stranger = Client()
    stranger.force_login(cast.users["secretary_a"])
    assert stranger.get(f"/people/{cast.people['worker_b'].pk}/").status_code == 404
    seal()
    return cast


def _fits(page: Page, check_access: CheckAccess, name: str = "") -> None:
    """Nothing wider than the screen and nothing for axe to find, at a desk and on a phone; a picture when asked for."""
    for size in (PHONE, WIDE):
        page.set_viewport_size(size)
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, f"{page.url} is too wide"
        check_access(page)
        if name and os.environ.get("SCREENSHOTS"):
            page.screenshot(path=SCREENSHOTS / f"{name}-{size['width']}.png")


def _tab_to(page: Page, name: str, most: int = 120) -> None:
    """Press Tab until the focus stands on what is called so."""
    for _ in range(most):
        page.keyboard.press("Tab")
        here = "document.activeElement.getAttribute('aria-label') || document.activeElement.innerText || document.activeElement.id"
        if str(page.evaluate(here)).strip().startswith(name):
            return
    raise AssertionError(f"the keyboard does not reach {name}")


def _tampered(event: AuditEvent) -> None:
    """The owner of the database rewrites a row behind the site's back, and leaves no guard off as a trace."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditevent DISABLE TRIGGER USER")
        cursor.execute("UPDATE audit_auditevent SET by_name = '别人' WHERE id = %s", [event.pk])
        cursor.execute("ALTER TABLE audit_auditevent ENABLE TRIGGER USER")


def test_by_keyboard_from_the_door_to_the_steps(cast: casting.Cast, open_page: Callable[..., Page]) -> None:
    page = open_page("/accounts/login/")
    _tab_to(page, "id_login")
    page.keyboard.type("auditor_a")
    page.keyboard.press("Tab")
    page.keyboard.type(casting.PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="账号菜单")).to_be_visible()
    _tab_to(page, "审计")
    page.keyboard.press("Enter")
    page.wait_for_url("**/audit/")
    _tab_to(page, "id_who")
    page.keyboard.type("publisher")
    page.keyboard.press("Enter")
    page.wait_for_url("**who=publisher**")
    _tab_to(page, "公布")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="公布")).to_be_visible()
    _tab_to(page, "打开年度计算")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/results/runs/{Run.objects.get().pk}/")
    worker = cast.people["worker_a"]
    page.goto(f"/results/{PersonResult.objects.get(person=worker).pk}/")
    _tab_to(page, "为什么")
    page.keyboard.press("Enter")
    page.wait_for_url("**/why/**")
    expect(page.get_by_role("heading", name=re.compile("为什么")).first).to_be_visible()


def test_the_log_its_chain_and_what_it_was_about(
    cast: casting.Cast, open_page: Callable[..., Page], check_access: CheckAccess, tmp_path: Path
) -> None:
    worker = cast.people["worker_a"]
    page = open_page("/audit/", user=cast.users["auditor_a"])
    rows = page.locator("main tbody")
    expect(page.get_by_text("还没有做过全部核对")).to_be_visible()
    _fits(page, check_access, "audit")
    page.get_by_label("操作", exact=True).select_option("persons.update")
    page.get_by_label("操作人").fill("subdistrict")
    page.get_by_label("从", exact=True).fill("2020-01-01")
    page.get_by_role("button", name="查询").click()
    expect(rows.get_by_role("link")).to_have_count(1)
    page.get_by_role("link", name="核对本页的记录").click()
    expect(page.get_by_text("本页的记录与写入时一致")).to_be_visible()
    with page.expect_download() as waiting:
        page.get_by_role("link", name=re.compile("导出")).click()
    waiting.value.save_as(tmp_path / "log.xlsx")
    sheet = CalamineWorkbook.from_filelike(BytesIO((tmp_path / "log.xlsx").read_bytes())).get_sheet_by_index(0)
    assert [row[1] for row in sheet.to_python()[2:]] == ["修改人员信息"]
    rows.get_by_role("link", name="修改人员信息").click()
    expect(page.locator("ins", has_text="回族")).to_be_visible()
    expect(page.get_by_text("这条记录与写入时一致")).to_be_visible()
    _fits(page, check_access, "audit-event")
    page.get_by_role("link", name="打开人员").click()
    page.wait_for_url(f"**/people/{worker.pk}/")
    page.goto("/audit/?action=pay.close")
    rows.get_by_role("link", name="月度工资关账").click()
    page.get_by_role("link", name="打开工资月份").click()
    expect(page.get_by_role("heading", name=re.compile("2025 年 1 月"))).to_be_visible()
    page.goto("/audit/")
    page.get_by_role("link", name="谁看过完整证件号").click()
    expect(page.get_by_text("核对社保参保信息")).to_be_visible()
    _fits(page, check_access, "audit-looks")
    page.get_by_role("link", name="被拒绝的访问").click()
    expect(page.get_by_text(f"/people/{cast.people['worker_b'].pk}/")).to_be_visible()
    _fits(page, check_access, "audit-denied")

    event = AuditEvent.objects.get(action="persons.update")
    assert check().wrong == 0
    page.goto("/audit/")
    expect(page.get_by_text("核对过全部记录")).to_be_visible()
    _tampered(event)
    assert check().wrong == 1
    for address, said in (
        ("/audit/", "的全部核对发现 1 处不符"),
        ("/audit/?action=persons.update&prove=1", "本页的记录在写入之后被人绕过系统动过"),
        (f"/audit/{event.pk}/", "这条记录在写入之后被人绕过系统动过"),
    ):
        page.goto(address)
        expect(page.get_by_role("alert").filter(has_text=said)).to_contain_text(f"第 {event.pk} 行")
    page.goto("/audit/?action=persons.update&prove=1")
    _fits(page, check_access, "audit-tampered")


def test_she_reads_the_year_and_changes_nothing(cast: casting.Cast, open_page: Callable[..., Page]) -> None:
    run = Run.objects.get()
    result = PersonResult.objects.get(person=cast.people["worker_a"])
    page = open_page("/", user=cast.users["auditor_a"])
    for address in (
        "/", f"/results/runs/{run.pk}/", f"/results/{result.pk}/", f"/results/{result.pk}/why/assess.jh_grades/", "/pay/",
        f"/pay/months/{PayMonth.objects.get().pk}/", f"/people/{result.person_id}/", "/facts/", "/rights/desk/", "/packs/",
        "/imports/", "/audit/",
    ):  # fmt: skip
        page.goto(address)
        writes = page.locator("main form[method=post], main [hx-post]").locator("visible=true")
        assert writes.count() == 0, f"{address} offers {writes.first.inner_text()}"
    month = pay.compute(district=DISTRICT, year=2025, month=2, by=deciders(DISTRICT)[0])
    before = AuditEvent.objects.count()
    token = next(one["value"] for one in page.context.cookies() if one["name"] == "csrftoken")
    for address, form in {
        f"/results/runs/{run.pk}/decide/": {"move": "submit", "note": "x"},
        "/results/compute/": {"year": "2024"},
        f"/people/{result.person_id}/change/fields/": {"nation": "满族"},
        "/people/new/": {"name": "新人"},
        "/users/new/": {"username": "new", "name": "新人"},
        f"/pay/months/{month.pk}/close/": {},
        "/webhooks/new/": {"url": "https://hooks.example.test/"},
        "/audit/": {},
    }.items():
        answer = page.request.post(
            address, form={**form, "csrfmiddlewaretoken": token}, headers={"Referer": page.url}, max_redirects=0
        )
        told = answer.status == 302 and address.endswith(("/decide/", "/close/"))  # sent back with a sentence
        assert told or answer.status in (403, 404, 405), f"{address}: {answer.status}"
    month.refresh_from_db()
    assert month.state == "open"
    assert AuditEvent.objects.count() == before


def test_tokens_webhooks_and_devices_at_a_desk_and_on_a_phone(
    cast: casting.Cast, open_page: Callable[..., Page], check_access: CheckAccess
) -> None:
    Client(headers={"User-Agent": "Mozilla/5.0 (Linux; Android 15) Chrome/140.0"}).post(
        "/accounts/login/", {"login": "district_a", "password": casting.PASSWORD}
    )
    page = open_page("/tokens/", user=cast.users["district_a"])
    for name, address in {
        "tokens": "/tokens/", "token-new": "/tokens/new/", "devices": "/devices/", "webhooks": "/webhooks/",
    }.items():  # fmt: skip
        page.goto(address)
        _fits(page, check_access, name)
