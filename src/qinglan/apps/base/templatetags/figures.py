"""How figures are written on a page: money from fen, scores from hundredths, days, masked numbers.

A value that is missing is written as a dash, never as 0.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeGuard

from django import template
from django.utils import timezone

register = template.Library()

NOTHING = "—"


def _is_int(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _hundredths(value: int, grouping: bool) -> str:
    """Write an integer number of hundredths with two places, exactly (no float on the way)."""
    whole, rest = divmod(abs(value), 100)
    return (
        f"{'-' if value < 0 else ''}{whole:,}.{rest:02d}"
        if grouping
        else f"{'-' if value < 0 else ''}{whole}.{rest:02d}"
    )


@register.filter
def money(fen: int | None) -> str:
    """Fen as yuan: 123456 -> ¥1,234.56."""
    if not _is_int(fen):
        return NOTHING
    text = _hundredths(fen, grouping=True)
    return f"-¥{text[1:]}" if text.startswith("-") else f"¥{text}"


@register.filter
def score(hundredths: int | None) -> str:
    """Hundredths as a score: 8550 -> 85.50."""
    return _hundredths(hundredths, grouping=False) if _is_int(hundredths) else NOTHING


@register.filter
def percent(value: int | Decimal | None) -> str:
    """Hundredths of a percent: 1525 -> 15.25%; a Decimal share 0.1525 likewise."""
    if isinstance(value, Decimal):
        value = int((value * 10000).to_integral_value())
    return f"{_hundredths(value, grouping=False)}%" if _is_int(value) else NOTHING


@register.filter
def number(value: int | None) -> str:
    """A count with thousands marked: 12345 -> 12,345."""
    return f"{value:,}" if _is_int(value) else NOTHING


@register.filter
def day(value: date | datetime | None) -> str:
    """A day as offices write it: 2025-07-01 -> 2025-07-01; a moment is taken in local time."""
    if isinstance(value, datetime):
        value = timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value.isoformat() if isinstance(value, date) else NOTHING


@register.filter
def moment(value: datetime | None) -> str:
    """A moment in local time: 2025-07-01 09:30."""
    if not isinstance(value, datetime):
        return NOTHING
    return (timezone.localtime(value) if timezone.is_aware(value) else value).strftime("%Y-%m-%d %H:%M")


@register.filter
def month(value: date | None) -> str:
    """A month: 2025-07-01 -> 2025年7月."""
    return f"{value.year}年{value.month}月" if isinstance(value, date) else NOTHING


@register.filter
def since_until(value: Any) -> str:
    """A date range `[lower, upper)` in words: 2023-01-01 起, or 2023-01-01 至 2024-06-30 (the last day inside)."""
    lower, upper = getattr(value, "lower", None), getattr(value, "upper", None)
    if value is None:
        return NOTHING
    if lower is None and upper is None:
        return "一直"
    last = date.fromordinal(upper.toordinal() - 1).isoformat() if upper else None
    if lower is None:
        return f"至 {last}"
    return f"{lower.isoformat()} 至 {last}" if last else f"{lower.isoformat()} 起"


@register.filter
def masked(value: Any) -> str:
    """A sealed or plain number as a screen may show it: 990101********1234."""
    if not value:
        return NOTHING
    if hasattr(value, "masked"):
        return value.masked()
    text = str(value)
    return text[:3] + "*" * (len(text) - 7) + text[-4:] if len(text) >= 11 else "*" * len(text)
