"""One year of a district computed whole: people, units, pay by month, the district's sums; every step kept.

The page, the batch, `qinglan calc` and the twin's yearly check all come through `compute_year`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np

from qinglan.core.frame.building import Frame, build
from qinglan.core.frame.district_year import DISTRICT_YEAR
from qinglan.core.frame.missing import MISSING, Reason, missing
from qinglan.core.frame.records import Records
from qinglan.core.frame.units_building import UnitFrame, build_units
from qinglan.core.packs.pack import Pack, PackOnDate
from qinglan.core.year import order, pay_facts
from qinglan.core.year.months import Batch, PayYear, pay
from qinglan.core.year.running import Results, run

ABSENT = missing(Reason.NOT_RECORDED)
NOT_PAID = missing(Reason.NOT_APPLICABLE)
UNRATED = 10_000
SAME_YEAR = 1


@dataclass(frozen=True)
class Year:
    """Everything one computation says. Arrays have one entry a row of `frame` (or of `units`).

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
    district: dict[str, dict[str, int]] = field(default_factory=dict)

    def step(self, name: str) -> np.ndarray:
        """A person-year step by its (unique) name."""
        for steps in (*self.person.values(), *self.pay_year.values()):
            if name in steps:
                return steps[name]
        raise KeyError(name)


def compute_year(records: Records, year: int, pack: Pack, figures: Mapping[str, int] | None = None) -> Year:
    """The year of everyone in `records` under `pack`. Rules of the year are read as of its last day, pay as of each day.

    `figures`: what the district says of its budgets (columns of DISTRICT_YEAR). Raises NotInForce when the pack lacks a value.
    """
    frame = build(records, year)
    units = build_units(records, year)
    on = pack.on(date(year, 12, 31))
    person = run(order.PERSON_YEAR, frame.columns, on)
    unit = run(order.UNIT_YEAR, units.columns, on)
    kept = _Kept(len(frame))
    facts = pay_facts.build(records, frame, pack, star_coefficient(frame, person, on))
    paid = pay(pack, facts, year, sink=kept)
    pay_year = run(order.PAY_YEAR, pay_year_frame(frame, paid), on)
    district = _district(frame, paid, figures or {}, on)
    return Year(
        pack, frame, units, person, unit, paid, kept.months, dict(facts.segments), kept.segments, pay_year, district
    )


def star_coefficient(frame: Frame, person: Results, on: PackOnDate) -> np.ndarray:
    """The star coefficient each person is paid by in the year: last year's star, or this year's where the pack says so."""
    if on["pay.star_rating.paid_in"] == SAME_YEAR:
        return person["pay.star_rating"]["star_coefficient"]
    table = on["pay.star_rating.coefficients"]
    star = frame.columns["last_star"]
    return np.where(star > MISSING, table[np.clip(star, 0, len(table) - 1)], UNRATED)


def pay_year_frame(frame: Frame, paid: PayYear) -> dict[str, np.ndarray]:
    """The frame of PAY_YEAR: a person's sums over the months, and those of the uncertified in the same post."""
    total = {name: _sum(months) for name, months in paid.months.items()}
    paid_months = paid.employed.sum(axis=0).astype(np.int64)
    columns = frame.columns
    volume, post, certificate = columns["work_volume"], columns["post"], columns["certificate"]
    peers = (certificate == 0) & (volume > MISSING) & (paid_months > 0)
    group = columns["district"] * 100 + np.clip(post, 0, 99)
    heads, volumes, monthly = (
        _by_group(group, peers, values)
        for values in (
            np.ones_like(volume),
            np.where(peers, volume, 0),
            np.where(peers, total["gross_pay"] // np.maximum(paid_months, 1), 0),
        )
    )
    return {
        "pay_post": post,
        "pay_certificate": certificate,
        "paid_months": paid_months,
        "year_basic": total["basic_pay"],
        "year_performance": total["performance_pay"],
        "year_contributions": total["employer_contributions"],
        "year_certificate": total["certificate_pay"],
        "year_communications": total["communications_pay"],
        "year_festivals": total["festival_gift"],
        "year_gross": total["gross_pay"],
        "checkup_taken": np.full(len(frame), ABSENT, np.int64),
        "pay_work_volume": volume,
        "peers": heads,
        "peers_volume": volumes,
        "peers_monthly": monthly,
    }


def _sum(months: np.ndarray) -> np.ndarray:
    """Sum of the months that were paid; missing when a paid month is missing, or none was paid."""
    unpaid = months == NOT_PAID
    total = np.where(unpaid, 0, months).sum(axis=0)
    unknown = ((months <= MISSING) & ~unpaid).any(axis=0)
    return np.where(unpaid.all(axis=0), NOT_PAID, np.where(unknown, ABSENT, total))


def _by_group(group: np.ndarray, chosen: np.ndarray, values: np.ndarray) -> np.ndarray:
    """For each row, the sum of `values` over the chosen rows of its group."""
    codes, place = np.unique(group, return_inverse=True)
    sums = np.zeros(len(codes), np.int64)
    np.add.at(sums, place[chosen], values[chosen])
    return sums[place]


def _district(frame: Frame, paid: PayYear, figures: Mapping[str, int], on: PackOnDate) -> dict[str, dict[str, int]]:
    """The district's year: its pay bill from the months, the rest as the district says."""
    cost = _sum(paid.months["gross_pay"])
    known = {
        "budget_year": frame.year,
        "budget_district": 1,
        "pay_bill": int(cost[cost > MISSING].sum()),
        "pay_heads": (2 * int(paid.employed.sum()) + 12) // 24,
        "headcount": int(paid.employed[11].sum()),
        **figures,
    }
    columns = {name: np.array([known.get(name, ABSENT)], np.int64) for name in DISTRICT_YEAR}
    return {
        family: {name: int(values[0]) for name, values in steps.items()}
        for family, steps in run(order.DISTRICT_YEAR, columns, on).items()
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
