"""Questions by the JSON API: the same answers as on the pages, in one piece or told piece by piece; whether one helped; a person to answer.

These POSTs carry no Idempotency-Key, alone among all. What is kept under a key is kept for good, and a second body under the same key
is kept whole for a person to look at; what a resident asked is forgotten after the set days (ADR 0016). Asked twice, a question is
counted twice, and no more comes of it. A stream that broke off cannot be sent again as it was: one asks again. A thumb is the last
word, a question is handed over once: sent again, both give what stands.
"""

import json
import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Any, Literal

from allauth.core import ratelimit
from django.db import transaction
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import AfterValidator, ConfigDict, StringConstraints

from qinglan.apps.assistant.actions import asking, handing
from qinglan.apps.assistant.models import HandOver, Question, Talk
from qinglan.apps.assistant.permissions import talk_of
from qinglan.apps.assistant.queries.places import place_of
from qinglan.apps.assistant.states import Channel, Thumb
from qinglan.apps.base.api import REFUSALS, ApiError, Id, Refusal, writable
from qinglan.apps.base.models import is_within
from qinglan.apps.people.permissions import VIEW_ORGANISATIONS, codes_for

router = Router(tags=["问答助手"])
SENTENCE = re.compile(r"[^。！？；\n]*[。！？；\n]|[^。！？；\n]+$")
EVENTS, LINES = "text/event-stream", "application/x-ndjson"
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{32}$")]
_REFUSALS: dict[Any, Any] = dict.fromkeys(sorted(REFUSALS - {409}), Refusal)  # no key, so no conflict of keys


class AskIn(Schema):
    """`place`: the code of a district, a sub-district or a community; without it the answer asks for the city where that matters.
    `talk`: the key that the first answer gave; a follow-up (“那要带什么材料？”) needs it."""

    model_config = ConfigDict(extra="forbid")

    question: Annotated[
        str,
        StringConstraints(min_length=1, max_length=asking.MOST, strip_whitespace=True),
        AfterValidator(writable),
    ]
    place: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}([0-9]{3}([0-9]{3})?)?$")] | None = None
    talk: Key | None = None


class CardOut(Schema):
    """The card on which an answer rests: `version` for machines, `called` as people read it; `since` when this version began to hold,
    `checked` when it was last checked."""

    key: str
    title: str
    version: str
    called: str
    since: date
    checked: date


class DetailOut(Schema):
    """受理、材料、时限、依据 and so on, in the order in which they are shown."""

    label: str
    text: str


class CallOut(Schema):
    """Whom to call first."""

    number: str
    label: str


class ReplyOut(Schema):
    """`emergency` stands before all else. `choices`: titles to ask instead; `asks`: what is asked back ("city", "choice" or "question").
    `danger`: the question says that somebody may be in danger; else `emergency` is what the card adds, to be shown without alarm.
    `masked`: a personal number was in the question and was not kept. `talk` goes along with the next question, and with `question`
    names this answer for a thumb or a person."""

    talk: str
    question: int
    emergency: list[CallOut]
    danger: bool
    outcome: Literal["answered", "asks_back", "refused", "handed_over"]
    item: str | None
    items: list[str]
    card: CardOut | None
    text: str
    details: list[DetailOut]
    citations: list[str]
    choices: list[str]
    asks: str
    masked: bool
    certain: float


@router.post("/ask", response={201: ReplyOut} | _REFUSALS, summary="提问", url_name="ask")
def ask(request: HttpRequest, body: AskIn) -> Any:
    """Ask a question. Without an Idempotency-Key: a question asked again is a question asked twice."""
    row = _asked(request, body)
    return Status(201, _reply(row))


_EVENT = {"type": "string", "enum": ["emergency", "outcome", "text", "detail", "done"]}
STREAM = {
    "responses": {
        201: {
            "description": "依次为：emergency（有才有）、outcome、text（一句一条）、detail（一项一条）、done。",
            "content": {
                kind: {
                    "schema": {
                        "type": "object",
                        "properties": {"event": _EVENT, "data": data},
                        "required": ["event", "data"],
                    }
                }
                for kind, data in ((EVENTS, {"type": "string", "contentMediaType": "application/json"}), (LINES, {}))
            },
        }
    }
}


@router.post(
    "/ask/stream",
    response={201: None} | _REFUSALS,
    summary="提问，逐句答复",
    url_name="ask-stream",
    openapi_extra=STREAM,
)
def ask_stream(request: HttpRequest, body: AskIn) -> StreamingHttpResponse:
    """Ask, and be told piece by piece: whom to call, what came of it and on which card it rests, the text sentence by sentence, the
    details, the end. As server-sent events, or with `Accept: application/x-ndjson` one JSON object a line ({"event", "data"}).

    The answer is complete before the first piece goes out: what is refused is refused with its status, never in the middle.
    """
    lines = LINES in request.headers.get("Accept", "")
    told = (_line(event, data) if lines else _event(event, data) for event, data in _pieces(_asked(request, body)))
    answer = StreamingHttpResponse(told, status=201, content_type=f"{LINES if lines else EVENTS}; charset=utf-8")
    answer["Cache-Control"] = "no-store"
    answer["X-Accel-Buffering"] = "no"  # a proxy that gathers the pieces would make them one
    return answer


class OneIn(Schema):
    """One answer of a talk: `talk` and `question` as the answer gave them."""

    model_config = ConfigDict(extra="forbid")

    talk: Key
    question: Id


class ThumbIn(OneIn):
    helped: bool


class ThumbOut(Schema):
    question: int
    helped: bool


class HandIn(OneIn):
    """`note`: what she adds; personal numbers in it are masked."""

    note: Annotated[str, StringConstraints(max_length=handing.MOST_NOTE), AfterValidator(writable)] = ""


class HandOut(Schema):
    """How far it is. `answer`: what the person wrote, or why it was closed; "" while it waits, and when it has been forgotten."""

    question: int
    number: int
    state: Literal["waiting", "taken", "answered", "closed"]
    place: str
    asked_at: datetime
    ended_at: datetime | None
    answer: str


@router.post("/thumb", response={201: ThumbOut} | _REFUSALS, summary="有没有帮助", url_name="thumb")
def thumb(request: HttpRequest, body: ThumbIn) -> Any:
    """Say whether an answer helped. The last word counts."""
    row = asking.rate(question=_one(request, body), thumb=Thumb.UP if body.helped else Thumb.DOWN)
    return Status(201, {"question": row.pk, "helped": row.thumb == Thumb.UP})


@router.post("/hand-over", response={201: HandOut} | _REFUSALS, summary="转给社区工作人员", url_name="hand-over")
def hand_over(request: HttpRequest, body: HandIn) -> Any:
    """Have a person of the talk's place answer. Sent again, it is not handed over again: it tells how far it is, and the answer."""
    question = _one(request, body)
    row = HandOver.objects.filter(question=question).first()
    if row is None:
        if not ratelimit.consume(request, action="assistant_api_hand_over", user=request.user):
            raise ApiError(
                429, "too_many", "这个账号一小时内转人工的太多了，请过一会儿再转，或请居民拨打 12345。", "3600"
            )
        row = handing.hand_over(question=question, note=body.note)
    told = {
        "question": question.pk,
        "number": row.pk,
        "state": str(row.state),
        "place": row.org_code,
        "asked_at": row.asked_at,
    }
    return Status(201, told | {"ended_at": row.ended_at, "answer": row.answer})


def _one(request: HttpRequest, body: OneIn) -> Question:
    """The question of a talk that the token reaches; 404 for any other."""
    talk = _held(request, body.talk)
    return get_object_or_404(Question.objects.filter(talk=talk).select_related("talk"), pk=body.question)


def _asked(request: HttpRequest, body: AskIn) -> Question:
    """The question as it was asked and answered; 404 for a place or a talk that is out of the token's reach."""
    today = timezone.localdate()
    if body.place is not None and (not _reached(request, body.place) or place_of(body.place, today) is None):
        raise Http404
    with transaction.atomic():
        talk = _talk(request, body)
        return asking.ask(talk=talk, text=body.question)


def _talk(request: HttpRequest, body: AskIn) -> Talk:
    if body.talk is None:
        return asking.begin(channel=Channel.API, place=body.place or "")
    talk = _held(request, body.talk)
    return asking.settle(talk=talk, place=body.place) if body.place else talk


def _held(request: HttpRequest, key: str) -> Talk:
    """The talk of this key, begun by the API and within the token's reach; else 404."""
    talk = talk_of(key)
    if talk is None or talk.channel != Channel.API or (talk.org_code and not _reached(request, talk.org_code)):
        raise Http404
    return talk


def _reached(request: HttpRequest, code: str) -> bool:
    """Whether the token's owner has a role there, as far as the token goes."""
    return any(is_within(code, place) for place in codes_for(request.user, VIEW_ORGANISATIONS))


def _reply(row: Question) -> dict[str, Any]:
    return row.reply | {"talk": row.talk.key, "question": row.pk}


def _pieces(row: Question) -> Iterator[tuple[str, Any]]:
    said = _reply(row)
    if said["emergency"]:
        yield "emergency", said["emergency"]
    whole = (
        "talk",
        "question",
        "outcome",
        "danger",
        "item",
        "items",
        "card",
        "citations",
        "choices",
        "asks",
        "masked",
        "certain",
    )
    yield "outcome", {name: said[name] for name in whole}
    for sentence in SENTENCE.findall(said["text"]):
        yield "text", sentence
    for one in said["details"]:
        yield "detail", one
    yield "done", {"talk": said["talk"], "question": said["question"]}


def _event(event: str, data: Any) -> str:
    return f"event: {event}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def _line(event: str, data: Any) -> str:
    return json.dumps({"event": event, "data": data}, ensure_ascii=False) + "\n"
