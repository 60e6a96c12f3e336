"""A population: the posts of a place and who holds them at the end of a recorded year, ready to be lived on (ADR 0014).

The recorded year is computed by the twin's own year step; its grades, stars and proposals are what the first lived year begins
with. Records come from a database, a folder, or one file of core.frame.freezing.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl

from qinglan.core.frame.building import Frame
from qinglan.core.frame.codes import RetirementClass
from qinglan.core.frame.missing import MISSING
from qinglan.core.frame.records import Records
from qinglan.core.packs.pack import Pack, PackOnDate
from qinglan.core.rules.families import compute
from qinglan.core.rules.retirement import FAMILY as RETIREMENT
from qinglan.core.twin.columns import ABSENT, NEVER, NONE, WHOLES, Slots, W, narrow
from qinglan.core.twin.known import known_at_end
from qinglan.core.twin.paying import year_bounds
from qinglan.core.twin.recorded import Recorded, recorded_year
from qinglan.core.twin.rules import steps
from qinglan.core.year.months import last_day

SOURCES = ("score_residents", "score_professional", "score_process", "score_innovation")
UNIT_SOURCES = tuple(f"unit_{name}" for name in SOURCES)
ABILITIES = ("serve", "mobilise", "deliberate", "project", "coordinate", "innovate")
# What a year's rules say that the next year begins with.
FOUND = (
    "grade", "star", "tier", "retirement_date", "monthly_action", "promotion_selected", "ladder_next_grade",
    "unfit_proposal", "unfit_demote_to", "xuhui_proposal", "rotation_selected",
)  # fmt: skip
COPIED = {
    W.SEX: "sex", W.BIRTH: "birth_date", W.EDUCATION: "education", W.DEGREE: "has_degree", W.WILLING: "willing",
    W.ENTRY: "entry_date", W.RECOGNISED: "recognised_months", W.PROBATION_UNTIL: "probation_until", W.ELECTED: "elected",
    W.POST_SINCE: "post_since", W.SUBDISTRICT_SINCE: "subdistrict_since", W.CERTIFICATE: "certificate",
    W.LADDER_GRADE: "ladder_grade", W.LADDER_SINCE: "ladder_since", W.EXCELLENT_YEARS: "excellent_years",
    W.REMEDIED: "remedied", W.ANNUAL_HOURS: "annual_hours",
    **{W.MONTH_01 + month: f"month_score_{month + 1:02d}" for month in range(12)},
    **{W.LAST_01 + month: f"last_month_score_{month + 1:02d}" for month in range(12)},
}  # fmt: skip
HELD = ("certificate", "ladder_grade", "ladder_since")
MARKET = "pay.social_insurance.average_wage"
UNIT_CODE = 12


@dataclass(frozen=True)
class Units:
    """Communities (and other places with posts), by code. Scores (4, units) and last colour may be missing; share −1 = none."""

    codes: list[str]
    subdistrict: np.ndarray
    district: np.ndarray
    scores: np.ndarray
    share: np.ndarray
    colour: np.ndarray

    @cached_property
    def inside(self) -> np.ndarray:
        """Which of them are communities."""
        return np.flatnonzero([len(code) >= UNIT_CODE for code in self.codes])


@dataclass(frozen=True)
class Population:
    """Where the twin starts: 1 January after `year`. Arrays have one entry a slot, sorted by unit.

    `start` (WHOLES, slots) int32; `found` {FOUND: (slots,)} of the recorded year; `abilities` (6, slots) points, −1 = not rated;
    `deviation` (slots,) points by which recorded scores differ from the mean; `means` (5,) points of the four sources and of
    the months, −1 = not recorded; `warned` (2, 12, slots): warnings and talks of the recorded year that still count at the end of
    each month of the next. `market`: average wage in fen. `without_post`: people left out, because nothing says where they stand. `held`: certificate and
    ladder grade as recorded. `later` (slots,): when those retire whom the table would have retired already (see `_later`).
    """

    year: int
    records: Records
    pack: Pack
    slots: Slots
    person: np.ndarray
    organisations: list[str]
    units: Units
    start: np.ndarray
    found: dict[str, np.ndarray]
    abilities: np.ndarray
    deviation: np.ndarray
    means: np.ndarray
    warned: np.ndarray
    market: int
    without_post: int
    held: dict[str, np.ndarray]
    later: np.ndarray

    def __len__(self) -> int:
        return len(self.person)


def population(records: Records, year: int, pack: Pack, prefix: str = "") -> Population:
    """The population of the places under `prefix` at the end of `year`. Raises NotInForce when the pack lacks a value."""
    known = known_at_end(records, year, prefix)
    on = pack.on(date(year, 12, 31))
    recorded = recorded_year(known, year, pack)
    frame = recorded.frame
    columns = frame.columns
    staying = columns["exit_reason"] <= 0
    placed = staying & (columns["post"] > MISSING)
    rows = np.flatnonzero(placed)
    codes = [frame.organisations[row] for row in rows]
    unit_of = [code[:UNIT_CODE] for code in codes]
    sorting = np.array(
        sorted(range(len(rows)), key=lambda k: (unit_of[k], codes[k], int(frame.people[rows[k]]))), np.int64
    )
    rows = rows[sorting]
    codes = [codes[k] for k in sorting]
    unit_codes, unit = _numbered([code[:UNIT_CODE] for code in codes])
    slots = Slots(
        np.arange(len(rows), dtype=np.int64),
        columns["post"][rows],
        unit,
        _numbered([code[:9] for code in codes])[1],
        _numbered([code[:6] for code in codes])[1],
        _numbered(codes)[1],
    )
    person = frame.people[rows].astype(np.int64)
    found = {name: values[rows] for name, values in steps(recorded.person).items() if name in FOUND}
    _as_published(known, year, person, found)
    abilities = (
        np.stack([columns[f"ability_{name}"][rows] for name in ABILITIES]) if len(rows) else np.zeros((6, 0), int)
    )
    means, deviation = _scores(columns, rows)
    return Population(
        year,
        known,
        pack,
        slots,
        person,
        codes,
        _units(unit_codes, recorded, known, year),
        _start(known, year, frame, rows, person),
        found,
        np.where(abilities <= MISSING, -1.0, abilities / 100.0),
        deviation,
        means,
        _warned(known, year, person),
        int(on[MARKET]),
        int((staying & ~placed).sum()),
        {name: columns[name][rows] for name in HELD},
        _later(frame, rows, found["retirement_date"], on),
    )


def _later(frame: Frame, rows: np.ndarray, by_table: np.ndarray, on: PackOnDate) -> np.ndarray:
    """When those retire who work on past their day; ABSENT for everybody else.

    The class of women is mostly not recorded. One who works on past the day of the lower class is taken to belong to the other;
    who is past that as well, or a man past his, stays up to the latest day that law allows.
    """
    past = (by_table > MISSING) & (by_table < year_start(frame.year + 1))
    names = RETIREMENT.inputs._fields
    columns = {name: frame.columns[name][rows] for name in names}
    columns["retirement_class"] = np.where(columns["sex"] == 1, 1, int(RetirementClass.WOMAN_55))
    found = compute(RETIREMENT, columns, RETIREMENT.tables(on))
    upper = np.where(
        found["retirement_date"] < year_start(frame.year + 1), found["retirement_latest"], found["retirement_date"]
    )
    return np.where(past, upper, ABSENT)


def _numbered(codes: list[str]) -> tuple[list[str], np.ndarray]:
    """The different codes ascending, and each one's number."""
    names = sorted(set(codes))
    place = {name: number for number, name in enumerate(names)}
    return names, np.array([place[code] for code in codes], np.int64)


def _as_published(records: Records, year: int, person: np.ndarray, found: dict[str, np.ndarray]) -> None:
    """Grade and star of the recorded year as published stand over those computed."""
    rows = records["history"].filter(pl.col("year") == year).unique("person", keep="last", maintain_order=True)
    place = {int(one): at for at, one in enumerate(person)}
    for one, grade, star in rows.select("person", "grade", "star").iter_rows():
        if one in place:
            found["grade"][place[one]] = ABSENT if grade is None else grade
            found["star"][place[one]] = ABSENT if star is None else star


def _scores(columns: dict[str, np.ndarray], rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(5,) means of the sources and the months in points, −1 where nobody has one; (slots,) mean deviation of each person."""
    months = np.stack([columns[f"month_score_{month:02d}"][rows] for month in range(1, 13)])
    known = months > MISSING
    counts = known.sum(axis=0)
    monthly = np.where(counts > 0, np.where(known, months, 0).sum(axis=0) / np.maximum(counts, 1), MISSING)
    table = np.stack([*(columns[name][rows].astype(float) for name in SOURCES), monthly])
    known = table > MISSING / 2
    heads = known.sum(axis=1)
    means = np.where(heads > 0, np.where(known, table, 0).sum(axis=1) / np.maximum(heads, 1) / 100, -1.0)
    apart = np.where(known, table / 100 - means[:, None], 0.0)
    return means, apart.sum(axis=0) / np.maximum(known.sum(axis=0), 1)


def _start(records: Records, year: int, frame: Frame, rows: np.ndarray, person: np.ndarray) -> np.ndarray:
    start = np.full((WHOLES, len(rows)), NONE, np.int32)
    for row, name in COPIED.items():
        start[row] = narrow(frame.columns[name][rows])
    for row in (
        W.OCCUPANT,
        W.VACANT_SINCE,
        W.FROZEN,
        W.WARNINGS,
        W.TALKS,
        W.DISMISSED,
        W.UNPAID_CERTIFICATE,
        W.EXIT_REASON,
    ):
        start[row] = 0
    start[W.PRESENT] = 1
    start[W.SLOT] = start[W.ORIGIN] = np.arange(len(rows))
    start[W.WITHIN] = 0
    start[W.PROTECTED_UNTIL] = _until(records, year, person, "maternity")
    start[W.MEDICAL_UNTIL] = _until(records, year, person, "sick")
    since = frame.columns["ladder_since"][rows]
    months = np.asarray(since, "datetime64[D]").astype("datetime64[M]").astype(np.int64) + 1970 * 12
    start[W.RISEN] = np.where(since <= MISSING, NONE, months)
    return start


def _until(records: Records, year: int, person: np.ndarray, kind: str) -> np.ndarray:
    """The first day after the protections of a kind that began by the year's end; 0 without one, NEVER while open."""
    rows = records["protections"].filter(pl.col("kind") == kind)
    place = {int(one): at for at, one in enumerate(person)}
    until = np.zeros(len(person), np.int64)
    for one, end in rows.select("person", pl.col("until").cast(pl.Int32)).iter_rows():
        if one in place:
            until[place[one]] = max(until[place[one]], NEVER if end is None else end)
    return until


def _warned(records: Records, year: int, person: np.ndarray) -> np.ndarray:
    """(2, 12, slots): warnings and talks of the recorded year within twelve months of each month's end in the next."""
    counts = np.zeros((2, 12, len(person)), np.int32)
    place = {int(one): at for at, one in enumerate(person)}
    for month in range(12):
        as_of = last_day(year + 1, month + 1)
        rows = records["warnings"].filter(pl.col("day") > pl.lit(as_of).dt.offset_by("-12mo"))
        for one, kind in rows.select("person", "kind").iter_rows():
            if one in place and kind in ("warning", "talk"):
                counts[0 if kind == "warning" else 1, month, place[one]] += 1
    return counts


def _units(codes: list[str], recorded: Recorded, records: Records, year: int) -> Units:
    """What the recorded year says of the units: scores, share of satisfied residents, colour (as published, else computed)."""
    place = {code: at for at, code in enumerate(codes)}
    scores = np.full((4, len(codes)), ABSENT, np.int64)
    share = np.full(len(codes), -1.0)
    colour = np.full(len(codes), ABSENT, np.int64)
    columns = recorded.units.columns
    light = recorded.unit["assess.traffic_light"]["colour"]
    for row, code in enumerate(recorded.units.organisations):
        if code in place:
            scores[:, place[code]] = [columns[name][row] for name in UNIT_SOURCES]
            colour[place[code]] = light[row]
            satisfied, votes = columns["satisfied_ballots"][row], columns["satisfaction_ballots"][row]
            if satisfied > MISSING and votes > 0:
                share[place[code]] = satisfied / votes
    for code, shown in (
        records["unit_history"].filter(pl.col("year") == year).select("organisation", "colour").iter_rows()
    ):
        if code in place:
            colour[place[code]] = ABSENT if shown is None else shown
    return Units(
        codes,
        _numbered([code[:9] for code in codes])[1],
        _numbered([code[:6] for code in codes])[1],
        scores,
        share,
        colour,
    )


def year_start(year: int) -> int:
    """The day number of 1 January."""
    return year_bounds(year)[0]
