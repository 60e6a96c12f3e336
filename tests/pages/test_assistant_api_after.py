"""After an answer by the API: whether it helped, and a person who answers; as on the page, within the token's place."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from qinglan.apps.assistant.actions import asking, handing
from qinglan.apps.assistant.models import HandOver, Question, Tally
from qinglan.apps.assistant.states import Channel, Thumb
from qinglan.apps.audit.models import AuditEvent
from qinglan.apps.exchange.models import StoredAnswer
from tests.pages.residents import EAST

pytestmark = pytest.mark.django_db
THUMB, HAND = "/api/v1/assistant/thumb", "/api/v1/assistant/hand-over"
B_EAST = "990102001001"


def post(client: Client, address: str, body: dict[str, Any]) -> Any:
    return client.post(address, json.dumps(body), "application/json")


def asked(place: str = EAST, channel: Channel = Channel.API) -> dict[str, Any]:
    """What a system sends about an answer that it was given."""
    talk = asking.begin(channel=channel, place=place)
    row = Question.objects.create(talk=talk, text="楼道的灯坏了", outcome="handed_over", reply={"text": "没有把握"})
    return {"talk": talk.key, "question": row.pk}


def test_the_last_thumb_counts_and_is_counted(system):
    client, one = system("worker_a"), asked()
    for helped in (True, True, False):
        answer = post(client, THUMB, one | {"helped": helped})
        assert (answer.status_code, answer.json()) == (201, {"question": one["question"], "helped": helped})
    assert Question.objects.get().thumb == Thumb.DOWN
    assert Tally.objects.values_list("channel", "up", "down").get() == ("api", 0, 1)


def test_a_person_answers_and_the_same_address_gives_the_answer(system, cast):
    client, one = system("worker_a"), asked()
    said = post(client, HAND, one | {"note": "三楼，电话13800138000"})
    assert said.status_code == 201
    row = HandOver.objects.get()
    first = said.json()
    assert (first["number"], first["state"], first["place"], first["answer"]) == (row.pk, "waiting", EAST, "")
    assert (row.org_code, row.asked_by, "13800138000" in row.note) == (EAST, None, False)
    handing.answer(
        hand_over=handing.take(hand_over=row, by=cast.users["worker_a"]), text="今天就换。", by=cast.users["worker_a"]
    )
    again = post(client, HAND, one | {"note": "别的话"}).json()
    assert (again["number"], again["state"], again["answer"]) == (row.pk, "answered", "今天就换。")
    assert again["ended_at"] is not None
    assert HandOver.objects.count() == 1
    assert AuditEvent.objects.filter(action="assistant.hand_over").count() == 1
    assert not StoredAnswer.objects.exists(), "nothing that a resident said is kept under a key"


def test_what_cannot_be_handed_over_is_refused_with_its_sentence(system):
    client = system("district_a")
    answer = post(client, HAND, asked(place=""))
    assert answer.status_code == 422
    assert "请先选择" in answer.json()["error"]["message"]
    assert post(client, HAND, asked() | {"note": "字" * 301}).status_code == 422


@pytest.mark.parametrize(("address", "more"), [(THUMB, {"helped": True}), (HAND, {})])
class TestReach:
    def test_another_talk_is_not_there(self, address, more, system):
        client, hers = system("worker_a"), asked()
        page, elsewhere = asked(channel=Channel.PAGE), asked(place=B_EAST)
        mixed = {"talk": hers["talk"], "question": page["question"]}
        for one in (page, elsewhere, mixed, hers | {"talk": "x" * 32}, hers | {"question": 2**62}):
            assert post(client, address, one | more).status_code == 404
        assert not HandOver.objects.exists()
        assert not Question.objects.exclude(thumb=Thumb.NONE).exists()
        assert post(client, address, hers | more).status_code == 201  # the control: her own

    def test_it_takes_a_token_of_its_scope_and_no_cookie(self, address, more, system, sign_in):
        one = asked()
        assert post(system("worker_a", scopes=["facts:write"]), address, one | more).status_code == 403
        assert post(sign_in("worker_a"), address, one | more).status_code == 401
        assert system("worker_a").get(address).status_code == 405


def test_one_account_hands_over_only_so_much_an_hour(system, settings):
    cache.clear()
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"assistant_api_hand_over": "1/h/user"}
    client, first, second = system("worker_a"), asked(), asked()
    assert post(client, HAND, first).status_code == 201
    refused = post(client, HAND, second)
    assert (refused.status_code, refused["Retry-After"]) == (429, "3600")
    assert post(client, HAND, first).status_code == 201, "how far it is may be asked at any time"
    assert HandOver.objects.count() == 1
    cache.clear()
