"""Hours owed, from train.annual_days, onboarding_30h, shadowing_200h, credit.continuing_education and 民法典 200–203."""

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from tests.reference.exact import NO_POST, NOT_APPLICABLE, NOT_RECORDED, absent, day, half_up, label, later, number
from tests.reference.tiers import POSTS

Rows = list[dict[str, int]]
CERTIFICATES = {1: "初级", 2: "中级", 3: "高级"}


def annual(rows: Rows, values: Any) -> Rows:
    results = []
    for row in rows:
        year_days = 366 if date(row["year"], 12, 31).timetuple().tm_yday == 366 else 365
        result = {"annual_year_days": year_days}
        if absent(row.get("post")):
            for name in ("annual_days_required", "annual_hours_required", "annual_shortfall", "annual_met"):
                result[name] = NO_POST
            results.append(result)
            continue
        days = label(values["train.annual_days.days"], POSTS[row["post"]])
        full = days * values["train.annual_days.hours_per_day"]
        part = Fraction(row["employed_days"], year_days) if values["train.annual_days.pro_rata"] else 1
        required = half_up(Fraction(full) * part)
        done = row.get("annual_hours", NOT_RECORDED)
        result |= {
            "annual_days_required": days,
            "annual_hours_full": full,
            "annual_hours_required": required,
            "annual_shortfall": done if absent(done) else max(0, required - done),
            "annual_met": done if absent(done) else int(done >= required),
        }
        results.append(result)
    return results


def standing(as_of: date, done: int, reached: int | None, required: int, deadline: date) -> tuple[int, int]:
    """(state, lacking): 1 open, 2 done, 3 overdue, 4 done late."""
    if absent(done):
        return done, done
    if done >= required:
        return (4 if not absent(reached) and day(reached or 0) > deadline else 2), 0
    return (3 if as_of > deadline else 1), required - done


def term(kind: str, item: str) -> Any:
    def reference(rows: Rows, values: Any) -> Rows:
        results = []
        for row in rows:
            entry, required = day(row["entry_date"]), values[f"{item}.hours"]
            limit = values[f"{item}.within_days" if kind == "onboarding" else f"{item}.within_months"]
            deadline = entry + timedelta(days=limit) if kind == "onboarding" else later(entry, limit)
            bound = row["entry_date"] >= values[f"{item}.first_entry"]
            done = row.get(f"{kind}_hours", NOT_RECORDED)
            state, lacking = 0, NOT_APPLICABLE
            if bound:
                state, lacking = standing(day(row["as_of"]), done, row.get(f"{kind}_reached"), required, deadline)
            results.append(
                {
                    f"{kind}_bound": int(bound),
                    f"{kind}_required": required,
                    f"{kind}_deadline": number(deadline),
                    f"{kind}_shortfall": lacking,
                    f"{kind}_state": state,
                }
            )
        return results

    return reference


def continuing(rows: Rows, values: Any) -> Rows:
    results = []
    for row in rows:
        result = {
            "continuing_required": NOT_APPLICABLE,
            "continuing_period_end": NOT_APPLICABLE,
            "continuing_shortfall": NOT_APPLICABLE,
            "continuing_state": 0,
        }
        held = CERTIFICATES.get(row.get("certificate", 0))
        if held:
            required = values["credit.continuing_education.hours"][held]
            result["continuing_required"] = required
            if not absent(row.get("registered_since")):
                months = values["credit.continuing_education.period_months"]
                end = later(day(row["registered_since"]), months) - timedelta(days=1)
                done = row.get("continuing_hours", NOT_RECORDED)
                state, lacking = standing(day(row["as_of"]), done, None, required, end)
                result["continuing_period_end"] = number(end)
                result |= {"continuing_state": state, "continuing_shortfall": lacking}
        results.append(result)
    return results


REFERENCES = {
    "train.annual_days": annual,
    "train.onboarding_30h": term("onboarding", "train.onboarding_30h"),
    "train.shadowing_200h": term("shadowing", "train.shadowing_200h"),
    "credit.continuing_education": continuing,
}
