"""Units and workloads: colour, satisfaction, stability, three indices, failed months, volume beside quality, yearly pay tier."""

from datetime import date
from fractions import Fraction
from typing import Any

from tests.reference.exact import (
    NOT_APPLICABLE,
    NOT_RECORDED,
    SOURCE_MISSING,
    TOO_FEW,
    absent,
    band,
    half_up,
    label,
    mean,
)

Rows = list[dict[str, int]]
COLOURS = {1: "蓝", 2: "黄", 3: "红"}
TIERS = ["不享受", "一档", "二档", "三档"]


def light(rows: Rows, values: Any) -> Rows:
    results = []
    for row in rows:
        score = row["unit_composite"]
        if absent(score):
            results.append({"colour": score, "yellow_in_a_row": 0, "unit_action": score})
            continue
        colour = band(values["assess.traffic_light.bands"], score)
        years = 0
        if colour == 2:
            years = 1 + (row.get("last_colour") == 2)
        action = values["assess.traffic_light.actions"][COLOURS[colour]]
        if years >= values["assess.traffic_light.yellow_years"]:
            action = values["assess.traffic_light.yellow_action"]
        results.append({"colour": colour, "yellow_in_a_row": years, "unit_action": action})
    return results


def satisfaction(rows: Rows, values: Any) -> Rows:
    results = []
    target = values["assess.satisfaction.target"]
    for row in rows:
        yes, total = row.get("satisfied_ballots", NOT_RECORDED), row.get("satisfaction_ballots", NOT_RECORDED)
        if absent(yes) or absent(total):
            found = (NOT_RECORDED, NOT_RECORDED)
        elif total < max(1, values["assess.satisfaction.least_ballots"]):
            found = (TOO_FEW, TOO_FEW)
        else:
            share = Fraction(yes, total) * 10_000
            found = (half_up(share), int(share > target))
        results.append({"satisfaction": found[0], "satisfaction_target": target, "satisfaction_reached": found[1]})
    return results


def stability(rows: Rows, values: Any) -> Rows:
    results = []
    target = values["assess.stability.target"]
    for row in rows:
        got = {name: row.get(name, NOT_RECORDED) for name in ("exits_voluntary", "exits_dismissed", "exits_promoted")}
        average = Fraction(row["headcount_start"] + row["headcount_end"], 2)
        result = {"promoted_out": got["exits_promoted"], "other_exits": row["exits_other"]}
        if absent(got["exits_voluntary"]) or absent(got["exits_dismissed"]):
            result |= {"leavers": NOT_RECORDED, "stability": NOT_RECORDED, "stability_reached": NOT_RECORDED}
        else:
            leavers = got["exits_voluntary"] + got["exits_dismissed"]
            stable = None if average == 0 else (1 - leavers / average) * 10_000
            result |= {
                "leavers": leavers,
                "stability": NOT_APPLICABLE if stable is None else half_up(stable),
                "stability_reached": NOT_APPLICABLE if stable is None else int(stable >= target),
            }
        if not absent(got["exits_promoted"]):
            out = NOT_APPLICABLE if average == 0 else half_up(got["exits_promoted"] / average * 10_000)
            result["promoted_out_rate"] = out
        results.append(result)
    return results


def three(rows: Rows, values: Any) -> Rows:
    weights = values["assess.jh_three_index.weights"]
    named = {
        "index_workers": "社区工作者专业化考核指数",
        "index_studio": "社区社会工作室考核指数",
        "index_residents": "社区居民组织化考核指数",
    }
    results = []
    for row in rows:
        parts = [(row.get(name, NOT_RECORDED), weights[title]) for name, title in named.items()]
        score, used, lacking = mean(parts)
        results.append(
            {
                "index_scheme": values["assess.jh_three_index.scheme"],
                "index_weights_used": used,
                "index_reweighted": int(lacking and used > 0),
                "three_index": SOURCE_MISSING if score is None else score,
            }
        )
    return results


def monthly(rows: Rows, values: Any) -> Rows:
    item = "assess.xh_monthly."
    results = []
    for row in rows:
        scores = {("last_month_score_", m): -12 + m for m in range(1, 13)} | {
            ("month_score_", m): m for m in range(1, 13)
        }
        recorded = {
            place: row[f"{prefix}{m:02d}"]
            for (prefix, m), place in scores.items()
            if not absent(row.get(f"{prefix}{m:02d}"))
        }
        failed = sorted(place for place, score in recorded.items() if score < values[item + "pass_mark"])
        reach = values[item + "window_months"]
        counts = {place: sum(1 for other in failed if place - reach < other <= place) for place in failed if place > 0}
        warned = [place for place, count in counts.items() if count >= values[item + "warning_fails"]]
        talked = [place for place, count in counts.items() if count >= values[item + "talk_fails"]]
        results.append(
            {
                "months_scored": sum(1 for place in recorded if place > 0),
                "months_failed": len(counts),
                "worst_window_fails": max(counts.values(), default=0),
                "warning_month": min(warned, default=NOT_APPLICABLE),
                "talk_month": min(talked, default=NOT_APPLICABLE),
                "monthly_action": 2 if talked else 1 if warned else 0,
            }
        )
    return results


def volume(rows: Rows, values: Any) -> Rows:
    results = []
    for row in rows:
        amount, quality = row.get("work_volume", NOT_RECORDED), row.get("work_quality", NOT_RECORDED)
        if absent(amount):
            verdict, counted = 0, amount
        elif absent(quality):
            verdict, counted = 3, SOURCE_MISSING
        elif quality >= values["assess.volume_vs_quality.quality_floor"]:
            verdict, counted = 1, amount
        else:
            verdict, counted = 2, 0
        results.append({"volume_verdict": verdict, "volume_counted": counted})
    return results


def tier(rows: Rows, values: Any) -> Rows:
    item = "assess.cz_annual_tier."
    weights = values[item + "weights"]
    results = []
    for row in rows:
        part = Fraction(row["employed_days"], date(row["year"], 12, 31).timetuple().tm_yday)
        counted = row.get("volume_counted", NOT_RECORDED)
        points = counted
        if not absent(counted):
            points = min(10_000, half_up(counted / (values[item + "volume_norm"] * part) * 10_000))
        score, _, lacking = mean(
            [
                (row.get("composite", NOT_RECORDED), weights["年度考核"]),
                (points, weights["工作量"]),
                (row.get("work_quality", NOT_RECORDED), weights["工作质效"]),
            ]
        )
        if score is None:
            results.append({"tier_score": SOURCE_MISSING, "pay_tier": SOURCE_MISSING, "tier_amount": SOURCE_MISSING})
            continue
        found = band(values[item + "bands"], score) or 0
        full = label(values[item + "amounts"], TIERS[found])
        results.append(
            {
                "volume_points": points,
                "tier_reweighted": int(lacking),
                "tier_score": score,
                "pay_tier": found,
                "tier_amount_full": full,
                "tier_amount": half_up(full * part),
            }
        )
    return results


REFERENCES = {
    "assess.traffic_light": light,
    "assess.satisfaction": satisfaction,
    "assess.stability": stability,
    "assess.jh_three_index": three,
    "assess.xh_monthly": monthly,
    "assess.volume_vs_quality": volume,
    "assess.cz_annual_tier": tier,
}
