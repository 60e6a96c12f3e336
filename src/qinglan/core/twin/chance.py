"""How sure a mean of a few replicates is: Student's t, because the spread itself is only known from them."""

import numpy as np
from scipy.special import stdtrit

HALF = 0.975  # both tails of a 95 % interval


def factor(count: int) -> float:
    """By how many standard errors the 95 % interval of a mean of `count` values reaches either way; NaN for one value: it has none."""
    return float(stdtrit(count - 1, HALF)) if count > 1 else float("nan")


def reach(values: np.ndarray) -> np.ndarray:
    """Half the width of the 95 % interval of the mean over the first axis; NaN of a single value.

    Values that are all equal have none by which to doubt: 0.
    """
    count = len(values)
    if count < 2:
        return np.full(values.shape[1:], np.nan)
    return np.asarray(factor(count) * values.std(axis=0, ddof=1) / np.sqrt(count))
