"""The same submission sent many times at once, by real threads with connections of their own: one effect, one answer."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import IntegrityError, connections
from django.test import Client
from django.utils import timezone
from tests import cast as casting

from qinglan.apps.exchange.actions import answers, tokens
from qinglan.apps.exchange.models import KeyConflict, Scope, StoredAnswer
from qinglan.apps.facts.models import TrainingRecord

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = 8


@pytest.fixture
def house():
    """The cast committed, and a token of 甲区's officer."""
    cast = casting.build()
    today = timezone.localdate()
    _, shown = tokens.make(
        name="测试", scopes=[Scope.FACTS_WRITE], org_code="990101", expires_on=today + timedelta(days=1), today=today,
        by=cast.users["district_a"],
    )  # fmt: skip
    return cast, shown


def at_once(shown: str, bodies: list[dict], key: str) -> list[tuple[int, bytes]]:
    """Each body posted by a thread of its own, all let go together: (status, content) of each."""
    gate = threading.Barrier(len(bodies))

    def send(body: dict) -> tuple[int, bytes]:
        client = Client(headers={"Authorization": f"Bearer {shown}"}, raise_request_exception=False)
        gate.wait()
        try:
            answer = client.post(
                "/api/v1/facts", json.dumps(body), "application/json", headers={"Idempotency-Key": key}
            )
            return answer.status_code, answer.content
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(bodies)) as pool:
        return list(pool.map(send, bodies))


def training(person: int, course: str = "社区治理实务") -> dict:
    said = {"kind": "annual", "course": course, "hours": 800}
    fact = {"person_id": person, "valid_on": "2025-06-12", "evidence": "签到表", "recorder": "李四", "said": said}
    return {"kind": "training", "district": "990101", "facts": [fact]}


def test_many_of_the_same_at_once_have_one_effect_and_one_answer(house):
    cast, shown = house
    got = at_once(shown, [training(cast.people["worker_a"].pk)] * AT_ONCE, "key-0001")
    assert {status for status, _ in got} == {201}
    assert len({content for _, content in got}) == 1
    assert json.loads(got[0][1])["outcomes"] == ["added"]
    assert (TrainingRecord.objects.count(), StoredAnswer.objects.count()) == (1, 1)


def test_many_different_at_once_under_one_key_have_one_effect_and_conflicts(house):
    cast, shown = house
    bodies = [training(cast.people["worker_a"].pk, f"课程{n}") for n in range(AT_ONCE)]
    got = [status for status, _ in at_once(shown, bodies, "key-0001")]
    assert sorted(got) == [201] + [409] * (AT_ONCE - 1)
    assert TrainingRecord.objects.count() == 1
    assert KeyConflict.objects.count() == AT_ONCE - 1


def test_without_the_guard_the_answers_differ(house, monkeypatch):
    """The control: were the key not held, the same submission would get different answers."""
    cast, shown = house
    monkeypatch.setattr(answers, "hold", lambda by_id, key: None)
    outcomes = set()
    for turn in range(20):  # the race is nearly always lost at once
        body = training(cast.people["worker_a"].pk, f"课程{turn}")
        outcomes |= {status for status, _ in at_once(shown, [body] * AT_ONCE, f"key-{turn:04d}")}
        if outcomes != {201}:
            break
    assert outcomes == {201, 500}


def test_the_database_itself_takes_a_key_once(house):
    row = {
        "by_id": 1,
        "token_id": 1,
        "key": "key-0001",
        "operation": "POST /x",
        "body_hash": "x",
        "status": 201,
        "body": "{}",
    }
    StoredAnswer.objects.create(**row)
    with pytest.raises(IntegrityError):
        StoredAnswer.objects.create(**row)
