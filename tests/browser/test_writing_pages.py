"""The pages that write, at a desk and on a phone: nothing for axe to find, nothing wider than the screen; one walk by hand.

KEEP_PAGES=FOLDER also writes a picture of each there, to be looked at.
"""

import os
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from qinglan.apps.people.models import Certificate, Person, User
from tests import cast as casting
from tests import factories

WIDE = {"width": 1440, "height": 900}


@pytest.fixture
def cast(transactional_db: None) -> casting.Cast:
    """The cast, with a certificate and a suspected duplicate."""
    built = casting.build()
    known = built.people["worker_a"]
    Certificate.objects.create(person=known, level="middle", issued=date(2022, 9, 1))
    built.people["twin"] = factories.posted("990101001002", name=known.name, birth=known.birth, id_number=None)
    return built


def _addresses(cast: casting.Cast) -> dict[str, str]:
    someone, user = cast.people["worker_a"], cast.users["worker_a"]
    changes = ("fields", "post", "begin", "leave", "status", "certificate", "schooling", "grade")
    steps = ("add", "body", "rename", "merge", "split", "move", "close")
    return {
        "person": f"/people/{someone.pk}/",
        "new": "/people/new/",
        **{what: f"/people/{someone.pk}/change/{what}/" for what in changes},
        "duplicates": "/people/duplicates/",
        "compare": f"/people/duplicates/{someone.pk}/{cast.people['twin'].pk}/",
        "organisation": "/organisations/990101001001/",
        **{f"tree-{what}": f"/organisations/990101001001/change/{what}/" for what in steps},
        "users": "/users/",
        "user": f"/users/{user.pk}/",
        "user-new": "/users/new/",
        "user-grant": f"/users/{user.pk}/grant/",
        "user-password": f"/users/{user.pk}/password/",
        "user-deactivate": f"/users/{user.pk}/deactivate/",
    }


@pytest.mark.parametrize("phone", [pytest.param(False, marks=pytest.mark.slow), True], ids=["desk", "phone"])
def test_pages_that_write(
    phone: bool, cast: casting.Cast, open_page: Callable[..., Page], check_access: Callable[[Page], None]
) -> None:
    page = open_page("/", user=cast.users["district_a"], phone=phone)
    if not phone:
        page.set_viewport_size(WIDE)
    for name, address in _addresses(cast).items():
        page.goto(address)
        expect(page.get_by_text("正在载入…").locator("visible=true")).to_have_count(0)
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, f"{name} is too wide"
        if folder := os.environ.get("KEEP_PAGES"):
            page.screenshot(path=Path(folder) / f"{name}-{'390' if phone else '1440'}.png", full_page=True)
        check_access(page)


def test_officer_takes_somebody_on_and_opens_her_account(
    cast: casting.Cast, open_page: Callable[..., Page], check_access: Callable[[Page], None]
) -> None:
    page = open_page("/people/", user=cast.users["district_a"])
    page.get_by_role("link", name="新增人员").click()
    form = page.locator("main")
    form.get_by_label("所在机构").select_option("990101001001")
    form.get_by_label("姓名").fill("林晓青")
    number = factories.id_number(300, date(1991, 5, 6))
    form.get_by_label("身份证号").fill(number[:17] + ("0" if number[17] != "0" else "1"))
    page.get_by_role("button", name="建档").click()
    expect(page.get_by_text("校验位不对")).to_be_visible()
    check_access(page)
    form.get_by_label("身份证号").fill(number)
    form.get_by_label("岗位").select_option("grid")
    form.get_by_label("入职日期").fill("2026-03-01")
    page.get_by_role("button", name="建档").click()
    expect(page.get_by_role("heading", name="林晓青")).to_be_visible()
    page.get_by_role("link", name="开账号").click()
    form.get_by_label("账号名").fill("linxiaoqing")
    page.get_by_role("button", name="开账号").click()
    expect(page.locator("#one-time")).to_have_text(re.compile(r"^\w{4}-\w{4}-\w{4}$"))
    check_access(page)
    assert User.objects.get(username="linxiaoqing").person == Person.objects.get(name="林晓青")


def test_merge_of_places_asks_first(cast: casting.Cast, open_page: Callable[..., Page]) -> None:
    page = open_page("/organisations/990101001001/change/merge/", user=cast.users["district_a"])
    page.get_by_label("与哪些机构合并").select_option("990101001002")
    page.get_by_label("依据").fill("区发〔2026〕1号")
    page.get_by_role("button", name="合并").click()
    expect(page.get_by_text("这一步不能撤销")).to_be_visible()
    page.get_by_role("button", name="确定").click()
    expect(page.get_by_text("已登记：合并。")).to_be_visible()
