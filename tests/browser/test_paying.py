"""Pay and packs by page: a month computed and closed by two people, a late certificate on the worker's slip, a pack released by two."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from qinglan.apps.pay.models import PayMonth
from qinglan.apps.people.models import User
from qinglan.apps.policy.actions import years
from qinglan.apps.policy.models import PackAdoption
from qinglan.demo import loading
from tests.browser.settling import settle

CheckAccess = Callable[[Page], None]
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
RAISED = """pay.cert_allowance.amount:
  values:
    - since: 2026-01-01
      setting: 区政府常务会议纪要〔2026〕8 号（测试）
      value: {无: 0, 初级: 150, 中级: 300, 高级: 500}
"""


@pytest.fixture
def district(transactional_db: None, tmp_path: Path) -> None:
    """A small 桃源区 with its accounts."""
    loading.load(say=lambda sentence: None, total=189, subdistricts=1)
    loading.accounts(tmp_path / "accounts.json")


def _user(name: str) -> User:
    return User.objects.get(username=name)


def _fits(page: Page, check_access: CheckAccess) -> None:
    """Nothing wider than the screen, nothing for axe to find."""
    settle(page)
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, f"{page.url} is too wide"
    check_access(page)


def test_a_late_certificate_reaches_the_worker_as_arrears(
    district: None, open_page: Callable[..., Page], check_access: CheckAccess
) -> None:
    loading.pay(2024, 10)
    loading.certify_late()
    page = open_page("/pay/", user=_user("qu"))
    page.get_by_label("月份").fill("2024-11")
    page.get_by_role("button", name="计算").click()
    expect(page.get_by_text("请由另一人核对后关账")).to_be_visible(timeout=120_000)
    expect(page.get_by_role("button", name="关账")).to_be_disabled()
    _fits(page, check_access)
    month = PayMonth.objects.get(month=11)

    page = open_page(f"/pay/months/{month.pk}/?only=arrears", user=_user("caiwu"))
    expect(page.locator("table tbody tr")).to_have_count(1)
    page.get_by_role("button", name="关账").click()
    page.get_by_role("button", name="确定").click()
    expect(page.get_by_text("已关账，本人可以看到自己的工资条")).to_be_visible()
    _fits(page, check_access)

    page = open_page("/pay/mine/", user=_user("shegong"), phone=True)
    page.get_by_role("link", name="2024 年 11 月").click()
    expect(page.get_by_role("heading", name=re.compile("^补发（扣回）"))).to_be_visible()
    page.get_by_text("2024 年 10 月按现在的事实怎样算").click()
    _fits(page, check_access)
    with page.expect_download() as download:
        page.get_by_role("link", name="下载 PDF").click()
    assert download.value.suggested_filename.endswith(".pdf")
    for address in ("/pay/", f"/pay/months/{month.pk}/"):
        page = open_page(address, user=_user("shenji"), phone=True)
        _fits(page, check_access)


def test_two_officers_release_a_pack_by_keyboard_alone(
    district: None, open_page: Callable[..., Page], check_access: CheckAccess, tmp_path: Path
) -> None:
    years.compute(district="990101", year=2025, by=None)
    file = tmp_path / "修订.yaml"
    file.write_text(RAISED.replace("pay.cert_allowance", "pay.no_such_thing"), encoding="utf-8")
    page = open_page("/packs/upload/", user=_user("qu"))
    page.set_viewport_size(WIDE)
    page.get_by_label("文件").set_input_files(file)
    page.get_by_label("名称").fill("桃源区政策包（2026 年修订）")
    page.get_by_label("版本").fill("2026.2")
    page.get_by_label("自哪一年起").select_option("2026")
    page.get_by_role("button", name="检查并存为草稿").press("Enter")
    expect(page.get_by_role("heading", name=re.compile("检查不通过"))).to_be_visible()
    _fits(page, check_access)
    file.write_text(RAISED, encoding="utf-8")
    page.get_by_label("文件").set_input_files(file)
    page.get_by_role("button", name="检查并存为草稿").press("Enter")
    expect(page.get_by_text("用 2025 年的人和事实试算")).to_be_visible()
    _fits(page, check_access)
    page.set_viewport_size(PHONE)
    _fits(page, check_access)
    address = page.url
    page.get_by_role("button", name="提交").press("Enter")
    expect(page.get_by_text("请另一人看过影响后发布")).to_be_visible()
    expect(page.get_by_role("button", name="发布")).to_be_disabled()

    page = open_page(address, user=_user("gongbu"))
    page.get_by_role("button", name="发布").press("Enter")
    page.get_by_role("button", name="确定").press("Enter")
    expect(page.get_by_text("已发布，自起始日起按它计算")).to_be_visible()
    assert PackAdoption.objects.exclude(pack="taoyuan").get().since == date(2026, 1, 1)
    page.goto("/packs/?on=2026-06-01")
    expect(page.get_by_text("按自己的政策包")).to_be_visible()
    _fits(page, check_access)
    page.goto(address + "read/")
    _fits(page, check_access)
