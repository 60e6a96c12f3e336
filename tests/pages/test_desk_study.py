"""窗口排队 on its page: the pasted example and an uploaded workbook are answered and read; what is wrong is said with its place."""

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
from qinglan.apps.rehearsal.models import Study
from qinglan.apps.rehearsal.tasks import study as task
from qinglan.core.twin.desk.case import case_of
from qinglan.core.twin.desk.figures import FIGURES
from qinglan.core.twin.desk.sheets import pasted
from tests.pages.test_studies import DISTRICT, module_run, run  # noqa: F401  (fixtures)

FORM = {"kind": "desk", "name": "政务大厅", "place": DISTRICT, "pasted": pasted(), "replicates": "4", "months": "2"}


def plain(answer: Any) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


@pytest.fixture
def client(sign_in: Callable[[str], Client]) -> Client:
    return sign_in("district_a")


def asked(client: Client, run: Run, **more: Any) -> Any:  # noqa: F811
    return client.post("/studies/new/", FORM | {"run": str(run.pk)} | more)


def test_the_example_is_asked_answered_read_and_exported(client: Client, run: Run) -> None:  # noqa: F811
    text = plain(client.get("/studies/new/?kind=desk"))
    assert "社会保障" in text
    assert "假设" in text
    answer = asked(client, run)
    assert answer.status_code == 302, plain(answer)
    row = Study.objects.latest("pk")
    task(study_id=row.pk)
    page = plain(client.get(f"/studies/{row.pk}/"))
    for figure in FIGURES:
        assert figure.label in page
    for words in ("可下沉网格", "这不是预测", "社会保障", "综合柜台", "平均愿意等多久", "95% 区间"):
        assert words in page, words
    assert "nan" not in page.lower()
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"/studies/{row.pk}/?export=xlsx").content))
    assert "平均等候（分钟）" in [cell.value for cell in book.active["A"]]
    numbers = [cell.value for line in book.active.iter_rows(min_row=3, min_col=2) for cell in line]
    assert {type(one) for one in numbers} <= {int, float, type(None)}
    assert any(numbers)


def test_an_uploaded_workbook_says_itself_what_it_wants(client: Client, run: Run) -> None:  # noqa: F811
    data = client.get("/studies/template/desk/").content
    book = openpyxl.load_workbook(io.BytesIO(data))
    book["设置"]["B4"] = 3  # 综合柜台人数
    made = io.BytesIO()
    book.save(made)
    answer = asked(client, run, file=SimpleUploadedFile("大厅.xlsx", made.getvalue()))
    assert answer.status_code == 302, plain(answer)
    case = case_of(Study.objects.latest("pk").inputs["case"])
    assert (case.front, case.replicates, case.name) == (3, 4, "政务大厅")


def test_what_is_wrong_is_said_with_its_place(client: Client, run: Run) -> None:  # noqa: F811
    answer = asked(client, run, pasted=pasted().replace("\t12\t", "\t十二\t"))
    assert answer.status_code == 422
    assert "粘贴的表第 2 行「平均办理分钟」：写的是「十二」" in plain(answer)
    for more, words in (({"p_patience": "-3"}, "0"), ({"pasted": ""}, "粘贴的表")):
        answer = asked(client, run, **more)
        assert answer.status_code == 422
        assert words in plain(answer)
