"""Weights from the training split: how the signs of a card count (softmax), and when the best card may be answered (logistic)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qinglan.core.retrieval.encoding import Encoder
from qinglan.core.retrieval.index import Index
from qinglan.core.retrieval.ranking import CERTAINTY, SIGNS, card_signs, certainty_signs, refused_closeness
from qinglan.core.retrieval.text import normalise

FIRST = np.array([20.0, 2, 15, 12, 8])
ROUNDS, STEP = 600, 0.2
SOFT = 2e-3
REFUSED_COUNTS = 2.0  # an answer that should have been a refusal is worse than the reverse


@dataclass(frozen=True)
class Example:
    """A question and the cards (numbers in the index) that are right; none: it must be refused."""

    question: str
    right: frozenset[int]


def tune(index: Index, encoder: Encoder, examples: Sequence[Example]) -> dict[str, object]:
    """Plain data for Weights.of. The examples must not be in the cards or in the refusals, else they tell too good a tale."""
    texts = [normalise(one.question) for one in examples]
    vectors = encoder.vectors(texts)
    signs = np.stack([card_signs(index, text, vector)[1] for text, vector in zip(texts, vectors, strict=True)])
    answered = np.array([bool(one.right) for one in examples])
    rank = _softmax(signs[answered], [one.right for one in examples if one.right])
    scores = signs @ rank
    rows = []
    for text, vector, sign, score in zip(texts, vectors, signs, scores, strict=True):
        order = np.argsort(-score, kind="stable")
        closeness = refused_closeness(index, vector)
        rows.append(certainty_signs(index, text, vector, sign[order], score[order], closeness))
    table = np.array(rows)
    middle, spread = table.mean(axis=0), table.std(axis=0) + 1e-9
    best = scores.argmax(axis=1)
    good = np.array([int(card) in one.right for card, one in zip(best, examples, strict=True)])
    weights, bias = _logistic((table - middle) / spread, good, answered)
    return {
        "rank": {name: round(float(value), 4) for name, value in zip(SIGNS, rank, strict=True)},
        "certainty": {
            name: [round(float(value), 5) for value in row]
            for name, row in zip(CERTAINTY, np.stack([weights, middle, spread], axis=-1), strict=True)
        },
        "bias": round(bias, 5),
    }


def _softmax(signs: np.ndarray, right: Sequence[frozenset[int]]) -> np.ndarray:
    """Weights under which the right card has the greatest share. Plain gradient with memory (Adam), always the same."""
    weights, slow, fast = FIRST.copy(), np.zeros(len(FIRST)), np.zeros(len(FIRST))
    mask = np.zeros(signs.shape[:2])
    for row, cards in enumerate(right):
        mask[row, list(cards)] = 1
    for number in range(1, ROUNDS + 1):
        score = signs @ weights
        share = np.exp(score - score.max(axis=1, keepdims=True))
        share /= share.sum(axis=1, keepdims=True)
        aim = share * mask
        aim /= aim.sum(axis=1, keepdims=True) + 1e-12
        slope = np.einsum("qc,qcs->s", share - aim, signs) / len(signs) + SOFT * (weights - FIRST) / 20
        slow, fast = 0.9 * slow + 0.1 * slope, 0.99 * fast + 0.01 * slope**2
        weights -= STEP * (slow / (1 - 0.9**number)) / (np.sqrt(fast / (1 - 0.99**number)) + 1e-8)
    return weights


def _logistic(table: np.ndarray, good: np.ndarray, answered: np.ndarray) -> tuple[np.ndarray, float]:
    counts = np.where(answered, 1.0, REFUSED_COUNTS)
    counts /= counts.mean()
    weights, bias = np.zeros(table.shape[1]), 0.0
    for _ in range(5_000):
        off = (1 / (1 + np.exp(-(table @ weights + bias))) - good) * counts
        weights -= 0.3 * (table.T @ off / len(table) + SOFT * weights)
        bias -= 0.3 * float(off.mean())
    return weights, bias
