"""A year's pay month by month for one person after another: parts summed, families worked, balances carried on."""

from dataclasses import dataclass, field
from datetime import date

from tests.recompute import families
from tests.recompute.frame import Ints
from tests.recompute.pack import Pack
from tests.recompute.spans import DAY
from tests.reference.exact import NOT_APPLICABLE, absent, day
from tests.reference.pay import total

PARTS = {
    "basic_pay": "segment_basic",
    "performance_pay": "segment_performance",
    "special_subsidy": "segment_subsidy",
    "communications_pay": "segment_communications",
    "certificate_pay": "segment_certificate_pay",
}
CARRIED = {
    "months_before": "months_to_date",
    "income_before": "income_to_date",
    "exempt_before": "exempt_to_date",
    "special_before": "special_to_date",
    "additional_before": "additional_to_date",
    "other_before": "other_to_date",
    "withheld_before": "withheld_to_date",
}
BALANCES = (*CARRIED, "project_allowance_before", "settling_paid_before")


@dataclass
class Person:
    """What her pay is worked from, and what came of it.

    `segments` of the year; `given` {column: [12 amounts]}; `carried` balances. Then: `employed`, `months` {month: all columns and steps},
    `steps` {family: {month: steps}}, `parts` {family: [steps of a segment, with its first day]}.
    """

    segments: list[Ints]
    given: dict[str, list[int]]
    carried: Ints
    employed: set[int] = field(default_factory=set)
    months: dict[int, Ints] = field(default_factory=dict)
    steps: dict[str, dict[int, Ints]] = field(default_factory=dict)
    parts: dict[str, list[Ints]] = field(default_factory=dict)


def last_day(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - DAY


def regular(pack: Pack, person: Person, year: int, month: int) -> Ints | None:
    """The month's regular pay by part, 0 for who is not employed in it (None); its segments' steps go to `person.parts`."""
    rows = [dict(one) for one in person.segments if one["segment_month"] == year * 12 + month - 1]
    if not rows:
        return None
    for row in rows:
        values = pack.on(day(row["segment_since"]))
        keep(person, row, families.work(families.SEGMENT_DAYS, [row], values))
    paid = sum(row["segment_days"] for row in rows)
    before = 0
    for row in rows:
        row |= {"segment_days_before": before, "segment_days_paid": paid}
        before += row["segment_days"]
        keep(person, row, families.work(families.SEGMENT, [row], pack.on(day(row["segment_since"]))))
    return {column: worst(row[step] for row in rows) for column, step in PARTS.items()}


def keep(person: Person, row: Ints, found: families.Steps) -> None:
    for family, (steps,) in found.items():
        person.parts.setdefault(family, []).append({"segment_since": row["segment_since"], **steps})


def worst(amounts) -> int:  # type: ignore[no-untyped-def]
    """The sum; what is absent for the gravest reason when anything is."""
    known = list(amounts)
    lacking = [one for one in known if absent(one)]
    return min(lacking) if lacking else sum(known)


def pay_month(pack: Pack, person: Person, year: int, month: int, arrears: int, parts: Ints | None, works: bool) -> None:
    """Works one month of a person who is employed in it or has something to come; carries her balances on."""
    row = {
        "month": year * 12 + month - 1,
        "employed": int(works),
        **{name: amounts[month - 1] for name, amounts in person.given.items()},
        **(parts or dict.fromkeys(PARTS, 0)),
        **person.carried,
        "arrears_total": arrears,
    }
    found = families.work(families.MONTH, [row], pack.on(last_day(year, month)))
    for family, (steps,) in found.items():
        person.steps.setdefault(family, {})[month] = steps
    person.months[month] = row
    carry(person.carried, row)


def carry(carried: Ints, row: Ints) -> None:
    carried |= {column: row[step] for column, step in CARRIED.items()}
    carried["project_allowance_before"] = total([row["project_allowance"], carried["project_allowance_before"]])
    carried["settling_paid_before"] |= int(row["settling_grant"] > 0)


def pay(pack: Pack, person: Person, year: int, first: int, last: int = 12) -> None:
    """Works the months `first` … `last` of one person by the facts."""
    for month in range(first, last + 1):
        parts = regular(pack, person, year, month)
        if parts is not None:
            person.employed.add(month)
            pay_month(pack, person, year, month, 0, parts, True)


def year_total(person: Person, name: str) -> tuple[int, list[int]]:
    """(the months paid, their amounts)."""
    amounts = [row[name] for _, row in sorted(person.months.items())]
    return len(amounts), amounts


def summed(person: Person, name: str) -> int:
    """The year's sum: absent for the gravest reason of a month, 不适用 for who was never paid."""
    paid, amounts = year_total(person, name)
    return worst(amounts) if paid else NOT_APPLICABLE
