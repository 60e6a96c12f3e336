"""Questions by the JSON API: one answer, or piece by piece; within the token's place; nothing of it kept under a key."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from qinglan.apps.assistant.actions import asking
from qinglan.apps.assistant.models import Question, Talk, Tally
from qinglan.apps.assistant.states import Channel
from qinglan.apps.exchange.models import KeyConflict, StoredAnswer
from tests.pages.residents import EAST, FOLLOW_UP, NOISE, first_of

pytestmark = pytest.mark.django_db
ONE, STREAM = "/api/v1/assistant/ask", "/api/v1/assistant/ask/stream"
GAS = "我家煤气味很大怎么办"


def post(client: Client, address: str, body: dict[str, Any], **headers: str) -> Any:
    return client.post(address, json.dumps(body), "application/json", headers=headers)


def events(answer: Any) -> list[tuple[str, Any]]:
    """(event, data) of server-sent events."""
    blocks = answer.getvalue().decode().strip().split("\n\n")
    split = [block.split("\n") for block in blocks]
    return [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in split]


def test_an_answer_is_that_of_the_page(cast, system, client):
    client.post(f"/ask/{EAST}/question/", {"text": NOISE})
    shown = Question.objects.get().reply
    answer = post(system("worker_a"), ONE, {"question": NOISE, "place": EAST})
    assert answer.status_code == 201
    said = answer.json()
    talk = Talk.objects.get(key=said.pop("talk"))
    assert (talk.channel, talk.org_code) == ("api", EAST)
    assert Question.objects.get(pk=said.pop("question")).talk == talk
    assert said == {name: value for name, value in shown.items() if name in said}
    assert said["card"]["key"] == "108"
    assert Tally.objects.get(channel="api").asked == 1


def test_a_follow_up_needs_the_talk(system):
    client = system("worker_a")
    talk = post(client, ONE, {"question": NOISE, "place": EAST}).json()["talk"]
    said = post(client, ONE, {"question": FOLLOW_UP, "talk": talk}).json()
    assert (said["card"]["key"], first_of(said), said["talk"]) == ("108", "材料", talk)
    assert Talk.objects.count() == 1


def test_a_stream_tells_danger_first_and_the_whole_answer_in_the_end(system):
    client = system("worker_a")
    whole = post(client, ONE, {"question": GAS, "place": EAST}).json()
    answer = post(client, STREAM, {"question": GAS, "place": EAST})
    assert (answer.status_code, answer["Content-Type"]) == (201, "text/event-stream; charset=utf-8")
    assert answer.streaming
    told = events(answer)
    names = [name for name, _ in told]
    assert names[:3] == ["emergency", "outcome", "text"]
    assert names[-1] == "done"
    assert names == sorted(names, key=["emergency", "outcome", "text", "detail", "done"].index)
    assert names.count("text") > 2, "sentence by sentence"
    assert told[0][1] == whole["emergency"]
    assert "".join(data for name, data in told if name == "text") == whole["text"]
    assert [data for name, data in told if name == "detail"] == whole["details"]
    assert told[1][1]["card"] == whole["card"]
    assert Talk.objects.filter(key=told[-1][1]["talk"]).exists()


def test_a_stream_can_be_lines(system):
    answer = post(system("worker_a"), STREAM, {"question": NOISE, "place": EAST}, Accept="application/x-ndjson")
    assert answer["Content-Type"] == "application/x-ndjson; charset=utf-8"
    told = [json.loads(line) for line in answer.getvalue().decode().splitlines()]
    assert [one["event"] for one in told][:2] == ["outcome", "text"], "no danger, no word of it"
    assert told[-1]["event"] == "done"


@pytest.mark.parametrize("address", [ONE, STREAM])
class TestReach:
    @pytest.mark.parametrize("place", ["990101001002", "990101", "990102001001", "990199", "990101001009"])
    def test_a_place_out_of_the_tokens_reach_is_not_there(self, place, address, system):
        client = system("worker_a")
        answer = post(client, address, {"question": NOISE, "place": place})
        unknown = post(client, address, {"question": NOISE, "place": "110101"})
        assert answer.status_code == 404
        assert answer.content == unknown.content
        assert not Talk.objects.exists()
        # the control: her own
        assert post(client, address, {"question": NOISE, "place": EAST}).status_code == 201

    def test_a_token_narrower_than_its_owner_reaches_no_further(self, address, system):
        client = system("district_a", org_code=EAST)
        assert post(client, address, {"question": NOISE, "place": "990101"}).status_code == 404
        assert post(client, address, {"question": NOISE, "place": EAST}).status_code == 201

    def test_a_talk_of_elsewhere_is_not_there(self, address, system):
        key = post(system("worker_b"), ONE, {"question": NOISE, "place": "990102001001"}).json()["talk"]
        page = asking.begin(channel=Channel.PAGE, place=EAST).key
        client = system("worker_a")
        for talk in (key, page, "x" * 32):
            assert post(client, address, {"question": FOLLOW_UP, "talk": talk}).status_code == 404
        assert Question.objects.count() == 1

    def test_a_talk_stays_where_it_is(self, address, system):
        client = system("district_a")
        talk = post(client, ONE, {"question": "高龄津贴每月多少钱"}).json()
        assert talk["asks"] == "city"
        body = {"question": "高龄津贴每月多少钱", "talk": talk["talk"], "place": "990101"}
        assert post(client, address, body).status_code == 201
        assert Talk.objects.get().org_code == "990101"
        assert post(client, address, body | {"place": EAST}).status_code == 422

    def test_it_takes_the_scope_of_its_own(self, address, system):
        body = {"question": NOISE}
        assert post(system("worker_a", scopes=["claims:write", "facts:write"]), address, body).status_code == 403
        assert post(Client(), address, body).status_code == 401
        assert system("worker_a").get(address).status_code == 405

    @pytest.mark.parametrize(
        "body",
        [{}, {"question": ""}, {"question": " "}, {"question": "问" * 501}, {"question": "a\0b"}, {"question": "x", "talk": "short"},
         {"question": "x", "place": "99"}, {"question": "x", "place": "990101001001001"}, {"question": "x", "by": 1}],
    )  # fmt: skip
    def test_what_cannot_be_read_is_refused_with_its_status(self, body, address, system):
        answer = post(system("worker_a"), address, body)
        assert answer.status_code == 422
        assert answer.json()["error"]["code"] == "invalid"
        assert not Talk.objects.exists()

    def test_nothing_is_kept_under_a_key(self, address, system):
        """What is kept under a key is kept for good; so the same key twice is two questions, and none of it is stored."""
        client = system("worker_a")
        for text in (NOISE, NOISE, "我的身份证110101199003077719丢了"):
            assert post(client, address, {"question": text}, **{"Idempotency-Key": "key-0001"}).status_code == 201
        assert Question.objects.count() == 3
        assert not StoredAnswer.objects.exists()
        assert not KeyConflict.objects.exists()
        assert "110101199003077719" not in repr(list(Question.objects.values()))
