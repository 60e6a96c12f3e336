"""Insurance, housing fund, annuity and income tax in Fractions: tax as the sum over the brackets' slices, not by quick deductions."""

from fractions import Fraction
from typing import Any

from tests.reference.exact import NOT_APPLICABLE, absent, half_up
from tests.reference.pay import Row, get, total, whole, zero

LINES = {"pension": "养老保险", "medical": "医疗保险（含生育）", "unemployment": "失业保险"}
ROUTES = {1: "用人单位参保", 2: "事业单位工伤保险统筹"}


def of(base: int, percent: int, unit: int) -> int:
    """One contribution on a base."""
    if base == NOT_APPLICABLE:
        return 0
    return base if absent(base) else whole(base * Fraction(percent, 10_000), unit)


def held(base: int, floor: int, ceiling: int) -> int:
    return base if absent(base) else sorted((floor, base, ceiling))[1]


def injury_pool(rows: list[Row], values: Any) -> list[Row]:
    results = []
    for row in rows:
        working = row["employed"] == 1
        covered = working and row.get("insured") != 0
        route = zero(row, "injury_route_recorded") or values["pay.injury_pool.route"]
        results.append(
            {
                "injury_insured": int(covered),
                "injury_route": route if covered else NOT_APPLICABLE,
                "injury_rate": values["pay.injury_pool.rate"][ROUTES[route]] if covered else 0,
                "injury_alert": int(working and not covered),
            }
        )
    return results


def social_insurance(rows: list[Row], values: Any) -> list[Row]:
    average, cap = values["pay.social_insurance.average_wage"], values["pay.social_insurance.base_cap"]
    unit = values["pay.social_insurance.round_to"]
    floor, ceiling = (half_up(Fraction(average * cap[end], 10_000)) for end in ("floor", "ceiling"))
    results = []
    for row in rows:
        declared = get(row, "contribution_base")
        declared = get(row, "regular_pay") if absent(declared) else declared
        if row["employed"] != 1 or row.get("insured") == 0:
            declared = NOT_APPLICABLE
        base = held(declared, floor, ceiling)
        result = {"base_declared": declared, "base_floor": floor, "base_ceiling": ceiling, "insurance_base": base}
        for side in ("employee", "employer"):
            for line, name in LINES.items():
                result[f"{line}_{side}"] = of(base, values[f"pay.social_insurance.{side}"][name], unit)
        result["injury_employer"] = of(base, row["injury_rate"], unit)
        result["insurance_employee"] = total([result[f"{line}_employee"] for line in LINES])
        result["insurance_employer"] = total([result[f"{line}_employer"] for line in (*LINES, "injury")])
        results.append(result)
    return results


def housing_fund(rows: list[Row], values: Any) -> list[Row]:
    cap, unit = values["pay.housing_fund.base_cap"], values["pay.housing_fund.round_to"]
    results = []
    for row in rows:
        candidates = [get(row, name) for name in ("fund_base", "contribution_base", "regular_pay")]
        base = next((one for one in candidates if not absent(one)), candidates[-1])
        if row["employed"] != 1 or row.get("fund_member") == 0:
            base = NOT_APPLICABLE
        base = held(base, cap["floor"], cap["ceiling"])
        sides = {
            f"fund_{side}": of(base, values[f"pay.housing_fund.{side}"], unit) for side in ("employee", "employer")
        }
        results.append({"fund_base_used": base} | sides)
    return results


def annuity(rows: list[Row], values: Any) -> list[Row]:
    own, theirs, free = (values[f"pay.annuity.{name}"] for name in ("employee", "employer", "deductible"))
    results = []
    for row in rows:
        base = NOT_APPLICABLE if row.get("annuity_member") == 0 else get(row, "insurance_base")
        results.append(
            {
                "annuity_employee": of(base, own, 1),
                "annuity_employer": of(base, theirs, 1),
                "annuity_deductible": of(base, min(own, free), 1),
            }
        )
    return results


def progressive(taxable: int, brackets: list[dict[str, Any]]) -> int:
    """The tax on an amount: each slice at its own rate, half up to the fen at the end."""
    tax, below = Fraction(0), 0
    for bracket in brackets:
        top = taxable if bracket["upto"] is None else min(taxable, bracket["upto"])
        if top > below:
            tax += Fraction((top - below) * bracket["rate"], 10_000)
            below = top
    return half_up(tax)


def income_tax(rows: list[Row], values: Any) -> list[Row]:
    brackets = values["pay.income_tax.brackets"]
    results = []
    for row in rows:
        lacking = total(
            [get(row, name) for name in (
                "gross_pay", "insurance_employee", "fund_employee", "annuity_deductible", "months_before",
                "income_before", "exempt_before", "special_before", "additional_before", "other_before",
                "withheld_before")]
        )  # fmt: skip
        if absent(lacking):
            results.append({"taxable_to_date": lacking, "tax_to_date": lacking, "tax_due": lacking})
            continue
        months = row["months_before"] + row["employed"]
        sums = {
            "income_to_date": row["income_before"] + row["gross_pay"],
            "exempt_to_date": row["exempt_before"] + zero(row, "exempt_income"),
            "basic_deduction": values["pay.income_tax.monthly_deduction"] * months,
            "special_to_date": row["special_before"] + row["insurance_employee"] + row["fund_employee"],
            "additional_to_date": row["additional_before"] + zero(row, "additional_deduction"),
            "other_to_date": row["other_before"] + row["annuity_deductible"] + zero(row, "other_deduction"),
        }
        taxable = max(2 * sums["income_to_date"] - sum(sums.values()), 0)
        tax = progressive(taxable, brackets)
        due = max(tax - row["withheld_before"], 0)
        bracket = next(one for one in brackets if one["upto"] is None or taxable <= one["upto"])
        results.append(
            sums
            | {
                "months_to_date": months, "taxable_to_date": taxable, "tax_rate": bracket["rate"],
                "quick_deduction": bracket["quick"], "tax_to_date": tax, "tax_due": due,
                "withheld_to_date": row["withheld_before"] + due, "tax_overpaid": row["withheld_before"] + due - tax,
            }
        )  # fmt: skip
    return results


REFERENCES = {
    "pay.injury_pool": injury_pool,
    "pay.social_insurance": social_insurance,
    "pay.housing_fund": housing_fund,
    "pay.annuity": annuity,
    "pay.income_tax": income_tax,
}
