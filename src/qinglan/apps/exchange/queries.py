"""How the lists of tokens and deliveries are narrowed."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from qinglan.apps.exchange.models import Delivery, Token


def tokens(rows: QuerySet[Token], *, on: date, text: str = "", state: str = "") -> QuerySet[Token]:
    """`rows` narrowed by what the page offers. Empty = not asked."""
    if text:
        rows = rows.filter(
            Q(name__icontains=text) | Q(prefix__startswith=text.lower()) | Q(user__username__icontains=text)
        )
    shut = Q(revoked_at__isnull=False) | Q(expires_on__lt=on) | Q(user__is_active=False)
    if state:
        rows = rows.filter(shut) if state == "shut" else rows.exclude(shut)
    return rows.order_by("-created_at", "-pk")


def deliveries(rows: QuerySet[Delivery], *, text: str = "", state: str = "", event: str = "") -> QuerySet[Delivery]:
    """`rows` narrowed by what the page offers. Empty = not asked."""
    if text:
        rows = rows.filter(Q(webhook__name__icontains=text) | Q(webhook__url__icontains=text))
    if state:
        rows = rows.filter(state=state)
    if event:
        rows = rows.filter(event=event)
    return rows.order_by("-created_at", "-pk")
