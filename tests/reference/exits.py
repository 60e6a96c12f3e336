"""Honours and exits from S2, S3, S4 and the Labour Contract Law art. 39–42, 46–47, in dates, fractions and dicts."""

import math
from datetime import timedelta
from fractions import Fraction
from typing import Any

from tests.reference.ladders import NOT_APPLICABLE, get, served
from tests.reference.retirement import later
from tests.reference.tiers import MISSING, day

LEVELS = {"national": "国家", "province": "省", "city": "市", "district": "区", "subdistrict": "街道"}
EXITS = {0: "在岗", 1: "自愿离职", 2: "解聘", 3: "退休", 4: "向上流出", 5: "去世", 6: "其他原因"}


def medal(rows: list[dict[str, int]], values: Any) -> list[dict[str, int]]:
    results = []
    needed = values["honour.medal_30.months"]
    for row in rows:
        now = served(row, "entry_date")
        if now is None:
            results.append({"medal_months": MISSING, "medal_due": MISSING})
            continue
        earlier = (get(row, "earlier_service_months") or 0) * values["honour.medal_30.count_earlier"]
        recognised = (get(row, "recognised_months") or 0) * values["honour.medal_30.count_recognised"]
        total = now + earlier + recognised
        results.append(
            {
                "medal_months_now": now,
                "medal_months_earlier": earlier,
                "medal_months_recognised": recognised,
                "medal_months": total,
                "medal_months_required": needed,
                "medal_months_short": max(0, needed - total),
                "medal_due": int(total >= needed),
            }
        )
    return results


def honour_file(rows: list[dict[str, int]], values: Any) -> list[dict[str, int]]:
    results = []
    points, caps, cap = values["honour.file.points"], values["honour.file.level_caps"], values["honour.file.total_cap"]
    for row in rows:
        result = {
            f"honour_{name}": min(caps[label], points[label] * (get(row, f"awards_{name}") or 0))
            for name, label in LEVELS.items()
        }
        total = sum(result.values())
        results.append({**result, "honour_sum": total, "honour_cap": cap, "honour_points": min(cap, total)})
    return results


def lawful_end(row: dict[str, int]) -> int:
    """What stands in the place of an ending: 7 elected, 8 probation, 6 art. 42, 4 not yet trained or moved, 5 ending."""
    order = [("bound_by_election", 7), ("in_probation", 8), ("barred_by_article_42", 6)]
    for name, proposal in order:
        if row[name]:
            return proposal
    return 5 if row.get("remedied") == 1 else 4


def xuhui(rows: list[dict[str, int]], values: Any) -> list[dict[str, int]]:
    limit = values["exit.xuhui.dismiss_fails"]
    results = []
    for row in rows:
        step = row["monthly_action"]
        talked = (get(row, "talks") or 0) > 0
        proposal = lawful_end(row) if talked and row["worst_window_fails"] >= limit else step
        if step and row["bound_by_election"]:
            proposal = 7
        results.append(
            {
                "xuhui_dismiss_fails": limit,
                "xuhui_by_months": step,
                "xuhui_talked_before": int(talked),
                "xuhui_remedied": int(row.get("remedied") == 1),
                "xuhui_proposal": proposal,
            }
        )
    return results


def unfit(rows: list[dict[str, int]], values: Any) -> list[dict[str, int]]:
    results = []
    for row in rows:
        now, before = row.get("grade") == 4, row.get("last_grade") == 4
        years = [0, 1, 2][now + (now and before)]
        proposal = 0
        if years >= values["exit.unfit.years_to_end"]:
            proposal = lawful_end(row)
        elif years:
            proposal = 7 if row["bound_by_election"] else 8 if row["in_probation"] else 3
        held = get(row, "ladder_grade_now")
        down = NOT_APPLICABLE if held is None else max(1, held - values["exit.unfit.demote_grades"])
        results.append(
            {
                "unfit_this_year": int(now),
                "unfit_last_year": int(before),
                "unfit_years": years,
                "unfit_years_to_end": values["exit.unfit.years_to_end"],
                "unfit_remedied": int(row.get("remedied") == 1),
                "unfit_proposal": proposal,
                "unfit_demote_to": down if proposal == 3 else NOT_APPLICABLE,
                "unfit_notice_days": values["exit.unfit.notice_days"] if proposal == 5 else NOT_APPLICABLE,
            }
        )
    return results


def severance(rows: list[dict[str, int]], values: Any) -> list[dict[str, int]]:
    return [one_severance(row, values) for row in rows]


def one_severance(row: dict[str, int], values: Any) -> dict[str, int]:
    if 5 not in (row["unfit_proposal"], row["xuhui_proposal"]):
        names = ("service", "amount", "notice_pay")
        return {"severance_applies": 0, **{f"severance_{name}": NOT_APPLICABLE for name in names}}
    entry, end = day(row["entry_date"]), day(row["as_of"]) + timedelta(days=1)
    years = 0
    while later(entry, 12 * (years + 1)) <= end:
        years += 1
    anniversary = later(entry, 12 * years)
    pay = Fraction(years)
    if later(entry, 12 * years + 6) <= end:
        pay += 1
    elif anniversary < end:
        pay += Fraction(1, 2)
    line = Fraction(values["pay.social_insurance.average_wage"] * values["exit.unfit.severance.wage_cap"], 10_000)
    result = {
        "severance_applies": 1,
        "severance_service": served(row, "entry_date") or 0,
        "severance_months_full": int(pay * 2),
        "severance_wage_line": int(line),
        "severance_notice_pay": row.get("last_month_wage", MISSING),
        "severance_before_law": int(row["entry_date"] < values["exit.unfit.severance.since"]),
    }
    wage = get(row, "average_wage_12m")
    if wage is None:
        return {**result, "severance_months": int(pay * 2), "severance_wage": MISSING, "severance_amount": MISSING}
    high = wage > line
    months = min(pay, Fraction(values["exit.unfit.severance.years_cap"])) if high else pay
    used = line if high else Fraction(wage)
    result["severance_over_line"] = int(high)
    result["severance_months"] = int(months * 2)
    result["severance_wage"] = int(used)
    result["severance_amount"] = math.floor(used * months + Fraction(1, 2))
    return result


def upward(rows: list[dict[str, int]], values: Any) -> list[dict[str, int]]:
    loss = values["exit.upward.counts_as_loss"]
    results = []
    for row in rows:
        kind = get(row, "exit_reason") or 0
        when = get(row, "exit_date")
        if kind and when is None:
            results.append({"exit_in_year": MISSING, "exit_is_upward": MISSING, "exit_counts_as_loss": MISSING})
            continue
        inside = bool(kind and when is not None and row["year_start"] <= when <= row["as_of"])
        results.append(
            {
                "exit_kind": kind,
                "exit_in_year": int(inside),
                "exit_is_upward": int(inside and EXITS[kind] == "向上流出"),
                "exit_counts_as_loss": int(inside and loss.get(EXITS[kind], loss.get("其余", 0)) == 1),
            }
        )
    return results


def subsidy(rows: list[dict[str, int]], values: Any) -> list[dict[str, int]]:
    results = []
    for row in rows:
        now = served(row, "entry_date")
        if now is None:
            results.append({"subsidy_years": MISSING, "retire_subsidy": MISSING})
            continue
        total = now + (get(row, "earlier_service_months") or 0)
        if values["exit.retire_subsidy.count_recognised"]:
            total += get(row, "recognised_months") or 0
        monthly = max(
            (one["value"] for one in values["exit.retire_subsidy.amounts"] if one["lower"] * 12 <= total), default=0
        )
        due = get(row, "exit_reason") == 3
        results.append(
            {
                "subsidy_service": total,
                "subsidy_years": total // 12,
                "subsidy_by_years": monthly,
                "subsidy_due": int(due),
                "retire_subsidy": monthly if due else 0,
            }
        )
    return results


def flow(rows: list[dict[str, int]], values: Any) -> list[dict[str, int]]:
    acts = {one["grade"]: one for one in values["assess.flow_by_result.actions"]}
    names = ("rotation", "study", "grade_up", "change_post", "grade_down", "eliminate")
    results = []
    for row in rows:
        grade = get(row, "grade")
        if grade is None:
            results.append(dict.fromkeys((f"flow_{name}" for name in names), row.get("grade", MISSING)))
            continue
        proposal = row["unfit_proposal"]
        allowed = {
            "rotation": row["rotation_candidate"] == 1,
            "study": True,
            "grade_up": row["ladder_eligible"] == 1,
            "change_post": proposal in (3, 4, 6),
            "grade_down": proposal == 3,
            "eliminate": proposal == 5,
        }
        result = {f"flow_{name}": int(acts[grade][name] == 1 and allowed[name]) for name in names}
        results.append({"flow_bound": row["bound_by_election"], **result})
    return results


REFERENCES = {
    "honour.medal_30": medal,
    "honour.file": honour_file,
    "exit.xuhui": xuhui,
    "exit.unfit": unfit,
    "exit.unfit.severance": severance,
    "exit.upward": upward,
    "exit.retire_subsidy": subsidy,
    "assess.flow_by_result": flow,
}
