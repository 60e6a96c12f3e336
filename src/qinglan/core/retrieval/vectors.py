"""Vectors kept beside the cards, so that an index is built without the model: one file, eight bits a number, by the text's fingerprint."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from qinglan.core.retrieval.encoding import Encoder
from qinglan.core.retrieval.text import normalise

STEPS = 127
BATCH = 64
PART = 65_536


def mark(text: str) -> bytes:
    """16 bytes that stand for a text as the encoder reads it."""
    return hashlib.blake2b(normalise(text).encode(), digest_size=16).digest()


@dataclass(frozen=True)
class Rows:
    """Many vectors in eight bits a number, a quarter of the room; what is taken out (a slice, some numbers) is float32 of length 1."""

    whole: np.ndarray  # (n, D) int8
    lengths: np.ndarray  # (n,) float32

    def __len__(self) -> int:
        return len(self.whole)

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.whole), self.whole.shape[1]

    def __getitem__(self, which: slice | np.ndarray) -> np.ndarray:
        return np.asarray(self.whole[which].astype(np.float32) / self.lengths[which, None])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        """All of them; for what looks at few cards."""
        return np.asarray(self[:], dtype)


@dataclass
class Store:
    """Vectors of one encoder by the mark of their text. A vector is kept as whole numbers of -127 to 127; its length is made 1 when read."""

    name: str
    size: int
    known: dict[bytes, np.ndarray]  # (D,) int8

    @classmethod
    def empty(cls, encoder: Encoder) -> Store:
        return cls(encoder.name, encoder.size, {})

    @classmethod
    def read(cls, file: Path, encoder: Encoder) -> Store:
        """What `file` keeps; nothing where it is of another encoder or is not there."""
        if not file.exists():
            return cls.empty(encoder)
        with np.load(file) as found:
            if str(found["name"]) != encoder.name:
                return cls.empty(encoder)
            marks, vectors = found["marks"], found["vectors"]
        return cls(encoder.name, encoder.size, {bytes(key): vector for key, vector in zip(marks, vectors, strict=True)})

    def write(self, file: Path, only: Iterable[str]) -> None:
        """Keep the vectors of these texts, in the order of their marks: the same texts give the same file."""
        keys = sorted({mark(text) for text in only})
        marks = np.frombuffer(b"".join(keys), np.uint8).reshape(-1, 16)
        np.savez(file, name=np.array(self.name), marks=marks, vectors=np.stack([self.known[key] for key in keys]))

    def missing(self, texts: Iterable[str]) -> list[str]:
        return [text for text in dict.fromkeys(texts) if mark(text) not in self.known]

    def vectors(self, texts: Sequence[str], encoder: Encoder) -> np.ndarray:
        """(len(texts), D) float32 of length 1. What is missing is made and kept in memory."""
        return rows(self.whole(texts, encoder))[:]

    def whole(self, texts: Sequence[str], encoder: Encoder) -> np.ndarray:
        """(len(texts), D) int8: the same as they are kept."""
        marks = [mark(text) for text in texts]
        new = list(dict.fromkeys(text for key, text in zip(marks, texts, strict=True) if key not in self.known))
        for at in range(0, len(new), BATCH):
            batch = new[at : at + BATCH]
            for text, vector in zip(batch, encoder.vectors([normalise(one) for one in batch]), strict=True):
                self.known[mark(text)] = small(vector)
        if not texts:
            return np.empty((0, self.size), np.int8)
        return np.stack([self.known[key] for key in marks])


def rows(whole: np.ndarray) -> Rows:
    """Vectors as they are kept (n, D), with their lengths."""
    lengths = [np.linalg.norm(part.astype(np.float32), axis=1) for part in parts(whole)]
    return Rows(whole, np.concatenate(lengths))


def dots(many: np.ndarray | Rows, which: np.ndarray, with_: np.ndarray) -> np.ndarray:
    """(len(which), n) float32: those rows times `with_` (D, n)."""
    if isinstance(many, np.ndarray):
        return np.asarray(many[which] @ with_)
    return np.asarray((many.whole[which].astype(np.float32) @ with_) / many.lengths[which, None])


def parts(many: np.ndarray | Rows) -> Iterator[np.ndarray]:
    """Many vectors in parts, so that very many need no second copy of them all."""
    for first in range(0, max(1, len(many)), PART):
        yield many[first : first + PART]


def small(vector: np.ndarray) -> np.ndarray:
    """A vector as it is kept: whole numbers of -127 to 127. ValueError for one of zeros or with what is no number."""
    top = float(np.abs(vector).max())
    if not np.isfinite(top) or top == 0:
        raise ValueError("编码器给出的向量不能用（全为零或不是数）。")
    return np.rint(vector * (STEPS / top)).astype(np.int8)
