"""A district officer cleans a roster: signs in, uploads it, reads what is wrong, brings the rest in, mends, uploads again.

SCREENSHOTS=1 also writes docs/screenshots.
"""

import os
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from qinglan.apps.facts.models import ImportBatch
from qinglan.apps.people.models import Employment, Person, Posting
from tests import cast as casting
from tests.factories import id_number

SCREENSHOTS = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
HEAD = ["序号", "姓 名", "性别", "身份证号", "街道", "社区", "岗位", "入职时间", "学历", "手机"]
BORN = date(1991, 5, 6)
NAMES = ("林晓青", "程 远", "何小满", "方知夏", "陆一鸣", "唐果")


def _row(n: int, **values: object) -> list[object]:
    row = {
        "number": n, "name": NAMES[n - 1], "sex": "女", "id": id_number(300 + n, BORN), "street": "甲一街道", "org": "甲一东社区",
        "post": "网格员", "start": f"202{n % 5}年7月", "edu": "本科", "phone": f"1391234000{n}",
    }  # fmt: skip
    return list((row | values).values())


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    """A roster as an office keeps it: a title, a merged line, a total; three rows with errors."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "花名册"
    rows = [
        ["甲区社区工作者花名册（合成数据）"], ["填报单位：甲区民政局"], HEAD, _row(1), _row(2, start="20200701"), _row(3, sex="男"),
        _row(4, org="甲三社区"), _row(5, id=id_number(305, BORN)[:17]), _row(6), ["合计", 6],
    ]  # fmt: skip
    for row in rows:
        sheet.append(row)
    sheet.merge_cells("A1:J1")
    book.save(tmp_path / "花名册.xlsx")
    return tmp_path / "花名册.xlsx"


def _keep(page: Page, name: str) -> None:
    if os.environ.get("SCREENSHOTS"):
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"{name}.png")


def _sign_in(page: Page, name: str) -> None:
    page.fill("input[name=login]", name)
    page.fill("input[name=password]", casting.PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("button", name="账号菜单")).to_be_visible()


def _upload(page: Page, path: Path) -> None:
    page.goto("/imports/")
    page.get_by_label("种类").select_option(label="花名册")
    page.get_by_label("文件", exact=False).set_input_files(path)
    page.get_by_role("button", name="核对这个文件").click()
    page.wait_for_url(re.compile(r"/imports/\d+/$"))


def _mend(path: Path) -> None:
    """What the marks ask for, done in the workbook."""
    book = openpyxl.load_workbook(path)
    sheet = book.active
    assert sheet.cell(3, 11).value == "问题与修改办法"
    marks = {row: sheet.cell(row, 11).value for row in range(4, 10) if sheet.cell(row, 11).value}
    assert set(marks) == {6, 7, 8}
    assert "性别" in marks[6]
    assert "甲三社区" in marks[7]
    sheet["C6"], sheet["F7"], sheet["D8"] = "女", "甲一西社区", id_number(305, BORN)
    book.save(path)


def _fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_officer_cleans_a_roster(
    transactional_db: None,
    roster: Path,
    open_page: Callable[..., Page],
    check_access: Callable[[Page], None],
    tmp_path: Path,
) -> None:
    casting.build()
    before = Person.objects.count()
    page = open_page("/accounts/login/")
    page.set_viewport_size({"width": 1440, "height": 900})
    _sign_in(page, "district_a")
    page.goto("/imports/")
    _keep(page, "imports-1440")
    check_access(page)

    _upload(page, roster)
    expect(page.get_by_text("现在还没有写入任何数据")).to_be_visible()
    expect(page.get_by_text("性别填的是男，身份证号码第17位表示女")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(3)
    assert id_number(303, BORN) not in page.content()
    assert Person.objects.count() == before
    _keep(page, "import-1440")
    check_access(page)

    page.get_by_role("button", name="导入 3 行").click()
    page.get_by_role("button", name="确定").click()
    expect(page.get_by_text("已导入 3 行，未变 0 行，退回 3 行")).to_be_visible()
    assert Person.objects.count() == before + 3
    check_access(page)

    with page.expect_download() as download:
        page.get_by_role("link", name="下载标注后的工作簿").click()
    mended = tmp_path / "改好.xlsx"
    download.value.save_as(mended)
    assert download.value.suggested_filename == "花名册（已标注）.xlsx"
    _mend(mended)

    _upload(page, mended)
    expect(page.get_by_text("读到 7 = 接受 3 + 未变 3 + 退回 0 + 略过 1")).to_be_visible()
    page.get_by_role("button", name="导入 3 行").click()
    page.get_by_role("button", name="确定").click()
    expect(page.get_by_text("已导入 3 行，未变 3 行，退回 0 行")).to_be_visible()
    assert Person.objects.count() == before + 6
    assert Posting.objects.count() == Employment.objects.count() == len(casting.PEOPLE) + 6

    _upload(page, mended)
    expect(page.get_by_text("读到 7 = 接受 0 + 未变 6 + 退回 0 + 略过 1")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("导入 .* 行"))).to_have_count(0)
    assert Person.objects.count() == before + 6


@pytest.mark.slow
def test_columns_told_by_hand_on_desk_and_phone(
    transactional_db: None, roster: Path, open_page: Callable[..., Page], check_access: Callable[[Page], None]
) -> None:
    cast = casting.build()
    book = openpyxl.load_workbook(roster)
    book.active["E3"], book.active["F3"], book.active["H3"] = "甲", "乙", "丙"
    book.save(roster)
    for phone in (False, True):
        page = open_page("/imports/", user=cast.users["district_a"], phone=phone)
        assert _fits(page)
        check_access(page)
        _upload(page, roster)
        expect(page.get_by_text("先对应好列才能导入")).to_be_visible()
        assert _fits(page)
        check_access(page)
        page.get_by_role("link", name="手工对应列").click()
        page.get_by_label("F 列").select_option(label="所属社区")
        page.get_by_label("H 列").select_option(label="参加社区工作时间")
        assert _fits(page)
        _keep(page, f"columns-{'390' if phone else '1440'}")
        check_access(page)
        page.get_by_label("记住这些表头词").set_checked(not phone)
        page.get_by_role("button", name="按这样的对应重新核对").click()
        expect(page.get_by_text("读到 7 = 接受 3 + 未变 0 + 退回 3 + 略过 1")).to_be_visible()
        assert _fits(page)
        _keep(page, f"import-{'390' if phone else '1440'}")
        page.goto("/imports/words/")
        expect(page.locator("td", has_text=re.compile("^戊$" if phone else "^乙$"))).to_be_visible()
        assert _fits(page)
        _keep(page, f"words-{'390' if phone else '1440'}")
        check_access(page)
        if not phone:  # so that the phone has to be told anew
            for _ in range(2):
                page.get_by_role("button", name="删去").first.click()
                page.get_by_role("button", name="确定").click()
                expect(page.get_by_text("已删去")).to_be_visible()
            page.get_by_label("表头里的词").fill("戊")
            page.get_by_label("对应的字段").select_option(label="花名册 · 民族")
            page.get_by_role("button", name="添加表头词").click()
            expect(page.get_by_text("已添加")).to_be_visible()
    assert ImportBatch.objects.filter(state="given_up").count() == 2
