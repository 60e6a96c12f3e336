"""Limits of law, secretaries, rotation and the two tracks, from S1, S3, decision 9 and the statutes, in dates and dicts."""

import math
from fractions import Fraction
from typing import Any

from tests.reference.ladders import CERTIFICATE, NOT_APPLICABLE, get, quota, served
from tests.reference.tiers import MISSING, POSTS

U = "exit.unfit"


def limits(rows: list[dict[str, int]], values: Any) -> list[dict[str, int]]:
    posts = values[f"{U}.elected_posts"]
    results = []
    for row in rows:
        elected = get(row, "elected")
        if elected is None:
            elected = posts.get(POSTS.get(get(row, "post") or 0), posts["其余"])
        service = served(row, "entry_date")
        left = get(row, "months_to_retirement")
        old = left is not None and left < values[f"{U}.shield_retirement"]
        long_service = bool(old and (service or 0) >= values[f"{U}.shield_service"])
        facts = [row.get("protected") == 1, row.get("medical_period") == 1, long_service]
        probation = get(row, "probation_until")
        results.append(
            {
                "bound_by_election": elected,
                "in_probation": int(probation is not None and not row["as_of"] > probation),
                "in_protection": int(facts[0]),
                "in_medical_period": int(facts[1]),
                "shield_service": service or 0,
                "shield_service_required": values[f"{U}.shield_service"],
                "shield_retirement_required": values[f"{U}.shield_retirement"],
                "shield_long_service": int(long_service),
                "barred_by_article_42": int(any(facts)),
            }
        )
    return results


def secretaries(rows: list[dict[str, int]], values: Any) -> list[dict[str, int]]:
    posts, bar = values["career.head_goose.posts"], values["career.head_goose.result"]
    results = []
    for row in rows:
        name = POSTS.get(get(row, "post") or 0)
        secretary = posts.get(name, posts["其余"]) if name else 0
        here = secretary == 1 and not get(row, "exit_reason")
        good = (get(row, "grade") or 9) <= bar
        results.append(
            {
                "is_secretary": secretary,
                "is_dual_post": int(name == "党组织书记兼居委会主任"),
                "goose_counted": int(here),
                "goose_result_required": bar,
                "goose_result_met": int(good),
                "goose_candidate": int(here and good),
            }
        )
    return results


def dual(rows: list[dict[str, int]], values: Any) -> list[dict[str, int]]:
    target = values["career.yijiantiao.target"]
    results = []
    for row in rows:
        total, held = get(row, "communities"), get(row, "dual_post_secretaries")
        if total is None or held is None or total == 0:
            reason = NOT_APPLICABLE if total == 0 else MISSING
            results.append({"dual_share": reason, "dual_short": reason, "dual_met": reason})
            continue
        share = Fraction(held * 10_000, total)
        short = max(0, math.ceil(Fraction(total * target, 10_000)) - held)
        results.append(
            {
                "dual_communities": total,
                "dual_count": held,
                "dual_share": math.floor(share + Fraction(1, 2)),
                "dual_target": target,
                "dual_short": short,
                "dual_met": int(short == 0),
            }
        )
    return results


def rotation(rows: list[dict[str, int]], values: Any) -> list[dict[str, int]]:
    results = []
    for row in rows:
        left = get(row, "months_to_retirement")
        near = left is not None and left < values["career.rotation_15.near_retirement"]
        left_roster, without_post = bool(get(row, "exit_reason")), get(row, "post") is None
        reasons = [bool(get(row, "exit_reason")), row["bound_by_election"], row["in_probation"], row["in_protection"]]
        why = next((number for number, one in enumerate([*reasons, near], 1) if one), 0)
        if without_post and not left_roster:
            why = 6
        result = {"rotation_near_retirement": int(near), "rotation_exclusion": why, "rotation_counted": int(why == 0)}
        since = get(row, "subdistrict_since")
        stayed = served(row, "subdistrict_since")
        least = values["career.rotation_15.least_months"]
        result["rotation_least_months"] = least
        result["rotation_moved"] = int(since is not None and since >= row["year_start"] and since > row["entry_date"])
        result["rotation_ranked"] = int(why == 0 and stayed is not None and stayed >= least)
        result["rotation_candidate"] = NOT_APPLICABLE if why == 6 else result["rotation_ranked"]
        if since is not None and stayed is not None:
            result["rotation_days"] = row["as_of"] - since + 1
            result["rotation_months"] = stayed
        results.append(result)
    return results


def tracks(rows: list[dict[str, int]], values: Any) -> list[dict[str, int]]:
    return [one_track(row, values) for row in rows]


def one_track(row: dict[str, int], values: Any) -> dict[str, int]:
    facts = {
        "secretary": row["is_secretary"],
        "post_months": served(row, "post_since") or 0,
        "certificate": row["certificate"],
        "service_months": row["actual_service"],
        "excellent_years": row["actual_excellent"],
    }
    assert row["certificate"] in CERTIFICATE
    line: dict[int, list[int]] = {}
    for track in (1, 2):
        steps = [one for one in values["career.dual_track.steps"] if one["track"] == track]
        reached = 0
        for one in steps:
            if any(one[name] > MISSING and facts[name] < one[name] for name in facts):
                break
            reached += 1
        above = steps[reached]["step"] if reached < len(steps) else NOT_APPLICABLE
        line[track] = [steps[reached - 1]["step"] if reached else 0, above]
    track = row.get("track", MISSING)
    bar = values["career.dual_track.switch_result"]
    months, needed = served(row, "track_since"), values["career.dual_track.switch_months"]
    good = int(MISSING < row["grade"] <= bar)  # without a grade nobody has met a bar
    result = {
        "management_step": line[1][0],
        "management_next": line[1][1],
        "professional_step": line[2][0],
        "professional_next": line[2][1],
        "track_both": int(line[1][0] > 0 and line[2][0] > 0),
        "track_now": track,
        "track_step": line[track][0] if track > MISSING else track,
        "track_next": line[track][1] if track > MISSING else track,
        "track_months_required": needed,
        "track_result_required": bar,
        "track_result_met": good,
    }
    if months is not None:
        result["track_months"] = months
    other = line[3 - track][0] if track > MISSING else 0
    result["track_may_switch"] = int(other > 0 and (months or 0) >= needed and good == 1)
    return result


REFERENCES = {
    f"{U}.limits": limits,
    "career.head_goose.candidate": secretaries,
    "career.head_goose": quota(
        "goose", "district", "goose_counted", "goose_candidate", ("composite",), "career.head_goose.quota"
    ),
    "career.yijiantiao": dual,
    "career.rotation_15.candidate": rotation,
    "career.rotation_15": quota(
        "rotation", "district", "rotation_counted", "rotation_ranked", ("rotation_days",), "career.rotation_15.quota"
    ),
    "career.dual_track": tracks,
}
