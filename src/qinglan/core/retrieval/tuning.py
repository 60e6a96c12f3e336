"""Weights: how the signs of a card count (softmax), whether any card knows a question, and whether it is the best one (logistics).

Learnt from the training split and from the cards' own ways of asking, each asked of an index that does not have it (in fifths).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from qinglan.core.retrieval.encoding import Encoder
from qinglan.core.retrieval.index import FEW, Index, build
from qinglan.core.retrieval.ranking import CERTAINTY, SIGNS, card_signs, certainty_signs, refused_closeness
from qinglan.core.retrieval.text import normalise
from qinglan.core.retrieval.vectors import Store, mark

FIRST = np.array([20.0, 2, 15, 12, 8, 5])
ROUNDS, STEP = 600, 0.2
SOFT = 2e-3
FOLDS = 5
TRAINING_COUNTS = 4.0  # a question of the training split, beside one of the cards' own
REFUSED_SHARE = 0.5  # what all refused questions weigh beside all the others


@dataclass(frozen=True)
class Example:
    """A question and the cards (numbers in the index) that are right; none: it must be refused."""

    question: str
    right: frozenset[int]


@dataclass(frozen=True)
class Seen:
    """An example held against an index: the signs of every card, and what certainty needs of the index."""

    index: Index
    example: Example
    vector: np.ndarray
    signs: np.ndarray
    counts: float


def tune(index: Index, encoder: Encoder, store: Store, examples: Sequence[Example]) -> dict[str, object]:
    """Plain data for Weights.of, thresholds apart. The examples must not be in the cards or in the refusals, else they tell too good a tale.

    ValueError with more cards than are all looked at closely: their signs would be of different cards.
    """
    if len(index.cards) > FEW:
        raise ValueError(f"有 {len(index.cards)} 张卡片；超过 {FEW} 张时不能在这里调权重。")
    seen = [one for fold in range(FOLDS) for one in _without(index, encoder, store, fold)]
    examples = [replace(one, question=index.heard(one.question)) for one in examples]
    vectors = encoder.vectors([normalise(one.question) for one in examples])
    seen += [_see(index, one, vector, TRAINING_COUNTS) for one, vector in zip(examples, vectors, strict=True)]
    answered = np.array([bool(one.example.right) for one in seen])
    counts = np.array([one.counts for one in seen])
    signs = np.stack([one.signs for one in seen])
    rank = _softmax(signs[answered], [one.example.right for one in seen if one.example.right], counts[answered])
    scores = signs @ rank
    best = scores.argmax(axis=1)
    table = np.array([_certainty(one, score) for one, score in zip(seen, scores, strict=True)])
    good = np.array([int(card) in one.example.right for card, one in zip(best, seen, strict=True)])
    counts *= np.where(answered, 1.0, REFUSED_SHARE * counts[answered].sum() / max(1.0, counts[~answered].sum()))
    return {
        "rank": {name: round(float(value), 4) for name, value in zip(SIGNS, rank, strict=True)},
        "known": _line(table, answered, counts),
        "certain": _line(table, good, counts),
    }


def _without(index: Index, encoder: Encoder, store: Store, fold: int) -> list[Seen]:
    """A fifth of all questions, of cards and of refusals, asked of an index that has the others."""

    def of(text: str) -> bool:
        return mark(text)[0] % FOLDS == fold

    cards = [
        card.model_copy(
            update={"questions": {way: tuple(q for q in many if not of(q)) for way, many in card.questions.items()}}
        )
        for card in index.cards
    ]
    refusals = [
        kind.model_copy(update={"questions": tuple(q for q in kind.questions if not of(q))}) for kind in index.refusals
    ]
    rest = build(cards, refusals, encoder, store)
    asked = [Example(q, frozenset([number])) for number, card in enumerate(index.cards) for q in card.asked if of(q)]
    asked += [Example(q, frozenset()) for kind in index.refusals for q in kind.questions if of(q)]
    asked = [replace(one, question=index.heard(one.question)) for one in asked]
    vectors = store.vectors([one.question for one in asked], encoder)
    return [_see(rest, one, vector, 1.0) for one, vector in zip(asked, vectors, strict=True)]


def _see(index: Index, example: Example, vector: np.ndarray, counts: float) -> Seen:
    return Seen(index, example, vector, card_signs(index, normalise(example.question), vector)[1], counts)


def _certainty(one: Seen, score: np.ndarray) -> np.ndarray:
    order = np.argsort(-score, kind="stable")
    closeness = refused_closeness(one.index, one.vector)
    return certainty_signs(
        one.index, normalise(one.example.question), one.vector, one.signs[order], score[order], closeness
    )


def _line(table: np.ndarray, good: np.ndarray, counts: np.ndarray) -> dict[str, object]:
    """Logistic regression; plain data for Line.of."""
    middle, spread = table.mean(axis=0), table.std(axis=0) + 1e-9
    plain, counts = (table - middle) / spread, counts / counts.mean()
    weights, start = np.zeros(table.shape[1]), 0.0
    for _ in range(5_000):
        off = (1 / (1 + np.exp(-(plain @ weights + start))) - good) * counts
        weights -= 0.3 * (plain.T @ off / len(table) + SOFT * weights)
        start -= 0.3 * float(off.mean())
    return {
        "signs": {
            name: [round(float(value), 5) for value in row]
            for name, row in zip(CERTAINTY, np.stack([weights, middle, spread], axis=-1), strict=True)
        },
        "start": round(start, 5),
    }


def _softmax(signs: np.ndarray, right: Sequence[frozenset[int]], counts: np.ndarray) -> np.ndarray:
    """Weights under which the right card has the greatest share. Plain gradient with memory (Adam), always the same."""
    weights, slow, fast = FIRST.copy(), np.zeros(len(FIRST)), np.zeros(len(FIRST))
    mask = np.zeros(signs.shape[:2])
    for row, cards in enumerate(right):
        mask[row, list(cards)] = 1
    each = (counts / counts.sum())[:, None]
    for number in range(1, ROUNDS + 1):
        score = signs @ weights
        share = np.exp(score - score.max(axis=1, keepdims=True))
        share /= share.sum(axis=1, keepdims=True)
        aim = share * mask
        aim /= aim.sum(axis=1, keepdims=True) + 1e-12
        slope = np.einsum("qc,qcs->s", (share - aim) * each, signs) + SOFT * (weights - FIRST) / 20
        slow, fast = 0.9 * slow + 0.1 * slope, 0.99 * fast + 0.01 * slope**2
        weights -= STEP * (slow / (1 - 0.9**number)) / (np.sqrt(fast / (1 - 0.99**number)) + 1e-8)
    return weights
