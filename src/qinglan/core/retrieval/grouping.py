"""Questions that mean the same, put together, without anybody saying how many kinds there are.

Average linkage of cosines, after the vectors are centred and made round by the covariance within cards: directions in which the
questions of one card differ say little about what is meant (index.py does the same for its planes). Nothing here is random.

The cut was chosen on the training split, on cards that the covariance does not know (a quarter of them at a time): of two questions put
together 53 % are of one card, of two of one card 65 % are put together, though a card has but two of them. With eight ways of asking of each
such card: 71 % and 50 %. The balance of the two (F) on the training split is 0.59, without the covariance 0.55 at best.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from qinglan.core.retrieval.index import Index

CUT = 0.8  # mean distance (1 - cosine) up to which two groups are one
SHRINK = 2.0  # as that of the index's planes
SEEN = 20  # questions that the cards' middle counts for


def rounding(index: Index, without: Sequence[int] = ()) -> np.ndarray:
    """(D, D): x @ this has about the same spread within a card in every direction. `without`: cards whose rows are left out."""
    counts = np.diff(index.starts)
    means = np.add.reduceat(index.rows, index.starts[:-1]) / counts[:, None]
    inner = index.rows - np.repeat(means, counts, axis=0).astype(np.float32)
    inner = inner[~np.isin(np.repeat(np.arange(len(counts)), counts), without)]
    covariance = (inner.T @ inner / max(1, len(inner))).astype(np.float64)
    size = len(covariance)
    covariance += (SHRINK * np.trace(covariance) / size + 1e-12) * np.eye(size)
    spreads, directions = np.linalg.eigh(covariance)
    return np.asarray(directions / np.sqrt(spreads))


def groups(vectors: np.ndarray, index: Index, rounded: np.ndarray, cut: float = CUT) -> list[list[int]]:
    """Rows of `vectors` (n, D) that mean the same, the largest group first, each in the order of the rows."""
    if len(vectors) < 2:
        return [[number] for number in range(len(vectors))]
    # What nobody answers lies off the cards' middle, all on one side; the more of it there is, the more its own middle counts.
    middle = (SEEN * index.centre + vectors.sum(axis=0)) / (SEEN + len(vectors))
    round_ = ((vectors - middle) @ rounded).astype(np.float32)
    round_ /= np.maximum(np.linalg.norm(round_, axis=1, keepdims=True), 1e-12)
    apart = np.maximum(0, 1 - round_ @ round_.T)
    np.fill_diagonal(apart, 0)
    labels = fcluster(linkage(squareform(apart, checks=False), "average"), cut, "distance")
    found: dict[int, list[int]] = {}
    for number, label in enumerate(labels.tolist()):
        found.setdefault(label, []).append(number)
    return sorted(found.values(), key=lambda one: (-len(one), one))
