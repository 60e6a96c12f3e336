"""Months paid one after another: together the year's pay to the fen; what is known late is owed, once, and taxed when it is paid."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from tests.unit.core.frame.rows import records
from tests.unit.core.year.test_computing import PACK, district

from qinglan.core.frame.missing import MISSING
from qinglan.core.frame.records import Records
from qinglan.core.year import paying
from qinglan.core.year.computing import compute_year
from qinglan.core.year.paying import Ledger, NotInOrder, PaidMonth, pay_month

YEAR = 2025
SAME = ("gross_pay", "insurance_employee", "fund_employee", "annuity_employee", "tax_due", "net_pay", "employer_cost")


def tables(**changed: list) -> dict[str, list]:
    return {**district("990101", 1, 12), **changed}


def close(
    facts: Records, months: range, ledger: Ledger | None = None, year: int = YEAR
) -> tuple[list[PaidMonth], Ledger]:
    """The months paid in turn, and the ledger after them."""
    ledger, paid = ledger or Ledger(), []
    for month in months:
        paid.append(pay_month(facts, year, month, PACK, ledger))
        ledger = paying.after(ledger, year, month, paying.slips(paid[-1]), paid[-1].arrears)
    return paid, ledger


def step(month: PaidMonth, name: str, person: int) -> int:
    (row,) = np.flatnonzero(month.people == person)
    return next(int(family[name][row]) for family in month.steps.values() if name in family)


def test_twelve_months_are_the_year_to_the_fen() -> None:
    facts = records(**tables())
    year = compute_year(facts, YEAR, PACK)
    months, _ = close(facts, range(1, 13))
    assert (year.pay.months["gross_pay"] > MISSING).any()
    for month, paid in enumerate(months):
        assert paid.arrears.is_empty()
        assert paid.people.tolist() == year.frame.people[year.pay.employed[month]].tolist()
        for name in SAME:
            now = next(family[name] for family in paid.steps.values() if name in family)
            assert now.tolist() == year.pay.months[name][month, year.pay.employed[month]].tolist(), (month, name)


def certificates(person: int) -> list[dict]:
    """The district's certificates and one more of 10 March for `person`, higher than what she has."""
    given = district("990101", 1, 12)["certificates"]
    return [*given, {"person": person, "level": 3, "issued": date(2025, 3, 10), "registered_until": date(2028, 3, 10)}]


def test_what_is_known_late_is_owed_by_month_and_paid_once() -> None:
    facts, corrected = records(**tables()), records(**tables(certificates=certificates(2)))
    _, ledger = close(facts, range(1, 6))
    sixth = pay_month(corrected, YEAR, 6, PACK, ledger)
    assert sixth.arrears["person"].unique().to_list() == [2]
    assert sixth.arrears["month"].to_list() == [3, 4, 5]
    whole = compute_year(corrected, YEAR, PACK).pay.months["certificate_pay"]
    row = np.flatnonzero(compute_year(corrected, YEAR, PACK).frame.people == 2)[0]
    before = compute_year(facts, YEAR, PACK).pay.months["certificate_pay"]
    wanted = int((whole - before)[:5, row].sum())
    assert wanted > 0
    assert step(sixth, "arrears_certificate", 2) == step(sixth, "arrears_total", 2) == wanted
    # From the month in which it is paid everything comes to the same sums for the year: income, and the tax on it.
    rest, _ = close(corrected, range(6, 13), ledger)
    assert all(month.arrears.is_empty() for month in rest[1:])
    assert step(rest[-1], "income_to_date", 2) == int(
        compute_year(corrected, YEAR, PACK).pay.months["gross_pay"][:, row].sum()
    )


def test_a_correction_taken_back_is_taken_back_in_money() -> None:
    facts, corrected = records(**tables()), records(**tables(certificates=certificates(2)))
    _, ledger = close(facts, range(1, 6))
    sixth, ledger = close(corrected, range(6, 7), ledger)
    seventh = pay_month(facts, YEAR, 7, PACK, ledger)
    assert seventh.arrears["month"].to_list() == [3, 4, 5, 6]
    sixth_own = int(sixth[0].given["certificate_pay"][sixth[0].people == 2][0])
    plain = int(seventh.given["certificate_pay"][seventh.people == 2][0])
    assert step(seventh, "arrears_total", 2) == -step(sixth[0], "arrears_total", 2) - (sixth_own - plain)


def test_an_earlier_year_owes_what_its_publication_says_and_who_left_is_paid_too() -> None:
    facts = records(**tables())
    december, ledger = close(facts, range(11, 13))
    own = paying.slips(december[-1]).filter(pl.col("person") == 3)
    due = own.select(
        "person", pl.lit(YEAR).alias("year"), pl.lit(12).alias("month"), *paying.ITEMS, pl.lit("990101001001").alias("organisation")
    ).with_columns(pl.col("basic") + 12_345)  # fmt: skip
    others = ledger["settled"].join(due, on=["person", "year", "month"], how="anti")
    rest = others.with_columns(pl.lit("990101001001").alias("organisation"))
    left = tables()
    for one in left["employments"]:
        if one["person"] == 3:
            one["until"] = date(2026, 1, 1)
    asked = Ledger(
        {
            **ledger.tables,
            "due": pl.concat(
                [due.select(*paying.TABLES["due"]), rest.select(*paying.TABLES["due"])], how="vertical_relaxed"
            ),
        }
    )
    january = pay_month(records(**left), 2026, 1, PACK, asked)
    assert january.arrears.select("person", "year", "month").rows() == [(3, 2025, 12)]
    assert step(january, "gross_pay", 3) == 12_345
    assert [one["key"] for one in paying.exceptions(january)] == ["gone"]
    assert step(january, "months_to_date", 4) == 1, "January begins the tax year anew"


def test_a_month_that_cannot_be_worked_out_is_not_paid_and_does_not_hold_up_the_next() -> None:
    without = tables()
    without["postings"] = [one for one in without["postings"] if one["person"] != 5]
    paid, ledger = close(records(**without), range(1, 3))
    assert {one["key"]: one["people"] for one in paying.exceptions(paid[1])} == {"unpaid": [5], "unknown": [5]}
    third = pay_month(records(**tables()), YEAR, 3, PACK, ledger)
    assert third.arrears.select("person", "month").rows() == [(5, 1), (5, 2)], "mended: both months are paid now"
    assert step(third, "gross_pay", 5) > step(third, "arrears_total", 5) > 0


def test_months_go_in_order() -> None:
    facts = records(**tables())
    _, ledger = close(facts, range(4, 6))
    with pytest.raises(NotInOrder, match="接着应计算 2025 年 6 月"):
        pay_month(facts, YEAR, 8, PACK, ledger)
    with pytest.raises(NotInOrder, match="已经关账"):
        pay_month(facts, YEAR, 5, PACK, ledger)
    assert pay_month(facts, YEAR, 6, PACK, ledger).arrears.is_empty()


def test_the_first_month_of_a_district_takes_the_tax_on_as_if_the_months_before_had_been_paid_here() -> None:
    facts = records(**tables())
    sixth = pay_month(facts, YEAR, 6, PACK, Ledger())
    year = compute_year(facts, YEAR, PACK)
    tax = sixth.steps["pay.tax"]["tax_due"] if "pay.tax" in sixth.steps else None
    found = tax if tax is not None else next(f["tax_due"] for f in sixth.steps.values() if "tax_due" in f)
    assert found.tolist() == year.pay.months["tax_due"][5, year.pay.employed[5]].tolist()


def test_what_a_duplicate_record_was_paid_counts_for_the_record_kept() -> None:
    facts = records(**tables())
    _, ledger = close(facts, range(1, 4))
    other = {
        name: [{**row, "person": 99} if row.get("person") == 2 else row for row in rows]
        for name, rows in tables().items()
    }
    april = pay_month(records(**other), YEAR, 4, PACK, paying.merged(ledger, {2: 99}))
    assert april.arrears.is_empty()
    assert step(april, "months_to_date", 99) == 4
    # The control: without it three months are paid again, and taken back from a person who is no longer there.
    again = pay_month(records(**other), YEAR, 4, PACK, ledger)
    assert set(again.arrears["person"].to_list()) == {2, 99}
    assert step(again, "arrears_total", 99) == -step(again, "arrears_total", 2) > 0


def test_who_was_paid_and_should_not_have_been_owes_it_though_the_year_no_longer_knows_her() -> None:
    _, ledger = close(records(**tables()), range(1, 3))
    left = tables()
    left["employments"] = [
        {**one, "until": date(YEAR - 1, 12, 30)} if one["person"] == 3 else one for one in left["employments"]
    ]
    march = pay_month(records(**left), YEAR, 3, PACK, ledger)
    assert march.arrears.select("person", "month").rows() == [(3, 1), (3, 2)]
    assert step(march, "arrears_total", 3) < 0
    assert 3 in next(one["people"] for one in paying.exceptions(march) if one["key"] == "gone")


def test_an_opening_balance_entered_late_takes_nothing_back_by_itself() -> None:
    _, ledger = close(records(**tables()), range(1, 4))
    late = tables(opening=[{"person": 4, "day": date(YEAR, 2, 28), "months_employed": 2, "income": 1_000_000}])
    april = pay_month(records(**late), YEAR, 4, PACK, ledger)
    assert april.arrears.is_empty()
    assert {one["key"]: one["people"] for one in paying.exceptions(april)} == {"covered": [4]}


def test_a_month_known_late_counts_for_the_tax_of_the_year() -> None:
    newcomer = tables()
    newcomer["employments"] = [one for one in newcomer["employments"] if one["person"] != 6]
    _, ledger = close(records(**newcomer), range(1, 3))
    third = pay_month(records(**tables()), YEAR, 3, PACK, ledger)
    assert step(third, "months_to_date", 6) == 3, "employed since before January, recorded in March"
    assert "late_extras" in {one["key"] for one in paying.exceptions(third)}


def test_a_slip_stands_where_she_was_in_its_month() -> None:
    moved = tables()
    moved["postings"] = [
        *({**one, "until": date(YEAR, 5, 1)} if one["person"] == 2 else one for one in moved["postings"]),
        {
            **next(one for one in moved["postings"] if one["person"] == 2),
            "organisation": "990101009009",
            "since": date(YEAR, 5, 1),
        },
    ]
    march, june = (pay_month(records(**moved), YEAR, month, PACK, Ledger()) for month in (3, 6))
    before, after_ = (one.organisations[int(np.flatnonzero(one.people == 2)[0])] for one in (march, june))
    assert (before != "990101009009", after_) == (True, "990101009009")
