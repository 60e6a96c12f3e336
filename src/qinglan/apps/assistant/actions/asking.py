"""Answer a question: keep it without its asker for the set days, count it for good.

These rows are not in the audit log: the log is for ever, what a resident typed is not (ADR 0016).
"""

from __future__ import annotations

import secrets
from datetime import date
from typing import Any

import numpy as np
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone

from qinglan.apps.assistant.actions.rephrasing import rephrased
from qinglan.apps.assistant.models import Question, Talk, Tally
from qinglan.apps.assistant.queries.knowledge import Known, city_of, known, pack_of
from qinglan.apps.assistant.queries.replies import as_data
from qinglan.apps.assistant.states import Channel, Thumb
from qinglan.core.retrieval.deciding import Reply, Turn
from qinglan.core.retrieval.vectors import small

MOST = 500  # characters of a question
TURNS = 3  # earlier turns that a follow-up may hang on
MOST_TURNS = 200  # of one talk


def begin(*, channel: Channel, place: str = "") -> Talk:
    """This will open a talk at a place ("" where none is known)."""
    return Talk.objects.create(key=secrets.token_urlsafe(24), channel=channel, org_code=place)


@transaction.atomic
def settle(*, talk: Talk, place: str) -> Talk:
    """This will say where a talk that began without a place goes on. ValidationError when it has another one already."""
    row = Talk.objects.select_for_update().get(pk=talk.pk)
    if row.org_code not in ("", place):
        raise ValidationError("这次对话已经选过地方了；要换地方，请重新开始。")
    row.org_code = place
    row.save(update_fields=["org_code"])
    return row


def ask(*, talk: Talk, text: str) -> Question:
    """This will answer a question of the talk and keep both; what looks like a personal number is masked before anything is kept.

    The answer is made before the transaction begins: a chat endpoint that rephrases it may take its time.

    ValidationError for an empty or too long question, or a talk that has gone on too long.
    """
    text = " ".join(text.split())
    if not text:
        raise ValidationError("请写下您想问的事，一句话就行。")
    if len(text) > MOST:
        raise ValidationError(f"问题太长，请写得短些（不超过 {MOST} 字），一次问一件事。")
    earlier = list(talk.questions.order_by("-pk").only("text", "card_title")[:TURNS])[::-1]
    if len(earlier) == TURNS and talk.questions.count() >= MOST_TURNS:
        raise ValidationError("这次对话已经很长，请重新开始。")
    today = timezone.localdate()
    knows = known(talk.org_code, today)
    reply = knows.answerer.ask(
        text, today=today, city=city_of(talk.org_code, today), pack=pack_of(talk.org_code, today),
        before=[Turn(one.text, one.card_title) for one in earlier],
    )  # fmt: skip
    return _keep(talk, rephrased(reply), knows, today)


@transaction.atomic
def _keep(talk: Talk, reply: Reply, knows: Known, today: date) -> Question:
    card = reply.card
    row = Question.objects.create(
        talk=talk, text=reply.question, outcome=str(reply.outcome), reply=as_data(reply, knows),
        card_key=card.key if card else "", card_title=card.title if card else "",
        version=knows.version(card) if card else "", vector=_kept(reply.vector),
    )  # fmt: skip
    _count(row, today, asked=1)
    return row


def _kept(vector: np.ndarray | None) -> bytes | None:
    return None if vector is None else small(vector).tobytes()


@transaction.atomic
def rate(*, question: Question, thumb: Thumb) -> Question:
    """This will note whether the reply helped; the last word counts."""
    row = Question.objects.select_for_update(of=("self",)).select_related("talk").get(pk=question.pk)
    if row.thumb != thumb:
        change = {_word(row.thumb): -1} if row.thumb else {}
        _count(row, timezone.localdate(row.at), **change, **({_word(thumb): 1} if thumb else {}))
        row.thumb = thumb
        row.save(update_fields=["thumb"])
    return row


def _word(thumb: int) -> str:
    return "up" if thumb == Thumb.UP else "down"


def _count(row: Question, day: date, **more: int) -> None:
    """Add to the day's count; rows are made by whoever comes first. A talk that was given a place later may take back there what
    was counted without one: no count falls below nought."""
    found: dict[str, Any] = {
        "day": day, "org_code": row.talk.org_code, "channel": row.talk.channel, "outcome": row.outcome,
        "card_key": row.card_key,
    }  # fmt: skip
    Tally.objects.bulk_create([Tally(**found)], ignore_conflicts=True)
    Tally.objects.filter(**found).update(**{name: Greatest(F(name) + by, 0) for name, by in more.items()})
