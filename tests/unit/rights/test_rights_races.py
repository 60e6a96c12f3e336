"""Two at once: one claim, one number each, one answer; and what happens when the guard is taken away."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from tests.factories import organisation, posted
from tests.unit.rights.conftest import DAY, DISTRICT, officer

from qinglan.apps.base.models import span
from qinglan.apps.notices.models import Notice
from qinglan.apps.people.models import Role, RoleGrant, User
from qinglan.apps.rights.actions import claims
from qinglan.apps.rights.models import Claim, ClaimAnswer, ClaimStep

pytestmark = pytest.mark.django_db(transaction=True)
CODE = "990101001001"


@pytest.fixture
def worker() -> User:
    organisation(CODE)
    user = User.objects.create(username="worker", person=posted(CODE))
    RoleGrant.objects.create(user=user, role=Role.WORKER, org_code=CODE, span=span(date(2020, 1, 1)))
    return user


def both(*works) -> list[object]:
    """Run two pieces of work at the same moment, each on its own connection; results or refusals."""
    barrier = Barrier(len(works))

    def one(work) -> object:
        try:
            barrier.wait(120)
            return work()
        except (ValidationError, PermissionDenied, IntegrityError) as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(one, works))


def _file(worker: User, key: str, text: str = "值班没有调休") -> Claim:
    return claims.file(person=worker.person, text=text, key=key, on=DAY, by=User.objects.get(pk=worker.pk))


def test_one_submission_sent_twice_at_once_is_one_claim(worker):
    first, second = both(lambda: _file(worker, "k"), lambda: _file(worker, "k"))
    assert first.pk == second.pk
    assert Claim.objects.count() == ClaimStep.objects.count() == 1
    assert Notice.objects.filter(user=worker).count() == 1


def test_the_same_key_with_another_body_at_once_is_a_conflict(worker):
    results = both(lambda: _file(worker, "k"), lambda: _file(worker, "k", "别的话"))
    assert sorted(type(one).__name__ for one in results) == ["Claim", "Conflict"]
    assert Claim.objects.count() == 1


def test_two_claims_at_once_have_two_numbers(worker):
    found = both(*(lambda key=key: _file(worker, key) for key in "abcd"))
    assert sorted(one.number for one in found) == [f"{DISTRICT}-2026-S000{n}" for n in (1, 2, 3, 4)]


def test_control_without_waiting_the_second_is_refused_by_the_database_alone(worker, monkeypatch):
    """Both look before either writes: without the lock they do not answer the same; the unique index still keeps it one."""
    gate = Barrier(2)

    def nobody_waits(district: str) -> None:
        gate.wait(120)

    def numbered(district: str, on: date, mark: str = "S") -> str:
        gate.wait(120)
        return claims_number(district, on, mark)

    claims_number = claims.next_number
    monkeypatch.setattr(claims, "one_number_at_a_time", nobody_waits)
    monkeypatch.setattr(claims, "next_number", numbered)
    results = both(lambda: _file(worker, "k"), lambda: _file(worker, "k"))
    assert sorted(isinstance(one, IntegrityError) for one in results) == [False, True]
    assert Claim.objects.count() == 1


@pytest.fixture
def assigned(worker) -> tuple[Claim, User]:
    reviewer = officer("reviewer")
    claim = _file(worker, "k")
    claims.assign(claim=claim, to=reviewer, by=reviewer)
    return claim, reviewer


def _answer(claim: Claim, by: User, outcome: str) -> ClaimAnswer:
    return claims.answer(claim=claim, outcome=outcome, reasons="已核对", by=User.objects.get(pk=by.pk))


def test_two_answers_at_once_are_one(assigned):
    claim, reviewer = assigned
    results = both(lambda: _answer(claim, reviewer, "rejected"), lambda: _answer(claim, reviewer, "upheld"))
    assert sorted(type(one).__name__ for one in results) == ["ClaimAnswer", "ValidationError"]
    assert ClaimAnswer.objects.count() == 1
    assert ClaimStep.objects.filter(move="answer").count() == 1


def test_one_answer_sent_twice_at_once_is_the_same_answer(assigned):
    claim, reviewer = assigned
    first, second = both(lambda: _answer(claim, reviewer, "rejected"), lambda: _answer(claim, reviewer, "rejected"))
    assert first.pk == second.pk
    assert Notice.objects.filter(text__contains="有了答复").count() == 1


def test_control_without_the_row_lock_two_answers_meet_at_the_index(assigned, monkeypatch):
    claim, reviewer = assigned
    gate = Barrier(2)

    def unlocked(one: Claim) -> Claim:
        found = Claim.objects.select_related("person", "result__run", "proposal", "assigned_to").get(pk=one.pk)
        gate.wait(120)
        return found

    monkeypatch.setattr(claims, "_locked", unlocked)
    results = both(lambda: _answer(claim, reviewer, "rejected"), lambda: _answer(claim, reviewer, "rejected"))
    assert sum(isinstance(one, IntegrityError) for one in results) == 1
    assert ClaimAnswer.objects.count() == 1


def test_withdrawn_and_answered_at_once_is_one_of_them(assigned, worker):
    claim, reviewer = assigned

    def withdraw() -> Claim:
        return claims.withdraw(claim=claim, by=User.objects.get(pk=worker.pk))

    results = both(withdraw, lambda: _answer(claim, reviewer, "rejected"))
    assert sum(isinstance(one, ValidationError) for one in results) == 1
    claim.refresh_from_db()
    assert (claim.state == Claim.State.ANSWERED) == ClaimAnswer.objects.exists()


def test_a_refused_claim_leaves_nothing(worker):
    with pytest.raises(ValidationError), transaction.atomic():
        _file(worker, "k", " ")
    assert not Claim.objects.exists()
