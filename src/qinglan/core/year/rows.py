"""A computed year as the rows that are stored: numbers in the order of the columns that a run names (ADR 0007)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from qinglan.core.frame.missing import MISSING
from qinglan.core.year.computing import Year, year_sum

SUMMARY = {"tier": "tier", "score": "composite", "grade": "grade", "star": "star", "ladder_grade": "ladder_grade_now"}
SUMS = {"gross": "gross_pay", "net": "net_pay", "tax": "tax_due"}
UNIT_SUMMARY = {"score": "unit_composite", "colour": "colour"}


class PersonRow(NamedTuple):
    """`months`: twelve times the month's steps; `segments`: the rows of the segments' steps one after another; `figures`: SUMMARY, SUMS."""

    person: int
    place: str
    frame: list[int]
    steps: list[int]
    months: list[int]
    segments: list[int]
    figures: dict[str, int | None]


class UnitRow(NamedTuple):
    """`figures`: UNIT_SUMMARY."""

    place: str
    frame: list[int]
    steps: list[int]
    figures: dict[str, int | None]


def person_rows(year: Year, frame_columns: Sequence[str]) -> Iterator[PersonRow]:
    """One row a person of the frame, in its order. KeyError when the frame has a column no more."""
    count = len(year.frame)
    frame = matrix([year.frame.columns[name] for name in frame_columns], count)
    steps = matrix([a for part in (year.person, year.pay_year) for f in part.values() for a in f.values()], count)
    month_columns = [array for family in year.months.values() for array in family.values()]
    months = np.concatenate([matrix([array[month] for array in month_columns], count) for month in range(12)], axis=1)
    segment_columns = [array for family in year.segments.values() for array in family.values()]
    owner = next(iter(year.segments.values()))["segment_person"] if year.segments else np.empty(0, np.int64)
    segments = matrix(segment_columns, len(owner))
    bounds = np.searchsorted(owner, np.arange(count + 1))
    figures = {name: year.step(step) for name, step in SUMMARY.items()}
    figures |= {name: year_sum(year.pay.months[column]) for name, column in SUMS.items()}
    for row in range(count):
        yield PersonRow(
            int(year.frame.people[row]), year.frame.organisations[row], frame[row].tolist(), steps[row].tolist(),
            months[row].tolist(), segments[bounds[row] : bounds[row + 1]].ravel().tolist(), _known(figures, row),
        )  # fmt: skip


def unit_rows(year: Year, frame_columns: Sequence[str]) -> Iterator[UnitRow]:
    """One row a unit, in the order of their codes."""
    count = len(year.units.organisations)
    frame = matrix([year.units.columns[name] for name in frame_columns], count)
    flat = {name: array for family in year.unit.values() for name, array in family.items()}
    steps = matrix(list(flat.values()), count)
    figures = {name: flat[step] for name, step in UNIT_SUMMARY.items()}
    for row, place in enumerate(year.units.organisations):
        yield UnitRow(place, frame[row].tolist(), steps[row].tolist(), _known(figures, row))


def _known(figures: Mapping[str, np.ndarray], row: int) -> dict[str, int | None]:
    return {name: None if column[row] <= MISSING else int(column[row]) for name, column in figures.items()}


def matrix(columns: list[np.ndarray], rows: int) -> np.ndarray:
    """The columns side by side: (rows, columns), also when there are none."""
    return np.stack(columns, axis=1) if columns else np.empty((rows, 0), np.int64)
