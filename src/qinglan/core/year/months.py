"""A year's pay, month by month, for many people at once: parts of months summed, tax carried on, back-dated changes paid.

`pay` runs the orders SEGMENT, ARREARS and MONTH of core.year.order. It loops over the twelve months, never over people. Months are paid
by the facts as known then; a `Change` says what is known from its month on: the months before are worked out again with the pack of
their day, and the difference by item is paid, and taxed, in its month. Missing amounts stay missing, with their reason.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

import numpy as np

from qinglan.core.frame.missing import MISSING, Reason, missing
from qinglan.core.frame.units import days, to_date
from qinglan.core.packs.pack import Pack
from qinglan.core.year import order
from qinglan.core.year.running import run

Array = np.ndarray
Columns = Mapping[str, Array]
ABSENT = missing(Reason.NOT_RECORDED)
NOT_PAID = missing(Reason.NOT_APPLICABLE)

# The parts of a month's regular pay: month column → (segment step, item of arrears).
PARTS = {
    "basic_pay": ("segment_basic", "basic"),
    "performance_pay": ("segment_performance", "performance"),
    "special_subsidy": ("segment_subsidy", "subsidy"),
    "communications_pay": ("segment_communications", "communications"),
    "certificate_pay": ("segment_certificate_pay", "certificate"),
}
# What a month takes from the months before: column → the step that becomes it.
CARRIED = {
    "months_before": "months_to_date",
    "income_before": "income_to_date",
    "exempt_before": "exempt_to_date",
    "special_before": "special_to_date",
    "additional_before": "additional_to_date",
    "other_before": "other_to_date",
    "withheld_before": "withheld_to_date",
}
TOTALS = (
    *PARTS, "festival_gift", "arrears_total", "gross_pay", "insurance_employee", "fund_employee", "annuity_employee",
    "deductions", "tax_due", "net_pay", "employer_contributions", "employer_cost",
)  # fmt: skip
FACTS = (
    "segment_person", "segment_since", "segment_until", "segment_paid", "segment_post", "segment_grade",
    "segment_certificate", "segment_star_coefficient",
)  # fmt: skip


@dataclass(frozen=True)
class PayFacts:
    """What a year's pay is worked out from. People are numbered 0 … people − 1.

    `segments`: the SEGMENT frame, sorted by person and day. `months`: columns of the MONTH frame, each (12, people), those absent
    are missing. `opening`: balances at the start of `first_month` (the CARRIED columns, project_allowance_before,
    settling_paid_before), each (people,); those absent are 0.
    """

    people: int
    segments: Columns
    months: Columns = field(default_factory=dict)
    opening: Columns = field(default_factory=dict)
    first_month: int = 1


@dataclass(frozen=True)
class Change:
    """What is known only from month `paid_in` (2 … 12) on: all segments of the year of the people concerned, as they should be.

    `pack`, if given, is the pack as amended; it replaces the old one from `paid_in` on.
    """

    paid_in: int
    segments: Columns
    pack: Pack | None = None


class Batch(NamedTuple):
    """Steps of one family for some people. kind: segment, month, or arrears (past months worked out again, and their difference).

    `since` is the first day of each segment, None for months.
    """

    kind: str
    month: int
    paid_in: int
    family: str
    person: Array
    since: Array | None
    steps: Columns


Sink = Callable[[Batch], None]


@dataclass(frozen=True)
class PayYear:
    """`months`: TOTALS by month, each (12, people), 不适用 where nobody was paid. `carried`: balances at the end of the year."""

    year: int
    months: dict[str, Array]
    employed: Array
    carried: dict[str, Array]


def pay(
    pack: Pack,
    facts: PayFacts,
    year: int,
    changes: Sequence[Change] = (),
    sink: Sink | None = None,
    rules: order.Order = order.NOW,
    last_month: int = 12,
) -> PayYear:
    """The pay of `year` up to and with `last_month`. The result is equal with and without a sink. Raises NotInForce when the
    pack lacks a value."""
    people = facts.people
    segments = facts.segments
    known = np.zeros((13, len(PARTS), people), np.int64)  # what the months so far should have paid, as known now
    totals = {name: np.full((12, people), NOT_PAID, np.int64) for name in TOTALS}
    employment = np.zeros((12, people), bool)
    carried = {
        name: opening_balance(facts, name) for name in (*CARRIED, "project_allowance_before", "settling_paid_before")
    }
    for month in range(facts.first_month, last_month + 1):
        arrears = np.zeros(people, np.int64)
        for change in (one for one in changes if one.paid_in == month):
            pack = change.pack or pack
            arrears = add(arrears, _arrears(pack, change, year, facts.first_month, known, sink, rules))
            segments = _replaced(segments, change.segments)
        known[month], employed = parts_of_month(pack, segments, year, month, people, sink, "segment", month, rules)
        given = {name: values[month - 1] for name, values in facts.months.items()}
        own = dict(zip(PARTS, known[month], strict=True)) | carried | {"arrears_total": arrears}
        present = employed | (arrears != 0) | (given.get("other_pay", 0) > np.int64(0))
        rows = np.flatnonzero(present)
        everyone = len(rows) == people
        frame = month_frame(rules.month, year, month, employed, {**given, **own}, rows, everyone)
        results = run(rules.month, frame, pack.on(last_day(year, month)))
        steps = {name: column for family in results.values() for name, column in family.items()}
        for name in TOTALS:
            totals[name][month - 1, rows] = steps[name] if name in steps else frame[name]
        employment[month - 1] = employed
        _carry(carried, steps, rows)
        if sink:
            for family, columns in results.items():
                sink(Batch("month", month, month, family, rows, None, columns))
    return PayYear(year, totals, employment, carried)


def chunks(
    facts: PayFacts, changes: Sequence[Change] = (), size: int = 10_000
) -> Iterator[tuple[int, PayFacts, list[Change]]]:
    """The facts in pieces of `size` people: (number of the first, her piece numbered from 0, the changes of its people).

    People do not touch each other's pay, so pieces may be paid in any order and by several threads; small ones stay in the cache.
    """
    for first in range(0, facts.people, size):
        last = min(first + size, facts.people)
        piece = PayFacts(
            last - first,
            _between(facts.segments, first, last),
            {name: column[:, first:last] for name, column in facts.months.items()},
            {name: column[first:last] for name, column in facts.opening.items()},
            facts.first_month,
        )
        cuts = [Change(one.paid_in, _between(one.segments, first, last), one.pack) for one in changes]
        yield first, piece, [one for one in cuts if len(one.segments["segment_person"]) or one.pack]


def _between(segments: Columns, first: int, last: int) -> dict[str, Array]:
    """The segments of people first … last − 1, numbered from 0; segments are sorted by person."""
    start, end = np.searchsorted(segments["segment_person"], (first, last))
    part = {name: column[start:end] for name, column in segments.items()}
    return part | {"segment_person": part["segment_person"] - first}


def opening_balance(facts: PayFacts, name: str) -> Array:
    given = facts.opening.get(name)
    return np.zeros(facts.people, np.int64) if given is None else np.array(given, np.int64)


def last_day(year: int, month: int) -> date:
    return to_date(days(date(year + month // 12, month % 12 + 1, 1)) - 1)


def month_frame(
    families: Sequence, year: int, month: int, employed: Array, columns: Columns, rows: Array, everyone: bool
) -> dict[str, Array]:
    """The MONTH frame of the people present; columns that nobody gave are missing."""
    absent = np.full(len(rows), ABSENT, np.int64)
    made = {"month": np.full(len(employed), year * 12 + month - 1, np.int64), "employed": employed.astype(np.int64)}
    frame: dict[str, Array] = {}
    made_on_the_way = {name for family in families for name in family.outputs._fields}
    for name in sorted({name for family in families for name in family.inputs._fields} - made_on_the_way):
        values = made.get(name, columns.get(name))
        frame[name] = absent if values is None else values if everyone else values[rows]
    return frame


def _carry(carried: dict[str, Array], steps: Columns, rows: Array) -> None:
    for column, step in CARRIED.items():
        carried[column][rows] = steps[step]
    paid = carried["project_allowance_before"]
    paid[rows] = add(paid[rows], steps["project_allowance"])
    carried["settling_paid_before"][rows] |= steps["settling_grant"] > 0


def add(left: Array, right: Array) -> Array:
    """left + right; missing where either is."""
    low = np.minimum(left, right)
    return np.where(low <= MISSING, low, left + right)


def parts_of_month(
    pack: Pack,
    segments: Columns,
    year: int,
    month: int,
    people: int,
    sink: Sink | None,
    kind: str,
    paid_in: int,
    rules: order.Order,
) -> tuple[Array, Array]:
    """The regular pay of one month by part (len(PARTS), people), and who was employed in it."""
    sums = np.zeros((len(PARTS), people), np.int64)
    employed = np.zeros(people, bool)
    rows = np.flatnonzero(segments["segment_month"] == year * 12 + month - 1)
    if len(rows) == 0:
        return sums, employed
    part = {name: segments[name][rows] for name in FACTS}
    person = part["segment_person"]
    starts = np.flatnonzero(np.append(True, person[1:] != person[:-1]))
    employed[person[starts]] = True
    counted = _by_period(pack, part, rules.segment_days, year, month)
    part |= _days_of_month(counted["pay.prorating"]["segment_days"], starts)
    results = counted | _by_period(pack, part | counted["pay.prorating"], rules.segment, year, month)
    steps = {name: column for family in results.values() for name, column in family.items()}
    for index, (step, _) in enumerate(PARTS.values()):
        sums[index, person[starts]] = _grouped(steps[step], starts)
    if sink:
        for family, columns in results.items():
            sink(Batch(kind, month, paid_in, family, person, part["segment_since"], columns))
    return sums, employed


def _by_period(pack: Pack, part: Columns, families: Sequence, year: int, month: int) -> dict[str, dict[str, Array]]:
    """The families over the segments, each with the pack as of its first day."""
    first, last = date(year, month, 1), last_day(year, month)
    starts = [first, *(day for day in pack.change_days() if first < day <= last)]
    if len(starts) == 1:
        return run(families, part, pack.on(first))
    period = np.searchsorted([days(day) for day in starts], part["segment_since"], side="right") - 1
    out: dict[str, dict[str, Array]] = {
        family.id: {name: np.empty(len(period), np.int64) for name in family.outputs._fields} for family in families
    }
    for index, day in enumerate(starts):
        rows = np.flatnonzero(period == index)
        for family, columns in run(families, {n: c[rows] for n, c in part.items()}, pack.on(day)).items():
            for name, column in columns.items():
                out[family][name][rows] = column
    return out


def _days_of_month(counted: Array, starts: Array) -> dict[str, Array]:
    """Paid days of the month before each segment, and in all its segments."""
    if len(starts) == len(counted):
        return {"segment_days_before": np.zeros_like(counted), "segment_days_paid": counted}
    sizes = np.diff(np.append(starts, len(counted)))
    before = np.cumsum(counted) - counted
    return {
        "segment_days_before": before - np.repeat(before[starts], sizes),
        "segment_days_paid": np.repeat(np.add.reduceat(counted, starts), sizes),
    }


def _grouped(values: Array, starts: Array) -> Array:
    """Sums of the groups that begin at `starts`; a group with a missing value is missing."""
    if len(starts) == len(values):
        return values
    sums = np.add.reduceat(values, starts)
    low = np.minimum.reduceat(values, starts)
    return np.where(low <= MISSING, low, sums)


def _replaced(segments: Columns, corrected: Columns) -> dict[str, Array]:
    """The segments with those of the people in `corrected` taken from it, sorted by person and day."""
    keep = ~np.isin(segments["segment_person"], np.unique(corrected["segment_person"]))
    merged = {name: np.concatenate([column[keep], corrected[name]]) for name, column in segments.items()}
    sorting = np.lexsort((merged["segment_since"], merged["segment_person"]))
    return {name: column[sorting] for name, column in merged.items()}


def _arrears(
    pack: Pack, change: Change, year: int, first_month: int, known: Array, sink: Sink | None, rules: order.Order
) -> Array:
    """What the months before `change.paid_in` owe (people,); `known` then holds them as they should have been."""
    people = known.shape[2]
    affected = np.unique(change.segments["segment_person"])
    due = np.zeros((len(PARTS), len(affected)), np.int64)
    paid = np.zeros_like(due)
    for month in range(first_month, change.paid_in):
        sums, _ = parts_of_month(pack, change.segments, year, month, people, sink, "arrears", change.paid_in, rules)
        due = add(due, sums[:, affected])
        paid = add(paid, known[month][:, affected])
        known[month][:, affected] = sums[:, affected]
    frame: dict[str, Array] = {}
    for index, (_, item) in enumerate(PARTS.values()):
        frame |= {f"due_{item}": due[index], f"paid_{item}": paid[index]}
    results = run(rules.arrears, frame, pack.on(last_day(year, change.paid_in)))
    if sink:
        for family, columns in results.items():
            sink(Batch("arrears", change.paid_in, change.paid_in, family, affected, None, columns))
    arrears = np.zeros(people, np.int64)
    arrears[affected] = results["pay.arrears"]["arrears_total"]
    return arrears
