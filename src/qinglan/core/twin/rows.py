"""Lays the twin's state out as the frames of a year: everybody in post on any day of it, each replicate a district of its own."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qinglan.core.frame.missing import Reason, missing
from qinglan.core.twin.columns import ABSENT, NONE, WHOLES, Slots, W
from qinglan.core.twin.compiling import compiled
from qinglan.core.twin.paying import year_bounds
from qinglan.core.twin.population import COPIED, SOURCES, Population
from qinglan.core.twin.rules import UNIT_COLUMNS, read
from qinglan.core.twin.sheets import Desk, Plan

SCORES = dict(zip((W.RESIDENTS, W.PROFESSIONAL, W.PROCESS, W.INNOVATION), SOURCES, strict=True))
DIRECT = {
    **COPIED, **SCORES, W.LAST_GRADE: "last_grade", W.LAST_STAR: "last_star", W.WARNINGS: "warnings", W.TALKS: "talks",
}  # fmt: skip
MADE = (
    "year", "year_start", "as_of", "exit_date", "exit_reason", "employed_days", "post", "protected", "medical_period",
    "retirement_class", "pension_months", "ballots", "subdistrict", "district", "organisation",
)  # fmt: skip
YEAR, YEAR_START, AS_OF, EXIT_DATE, EXIT_REASON, DAYS, POST, PROTECTED, MEDICAL, KIND, PENSION, BALLOTS = range(12)
SUBDISTRICT, DISTRICT, ORGANISATION = 12, 13, 14
REPLICATE, SLOT, STAYS, CELL, OCCUPANT, ORIGIN, RISES = range(7)
WHOSE = 7
PLAN = Plan(read().person_year, (*DIRECT.values(), *MADE))
UNIT_PLAN = Plan(read().unit_year, tuple(dict.fromkeys((*UNIT_COLUMNS, "year"))))
DIRECT_ROWS = np.array(list(DIRECT), np.int64)
ENTRY, RESIDENTS, SEX = PLAN.row["entry_date"], PLAN.row["score_residents"], PLAN.row["sex"]
NO_BALLOTS = missing(Reason.NOT_RECORDED)


@dataclass(frozen=True)
class Rows:
    """`table` (rows of PLAN, n): the sheet of PERSON_YEAR. `whose` (WHOSE, n): REPLICATE, SLOT, STAYS, CELL, OCCUPANT,
    ORIGIN; RISES: 1 for who rises a grade on the 1 January that follows."""

    table: np.ndarray
    whose: np.ndarray

    @property
    def columns(self) -> dict[str, np.ndarray]:
        """The frame's columns by name; rows of the sheet itself."""
        return {name: self.table[PLAN.row[name]] for name in PLAN.columns}

    @property
    def replicate(self) -> np.ndarray:
        return self.whose[REPLICATE]

    @property
    def slot(self) -> np.ndarray:
        return self.whose[SLOT]

    @property
    def stays(self) -> np.ndarray:
        """(n,) bool: still in post at the end."""
        return self.whose[STAYS] == 1

    @property
    def occupant(self) -> np.ndarray:
        return self.whose[OCCUPANT]

    @property
    def origin(self) -> np.ndarray:
        return self.whose[ORIGIN]


@compiled
def lay(whole, log, gone, direct, slots, first, last, year, ballots, made, table, whose):
    """Who is there at the end (whole (R, WHOLES, slots)), then who left (log (left, WHOLES), of replicate `gone`). `made`: first row
    of MADE in the sheet."""
    there = 0
    for r in range(whole.shape[0]):
        for s in range(whole.shape[2]):
            if whole[r, W.PRESENT, s] == 1:
                whose[REPLICATE, there] = r
                whose[SLOT, there] = s
                whose[STAYS, there] = 1
                whose[CELL, there] = whole[r, W.CELL, s]
                whose[OCCUPANT, there] = whole[r, W.OCCUPANT, s]
                whose[ORIGIN, there] = whole[r, W.ORIGIN, s]
                table[made + AS_OF, there] = last
                table[made + PROTECTED, there] = 1 if whole[r, W.PROTECTED_UNTIL, s] > last else 0
                table[made + MEDICAL, there] = 1 if whole[r, W.MEDICAL_UNTIL, s] > last else 0
                table[made + EXIT_DATE, there] = ABSENT
                table[made + EXIT_REASON, there] = 0
                there += 1
    for j in range(log.shape[0]):
        n = there + j
        as_of = np.int64(log[j, W.EXIT_DATE])
        whose[REPLICATE, n] = gone[j]
        whose[SLOT, n] = log[j, W.SLOT]
        whose[STAYS, n] = 0
        whose[CELL, n] = log[j, W.CELL]
        whose[OCCUPANT, n] = log[j, W.OCCUPANT]
        whose[ORIGIN, n] = log[j, W.ORIGIN]
        table[made + AS_OF, n] = as_of
        table[made + PROTECTED, n] = 1 if log[j, W.PROTECTED_UNTIL] > as_of else 0
        table[made + MEDICAL, n] = 1 if log[j, W.MEDICAL_UNTIL] > as_of else 0
        table[made + EXIT_DATE, n] = as_of
        table[made + EXIT_REASON, n] = log[j, W.EXIT_REASON]
    for column in range(direct.shape[0]):
        row = direct[column]
        for n in range(there):
            value = whole[whose[REPLICATE, n], row, whose[SLOT, n]]
            table[column, n] = ABSENT if value == NONE else np.int64(value)
        for j in range(log.shape[0]):
            value = log[j, row]
            table[column, there + j] = ABSENT if value == NONE else np.int64(value)
    districts, subdistricts, organisations = 0, 0, 0
    for s in range(slots.post.shape[0]):
        districts = max(districts, slots.district[s])
        subdistricts = max(subdistricts, slots.subdistrict[s])
        organisations = max(organisations, slots.organisation[s])
    for n in range(table.shape[1]):
        r, s = whose[REPLICATE, n], whose[SLOT, n]
        table[made + YEAR, n] = year
        table[made + YEAR_START, n] = first
        table[made + DAYS, n] = table[made + AS_OF, n] - max(table[ENTRY, n], first) + 1
        table[made + POST, n] = slots.post[s]
        table[made + KIND, n] = 1 if table[SEX, n] == 1 else ABSENT
        table[made + PENSION, n] = ABSENT
        table[made + BALLOTS, n] = ballots if table[RESIDENTS, n] > ABSENT else NO_BALLOTS
        table[made + SUBDISTRICT, n] = r * (subdistricts + 1) + slots.subdistrict[s] + 1
        table[made + DISTRICT, n] = r * (districts + 1) + slots.district[s] + 1
        table[made + ORGANISATION, n] = r * (organisations + 1) + slots.organisation[s] + 1


def rows_of(
    people: Population, year: int, state: np.ndarray, logs: Sequence[np.ndarray], ballots: int, slots: Slots, desk: Desk
) -> Rows:
    """The person rows of `year`: who is there at its end (state (R, WHOLES, slots)), then who left (a log (left, WHOLES) a replicate).

    `slots` of the run (posts may have been added to the population's). Steps are not filled yet.
    """
    log = np.concatenate([*logs, np.empty((0, WHOLES), np.int32)])
    gone = np.repeat(np.arange(len(logs)), [len(one) for one in logs])
    n = int(np.count_nonzero(state[:, W.PRESENT] == 1)) + len(log)
    table, whose = desk.sheet(PLAN, n), np.zeros((WHOSE, n), np.int64)
    first, last = year_bounds(year)
    lay(state, log, gone, DIRECT_ROWS, slots, first, last, year, ballots, len(DIRECT), table, whose)
    rows = Rows(table, whose)
    if year == people.year + 1:
        _warned_before(people, rows)
    return rows


def _warned_before(people: Population, rows: Rows) -> None:
    """Adds warnings and talks of the recorded year that still count for those who left early in the first lived year."""
    known = np.flatnonzero(rows.origin != NONE)
    as_of = rows.table[len(DIRECT) + AS_OF][known]
    month = as_of.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
    for kind, name in enumerate(("warnings", "talks")):
        rows.table[PLAN.row[name], known] += people.warned[kind, month, rows.origin[known]]
