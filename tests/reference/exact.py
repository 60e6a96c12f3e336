"""Small exact helpers of the references: Fraction, date, and what an absence looks like. No kernel is imported."""

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from math import floor
from typing import Any

ABSENT = -(1 << 62)
NOT_RECORDED, TOO_FEW, NOT_APPLICABLE, NO_POST, SOURCE_MISSING, NOT_IN_PACK = (ABSENT - n for n in range(6))


def absent(value: int | None) -> bool:
    return value is None or value <= ABSENT


def half_up(value: Fraction) -> int:
    """To the nearest whole number; halves away from zero."""
    return floor(value + Fraction(1, 2)) if value >= 0 else -floor(-value + Fraction(1, 2))


def band(bands: list[dict[str, int]], number: int) -> int | None:
    """What the highest bound not above `number` means; None below all."""
    fitting = [one for one in bands if one["lower"] <= number]
    return max(fitting, key=lambda one: one["lower"])["value"] if fitting else None


def mean(parts: Sequence[tuple[int, int]]) -> tuple[int | None, int, bool]:
    """(weighted mean of the parts present, weights used, something with weight was absent); parts are (value, weight)."""
    present = [(value, weight) for value, weight in parts if weight and not absent(value)]
    used = sum(weight for _, weight in present)
    lacking = any(weight and absent(value) for value, weight in parts)
    if not used:
        return None, 0, lacking
    return half_up(Fraction(sum(value * weight for value, weight in present), used)), used, lacking


def day(number: int) -> date:
    return date(1970, 1, 1) + timedelta(days=number)


def number(when: date) -> int:
    return (when - date(1970, 1, 1)).days


def later(when: date, months: int) -> date:
    """The same day `months` later; the last day of that month when it has no such day."""
    year, month = divmod(when.year * 12 + when.month - 1 + months, 12)
    for of_month in range(when.day, 27, -1):
        try:
            return date(year, month + 1, of_month)
        except ValueError:
            continue
    return date(year, month + 1, when.day)


def label(table: dict[str, Any], name: str) -> Any:
    """The value of a table's name, or of 其余; None when the table says nothing."""
    return table.get(name, table.get("其余"))
