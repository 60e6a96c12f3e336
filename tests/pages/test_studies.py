"""专题研究 on its pages: asked for, answered by the task, read, cancelled, searched; who may; what is wrong is said."""

import html
import io
import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from qinglan.apps.audit.models import AuditEvent
from qinglan.apps.policy.actions import adoption, years
from qinglan.apps.policy.models import Run
from qinglan.apps.rehearsal.actions import studying
from qinglan.apps.rehearsal.actions.kinds import KINDS, calibration
from qinglan.apps.rehearsal.actions.kinds.shape import Step, StudyProblem
from qinglan.apps.rehearsal.models import Rehearsal, Study
from qinglan.apps.rehearsal.queries.scenarios import Chosen
from qinglan.apps.rehearsal.states import Kind
from qinglan.apps.rehearsal.tasks import study as task
from tests import cast as casting
from tests.factories import posted, published
from tests.pages.world import rehearsed

DISTRICT = "990101"
FORM = {"kind": "calibration", "name": "校准", "place": DISTRICT, "least": "50", "least_each": "10"}


@pytest.fixture(scope="module")
def module_run(module_cast: casting.Cast, django_db_blocker: Any) -> Run:
    """2025 of 甲区 with eight people more, published."""
    with django_db_blocker.unblock():
        for n in range(8):
            posted("990101001001", birth=date(1970 + 3 * n, 2, 1))
        adoption.adopt(district=DISTRICT, pack="taoyuan", since=date(2020, 1, 1), by=None)
        return published(years.compute(district=DISTRICT, year=2025, by=None))


@pytest.fixture
def run(module_run: Run, db: None) -> Run:
    return module_run


def made(run: Run, **more: Any) -> Study:
    given: dict[str, Any] = {
        "kind": Kind.CALIBRATION, "run": run, "place": DISTRICT, "name": "校准", "by": None,
        "inputs": {"least": 50, "least_each": 10}, **more,
    }  # fmt: skip
    return studying.make(**given)


def plain(answer: Any) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


def swapped(monkeypatch: pytest.MonkeyPatch, runner: Callable[[Study], Iterator[Step]]) -> None:
    """Calibration answers by this runner instead."""
    kind = KINDS[Kind.CALIBRATION]
    monkeypatch.setattr(calibration, "KIND", kind.__class__(**{**kind.__dict__, "runner": runner}))


def test_asked_for_on_the_page_answered_by_the_task_and_read(run: Run, officer: Client) -> None:
    assert "还没有研究" in plain(officer.get("/studies/"))
    assert "本区设定" in plain(officer.get("/studies/new/?kind=calibration"))
    answer = officer.post("/studies/new/", FORM | {"run": run.pk})
    row = Study.objects.get()
    assert answer.url == f"/studies/{row.pk}/"
    assert (row.state, row.kind, row.inputs) == ("queued", "calibration", {"least": 50, "least_each": 10})
    waiting = plain(officer.get(answer.url))
    assert "等待计算" in waiting
    assert "现在就算" in waiting
    assert "还没有开始" in plain(officer.get(f"{answer.url}progress/"))
    task(row.pk)
    row.refresh_from_db()
    assert (row.state, row.done, row.total, row.message) == ("done", 1, 1, "")
    page = plain(officer.get(answer.url))
    assert "仍用默认值" in page  # nobody here has left: too thin, and it says so
    assert "12.0%" in page
    assert "这不是预测" in page
    book = officer.get(f"{answer.url}?export=xlsx")
    rows = list(openpyxl.load_workbook(io.BytesIO(book.content)).active.values)
    assert [row[1] for row in rows[2:]] == [0.12, 0.3, -0.5, 0.4]
    assert [row[2] for row in rows[2:]] == [None] * 4  # a default has no interval
    assert forms(book)[2:4] == ["0.0%", "#,##0.00"]
    told = AuditEvent.objects.filter(action__startswith="rehearsal.study.").order_by("pk")
    assert list(told.values_list("action", flat=True)) == [
        "rehearsal.study.make", "rehearsal.study.begin", "rehearsal.study.finish",
    ]  # fmt: skip


def forms(book: Any) -> list[str]:
    """How the second column's numbers are shown."""
    return [cell.number_format for cell in openpyxl.load_workbook(io.BytesIO(book.content)).active["B"]]


def test_what_is_wrong_is_said_and_nothing_is_kept(run: Run, officer: Client) -> None:
    for more, words in (
        ({"least": "3"}, "大于或等于10"),
        ({"least": "x"}, "整数"),
        ({"place": "990102"}, "选择一个有效的选项"),
        ({"name": ""}, "必填"),
    ):
        answer = officer.post("/studies/new/", FORM | {"run": run.pk} | more)
        assert answer.status_code == 422, more
        assert words in plain(answer), more
    assert officer.post("/studies/new/", FORM | {"run": "999999999"}).status_code == 404
    assert officer.get("/studies/new/?kind=nothing").status_code == 404
    with pytest.raises(ValidationError, match="没有人，没有可以推演的队伍"):
        made(run, place="990101009")
    with pytest.raises(ValidationError, match="请选从哪一年"):
        studying.make(kind=Kind.CALIBRATION, run=None, place=DISTRICT, name="x", inputs={}, by=None)
    assert not Study.objects.exists()


def test_values_in_the_address_stand_in_the_form(run: Run, officer: Client) -> None:
    page = officer.get("/studies/new/?kind=calibration&least=77").content.decode()
    assert 'value="77"' in page


def test_progress_is_told_and_a_cancel_is_heard(run: Run, officer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    row = made(run)
    seen: list[str] = []

    def runner(study: Study) -> Iterator[Step]:
        yield Step(1, 3)
        seen.append(officer.get(f"/studies/{row.pk}/progress/").content.decode())
        yield Step(2, 3)
        officer.post(f"/studies/{row.pk}/cancel/")
        yield Step(3, 3, {"never": 1})
        raise AssertionError("a cancelled study goes on")

    swapped(monkeypatch, runner)
    studying.answer(study=row, by=None)
    row.refresh_from_db()
    assert (row.state, row.done, row.outcome) == ("cancelled", 2, None)
    assert "1 / 3</progress>" in seen[0]
    assert "已取消" in plain(officer.get(f"/studies/{row.pk}/"))
    studying.answer(study=row, by=None)  # the job comes round again
    row.refresh_from_db()
    assert row.state == "cancelled"
    assert "不用再取消" in plain(officer.post(f"/studies/{row.pk}/cancel/", follow=True))


def test_what_breaks_is_told_and_a_problem_in_its_own_words(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(study: Study) -> Iterator[Step]:
        raise StudyProblem("没有 2024 年的记录，请先补录。")
        yield

    swapped(monkeypatch, refuses)
    row = made(run)
    task(row.pk)
    row.refresh_from_db()
    assert (row.state, row.message) == ("failed", "没有 2024 年的记录，请先补录。")

    def breaks(study: Study) -> Iterator[Step]:
        yield Step(1 // 0, 1)

    swapped(monkeypatch, breaks)
    row = made(run)
    with pytest.raises(ZeroDivisionError):
        task(row.pk)
    row.refresh_from_db()
    assert row.state == "failed"
    assert "请再做一次" in row.message


@pytest.mark.parametrize(
    "name", ["district_a", "district_b", "subdistrict_a", "worker_a", "auditor_a", "administrator"]
)
def test_who_sees_it(name: str, run: Run, sign_in: Callable[[str], Client]) -> None:
    row = made(run)
    client = sign_in(name)
    sees = name in ("district_a", "administrator")
    assert client.get(f"/studies/{row.pk}/").status_code == (200 if sees else 404)
    assert client.post(f"/studies/{row.pk}/answer/").status_code == (302 if sees else 404)
    assert ('href="/studies/"' in client.get("/packs/").content.decode()) == (sees or name == "district_b")


def test_nobody_else_asks(run: Run, cast: casting.Cast) -> None:
    for name in ("district_b", "subdistrict_a", "worker_a", "finance_a"):
        with pytest.raises(PermissionDenied):
            made(run, by=cast.users[name])
    assert not Study.objects.exists()


def test_the_list_is_searched(run: Run, officer: Client) -> None:
    made(run, name="看离职率")
    assert "看离职率" in plain(officer.get("/studies/?q=离职"))
    assert "看离职率" in plain(officer.get("/studies/?kind=calibration&state=queued"))
    for query in ("q=没有的", "kind=search", "state=failed"):
        assert "看离职率" not in plain(officer.get(f"/studies/?{query}"))


def test_what_was_asked_cannot_be_changed(run: Run) -> None:
    row = made(run)
    with pytest.raises(Exception, match="Cannot update"):
        Study.objects.filter(pk=row.pk).update(inputs={})


def test_a_backtest_is_read_with_its_bands(run: Run, officer: Client) -> None:
    """Too few here for figures of their own: lived with the defaults, and it says so."""
    row = made(run, kind=Kind.BACKTEST, name="回测", inputs={"replicates": 9, "least": 50})
    task(row.pk)
    row.refresh_from_db()
    assert (row.state, row.message) == ("done", "")
    page = plain(officer.get(f"/studies/{row.pk}/"))
    for words in ("2025 年：记录与推演", "不用本区数字", "自愿离职（人）", "推演 5%–95%"):
        assert words in page, words
    book = officer.get(f"/studies/{row.pk}/?export=xlsx")
    rows = list(openpyxl.load_workbook(io.BytesIO(book.content)).active.values)
    assert len(rows) == 2 + len(row.outcome["rows"])
    assert all(isinstance(one, float | int) for each in rows[2:] for one in each[2:5])


def test_a_sensitivity_ranks_and_refuses_too_much(run: Run, officer: Client) -> None:
    sent = {
        "kind": "sensitivity", "run": run.pk, "name": "哪条要紧", "place": DISTRICT, "outcomes": ["stability"], "groups": ["居民满意"],
        "spread": "25", "years": "1", "trajectories": "4", "replicates": "1", "seed": "1", "samples": "16",
    }  # fmt: skip
    refused = officer.post(
        "/studies/new/", sent | {"groups": ["居民满意", "自愿离职", "招聘", "培训与能力"], "trajectories": "50"}
    )
    assert "请少选几组假设" in plain(refused)
    row = Study.objects.get(pk=officer.post("/studies/new/", sent).url.split("/")[2])
    task(row.pk)
    row.refresh_from_db()
    assert (row.state, row.message) == ("done", "")
    page = plain(officer.get(f"/studies/{row.pk}/"))
    for words in ("队伍稳定性（%）", "社区人员能力平均每高一分", "随其他假设而变", "只弄准这一条能去掉的起伏"):
        assert words in page, words
    book = officer.get(f"/studies/{row.pk}/?export=xlsx")
    rows = list(openpyxl.load_workbook(io.BytesIO(book.content)).active.values)
    assert len(rows) == 2 + len(row.outcome["factors"])
    assert all(isinstance(one, float | int) for each in rows[2:] for one in each[4:8])
    assert {type(each[9]) for each in rows[2:]} <= {float, int, type(None)}
    assert len(row.outcome["sobol"]["factors"]) == 4  # those that Morris put first
    assert row.total == row.outcome["points"] + 16 * (4 + 2)


def test_a_sensitivity_of_a_difference_ranks_what_the_rehearsal_hangs_on(run: Run, officer: Client) -> None:
    elsewhere = rehearsed(years.compute(district=DISTRICT, year=2024, by=None), "done")
    chosen = Chosen("添人", run.year, DISTRICT, run.pack_text.name, {}, {"staffing_ratio": 1.5}, 12, 2, 1)
    lived = Rehearsal.objects.create(
        org_code=DISTRICT, run=run, year=run.year, name="添人", scenario=chosen.text, key="0" * 64, years=1, replicates=2, state="done",
    )  # fmt: skip
    sent = {
        "kind": "sensitivity", "run": run.pk, "name": "靠哪条", "place": DISTRICT, "outcomes": ["bill"], "groups": ["自愿离职"],
        "spread": "25", "years": "1", "trajectories": "4", "replicates": "1", "seed": "1",
    }  # fmt: skip
    assert officer.post("/studies/new/", sent | {"against": str(elsewhere.pk)}).status_code == 422  # of another year
    found = {}
    for against in ("", str(lived.pk)):
        row = Study.objects.get(pk=officer.post("/studies/new/", sent | {"against": against}).url.split("/")[2])
        task(row.pk)
        row.refresh_from_db()
        assert (row.state, row.message) == ("done", "")
        found[against] = row
    difference = found[str(lived.pk)]
    assert (found[""].outcome["compared"], difference.outcome["compared"]) == (False, True)
    # half as many posts again cost something, filled late as they are, and less than half of all pay
    assert 0 < difference.outcome["middle"]["bill"] < found[""].outcome["middle"]["bill"] / 2
    assert "「添人」 与现行之差" in plain(officer.get(f"/studies/{difference.pk}/"))
    assert "与现行之差" not in plain(officer.get(f"/studies/{found[''].pk}/"))


def test_a_search_opens_each_of_its_points(run: Run, officer: Client) -> None:
    form = plain(officer.get(f"/studies/new/?kind=search&run={run.pk}"))
    for words in ("一名师傅带几人（人）：从–到", "每年应发工资不超过（万元）", "职称（资格）津贴（月）"):
        assert words in form, words
    sent = {
        "kind": "search", "run": run.pk, "name": "寻优", "place": DISTRICT, "years": "1", "trials": "16", "replicates": "2", "seed": "1",
        "bill": "100000", "mentees_per_mentor": "1–6", "item_1": "pay.cert_allowance.amount", "times_1": "0.5–3",
    }  # fmt: skip
    for more, words in (
        ({"mentees_per_mentor": "1–100"}, "在 0 到 20 人之间"),
        ({"mentees_per_mentor": "多些"}, "写成从–到"),
        ({"mentees_per_mentor": "", "item_1": ""}, "没有选要动的做法"),
        ({"item_2": "pay.cert_allowance.amount", "times_2": "1–2"}, "选了两次"),
    ):
        answer = officer.post("/studies/new/", sent | more)
        assert answer.status_code == 422, more
        assert words in plain(answer), (words, plain(answer)[-600:])
    row = Study.objects.get(pk=officer.post("/studies/new/", sent).url.split("/")[2])
    task(row.pk)
    row.refresh_from_db()
    assert (row.state, row.done, row.message) == ("done", 16, "")
    answer = officer.get(f"/studies/{row.pk}/")
    assert "没有别的组又省钱又多留人" in plain(answer)
    links = re.findall(r'href="(/rehearsals/new/\?[^"]+)"', answer.content.decode())
    assert len(links) == len(row.outcome["front"])
    number = row.outcome["front"][0]
    point = next(one for one in row.outcome["points"] if one["number"] == number)
    filled = officer.get(html.unescape(links[0])).content.decode()
    assert f'name="p_mentees_per_mentor" value="{point["levers"]["mentees_per_mentor"]:g}"' in filled
    assert "pay.cert_allowance.amount" in filled
    book = officer.get(f"/studies/{row.pk}/?export=xlsx")
    rows = list(openpyxl.load_workbook(io.BytesIO(book.content)).active.values)
    assert len(rows) == 3 + len(row.outcome["front"])
    now, first = rows[2:4]
    assert (now[0], now[2]) == ("现行", None)
    assert first[0] == number >= 1
    assert all(isinstance(one, float | int) for one in (*now[5:8], *first[1:8]))
    assert first[5] == round((point["values"]["cost"] + point["values"]["training_cost"]) / 10_000, 1)
    drawn = json.loads(html.unescape(re.search(r'data-chart="([^"]+)"', answer.content.decode())[1]))  # type: ignore[index]
    assert drawn["kind"] == "xy"
    assert (drawn["labels"][:2], drawn["at"][:2]) == (["现行", f"第 {number} 组"], [now[5], first[5]])
    front, present = (one["values"] for one in drawn["series"])
    assert (front[0], present[1:]) == (None, [None] * len(row.outcome["front"]))
    assert (round(present[0], 1), round(front[1], 1)) == pytest.approx((now[1], first[1]), abs=0.1)
