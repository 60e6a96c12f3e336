"""Pinyin read back as characters: ju zhu zheng -> 居住证. Which characters follow which is learnt from the texts of cards and refusals.

The encoder hardly knows pinyin; what stands in characters is ranked as any other question.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from qinglan.core.retrieval.text import HAN, KEEP, blurred, readings, spelled

LONGEST = 6  # letters of a syllable
SEVERAL, FEWER = 24, 8  # characters a syllable may stand for: as it is spelled, and as it is blurred
BLUR = 2.5  # what it costs that a syllable is spelled otherwise (n for l, zen for zheng)
RARE = 1.0  # what it costs that a character has another reading as well, and this is not its first
TOGETHER = 0.9  # how much pairs count beside single characters
UNKNOWN = 1e-6
START = "^"


@dataclass(frozen=True)
class Ear:
    """`spoken`: syllable -> (character, cost); `pairs` and `singles`: how often they stand in the texts."""

    spoken: dict[str, tuple[tuple[str, float], ...]]
    pairs: Counter[str]
    singles: Counter[str]
    every: int

    @classmethod
    def of(cls, texts: Iterable[str]) -> Ear:
        """From texts in characters."""
        pairs: Counter[str] = Counter()
        singles: Counter[str] = Counter()
        for text in texts:
            for run in _runs(text):
                pairs.update(a + b for a, b in pairwise(START + run))
                singles.update(START + run)
        spoken: dict[str, dict[str, float]] = {}
        loose: dict[str, dict[str, float]] = {}
        for char in singles:
            for at, reading in enumerate(readings(char) if char != START else ()):
                cost = RARE if at else 0.0
                spoken.setdefault(reading, {}).setdefault(char, cost)
                loose.setdefault(blurred(reading), {}).setdefault(char, cost + BLUR)
        found = {}
        for syllable in spoken:
            exact = spoken[syllable]
            near = {char: cost for char, cost in loose[blurred(syllable)].items() if char not in exact}
            found[syllable] = (*_often(exact, singles, SEVERAL), *_often(near, singles, FEWER))
        return cls(found, pairs, singles, sum(singles.values()))

    def _cost(self, before: str, char: str) -> float:
        seen = self.pairs[before + char] / self.singles[before] if before in self.singles else 0.0
        return -math.log(TOGETHER * seen + (1 - TOGETHER) * self.singles[char] / self.every + UNKNOWN)

    def read(self, text: str) -> str:
        """`text` normalised. What is no pinyin stays as it is."""
        if not spelled(text):
            return text
        # The cheapest way to each place: last character -> (cost, what was read).
        ways: dict[str, tuple[float, str]] = {START: (0.0, "")}
        for token in KEEP.findall(text):
            ways = self._run(ways, token) if token.isascii() and token.isalpha() else self._after(ways, token)
        return min(ways.values())[1]

    def _after(self, ways: dict[str, tuple[float, str]], token: str) -> dict[str, tuple[float, str]]:
        """A character or a number that stands there."""
        cost, said = min((cost + self._cost(before, token), said) for before, (cost, said) in ways.items())
        return {token if HAN.match(token) else START: (cost, said + token)}

    def _run(self, ways: dict[str, tuple[float, str]], letters: str) -> dict[str, tuple[float, str]]:
        """A run of letters: every way to cut it into syllables, every character that they may stand for."""
        at: list[dict[str, tuple[float, str]]] = [ways, *({} for _ in letters)]
        for end in range(1, len(letters) + 1):
            for size in range(1, min(LONGEST, end) + 1):
                for char, extra in self.spoken.get(letters[end - size : end], ()):
                    if not at[end - size]:
                        continue
                    cost, said = min(
                        (cost + self._cost(before, char), said) for before, (cost, said) in at[end - size].items()
                    )
                    found = (cost + extra, said + char)
                    if char not in at[end] or found < at[end][char]:
                        at[end][char] = found
        return at[-1] or self._after(ways, letters)


def _often(costs: dict[str, float], singles: Counter[str], count: int) -> list[tuple[str, float]]:
    """The characters that stand most often in the texts."""
    return sorted(costs.items(), key=lambda one: (-singles[one[0]], one[0]))[:count]


def _runs(text: str) -> list[str]:
    """Characters that stand together, without what lies between them."""
    return "".join(char if HAN.match(char) else " " for char in text).split()
