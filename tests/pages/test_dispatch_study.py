"""派单 on its page: the workbook that an office fills in is asked, answered, read and exported; what is wrong has its place."""

import html
import io
import re
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from qinglan.apps.policy.models import Run
from qinglan.apps.rehearsal.actions.kinds import dispatch
from qinglan.apps.rehearsal.models import Study
from qinglan.apps.rehearsal.tasks import study as task
from qinglan.core.twin import dispatching_sheets as sheets
from qinglan.core.twin.dispatching import DEFAULTS, outcome
from qinglan.core.twin.dispatching_sheets import field_of, read_field, template
from tests.pages.test_studies import DISTRICT, module_run, run  # noqa: F401  (fixtures)

FORM = {"kind": "dispatch", "name": "三家片区", "place": DISTRICT, "days": "3", "replicates": "4"}


def plain(answer: Any) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


@pytest.fixture
def client(sign_in: Callable[[str], Client]) -> Client:
    return sign_in("district_a")


def asked(client: Client, run: Run, data: bytes = template(), **more: Any) -> Any:  # noqa: F811
    file = SimpleUploadedFile("派单.xlsx", data)
    return client.post("/studies/new/", FORM | {"run": str(run.pk), "file": file} | more)


def test_the_example_is_dispatched_read_and_exported(client: Client, run: Run) -> None:  # noqa: F811
    blank = client.get("/studies/template/dispatch/").content
    assert asked(client, run, blank).status_code == 302
    row = Study.objects.latest("pk")
    assert "甲" not in str(row.inputs)  # places and skills, nobody's name
    task(study_id=row.pk)
    row.refresh_from_db()
    assert (row.state, row.done, row.total) == ("done", 4, 4)
    field = field_of(row.inputs["field"])
    assert (field.days, field.replicates, field.speed) == (3, 4, DEFAULTS["speed"])
    assert row.outcome == outcome(field)
    answer = client.get(f"/studies/{row.pk}/")
    page = plain(answer)
    mean = row.outcome["saved"][0]
    assert mean > 0
    for words in (
        f"匹配使平均响应缩短 {mean:.1f} 分钟",
        "先来先办",
        "九成响应不超过（分钟）",
        "这不是预测",
        "一天合起来不保证",
    ):
        assert words in page, words
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"/studies/{row.pk}/?export=xlsx").content))
    cells = {str(cell.value): cell.row for cell in book.active["A"]}
    response = cells["平均响应（分钟）"]
    numbers = [book.active.cell(response, column).value for column in range(2, 8)]
    assert numbers == [round(one, 1) for way in ("fifo", "matched") for one in row.outcome[way]["response"]]


def test_of_a_file_the_form_changes_only_what_was_changed_in_it(client: Client, run: Run) -> None:  # noqa: F811
    book = openpyxl.load_workbook(io.BytesIO(template()))
    sheet = book["设置"]
    for row in sheet.iter_rows():
        if row[0].value in ("路上每分钟几米", "每天几小时"):
            row[1].value = {"路上每分钟几米": 40, "每天几小时": 6}[row[0].value]
    made = io.BytesIO()
    book.save(made)
    said = {"speed": str(DEFAULTS["speed"]), "hours": "7"}
    assert asked(client, run, made.getvalue(), **said).status_code == 302
    field = Study.objects.latest("pk").inputs["field"]
    assert (field["speed"], field["hours"]) == (40, 7)


def test_a_cancel_is_heard_between_replicates() -> None:
    study = Study(inputs={"field": sheets.plain(read_field(template(), "样表.xlsx")) | {"days": 1}})
    first = next(dispatch.KIND.runner(study))
    assert (first.done, first.total, first.outcome) == (1, DEFAULTS["replicates"], None)


def test_what_is_wrong_is_said_with_its_place(client: Client, run: Run) -> None:  # noqa: F811
    book = openpyxl.load_workbook(io.BytesIO(template()))
    book["事件"]["C3"] = "多"
    wrong = io.BytesIO()
    book.save(wrong)
    for data, more, words in (
        (wrong.getvalue(), {}, "「每天件数」：写的是「多」"),
        (b"\x89PNG", {}, "派单.xlsx：文件其实是图片"),
        (template(), {"days": "251"}, "250"),
        (template(), {"file": ""}, "请先下载样表"),
    ):
        answer = asked(client, run, data, **more)
        assert answer.status_code == 422
        assert words in plain(answer), words
    assert not Study.objects.filter(kind="dispatch").exists()
