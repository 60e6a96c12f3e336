"""Ladders and promotion from policy_facts §2 and S2 二（二）3, in dates, dicts and lists."""

import math
from fractions import Fraction
from typing import Any

from tests.reference.tiers import MISSING, POSTS, day, months

BANDS = {1: "正职", 2: "副职", 3: "工作人员"}
EDUCATION = {1: "高中", 2: "大专", 3: "本科", 4: "硕士研究生", 5: "博士研究生"}
CERTIFICATE = {0: "无", 1: "初级", 2: "中级", 3: "高级"}
NOT_APPLICABLE, NOT_IN_PACK = MISSING - 2, MISSING - 5
M = "career.five_rank_nine_grade"
R = "career.job_requirements"


def get(row: dict[str, int], name: str) -> int | None:
    value = row.get(name, MISSING)
    return None if value <= MISSING else value


def served(row: dict[str, int], since: str) -> int | None:
    start = get(row, since)
    if start is None:
        return None
    until = day(row["as_of"] + 1)
    return months(day(start), until) if day(start) <= until else 0


def eighteen(rows: list[dict[str, int]], values: Any) -> list[dict[str, int]]:
    return [one_eighteen(row, values) for row in rows]


def one_eighteen(row: dict[str, int], values: Any) -> dict[str, int]:
    post = get(row, "post")
    if post is None:
        return {"eighteen_band": row["post"], "eighteen_grade": row["post"]}
    bands = values[f"{M}.eighteen_bands"]
    band = bands.get(POSTS[post], bands.get("其余"))
    service = served(row, "entry_date") or 0
    if values[f"{M}.eighteen_recognised"]:
        service += get(row, "recognised_months") or 0
    education = EDUCATION.get(get(row, "education") or 0)
    steps = extra = 0
    if education and row.get("has_degree") == 1:
        steps = values[f"{M}.eighteen_education"][education]
    elif education:
        extra = values[f"{M}.eighteen_education_months"][education]
    certificate = values[f"{M}.eighteen_certificate"][CERTIFICATE[get(row, "certificate") or 0]]
    years = math.floor(Fraction(service + extra, values[f"{M}.eighteen_step_months"]))
    start, top = values[f"{M}.eighteen_start"][BANDS[band]], values[f"{M}.eighteen_top"][BANDS[band]]
    return {
        "eighteen_band": band,
        "eighteen_start": start,
        "eighteen_service": service,
        "eighteen_education_months": extra,
        "eighteen_year_steps": years,
        "eighteen_education_steps": steps,
        "eighteen_certificate_steps": certificate,
        "eighteen_top": top,
        "eighteen_grade": min(top, start + years + steps + certificate),
    }


def ladder(rows: list[dict[str, int]], values: Any) -> list[dict[str, int]]:
    profile = values[f"{M}.profile"]
    grades = {one["grade"]: one for one in values[f"{M}.ladder"] if one["profile"] == profile}
    results = []
    for row in rows:
        now = get(row, "ladder_grade")
        recorded = now is not None
        if now is None:
            now = values[f"{M}.entry_grade"] if profile == 1 else row["eighteen_grade"]
        known = now > MISSING  # without a post the eighteen grades know none; then nothing of the ladder is known
        after = now + 1
        if profile == 2 and known:
            after = max(after, row["eighteen_grade"])
            if now >= row["eighteen_top"]:
                after = 0
        held, above = grades.get(now), grades.get(after)
        unknown, last = (NOT_IN_PACK, NOT_APPLICABLE) if known else (now, now)
        since = "ladder_since" if get(row, "ladder_since") is not None else "entry_date"
        results.append(
            {
                "ladder_profile": profile,
                "ladder_recorded": int(recorded),
                "ladder_grade_now": now,
                "ladder_rank": held["rank"] if held else unknown,
                "ladder_coefficient": held["coefficient"] if held else unknown,
                "ladder_months": served(row, since) or 0,
                "ladder_next_grade": after if above else last,
                "ladder_next_rank": above["rank"] if above else last,
                "ladder_next_coefficient": above["coefficient"] if above else last,
            }
        )
    return results


def requirements(rows: list[dict[str, int]], values: Any) -> list[dict[str, int]]:
    return [one_requirement(row, values) for row in rows]


def one_requirement(row: dict[str, int], values: Any) -> dict[str, int]:
    following = get(row, "ladder_next_grade")
    fitting = [
        one
        for one in values[f"{R}.conditions"]
        if following is not None and one["profile"] == row["ladder_profile"] and one["grade"] <= following
    ]
    asked = fitting[-1] if fitting else {}
    grade, last = get(row, "grade"), get(row, "last_grade")
    worst = None if grade is None else max(grade, last or 0)
    formula = get(row, "eighteen_grade") if row["ladder_profile"] == 2 else None
    actual = {
        "grade_months": ("months_in_grade", get(row, "ladder_months")),
        "service": ("service_months", served(row, "entry_date")),
        "certificate": ("certificate", get(row, "certificate")),
        "result": ("result", None if worst is None else -worst),
        "excellent": ("excellent_years", (get(row, "excellent_years") or 0) + (grade == 1)),
        "score": ("score", get(row, "composite")),
        "formula": ("by_formula", None if formula is None else int(following is not None and formula >= following)),
    }
    result: dict[str, int] = {}
    for name, (column, value) in actual.items():
        wanted = asked.get(column, NOT_APPLICABLE)
        result[f"asked_{name}"] = wanted
        if value is not None:
            result[f"actual_{name}"] = -value if name == "result" else value
        free = wanted <= MISSING
        bar = -wanted if name == "result" else wanted
        result[f"met_{name}"] = int(free or (value is not None and value >= bar))
    result["conditions_missing"] = sum(1 for name in actual if not result[f"met_{name}"])
    stayed, at_post = not get(row, "exit_reason"), get(row, "post") is not None
    result["promotion_counted"] = int(stayed and at_post)
    result["promotion_ranked"] = int(
        bool(asked) and result["conditions_missing"] == 0 and result["promotion_counted"] == 1
    )
    result["ladder_eligible"] = NOT_APPLICABLE if stayed and not at_post else result["promotion_ranked"]
    result["promotion_group"] = row["district"] * 100 + (get(row, "ladder_grade_now") or 0)
    return result


def quota(prefix: str, group: str, counted: str, eligible: str, keys: tuple[str, ...], item: str) -> Any:
    """A reference for a quota over groups: sort, count how many stand before, cut by the rounding and tie of the pack."""

    def work(rows: list[dict[str, int]], values: Any) -> list[dict[str, int]]:
        rule = values[item]
        results = []
        for row in rows:
            mates = [one for one in rows if one[group] == row[group]]
            headcount = sum(1 for one in mates if one[counted])
            exact = Fraction(headcount * rule["share"], 10_000)
            rounded = {1: math.ceil, 2: math.floor, 3: lambda x: math.floor(x + Fraction(1, 2))}[rule["rounding"]]
            capacity = max(rounded(exact), rule["minimum"])
            able = [tuple(one[key] for key in keys) for one in mates if one[eligible]]

            def place(mine: tuple[int, ...], able: list[tuple[int, ...]] = able) -> tuple[int, int]:
                better = sum(1 for other in able if other > mine)
                return better + 1, better + sum(1 for other in able if other == mine)

            def inside(mine: tuple[int, ...], capacity: int = capacity) -> bool:
                first, last = place(mine)
                return last <= capacity or (rule["tie"] == 2 and first <= capacity)

            mine = tuple(row[key] for key in keys)
            first, last = place(mine) if row[eligible] else (0, 0)
            results.append(
                {
                    f"{prefix}_headcount": headcount,
                    f"{prefix}_capacity": capacity,
                    f"{prefix}_position": first,
                    f"{prefix}_tied": int(0 < first <= capacity < last),
                    f"{prefix}_selected": int(bool(row[eligible]) and inside(mine)),
                    f"{prefix}_left": capacity - sum(inside(other) for other in able),
                }
            )
        return results

    return work


REFERENCES = {
    f"{M}.eighteen": eighteen,
    M: ladder,
    R: requirements,
    f"{R}.quota": quota(
        "promotion",
        "promotion_group",
        "promotion_counted",
        "promotion_ranked",
        ("actual_score", "actual_grade_months"),
        f"{R}.quota",
    ),
}
