"""The best mix within a budget: levers searched by Optuna for retention against cost, under limits; every point is a scenario.

Levers are behavioural parameters that somebody decides, and values of the pack, moved as a multiple of what they are. Every point is
lived with the luck of the baseline and anchored on it, so that small gains are seen. Points are asked and answered in batches of one
fixed size, told in the order in which they were asked: the search is the same with any number of workers. Quotas of ranks, stars and
rises are the pack's own and are kept by the rules in every point.
"""

import logging
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

import numpy as np
import optuna
import yaml

from qinglan.core.packs.errors import PackError
from qinglan.core.packs.located import parse
from qinglan.core.twin.chance import reach
from qinglan.core.twin.objectives import measured
from qinglan.core.twin.outcomes import INDICATORS
from qinglan.core.twin.parameters import ParameterError, catalogue
from qinglan.core.twin.scenario import Scenario, ScenarioError
from qinglan.core.twin.working import Each, here

RETENTION, COST = "stability", ("cost", "training_cost")
SHOWN = ("stability", "cost", "training_cost", "bill", "heads", "voluntary", "ability", "residents")
BATCH = 8  # how many points are asked before any of them is answered: part of the search, not of the machine
DIGITS = 4
TIMES_LOW, TIMES_HIGH = 0.1, 10.0


@dataclass(frozen=True)
class Lever:
    """What is moved. A parameter: between `low` and `high` in its unit; a value of the pack (`item`): as a multiple of `now`."""

    name: str
    label: str
    unit: str
    low: float
    high: float
    item: bool = False
    now: float = 1.0


@dataclass(frozen=True)
class Limit:
    """A bound on the mean of the lived years: money in yuan, shares as fractions. `at_most` False: at least."""

    outcome: str
    value: float
    at_most: bool = True

    def excess(self, value: float) -> float:
        """How far beyond the bound, as a share of it; not above 0 when it is kept."""
        apart = value - self.value if self.at_most else self.value - value
        return apart / max(abs(self.value), 1e-9)


@dataclass(frozen=True)
class Point:
    """One mix. `values` {outcome: mean}, `apart` {outcome: (mean, low, high) of point − baseline}; `broken`: limits not kept."""

    number: int
    levers: dict[str, float]
    values: dict[str, float]
    apart: dict[str, tuple[float, float, float]]
    broken: list[str]

    @property
    def cost(self) -> float:
        return sum(self.values[name] for name in COST)


@dataclass(frozen=True)
class Search:
    """`front`: numbers of the points that no other beats in both, cheapest first. `refused`: mixes that the pack does not take."""

    levers: list[Lever]
    limits: list[Limit]
    baseline: Point
    points: list[Point]
    front: list[int]
    refused: int
    trials: int


class LeverError(ValueError):
    """What is wrong with what should be moved. `problems` are sentences for people."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def lever_of(base: Scenario, name: str, low: float, high: float) -> Lever:
    """The lever of a parameter's name or of a pack item's id. Raises LeverError."""
    known = catalogue().get(name)
    if known is not None:
        if not known.low <= low < high <= known.high:
            raise LeverError(
                [
                    f"「{known.label}」要从小到大、在 {known.low:g} 到 {known.high:g} {known.unit}之间，写的是 {low:g} 到 {high:g}。"
                ]
            )
        return Lever(name, known.label, known.unit, low, high, now=dict(base.parameters).get(name, known.default))
    entry = base.base_pack().entries.get(name)
    if entry is None:
        raise LeverError([f"没有「{name}」这个参数，政策包里也没有这一项；参数见 qinglan twin parameters。"])
    label = entry.item.label
    if not _numbers(written(base, name)):
        raise LeverError([f"「{label}」里没有可以按倍数增减的数，不能用来寻优。"])
    if not TIMES_LOW <= low < high <= TIMES_HIGH:
        raise LeverError(
            [
                f"「{label}」按现值的倍数试，要从小到大、在 {TIMES_LOW:g} 到 {TIMES_HIGH:g} 倍之间，写的是 {low:g} 到 {high:g}。"
            ]
        )
    return Lever(name, label, "现值的倍数", low, high, True)


def written(base: Scenario, item: str) -> Any:
    """The item's value at the end of the recorded year as its pack's file has it, without sources; None when the pack has none."""
    entry = base.base_pack().entries.get(item)
    dated = entry.on(date(base.year, 12, 31)) if entry else None
    if dated is None:
        return None
    for name, text in base.pack:
        if not name.startswith(f"{dated.pack}/") or name.endswith("/pack.yaml") or item not in text:
            continue
        found = parse(text.encode(), name).data.get(item)
        for one in found.get("values", ()) if isinstance(found, dict) else ():
            if one.get("since") == dated.since.isoformat():
                return _plain(one.get("value"))
    return None


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        if "value" in value and set(value) <= {"value", "source", "setting"}:
            return _plain(value["value"])
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value


def _number(text: Any) -> tuple[Decimal, str] | None:
    """A number as it is written and what stands behind it (%, or nothing)."""
    raw = str(text).strip() if isinstance(text, str | int | float) and not isinstance(text, bool) else ""
    mark = "%" if raw.endswith("%") else ""
    try:
        return Decimal(raw.removesuffix("%")), mark
    except InvalidOperation:
        return None


def _numbers(value: Any) -> bool:
    """Whether it is a number, or a table whose every value is one: a row of a larger table has keys among its numbers."""
    if isinstance(value, dict):
        return bool(value) and all(_number(one) is not None for one in value.values())
    return _number(value) is not None


def _times(value: Any, factor: float) -> Any:
    if isinstance(value, dict):
        return {key: _times(one, factor) for key, one in value.items()}
    found = _number(value)
    assert found is not None
    number, mark = found
    places = Decimal(1).scaleb(min(int(number.as_tuple().exponent), -2 if mark else 0))
    made = (number * Decimal(str(factor))).quantize(places, ROUND_HALF_UP)
    return f"{made.normalize():f}{mark}"


def tried(base: Scenario, lever: Lever, factor: float) -> Any:
    """The pack's value multiplied, as a pack writes it."""
    return _times(written(base, lever.name), factor)


def scenario_of(base: Scenario, levers: Sequence[Lever], mix: Mapping[str, float]) -> Scenario:
    """The scenario of a mix: parameters set, values of the pack multiplied from the first lived year on."""
    parameters = dict(base.parameters)
    diff: dict[str, Any] = yaml.safe_load(base.diff) if base.diff.strip() else {}
    for lever in levers:
        if lever.item:
            value = tried(base, lever, mix[lever.name])
            diff[lever.name] = {"values": [{"since": f"{base.year + 1}-01-01", "setting": "试算", "value": value}]}
        else:
            parameters[lever.name] = mix[lever.name]
    text = yaml.safe_dump(diff, allow_unicode=True, sort_keys=True) if diff else ""
    return base.with_(parameters=tuple(sorted(parameters.items())), diff=text)


def search(
    base: Scenario,
    levers: Sequence[Lever],
    limits: Sequence[Limit],
    *,
    trials: int = 64,
    seed: int = 1,
    each: Each | None = None,
) -> Iterator[tuple[int, int, Search]]:
    """(points lived, all points, what is known so far) after every batch. The last is the answer.

    Raises LeverError without a lever or with an unknown outcome; NotInForce, ParameterError, TwinError.
    """
    unknown = [one.outcome for one in limits if one.outcome not in INDICATORS]
    if not levers or unknown:
        raise LeverError([f"没有指标「{'、'.join(unknown)}」。" if unknown else "没有选要动的做法；至少选一项。"])
    names = tuple(dict.fromkeys((*SHOWN, *(one.outcome for one in limits))))
    each = each or here()
    before = measured(base, names)
    found = Search(
        list(levers), list(limits), _point(-1, _now(levers), names, before, before, limits), [], [], 0, trials
    )
    study = _study(seed)
    space: dict[str, optuna.distributions.BaseDistribution] = {
        one.name: optuna.distributions.FloatDistribution(one.low, one.high) for one in levers
    }
    while found.refused + len(found.points) < trials:
        count = min(BATCH, trials - found.refused - len(found.points))
        asked = [study.ask(space) for _ in range(count)]
        mixes = [{name: _rounded(value) for name, value in trial.params.items()} for trial in asked]
        answers: dict[int, np.ndarray | None] = {}
        for at, values in each(_valued, [(base, tuple(levers), mix, names) for mix in mixes]):
            answers[at] = values
        points, refused = list(found.points), found.refused
        for at, (trial, mix) in enumerate(zip(asked, mixes, strict=True)):
            values = answers[at]
            if values is None:
                refused += 1
                study.tell(trial, state=optuna.trial.TrialState.FAIL)
                continue
            point = _point(trial.number + 1, mix, names, values, before, limits)
            points.append(point)
            for limit in limits:
                trial.set_constraint(_called(limit), limit.excess(point.values[limit.outcome]))
            study.tell(trial, [point.values[RETENTION], point.cost])
        found = replace(found, points=points, front=_front(points), refused=refused)
        yield refused + len(points), trials, found


def _called(limit: Limit) -> str:
    return f"{limit.outcome} {'<=' if limit.at_most else '>='} {limit.value!r}"


def _now(levers: Sequence[Lever]) -> dict[str, float]:
    return {one.name: one.now for one in levers}


def _study(seed: int) -> optuna.Study:
    logging.getLogger("optuna").setLevel(logging.WARNING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        sampler = optuna.samplers.TPESampler(seed=seed, multivariate=True, n_startup_trials=2 * BATCH)
    return optuna.create_study(directions=["maximize", "minimize"], sampler=sampler)


def _rounded(value: float) -> float:
    """Four digits: a point is what is read on the page, no more."""
    return float(f"{value:.{DIGITS}g}")


def _valued(item: tuple[Scenario, tuple[Lever, ...], dict[str, float], tuple[str, ...]]) -> np.ndarray | None:
    """(outcomes, R) of a mix; None when the pack or the parameters refuse it."""
    base, levers, mix, names = item
    try:
        return measured(scenario_of(base, levers, mix), names, base)
    except (PackError, ParameterError, ScenarioError):
        return None


def _point(
    number: int, mix: dict[str, float], names: Sequence[str], values: np.ndarray, before: np.ndarray, limits: Sequence[Limit]
) -> Point:  # fmt: skip
    means = {name: float(values[at].mean()) for at, name in enumerate(names)}
    apart = {}
    for at, name in enumerate(names):
        differences = values[at] - before[at]
        half = float(reach(differences)) if len(differences) > 1 else 0.0
        mean = float(differences.mean())
        apart[name] = (mean, mean - half, mean + half)
    broken = [_called(limit) for limit in limits if limit.excess(means[limit.outcome]) > 0]
    return Point(number, mix, means, apart, broken)


def _front(points: Collection[Point]) -> list[int]:
    """Of those that keep every limit, the ones that no other beats: dearer must keep more people."""
    front: list[int] = []
    best = -np.inf
    for one in sorted(
        (one for one in points if not one.broken), key=lambda one: (one.cost, -one.values[RETENTION], one.number)
    ):
        if one.values[RETENTION] > best:
            front.append(one.number)
            best = one.values[RETENTION]
    return front
