"""What two lived runs say, as plain numbers to be stored: bands by year and month, groups by year, paired differences, who wins.

No person is in it. A group with too few people at the start is left out here, so that nothing stored can give it away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from django.conf import settings

from qinglan.apps.people.queries import hiding
from qinglan.apps.rehearsal.queries.measures import measures_of
from qinglan.core.twin.columns import M
from qinglan.core.twin.gathering import Gathered
from qinglan.core.twin.objectives import by_year
from qinglan.core.twin.outcomes import DIMENSIONS, INDICATORS, Indicator, band, difference, groups
from qinglan.core.twin.starting import Run
from qinglan.core.twin.winners import Lot, lots

MONTHS = 12
DIGITS = 6
CUTS = {"low": 0.05, "first": 0.25, "mid": 0.5, "third": 0.75, "high": 0.95}
# What is told of all lived years together: it adds up from year to year.
ADDED = ("bill", "cost", "training_cost", "voluntary", "recruits", "rises", "promoted")
STREET_DIGITS = 9
WHOLE = "all"
Pair = tuple[Gathered, Gathered]


def outcome(runs: tuple[Run, Run], lived: Pair) -> dict[str, Any]:
    """JSON: `years`, `people` at the start, `replicates`, `same`, `whole` {indicator: {base, other: {cut, mean: [year]}, apart}},
    `total` {indicator: {base, other: mean, apart, low, high}} over all lived years, of what adds up."""
    base, other = lived
    yearly = {one.name: [_yearly(one, got, run) for got, run in _both(runs, lived)] for one in INDICATORS.values()}
    return {
        "years": [runs[0].people.year + 1 + number for number in range(base.months.shape[1] // MONTHS)],
        "people": len(runs[0].people),
        "without_post": runs[0].people.without_post,
        "replicates": len(base.months),
        "same": base.digest == other.digest,
        "whole": {name: _compared(*pair) for name, pair in yearly.items()},
        "total": {name: _total(*(values.sum(axis=1, keepdims=True) for values in yearly[name])) for name in ADDED},
    }  # fmt: skip


def detail(runs: tuple[Run, Run], lived: Pair) -> dict[str, Any]:
    """JSON: `months`, `groups` {way: {group: {measure: {base, other, apart, low, high: [year]}}}}, `hidden` {way: how many}, `winners`."""
    found, hidden = _groups(runs, lived)
    return {
        "months": {one.name: _months(one, runs, lived) for one in INDICATORS.values() if not one.yearly},
        "groups": found,
        "hidden": hidden,
        "winners": _winners(runs[0], lived),
    }


def _both(runs: tuple[Run, Run], lived: Pair) -> list[tuple[Gathered, Run]]:
    return list(zip(lived, runs, strict=True))


def _yearly(one: Indicator, got: Gathered, run: Run) -> np.ndarray:
    """(R, N): months of money and of people coming and going add up to the year, the others are averaged."""
    return one.known(by_year(one, got, run))


def _compared(base: np.ndarray, other: np.ndarray) -> dict[str, Any]:
    apart = difference(base, other)
    unknown = 0 * apart.mean  # a year whose mean is no number has no share above nought either
    return {
        "base": _banded(base),
        "other": _banded(other),
        "apart": {name: _plain(getattr(apart, name) + unknown) for name in ("mean", "low", "high", "above")},
    }


def _total(base: np.ndarray, other: np.ndarray) -> dict[str, float | None]:
    """(R, 1) of both sides: sums over all years."""
    apart = difference(base, other)
    figures = {
        "base": base.mean(axis=0),
        "other": other.mean(axis=0),
        "apart": apart.mean,
        "low": apart.low,
        "high": apart.high,
    }
    return {name: _plain(values)[0] for name, values in figures.items()}


def _banded(values: np.ndarray) -> dict[str, list[float | None]]:
    made = band(values)
    return {name: _plain(made.quantiles[cut]) for name, cut in CUTS.items()} | {"mean": _plain(made.mean)}


def _months(one: Indicator, runs: tuple[Run, Run], lived: Pair) -> dict[str, Any]:
    return {
        name: _banded(one.of(got, run))
        for name, (got, run) in zip(("base", "other"), _both(runs, lived), strict=True)
    }  # fmt: skip


def _plain(values: np.ndarray) -> list[float | None]:
    """Numbers with six digits; what is no number is none."""
    return [float(f"{value:.{DIGITS}g}") if np.isfinite(value) else None for value in values]


# --- groups ---


def _groups(runs: tuple[Run, Run], lived: Pair) -> tuple[dict[str, dict[str, Any]], dict[str, int]]:
    """What may be told of the groups, by year, and how many groups are hidden. A year in which one is too small says nothing."""
    found: dict[str, dict[str, Any]] = {}
    hidden: dict[str, int] = {}
    for dimension in DIMENSIONS:
        sides = [groups(run, got, dimension) for got, run in _both(runs, lived)]
        heads = {name: months[:, :, M.HEADS].mean(axis=0) / MONTHS for name, (months, _) in sides[0].items()}
        names = [
            one for one in _told(dimension, {name: int(line[0]) for name, line in heads.items()}) if one in sides[1]
        ]
        hidden[dimension] = len(heads) - len(names)
        found[dimension] = {name: {} for name in names}
        if not names:
            continue
        stacked = [[np.stack([side[name][part] for name in names]) for part in (0, 1)] for side in sides]
        small = np.stack([heads[name] for name in names]) < settings.LEAST_CELL
        for measure in measures_of(dimension):
            base, other = (np.moveaxis(measure.of(*side).astype(float), 1, 0) for side in stacked)
            apart = difference(base, other)
            figures = {
                "base": base.mean(axis=0), "other": other.mean(axis=0), "apart": apart.mean, "low": apart.low, "high": apart.high
            }  # fmt: skip
            for at, name in enumerate(names):
                found[dimension][name][measure.name] = {
                    key: _plain(np.where(small[at], np.nan, values[at])) for key, values in figures.items()
                }
    return found, hidden


def _told(dimension: str, heads: Mapping[str, int]) -> Sequence[str]:
    """The groups that may be told. Communities are looked at street by street, because a street's sum is told beside them."""
    wholes: dict[str, dict[str, int]] = {}
    for name, count in heads.items():
        wholes.setdefault(name[:STREET_DIGITS] if dimension == "unit" else "", {})[name] = count
    least = settings.LEAST_CELL
    answered = {name: said for whole in wholes.values() for name, said in hiding.told(whole, {}, least).items()}
    return [name for name in heads if answered[name] is not None and heads[name] >= least]


# --- who wins, who loses ---


def _winners(run: Run, lived: Pair) -> dict[str, Any]:
    """{way to group: {group: {people, gain, lose, pay, rises, left by year}}}; groups too small to tell, and counts of a few, are not there."""
    found: dict[str, Any] = {}
    for dimension in (WHOLE, *DIMENSIONS):
        made = lots(run, *lived, dimension)
        told = _told(dimension, {name: lot.people for name, lot in made.items()})
        few = _few(dimension, {name: made[name] for name in told})
        found[dimension] = {name: _lot(made[name], few[name]) for name in told}
    return found


def _few(dimension: str, made: Mapping[str, Lot]) -> dict[str, np.ndarray]:
    """{group: (N,) whether its counts are kept back}: one of them is a few people; or the only other group kept back beside it is."""
    found: dict[str, np.ndarray] = {}
    for name, lot in made.items():
        counts = np.stack([lot.gain, lot.lose, lot.people - lot.gain - lot.lose])
        found[name] = np.any((counts > 0) & (counts < settings.LEAST_CELL), axis=0)
    wholes: dict[str, list[str]] = {}
    for name in sorted(made, key=lambda one: made[one].people):
        wholes.setdefault(name[:STREET_DIGITS] if dimension == "unit" else "", []).append(name)
    for names in wholes.values():
        alone = np.stack([found[name] for name in names]).sum(axis=0) == 1
        for year in np.flatnonzero(alone):
            smallest = next((name for name in names if not found[name][year]), None)
            if smallest is not None:
                found[smallest][year] = True
    return found


def _lot(lot: Lot, few: np.ndarray) -> dict[str, Any]:
    figures: dict[str, Any] = {"people": lot.people}
    for name, values in (("gain", lot.gain), ("lose", lot.lose)):
        figures[name] = [None if hide else int(value) for value, hide in zip(values, few, strict=True)]
    for name in ("pay", "rises", "left"):
        figures[name] = [_plain(side) for side in getattr(lot, name)]
    return figures
