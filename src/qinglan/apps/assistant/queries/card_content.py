"""How a card stands in `CardVersion.content`: with the number of its shape, and beside it what the program's card said when it was written.

    {"schema": 2, "card": {…}, "shipped": {…} or null}

Both as core.retrieval.cards.Card dumps them. `shipped`: the program's card of that key as it had been looked at when this was written;
null where the program has none, or where it is not known. What a district keeps outlives the program that kept it: when Card loses,
renames or newly asks for a field, raise SCHEMA, add a step to STEPS and an old content to tests/unit/assistant/test_card_content.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from qinglan.core.retrieval.cards import Card

SCHEMA = 2


class ContentError(Exception):
    """A content that this program cannot read; the sentence says why."""


@dataclass(frozen=True)
class Content:
    """A card that was kept; `shipped`: what the program's card of that key said to whoever wrote it, None where that is not known."""

    card: Card
    shipped: Card | None


def dumped(card: Card, given: Card | None) -> dict[str, Any]:
    """What is kept of a card, `given` being the program's of the same key."""
    beside = given.model_dump(mode="json") if given is not None else None
    return {"schema": SCHEMA, "card": card.model_dump(mode="json"), "shipped": beside}


def read(content: dict[str, Any]) -> Content:
    """A content of any shape that was ever kept. ContentError for one of a later program."""
    number = content.get("schema", 1)
    if not isinstance(number, int) or not 1 <= number <= SCHEMA:
        raise ContentError(f"这张知识卡是较新的青蓝存的（内容格式 {number}），本程序只认到 {SCHEMA}；请更新程序。")
    for one in range(number, SCHEMA):
        content = STEPS[one](content)
    beside = content["shipped"]
    return Content(Card.model_validate(content["card"]), Card.model_validate(beside) if beside is not None else None)


def _from_1(content: dict[str, Any]) -> dict[str, Any]:
    """The card alone, without a number; what the program's card said then was not kept."""
    return {"schema": 2, "card": content, "shipped": None}


# The shape from which each goes on to the next.
STEPS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {1: _from_1}
