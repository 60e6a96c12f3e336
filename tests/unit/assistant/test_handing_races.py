"""Two at once: one hand-over a question, one who takes, one answer; and what happens when the row is not locked."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import Error, connection
from tests.factories import organisation

from qinglan.apps.assistant.actions import asking, handing
from qinglan.apps.assistant.models import HandOver, Question
from qinglan.apps.assistant.states import Channel, Closing, Handing
from qinglan.apps.audit.models import AuditEvent
from qinglan.apps.base.models import span
from qinglan.apps.notices.models import Notice
from qinglan.apps.people.models import Role, RoleGrant, User

pytestmark = pytest.mark.django_db(transaction=True)
PLACE = "990101001001"


def _account(name: str) -> User:
    user = User.objects.create(username=name, last_name=name)
    RoleGrant.objects.create(user=user, role=Role.WORKER, org_code=PLACE, span=span(date(2020, 1, 1)))
    return user


@pytest.fixture
def two(transactional_db: None) -> tuple[User, User]:
    """Two workers of the community."""
    organisation(PLACE)
    return _account("first"), _account("second")


@pytest.fixture
def question(two: tuple[User, User]) -> Question:
    talk = asking.begin(channel=Channel.PAGE, place=PLACE)
    return Question.objects.create(talk=talk, text="楼上漏水", outcome="handed_over", reply={"text": "没有把握"})


@pytest.fixture
def waiting(question: Question) -> HandOver:
    return handing.hand_over(question=question)


def both(*works: Callable[[], Any]) -> list[Any]:
    """Run pieces of work at the same moment, each on its own connection; results or refusals."""
    barrier = Barrier(len(works))

    def one(work: Callable[[], Any]) -> Any:
        try:
            barrier.wait(120)
            return work()
        except (ValidationError, PermissionDenied, Error) as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(one, works))


def _take(row: HandOver, by: User) -> Callable[[], HandOver]:
    return lambda: handing.take(hand_over=row, by=User.objects.get(pk=by.pk))


def test_one_button_pressed_twice_at_once_is_one_hand_over(question):
    first, second = both(*[lambda: handing.hand_over(question=question)] * 2)
    assert first.pk == second.pk
    assert HandOver.objects.count() == AuditEvent.objects.filter(action="assistant.hand_over").count() == 1
    assert Notice.objects.count() == 2  # each worker once


def test_two_who_take_at_once_are_one_and_the_other_reads_who(two, waiting):
    results = both(*(_take(waiting, user) for user in two))
    refused = next(one for one in results if isinstance(one, ValidationError))
    waiting.refresh_from_db()
    assert sum(isinstance(one, HandOver) for one in results) == 1
    assert refused.messages[0].startswith(f"{waiting.taken_by.username}已经先接手了")
    assert AuditEvent.objects.filter(action="assistant.take").count() == 1


def test_taken_and_closed_at_once_is_one_of_them(two, waiting):
    closing = lambda: handing.close(hand_over=waiting, reason=Closing.TOLD, by=User.objects.get(pk=two[1].pk))  # noqa: E731
    results = both(_take(waiting, two[0]), closing)
    assert sum(isinstance(one, ValidationError) for one in results) == 1
    waiting.refresh_from_db()
    assert waiting.state == (Handing.TAKEN if isinstance(results[0], HandOver) else Handing.CLOSED)


def test_two_answers_of_one_hand_are_one(two, waiting):
    handing.take(hand_over=waiting, by=two[0])

    def answering(text: str) -> Callable[[], HandOver]:
        return lambda: handing.answer(hand_over=waiting, text=text, by=User.objects.get(pk=two[0].pk))

    results = both(answering("今天上门"), answering("明天上门"))
    assert sum(isinstance(one, ValidationError) for one in results) == 1
    waiting.refresh_from_db()
    assert waiting.answer == next(one.answer for one in results if isinstance(one, HandOver))
    assert AuditEvent.objects.filter(action="assistant.answer").count() == 1


def test_control_without_the_lock_both_believe_that_they_took_it(two, waiting, monkeypatch):
    """Both look before either writes: then each is told that it is hers."""
    gate = Barrier(2)

    def unlocked(row: HandOver) -> HandOver:
        found = HandOver.objects.get(pk=row.pk)
        gate.wait(120)
        return found

    monkeypatch.setattr(handing, "_locked", unlocked)
    results = both(*(_take(waiting, user) for user in two))
    taken = [one for one in results if isinstance(one, HandOver)]
    assert len(taken) == 2
    assert {one.taken_by_id for one in taken} == {user.pk for user in two}
