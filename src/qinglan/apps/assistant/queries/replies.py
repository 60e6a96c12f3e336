"""A reply as it is kept, sent and shown: plain data that stands by itself, with its card, version and date."""

from __future__ import annotations

from typing import Any

from qinglan.apps.assistant.queries.knowledge import Known
from qinglan.core.retrieval.deciding import Outcome, Reply
from qinglan.core.retrieval.guarding import guard


def as_data(reply: Reply, known: Known) -> dict[str, Any]:
    """{outcome, refusal: its kind (refusals.yaml) or "", item, items, card: {key, title, version, called, since, checked} | None, text,
    details: [{label, text}], citations, choices, emergency: [{number, label}], danger, asks, masked, certain}. `called`: the version as
    people read it. `danger`: whether the question says that somebody may be in danger; else `emergency` is what the card adds."""
    card = reply.card
    return {
        "outcome": str(reply.outcome),
        "refusal": reply.refusal.kind if reply.refusal else "",
        "item": card.items[0] if card else None,
        "items": list(card.items) if card else [],
        "card": {
            "key": card.key,
            "title": card.title,
            "version": known.version(card),
            "called": known.called(card),
            "since": str(known.since(card)),
            "checked": str(card.checked),
        } if card else None,
        "text": reply.text,
        "details": [{"label": label, "text": text} for label, text in reply.lines],
        "citations": list(reply.citations),
        "choices": [one.title for one in reply.choices],
        "emergency": [{"number": number, "label": label} for number, label in reply.emergency],
        "danger": bool(guard(reply.question).danger),
        "asks": reply.asks,
        "masked": reply.masked,
        "certain": round(reply.certain, 3),
    }  # fmt: skip


def rests(data: dict[str, Any]) -> bool:
    """Whether what a kept reply says stands in the card that it names; else the card is only guessed at, or offered."""
    offered = data.get("outcome") == Outcome.ASKS and data.get("asks") != "city"
    return bool(data.get("card")) and not offered and not data.get("choices")
