"""Stretches of time: whole months, employments joined, rows in force, the day since which something holds."""

from collections.abc import Callable
from datetime import date, timedelta

from tests.recompute.tables import Row, last
from tests.reference import tiers

DAY = timedelta(days=1)


def months(since: date, until: date) -> int:
    """Whole months up to (not including) `until`."""
    return tiers.months(since, until) if since <= until else 0


def joined(employments: list[Row]) -> list[Row]:
    """One person's employments: those that follow one another without a gap are one.

    The one before decides whether there is a gap; recognised months and probation are the greatest, the reason the last one's.
    """
    runs: list[list[Row]] = []
    for one in sorted(employments, key=lambda row: row["since"]):
        before = runs[-1][-1]["until"] if runs else None
        if not runs or (before is not None and one["since"] > before):
            runs.append([])
        runs[-1].append(one)
    return [
        {
            "since": run[0]["since"],
            "until": None if any(one["until"] is None for one in run) else max(one["until"] for one in run),
            "recognised_months": greatest(run, "recognised_months"),
            "probation_until": greatest(run, "probation_until"),
            "exit_reason": run[-1]["exit_reason"],
        }
        for run in runs
    ]


def greatest(rows: list[Row], name: str):  # type: ignore[no-untyped-def]
    return max((one[name] for one in rows if one[name] is not None), default=None)


def in_force(rows: list[Row], day: date) -> Row | None:
    """The row that holds on `day`, the latest begun of several."""
    return last([one for one in rows if one["since"] <= day and (one["until"] is None or one["until"] > day)], "since")


def unbroken(rows: list[Row], holds: Callable[[Row], bool]) -> date | None:
    """The first day of the last run of rows that hold and follow one another without a gap; rows are by day."""
    since = None
    for place, one in enumerate(rows):
        after = rows[place + 1] if place + 1 < len(rows) else None
        gap = after is not None and one["until"] is not None and after["since"] > one["until"]
        if not holds(one) or gap:
            since = None
        elif since is None:
            since = one["since"]
    return since
