"""The social-work examination, from the rows of 国人部发〔2006〕71号 and 高级社会工作师评价办法, and the registration of certificates."""

from datetime import date, timedelta
from typing import Any

from tests.reference.exact import ABSENT, NOT_APPLICABLE, NOT_RECORDED, absent, day, later, number

Rows = list[dict[str, int]]
LEVELS = {1: "初级", 2: "中级", 3: "高级"}


def anniversary(since: date, years: int) -> date:
    return later(since, 12 * years)


def judge(row: dict[str, int], since: int | None, conditions: list[dict[str, int]]) -> tuple[bool, int | None]:
    """(fits a row, fewest years lacking) of one level's rows; None when no row lacks years only."""
    lacks = []
    for one in conditions:
        if row["education"] < one["education"] or row.get("certificate", 0) < max(one["certificate"], 0):
            continue
        asked = (("social_work_major", "social_work_major"), ("degree", "has_degree"))
        if any(one[want] > ABSENT and row.get(have) != one[want] for want, have in asked):
            continue
        needs = [(max(one["years"], 0), row.get("years_in_social_work")), (max(one["years_after"], 0), since)]
        if any(need and absent(has) for need, has in needs):
            continue
        lacks.append(max(max(0, need - (has or 0)) if need else 0 for need, has in needs))
    return 0 in lacks, min(lacks, default=None)


def eligible(rows: Rows, values: Any) -> Rows:
    conditions = values["train.exam_coaching.eligibility"]
    results = []
    for row in rows:
        if absent(row.get("education")):
            names = ("eligible_assistant", "eligible_intermediate", "eligible_senior", "exam_next", "exam_years_short")
            results.append(dict.fromkeys(names, NOT_RECORDED))
            continue
        held = row.get("certificate", 0)
        since = None
        if held and not absent(row.get("certificate_date")):
            got = day(row["certificate_date"])
            new_year = date(row["year"] + 1, 1, 1)
            since = max(years for years in range(100) if anniversary(got, years) <= new_year)
        judged = {level: judge(row, since, [one for one in conditions if one["level"] == level]) for level in LEVELS}
        fits = {level: fit and held < level for level, (fit, _) in judged.items()}
        short = judged[held + 1][1] if held < 3 else None
        results.append(
            {
                "eligible_assistant": int(fits[1]),
                "eligible_intermediate": int(fits[2]),
                "eligible_senior": int(fits[3]),
                "exam_next": max((level for level, fit in fits.items() if fit), default=0),
                "exam_years_short": NOT_APPLICABLE if short is None else short,
            }
        )
        if since is not None:
            results[-1]["years_since_certificate"] = since
    return results


def passed(rows: Rows, values: Any) -> Rows:
    item = "train.exam_coaching."
    results = []
    for row in rows:
        level = row.get("exam_level", 0)
        if level not in LEVELS:
            results.append({"papers_required": NOT_APPLICABLE, "exam_passed": NOT_APPLICABLE})
            continue
        papers = next(one for one in values[item + "papers"] if one["level"] == level)
        needed = [name for name in ("ability", "practice", "law") if papers[name]]
        good = [name for name in needed if row.get(f"paper_{name}", -1) >= values[item + "pass_mark"]]
        years = [row.get(f"paper_{name}_year", NOT_RECORDED) for name in good]
        known = bool(years) and not any(absent(year) for year in years)
        span = max(years) - min(years) + 1 if known else NOT_RECORDED
        cycle = values[item + "cycle_years"][LEVELS[level]]
        within = int(span <= cycle) if known else NOT_RECORDED
        result = within if len(good) == len(needed) else 0
        lasting = values[item + "result_years"].get(LEVELS[level])
        results.append(
            {
                "papers_required": len(needed),
                "papers_passed": len(good),
                "exam_span": span,
                "exam_cycle": cycle,
                "exam_passed": result,
                "result_until": max(years) + lasting if result == 1 and lasting is not None else NOT_APPLICABLE,
            }
        )
    return results


def registration(rows: Rows, values: Any) -> Rows:
    item = "credit.continuing_education."
    results = []
    for row in rows:
        held = row.get("certificate", NOT_RECORDED)
        result = {"registration_due": NOT_APPLICABLE, "registration_until": NOT_APPLICABLE}
        if absent(held) or held == 0:
            results.append(result | {"registration_state": held})
            continue
        today = day(row["as_of"])
        due = None
        result["registration_due"] = NOT_RECORDED
        if not absent(row.get("certificate_date")):
            due = later(day(row["certificate_date"]), values[item + "register_within_months"])
            result["registration_due"] = number(due)
        if absent(row.get("registered_since")):
            state = 2 if due is not None and today > due else 1
        else:
            until = later(day(row["registered_since"]), values[item + "period_months"]) - timedelta(days=1)
            result |= {"registration_until": number(until), "registration_until_year": until.year}
            state = 3 if today <= until else 4
        results.append(result | {"registration_state": state})
    return results


REFERENCES = {
    "train.exam_coaching.eligibility": eligible,
    "train.exam_coaching.pass": passed,
    "credit.continuing_education.registration": registration,
}
