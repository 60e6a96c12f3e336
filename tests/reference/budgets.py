"""A person's year of pay, the growth of pay and the budget lines, in Fractions, from S1, S2 and S3."""

from fractions import Fraction
from math import ceil
from typing import Any

from tests.reference.exact import NOT_APPLICABLE, NOT_IN_PACK, TOO_FEW, absent, half_up
from tests.reference.pay import Row, get, total, zero

EIGHT = {
    "basic": ("基本报酬", "year_basic"),
    "performance": ("绩效报酬", "year_performance"),
    "insurance": ("五险一金", "year_contributions"),
    "certificate": ("职称津贴", "year_certificate"),
    "communications": ("通讯交通津贴", "year_communications"),
    "checkup": ("体检", "checkup_taken"),
    "festivals": ("双节慰问", "year_festivals"),
}


def eight_items(rows: list[Row], values: Any) -> list[Row]:
    provided = values["pay.eight_items.provided"]
    results = []
    for row in rows:
        result = {"eight_retirement": NOT_APPLICABLE}
        for name, (label, column) in EIGHT.items():
            amount = int(row.get(column) == 1) if name == "checkup" else get(row, column)
            if not provided.get(label) or (name == "certificate" and not zero(row, "pay_certificate")):
                result[f"eight_{name}"] = NOT_APPLICABLE
            else:
                result[f"eight_{name}"] = amount if absent(amount) else int(amount > 0)
        result["eight_due"] = sum(one != NOT_APPLICABLE for one in result.values())
        result["eight_done"] = sum(result[f"eight_{name}"] == 1 for name in EIGHT)
        result["checkup_cost"] = values["pay.eight_items.checkup"] if result["eight_checkup"] == 1 else 0
        results.append(result)
    return results


def max_yijiantiao(rows: list[Row], values: Any) -> list[Row]:
    item = "pay.max_yijiantiao.monthly"
    known = item in values
    results = []
    for row in rows:
        monthly = total([get(row, "year_gross"), get(row, "paid_months")])
        if not absent(monthly):
            months = row["paid_months"]
            monthly = half_up(Fraction(row["year_gross"], months)) if months else NOT_APPLICABLE
        figure = NOT_APPLICABLE
        if row.get("pay_post") == 1:
            figure = values[item] if known else NOT_IN_PACK
        gap = monthly if absent(monthly) else figure if absent(figure) else monthly - figure
        results.append(
            {
                "monthly_gross": monthly, "calibration": figure, "calibration_gap": gap,
                "calibrated": gap if absent(gap) else int(gap <= 0),
            }
        )  # fmt: skip
    return results


def effort_gap(rows: list[Row], values: Any) -> list[Row]:
    names = ("extra_load", "extra_pay", "extra_pay_expected", "effort_gap", "effort_flag")
    results = []
    for row in rows:
        lacking = total(
            [get(row, n) for n in ("pay_work_volume", "monthly_gross", "peers", "peers_volume", "peers_monthly")]
        )
        if not zero(row, "pay_certificate"):
            lacking = NOT_APPLICABLE
        elif not absent(lacking) and (
            row["peers"] < values["pay.effort_gap.peers"] or not row["peers_volume"] or not row["peers_monthly"]
        ):
            lacking = TOO_FEW
        if absent(lacking):
            results.append(dict.fromkeys(names, lacking))
            continue
        mean_load, mean_pay = (Fraction(row[n], row["peers"]) for n in ("peers_volume", "peers_monthly"))
        load = half_up((row["pay_work_volume"] / mean_load - 1) * 10_000)
        pay = half_up((row["monthly_gross"] / mean_pay - 1) * 10_000)
        expected = half_up(Fraction(max(load, 0) * values["pay.effort_gap.follow"], 10_000))
        flag = int(load > 0 and expected > pay)
        results.append(dict(zip(names, (load, pay, expected, expected - pay, flag), strict=True)))
    return results


def grown(amount: int, percent: int, years: int) -> int:
    for _ in range(years):
        amount = half_up(amount * (1 + Fraction(percent, 10_000)))
    return amount


def compound(now: int, base: int) -> int:
    """The largest yearly hundredth of a percent that three years of `grown` keep at or under `now`, by walking."""
    rate = round(((now / base) ** (1 / 3) - 1) * 10_000) - 3
    while grown(base, rate + 1, 3) <= now:
        rate += 1
    return rate


def growth_of(now: int, last: int, base: int, floor: int, name: str) -> Row:
    result = {}
    if absent(last):
        result |= {f"{name}_target": last, f"{name}_grew": now if absent(now) else last}
    else:
        target = grown(last, floor, 1)
        result |= {f"{name}_target": target, f"{name}_grew": now if absent(now) else int(now >= target)}
    if not absent(now) and not absent(last):
        result[f"{name}_growth"] = half_up((Fraction(now, last) - 1) * 10_000) if last else NOT_APPLICABLE
    if absent(base):
        result |= {f"{name}_target_3": base, f"{name}_grew_3": now if absent(now) else base}
    else:
        target = grown(base, floor, 3)
        result |= {f"{name}_target_3": target, f"{name}_grew_3": now if absent(now) else int(now >= target)}
    if not absent(now) and not absent(base):
        result[f"{name}_compound"] = compound(now, base) if base > 0 else NOT_APPLICABLE
    return result


def growth_8(rows: list[Row], values: Any) -> list[Row]:
    floor = values["pay.growth_8.floor"]
    results = []
    for row in rows:
        bills = [get(row, f"pay_bill{when}") for when in ("", "_last", "_base")]
        people = [get(row, f"pay_heads{when}") for when in ("", "_last", "_base")]
        heads = []
        for bill, count in zip(bills, people, strict=True):
            lacking = total([bill, count])
            heads.append(lacking if absent(lacking) else half_up(Fraction(bill, count)) if count else NOT_APPLICABLE)
        result = growth_of(*bills, floor, "bill") | growth_of(*heads, floor, "head") | {"head_pay": heads[0]}
        both = [result["bill_grew_3"], result["head_grew_3"]]
        lacking = [one for one in both if absent(one)]
        result["growth_flag"] = 1 if 0 in both else lacking[0] if lacking else 0
        results.append(result)
    return results


def growth_mechanism(rows: list[Row], values: Any) -> list[Row]:
    cap, unit = values["pay.growth_mechanism.cap"], values["pay.growth_mechanism.round_to"]
    results = []
    for row in rows:
        now, last, level = (get(row, name) for name in ("average_wage", "average_wage_last", "start_level_now"))
        lacking = total([now, last])
        wage = lacking
        if not absent(lacking):
            wage = half_up((Fraction(now, last) - 1) * 10_000) if last else NOT_APPLICABLE
        applied = wage if absent(wage) else sorted((cap["floor"], wage, cap["ceiling"]))[1]
        after = total([applied, level])
        if not absent(after):
            after = half_up(level * (1 + Fraction(applied, 10_000)) / unit) * unit
        results.append({"wage_growth": wage, "growth_applied": applied, "start_level_next": after})
    return results


def against(required: int, budget: int) -> tuple[int, int]:
    """(what is short, whether the floor is kept)."""
    lacking = [one for one in (required, budget) if absent(one)]
    if lacking:
        return lacking[0], lacking[0]
    return max(required - budget, 0), int(budget >= required)


def pay_line(rows: list[Row], values: Any) -> list[Row]:
    results = []
    for row in rows:
        last = get(row, "pay_bill_last")
        required = last if absent(last) else grown(last, values["pay.growth_8.floor"], 1)
        short, kept = against(required, get(row, "pay_budget"))
        own = get(row, "own_line")
        kept = own if absent(own) else kept if own else 0
        results.append({"pay_line_required": required, "pay_line_short": short, "pay_line_kept": kept})
    return results


def training_50k(rows: list[Row], values: Any) -> list[Row]:
    floor = values["budget.training_50k.floor"]
    pairs = [against(floor, get(row, "training_budget")) for row in rows]
    return [{"training_required": floor, "training_short": s, "training_kept": k} for s, k in pairs]


def illness(rows: list[Row], values: Any) -> list[Row]:
    results = []
    for row in rows:
        people, budget = get(row, "headcount"), get(row, "illness_budget")
        required = people if absent(people) else people * values["budget.illness.per_head"]
        short, kept = against(required, budget)
        left = budget if absent(budget) else budget - zero(row, "illness_claims")
        results.append(
            {"illness_required": required, "illness_short": short, "illness_kept": kept, "illness_left": left}
        )
    return results


def innovation_fund(rows: list[Row], values: Any) -> list[Row]:
    results = []
    for row in rows:
        spent = get(row, "public_expenditure")
        required = spent
        if not absent(spent):
            required = ceil(Fraction(spent * values["budget.innovation_fund.share"], 10_000))
        short, kept = against(required, get(row, "innovation_budget"))
        results.append({"innovation_required": required, "innovation_short": short, "innovation_kept": kept})
    return results


def prize_fund(rows: list[Row], values: Any) -> list[Row]:
    floor = values["budget.prize_fund.floor"]
    pairs = [against(floor, get(row, "prize_budget")) for row in rows]
    return [{"prize_required": floor, "prize_short": s, "prize_kept": k} for s, k in pairs]


REFERENCES = {
    "pay.eight_items": eight_items,
    "pay.max_yijiantiao": max_yijiantiao,
    "pay.effort_gap": effort_gap,
    "pay.growth_mechanism": growth_mechanism,
    "pay.growth_8": growth_8,
    "budget.pay_line": pay_line,
    "budget.training_50k": training_50k,
    "budget.illness": illness,
    "budget.innovation_fund": innovation_fund,
    "budget.prize_fund": prize_fund,
}
