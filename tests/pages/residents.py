"""What the tests of the residents' pages share: who asks, and how a browser without scripts does."""

from __future__ import annotations

from typing import Any

from django.test import Client

from qinglan.apps.assistant.actions import asking
from qinglan.apps.assistant.models import Question
from qinglan.apps.assistant.states import Channel, Outcome

EAST = "990101001001"
AT = f"/ask/{EAST}/"
KIOSK = f"{AT}kiosk/"
NOISE, FOLLOW_UP = "邻居半夜唱歌吵得睡不着怎么办", "那要带什么材料？"
HTMX = {"HX-Request": "true"}


def ask(client: Client, text: str, at: str = AT, **more: Any) -> str:
    """The page after a question."""
    answer = client.post(f"{at}question/", {"text": text}, **more)
    assert answer.status_code == 302, answer.content.decode()[:300]
    assert answer.url == f"{at}#last"
    return client.get(at).content.decode()


def first_of(reply: dict[str, Any]) -> str:
    """The label of what a reply to a later question tells first: in its text, or of its lines."""
    label, told, _ = reply["text"].partition("：")
    return label if told and len(label) <= 4 else reply["details"][0]["label"]


def key_of(client: Client, place: str = EAST) -> str:
    return client.cookies[f"ql_talk_{place}"].value


def unsure(client: Client, place: str, channel: Channel = Channel.PAGE) -> Question:
    """A talk of this browser in which the assistant does not know, whatever it has learnt since."""
    talk = asking.begin(channel=channel, place="" if place == "anywhere" else place)
    client.cookies[f"ql_{'kiosk' if channel == Channel.KIOSK else 'talk'}_{place}"] = talk.key
    reply = {"text": "这个问题我没有把握。", "outcome": "handed_over", "choices": [], "details": []}
    return Question.objects.create(talk=talk, text="楼道的灯坏了", outcome=Outcome.HANDED_OVER, reply=reply)
