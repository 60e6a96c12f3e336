"""The cards that answer in a district on a day: those that come with the program, its own released versions in their place.

An index is built once a process for each set of cards and shared by its threads; which set is in force costs one query a question.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np

from qinglan import __version__
from qinglan.apps.assistant.models import CardVector, CardVersion, CityValue
from qinglan.apps.assistant.queries import card_content
from qinglan.apps.base.models import ReleaseState
from qinglan.apps.people.queries.organisations import names
from qinglan.apps.policy.queries.telling import pack_words
from qinglan.core.retrieval import shipped
from qinglan.core.retrieval.cards import Card
from qinglan.core.retrieval.deciding import Answerer, City, Value
from qinglan.core.retrieval.index import build
from qinglan.core.retrieval.vectors import Store

DISTRICT_DIGITS = 6
KEPT = 4  # indexes in memory; each some 40 MiB
_building = threading.Lock()


@dataclass(frozen=True)
class Known:
    """An answerer and, for each card that is the district's own, its version and the day from which it holds, by the card's key."""

    answerer: Answerer
    versions: Mapping[str, tuple[int, date]]

    def version(self, card: Card) -> str:
        """The version as machines tell it from others: the district's own by number, a shipped one by the beginning of its fingerprint."""
        own = self.versions.get(card.key)
        return f"第{own[0]}版" if own else card.digest[:12]

    def called(self, card: Card) -> str:
        """The version as people read it: whose text it is, its number and from which day it holds."""
        own = self.versions.get(card.key)
        if own:
            return f"本区第 {own[0]} 版，{own[1]:%Y年%-m月%-d日}起"
        return f"随系统 {__version__} 版，{card.checked:%Y年%-m月%-d日}核对"

    def since(self, card: Card) -> date:
        """From when the version holds; of a shipped one when it was last checked."""
        own = self.versions.get(card.key)
        return own[1] if own else card.checked


def in_force(district: str, on: date) -> list[tuple[str, int]]:
    """(key, number) of the district's own versions that hold on a day, the newest of each key."""
    if not district:
        return []
    rows = (
        CardVersion.objects.filter(org_code=district[:DISTRICT_DIGITS], state=ReleaseState.RELEASED, since__lte=on)
        .order_by("key", "-since", "-pk").distinct("key").values_list("key", "pk")
    )  # fmt: skip
    return list(rows)


def known(district: str, on: date) -> Known:
    """What answers in the district on that day."""
    return _known(tuple(number for _, number in in_force(district, on)))


def _known(numbers: tuple[int, ...]) -> Known:
    with _building:  # one thread builds, the others wait for it instead of building the same
        return _built(numbers)


_warming = threading.Event()


def warm() -> None:
    """This will load the model and the shipped cards' index beside the request, once a process: whoever opens the page soon asks."""
    if not _warming.is_set():
        _warming.set()
        threading.Thread(target=_known, args=((),), daemon=True, name="assistant-warm").start()


@lru_cache(maxsize=KEPT)
def _built(numbers: tuple[int, ...]) -> Known:
    if not numbers:
        return Known(shipped.answerer(), {})
    own = list(CardVersion.objects.filter(pk__in=numbers))
    return Known(answerer_of(with_versions(own)), {one.key: (one.pk, one.since) for one in own if not one.retired})


def with_versions(versions: Iterable[CardVersion]) -> list[Card]:
    """The shipped cards with these versions in their place, retired ones taken out, new ones at the end."""
    cards = {card.key: card for card in shipped.cards()}
    for one in versions:
        cards.pop(one.key, None) if one.retired else cards.__setitem__(one.key, card_content.read(one.content).card)
    return list(cards.values())


def answerer_of(cards: list[Card]) -> Answerer:
    """An answerer of these cards; vectors come from what is stored, the rest is made."""
    house = shipped.answerer()
    store = Store.read(shipped.VECTORS, house.encoder)
    rows = CardVector.objects.filter(encoder=house.encoder.name).values_list("mark", "vector")
    store.known |= {bytes(mark): np.frombuffer(bytes(vector), np.int8) for mark, vector in rows}
    return Answerer(build(cards, shipped.refusals(), house.encoder, store), house.weights, house.encoder)


def city_of(district: str, on: date) -> City | None:
    """The district with what it has filled in for that day; None without a district."""
    code = district[:DISTRICT_DIGITS]
    if len(code) < DISTRICT_DIGITS:
        return None
    rows = (
        CityValue.objects.filter(org_code=code, since__lte=on)
        .order_by("field", "-since", "-pk").distinct("field").values_list("field", "text", "since")
    )  # fmt: skip
    name = names([code], on).get(code, code)
    return City(name, {field: Value(text, since) for field, text, since in rows if text})


def pack_of(district: str, on: date) -> dict[str, str]:
    """What the district's pack in force says, by the part's name; empty without one."""
    return pack_words(district[:DISTRICT_DIGITS], on) if district else {}
