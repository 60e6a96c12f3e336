"""Six abilities against the tier (S0's pairing; lower tiers' abilities stay required), and three talent grades by interview (S2)."""

from fractions import Fraction
from typing import Any

from tests.reference import quotas
from tests.reference.exact import NO_POST, NOT_APPLICABLE, NOT_RECORDED, absent, half_up

Rows = list[dict[str, int]]
ABILITIES = ("serve", "mobilise", "deliberate", "project", "coordinate", "innovate")


def model(rows: Rows, values: Any) -> Rows:
    results = []
    order = list(ABILITIES)
    for row in rows:
        tier = row["tier"]
        result: dict[str, int] = {}
        gaps: dict[str, int] = {}
        ratings = {name: row.get(f"ability_{name}", NOT_RECORDED) for name in ABILITIES}
        asked = {one["ability"]: one for one in values["diagnose.tier3_ability6.floors"] if one["tier"] == tier}
        for place, name in enumerate(order, 1):
            floor = NO_POST if tier == 0 else asked[place]["floor"] if place in asked else NOT_APPLICABLE
            gap = floor if absent(floor) else ratings[name] if absent(ratings[name]) else max(0, floor - ratings[name])
            result[f"floor_{name}"], result[f"gap_{name}"] = floor, gap
            if not absent(floor):
                gaps[name] = gap
        chosen = sorted(place for place, one in asked.items() if one["focus"])
        result["focus_first"] = chosen[0] if chosen else NOT_APPLICABLE
        result["focus_second"] = chosen[1] if len(chosen) > 1 else NOT_APPLICABLE
        known = [gap for gap in gaps.values() if not absent(gap)]
        result["abilities_required"] = len(gaps)
        result["abilities_rated"] = len(known)
        result["abilities_met"] = known.count(0)
        if gaps:
            result["largest_gap"] = max(known) if known else NOT_RECORDED
            largest = [name for name, gap in gaps.items() if known and gap == max(known) and gap > 0]
            result["largest_gap_ability"] = order.index(largest[0]) + 1 if largest else NOT_APPLICABLE
            if any(known):
                result["abilities_ready"] = 0
            else:
                result["abilities_ready"] = 1 if len(known) == len(gaps) else NOT_RECORDED
        else:
            result["abilities_ready"] = NO_POST
        rated = [one for one in ratings.values() if not absent(one)]
        result["ability_overall"] = half_up(Fraction(sum(rated), len(rated))) if rated else NOT_RECORDED
        results.append(result)
    return results


def candidates(rows: Rows, values: Any) -> Rows:
    item = "diagnose.talent_grading."
    results = []
    for row in rows:
        certified = row.get("certificate", 0) >= values[item + "certificate"]
        score = row.get("interview_score", NOT_RECORDED)
        interviewed = certified and not absent(score)
        found = 0
        if interviewed:
            lines = [values[item + "scores"][name] for name in ("领军人才", "骨干人才", "后备人才")]
            found = next((place for place, line in enumerate(lines, 1) if score >= line), 0)
        elif certified:
            found = NOT_RECORDED
        results.append(
            {
                "talent_certified": int(certified),
                "talent_interviewed": int(interviewed),
                "talent_by_score": found,
                "leader_candidate": int(found == 1),
                "upper_candidate": int(found in (1, 2)),
            }
        )
    return results


def talent(rows: Rows, values: Any) -> Rows:
    results = []
    for row in rows:
        found = row["talent_by_score"]
        places = {1: row["leader_selected"], 2: row["upper_selected"]}
        while found in places and not places[found]:
            found += 1
        results.append({"talent_moved_by_quota": int(found != row["talent_by_score"]), "talent": found})
    return results


def quota(prefix: str, item: str) -> Any:
    return quotas.over(prefix, "district", "talent_interviewed", f"{prefix}_candidate", "interview_score", item)


REFERENCES = {
    "diagnose.tier3_ability6": model,
    "diagnose.talent_grading.candidates": candidates,
    "diagnose.talent_grading.leaders": quota("leader", "diagnose.talent_grading.leader_quota"),
    "diagnose.talent_grading.upper": quota("upper", "diagnose.talent_grading.upper_quota"),
    "diagnose.talent_grading": talent,
}
