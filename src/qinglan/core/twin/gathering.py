"""What is kept of lived years: whole numbers by month, by community, by group, replicate beside replicate. No person is kept.

Sums of whole numbers do not depend on the order of adding, so tasks may be cut and joined in any way.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np

from qinglan.core.frame.codes import ExitReason
from qinglan.core.packs.pack import PackOnDate
from qinglan.core.rules.families import compute
from qinglan.core.rules.unit_outcomes import STABILITY_FAMILY
from qinglan.core.twin.columns import CELLS, MEASURES, POSTS
from qinglan.core.twin.population import UNIT_CODE
from qinglan.core.twin.starting import Run
from qinglan.core.twin.units import EXITS
from qinglan.core.twin.year import Lived


class Yearly(NamedTuple):
    """What the year's rules and pay say of a group, beside the months' measures. Money in fen."""

    GROSS: int
    COST: int  # what the employer pays in all
    PAID: int  # person-months paid
    UNKNOWN: int  # person-months in which the pack does not say an amount
    GRADED: int
    EXCELLENT: int
    RISES: int
    CERTIFIED: int


Y = Yearly(*range(len(Yearly._fields)))
YEARLIES = len(Y)


@dataclass(frozen=True)
class Gathered:
    """Results of replicates (R) over months (T) and years (N). All int64.

    `months` (R, T, MEASURES), `bill` and `cost` (R, T) fen. `unit` (R, N, units, MEASURES), `cell`, `post` likewise; `unit_year`
    (R, N, units, YEARLIES) and so on. `stability` (R, N) and `unit_stability` (R, N, units) in hundredths of a percent;
    `satisfied` (R, N, units) and `votes`: residents. `own_…` (N, slots) of who held the slot at the start, wherever she is now, summed
    over replicates so that tasks join by adding: gross pay, months paid, rises of a grade, leavings by her own will.
    """

    months: np.ndarray
    bill: np.ndarray
    cost: np.ndarray
    unit: np.ndarray
    cell: np.ndarray
    post: np.ndarray
    unit_year: np.ndarray
    cell_year: np.ndarray
    post_year: np.ndarray
    stability: np.ndarray
    unit_stability: np.ndarray
    satisfied: np.ndarray
    votes: np.ndarray
    own_gross: np.ndarray
    own_paid: np.ndarray
    own_rises: np.ndarray
    own_left: np.ndarray

    @property
    def digest(self) -> str:
        """SHA-256 of all the numbers: equal runs have equal digests."""
        made = hashlib.sha256()
        for one in fields(self):
            values = np.ascontiguousarray(getattr(self, one.name))
            made.update(f"{one.name}{values.shape}".encode())
            made.update(values.astype("<i8").tobytes())
        return made.hexdigest()


OWN = ("own_gross", "own_paid", "own_rises", "own_left")
TIMED = tuple(one.name for one in fields(Gathered) if one.name not in OWN)


def gather(run: Run, lived: Lived, on: PackOnDate) -> Gathered:
    """One lived year of some replicates (N = 1, T = 12)."""
    rows, paid = lived.rows, lived.paid
    count, units = lived.by_unit.shape[0], lived.by_unit.shape[1]
    kinds = paid.employed.shape[1]
    people = np.bincount(rows.replicate * kinds + paid.kind, minlength=count * kinds).reshape(count, kinds)
    values = np.zeros((YEARLIES, len(rows.slot)), np.int64)
    values[Y.GROSS] = paid.year("gross_pay")
    values[Y.COST] = paid.year("employer_cost")
    values[Y.PAID] = paid.employed.sum(axis=0)[paid.kind]
    values[Y.UNKNOWN] = paid.unknown[paid.kind]
    grade = lived.person["assess.jh_grades"]["grade"]
    values[Y.GRADED] = grade > 0
    values[Y.EXCELLENT] = grade == 1
    values[Y.RISES] = lived.risen
    values[Y.CERTIFIED] = (rows.columns["certificate"] > 0) & rows.stays
    place, codes = run.slots, run.people.units.codes
    inside = np.flatnonzero([len(code) >= UNIT_CODE for code in codes])
    stability = np.full((count, units), -1, np.int64)
    stability[:, inside] = np.maximum(lived.unit["assess.stability"]["stability"], -1).reshape(count, -1)
    residents = np.zeros((2, count, units), np.int64)
    for line, name in zip(residents, ("satisfied_ballots", "satisfaction_ballots"), strict=True):
        line[:, inside] = lived.unit_frame[name].reshape(count, -1)
    first = rows.origin >= 0
    slots = len(run.people)
    left = rows.columns["exit_reason"] == int(ExitReason.VOLUNTARY)
    own = [
        np.bincount(rows.origin[first], line[first].astype(np.float64), slots).astype(np.int64)[None]
        for line in (values[Y.GROSS], values[Y.PAID], values[Y.RISES], left)
    ]
    return Gathered(
        lived.months,
        people @ paid.months["gross_pay"].T,
        people @ paid.months["employer_cost"].T,
        lived.by_unit[:, None],
        lived.by_cell[:, None],
        lived.by_post[:, None],
        _grouped(values, rows.replicate, place.unit[rows.slot], count, units),
        _grouped(values, rows.replicate, rows.cell, count, CELLS),
        _grouped(values, rows.replicate, place.post[rows.slot], count, POSTS),
        _stability(lived, on)[:, None],
        stability[:, None],
        residents[0][:, None],
        residents[1][:, None],
        *own,
    )


def _grouped(values: np.ndarray, replicate: np.ndarray, group: np.ndarray, count: int, groups: int) -> np.ndarray:
    """(R, 1, groups, YEARLIES): sums; doubles hold them exactly up to 9 × 10^15 fen."""
    key = replicate * groups + group
    sums = [np.bincount(key, line.astype(np.float64), count * groups) for line in values]
    return np.stack(sums, axis=-1).astype(np.int64).reshape(count, 1, groups, YEARLIES)


def _stability(lived: Lived, on: PackOnDate) -> np.ndarray:
    """The stability of the whole place (R,) by the rule itself; −1 where it does not apply."""
    columns = {name: lived.months[:, :, measure].sum(axis=1) for name, measure in EXITS}
    columns["headcount_start"] = lived.heads_start.sum(axis=1)
    columns["headcount_end"] = lived.heads_end.sum(axis=1)
    found = compute(STABILITY_FAMILY, columns, STABILITY_FAMILY.tables(on))["stability"]
    return np.maximum(found, -1)


def after(parts: Sequence[Gathered]) -> Gathered:
    """Years of the same replicates, one after another."""
    joined = {name: np.concatenate([getattr(part, name) for part in parts], axis=1) for name in TIMED}
    return Gathered(**joined, **{name: np.concatenate([getattr(part, name) for part in parts]) for name in OWN})


def beside(parts: Sequence[Gathered]) -> Gathered:
    """Replicates beside each other, in the order given."""
    joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in TIMED}
    return Gathered(**joined, **{name: sum(getattr(part, name) for part in parts) for name in OWN})


def nothing(run: Run, count: int) -> Gathered:
    """No year yet."""
    units = len(run.people.units.codes)
    shapes = {
        "months": (count, 0, MEASURES), "bill": (count, 0), "cost": (count, 0), "unit": (count, 0, units, MEASURES),
        "cell": (count, 0, CELLS, MEASURES), "post": (count, 0, POSTS, MEASURES),
        "unit_year": (count, 0, units, YEARLIES), "cell_year": (count, 0, CELLS, YEARLIES),
        "post_year": (count, 0, POSTS, YEARLIES), "stability": (count, 0), "unit_stability": (count, 0, units),
        "satisfied": (count, 0, units), "votes": (count, 0, units), **dict.fromkeys(OWN, (0, len(run.people))),
    }  # fmt: skip
    return Gathered(**{name: np.zeros(shape, np.int64) for name, shape in shapes.items()})
