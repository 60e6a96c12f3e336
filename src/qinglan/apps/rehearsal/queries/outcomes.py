"""What two lived runs say, as plain numbers to be stored: bands by year and month, groups in the last year, paired differences.

No person is in it. A group with too few people at the start is left out here, so that nothing stored can give it away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from django.conf import settings

from qinglan.apps.people.queries import hiding
from qinglan.core.twin.columns import M
from qinglan.core.twin.ensemble import Gathered
from qinglan.core.twin.outcomes import (
    DIMENSIONS,
    GROUP_MEASURES,
    INDICATORS,
    Indicator,
    band,
    by_group,
    difference,
    groups,
)
from qinglan.core.twin.starting import Run

MONTHS = 12
DIGITS = 6
LOW, MIDDLE, HIGH = 0.05, 0.5, 0.95
STREET_DIGITS = 9


def outcome(runs: tuple[Run, Run], lived: tuple[Gathered, Gathered]) -> dict[str, Any]:
    """JSON: `years`, `people` at the start, `replicates`, `same`, `whole`, `months`, `groups`, `hidden` (ways to group → how many)."""
    base, other = lived
    found, hidden = _groups(runs, lived)
    return {
        "years": [runs[0].people.year + 1 + number for number in range(base.months.shape[1] // MONTHS)],
        "people": len(runs[0].people),
        "without_post": runs[0].people.without_post,
        "replicates": len(base.months),
        "same": base.digest == other.digest,
        "whole": {one.name: _compared(*(_yearly(one, got, run) for got, run in _both(runs, lived))) for one in INDICATORS.values()},
        "months": {one.name: _months(one, runs, lived) for one in INDICATORS.values() if not one.yearly},
        "groups": found,
        "hidden": hidden,
    }  # fmt: skip


def _both(runs: tuple[Run, Run], lived: tuple[Gathered, Gathered]) -> list[tuple[Gathered, Run]]:
    return list(zip(lived, runs, strict=True))


def _yearly(one: Indicator, got: Gathered, run: Run) -> np.ndarray:
    """(R, N): months of money and of people coming and going add up to the year, the others are averaged."""
    values = one.of(got, run)
    if one.yearly:
        return values
    months = values.reshape(len(values), -1, MONTHS)
    return months.sum(axis=2) if one.flow else months.mean(axis=2)


def _compared(base: np.ndarray, other: np.ndarray) -> dict[str, Any]:
    apart = difference(base, other)
    return {
        "base": _banded(base),
        "other": _banded(other),
        "apart": {name: _plain(getattr(apart, name)) for name in ("mean", "low", "high", "above")},
    }


def _banded(values: np.ndarray) -> dict[str, list[float | None]]:
    made = band(values)
    return {"low": _plain(made.quantiles[LOW]), "mid": _plain(made.quantiles[MIDDLE]), "high": _plain(made.quantiles[HIGH])}  # fmt: skip


def _months(one: Indicator, runs: tuple[Run, Run], lived: tuple[Gathered, Gathered]) -> dict[str, Any]:
    return {
        name: _banded(one.of(got, run))
        for name, (got, run) in zip(("base", "other"), _both(runs, lived), strict=True)
    }  # fmt: skip


def _plain(values: np.ndarray) -> list[float | None]:
    """Numbers with six digits; what is no number is none."""
    return [float(f"{value:.{DIGITS}g}") if np.isfinite(value) else None for value in values]


def _groups(
    runs: tuple[Run, Run], lived: tuple[Gathered, Gathered]
) -> tuple[dict[str, dict[str, Any]], dict[str, int]]:
    """{way to group: {group: {measure: [base, other, difference, low, high] of the last year}}}, and how many groups are hidden."""
    found: dict[str, dict[str, Any]] = {}
    hidden: dict[str, int] = {}
    for dimension in DIMENSIONS:
        heads = {
            name: int(months[:, 0, M.HEADS].mean() // MONTHS)
            for name, (months, _) in groups(runs[0], lived[0], dimension).items()
        }
        told = _told(dimension, heads)
        hidden[dimension] = len(heads) - len(told)
        found[dimension] = {name: {} for name in told}
        for measure in GROUP_MEASURES:
            base, other = (by_group(run, got, dimension, measure) for got, run in _both(runs, lived))
            for name in told:
                if name in other:
                    found[dimension][name][measure] = _last(base[name], other[name])
    return found, hidden


def _told(dimension: str, heads: Mapping[str, int]) -> Sequence[str]:
    """The groups that may be told. Communities are looked at street by street, because a street's sum is told beside them."""
    wholes: dict[str, dict[str, int]] = {}
    for name, count in heads.items():
        wholes.setdefault(name[:STREET_DIGITS] if dimension == "unit" else "", {})[name] = count
    least = settings.LEAST_CELL
    answered = {name: said for whole in wholes.values() for name, said in hiding.told(whole, {}, least).items()}
    return [name for name in heads if answered[name] is not None and heads[name] >= least]


def _last(base: np.ndarray, other: np.ndarray) -> list[float | None]:
    apart = difference(base, other)
    last = [base.mean(axis=0), other.mean(axis=0), apart.mean, apart.low, apart.high]
    return _plain(np.array([values[-1] for values in last]))
