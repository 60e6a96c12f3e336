"""A whole year from a run's frozen tables and the text of its pack: people, units, pay, the district's sums."""

from dataclasses import dataclass
from datetime import date

from tests.recompute import families, frame, segments, tables, units
from tests.recompute.frame import Ints
from tests.recompute.months import BALANCES, Person, pay, summed, year_total
from tests.recompute.pack import Pack, Values
from tests.recompute.tables import Row, Tables, by_person, last
from tests.reference.exact import NOT_APPLICABLE, NOT_RECORDED, absent

STARS = ("未评", "一星", "二星", "三星", "四星", "五星")
SAME_YEAR, UNRATED = 1, 10_000
PRIZES = {2: "prize_money_province", 3: "prize_money_city", 4: "prize_money_district"}
OPENING = {
    "months_before": "months_employed",
    "income_before": "income",
    "special_before": "special_deductions",
    "additional_before": "additional_deductions",
    "withheld_before": "tax_withheld",
}
PAY_SUMS = {
    "year_basic": "basic_pay",
    "year_performance": "performance_pay",
    "year_contributions": "employer_contributions",
    "year_certificate": "certificate_pay",
    "year_communications": "communications_pay",
    "year_festivals": "festival_gift",
    "year_gross": "gross_pay",
}
SUMMARY = {"tier": "tier", "score": "composite", "grade": "grade", "star": "star", "ladder_grade": "ladder_grade_now"}
SUMS = {"gross": "gross_pay", "net": "net_pay", "tax": "tax_due"}
UNIT_SUMMARY = {"score": "unit_composite", "colour": "colour"}


@dataclass
class Year:
    """Rows are in the order of `people` (by number) and `codes`; steps are {family: [row, …]}.

    `frame` and `unit_frame` are the rows as read, before any step; `figures` what lists show, None where it is absent.
    """

    year: int
    people: list[int]
    places: list[str]
    frame: list[Ints]
    steps: families.Steps
    pay: list[Person]
    pay_steps: families.Steps
    figures: list[dict[str, int | None]]
    codes: list[str]
    unit_frame: list[Ints]
    unit_steps: families.Steps
    unit_figures: list[dict[str, int | None]]
    district_frame: Ints
    district_steps: dict[str, Ints]
    given: dict[str, dict[str, list[int]]]


def compute(frozen: bytes, year: int, pack: Pack) -> Year:
    """The year `year` from the zip of tables under the pack."""
    records, said = tables.read(frozen)
    values = pack.on(date(year, 12, 31))
    people, places, rows = frame.build(records, year, values)
    read = [dict(row) for row in rows]
    steps = families.work(families.PERSON_YEAR, rows, values)
    paid, first, given = pay_facts(records, people, rows, year, pack)
    for person in paid:
        pay(pack, person, year, first)
    pay_steps = held(rows, paid, values)
    codes, unit_rows = units.build(records, year)
    unit_read = [dict(row) for row in unit_rows]
    unit_steps = families.work(families.UNIT_YEAR, unit_rows, values)
    district_frame = {**district(year, paid), **said}
    (district_row,) = ([dict(district_frame)],)
    district_steps = {name: one for name, (one,) in families.work(families.DISTRICT_YEAR, district_row, values).items()}
    figures = [
        {name: shown(row[step]) for name, step in SUMMARY.items()}
        | {name: shown(listed(person, column)) for name, column in SUMS.items()}
        for row, person in zip(rows, paid, strict=True)
    ]
    return Year(
        year, people, places, read, steps, paid, pay_steps, figures, codes, unit_read, unit_steps,
        [{name: shown(row[step]) for name, step in UNIT_SUMMARY.items()} for row in unit_rows],
        district_frame, district_steps, given,
    )  # fmt: skip


def shown(value: int) -> int | None:
    return None if absent(value) else value


def listed(person: Person, name: str) -> int:
    """The year's sum as lists show it: not known when a month of it is not."""
    found = summed(person, name)
    return found if found == NOT_APPLICABLE and not person.months else NOT_RECORDED if absent(found) else found


def pay_facts(
    records: Tables, people: list[int], rows: list[Ints], year: int, pack: Pack
) -> tuple[list[Person], int, dict[str, dict[str, list[int]]]]:
    """(everybody's facts, the first month to pay, the inputs by group). `rows` hold the steps of the person-year."""
    values, changes = pack.on(date(year, 12, 31)), pack.change_days()
    mine = {name: by_person(one) for name, one in records.items() if one and "person" in one[0]}
    paid, opened = [], []
    for person, row in zip(people, rows, strict=True):
        facts = {name: one.get(person, []) for name, one in mine.items()}
        balances = [one for one in facts.get("opening", []) if one["day"].year == year]
        brought = last(balances, "day") or {}
        opened.append(brought["day"].month if brought else 0)
        own = segments.of_person(facts, year, star_paid(row, values), row["ladder_grade_now"], changes)
        prizes = prize_money(facts.get("projects", []), year)
        carried = dict.fromkeys(BALANCES, 0) | {name: brought.get(column) or 0 for name, column in OPENING.items()}
        deduction = {"additional_deduction": [brought.get("additional_monthly") or 0] * 12}
        paid.append(Person(own, {**prizes, **deduction}, carried))
    first = max(opened) + 1 if opened and 2 * sum(month > 0 for month in opened) >= len(opened) else 1
    given = {
        "months": {name: [one for at in range(12) for one in (person.given[name][at] for person in paid)]
                   for name in (*PRIZES.values(), "additional_deduction")},
        "opening": {name: [person.carried[name] for person in paid] for name in OPENING},
    }  # fmt: skip
    return paid, first, given


def star_paid(row: Ints, values: Values) -> int:
    """The coefficient she is paid by: of last year's star, or of this year's where the pack says so."""
    if values["pay.star_rating.paid_in"] == SAME_YEAR:
        return row["star_coefficient"]
    star = row["last_star"]
    return UNRATED if absent(star) else values["pay.star_rating.coefficients"][STARS[star]]


def prize_money(rows: list[Row], year: int) -> dict[str, list[int]]:
    """Prize money by level and month."""
    found = {name: [0] * 12 for name in PRIZES.values()}
    for one in rows:
        if one["day"].year == year and one["prize_level"] in PRIZES:
            found[PRIZES[one["prize_level"]]][one["day"].month - 1] += one["fund"]
    return found


def held(rows: list[Ints], paid: list[Person], values: Values) -> families.Steps:
    """The year's pay against the scheme, and against colleagues of the same district and post."""
    given = [
        {
            "pay_post": row["post"],
            "pay_certificate": row["certificate"],
            "pay_work_volume": row["work_volume"],
            "checkup_taken": NOT_RECORDED,
            "paid_months": len(person.employed),
            **{name: summed(person, column) for name, column in PAY_SUMS.items()},
        }
        for row, person in zip(rows, paid, strict=True)
    ]
    *before, effort = families.PAY_YEAR
    found = families.work(before, given, values)
    groups = [(row["district"], max(row["post"], 0)) for row in rows]
    counted = [
        (group, row["pay_work_volume"], row["monthly_gross"])
        for group, row in zip(groups, given, strict=True)
        if row["pay_certificate"] == 0 and row["pay_post"] > 0
        and not absent(row["pay_work_volume"]) and not absent(row["monthly_gross"])
    ]  # fmt: skip
    for group, row in zip(groups, given, strict=True):
        mates = [one for one in counted if one[0] == group]
        row["peers"] = len(mates)
        row["peers_volume"] = sum(volume for _, volume, _ in mates)
        row["peers_monthly"] = sum(gross for _, _, gross in mates)
    return found | families.work([effort], given, values)


def district(year: int, paid: list[Person]) -> Ints:
    """The bill of pay, the average headcount (half up) and that of December."""
    bills = [listed(person, "gross_pay") for person in paid]
    months = sum(year_total(person, "gross_pay")[0] for person in paid)
    return {
        "budget_year": year,
        "budget_district": 1,
        "pay_bill": sum(one for one in bills if not absent(one)),
        "pay_heads": (2 * months + 12) // 24,
        "headcount": sum(12 in person.employed for person in paid),
    }
