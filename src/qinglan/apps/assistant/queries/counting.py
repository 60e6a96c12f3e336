"""How often was asked what, by day, card, channel and place: counts alone, kept for good, nobody in them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from qinglan.apps.assistant.models import Tally
from qinglan.apps.assistant.states import Outcome

# What a table of counts may have a row for; the field of a Tally.
BY = {"day": "天", "card_key": "卡片", "channel": "渠道", "org_code": "地点"}
MOST_DAYS_SHOWN = 62  # with more, the chart has a mark a month
SUMS = {
    **{f"n_{one.value}": Sum("asked", filter=Q(outcome=one), default=0) for one in Outcome},
    "asked": Sum("asked"),  # after those that read the field of this name
    "up": Sum("up"),
    "down": Sum("down"),
}


def rows_by(rows: QuerySet[Tally], by: str) -> list[dict[str, Any]]:
    """[{what, asked, n_<outcome>, share answered or None, up, down}, …]; days the newest first, all else the most asked first."""
    order = "-what" if by == "day" else "-asked"
    found: Iterable[Any] = (
        rows.order_by().values(what=F(by)).annotate(**SUMS).filter(asked__gt=0).order_by(order, "what")
    )
    return [one | {"share": one["n_answered"] / one["asked"]} for one in found]


def totals(rows: QuerySet[Tally]) -> dict[str, Any]:
    """The same over all."""
    found = rows.order_by().aggregate(**SUMS)
    asked = found["asked"] or 0
    return {name: value or 0 for name, value in found.items()} | {
        "share": found["n_answered"] / asked if asked else None
    }


def over_time(rows: QuerySet[Tally], since: date, until: date) -> dict[str, Any]:
    """The chart: asked and answered by day, or by month where there are many days. Days without a question are noughts."""
    monthly = (until - since).days > MOST_DAYS_SHOWN
    key = TruncMonth("day") if monthly else F("day")
    found: Iterable[Any] = rows.order_by().values(what=key).annotate(answered=SUMS["n_answered"], asked=Sum("asked"))
    by = {one["what"]: one for one in found}
    marks = list(_months(since, until) if monthly else _days(since, until))
    said = "%Y年%-m月" if monthly else "%-m月%-d日"
    return {
        "kind": "line" if len(marks) > 1 else "bar", "labels": [f"{one:{said}}" for one in marks], "unit": "个", "head": "月" if monthly else "日",
        "series": [
            {"name": name, "values": [by[one][field] if one in by else 0 for one in marks]}
            for name, field in (("提问", "asked"), ("已回答", "answered"))
        ],
    }  # fmt: skip


def _days(since: date, until: date) -> Iterable[date]:
    return (since + timedelta(days=n) for n in range((until - since).days + 1))


def _months(since: date, until: date) -> Iterable[date]:
    one = since.replace(day=1)
    while one <= until:
        yield one
        one = (one + timedelta(days=32)).replace(day=1)
