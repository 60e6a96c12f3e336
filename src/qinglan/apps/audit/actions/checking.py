"""The site verifies itself at night and keeps what it found, so that the audit page can say so by day."""

from __future__ import annotations

import logging

from django.db import connection, transaction

from ..models import ChainCheck
from ..queries.chain import HeadsError, head, read_heads
from ..queries.verifying import verify
from .heads import heads_file

log = logging.getLogger(__name__)


def check() -> ChainCheck:
    """This will verify the chain, every row that only grows and the exported heads, and keep the result."""
    wrong: list[str] = []
    heads = []
    try:
        heads = read_heads(heads_file())
    except HeadsError as error:
        wrong.append(str(error))
    with transaction.atomic():
        if not connection.savepoint_ids:  # a transaction of our own: all questions to one state
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        newest = head()
        wrong += verify(heads)
    for sentence in wrong:
        log.error("audit: %s", sentence)
    return ChainCheck.objects.create(
        number=newest.number if newest else 0, heads=len(heads), wrong=len(wrong), said=wrong[: ChainCheck.SAID]
    )
