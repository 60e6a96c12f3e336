"""The twin's chance: the published numbers of Philox, evenly spread, and never shared between seeds, people, months or purposes."""

import numpy as np
import pytest

from qinglan.core.twin import random
from qinglan.core.twin.month import chances
from qinglan.core.twin.random import U

# Random123's known-answer vectors of philox4x32-10: counter, key, result.
KNOWN = (
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    (
        (0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF),
        (0xFFFFFFFF, 0xFFFFFFFF),
        (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD),
    ),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
)
SEEDS = 40
SHAPE = (2, 24, 12, 3)  # replicates, slots, months, purposes


@pytest.mark.parametrize(("counter", "key", "result"), KNOWN)
def test_the_published_vectors(counter: tuple, key: tuple, result: tuple) -> None:
    assert tuple(int(word) for word in random.philox(*map(U, counter), *map(U, key))) == result


def words(seed: int) -> np.ndarray:
    out = np.empty((*SHAPE, 4), np.uint64)
    random.fill(seed, *SHAPE, out)
    return out


def shared_multiplier(seed: int) -> np.ndarray:
    """A plausible mistake: one multiplier for the seed and for the slot, so that the next seed is the same stream, shifted."""
    replicate, slot, month, purpose, word = np.indices((*SHAPE, 4)).astype(np.uint64)
    with np.errstate(over="ignore"):
        mixed = (
            (U(seed) + slot) * U(0x9E3779B97F4A7C15) + month * U(0xD1B54A32D192ED03) + purpose * U(0x2545F4914F6CDD1D)
        )
        mixed += replicate * U(0xA24BAED4963EE407) + word * U(0x9FB21C651E98DF25)
        for shift in (30, 27, 31):
            mixed = (mixed ^ (mixed >> U(shift))) * U(0xBF58476D1CE4E5B9)
    return mixed >> U(32)


def repeated(made: list[np.ndarray]) -> int:
    """How often a pair of neighbouring words came before: by accident about never among a few hundred thousand of 64 bits."""
    pairs = np.concatenate([(one[..., 0].ravel() << U(32)) | one[..., 1].ravel() for one in made])
    return len(pairs) - len(np.unique(pairs))


def correlations(made: list[np.ndarray]) -> np.ndarray:
    """All pairwise correlations: between seeds, and within a seed between replicates, slots, months, purposes and words."""
    found = []
    uniform = np.stack(made).astype(float)
    for axis in range(uniform.ndim):
        rows = np.moveaxis(uniform, axis, 0).reshape(uniform.shape[axis], -1)
        matrix = np.corrcoef(rows)
        size = rows.shape[1]
        found.append(matrix[np.triu_indices(len(rows), 1)] * np.sqrt(size))  # about a standard normal each
    return np.concatenate(found)


def test_nothing_is_shared_and_everything_is_even() -> None:
    made = [words(seed) for seed in range(SEEDS)]
    assert repeated(made) == 0
    z = correlations(made)
    assert len(z) > 1000
    assert np.abs(z).max() < 4.7  # two-sided, a thousand pairs: p about 0.003
    assert 0.9 < z.std() < 1.1
    values = np.stack(made).ravel().astype(np.int64)
    bins = np.bincount(values >> 26, minlength=64)
    expected = len(values) / 64
    assert (((bins - expected) ** 2).sum() / expected) < 110  # chi-square of 63 degrees: p about 0.0002
    for bit in range(32):
        share = ((values >> bit) & 1).mean()
        assert abs(share - 0.5) < 4.5 * 0.5 / np.sqrt(len(values)), bit


def test_the_check_catches_a_shared_multiplier() -> None:
    """Control: every next seed repeats all slots of the one before but one."""
    made = [shared_multiplier(seed) for seed in range(SEEDS)]
    assert repeated(made) > 10_000


def test_neighbouring_people_occupants_and_seeds_differ() -> None:
    base = random.draw(7, 0, 3, 0, 5, 1)
    others = [
        random.draw(*counter)
        for counter in ((8, 0, 3, 0, 5, 1), (7, 1, 3, 0, 5, 1), (7, 0, 4, 0, 5, 1), (7, 0, 3, 1, 5, 1),
                        (7, 0, 3, 0, 6, 1), (7, 0, 3, 0, 5, 2), (7 + (1 << 32), 0, 3, 0, 5, 1), (7, 0, 3, 5, 0, 1))
    ]  # fmt: skip
    assert base not in others
    assert len(set(others)) == len(others)


def test_uniform_is_open_and_bell_is_standard() -> None:
    assert 0 < random.uniform(U(0)) < random.uniform(U(0xFFFFFFFF)) < 1
    made = words(3)
    bells = np.array([random.bell(a, b) for a, b in made.reshape(-1, 4)[:, :2]])
    assert abs(bells.mean()) < 4 / np.sqrt(len(bells))
    assert abs(bells.var() - 1) < 0.1
    assert random.bell(U(0), U(0)) == -random.bell(U(0xFFFFFFFF), U(0xFFFFFFFF))


def test_single_precision_keeps_within_its_bounds_and_is_standard() -> None:
    """What the months draw: never 0 or 1 whatever the word, mean and spread as in double precision."""
    ends = [float(random.single_uniform(U(word))) for word in (0, 0xFFFFFFFF)]
    assert 0 < ends[0] < ends[1] < 1
    made = words(3).ravel()[:4000]
    for single, double in ((random.single_uniform, random.uniform), (random.single_triangle, random.triangle)):
        apart = [abs(float(single(word)) - float(double(word))) for word in made]
        assert max(apart) < 1e-5
    triangles = np.array([random.single_triangle(word) for word in made], float)
    assert abs(triangles.mean()) < 4 / np.sqrt(len(made))
    assert abs(triangles.var() - 1) < 0.1


def test_the_months_share_no_luck_between_seeds_replicates_slots_and_months() -> None:
    """The draws that the months make, word for word as they make them."""
    numbers = np.arange(64)
    occupants = np.zeros(64, np.int32)
    made = []
    for seed in range(4):
        for replicate in range(4):
            for month in range(6):
                rows = np.empty((4, 64), np.float32)
                chances(seed, replicate, 0, 64, numbers, occupants, month, *rows)
                made.append(rows)
    leaves = np.concatenate([rows[0] for rows in made])
    # 6,144 numbers of 2^23: about two are equal by accident (6,144² ÷ 2^24).
    assert len(leaves) - len(np.unique(leaves)) < 12
    for rows in made:
        rows[:2] = (rows[:2] - 0.5) * np.sqrt(12.0)  # all four of mean 0 and variance 1
    z = np.corrcoef(np.stack([rows.ravel() for rows in made]))[np.triu_indices(len(made), 1)] * np.sqrt(256)
    assert np.abs(z).max() < 4.9
    assert 0.9 < z.std() < 1.1
