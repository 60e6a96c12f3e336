"""A question held against the index: how near each card is, and how sure it is that the best one is meant.

Six signs a card, weighed together (weights.yaml, made by tuning.py): its nearest question, its three nearest where what a card's own
questions differ in counts little, its discriminant, its content, its title, and how much of the question's rare words it has. From the
signs of certainty, among them the same against what is refused, come two answers: whether any card knows the matter, and whether it is this one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from qinglan.core.retrieval.index import FEW, UNSEEN, Index
from qinglan.core.retrieval.text import grams, sounds, spelled
from qinglan.core.retrieval.vectors import dots

SIGNS = ("near", "plane", "content", "title", "words", "crowd")
CERTAINTY = (
    "score", "lead", "near", "plane", "words", "content", "title", "refused_near", "refused_three", "refused_words",
    "inside", "evidence", "length", "crowd", "field",
)  # fmt: skip
CLOSELY = 128
GROUP = 64  # cards of which only the best is looked at first
CROWD = 3  # questions of a card that are near
FIELD = 5  # cards beside the best one that may be of its kin
LOOKED_UP = 30_000  # holders of words, the rarest words first
PLANE_SCALE = 10.0
FAVOUR = 2.0  # about three times what makes a tie
SPELLED_EVIDENCE = 1.0
NO_EVIDENCE = -0.7  # a token that neither cards nor refused questions have speaks a little against


@dataclass(frozen=True)
class Line:
    """A logistic over the signs of certainty: one weight, middle and spread each, and a start."""

    weights: np.ndarray
    middle: np.ndarray
    spread: np.ndarray
    start: float

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Line:
        weights, middle, spread = np.array([raw["signs"][name] for name in CERTAINTY], float).T
        return cls(weights, middle, spread, float(raw["start"]))

    def of_signs(self, signs: np.ndarray) -> float:
        """Log-odds."""
        return float(((signs - self.middle) / self.spread) @ self.weights + self.start)


@dataclass(frozen=True)
class Weights:
    """`rank`: one a sign. `known`: that any card knows the matter; `certain`: that it is the best one. The rest are thresholds."""

    rank: np.ndarray
    known: Line
    certain: Line
    refuse: float  # of `known`; below: it refuses
    sure: float  # of `known`; at least so: it asks which card is meant where it is not certain of one
    answer: float  # of `certain`; at least so: it answers, else it hands over and names the card as a guess
    tie: float  # a second card so close in score: it asks back

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Weights:
        """From plain data: {rank: {sign: weight}, known and certain: {signs: {sign: [weight, middle, spread]}, start}, and the thresholds}."""
        rank = np.array([raw["rank"][name] for name in SIGNS], float)
        limits = {name: float(raw[name]) for name in ("refuse", "sure", "answer", "tie")}
        return cls(rank, Line.of(raw["known"]), Line.of(raw["certain"]), **limits)


def read_weights(file: Path) -> Weights:
    return Weights.of(yaml.safe_load(file.read_text(encoding="utf-8")))


@dataclass(frozen=True)
class Ranked:
    """`order`: cards, best first; `scores` beside it. Log-odds: `known` that any card knows it, `certain` that the first is meant."""

    order: np.ndarray
    scores: np.ndarray
    known: float
    certain: float
    nearest_refusal: int  # of index.refusals, whose example is nearest
    refused_near: float
    near: float  # cosine of the best card's nearest question
    vector: np.ndarray  # (D,) of the question
    favoured: bool = False  # the best card is the one that the talk is about


def rank(index: Index, weights: Weights, text: str, vector: np.ndarray, favoured: int | None = None) -> Ranked:
    """`text` normalised; `vector` (D,) is that of it. `favoured`: the card that the talk is about."""
    cards, signs = card_signs(index, text, vector)
    scores = signs @ weights.rank
    if favoured is not None:
        scores[cards == favoured] += FAVOUR
    order = np.argsort(-scores, kind="stable")
    close = refused_closeness(index, vector)
    found = certainty_signs(index, text, vector, signs[order], scores[order], close)
    nearest = int(close.argmax()) if len(close) else 0
    return Ranked(
        order=cards[order],
        scores=scores[order],
        known=weights.known.of_signs(found),
        certain=weights.certain.of_signs(found),
        nearest_refusal=int(index.kind_of[nearest]) if len(close) else 0,
        refused_near=float(close[nearest]) if len(close) else 0.0,
        near=float(signs[order[0], 0]),
        vector=vector,
        favoured=favoured is not None and int(cards[order[0]]) == favoured,
    )


def card_signs(index: Index, text: str, vector: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(cards looked at closely, (len, SIGNS) their signs)."""
    shared = _sounding(index, text) if spelled(text) else _shared(index, frozenset(grams(text)))
    away = vector - index.centre
    cards = np.arange(len(index.cards))
    if len(cards) > FEW:
        cards = _closely(index.coarse @ (away @ index.basis) + index.offsets, shared)
        planes = index.planes[cards] @ away + index.offsets[cards]
    else:
        planes = index.planes @ away + index.offsets
    turned = index.precision @ away
    shift = index.centre @ turned
    length = float(np.sqrt(away @ turned)) + 1e-9
    both = np.stack([vector, turned], axis=-1)
    firsts = index.starts[cards]
    sizes = index.starts[cards + 1] - firsts
    ends = np.cumsum(sizes)
    if len(cards) == len(index.cards):
        close, lengths = index.rows @ both, index.lengths
    else:
        rows = np.repeat(firsts - (ends - sizes), sizes) + np.arange(ends[-1])
        close, lengths = dots(index.rows, rows, both), index.lengths[rows]
    near = np.maximum.reduceat(close[:, 0], ends - sizes)
    turns = (close[:, 1] - shift) / lengths
    crowd = _crowd(turns, sizes) / length
    signs = (
        near,
        planes / PLANE_SCALE,
        index.answers[cards] @ vector,
        index.titles[cards] @ vector,
        shared[cards],
        crowd,
    )
    return cards, np.stack(signs, axis=-1).astype(np.float64)


def _crowd(turns: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """(len(sizes),) float64: the mean of the CROWD greatest of each card, whose values lie one after the other."""
    places = np.arange(max(CROWD, sizes.max()))
    held = places < sizes[:, None]
    own = np.full(held.shape, -np.inf, turns.dtype)
    own[held] = turns
    best = np.sort(np.partition(own, -CROWD, axis=1)[:, -CROWD:], axis=1).astype(np.float64)
    best[np.isinf(best)] = 0.0  # a card with fewer questions
    return np.asarray(best.cumsum(axis=1)[:, -1] / np.minimum(CROWD, sizes))


def certainty_signs(
    index: Index, text: str, vector: np.ndarray, signs: np.ndarray, scores: np.ndarray, refused: np.ndarray
) -> np.ndarray:
    """(CERTAINTY,): `signs` and `scores` of the cards, best first; `refused` from refused_closeness."""
    tokens = frozenset(grams(text))
    near, plane, content, title, words, crowd = signs[0]
    close = np.sort(refused)[-3:] if len(refused) else np.zeros(1)
    lead = scores[0] - scores[1] if len(scores) > 1 else 0.0
    field = scores[0] - scores[min(FIELD, len(scores) - 1)]
    each = SPELLED_EVIDENCE if spelled(text) else NO_EVIDENCE  # letters are no words; they say little either way
    evidence = sum(index.evidence.get(token, each) for token in tokens) / max(1, len(tokens)) ** 0.5
    inside = side(index, vector)
    best = int(refused.argmax()) if len(refused) else -1
    known = told(index, tokens, index.refused_words[best]) if best >= 0 else 0.0
    return np.array([
        scores[0], lead, near, plane, words, content, title, close[-1], close.mean(), known, inside, evidence,
        np.log(max(1, len(tokens))), crowd, field,
    ])  # fmt: skip


def side(index: Index, vector: np.ndarray) -> float:
    """On which side of the plane between cards (1) and refused questions (-1) a question lies."""
    return float((vector - index.centre) @ index.inside[:-1] + index.inside[-1])


def refused_closeness(index: Index, vector: np.ndarray) -> np.ndarray:
    """(N,) cosines with the refused examples."""
    return index.refused @ vector


def _shared(index: Index, tokens: frozenset[str]) -> np.ndarray:
    """(C,) the share of the question's words, weighed by rarity, that each card has. Among very many cards the rarest words alone are looked up."""
    every = 0.0
    known: list[tuple[int, str]] = []
    for token in sorted(tokens):
        holders = index.holders.get(token)
        if holders is None:
            every += index.nothing * (1 if len(token) == 1 else UNSEEN)
        else:
            every += index.weight[token]
            known.append((len(holders), token))
    looked, left = [], LOOKED_UP
    for count, token in sorted(known):
        left -= count
        if left < 0:
            break
        looked.append(token)
    if not looked:
        return np.zeros(len(index.cards))
    found = np.bincount(
        np.concatenate([index.holders[token] for token in looked]),
        np.repeat([index.weight[token] for token in looked], [len(index.holders[token]) for token in looked]),
        len(index.cards),
    )
    return found / every


def _sounding(index: Index, text: str) -> np.ndarray:
    """(C,) the same for a question in pinyin, by syllables and pairs of them."""
    found = np.zeros(len(index.cards))
    every = 0.0
    for token in sorted(set(sounds(text))):
        holders = index.sounding.get(token, ())
        weight = np.log1p(len(index.cards) / len(holders)) if len(holders) else index.nothing * UNSEEN
        every += weight
        if len(holders):
            found[holders] += weight
    return found / every if every else found


def told(index: Index, tokens: frozenset[str], example: frozenset[str]) -> float:
    """The share of the question's words, weighed by rarity, that an example has."""
    weights = {token: index.weight.get(token, index.nothing * (1 if len(token) == 1 else UNSEEN)) for token in tokens}
    every = sum(weights.values())
    return sum(weights[token] for token in tokens & example) / every if every else 0.0


def _closely(planes: np.ndarray, shared: np.ndarray) -> np.ndarray:
    """The cards worth a close look: the best by discriminant and the best by words."""
    return np.union1d(_greatest(planes, -np.inf), _greatest(shared, 0.0))


def _greatest(values: np.ndarray, above: float) -> np.ndarray:
    """The CLOSELY numbers whose values are greatest, and greater than `above`."""
    # Of so many groups the best ones' best are that many, so what is below the last of these is not among the greatest.
    groups = np.maximum.reduceat(values, np.arange(0, len(values), GROUP))
    least = np.partition(groups, -CLOSELY)[-CLOSELY] if len(groups) > CLOSELY else above
    among = np.flatnonzero(values >= least) if least > above else np.flatnonzero(values > above)
    if len(among) <= CLOSELY:
        return among
    return among[np.argpartition(values[among], len(among) - CLOSELY)[-CLOSELY:]]
