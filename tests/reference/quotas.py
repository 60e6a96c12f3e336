"""Quotas over groups, from the pack's words: a share of the headcount, rounded as written, and what becomes of equals."""

from collections.abc import Callable
from fractions import Fraction
from math import ceil, floor
from typing import Any

ROUNDINGS = {1: ceil, 2: floor, 3: lambda x: floor(x + Fraction(1, 2))}
NONE_ENTERS, ALL_ENTER = 1, 2


def places(headcount: int, quota: dict[str, int]) -> int:
    """How many people of `headcount` the quota admits."""
    return max(ROUNDINGS[quota["rounding"]](Fraction(headcount * quota["share"], 10_000)), quota["minimum"])


def over(prefix: str, group: str, counted: str, eligible: str, key: str, item: str) -> Callable[..., Any]:
    """The reference of a quota over one key; higher is better."""

    def reference(rows: list[dict[str, int]], values: Any) -> list[dict[str, int]]:
        results = []
        for row in rows:
            members = [other for other in rows if other[group] == row[group]]
            headcount = sum(other[counted] for other in members)
            capacity = places(headcount, values[item])
            candidates = [other[key] for other in members if other[eligible]]

            def entered(score: int, candidates: list[int] = candidates, capacity: int = capacity) -> tuple[bool, bool]:
                better = sum(1 for other in candidates if other > score)
                equal = sum(1 for other in candidates if other == score)
                tied = better < capacity < better + equal
                return better + equal <= capacity or (tied and values[item]["tie"] == ALL_ENTER), tied

            inside, tied = entered(row[key]) if row[eligible] else (False, False)
            results.append(
                {
                    f"{prefix}_headcount": headcount,
                    f"{prefix}_capacity": capacity,
                    f"{prefix}_position": 1 + sum(1 for one in candidates if one > row[key]) if row[eligible] else 0,
                    f"{prefix}_tied": int(tied),
                    f"{prefix}_selected": int(inside),
                    f"{prefix}_left": capacity - sum(1 for one in candidates if entered(one)[0]),
                }
            )
        return results

    return reference
