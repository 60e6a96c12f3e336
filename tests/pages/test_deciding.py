"""The way of a year from draft to publication on its pages: who may walk it, what each page says, what a refusal leaves alone."""

import io
from datetime import date

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from qinglan.apps.base.models import span
from qinglan.apps.people.models import Employment, Posting
from qinglan.apps.policy.actions import adoption, decisions, years
from qinglan.apps.policy.models import PersonResult, ReviewItem, ReviewMark, Run, RunDecision
from qinglan.apps.policy.queries import review
from tests import cast as casting
from tests.factories import deciders, posted

pytestmark = pytest.mark.django_db
DISTRICT = "990101"


@pytest.fixture(scope="module")
def module_run(module_cast, django_db_blocker) -> int:
    """A draft of 甲区, once for the module."""
    with django_db_blocker.unblock():
        adoption.adopt(district=DISTRICT, pack="taoyuan", since=date(2020, 1, 1), by=None)
        return years.compute(district=DISTRICT, year=2025, by=None).pk


@pytest.fixture
def run(cast, module_run, monkeypatch) -> Run:
    """The draft; its review holds everybody, so that a small district has a list."""
    monkeypatch.setattr(review, "DRAWN_OF_10_000", 10_000)
    return Run.objects.get(pk=module_run)


def _post(client: Client, run: Run, move: str, note: str = "") -> str:
    return client.post(f"/results/runs/{run.pk}/decide/", {"move": move, "note": note}, follow=True).content.decode()


@pytest.mark.parametrize("name", casting.MEMBERS)
def test_only_the_district_decides(name, cast, run, client):
    client.force_login(cast.users[name])
    sees = name in ("district_a", "subdistrict_a", "subdistrict_a2", "secretary_a", "auditor_a")
    decides = name == "district_a"
    page = client.get(f"/results/runs/{run.pk}/")
    assert page.status_code == (200 if sees else 404)
    assert ('id="deciding"' in page.content.decode()) == decides
    assert client.get(f"/results/runs/{run.pk}/review/").status_code == (200 if decides else 403 if sees else 404)
    if not decides:
        for move in ("submit", "return", "sign", "publish"):
            client.post(f"/results/runs/{run.pk}/decide/", {"move": move, "note": "x"})
        client.post(f"/results/runs/{run.pk}/mark/", {"item": "1", "fine": "1"})
        run.refresh_from_db()
        assert run.state == Run.State.DRAFT
        assert not RunDecision.objects.exists()


def test_three_officers_walk_a_year_to_publication(cast, run, client):
    preparer, reviewer, publisher = deciders(DISTRICT)
    client.force_login(preparer)
    assert "已提交审核" in _post(client, run, "submit", "请复核")
    page = client.get(f"/results/runs/{run.pk}/").content.decode()
    assert "请复核" in page
    assert "须由另一人签署" in page
    assert "审核中，不能重新计算" in client.post("/results/compute/", {"year": "2025"}, follow=True).content.decode()

    client.force_login(reviewer)
    assert "没有核对" in _post(client, run, "sign")
    desk = client.get(f"/results/runs/{run.pk}/review/").content.decode()
    items = list(ReviewItem.objects.values_list("pk", flat=True))
    assert len(items) == len(casting.SEES["district_a"])
    assert all(f'value="{item}" form="mark"' in desk for item in items)
    address = f"/results/runs/{run.pk}/mark/"
    assert "请先在名单里勾选" in client.post(address, {"fine": "1"}, follow=True).content.decode()
    assert "请写明疑问" in client.post(address, {"item": items, "fine": "0"}, follow=True).content.decode()
    assert not ReviewMark.objects.exists()
    doubted = client.post(address, {"item": items[:1], "fine": "0", "comment": "票数不对"}, follow=True)
    assert "票数不对" in doubted.content.decode()
    client.post(address, {"item": items[1:], "fine": "1"})
    assert "还有 1 人没有核对，或还有疑问" in _post(client, run, "sign")
    assert client.get(f"/results/runs/{run.pk}/review/?state=doubted").content.decode().count('form="mark"') == 1
    client.post(address, {"item": items[:1], "fine": "1", "comment": "已核实"})
    assert "已签署" in _post(client, run, "sign")
    assert (
        "只有审核中的才能写复核意见" in client.post(address, {"item": items, "fine": "1"}, follow=True).content.decode()
    )

    client.force_login(cast.users["worker_a"])
    own = PersonResult.objects.get(person=cast.people["worker_a"])
    assert client.get(f"/results/{own.pk}/").status_code == 404
    client.force_login(publisher)
    assert "本人可以看到" in _post(client, run, "publish")
    client.force_login(cast.users["worker_a"])
    assert "已公布" in client.get(f"/results/{own.pk}/").content.decode()


def test_sending_back_wants_a_reason_and_a_move_that_is_none_is_refused(run, client):
    preparer, reviewer, _ = deciders(DISTRICT)
    decisions.submit(run=run, by=preparer)
    client.force_login(reviewer)
    assert "请写明退回的原因" in _post(client, run, "return")
    assert "请从页面上的按钮办理" in _post(client, run, "approve")
    assert "请从页面上的按钮办理" in _post(client, run, "return", "长" * 501)
    assert "已退回为草案" in _post(client, run, "return", "少一份名单")
    assert client.get(f"/results/runs/{run.pk}/decide/").status_code == 405


def test_a_corrected_year_names_the_other(run, client):
    preparer, reviewer, publisher = deciders(DISTRICT)
    decisions.submit(run=run, by=preparer)
    items = list(review.items(run).values_list("pk", flat=True))
    decisions.mark(run=run, items=items, fine=True, comment="", by=reviewer)
    decisions.sign(run=run, by=reviewer)
    decisions.publish(run=run, by=publisher)
    draft = years.compute(district=DISTRICT, year=2025, by=None)
    client.force_login(preparer)
    page = client.get(f"/results/runs/{draft.pk}/").content.decode()
    assert f'href="/results/runs/{run.pk}/"' in page
    assert "已公布的计算" in page
    assert f"{draft.get_state_display()}" in client.get("/results/?year=2025").content.decode()
    old = client.get(f"/results/?run={run.pk}").content.decode()
    assert "已由人审核、签署并公布" in old


def test_the_list_of_a_review_is_exported_whole(run, client):
    preparer, reviewer, _ = deciders(DISTRICT)
    decisions.submit(run=run, by=preparer)
    client.force_login(reviewer)
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"/results/runs/{run.pk}/review/?export=xlsx").content))
    rows = list(book.active.iter_rows(values_only=True))
    assert rows[0][:3] == ("姓名", "社区", "为什么核对")
    assert len(rows) - 1 == len(casting.SEES["district_a"])


@pytest.mark.parametrize("query", ["", "?state=open", "?q=l", "?state=x&page=99&sort=-person"])
def test_queries_of_the_desk_do_not_grow_with_people(query, run, client):
    preparer, reviewer, _ = deciders(DISTRICT)

    def count() -> int:
        here = Run.objects.get(state=Run.State.IN_REVIEW)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"/results/runs/{here.pk}/review/{query}").status_code == 200
        return len(captured)

    decisions.submit(run=run, by=preparer)
    client.force_login(reviewer)
    few = count()
    decisions.send_back(run=run, by=reviewer, note="再加人")
    for i in range(60):
        posted(("990101001001", "990101002001")[i % 2])
    decisions.submit(run=years.compute(district=DISTRICT, year=2025, by=None), by=preparer)
    assert count() == few <= 15


@pytest.fixture
def corrected(cast, run) -> Run:
    """A second draft: the worker left in June, a colleague came, and nothing else."""
    worker, new = cast.people["worker_a"], posted("990101001001")
    Employment.objects.filter(person=worker).update(
        span=span(date(2020, 1, 1), date(2025, 6, 16)), exit_reason="voluntary"
    )
    Posting.objects.filter(person=worker).update(span=span(date(2020, 1, 1), date(2025, 6, 16)))
    assert new.pk
    return years.compute(district=DISTRICT, year=2025, by=None)


def _differences(client: Client, user, new: Run, old: Run) -> str:
    client.force_login(user)
    answer = client.get(f"/results/runs/{new.pk}/against/{old.pk}/")
    return answer.content.decode() if answer.status_code == 200 else str(answer.status_code)


def test_differences_name_whom_how_much_and_from_where(cast, run, corrected, client):
    page = _differences(client, cast.users["district_a"], corrected, run)
    worker = PersonResult.objects.get(run=corrected, person=cast.people["worker_a"])
    assert f'href="/results/{worker.pk}/"' in page
    assert "原来没有" in page
    begins = page.split(f'href="/results/{worker.pk}/"')[1].split("</tr>")[0]
    assert "→" in begins
    backwards = _differences(client, cast.users["district_a"], run, corrected)
    assert "现在没有的人" in backwards
    assert "没有差异" in _differences(client, cast.users["district_a"], run, run)


def test_differences_stop_at_the_scope(cast, run, corrected, client):
    worker = PersonResult.objects.get(run=corrected, person=cast.people["worker_a"]).pk
    for name in casting.MEMBERS:
        page = _differences(client, cast.users[name], corrected, run)
        if name in ("district_a", "subdistrict_a", "secretary_a", "auditor_a"):
            assert f'href="/results/{worker}/"' in page, name
            assert ("合计" in page) == (name in ("district_a", "auditor_a")), name
        elif name == "subdistrict_a2":
            assert f'href="/results/{worker}/"' not in page
        else:
            assert page == "404", name
    adoption.adopt(district="990102", pack="taoyuan", since=date(2020, 1, 1), by=None)
    other = years.compute(district="990102", year=2025, by=None)
    assert _differences(client, cast.users["district_a"], corrected, other) == "404"


def test_a_difference_of_the_pack_begins_at_its_step(cast, run, client):
    adoption.adopt(district=DISTRICT, pack="jianghan", since=date(2025, 1, 1), by=None)
    page = _differences(client, cast.users["district_a"], years.compute(district=DISTRICT, year=2025, by=None), run)
    assert "两次计算的政策包不同" in page
    assert "→" in page
