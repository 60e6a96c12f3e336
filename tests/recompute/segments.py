"""The parts of a year's months with the same facts: every month and every change of a fact or of the pack begins one."""

from datetime import date

from tests.recompute import spans
from tests.recompute.frame import Ints
from tests.recompute.spans import DAY
from tests.recompute.tables import Row, last
from tests.reference.exact import NOT_RECORDED, number

LONG_AGO = date(1900, 1, 1)


def of_person(facts: dict[str, list[Row]], year: int, star: int, start_grade: int, changes: list[date]) -> list[Ints]:
    """One person's segments of the year, by day; those that her opening balance covers are left out."""
    start, end = date(year, 1, 1), date(year, 12, 31)
    employments = facts.get("employments", [])
    balances = [one for one in facts.get("opening", []) if one["day"] <= end]
    grades = facts.get("grades", [])
    if not grades:
        brought = last([one for one in balances if one["ladder_grade"] is not None], "day")
        grades = [{"grade": brought["ladder_grade"], "since": LONG_AGO, "until": None}] if brought else []
    unrecorded = not grades
    tables = {
        "segment_post": [one | {"value": one["post"]} for one in facts.get("postings", []) if one["post"] is not None],
        "segment_grade": [one | {"value": one["grade"]} for one in grades if one["grade"] is not None],
        "segment_certificate": certificates(facts.get("certificates", [])),
    }
    days = {date(year, month, 1) for month in range(1, 13)} | {one for one in changes if start <= one <= end}
    for rows in (*tables.values(), employments):
        for one in rows:
            days |= {day for day in (one["since"], one["until"]) if day is not None and start <= day <= end}
    opened = max((one["day"].month for one in balances if one["day"].year == year), default=0)
    ordered = sorted(days)
    found = []
    for place, day in enumerate(ordered):
        if spans.in_force(employments, day) is None or day.month <= opened:
            continue
        until = ordered[place + 1] - DAY if place + 1 < len(ordered) else end
        held = {name: spans.in_force(rows, day) for name, rows in tables.items()}
        segment = {name: NOT_RECORDED if row is None else row["value"] for name, row in held.items()}
        if unrecorded:
            segment["segment_grade"] = start_grade
        found.append(
            {
                "segment_month": year * 12 + day.month - 1,
                "segment_since": number(day),
                "segment_until": number(until),
                "segment_paid": NOT_RECORDED,
                "segment_star_coefficient": star,
                "segment_days_before": NOT_RECORDED,
                "segment_days_paid": NOT_RECORDED,
                **segment,
            }
        )
    return found


def certificates(rows: list[Row]) -> list[Row]:
    """The highest level held so far, from each day on which one was got; a day unknown is long ago."""
    found: list[Row] = []
    highest = 0
    for since in sorted({one["issued"] or LONG_AGO for one in rows}):
        highest = max([highest, *(one["level"] for one in rows if (one["issued"] or LONG_AGO) == since)])
        if found:
            found[-1]["until"] = since
        found.append({"value": highest, "since": since, "until": None})
    return found
