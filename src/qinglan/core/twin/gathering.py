"""What is kept of lived years: whole numbers by month, by community, by group, replicate beside replicate. No person is kept.

Sums of whole numbers do not depend on the order of adding, so tasks may be cut and joined in any way.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np

from qinglan.core.frame.codes import ExitReason
from qinglan.core.rules.families import compute
from qinglan.core.rules.unit_outcomes import STABILITY_FAMILY
from qinglan.core.twin.columns import CELLS, MEASURES, POSTS, M
from qinglan.core.twin.compiling import compiled
from qinglan.core.twin.paying import COST, GROSS, YEAR_COST, YEAR_GROSS, YEAR_PAID, YEAR_UNKNOWN
from qinglan.core.twin.rows import CELL, ORIGIN, PLAN, REPLICATE, RISES, SLOT, STAYS, UNIT_PLAN
from qinglan.core.twin.starting import Run, State
from qinglan.core.twin.units import EXITS
from qinglan.core.twin.year import Lived

GRADE, CERTIFICATE, EXIT_REASON = PLAN.row["grade"], PLAN.row["certificate"], PLAN.row["exit_reason"]
SINCE, ENTRY = PLAN.row["subdistrict_since"], PLAN.row["entry_date"]
VOLUNTARY = int(ExitReason.VOLUNTARY)


class Yearly(NamedTuple):
    """What the year's rules and pay say of a group, beside the months' measures. Money in fen."""

    GROSS: int
    COST: int  # what the employer pays in all
    PAID: int  # person-months paid
    UNKNOWN: int  # person-months in which the pack does not say an amount
    GRADED: int
    EXCELLENT: int
    RISES: int
    ROTATED: int  # changed places with somebody of another sub-district as the year began
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


class Sums(NamedTuple):
    """The arrays of a Gathered to which one year of some replicates is added."""

    bill: np.ndarray
    cost: np.ndarray
    unit: np.ndarray
    cell: np.ndarray
    post: np.ndarray
    own_gross: np.ndarray
    own_paid: np.ndarray
    own_rises: np.ndarray
    own_left: np.ndarray


class Waiting:
    """People whose pay year is not known yet: worked out together at the end of a task, because each time costs milliseconds."""

    def __init__(self) -> None:
        self.keys: dict[int, list[np.ndarray]] = {}
        self.whose: dict[int, list[np.ndarray]] = {}

    def add(self, year: int, keys: np.ndarray, whose: np.ndarray) -> None:
        self.keys.setdefault(year, []).append(keys)
        self.whose.setdefault(year, []).append(whose)


def sums(got: Gathered) -> Sums:
    return Sums(
        got.bill, got.cost, got.unit_year, got.cell_year, got.post_year, *(getattr(got, name) for name in OWN)
    )  # fmt: skip


def gather(run: Run, lived: Lived, state: State, got: Gathered, first: int, at: int, waiting: Waiting) -> None:
    """Adds a year of replicates `first` … of `got` to its year number `at`. `state`: as the year turned."""
    count = len(state)
    mine = slice(first, first + count)
    got.months[mine, 12 * at : 12 * at + 12] = lived.months
    got.unit[mine, at] = lived.by_unit
    lived.by_group.sum(axis=1, out=got.post[mine, at])
    lived.by_group.sum(axis=2, out=got.cell[mine, at])
    got.cell[mine, at, :, M.VACANT] = 0  # an empty post has no sex, age or tier
    table, whose = lived.rows.table, lived.rows.whose
    into = sums(got)
    add_found(
        table[GRADE],
        table[CERTIFICATE],
        table[EXIT_REASON],
        table[SINCE],
        table[ENTRY],
        lived.law.first_days[0],
        whose,
        run.place.unit,
        run.place.post,
        first,
        at,
        into,
    )
    kinds = lived.law.pays.kinds(lived.pay_keys)
    add_pay(kinds, lived.law.pays.known.amounts, whose, run.place.unit, run.place.post, first, at, into)
    unknown = np.flatnonzero(kinds < 0)
    if len(unknown):
        theirs = np.take(whose, unknown, axis=1)
        theirs[REPLICATE] += first
        waiting.add(at, lived.pay_keys[unknown], theirs)
    inside = run.people.units.inside
    table = lived.units
    got.unit_stability[mine, at] = -1
    for name, target in (
        ("stability", got.unit_stability), ("satisfied_ballots", got.satisfied), ("satisfaction_ballots", got.votes),
    ):  # fmt: skip
        target[mine, at, inside] = np.maximum(table[UNIT_PLAN.row[name]], -1).reshape(count, len(inside))
    got.stability[mine, at] = _stability(lived)


def settle_waiting(run: Run, first_year: int, got: Gathered, waiting: Waiting) -> None:
    """Adds the pay of those who wait. Raises NotInForce."""
    for at, parts in waiting.keys.items():
        pays, keys = run.laws[first_year + at].pays, np.concatenate(parts)
        pays.learn(keys)
        whose = np.concatenate(waiting.whose[at], axis=1)
        add_pay(pays.kinds(keys), pays.known.amounts, whose, run.place.unit, run.place.post, 0, at, sums(got))


@compiled
def add_found(grade, certificate, reason, since, entry, year_start, whose, unit, post, first, at, into):
    """Counts who was graded, excellent, certified, rotated, and who rises on the 1 January that follows."""
    for n in range(grade.shape[0]):
        s, cell, stays, rises = whose[SLOT, n], whose[CELL, n], whose[STAYS, n], whose[RISES, n]
        graded, excellent = 1 if grade[n] > 0 else 0, 1 if grade[n] == 1 else 0
        certified = stays if certificate[n] > 0 else 0
        rotated = 1 if since[n] == year_start and entry[n] < year_start else 0
        x = first + whose[REPLICATE, n]
        for row in (into.unit[x, at, unit[s]], into.cell[x, at, cell], into.post[x, at, post[s]]):
            row[Y.GRADED] += graded
            row[Y.EXCELLENT] += excellent
            row[Y.RISES] += rises
            row[Y.CERTIFIED] += certified
            row[Y.ROTATED] += rotated
        origin = whose[ORIGIN, n]
        if origin >= 0:
            into.own_rises[at, origin] += rises
            into.own_left[at, origin] += 1 if reason[n] == VOLUNTARY else 0


@compiled
def add_pay(kinds, amounts, whose, unit, post, first, at, into):
    """Adds everybody's pay year by month and by group; those with kind −1 are left for later."""
    for n in range(kinds.shape[0]):
        if kinds[n] >= 0:
            paid = amounts[kinds[n]]
            x, s, origin = first + whose[REPLICATE, n], whose[SLOT, n], whose[ORIGIN, n]
            for month in range(12):
                into.bill[x, 12 * at + month] += paid[GROSS + month]
                into.cost[x, 12 * at + month] += paid[COST + month]
            for row in (into.unit[x, at, unit[s]], into.cell[x, at, whose[CELL, n]], into.post[x, at, post[s]]):
                row[Y.GROSS] += paid[YEAR_GROSS]
                row[Y.COST] += paid[YEAR_COST]
                row[Y.PAID] += paid[YEAR_PAID]
                row[Y.UNKNOWN] += paid[YEAR_UNKNOWN]
            if origin >= 0:
                into.own_gross[at, origin] += paid[YEAR_GROSS]
                into.own_paid[at, origin] += paid[YEAR_PAID]


def _stability(lived: Lived) -> np.ndarray:
    """The stability of the whole place (R,) by the rule itself; −1 where it does not apply."""
    columns = {name: lived.months[:, :, measure].sum(axis=1) for name, measure in EXITS}
    columns["headcount_start"] = lived.heads_start.sum(axis=1)
    columns["headcount_end"] = lived.heads_end.sum(axis=1)
    return np.maximum(compute(STABILITY_FAMILY, columns, lived.law.stability_tables)["stability"], -1)


def after(parts: Sequence[Gathered]) -> Gathered:
    """Years of the same replicates, one after another."""
    joined = {name: np.concatenate([getattr(part, name) for part in parts], axis=1) for name in TIMED}
    return Gathered(**joined, **{name: np.concatenate([getattr(part, name) for part in parts]) for name in OWN})


def beside(parts: Sequence[Gathered]) -> Gathered:
    """Replicates beside each other, in the order given."""
    joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in TIMED}
    return Gathered(**joined, **{name: sum(getattr(part, name) for part in parts) for name in OWN})


def nothing(run: Run, count: int, years: int = 0) -> Gathered:
    """Years in which nothing is counted yet."""
    units, months = len(run.people.units.codes), 12 * years
    shapes = {
        "months": (count, months, MEASURES), "bill": (count, months), "cost": (count, months),
        "unit": (count, years, units, MEASURES),
        "cell": (count, years, CELLS, MEASURES), "post": (count, years, POSTS, MEASURES),
        "unit_year": (count, years, units, YEARLIES), "cell_year": (count, years, CELLS, YEARLIES),
        "post_year": (count, years, POSTS, YEARLIES), "stability": (count, years), "unit_stability": (count, years, units),
        "satisfied": (count, years, units), "votes": (count, years, units), **dict.fromkeys(OWN, (years, len(run.people))),
    }  # fmt: skip
    return Gathered(**{name: np.zeros(shape, np.int64) for name, shape in shapes.items()})
