"""The twin's own exp and log: as near as numpy's, and the same bytes whatever the CPU offers the C library."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest

from qinglan.core.twin import maths

POOR = "glibc.cpu.hwcaps=-FMA,-AVX2,-FMA4,-AVX512F"
PRINT_DIGEST = "from tests.unit.core.twin.test_maths import digest; print(digest())"


def each(kind: int, values: np.ndarray) -> np.ndarray:
    out = np.empty_like(values)
    maths.each(kind, values, out)
    return out


def digest() -> str:
    x = np.linspace(-40, 40, 40_001)
    made = hashlib.sha256()
    for kind, values in ((0, x), (1, np.abs(x) + 1e-9), (2, x), (3, x), (4, np.abs(x))):
        made.update(each(kind, values).tobytes())
    return made.hexdigest()


REFERENCE: tuple[tuple[int, np.ndarray, Callable], ...] = (
    (0, np.linspace(-690, 690, 100_001), np.exp),
    (1, np.exp(np.linspace(-690, 690, 100_001)), np.log),
    (1, 1 + np.linspace(-1e-2, 1e-2, 100_001), np.log),
    (2, np.linspace(-30, 30, 100_001), lambda x: 1 / (1 + np.exp(-x))),
    (3, np.linspace(-30, 30, 100_001), lambda x: -np.expm1(-np.logaddexp(0, x) / 12)),
    (4, np.exp(np.linspace(-30, 30, 100_001)), np.log1p),
)


@pytest.mark.parametrize(("kind", "values", "reference"), REFERENCE)
def test_relative_error(kind: int, values: np.ndarray, reference: Callable) -> None:
    truth = reference(values)
    some = truth != 0
    assert np.abs(each(kind, values)[some] / truth[some] - 1).max() < 1e-13
    assert (each(kind, values)[~some] == 0).all()


def test_a_monthly_chance_twelve_times_is_the_yearly_one() -> None:
    logit = np.log(0.12 / 0.88)
    assert 1 - (1 - maths.monthly(logit)) ** 12 == pytest.approx(0.12, rel=1e-12)


def test_far_out_numbers_stay_finite() -> None:
    far = np.array([-1e9, 1e9, -700.0, 700.0, 0.0])
    for kind in (0, 2, 3):
        assert np.isfinite(each(kind, far)).all()


def test_the_same_bytes_on_a_poorer_cpu() -> None:
    """A C library that may not use FMA or AVX gives numpy other last digits; ours stay."""
    env = {**os.environ, "GLIBC_TUNABLES": POOR, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", PRINT_DIGEST], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == digest()
