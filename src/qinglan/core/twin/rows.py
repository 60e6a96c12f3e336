"""Lays the twin's state out as the frames of a year: everybody in post on any day of it, each replicate a district of its own."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qinglan.core.frame.missing import Reason, missing
from qinglan.core.twin.columns import ABSENT, NONE, W, wide
from qinglan.core.twin.paying import year_bounds
from qinglan.core.twin.population import COPIED, SOURCES, Population

BALLOTS = "ballots"
SCORES = dict(zip((W.RESIDENTS, W.PROFESSIONAL, W.PROCESS, W.INNOVATION), SOURCES, strict=True))
DIRECT = {
    **COPIED, **SCORES, W.LAST_GRADE: "last_grade", W.LAST_STAR: "last_star", W.WARNINGS: "warnings", W.TALKS: "talks",
}  # fmt: skip


@dataclass(frozen=True)
class Rows:
    """`columns`: PERSON_YEAR columns (n,). `replicate`, `slot` (n,) say whose; `stays` (n,): still in post at the end."""

    columns: dict[str, np.ndarray]
    replicate: np.ndarray
    slot: np.ndarray
    stays: np.ndarray
    cell: np.ndarray
    occupant: np.ndarray
    origin: np.ndarray


def rows_of(
    people: Population, year: int, state: np.ndarray, logs: Sequence[np.ndarray], ballots: int, post: np.ndarray
) -> Rows:
    """The person rows of `year`: who is there at its end (state (R, WHOLES, slots)), then who left (a log (left, WHOLES) a replicate).

    `post` (slots,) of the run (posts may have been added to the population's).
    """
    present = state[:, W.PRESENT] == 1
    left = np.concatenate([*logs, np.empty((0, state.shape[1]), np.int32)]).T

    def held(row: int) -> np.ndarray:
        return np.concatenate([state[:, row][present], left[row]])

    gone = np.repeat(np.arange(len(logs)), [len(log) for log in logs])
    replicate = np.concatenate([np.nonzero(present)[0], gone])
    slot = held(W.SLOT).astype(np.int64)
    stays = np.arange(len(slot)) < len(slot) - len(gone)
    first, last = year_bounds(year)
    as_of = np.where(stays, last, held(W.EXIT_DATE).astype(np.int64))
    columns = {name: wide(held(row)) for row, name in DIRECT.items()}
    n = len(slot)
    columns |= {
        "year": np.full(n, year, np.int64),
        "year_start": np.full(n, first, np.int64),
        "as_of": as_of,
        "exit_date": np.where(stays, ABSENT, as_of),
        "exit_reason": np.where(stays, 0, held(W.EXIT_REASON).astype(np.int64)),
        "employed_days": as_of - np.maximum(columns["entry_date"], first) + 1,
        "post": post[slot],
        "protected": (held(W.PROTECTED_UNTIL) > as_of).astype(np.int64),
        "medical_period": (held(W.MEDICAL_UNTIL) > as_of).astype(np.int64),
        "retirement_class": np.where(columns["sex"] == 1, 1, ABSENT),
        "pension_months": np.full(n, ABSENT, np.int64),
        BALLOTS: np.where(columns["score_residents"] > ABSENT, ballots, missing(Reason.NOT_RECORDED)),
    }
    if year == people.year + 1:
        _warned_before(people, columns, held(W.ORIGIN), as_of)
    numbers = (held(row).astype(np.int64) for row in (W.CELL, W.OCCUPANT, W.ORIGIN))
    return Rows(columns, replicate, slot, stays, *numbers)


def _warned_before(people: Population, columns: dict[str, np.ndarray], origin: np.ndarray, as_of: np.ndarray) -> None:
    """Adds warnings and talks of the recorded year that still count for those who left early in the first lived year."""
    known = np.flatnonzero(origin != NONE)
    month = as_of[known].astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
    for kind, name in enumerate(("warnings", "talks")):
        columns[name][known] += people.warned[kind, month, origin[known]]


def placed(
    rows: Rows, subdistrict: np.ndarray, district: np.ndarray, organisation: np.ndarray
) -> dict[str, np.ndarray]:
    """The numbers of district, sub-district and organisation, apart for each replicate."""
    return {
        name: rows.replicate * (int(numbers.max(initial=0)) + 1) + numbers[rows.slot] + 1
        for name, numbers in (("subdistrict", subdistrict), ("district", district), ("organisation", organisation))
    }
