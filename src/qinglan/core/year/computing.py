"""One year of a district computed whole: people, units, pay by month, the district's sums; every step kept.

The page, the batch, `qinglan calc` and the twin's yearly check all come through `compute_year`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np

from qinglan.core.frame.building import Frame, build, days_reached
from qinglan.core.frame.district_year import DISTRICT_YEAR
from qinglan.core.frame.missing import MISSING, Reason, missing
from qinglan.core.frame.records import Records
from qinglan.core.frame.units_building import UnitFrame, build_units
from qinglan.core.packs.pack import Pack, PackOnDate
from qinglan.core.year import order, pay_facts
from qinglan.core.year.months import Batch, PayFacts, PayYear, pay
from qinglan.core.year.pay_held import hold
from qinglan.core.year.running import Results, run

ABSENT = missing(Reason.NOT_RECORDED)
NOT_PAID = missing(Reason.NOT_APPLICABLE)
UNRATED = 10_000
HELD = {"pay_post": "post", "pay_certificate": "certificate", "pay_work_volume": "work_volume"}
SAME_YEAR = 1


@dataclass(frozen=True)
class Year:
    """Everything one computation says. Arrays have one entry a row of `frame` (or of `units`).

    `given`: the pay facts worked from. `opened` (n,): the month of the opening balance in the year, 0 for none.
    `months` {family: {step: (12, n)}}, 不适用 where nobody was paid; `segments` {family: {step: (m,)}} beside `segment_frame`
    (its columns, among them segment_person = row of the frame); `district` {family: {step: number}}.
    """

    pack: Pack
    frame: Frame
    units: UnitFrame
    person: Results
    unit: Results
    pay: PayYear
    months: dict[str, dict[str, np.ndarray]]
    segment_frame: dict[str, np.ndarray]
    segments: dict[str, dict[str, np.ndarray]]
    pay_year: Results
    opened: np.ndarray
    given: PayFacts
    district_frame: dict[str, int] = field(default_factory=dict)
    district: dict[str, dict[str, int]] = field(default_factory=dict)

    def step(self, name: str) -> np.ndarray:
        """A person-year step by its (unique) name."""
        for steps in (*self.person.values(), *self.pay_year.values()):
            if name in steps:
                return steps[name]
        raise KeyError(name)


def compute_year(
    records: Records, year: int, pack: Pack, figures: Mapping[str, int] | None = None, rules: order.Order = order.NOW
) -> Year:
    """The year of everyone in `records` under `pack`. Rules of the year are read as of its last day, pay as of each day.

    `figures`: what the district says of its budgets (columns of DISTRICT_YEAR). `rules`: an earlier run's. Raises NotInForce when the pack lacks a value.
    """
    on = pack.on(date(year, 12, 31))
    frame = frame_of(records, year, on)
    units = build_units(records, year)
    person = run(rules.person_year, frame.columns, on)
    unit = run(rules.unit_year, units.columns, on)
    kept = _Kept(len(frame))
    facts = pay_facts.build(
        records,
        frame,
        pack,
        star_coefficient(frame, person, on),
        start_grade(frame, person),
    )
    paid = pay(pack, facts, year, sink=kept, rules=rules)
    pay_year = _held(frame, paid, on, rules)
    known = {**district_frame(frame, paid), **(figures or {})}
    district = _district(known, on, rules)
    return Year(
        pack,
        frame,
        units,
        person,
        unit,
        paid,
        kept.months,
        dict(facts.segments),
        kept.segments,
        pay_year,
        pay_facts.opened(records, frame),
        facts,
        known,
        district,
    )


def frame_of(records: Records, year: int, on: PackOnDate) -> Frame:
    """The person-year frame, with the days on which the hours that the pack asks for were reached."""
    frame = build(records, year)
    training = records["training"]
    frame.columns["onboarding_reached"] = days_reached(
        training.filter(training["kind"] == "onboarding"), frame, on["train.onboarding_30h.hours"]
    )
    frame.columns["shadowing_reached"] = days_reached(records["shadowing"], frame, on["train.shadowing_200h.hours"])
    return frame


def start_grade(frame: Frame, person: Results) -> np.ndarray:
    """The grade of those who have none on record: as the ladder has it; as recorded where the ladder is not computed."""
    ladder = person.get("career.five_rank_nine_grade")
    return frame.columns["ladder_grade"] if ladder is None else ladder["ladder_grade_now"]


def star_coefficient(frame: Frame, person: Results, on: PackOnDate) -> np.ndarray:
    """The star coefficient each person is paid by in the year: last year's star, or this year's where the pack says so."""
    if on["pay.star_rating.paid_in"] == SAME_YEAR:
        return person["pay.star_rating"]["star_coefficient"]
    table = on["pay.star_rating.coefficients"]
    star = frame.columns["last_star"]
    return np.where(star > MISSING, table[np.clip(star, 0, len(table) - 1)], UNRATED)


def _held(frame: Frame, paid: PayYear, on: PackOnDate, rules: order.Order) -> Results:
    """The year's pay against the scheme; checkups are not recorded yet."""
    columns = frame.columns
    given = {name: columns[column] for name, column in HELD.items()}
    return hold(on, paid, given, columns["district"], rules)


def year_sum(months: np.ndarray) -> np.ndarray:
    """Sum of the months that were paid; missing when a paid month is missing, or none was paid."""
    unpaid = months == NOT_PAID
    total = np.where(unpaid, 0, months).sum(axis=0)
    unknown = ((months <= MISSING) & ~unpaid).any(axis=0)
    return np.where(unpaid.all(axis=0), NOT_PAID, np.where(unknown, ABSENT, total))


def district_frame(frame: Frame, paid: PayYear) -> dict[str, int]:
    """What the months say of the district's year: its pay bill (gross), average and year-end headcount."""
    gross = year_sum(paid.months["gross_pay"])
    return {
        "budget_year": frame.year,
        "budget_district": 1,
        "pay_bill": int(gross[gross > MISSING].sum()),
        "pay_heads": (2 * int(paid.employed.sum()) + 12) // 24,
        "headcount": int(paid.employed[11].sum()),
    }


def _district(known: Mapping[str, int], on: PackOnDate, rules: order.Order) -> dict[str, dict[str, int]]:
    columns = {name: np.array([known.get(name, ABSENT)], np.int64) for name in DISTRICT_YEAR}
    return {
        family: {name: int(values[0]) for name, values in steps.items()}
        for family, steps in run(rules.district_year, columns, on).items()
    }


class _Kept:
    """A sink that keeps every step of a year's pay in columns."""

    def __init__(self, people: int) -> None:
        self.people = people
        self.months: dict[str, dict[str, np.ndarray]] = {}
        self._parts: dict[str, list[Mapping[str, np.ndarray]]] = {}

    def __call__(self, batch: Batch) -> None:
        if batch.kind == "month":
            kept = self.months.setdefault(batch.family, {})
            for name, values in batch.steps.items():
                if name not in kept:
                    kept[name] = np.full((12, self.people), NOT_PAID, np.int64)
                kept[name][batch.month - 1, batch.person] = values
        elif batch.kind == "segment":
            rows: dict[str, Any] = {"segment_person": batch.person, "segment_since": batch.since}
            self._parts.setdefault(batch.family, []).append({**rows, **batch.steps})

    @property
    def segments(self) -> dict[str, dict[str, np.ndarray]]:
        """{family: {step: (m,)}} in the order of person and day, with the columns segment_person and segment_since."""
        kept = {}
        for family, parts in self._parts.items():
            joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
            sorting = np.lexsort((joined["segment_since"], joined["segment_person"]))
            kept[family] = {name: values[sorting] for name, values in joined.items()}
        return kept
