"""The index: cards and what must be refused, laid out as arrays. Built once from cards, read by every thread, changed by none.

Rows are the questions of the cards, one after the other; `starts[c]:starts[c+1]` are those of card c. Shapes: R rows, C cards, N refused
questions, D numbers a vector, V tokens.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from qinglan.core.retrieval.cards import Card
from qinglan.core.retrieval.encoding import Encoder
from qinglan.core.retrieval.refusals import Refusal
from qinglan.core.retrieval.text import grams, normalise, sounds
from qinglan.core.retrieval.vectors import Store

SHRINK = 2.0  # of the covariance within cards toward the round one; between 0.5 and 4 makes no difference on the training split
RIDGE = 1.0
UNSEEN = 0.5  # a pair of characters that no card has weighs half of a character that none has
PART = 65_536
OFTEN = 0.5  # smoothing of counts


@dataclass(frozen=True)
class Index:
    """Everything that a question is held against."""

    cards: tuple[Card, ...]
    refusals: tuple[Refusal, ...]
    centre: np.ndarray  # (D,) mean of the rows
    rows: np.ndarray  # (R, D) float32
    starts: np.ndarray  # (C + 1,) int64
    answers: np.ndarray  # (C, D): title and answer
    titles: np.ndarray  # (C, D)
    planes: np.ndarray  # (C, D) and `offsets` (C,): linear discriminant of each card
    offsets: np.ndarray
    precision: (
        np.ndarray
    )  # (D, D): the inverse of the covariance within cards; directions in which a card's questions differ count little
    lengths: np.ndarray  # (R,): of the rows, so measured
    inside: np.ndarray  # (D + 1,): a plane between what cards are asked and what is refused
    refused: np.ndarray  # (N, D)
    kind_of: np.ndarray  # (N,) int64: of `refusals`
    words: tuple[frozenset[str], ...]  # C: tokens of each card
    refused_words: tuple[frozenset[str], ...]  # N
    holders: dict[str, np.ndarray]  # token -> cards that have it
    weight: dict[str, float]  # token -> how rare it is among cards
    evidence: dict[str, float]  # token -> log of how much likelier in a card's question than in a refused one

    @cached_property
    def sounding(self) -> dict[str, np.ndarray]:
        """Syllable -> cards that have it; made when first somebody writes in pinyin."""
        return _holders([frozenset(sounds(normalise(" ".join((card.title, *card.asked))))) for card in self.cards])

    @property
    def nothing(self) -> float:
        """The weight of a token that no card has."""
        return math.log(1 + len(self.cards))


def build(cards: Sequence[Card], refusals: Sequence[Refusal], encoder: Encoder, store: Store | None = None) -> Index:
    """The index of these cards. Vectors come from `store` where it has them, the others are made by `encoder`."""
    store = store if store is not None else Store.empty(encoder)
    asked = [card.asked for card in cards]
    starts = np.cumsum([0, *map(len, asked)])
    owner = np.repeat(np.arange(len(cards)), np.diff(starts))
    questions = [one for many in asked for one in many]
    said = [(one, number) for number, kind in enumerate(refusals) for one in kind.questions]
    rows = store.vectors(questions, encoder)
    refused = store.vectors([one for one, _ in said], encoder)
    centre = rows.mean(axis=0)
    precision, planes, offsets = _planes(rows - centre, owner, len(cards))
    bags = [frozenset(grams(normalise(one))) for one in questions]
    texts = [frozenset(grams(normalise(f"{card.title} {card.answer} {card.next}"))) for card in cards]
    refused_words = tuple(frozenset(grams(normalise(one))) for one, _ in said)
    words = tuple(texts[number].union(*bags[starts[number] : starts[number + 1]]) for number in range(len(cards)))
    holders = _holders(words)
    return Index(
        cards=tuple(cards),
        refusals=tuple(refusals),
        centre=centre,
        rows=rows,
        starts=starts,
        answers=store.vectors([about(card) for card in cards], encoder),
        titles=store.vectors([card.title for card in cards], encoder),
        planes=planes,
        offsets=offsets,
        precision=precision,
        lengths=_lengths(rows - centre, precision),
        inside=_inside(rows - centre, refused - centre),
        refused=refused,
        kind_of=np.array([number for _, number in said], np.int64),
        words=words,
        refused_words=refused_words,
        holders=holders,
        weight={token: math.log(1 + len(cards) / len(found)) for token, found in holders.items()},
        evidence=_evidence([*bags, *texts], refused_words),
    )


def about(card: Card) -> str:
    """What stands for a card's content beside its questions."""
    return f"{card.title}。{card.answer}"


def texts(cards: Sequence[Card], refusals: Sequence[Refusal]) -> list[str]:
    """Every text whose vector an index of these needs."""
    found = [one for card in cards for one in (*card.asked, card.title, about(card))]
    return list(dict.fromkeys(found + [one for kind in refusals for one in kind.questions]))


def _planes(rows: np.ndarray, owner: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Linear discriminant with one covariance for all cards, shrunk: directions in which questions of one card differ say nothing."""
    sums = np.zeros((count, rows.shape[1]))
    np.add.at(sums, owner, rows)
    means = sums / np.bincount(owner, minlength=count)[:, None]
    inner = rows - means[owner]
    covariance = inner.T @ inner / len(rows)
    size = len(covariance)
    covariance += SHRINK * np.trace(covariance) / size * np.eye(size)
    precision = np.linalg.inv(covariance)
    planes = means @ precision
    offsets = -0.5 * (planes * means).sum(axis=1)
    return precision.astype(np.float32), planes.astype(np.float32), offsets.astype(np.float32)


def _lengths(rows: np.ndarray, precision: np.ndarray) -> np.ndarray:
    """(R,) the lengths of rows measured by the precision; in parts, so that many rows need no second copy."""
    parts = np.array_split(rows, max(1, len(rows) // PART))
    return np.concatenate([np.sqrt(((part @ precision) * part).sum(axis=1)) for part in parts]).astype(np.float32)


def _inside(rows: np.ndarray, refused: np.ndarray) -> np.ndarray:
    """Ridge regression of +1 (a card's question) and -1 (refused), both sides weighing the same."""
    both = np.vstack([rows, refused])
    both = np.hstack([both, np.ones((len(both), 1))]).astype(np.float64)
    share = len(refused) / len(rows) if len(refused) else 1.0
    weights = np.r_[np.full(len(rows), share), np.ones(len(refused))]
    aim = np.r_[np.ones(len(rows)), -np.ones(len(refused))]
    weighed = both * weights[:, None]
    return np.linalg.solve(weighed.T @ both + RIDGE * np.eye(both.shape[1]), weighed.T @ aim).astype(np.float32)


def _holders(words: Sequence[frozenset[str]]) -> dict[str, np.ndarray]:
    found: dict[str, list[int]] = {}
    for number, tokens in enumerate(words):
        for token in tokens:
            found.setdefault(token, []).append(number)
    return {token: np.array(numbers, np.int32) for token, numbers in found.items()}


def _evidence(cards: Sequence[frozenset[str]], refused: Sequence[frozenset[str]]) -> dict[str, float]:
    ours, theirs = Counter(t for one in cards for t in one), Counter(t for one in refused for t in one)
    base = math.log((len(refused) + 1) / (len(cards) + 1))
    return {
        token: math.log((ours[token] + OFTEN) / (theirs[token] + OFTEN)) + base for token in ours.keys() | theirs.keys()
    }
