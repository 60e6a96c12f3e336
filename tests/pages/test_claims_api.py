"""Claims by the JSON API: the same rows, refusals and effects as at the site; one submission is one claim whatever the line does."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from qinglan.apps.audit.models import AuditEvent
from qinglan.apps.facts.models import TrainingRecord
from qinglan.apps.notices.models import Notice
from qinglan.apps.policy.models import PersonResult
from qinglan.apps.rights.actions import claims
from qinglan.apps.rights.models import Claim, ClaimAnswer
from tests import cast as casting
from tests.pages.test_api import V1, post, refusal
from tests.pages.test_rights import DISTRICT, _file, module_run, result  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture
def claim(cast, result) -> Claim:  # noqa: F811
    return _file(cast, result)


@pytest.fixture
def assigned(cast, claim) -> Claim:
    return claims.assign(claim=claim, to=cast.users["district_a"], by=cast.users["district_a"])


def objection(result: PersonResult, **more: Any) -> dict[str, Any]:  # noqa: F811
    return {"result_id": result.pk, "family": "train.annual_days", "step": "annual_shortfall"} | more


def numbers(client: Client, query: str = "") -> list[str]:
    answer = client.get(f"{V1}/claims{query}")
    assert answer.status_code == 200
    return [one["number"] for one in answer.json()["items"]]


@pytest.mark.parametrize("name", casting.MEMBERS)
def test_each_reads_the_claims_that_she_reads_at_the_site(name, cast, claim, system, sign_in):
    page = sign_in(name).get(f"/rights/{claim.pk}/").status_code
    role = casting.MEMBERS[name][0]
    if role is None or name in casting.ENDED:
        return
    client = system(name)
    assert client.get(f"{V1}/claims/{claim.pk}").status_code == page
    assert numbers(client) == ([claim.number] if page == 200 else [])
    assert numbers(client, "?which=mine") == ([claim.number] if name == "worker_a" else [])


def test_one_claim_with_its_way(cast, assigned, system):
    said = system("district_a").get(f"{V1}/claims/{assigned.pk}").json()
    assert (said["number"], said["state"], said["kind"]) == (assigned.number, "assigned", "figure")
    assert said["text"] == "少记了 8 学时"
    assert said["family"] == "train.annual_days"
    assert "还差" in said["figure"]
    assert [one["move"] for one in said["steps"]] == ["file", "assign"]
    assert said["answers"] == said["evidence"] == []
    assert said["due_on"] == assigned.due_on.isoformat()
    assert "等待答复" in said["next"]


def test_what_waits_for_my_answer_and_what_is_late(cast, assigned, result, system):  # noqa: F811
    other = _file(cast, result, key="other", text="另一件")
    chief, street = system("district_a"), system("subdistrict_a")
    assert numbers(chief, "?which=to_answer") == [assigned.number]
    assert numbers(street, "?which=to_answer") == []
    assert set(numbers(chief)) == {assigned.number, other.number}
    assert numbers(chief, "?state=received") == [other.number]
    Claim.objects.filter(pk=assigned.pk).update(due_on=timezone.localdate() - timedelta(days=1))
    Claim.objects.filter(pk=other.pk).update(due_on=timezone.localdate() + timedelta(days=1))
    assert numbers(chief, "?overdue=true") == [assigned.number]
    assert numbers(chief, "?overdue=false") == [other.number]
    assert numbers(chief, "?org=990101002") == []
    assert refusal(chief.get(f"{V1}/claims?which=all")) == (422, "invalid")


def test_a_worker_objects_to_her_figure_once(cast, result, system):  # noqa: F811
    client = system("worker_a")
    body = {"text": "少记了 8 学时", "objection": objection(result)}
    first = post(client, "/claims", body, key="objection-1")
    assert first.status_code == 201
    again = post(client, "/claims", body, key="objection-1")
    assert (again.status_code, again.content) == (201, first.content)
    made = Claim.objects.get()
    assert (made.pk, made.number, made.state) == (first.json()["id"], first.json()["number"], "received")
    assert (made.by_name, made.figure != "", made.shown != "") == ("worker_a", True, True)
    assert AuditEvent.objects.filter(action="rights.claim.file").count() == 1
    assert Notice.objects.filter(user=cast.users["district_a"]).exists(), "who assigns is told"
    changed = post(client, "/claims", body | {"text": "少记了 9 学时"}, key="objection-1")
    assert refusal(changed) == (409, "key_conflict")
    assert Claim.objects.count() == 1


def test_it_is_the_claim_that_the_page_would_have_made(cast, result, system):  # noqa: F811
    by_page = _file(cast, result)
    made = post(system("worker_a"), "/claims", {"text": "少记了 8 学时", "objection": objection(result)}).json()
    by_api = Claim.objects.get(pk=made["id"])
    same = (
        "kind",
        "person_id",
        "org_code",
        "state",
        "result_id",
        "family",
        "step",
        "figure",
        "shown",
        "text",
        "level",
        "digest",
    )
    assert [getattr(by_api, name) for name in same] == [getattr(by_page, name) for name in same]


def test_an_officer_hands_in_for_somebody_in_her_care_alone(cast, system):
    body = {"text": "没有收到工作证", "person_id": cast.people["worker_a"].pk}
    assert post(system("subdistrict_a"), "/claims", body).status_code == 201
    for name in ("subdistrict_a2", "secretary_a", "auditor_a", "district_b", "worker_b"):
        assert refusal(post(system(name), "/claims", body)) == (404, "not_found"), name
    assert Claim.objects.count() == 1


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"objection": {"family": "nothing"}}, 422),
        ({"objection": {"step": "nothing"}}, 422),
        ({"objection": {"month": 13}}, 422),
        ({"objection": {"result_id": 999999999}}, 404),
        ({"proposal_id": 999999999}, 422),  # beside an objection
        ({"text": "   "}, 422),
        ({"text": "x" * 2001}, 422),
        ({"text": "\0"}, 422),
        ({"state": "closed"}, 422),
        ({"number": "990101-2026-S9999"}, 422),
    ],
)
def test_what_makes_no_sense_makes_no_claim(more, status, result, system):  # noqa: F811
    body = {"text": "x", "objection": objection(result)}
    given = body | more | ({"objection": body["objection"] | more["objection"]} if "objection" in more else {})
    assert post(system("worker_a"), "/claims", given).status_code == status
    assert not Claim.objects.exists()


def test_nobody_objects_to_another_one_s_figure(cast, result, system):  # noqa: F811
    body = {"text": "x", "objection": objection(result)}
    for name in ("worker_b", "secretary_a"):
        assert refusal(post(system(name), "/claims", body)) == (404, "not_found")


def test_the_assigned_answers_once_and_the_claimant_is_told(cast, assigned, system):
    fact = TrainingRecord.objects.get(person=cast.people["worker_a"])
    body = {
        "outcome": "upheld", "reasons": "核对签到表，应为 16 学时", "to_correct": "3 月 1 日应为 16 学时",
        "fact": {"kind": "training", "id": fact.pk},
    }  # fmt: skip
    client = system("district_a")
    answer = post(client, f"/claims/{assigned.pk}/answer", body, key="answer-1")
    assert (answer.status_code, answer.json()["state"]) == (201, "answered")
    assert post(client, f"/claims/{assigned.pk}/answer", body, key="answer-1").content == answer.content
    given = ClaimAnswer.objects.get()
    assert (given.outcome, given.fact_kind, given.fact_id, given.by_name) == (
        "upheld",
        "training",
        fact.pk,
        "district_a",
    )
    assert Notice.objects.filter(user=cast.users["worker_a"]).exists()
    said = client.get(f"{V1}/claims/{assigned.pk}").json()
    assert [one["outcome"] for one in said["answers"]] == ["upheld"]
    late = post(client, f"/claims/{assigned.pk}/answer", body | {"reasons": "别的"})
    assert refusal(late) == (422, "refused")


@pytest.mark.parametrize(
    ("name", "status"),
    [("subdistrict_a", 403), ("auditor_a", 403), ("worker_a", 403), ("secretary_a", 404), ("district_b", 404)],
)
def test_nobody_else_answers(name, status, assigned, system):
    body = {"outcome": "rejected", "reasons": "核对过"}
    assert post(system(name), f"/claims/{assigned.pk}/answer", body).status_code == status
    assert not ClaimAnswer.objects.exists()


def test_an_answer_is_refused_before_it_is_assigned_and_when_it_contradicts_itself(cast, claim, system):
    body = {"outcome": "rejected", "reasons": "核对过"}
    client = system("district_a")
    assert refusal(post(client, f"/claims/{claim.pk}/answer", body)) == (422, "refused"), "nobody is assigned"
    claims.assign(claim=claim, to=cast.users["district_a"], by=cast.users["district_a"])
    assert post(client, f"/claims/{claim.pk}/answer", body | {"to_correct": "x"}).status_code == 422, (
        "no and yet correct"
    )
    wrong = body | {"outcome": "upheld", "to_correct": "x", "fact": {"kind": "training", "id": 999999999}}
    assert refusal(post(client, f"/claims/{claim.pk}/answer", wrong)) == (422, "invalid")
    assert not ClaimAnswer.objects.exists()


def test_scopes_are_apart(cast, assigned, system):
    reads, others = (
        system("district_a", scopes=["claims:read"]),
        system("district_a", scopes=["people:read", "claims:write"]),
    )
    assert reads.get(f"{V1}/claims").status_code == 200
    body = {"outcome": "rejected", "reasons": "核对过"}
    assert refusal(post(reads, f"/claims/{assigned.pk}/answer", body)) == (403, "scope")
    assert refusal(others.get(f"{V1}/claims")) == (403, "scope")
    assert not ClaimAnswer.objects.exists()


def test_a_narrowed_token_reads_no_further(cast, assigned, system):
    assert numbers(system("district_a", org_code="990101002")) == []
    assert numbers(system("district_a", org_code=f"{DISTRICT}001")) == [assigned.number]
