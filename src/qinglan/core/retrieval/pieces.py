"""Text as the encoder's tokens: SentencePiece's unigram model, the likeliest way to put a text together from known pieces."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from qinglan.core.rules.compiling import compiled

SPACE = "▁"
SPACES = re.compile(" +")
WORSE = np.float32(10)  # how much less likely than the rarest piece a character without a piece is
NEVER = np.float32(-1e30)


@dataclass(frozen=True)
class Pieces:
    """Pieces by number: bytes blob[starts[i]:starts[i + 1]]. `table`: open addressing by the hash of the bytes, number + 1; 0 is free."""

    blob: np.ndarray  # uint8
    starts: np.ndarray  # (V + 1,) uint32
    scores: np.ndarray  # (V,) float32: log of how likely
    table: np.ndarray  # int32, a power of two long
    changed: Mapping[int, str]  # what a character is read as
    longest: int  # bytes
    without: float  # the score of a character that no piece has
    unknown: int

    @classmethod
    def of(
        cls, blob: np.ndarray, starts: np.ndarray, scores: np.ndarray, changed: Mapping[int, str], unknown: int
    ) -> Pieces:
        table = np.zeros(1 << (2 * len(scores) - 1).bit_length(), np.int32)
        fill(blob, starts, table)
        longest = int(np.diff(starts).max())
        return cls(blob, starts, scores, table, changed, longest, float(scores.min() - WORSE), unknown)

    def tokens(self, text: str) -> np.ndarray:
        """(n,) int32: numbers of the pieces."""
        plain = SPACES.sub(" ", text.translate(self.changed))
        plain = (plain if plain.startswith(" ") else f" {plain}").replace(" ", SPACE)
        raw = np.frombuffer(plain.encode(), np.uint8)
        ends = np.append(np.flatnonzero((raw & 0xC0) != 0x80), len(raw))  # where characters begin, and the end
        count = len(ends) - 1
        best = np.full(count + 1, NEVER, np.float32)
        found, before = np.full(count + 1, self.unknown, np.int32), np.zeros(count + 1, np.int32)
        put_together(
            raw, ends, self.blob, self.starts, self.scores, self.table, self.longest, np.float32(self.without), self.unknown,
            best, found, before,
        )  # fmt: skip
        said = []
        while count:
            said.append(found[count])
            count = before[count]
        return np.array(said[::-1], np.int32)


@compiled
def marked(text, first, last):
    """FNV-1a of some bytes."""
    found = np.uint64(1469598103934665603)
    for at in range(first, last):
        found = (found ^ np.uint64(text[at])) * np.uint64(1099511628211)
    return found


@compiled
def fill(blob, starts, table):
    mask = np.uint64(len(table) - 1)
    for number in range(len(starts) - 1):
        if starts[number] == starts[number + 1]:
            continue
        at = marked(blob, starts[number], starts[number + 1]) & mask
        while table[at]:
            at = (at + np.uint64(1)) & mask
        table[at] = number + 1


@compiled
def put_together(text, ends, blob, starts, scores, table, longest, without, unknown, best, found, before):
    """Viterbi: best[e] is the score of the best way to the end of character e, found[e] its last piece, before[e] where that begins."""
    mask = np.uint64(len(table) - 1)
    count = len(ends) - 1
    best[0] = 0
    for first in range(count):
        begin = ends[first]
        mark = np.uint64(1469598103934665603)
        at = begin
        for last in range(first + 1, count + 1):
            end = ends[last]
            if end - begin > longest:
                break
            while at < end:
                mark = (mark ^ np.uint64(text[at])) * np.uint64(1099511628211)
                at += 1
            place = mark & mask
            while table[place]:
                number = table[place] - 1
                start = np.int64(starts[number])
                if np.int64(starts[number + 1]) - start == end - begin:
                    same = True
                    for i in range(end - begin):
                        same = same and blob[start + i] == text[begin + i]
                    if same:
                        score = best[first] + scores[number]
                        if number != unknown and score > best[last]:
                            best[last], found[last], before[last] = score, number, first
                        break
                place = (place + np.uint64(1)) & mask
        score = best[first] + without
        if score > best[first + 1]:
            best[first + 1], found[first + 1], before[first + 1] = score, unknown, first
