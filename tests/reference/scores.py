"""四位一体, the four grades and the stars, from mechanisms assess.four_in_one, assess.jh_grades, pay.star_rating and §3."""

from typing import Any

from tests.reference import quotas
from tests.reference.exact import NOT_APPLICABLE, NOT_RECORDED, SOURCE_MISSING, TOO_FEW, absent, band, mean

Rows = list[dict[str, int]]
STARS = ["未评", "一星", "二星", "三星", "四星", "五星"]


def four_in_one(prefix: str) -> Any:
    def reference(rows: Rows, values: Any) -> Rows:
        weights = values["assess.four_in_one.weights"]
        least = values["assess.four_in_one.least_ballots"]
        results = []
        for row in rows:
            parts = [
                row.get(f"{prefix}score_{name}", NOT_RECORDED)
                for name in ("residents", "professional", "process", "innovation")
            ]
            ballots = row.get(f"{prefix}ballots", NOT_RECORDED)
            enough = not absent(ballots) and ballots >= least
            if not absent(parts[0]) and not enough:
                parts[0] = TOO_FEW
            named = [weights.get(name, 0) for name in ("群众评议", "专业评估", "过程考核", "创新贡献")]
            score, used, lacking = mean(list(zip(parts, named, strict=True)))
            nothing = TOO_FEW if parts[0] == TOO_FEW else SOURCE_MISSING
            results.append(
                {
                    f"{prefix}ballots_required": least,
                    f"{prefix}part_residents": parts[0],
                    f"{prefix}weight_residents": named[0],
                    f"{prefix}weight_professional": named[1],
                    f"{prefix}weight_process": named[2],
                    f"{prefix}weight_innovation": named[3],
                    f"{prefix}weights_used": used,
                    f"{prefix}reweighted": int(lacking and used > 0),
                    f"{prefix}composite": nothing if score is None else score,
                }
            )
        return results

    return reference


def scope(row: dict[str, int], code: int) -> int:
    return row[{1: "district", 2: "subdistrict", 3: "organisation"}[code]]


def grade_score(rows: Rows, values: Any) -> Rows:
    item = "assess.jh_grades."
    results = []
    for row in rows:
        months = [row[f"month_score_{m:02d}"] for m in range(1, 13) if not absent(row.get(f"month_score_{m:02d}"))]
        everyday = mean([(one, 1) for one in months])[0] if len(months) >= values[item + "least_months"] else None
        weights = values[item + "weights"]
        everyday_value = TOO_FEW if everyday is None else everyday
        yearly = row.get("composite", NOT_RECORDED)
        score, _, lacking = mean([(everyday_value, weights["平时动态考核"]), (yearly, weights["年度综合考核"])])
        if row["employed_days"] < values[item + "least_days"]:
            grade = NOT_APPLICABLE
        elif score is None:
            grade = SOURCE_MISSING
        else:
            grade = band(values[item + "bands"], score)
        results.append(
            {
                "everyday_months": len(months),
                "everyday_score": everyday_value,
                "grade_reweighted": int(lacking and score is not None),
                "grade_score": SOURCE_MISSING if score is None else score,
                "graded": int(not absent(grade)),
                "grade_by_score": grade,
                "excellent_candidate": int(grade == 1),
                "grade_group": scope(row, values[item + "quota_scope"]),
            }
        )
    return results


def grade(rows: Rows, values: Any) -> Rows:
    moved = [row["grade_by_score"] == 1 and not row["excellent_selected"] for row in rows]
    return [
        {"moved_by_quota": int(out), "grade": 2 if out else row["grade_by_score"]}
        for row, out in zip(rows, moved, strict=True)
    ]


def star_score(rows: Rows, values: Any) -> Rows:
    results = []
    for row in rows:
        found = None if absent(row["composite"]) else band(values["pay.star_rating.bands"], row["composite"])
        star = found or 0
        results.append(
            {
                "star_by_score": star,
                "star_rated": int(star > 0),
                "five_star_candidate": int(star == 5),
                "star_group": scope(row, values["pay.star_rating.quota_scope"]),
            }
        )
    return results


def star(rows: Rows, values: Any) -> Rows:
    results = []
    for row in rows:
        moved = row["star_by_score"] == 5 and not row["five_star_selected"]
        stars = 4 if moved else row["star_by_score"]
        coefficient = values["pay.star_rating.coefficients"][STARS[stars]]
        base = values["pay.star_rating.base"]
        results.append(
            {
                "star_moved_by_quota": int(moved),
                "star": stars,
                "star_coefficient": coefficient,
                "star_base": base,
                "performance_coefficient": coefficient if base == 1 else 10_000,
                "whole_pay_coefficient": coefficient if base == 2 else 10_000,
            }
        )
    return results


REFERENCES = {
    "assess.four_in_one": four_in_one(""),
    "assess.four_in_one.unit": four_in_one("unit_"),
    "assess.jh_grades.score": grade_score,
    "assess.jh_grades.quota": quotas.over(
        "excellent", "grade_group", "graded", "excellent_candidate", "grade_score", "assess.jh_grades.excellent_quota"
    ),
    "assess.jh_grades": grade,
    "pay.star_rating.score": star_score,
    "pay.star_rating.quota": quotas.over(
        "five_star", "star_group", "star_rated", "five_star_candidate", "composite", "pay.star_rating.five_star_quota"
    ),
    "pay.star_rating": star,
}
