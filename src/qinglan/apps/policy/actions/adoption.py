"""A district adopts a pack from a day on."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction

from qinglan.apps.audit.actions import record, snapshot
from qinglan.apps.exchange.actions import webhooks
from qinglan.apps.exchange.models import Event
from qinglan.apps.people.permissions import ADOPT_PACK, check
from qinglan.apps.policy.actions.years import keep_text
from qinglan.apps.policy.models import PackAdoption
from qinglan.apps.policy.queries.packs import adoption_for, thawed
from qinglan.core.packs.errors import PackError
from qinglan.core.packs.freezing import freeze
from qinglan.core.packs.loading import find

__all__ = ["PackError", "adopt"]  # the error too: the portal may not reach the packs themselves


@transaction.atomic
def adopt(*, district: str, pack: str, since: date, by: Any) -> PackAdoption:
    """This will let a district go by a shipped pack from `since`, the first day of a year.

    The pack is kept as it is now: a newer one of the same name, brought by an update, is another release (actions.releases.propose).
    A year is computed by one pack. PackError when the pack must not be used, ValidationError for a day within a year, and where a
    pack is in force already: another one is released by a second person (actions.releases).
    """
    check(by, ADOPT_PACK, district)
    with connection.cursor() as cursor:  # adoptions of a district go one after another
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"policy.pack {district}"])
    if by is not None and adoption_for(district, since) is not None:
        raise ValidationError("本区在这一天已有政策包；换一个须在「政策包」页拟稿，由另一人看过影响后发布。")
    if (since.month, since.day) != (1, 1):
        raise ValidationError(f"一年按一个政策包计算，请从 1 月 1 日起选用，例如 {since.year + 1}-01-01。")
    texts = freeze(pack)
    title = thawed(texts, find(pack).name, complete=True).title
    with record("policy.adopt", by=by, org_code=district) as entry:
        row = PackAdoption.objects.create(
            org_code=district,
            pack=pack,
            title=title,
            text=keep_text(pack, texts),
            since=since,
            by_id=getattr(by, "pk", None),
        )
        entry.target, entry.after = row, snapshot(row)
    webhooks.announce(event=Event.PACK_ADOPTED, org_code=district, pack=pack, since=since.isoformat())
    return row
