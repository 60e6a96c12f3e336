"""The officers' lists: filters, overdue marks, the rights day, export, queries that do not grow; proposals by page."""

import io
from datetime import date, timedelta

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from qinglan.apps.facts.actions import recording
from qinglan.apps.policy.actions import adoption, years
from qinglan.apps.policy.models import PersonResult
from qinglan.apps.rights.actions import claims
from qinglan.apps.rights.actions import proposals as actions
from qinglan.apps.rights.models import Claim, Proposal
from tests import cast as casting
from tests.factories import posted, published

pytestmark = pytest.mark.django_db
DISTRICT = "990101"
OFFICERS = ("district_a", "subdistrict_a", "auditor_a")


@pytest.fixture(scope="module")
def module_result(module_cast, django_db_blocker) -> int:
    """The id of the worker's published 2025, a second year in which every score is 40."""
    with django_db_blocker.unblock():
        adoption.adopt(district=DISTRICT, pack="taoyuan", since=date(2020, 1, 1), by=None)
        person = module_cast.people["worker_a"]
        for year in (2024, 2025):
            about = {"person_id": person.pk, "org_code": person.org_code, "score": 4000, "favourable": None}
            rows = [about | {"valid_on": date(year, 12, 31), "source": one, "ballots": 50} for one in (1, 2, 3, 4)]
            rows += [about | {"valid_on": date(year, m, 28), "source": 10, "ballots": None} for m in range(1, 13)]
            recording.record_many(kind="scores", rows=rows, by=None, org_code=DISTRICT)
            run = published(years.compute(district=DISTRICT, year=year, by=None))
        return PersonResult.objects.get(run=run, person=person).pk


@pytest.fixture
def result(cast, module_result) -> PersonResult:
    return PersonResult.objects.select_related("run", "person").get(pk=module_result)


def _file(cast, n: int = 0, on: date = date(2026, 6, 1), **more) -> Claim:
    by = more.pop("by", cast.users["worker_a"])
    return claims.file(person=more.pop("person", by.person), text=f"第 {n} 件", key=f"k{n}", on=on, by=by, **more)


def test_the_desk_narrows_by_state_kind_place_and_name(cast, result, sign_in):
    hers = _file(cast, 1, objection=claims.Objection(result, "assess.four_in_one", "composite"))
    sibling = _file(cast, 2, by=cast.users["district_a"], person=cast.people["sibling_a"])
    withdrawn = claims.withdraw(claim=_file(cast, 3), by=cast.users["worker_a"])
    client = sign_in("district_a")

    def shown(query: str) -> set[str]:
        page = client.get(f"/rights/desk/{query}").content.decode()
        return {one.number for one in (hers, sibling, withdrawn) if one.number in page}

    assert shown("") == {hers.number, sibling.number, withdrawn.number}
    assert shown("?state=waiting") == {hers.number, sibling.number}
    assert shown("?state=withdrawn") == {withdrawn.number}
    assert shown("?kind=figure") == {hers.number}
    assert shown("?org=990101002") == {sibling.number}
    assert shown(f"?q={hers.number[-4:]}") == {hers.number}
    assert shown("?q=zhangmin") == {sibling.number}
    assert shown("?state=nonsense") == {hers.number, sibling.number, withdrawn.number}


def test_what_is_owed_soonest_comes_first(cast, result, sign_in):
    closed, late, soon = _file(cast, 1), _file(cast, 2, on=date(2026, 6, 15)), _file(cast, 3, on=date(2026, 6, 2))
    claims.withdraw(claim=closed, by=cast.users["worker_a"])
    page = sign_in("district_a").get("/rights/desk/").content.decode()
    places = [page.index(one.number) for one in (soon, late, closed)]
    assert places == sorted(places)


def test_overdue_claims_are_marked_and_found(cast, result, sign_in):
    late = _file(cast, 1, on=date(2026, 5, 6))
    Claim.objects.filter(pk=late.pk).update(due_on=timezone.localdate() - timedelta(days=1))
    new = _file(cast, 2, on=timezone.localdate())
    page = sign_in("district_a").get("/rights/desk/?state=overdue").content.decode()
    assert late.number in page
    assert new.number not in page
    assert page.count("ql-badge-bad") == 1
    assert "逾期" in sign_in("worker_a").get(f"/rights/{late.pk}/").content.decode()


def test_the_rights_day_lists_prints_and_exports(cast, result, sign_in):
    claim = _file(cast, 1)
    client = sign_in("subdistrict_a")
    page = client.get("/rights/day/?on=2026-06-10").content.decode()
    assert claim.number in page
    assert "data-print" in page
    assert claim.number not in client.get("/rights/day/?on=2026-05-10").content.decode()
    book = openpyxl.load_workbook(io.BytesIO(client.get("/rights/day/?on=2026-06-10&export=xlsx").content))
    assert "共 1 件" in book.active["A1"].value
    assert book.active["A3"].value == claim.number
    assert client.get("/rights/day/").status_code == 200
    other = sign_in("district_b").get("/rights/day/").content.decode()
    assert "还没有选用政策包" in other


@pytest.mark.parametrize("address", ["/rights/desk/", "/rights/day/?on=2027-01-01", "/rights/proposals/"])
def test_queries_of_the_lists_do_not_grow(address, cast, result, sign_in):
    client = sign_in("district_a")
    for n in range(2):
        _file(cast, n)
    client.get(address)

    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    few = count()
    for n in range(10, 40):
        person = posted(("990101001001", "990101002001")[n % 2])
        _file(cast, n, by=cast.users["district_a"], person=person)
    assert count() == few <= 15


def _propose(cast, result) -> Proposal:
    by = cast.users["subdistrict_a"]
    return actions.propose(result=result, kind="end", reasons="连续两年不称职", on=date(2026, 6, 1), by=by)


def test_a_candidate_is_taken_up_from_the_list(cast, result, sign_in):
    client = sign_in("subdistrict_a")
    page = client.get("/rights/proposals/").content.decode()
    address = f"/rights/proposals/new/{result.pk}/end/"
    assert f'href="{address}"' in page
    assert "须先培训或调岗" in client.get(address).content.decode()
    answer = client.post(address, {"text": "连续两年不称职"})
    proposal = Proposal.objects.get()
    assert answer.url == f"/rights/proposals/{proposal.pk}/"
    assert address not in client.get("/rights/proposals/").content.decode()
    assert client.get(f"/rights/proposals/new/{result.pk}/lower/").status_code == 404


@pytest.mark.parametrize("name", casting.MEMBERS)
def test_who_reaches_proposals(name, cast, result, sign_in):
    proposal, client = _propose(cast, result), sign_in(name)
    assert client.get("/rights/proposals/").status_code == (
        200 if name in OFFICERS or name.startswith(("district_", "subdistrict_")) else 404
    )
    assert client.get(f"/rights/proposals/{proposal.pk}/").status_code == (200 if name in OFFICERS else 404)
    assert client.get(f"/rights/proposals/new/{result.pk}/end/").status_code == (
        200 if name in ("district_a", "subdistrict_a") else 404
    )
    if name not in ("district_a", "subdistrict_a"):
        for move in ("inform", "hear", "confirm", "drop", "revoke", "nothing"):
            assert client.post(f"/rights/proposals/{proposal.pk}/{move}/", {"text": "x"}).status_code == 404, move
        ticked = {"condition": "union", "met": "1", "note": "x"}
        assert client.post(f"/rights/proposals/{proposal.pk}/tick/", ticked).status_code == 404
        proposal.refresh_from_db()
        assert proposal.state == Proposal.State.OPEN
        assert not proposal.checks.exists()


def _confirm(sign_in, address: str, name: str) -> str:
    """What the page says after this account confirms."""
    return sign_in(name).post(f"{address}confirm/", {"text": "经研究同意"}, follow=True).content.decode()


def test_a_proposal_is_walked_by_its_page(cast, result, sign_in):
    proposal = _propose(cast, result)
    address = f"/rights/proposals/{proposal.pk}/"
    handler = sign_in("subdistrict_a")
    page = handler.get(address).content.decode()
    assert "劳动合同法第四十二条" in page
    assert "劳动合同法第四十三条" in page
    for key in ("remedied", "barred_other", "notice", "union", "severance", "rules_told"):
        assert f'name="condition" value="{key}"' in page, key
        handler.post(f"{address}tick/", {"condition": key, "met": "1", "note": "见附件"})
    refused = handler.post(f"{address}tick/", {"condition": "barred", "met": "1", "note": "x"}, follow=True)
    assert "不能手工核对" in refused.content.decode()
    handler.post(f"{address}inform/")
    worker = sign_in("worker_a")
    assert proposal.number in worker.get("/rights/").content.decode()
    page = worker.get(address).content.decode()
    assert "我的陈述" in page
    assert "确认</button>" not in page
    worker.post(f"{address}hear/", {"text": "我已经改进"})
    assert "我已经改进" in worker.get(address).content.decode()
    objection = worker.get(f"/rights/new/?proposal={proposal.pk}")
    assert "对处置建议提出异议" in objection.content.decode()
    assert "由区级管理员确认" in _confirm(sign_in, address, "subdistrict_a")
    assert "已确认" in _confirm(sign_in, address, "district_a")
    proposal.refresh_from_db()
    assert proposal.state == Proposal.State.CONFIRMED
    assert "已确认" in sign_in("worker_a").get(address).content.decode()


def test_the_navigation_leads_each_to_hers(cast, sign_in):
    assert 'href="/rights/"' in sign_in("worker_a").get("/organisations/").content.decode()
    page = sign_in("district_a").get("/organisations/").content.decode()
    assert 'href="/rights/desk/"' in page
    assert 'href="/rights/"' not in page
