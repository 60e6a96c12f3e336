"""Questions by the JSON API: the same answers as on the pages, in one piece or told piece by piece.

Asking carries no Idempotency-Key, alone among the POSTs. What is kept under a key is kept for good, and a second body under the same key
is kept whole for a person to look at; what a resident asked is forgotten after the set days (ADR 0016). Asked twice, a question is
counted twice, and no more comes of it. A stream that broke off cannot be sent again as it was: one asks again.
"""

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal

from django.db import transaction
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import AfterValidator, ConfigDict, StringConstraints

from qinglan.apps.assistant.actions import asking
from qinglan.apps.assistant.models import Question, Talk
from qinglan.apps.assistant.permissions import talk_of
from qinglan.apps.assistant.queries.places import place_of
from qinglan.apps.assistant.states import Channel
from qinglan.apps.base.api import REFUSALS, Refusal, writable
from qinglan.apps.base.models import is_within
from qinglan.apps.people.permissions import VIEW_ORGANISATIONS, codes_for

router = Router(tags=["问答助手"])
SENTENCE = re.compile(r"[^。！？；\n]*[。！？；\n]|[^。！？；\n]+$")
EVENTS, LINES = "text/event-stream", "application/x-ndjson"
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
    talk: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{32}$")] | None = None


class CardOut(Schema):
    """The card on which an answer rests: `since` when this version began to hold, `checked` when it was last checked."""

    key: str
    title: str
    version: str
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
    `masked`: a personal number was in the question and was not kept. `talk` goes along with the next question."""

    talk: str
    emergency: list[CallOut]
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
    talk = talk_of(body.talk)
    if talk is None or talk.channel != Channel.API or (talk.org_code and not _reached(request, talk.org_code)):
        raise Http404
    return asking.settle(talk=talk, place=body.place) if body.place else talk


def _reached(request: HttpRequest, code: str) -> bool:
    """Whether the token's owner has a role there, as far as the token goes."""
    return any(is_within(code, place) for place in codes_for(request.user, VIEW_ORGANISATIONS))


def _reply(row: Question) -> dict[str, Any]:
    return row.reply | {"talk": row.talk.key}


def _pieces(row: Question) -> Iterator[tuple[str, Any]]:
    said = _reply(row)
    if said["emergency"]:
        yield "emergency", said["emergency"]
    whole = ("talk", "outcome", "item", "items", "card", "citations", "choices", "asks", "masked", "certain")
    yield "outcome", {name: said[name] for name in whole}
    for sentence in SENTENCE.findall(said["text"]):
        yield "text", sentence
    for one in said["details"]:
        yield "detail", one
    yield "done", {"talk": said["talk"]}


def _event(event: str, data: Any) -> str:
    return f"event: {event}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def _line(event: str, data: Any) -> str:
    return json.dumps({"event": event, "data": data}, ensure_ascii=False) + "\n"
