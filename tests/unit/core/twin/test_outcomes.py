"""The intervals of differences: they cover as often as they say, also with three replicates, and one replicate has none."""

import numpy as np
import pytest

from qinglan.core.twin.chance import factor, reach
from qinglan.core.twin.dispatching import _interval
from qinglan.core.twin.outcomes import difference

TRUE, DRAWS = 5.0, 40_000


@pytest.mark.parametrize("count", [2, 3, 10])
def test_nineteen_of_twenty_intervals_hold_the_true_difference(count: int) -> None:
    """Known normal differences, drawn by a fixed seed. The control: 1.96 standard errors at n = 3 hold it four times in five."""
    made = np.random.default_rng(20).normal(TRUE, 3.0, (count, DRAWS))
    found = difference(np.zeros_like(made), made)
    share = float(np.mean((found.low <= TRUE) & (found.high >= TRUE)))
    assert abs(share - 0.95) < 0.005  # four and a half standard errors of this count of draws
    if count == 3:
        normal = 1.96 * made.std(axis=0, ddof=1) / np.sqrt(count)
        assert np.mean(np.abs(found.mean - TRUE) <= normal) < 0.85


def test_the_factors_are_those_of_the_tables() -> None:
    assert [round(factor(n), 3) for n in (2, 3, 4, 11, 31, 121)] == [12.706, 4.303, 3.182, 2.228, 2.042, 1.980]
    assert np.isnan(factor(1))


def test_one_replicate_has_no_interval_and_equal_ones_no_doubt() -> None:
    alone = difference(np.array([[1.0, 2.0]]), np.array([[3.0, 5.0]]))
    assert alone.mean.tolist() == [2.0, 3.0]
    assert np.isnan([*alone.low, *alone.high]).all()
    assert reach(np.full((4, 2), 7.0)).tolist() == [0.0, 0.0]


def test_dispatching_goes_by_the_same_interval() -> None:
    mean, low, high = _interval([1.0, 2.0, 6.0])
    assert mean == 3.0
    assert high - mean == pytest.approx(4.303 * np.std([1, 2, 6], ddof=1) / 3**0.5, rel=1e-3)
    assert mean - low == pytest.approx(high - mean)
