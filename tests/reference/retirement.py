"""Retirement from the 2024 decision, by walking months: each step of 4 (or 2) months from January 2025 adds one month."""

from datetime import date
from typing import Any

from tests.reference.tiers import MISSING, day, months

CLASSES = {1: "男", 2: "女（原55岁）", 3: "女（原50岁）"}


def later(start: date, count: int) -> date:
    """`count` months after, on the same day or the month's last."""
    year, month = divmod(start.year * 12 + start.month - 1 + count, 12)
    for of_month in (start.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(of_month, start.day))
        except ValueError:
            continue
    raise AssertionError


def number(value: date) -> int:
    return (value - date(1970, 1, 1)).days


def absent(row: dict[str, int], name: str) -> bool:
    return row.get(name, MISSING) <= MISSING


def retirement(rows: list[dict[str, int]], values: Any) -> list[dict[str, int]]:
    return [one(row, values) for row in rows]


def one(row: dict[str, int], values: Any) -> dict[str, int]:
    kind = row.get("retirement_class", MISSING)
    if kind <= MISSING:
        if absent(row, "sex"):
            return {"retirement_kind": row.get("sex", MISSING), "months_to_retirement": row.get("sex", MISSING)}
        kind = values["exit.retirement.class_unrecorded"]["男" if row["sex"] == 1 else "女"]
    name = CLASSES[kind]
    born = day(row["birth_date"])
    before = values["exit.retirement.original_age"][name]
    at = later(born, before)
    start = day(values["exit.retirement.reform_since"])
    delay, passed = 0, 0
    month = date(start.year, start.month, 1)
    while month <= at:
        if passed % values["exit.retirement.months_per_step"][name] == 0:
            delay += 1
        passed += 1
        month = later(month, 1)
    delay = min(delay, values["exit.retirement.delay_cap"][name])
    due = later(born, before + delay)
    tomorrow = date.fromordinal(day(row["as_of"]).toordinal() + 1)
    required = [band["value"] for band in values["exit.retirement.contribution"] if band["lower"] <= due.year][-1]
    paid = row.get("pension_months", MISSING)
    return {
        "retirement_kind": kind,
        "retirement_age_before": before,
        "retirement_date_before": number(at),
        "retirement_months_after_reform": passed,
        "retirement_delay": delay,
        "retirement_age": before + delay,
        "retirement_date": number(due),
        "months_to_retirement": months(tomorrow, due) if due > tomorrow else 0,
        "retirement_reached": int(due <= day(row["as_of"])),
        "retirement_earliest": max(number(at), number(later(born, before + delay - values["exit.retirement.early"]))),
        "retirement_latest": number(later(born, before + delay + values["exit.retirement.late"])),
        "pension_months_required": required,
        "pension_months_short": paid if paid <= MISSING else max(0, required - paid),
    }


REFERENCES = {"exit.retirement": retirement}
