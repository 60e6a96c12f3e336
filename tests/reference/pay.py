"""Parts of a month and the month's gross and net, in dates and Fractions, from the mechanisms pay.* and the pack's words."""

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from tests.reference.exact import (
    ABSENT,
    NO_POST,
    NOT_APPLICABLE,
    NOT_IN_PACK,
    absent,
    day,
    half_up,
    label,
    later,
    number,
)
from tests.reference.tiers import POSTS

CERTIFICATES = {0: "无", 1: "初级", 2: "中级", 3: "高级"}
Row = dict[str, int]


def get(row: Row, name: str) -> int:
    return row.get(name, ABSENT)


def zero(row: Row, name: str) -> int:
    return 0 if absent(row.get(name)) else row[name]


def whole(amount: Fraction | int, unit: int) -> int:
    """`amount` to whole multiples of `unit`, half up, once."""
    return half_up(Fraction(amount) / unit) * unit


def total(amounts: list[int]) -> int:
    """The sum; the first absence if there is one."""
    lacking = [one for one in amounts if absent(one)]
    return lacking[0] if lacking else sum(amounts)


def span(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def prorating(rows: list[Row], values: Any) -> list[Row]:
    by_paid_days = values["pay.prorating.basis"] == 2

    def count(days: list[date]) -> int:
        return sum(one.weekday() < 5 for one in days) if by_paid_days else len(days)

    results = []
    for row in rows:
        since, until = day(row["segment_since"]), day(row["segment_until"])
        first = since.replace(day=1)
        month = span(first, later(first, 1) - timedelta(days=1))
        paid = row.get("segment_paid") != 0
        results.append({"segment_days": count(span(since, until)) if paid else 0, "month_full_days": count(month)})
    return results


def part(amount: int, row: Row, divisor: Fraction) -> int:
    if row["segment_days"] == 0:
        return 0
    if absent(amount):
        return amount
    before = Fraction(row["segment_days_before"]) / divisor
    return half_up(amount * (before + Fraction(row["segment_days"]) / divisor)) - half_up(amount * before)


def three_plus_x(rows: list[Row], values: Any) -> list[Row]:
    unit = values["pay.three_plus_x.round_to"]
    results = []
    for row in rows:
        post, grade = get(row, "segment_post"), get(row, "segment_grade")
        basic = performance = subsidy = communications = NO_POST
        if not absent(post):
            fitting = [
                one for one in values["pay.three_plus_x.scale"]
                if (absent(one["post"]) or one["post"] == post) and (absent(one["grade"]) or one["grade"] == grade)
            ]  # fmt: skip
            if not fitting:
                basic = performance = grade if absent(grade) else NOT_IN_PACK
            elif not absent(fitting[0]["coefficient"]):
                coefficient = Fraction(fitting[0]["coefficient"], 10_000)
                standard = whole(values["pay.three_plus_x.start_level"] * coefficient, unit)
                performance = whole(standard * Fraction(values["pay.three_plus_x.performance_share"], 10_000), unit)
                basic = standard - performance
            else:
                basic, performance = fitting[0]["basic"], fitting[0]["performance"]
            subsidy = label(values["pay.three_plus_x.subsidy"], POSTS[post])
            communications = label(values["pay.eight_items.communications"], POSTS[post])
        star = get(row, "segment_star_coefficient")
        star = Fraction(1) if absent(star) else Fraction(star, 10_000)
        result = {"standard_basic": basic, "standard_performance": performance, "star_applied": int(star * 10_000)}
        if not absent(performance):
            performance = whole(performance * star, unit)
            if values["pay.star_rating.base"] == 2:
                basic = whole(basic * star, unit)
        divisor = Fraction(row["month_full_days"])
        if values["pay.prorating.basis"] == 2 and row["segment_days_paid"] != row["month_full_days"]:
            divisor = max(Fraction(values["pay.prorating.divisor"], 100), Fraction(row["segment_days_paid"]))
        results.append(
            result
            | {
                "full_basic": basic, "full_performance": performance, "full_subsidy": subsidy,
                "full_communications": communications, "days_divisor": int(divisor * 100),
                "segment_basic": part(basic, row, divisor), "segment_performance": part(performance, row, divisor),
                "segment_subsidy": part(subsidy, row, divisor),
                "segment_communications": part(communications, row, divisor),
            }
        )  # fmt: skip
    return results


def cert_allowance(rows: list[Row], values: Any) -> list[Row]:
    results = []
    for row in rows:
        amount = values["pay.cert_allowance.amount"][CERTIFICATES[zero(row, "segment_certificate")]]
        divisor = Fraction(row["days_divisor"], 100)
        results.append({"full_certificate": amount, "segment_certificate_pay": part(amount, row, divisor)})
    return results


def arrears(rows: list[Row], values: Any) -> list[Row]:
    results = []
    for row in rows:
        result = {}
        for item in ("basic", "performance", "subsidy", "communications", "certificate"):
            due, paid = get(row, f"due_{item}"), get(row, f"paid_{item}")
            result[f"arrears_{item}"] = due if absent(due) else paid if absent(paid) else due - paid
        results.append(result | {"arrears_total": total(list(result.values()))})
    return results


def project_allowance(rows: list[Row], values: Any) -> list[Row]:
    rates = values["pay.project_allowance.rate"]
    results = []
    for row in rows:
        result = {}
        for level, name in (("省", "province"), ("市", "city"), ("区", "district")):
            money = zero(row, f"prize_money_{name}")
            rate = label(rates, level)
            result[f"project_{name}"] = (
                0 if not money else NOT_IN_PACK if rate is None else half_up(Fraction(money * rate, 10_000))
            )
        asked = total(list(result.values()))
        left = max(values["pay.project_allowance.cap"] - zero(row, "project_allowance_before"), 0)
        allowance = asked if absent(asked) else min(asked, left)
        results.append(result | {"project_before_cap": asked, "project_cap_left": left, "project_allowance": allowance})
    return results


def settling_grant(rows: list[Row], values: Any) -> list[Row]:
    results = []
    for row in rows:
        if row.get("settling_approved") == 1 and row.get("settling_paid_before") != 1:
            first = date(row["month"] // 12, row["month"] % 12 + 1, 1)
            until = later(first, values["pay.settling_grant.bond"] + 1) - timedelta(days=1)
            results.append(
                {"settling_grant": values["pay.settling_grant.amount"], "settling_bond_until": number(until)}
            )
        else:
            results.append({"settling_grant": 0, "settling_bond_until": NOT_APPLICABLE})
    return results


def gross(rows: list[Row], values: Any) -> list[Row]:
    results = []
    for row in rows:
        gifts = [
            one["amount"] for one in values["pay.eight_items.festivals"]
            if row["employed"] == 1 and one["month"] == row["month"] % 12 + 1
        ]  # fmt: skip
        regular = total([get(row, name) for name in (
            "basic_pay", "performance_pay", "special_subsidy", "communications_pay", "certificate_pay")])  # fmt: skip
        extra = total(
            [get(row, "project_allowance"), get(row, "settling_grant"), zero(row, "exam_reward"), zero(row, "other_pay"),
             *gifts]
        )  # fmt: skip
        results.append(
            {
                "regular_pay": regular, "festival_gift": sum(gifts), "x_pay": extra,
                "gross_pay": total([regular, extra, get(row, "arrears_total")]),
            }
        )  # fmt: skip
    return results


def net(rows: list[Row], values: Any) -> list[Row]:
    results = []
    for row in rows:
        own = [get(row, name) for name in ("insurance_employee", "fund_employee", "annuity_employee")]
        theirs = [get(row, name) for name in ("insurance_employer", "fund_employer", "annuity_employer")]
        lacking = total([get(row, "gross_pay"), *own, get(row, "tax_due"), *theirs])
        if absent(lacking):
            results.append({"deductions": lacking, "net_pay": lacking, "employer_cost": lacking})
            continue
        deductions = sum(own) + zero(row, "other_withheld")
        left = row["gross_pay"] - deductions - row["tax_due"]
        results.append(
            {
                "deductions": deductions, "net_pay": left, "owed_by_worker": -left if left < 0 else 0,
                "employer_contributions": sum(theirs), "employer_cost": row["gross_pay"] + sum(theirs),
            }
        )  # fmt: skip
    return results


REFERENCES = {
    "pay.prorating": prorating,
    "pay.three_plus_x": three_plus_x,
    "pay.cert_allowance": cert_allowance,
    "pay.arrears": arrears,
    "pay.project_allowance": project_allowance,
    "pay.settling_grant": settling_grant,
    "pay.gross": gross,
    "pay.net": net,
}
