"""选址 on its page: the pasted example and an uploaded workbook with an existing centre; the gap is said; what is wrong has its place."""

import html
import io
import json
import re
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from qinglan.apps.policy.models import Run
from qinglan.apps.rehearsal.models import Study
from qinglan.apps.rehearsal.tasks import study as task
from qinglan.core.matching.books import book
from qinglan.core.matching.siting_sheets import pasted
from tests.pages.test_studies import DISTRICT, module_run, run  # noqa: F401  (fixtures)

FORM = {
    "kind": "siting",
    "name": "邻里中心",
    "place": DISTRICT,
    "pasted": pasted(),
    "radius": "1000",
    "capacity": "5",
    "least": "4",
    "seconds": "5",
}


def plain(answer: Any) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


@pytest.fixture
def client(sign_in: Callable[[str], Client]) -> Client:
    return sign_in("district_a")


def asked(client: Client, run: Run, **more: Any) -> Any:  # noqa: F811
    return client.post("/studies/new/", FORM | {"run": str(run.pk)} | more)


def answered(client: Client, run: Run, **more: Any) -> Study:  # noqa: F811
    answer = asked(client, run, **more)
    assert answer.status_code == 302, plain(answer)
    row = Study.objects.latest("pk")
    task(study_id=row.pk)
    row.refresh_from_db()
    return row


def test_the_example_is_sited_read_drawn_and_exported(client: Client, run: Run) -> None:  # noqa: F811
    assert "示例小区1" in plain(client.get("/studies/new/?kind=siting"))
    row = answered(client, run)
    answer = client.get(f"/studies/{row.pk}/")
    page = plain(answer)
    for words in ("新建 5 个，已证明不能再少。", "示例小区24", "中心（5 个）", "直线距离"):
        assert words in page, words
    drawn = json.loads(
        re.search(r'<script id="site-map" type="application/json">(.*?)</script>', answer.content.decode(), re.S)[1]
    )  # type: ignore[index]
    assert len(drawn["places"]) == 24
    assert {one["centre"] for one in drawn["places"]} == {one["number"] for one in drawn["centres"]}
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"/studies/{row.pk}/?export=xlsx").content))
    assert "示例小区24" in [cell.value for cell in book.active["B"]]


def test_what_stays_uncovered_is_said_with_its_reason_and_the_gap(client: Client, run: Run) -> None:  # noqa: F811
    far = pasted() + "\n099\t远村\t80\t90000\t0"
    row = answered(client, run, pasted=far, most_new="2")
    page = plain(client.get(f"/studies/{row.pk}/"))
    assert "没有服务到的小区 15 个" in page
    assert "半径以内的中心都满了或没有新建名额" in page
    assert row.outcome["new"] == 2


def test_an_uploaded_workbook_brings_its_centres(client: Client, run: Run) -> None:  # noqa: F811
    data = client.get("/studies/template/siting/").content
    row = answered(client, run, file=SimpleUploadedFile("选址.xlsx", data))
    assert "新建 4 个，已证明不能再少。" in plain(client.get(f"/studies/{row.pk}/"))


def test_the_values_used_are_listed_and_what_file_and_form_say_apart_is_told(client: Client, run: Run) -> None:  # noqa: F811
    homes = [["编码", "名称", "户数", "x", "y"], ["A1", "东苑", 500, 0, 0], ["B2", "东苑", 90, 400, 0]]
    data = book({"小区": homes, "设置": [["项", "值"], ["服务半径（米）", 300]]})
    for form, used in (("1000", "300"), ("700", "700")):
        row = answered(client, run, file=SimpleUploadedFile("图.xlsx", data), radius=form)
        page = plain(client.get(f"/studies/{row.pk}/"))
        assert f"文件的设置表写的是 300，页面上填的是 {int(form):,}；用的是 {used}。" in page
        assert f"服务半径（米） {used} 1,000" in page
        assert "东苑 B2" in page
    row = answered(client, run, file=SimpleUploadedFile("图.xlsx", data), radius="300")
    assert "页面上填的是" not in plain(client.get(f"/studies/{row.pk}/"))


def test_what_is_wrong_is_said_with_its_place(client: Client, run: Run) -> None:  # noqa: F811
    for more, words in (
        ({"pasted": "名称\t户数\n甲\t3"}, "没有坐标"),
        ({"pasted": pasted() + "\n9\t甲\t多\t1\t1"}, "粘贴的表第 26 行「户数」：写的是「多」"),
        ({"radius": "3"}, "50"),
        ({"file": SimpleUploadedFile("图.xlsx", b"\x89PNG")}, "图.xlsx：文件其实是图片"),
    ):
        answer = asked(client, run, **more)
        assert answer.status_code == 422
        assert words in plain(answer), words
