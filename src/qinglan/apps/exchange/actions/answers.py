"""Answer a submission once: the answer is stored in the same transaction as its effect, under the asker's key (design §3.13).

What was refused left nothing behind, so its key is free: it may be asked again when the reason is gone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction

from qinglan.apps.audit.actions import record
from qinglan.apps.exchange.models import KeyConflict, StoredAnswer, Token

KEPT_LETTERS = 64_000  # of a conflicting body


def body_hash(body: bytes) -> str:
    """The same for the same JSON, however it is spaced or ordered."""
    content = json.dumps(json.loads(body), sort_keys=True, ensure_ascii=True) if body else ""
    return hashlib.sha256(content.encode()).hexdigest()


def hold(by_id: int, key: str) -> None:
    """Wait until nobody else answers under this key; held to the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"exchange.key {by_id} {key}"])


def once(
    *, key: str, operation: str, body: bytes, token: Token, by: Any, status: int, work: Callable[[], str]
) -> StoredAnswer | None:
    """This will do `work` (which returns the answer's text) unless it was done under this key before, and return the stored
    answer either way. None when the key stood for something else: then what came is kept for a person to look at.

    Whatever `work` raises passes through, and nothing is stored.
    """
    mark = body_hash(body)
    with transaction.atomic():
        hold(by.pk, key)
        known = StoredAnswer.objects.filter(by_id=by.pk, key=key).first()
        if known is None:
            text = work()
            return StoredAnswer.objects.create(
                by_id=by.pk, token_id=token.pk, key=key, operation=operation, body_hash=mark, status=status, body=text
            )
    if (known.operation, known.body_hash) == (operation, mark):
        return known
    _keep(known, operation, mark, body, token, by)
    return None


@transaction.atomic
def _keep(known: StoredAnswer, operation: str, mark: str, body: bytes, token: Token, by: Any) -> None:
    found = hashlib.sha256(f"{operation} {mark}".encode()).hexdigest()
    text = body[:KEPT_LETTERS].decode("utf-8", errors="replace").replace("\0", "")
    with record("exchange.key_conflict", by=by, target=known, org_code=token.org_code) as entry:
        KeyConflict.objects.bulk_create(
            [KeyConflict(answer=known, token_id=token.pk, operation=operation, body_hash=found, body=text)],
            ignore_conflicts=True,
        )
        entry.after = {"operation": operation, "key": known.key}
