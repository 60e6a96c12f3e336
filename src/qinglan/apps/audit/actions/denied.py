"""Record who was refused, without letting anybody fill the log by asking."""

from __future__ import annotations

import hashlib
from typing import Any

from django.core.cache import cache

from ..models import AccessDenied

WINDOW = 600  # seconds
ROWS = 30  # rows of one account in a window; what comes beyond is counted, and the number stands in her next row


def denied(*, by: Any, org_code: str, method: str, path: str, view: str, status: int) -> AccessDenied | None:
    """This will record one refusal; the same address again, or one too many of the account, is only counted (None)."""
    address = hashlib.sha256(f"{method} {path} {status}".encode()).hexdigest()[:16]
    counted, rows = f"denied.more.{by.pk}", f"denied.rows.{by.pk}"
    # The number first: whoever asks for a thousand addresses must not fill the cache, in which the counts of failed sign-ins stand.
    if cache.get(rows, 0) >= ROWS or not cache.add(f"denied.{by.pk}.{address}", 1, WINDOW):
        _count(counted, 30 * 86400)
        return None
    _count(rows, WINDOW)
    more = cache.get(counted, 0)
    if more:
        cache.set(counted, 0, 30 * 86400)
    return AccessDenied.objects.create(
        by_id=by.pk,
        by_name=by.get_full_name() or by.get_username(),
        org_code=org_code,
        method=method[:10],
        path=path[:300],
        view=view[:80],
        status=status,
        more=more,
    )


def _count(key: str, seconds: int) -> int:
    """One more under `key`, which lives so long from its first; it may run out between two calls."""
    cache.add(key, 0, seconds)
    try:
        return cache.incr(key)
    except ValueError:  # it ran out just now
        cache.set(key, 1, seconds)
        return 1
