"""Date ranges `[since, until)`: what holds from a day on, up to but without another day."""

from __future__ import annotations

from datetime import date, timedelta

from django.contrib.postgres.fields import DateRangeField
from django.db.backends.postgresql.psycopg_any import DateRange

SpanField = DateRangeField


def span(since: date | None, until: date | None = None) -> DateRange:
    """The days from `since` up to but without `until`; None = open on that side."""
    if since is not None and until is not None and until <= since:
        raise ValueError(f"结束日期 {until} 不能早于或等于开始日期 {since}，请核对两个日期。")
    return DateRange(since, until, "[)")


def last_day(value: DateRange) -> date | None:
    """The last day that belongs to the range, as offices write it; None = still running."""
    return None if value.upper is None else value.upper - timedelta(days=1)
