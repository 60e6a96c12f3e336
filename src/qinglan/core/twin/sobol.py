"""How much of an outcome's scatter each assumption makes: Sobol's indices by SALib, for the few that Morris' screening puts first.

All of them are moved at once over the same ranges. Of the variance that this gives the outcome, the first-order index is the part that
would be gone if this parameter alone were known, the total index the part that would stay if all others were; total minus first is what
it does together with others. Intervals are SALib's, by resampling. All points share the twin's luck, so that the scatter is the assumptions' alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from SALib.analyze import sobol as analysis
from SALib.sample import sobol as sampling

from qinglan.core.twin.scenario import Scenario
from qinglan.core.twin.sensitivity import RESAMPLES, Factor, Item, Sensitivity, lived, numpys_own_seed, problem_of
from qinglan.core.twin.working import Each

SAMPLES = (16, 32, 64, 128, 256, 512, 1024)  # powers of two: only then does a Sobol sequence fill the box evenly
STRONGEST = 4


@dataclass(frozen=True)
class Share:
    """One parameter's part of one outcome's variance, 0–1 but for sampling; `…_conf`: half the 95 % intervals."""

    name: str
    first: float
    first_conf: float
    total: float
    total_conf: float


@dataclass(frozen=True)
class Variances:
    """`shares` {outcome: shares, the largest total first}; `scatter` {outcome: its standard deviation over the points}."""

    factors: list[Factor]
    shares: dict[str, list[Share]]
    scatter: dict[str, float]
    samples: int
    points: int
    compared: bool


def strongest(found: Sensitivity, many: int = STRONGEST) -> list[Factor]:
    """The parameters that Morris puts first: the greatest sum over the outcomes of mu_star beside the outcome's largest."""
    weight = dict.fromkeys([one.name for one in found.factors], 0.0)
    for effects in found.effects.values():
        most = max((one.mu_star for one in effects), default=0.0)
        for one in effects:
            weight[one.name] += one.mu_star / most if most > 0 else 0.0
    return sorted(found.factors, key=lambda one: (-weight[one.name], one.name))[:many]


def points_of(count: int, samples: int, compared: bool) -> int:
    """How many scenarios are lived."""
    return samples * (count + 2) * (2 if compared else 1)


def sobol(
    base: Scenario,
    moved: Sequence[Factor],
    outcomes: Sequence[str],
    *,
    candidate: Scenario | None = None,
    samples: int = 64,
    seed: int = 1,
    each: Each | None = None,
) -> Iterator[tuple[int, int, Variances | None]]:
    """(points lived, all points, None); at the last the shares. Deterministic: the same seeds give the same numbers, whoever works.

    Raises NotInForce, PackError, ParameterError, TwinError; ValueError without a parameter or an outcome, or for other than SAMPLES.
    """
    problem = problem_of(moved, outcomes)
    if samples not in SAMPLES:
        raise ValueError(f"样本数须是 {'、'.join(map(str, SAMPLES))} 之一，给的是 {samples}。")
    with numpys_own_seed(seed):
        table = sampling.sample(problem, samples, calc_second_order=False, seed=seed)
    names = tuple(outcomes)
    items: list[Item] = [
        (base, candidate, names, tuple(zip(problem["names"], map(float, row), strict=True))) for row in table
    ]
    values = yield from lived(items, each)
    shares = {name: _shares(problem, values[:, at], seed) for at, name in enumerate(names)}
    scatter = {name: float(values[:, at].std()) for at, name in enumerate(names)}
    yield len(items), len(items), Variances(list(moved), shares, scatter, samples, len(items), candidate is not None)


def _shares(problem: dict, values: np.ndarray, seed: int) -> list[Share]:
    if np.ptp(values) == 0:  # nothing to share out
        return [Share(name, 0.0, 0.0, 0.0, 0.0) for name in problem["names"]]
    with numpys_own_seed(seed), np.errstate(all="ignore"):  # a resample may be all one value
        found = analysis.analyze(
            problem, values, calc_second_order=False, num_resamples=RESAMPLES, seed=seed, print_to_console=False
        )
    columns = (found[name] for name in ("S1", "S1_conf", "ST", "ST_conf"))
    made = [
        Share(name, *(float(value) if np.isfinite(value) else 0.0 for value in row))
        for name, *row in zip(problem["names"], *columns, strict=True)
    ]
    return sorted(made, key=lambda one: (-one.total, one.name))
