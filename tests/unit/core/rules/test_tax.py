"""Cumulative tax by nature: it rises, it is convex, and the months add up to the year."""

from datetime import date
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qinglan.core.packs.loading import load
from qinglan.core.rules.families import compute
from qinglan.core.rules.registry import ITEMS
from qinglan.core.rules.tax import FAMILY

ON = load("national", ITEMS).on(date(2025, 12, 31))
TABLES = FAMILY.tables(ON)
BRACKETS = [(one.upto, one.rate) for one in ON.dated("pay.income_tax.brackets").value]
AMOUNT = st.integers(0, 2_000_000_00)


def taxed(**columns: object) -> dict[str, np.ndarray]:
    count = max(np.size(values) for values in columns.values())
    frame = {name: np.zeros(count, np.int64) for name in FAMILY.inputs._fields}
    return compute(FAMILY, frame | {n: np.broadcast_to(v, count).astype(np.int64) for n, v in columns.items()}, TABLES)


def by_slices(taxable: int) -> Fraction:
    """Tax in fen, each slice at its own rate, not rounded."""
    tax, below = Fraction(0), 0
    for upto, rate in BRACKETS:
        top = taxable if upto is None else min(taxable, upto)
        tax += Fraction(max(top - below, 0) * rate, 10_000)
        below = max(below, top)
    return tax


@given(AMOUNT, AMOUNT)
@settings(max_examples=300, deadline=None)
def test_more_income_never_means_less_tax_nor_less_left(one: int, other: int) -> None:
    low, high = sorted((one, other))
    tax = taxed(gross_pay=np.array([low, high]))["tax_to_date"]
    assert tax[0] <= tax[1]
    assert low - tax[0] <= high - tax[1]


@given(AMOUNT, st.integers(1, 50_000_00))
@settings(max_examples=300, deadline=None)
def test_tax_is_convex(middle: int, step: int) -> None:
    tax = taxed(gross_pay=np.array([middle, middle + step, middle + 2 * step]))["tax_to_date"]
    assert tax[2] - tax[1] >= tax[1] - tax[0] - 1  # each tax is rounded to the fen once


@given(AMOUNT)
@settings(max_examples=300, deadline=None)
def test_quick_deductions_give_the_sum_of_the_slices(taxable: int) -> None:
    tax = int(taxed(gross_pay=taxable)["tax_to_date"][0])
    assert abs(tax - by_slices(taxable)) <= Fraction(1, 2)


@given(
    st.lists(st.integers(0, 80_000_00), min_size=12, max_size=12), st.integers(0, 3_000_00), st.integers(0, 3_000_00)
)
@settings(max_examples=200, deadline=None)
def test_twelve_months_withhold_the_year_s_tax_or_more(incomes: list[int], insurance: int, additional: int) -> None:
    carried = {name: 0 for name in FAMILY.inputs._fields if name.endswith("_before")}
    dues, highest = [], 0
    for income in incomes:
        steps = taxed(
            employed=1, gross_pay=income, insurance_employee=insurance, additional_deduction=additional, **carried
        )
        now = {name: int(column[0]) for name, column in steps.items()}
        carried = {
            "months_before": now["months_to_date"], "income_before": now["income_to_date"],
            "special_before": now["special_to_date"], "additional_before": now["additional_to_date"],
            "withheld_before": now["withheld_to_date"],
        }  # fmt: skip
        dues.append(now["tax_due"])
        highest = max(highest, now["tax_to_date"])
    year = taxed(
        employed=12, gross_pay=sum(incomes), insurance_employee=12 * insurance, additional_deduction=12 * additional
    )
    assert int(year["tax_to_date"][0]) == now["tax_to_date"]
    assert sum(dues) == now["withheld_to_date"] == highest
    assert now["withheld_to_date"] - now["tax_overpaid"] == now["tax_to_date"]
    assert min(dues) >= 0


@pytest.mark.parametrize("upto", [one for one, _ in BRACKETS if one])
def test_tax_has_no_jump_at_a_bracket(upto: int) -> None:
    tax = taxed(gross_pay=np.array([upto - 1, upto, upto + 1]))["tax_to_date"]
    assert 0 <= tax[1] - tax[0] <= 1
    assert 0 <= tax[2] - tax[1] <= 1
