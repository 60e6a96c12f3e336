"""exp, log and what is built of them by + − × ÷ alone, without fused operations: the same bytes on every CPU.

The C library picks other code for other CPUs, and its last bits differ; a run resumed on another machine would then differ too.
Doubles throughout; relative errors are below 1e-14 (tests hold them against numpy).
"""

import numpy as np

from qinglan.core.twin.compiling import compiled

LOG2_E = 1.4426950408889634
LN2_HIGH = 6.93147180369123816490e-01  # 32 bits of ln 2, so that k × it is exact
LN2_LOW = 1.90821492927058770002e-10
LIMIT = 700.0
ROOT_HALF = 0.7071067811865476


@compiled
def exp(x):
    """e to the power x, for x held within ±700."""
    x = min(max(x, -LIMIT), LIMIT)
    k = np.floor(x * LOG2_E + 0.5)
    r = (x - k * LN2_HIGH) - k * LN2_LOW
    p = 1.0 / 479001600.0
    p = p * r + 1.0 / 39916800.0
    p = p * r + 1.0 / 3628800.0
    p = p * r + 1.0 / 362880.0
    p = p * r + 1.0 / 40320.0
    p = p * r + 1.0 / 5040.0
    p = p * r + 1.0 / 720.0
    p = p * r + 1.0 / 120.0
    p = p * r + 1.0 / 24.0
    p = p * r + 1.0 / 6.0
    p = p * r + 0.5
    p = p * r + 1.0
    p = p * r + 1.0
    return p * np.int64((np.int64(k) + 1023) << 52).view(np.float64)


@compiled
def series(s):
    """log((1 + s) / (1 − s)) for |s| up to 0.1716."""
    z = s * s
    p = 1.0 / 21.0
    p = p * z + 1.0 / 19.0
    p = p * z + 1.0 / 17.0
    p = p * z + 1.0 / 15.0
    p = p * z + 1.0 / 13.0
    p = p * z + 1.0 / 11.0
    p = p * z + 1.0 / 9.0
    p = p * z + 1.0 / 7.0
    p = p * z + 0.2
    p = p * z + 1.0 / 3.0
    return 2.0 * s + 2.0 * s * z * p


@compiled
def log(x):
    """The natural logarithm of a normal positive number."""
    bits = np.float64(x).view(np.int64)
    k = (bits >> 52) - 1022
    m = np.int64((bits & 0x000FFFFFFFFFFFFF) | 0x3FE0000000000000).view(np.float64)  # in [0.5, 1)
    if m < ROOT_HALF:
        m = m * 2.0
        k -= 1
    e = np.float64(k)
    return e * LN2_HIGH + (e * LN2_LOW + series((m - 1.0) / (m + 1.0)))


@compiled
def log1p(y):
    """log(1 + y) for y ≥ 0, exact also where y is small."""
    if y < 0.4:
        return series(y / (2.0 + y))
    return log(1.0 + y)


@compiled
def logistic(x):
    """1 / (1 + e^−x)."""
    return 1.0 / (1.0 + exp(-x))


@compiled
def monthly(logit):
    """The monthly probability whose twelve-fold repetition is the yearly probability of this logit: 1 − (1 − p)^(1/12)."""
    y = log1p(exp(min(logit, 600.0))) / 12.0
    if y < 0.01:  # 1 − e^−y would lose the small ones
        return y * (1.0 - y / 2.0 * (1.0 - y / 3.0 * (1.0 - y / 4.0 * (1.0 - y / 5.0 * (1.0 - y / 6.0)))))
    return 1.0 - exp(-y)


@compiled
def each(kind, values, out):
    """out = a function of values, one by one: 0 exp, 1 log, 2 logistic, 3 monthly, 4 log1p. For tests and tables."""
    for index in range(values.shape[0]):
        x = values[index]
        if kind == 0:
            out[index] = exp(x)
        elif kind == 1:
            out[index] = log(x)
        elif kind == 2:
            out[index] = logistic(x)
        elif kind == 3:
            out[index] = monthly(x)
        else:
            out[index] = log1p(x)
