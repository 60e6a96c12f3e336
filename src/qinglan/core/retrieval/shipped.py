"""The cards, refusals, weights and vectors that come with the program, put together."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from qinglan.core.retrieval.cards import Card, read_cards
from qinglan.core.retrieval.deciding import Answerer
from qinglan.core.retrieval.encoding import Encoder, local
from qinglan.core.retrieval.index import build
from qinglan.core.retrieval.ranking import read_weights
from qinglan.core.retrieval.refusals import Refusal, read_refusals
from qinglan.core.retrieval.vectors import Store

DATA = Path(__file__).parents[2] / "data"
CARDS, REFUSALS = DATA / "cards", DATA / "refusals.yaml"
WEIGHTS, VECTORS = DATA / "retrieval" / "weights.yaml", DATA / "retrieval" / "vectors.npz"
DEVELOPMENT = DATA / "retrieval" / "development.csv"  # the questions that every site can be measured on


@cache
def cards() -> list[Card]:
    return read_cards(CARDS)


@cache
def refusals() -> list[Refusal]:
    return read_refusals(REFUSALS)


@cache
def answerer() -> Answerer:
    """Built once a process; what the stored vectors lack is made."""
    return answerer_by(local())


def answerer_by(encoder: Encoder) -> Answerer:
    """The same with another engine."""
    index = build(cards(), refusals(), encoder, Store.read(VECTORS, encoder))
    return Answerer(index, read_weights(WEIGHTS), encoder)
