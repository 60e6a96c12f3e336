"""Invented maps for siting."""

import numpy as np

from qinglan.core.matching.siting import Problem


def scattered(count: int, side: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Neighbourhoods anywhere on a square of `side` metres, and their households."""
    chance = np.random.default_rng(seed)
    return chance.uniform(0, side, (count, 2)), chance.integers(300, 2500, count)


def clustered(count: int, side: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Neighbourhoods around middles, as towns have them."""
    chance = np.random.default_rng(seed)
    middles = chance.uniform(0, side, (max(1, count // 25), 2))
    at = middles[chance.integers(0, len(middles), count)] + chance.normal(0, 700, (count, 2))
    return at, chance.integers(300, 2500, count)


def ribbon(count: int, length: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Along a river that winds."""
    chance = np.random.default_rng(seed)
    along = chance.uniform(0, length, count)
    return np.column_stack([along, 3_000 * np.sin(along / 5_000) + chance.normal(0, 400, count)]), chance.integers(
        300, 2500, count
    )


def mixed(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Half in a town of 6 km squared, half scattered over 16 km squared."""
    chance = np.random.default_rng(seed)
    at = np.vstack([chance.uniform(0, 6_000, (count // 2, 2)), chance.uniform(0, 16_000, (count - count // 2, 2))])
    return at, chance.integers(300, 2500, count)


def on_own(at: np.ndarray, households: np.ndarray, *, capacity: int = 5, **more: object) -> Problem:
    """Every neighbourhood's own place is a candidate; nothing stands yet."""
    count = len(at)
    return Problem(at, households, at, np.zeros(count, bool), np.full(count, capacity), **more)  # type: ignore[arg-type]
