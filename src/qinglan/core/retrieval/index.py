"""The index: cards and what must be refused, laid out as arrays. Built once from cards, read by every thread, changed by none.

Rows are the questions of the cards, one after the other; `starts[c]:starts[c+1]` are those of card c. Shapes: R rows, C cards, N refused
questions, D numbers a vector, V tokens.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from qinglan.core.retrieval.cards import Card
from qinglan.core.retrieval.encoding import Encoder
from qinglan.core.retrieval.hearing import Ear
from qinglan.core.retrieval.refusals import Refusal
from qinglan.core.retrieval.text import grams, normalise, sounds, spelled
from qinglan.core.retrieval.vectors import Rows, Store, parts
from qinglan.core.retrieval.vectors import rows as rows_of

SHRINK = 2.0  # of the covariance within cards toward the round one; between 0.5 and 4 makes no difference on the training split
RIDGE = 1.0
UNSEEN = 0.5  # a pair of characters that no card has weighs half of a character that none has
FEW = 512  # with no more cards than these, every card is looked at closely
PART_CARDS = 4_096
COARSE = 32
OFTEN = 0.5  # smoothing of counts


@dataclass(frozen=True)
class Index:
    """Everything that a question is held against."""

    cards: tuple[Card, ...]
    refusals: tuple[Refusal, ...]
    centre: np.ndarray  # (D,) mean of the rows
    rows: np.ndarray | Rows  # (R, D) float32; in eight bits with more than FEW cards
    starts: np.ndarray  # (C + 1,) int64
    answers: np.ndarray  # (C, D): title and answer
    titles: np.ndarray  # (C, D)
    planes: np.ndarray  # (C, D) and `offsets` (C,): linear discriminant of each card
    offsets: np.ndarray
    coarse: (
        np.ndarray
    )  # (C, COARSE) and `basis` (D, COARSE): the planes in few directions, to find among very many cards
    basis: np.ndarray
    precision: (
        np.ndarray
    )  # (D, D): the inverse of the covariance within cards; directions in which a card's questions differ count little
    lengths: np.ndarray  # (R,): of the rows, so measured
    inside: np.ndarray  # (D + 1,): a plane between what cards are asked and what is refused
    refused: np.ndarray  # (N, D)
    kind_of: np.ndarray  # (N,) int64: of `refusals`
    refused_words: tuple[frozenset[str], ...]  # N
    holders: dict[str, np.ndarray]  # token -> cards that have it
    weight: dict[str, float]  # token -> how rare it is among cards
    evidence: dict[str, float]  # token -> log of how much likelier in a card's question than in a refused one

    @cached_property
    def sounding(self) -> dict[str, np.ndarray]:
        """Syllable -> cards that have it; made when first somebody writes in pinyin."""
        return _holders(frozenset(sounds(normalise(" ".join((card.title, *card.asked))))) for card in self.cards)

    @cached_property
    def ear(self) -> Ear:
        """What reads pinyin back; made when first somebody writes in it. Of very many cards the first are enough to learn from."""
        said = [one for card in self.cards[:FEW] for one in (*card.asked, card.title, card.answer)]
        return Ear.of(said + [one for kind in self.refusals for one in kind.questions])

    def heard(self, text: str) -> str:
        """A question as it is read: pinyin in characters, all else as it is."""
        plain = normalise(text)
        return self.ear.read(plain) if spelled(plain) else text

    def words(self, card: int) -> frozenset[str]:
        """The tokens of a card. Not kept: of very many cards they would take more room than all vectors."""
        return _words(self.cards[card])

    @property
    def nothing(self) -> float:
        """The weight of a token that no card has."""
        return math.log(1 + len(self.cards))


def build(cards: Sequence[Card], refusals: Sequence[Refusal], encoder: Encoder, store: Store | None = None) -> Index:
    """The index of these cards. Vectors come from `store` where it has them, the others are made by `encoder`."""
    store = store if store is not None else Store.empty(encoder)
    asked = [card.asked for card in cards]
    starts = np.cumsum([0, *map(len, asked)])
    said = [(one, number) for number, kind in enumerate(refusals) for one in kind.questions]
    every = rows_of(store.whole([one for many in asked for one in many], encoder))
    rows = every if len(cards) > FEW else every[:]
    refused = store.vectors([one for one, _ in said], encoder)
    centre = _centre(rows)
    precision, planes, offsets = _planes(rows, centre, starts)
    refused_words = tuple(frozenset(grams(normalise(one))) for one, _ in said)
    ours: Counter[str] = Counter()
    holders = _holders(_counted(cards, ours))
    basis = _basis(planes)
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
        coarse=planes @ basis,
        basis=basis,
        precision=precision,
        lengths=_lengths(rows, centre, precision),
        inside=_inside(rows, refused, centre),
        refused=refused,
        kind_of=np.array([number for _, number in said], np.int64),
        refused_words=refused_words,
        holders=holders,
        weight={token: math.log(1 + len(cards) / len(found)) for token, found in holders.items()},
        evidence=_evidence(ours, len(rows) + len(cards), refused_words),
    )


def _content(card: Card) -> str:
    return f"{card.title} {card.answer} {card.next}"


def _words(card: Card) -> frozenset[str]:
    return frozenset().union(*_bags(card))


def _bags(card: Card) -> list[frozenset[str]]:
    """The tokens of its content and of each question."""
    return [frozenset(grams(normalise(one))) for one in (_content(card), *card.asked)]


def _counted(cards: Iterable[Card], ours: Counter[str]) -> Iterator[frozenset[str]]:
    """The tokens of each card; `ours` is told in how many texts each token is."""
    for card in cards:
        bags = _bags(card)
        for bag in bags:
            ours.update(bag)
        yield frozenset().union(*bags)


def about(card: Card) -> str:
    """What stands for a card's content beside its questions."""
    return f"{card.title}。{card.answer}"


def texts(cards: Sequence[Card], refusals: Sequence[Refusal]) -> list[str]:
    """Every text whose vector an index of these needs."""
    found = [one for card in cards for one in (*card.asked, card.title, about(card))]
    return list(dict.fromkeys(found + [one for kind in refusals for one in kind.questions]))


def _centre(rows: np.ndarray | Rows) -> np.ndarray:
    """(D,) float32: the mean."""
    if isinstance(rows, np.ndarray):
        return np.asarray(rows.mean(axis=0))
    total = sum(part.sum(axis=0, dtype=np.float64) for part in parts(rows))
    return np.asarray(total / len(rows), np.float32)


def _sums(rows: np.ndarray | Rows, starts: np.ndarray) -> np.ndarray:
    """(C, D) float64: the sum of each card's rows."""
    found = []
    for first in range(0, len(starts) - 1, PART_CARDS):
        some = starts[first : first + PART_CARDS + 1]
        found.append(np.add.reduceat(rows[some[0] : some[-1]], some[:-1] - some[0], axis=0, dtype=np.float64))
    return np.concatenate(found)


def _planes(
    rows: np.ndarray | Rows, centre: np.ndarray, starts: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Linear discriminant with one covariance for all cards, shrunk: directions in which questions of one card differ say nothing.

    The inverse of that covariance, and the planes with their offsets.
    """
    sizes = np.diff(starts)
    means = _sums(rows, starts) / sizes[:, None] - centre
    every = np.zeros((rows.shape[1], rows.shape[1]))
    for part in parts(rows):
        moved = (part - centre).astype(np.float64)
        every += moved.T @ moved
    covariance = (every - (means * sizes[:, None]).T @ means) / len(rows)
    size = len(covariance)
    covariance += SHRINK * np.trace(covariance) / size * np.eye(size)
    precision = np.linalg.inv(covariance)
    planes = means @ precision
    offsets = -0.5 * (planes * means).sum(axis=1)
    return precision.astype(np.float32), planes.astype(np.float32), offsets.astype(np.float32)


def _basis(planes: np.ndarray) -> np.ndarray:
    """(D, COARSE): the directions in which the planes differ most."""
    middle = planes - planes.mean(axis=0)
    return np.linalg.eigh(middle.T @ middle)[1][:, -COARSE:].astype(np.float32)


def _lengths(rows: np.ndarray | Rows, centre: np.ndarray, precision: np.ndarray) -> np.ndarray:
    """(R,) the lengths of rows from the centre, measured by the precision."""
    found = []
    for part in parts(rows):
        moved = part - centre
        found.append(np.sqrt(((moved @ precision) * moved).sum(axis=1)))
    return np.concatenate(found).astype(np.float32)


def _inside(rows: np.ndarray | Rows, refused: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """Ridge regression of +1 (a card's question) and -1 (refused), both sides weighing the same."""
    share = len(refused) / len(rows) if len(refused) else 1.0
    size = rows.shape[1] + 1
    left, right = RIDGE * np.eye(size), np.zeros(size)
    for part, weight, aim in [*((part, share, 1.0) for part in parts(rows)), (refused, 1.0, -1.0)]:
        moved = np.hstack([part - centre, np.ones((len(part), 1))]).astype(np.float64)
        left += weight * (moved.T @ moved)
        right += weight * aim * moved.sum(axis=0)
    return np.linalg.solve(left, right).astype(np.float32)


def _holders(words: Iterable[frozenset[str]]) -> dict[str, np.ndarray]:
    found: dict[str, array[int]] = {}
    for number, tokens in enumerate(words):
        for token in tokens:
            found.setdefault(token, array("i")).append(number)
    return {token: np.array(numbers, np.int32) for token, numbers in found.items()}


def _evidence(ours: Counter[str], count: int, refused: Sequence[frozenset[str]]) -> dict[str, float]:
    """`ours`: in how many of the cards' texts a token is; `count`: how many texts these are."""
    theirs = Counter(t for one in refused for t in one)
    base = math.log((len(refused) + 1) / (count + 1))
    return {
        token: math.log((ours[token] + OFTEN) / (theirs[token] + OFTEN)) + base for token in ours.keys() | theirs.keys()
    }
