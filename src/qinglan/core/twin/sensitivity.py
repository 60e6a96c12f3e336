"""Which assumption matters: Morris' screening of behavioural parameters by SALib, with seeds fixed.

Each parameter is moved within part of its stated range, one at a time along random paths, all else as the path has it. Its effect is
the change of an outcome when it goes from one end of its tested range to the other: mu signed, mu_star without sign (the rank), sigma
how much it hangs on the others. All points share the twin's luck person by person, so that what differs is the assumption. With a
candidate the outcome is candidate − baseline: which assumption the conclusion hangs on.
"""

import contextlib
from collections.abc import Collection, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from SALib.analyze import morris as analysis
from SALib.sample import morris as sampling

from qinglan.core.twin.objectives import measured
from qinglan.core.twin.outcomes import INDICATORS
from qinglan.core.twin.parameters import Parameter, catalogue
from qinglan.core.twin.scenario import Scenario
from qinglan.core.twin.working import Each, here

LEVELS = 4
RESAMPLES = 1000
SWITCHES = ("leaders_within", "market_wage")  # either or; 0 for the pack's own average: nothing between
MOST_POINTS = 5000
# (baseline, candidate, outcomes, parameters moved)
Item = tuple[Scenario, Scenario | None, tuple[str, ...], tuple[tuple[str, float], ...]]


@dataclass(frozen=True)
class Effect:
    """One parameter's effect on one outcome over the tested range, in the outcome's unit; `conf`: half the 95 % interval of mu_star."""

    name: str
    mu: float
    mu_star: float
    conf: float
    sigma: float


@dataclass(frozen=True)
class Factor:
    """A parameter and the range in which it was moved."""

    name: str
    label: str
    unit: str
    value: float
    low: float
    high: float
    basis: str


@dataclass(frozen=True)
class Sensitivity:
    """`effects` {outcome: effects, the strongest first}; `middle` {outcome: its value with all parameters as the scenario has them}."""

    factors: list[Factor]
    effects: dict[str, list[Effect]]
    middle: dict[str, float]
    trajectories: int
    points: int
    compared: bool


def factors(base: Scenario, groups: Collection[str], spread: float, without: Collection[str] = ()) -> list[Factor]:
    """The parameters of these groups (labels) or names; `spread` 0–1: which part of the way to the ends of its range each goes."""
    given = dict(base.parameters)
    return [
        _factor(one, given.get(one.name, one.default), spread)
        for one in catalogue().values()
        if (one.group in groups or one.name in groups)
        and one.name not in without
        and one.name not in SWITCHES
        and one.low < one.high
    ]


def _factor(one: Parameter, value: float, spread: float) -> Factor:
    low, high = value - spread * (value - one.low), value + spread * (one.high - value)
    return Factor(one.name, one.label, one.unit, value, low, high, one.basis)


def points_of(count: int, trajectories: int, compared: bool) -> int:
    """How many scenarios are lived."""
    return trajectories * (count + 1) * (2 if compared else 1)


def problem_of(moved: Sequence[Factor], outcomes: Sequence[str]) -> dict[str, Any]:
    """What SALib calls the problem: the parameters and their ranges. ValueError without a parameter or an outcome."""
    if not moved or not outcomes or set(outcomes) - set(INDICATORS):
        raise ValueError("没有选参数，或没有选看什么；各选至少一项。")
    return {
        "num_vars": len(moved), "names": [one.name for one in moved], "bounds": [[one.low, one.high] for one in moved],
    }  # fmt: skip


def lived(items: Sequence[Item], each: Each | None) -> Generator[tuple[int, int, None], None, np.ndarray]:
    """Yields (points lived, all points, None) after each but the last; returns the outcomes (points, outcomes asked for)."""
    values = np.zeros((len(items), len(items[0][2])))
    for done, (at, value) in enumerate((each or here())(valued, items), start=1):
        values[at] = value
        if done < len(items):
            yield done, len(items), None
    return values


def morris(
    base: Scenario,
    moved: Sequence[Factor],
    outcomes: Sequence[str],
    *,
    candidate: Scenario | None = None,
    trajectories: int = 10,
    seed: int = 1,
    each: Each | None = None,
) -> Iterator[tuple[int, int, Sensitivity | None]]:
    """(points lived, all points, None); at the last the effects. Deterministic: the same seeds give the same numbers, whoever works.

    Raises NotInForce, PackError, ParameterError, TwinError; ValueError without a parameter or an outcome.
    """
    problem = problem_of(moved, outcomes)
    with numpys_own_seed(seed):
        table = sampling.sample(problem, trajectories, num_levels=LEVELS, seed=seed)
    names = tuple(outcomes)
    items: list[Item] = [(base, candidate, names, ())]
    items += [(base, candidate, names, tuple(zip(problem["names"], map(float, row), strict=True))) for row in table]
    values = yield from lived(items, each)
    effects = {name: _effects(problem, table, values[1:, at], seed) for at, name in enumerate(names)}
    middle = {name: float(values[0, at]) for at, name in enumerate(names)}
    yield len(items), len(items), Sensitivity(
        list(moved), effects, middle, trajectories, len(items), candidate is not None
    )  # fmt: skip


@contextlib.contextmanager
def numpys_own_seed(seed: int) -> Iterator[None]:
    """Parts of SALib draw from numpy's global state: it is set, and put back after."""
    state = np.random.get_state()
    np.random.seed(seed % (1 << 32))
    try:
        yield
    finally:
        np.random.set_state(state)


def valued(item: Item) -> np.ndarray:
    """(outcomes,) mean over replicates of the baseline under these parameters; with a candidate, of candidate − baseline."""
    base, candidate, names, moved = item
    ours = _under(base, moved)
    found = measured(ours, names)
    if candidate is not None:
        found = measured(_under(candidate, moved), names, ours) - found
    return found.mean(axis=1)


def _under(scenario: Scenario, moved: Sequence[tuple[str, float]]) -> Scenario:
    """Values kept within what the parameters may be: arithmetic on the ends of a range leaves it by a last digit."""
    known = catalogue()
    kept = {name: min(max(value, known[name].low), known[name].high) for name, value in moved}
    return scenario.with_(parameters=tuple(sorted((dict(scenario.parameters) | kept).items())))


def _effects(problem: dict, table: np.ndarray, values: np.ndarray, seed: int) -> list[Effect]:
    with numpys_own_seed(seed):
        found = analysis.analyze(
            problem, table, values, num_levels=LEVELS, num_resamples=RESAMPLES, seed=seed, print_to_console=False
        )
    columns = (found[name] for name in ("mu", "mu_star", "mu_star_conf", "sigma"))
    made = [
        Effect(name, *(float(value) if np.isfinite(value) else 0.0 for value in row))
        for name, *row in zip(problem["names"], *columns, strict=True)
    ]
    return sorted(made, key=lambda one: (-one.mu_star, one.name))
