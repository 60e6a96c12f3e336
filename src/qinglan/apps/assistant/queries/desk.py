"""The desk: what waits for a person, in the order in which it should be taken; who is there to take it; what the card says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Case, IntegerField, QuerySet, Value, When

from qinglan.apps.assistant.models import HandOver
from qinglan.apps.assistant.queries.knowledge import city_of, known, pack_of
from qinglan.apps.assistant.states import Handing
from qinglan.apps.notices.queries import holders
from qinglan.apps.people.models import RoleGrant, User
from qinglan.apps.people.permissions import ANSWER_QUESTIONS
from qinglan.apps.people.queries.organisations import names
from qinglan.core.retrieval.deciding import preview

COMMUNITY_DIGITS, SUBDISTRICT_DIGITS = 12, 9
LATE = timedelta(hours=24)  # what waits longer is marked
NOT_FOR_ASKERS = frozenset({"社区不能做", "提醒"})
ORDER = {Handing.WAITING: 0, Handing.TAKEN: 1}


@dataclass(frozen=True)
class Waited:
    """How long it has waited, or had when it ended; `late`: too long, and still waiting."""

    words: str
    late: bool


def for_list(rows: QuerySet[HandOver]) -> QuerySet[HandOver]:
    """As the list shows them: what nobody took first, what waits longest at the top of those; what ended last, newest first."""
    place = Case(
        *(When(state=state, then=Value(at)) for state, at in ORDER.items()),
        default=Value(2),
        output_field=IntegerField(),
    )
    waits = Case(When(state__in=ORDER, then="asked_at"))
    return rows.select_related("taken_by").defer("told", "answer").order_by(place, waits, "-pk")


def places_of(rows: QuerySet[HandOver], on: date) -> list[tuple[str, str]]:
    """(code, name) of the places that have hand-overs among these. Two queries."""
    codes = sorted(set(rows.order_by().values_list("org_code", flat=True).distinct()))
    known_names = names(codes, on)
    return [(code, known_names.get(code, code)) for code in codes]


def waited(row: HandOver, now: datetime) -> Waited:
    """From its coming in to its end, or to now."""
    span = max((row.ended_at or now) - row.asked_at, timedelta())
    minutes = int(span.total_seconds() // 60)
    if minutes < 60:
        words = f"{max(minutes, 1)} 分钟"
    elif span < LATE:
        words = f"{minutes // 60} 小时"
    else:
        words = f"{span.days} 天"
    return Waited(words, row.ended_at is None and span >= LATE)


def nearest(place: str, on: date) -> QuerySet[User]:
    """Who answers in a place: those whose role is for the community (or a grid of it), else for the sub-district, else for the district."""
    found = holders(ANSWER_QUESTIONS, place, on)
    for digits in (COMMUNITY_DIGITS, SUBDISTRICT_DIGITS):
        if len(place) < digits:
            continue
        above = [place[:length] for length in range(digits, len(place) + 1)]
        here = found.filter(pk__in=RoleGrant.objects.on(on).filter(org_code__in=above).values("user"))
        if here.exists():
            return here
    return found


def guess(row: HandOver, today: date) -> dict[str, Any] | None:
    """The card that the assistant thought of, as it would be answered in the place today: {title, text, details, citations, version}; None
    where it thought of none, or the card is there no more."""
    question = row.question
    if question is None or not question.card_key:
        return None
    here = known(row.org_code, today)
    card = next((one for one in here.answerer.index.cards if one.key == question.card_key), None)
    if card is None:
        return None
    said = preview(card, today=today, city=city_of(row.org_code, today), pack=pack_of(row.org_code, today))
    return {
        "title": card.title,
        "text": said.text,
        "details": said.lines,
        "citations": said.citations,
        "version": here.called(card),
    }


def as_text(card: dict[str, Any]) -> str:
    """A card as it can be put into an answer."""
    lines = (f"{label}：{text}" for label, text in card["details"] if label not in NOT_FOR_ASKERS)
    return "\n".join([card["text"], *lines])
