"""A district adopts a pack from a day on."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction

from qinglan.apps.audit.actions import record, snapshot
from qinglan.apps.people.permissions import ADOPT_PACK, check
from qinglan.apps.policy.models import PackAdoption
from qinglan.core.packs.errors import PackError
from qinglan.core.packs.loading import load
from qinglan.core.rules.registry import ITEMS

__all__ = ["PackError", "adopt"]  # the error too: the portal may not reach the packs themselves


@transaction.atomic
def adopt(*, district: str, pack: str, since: date, by: Any) -> PackAdoption:
    """This will let a district go by a shipped pack from `since`. PackError when the pack must not be used."""
    check(by, ADOPT_PACK, district)
    load(pack, ITEMS)
    with record("policy.adopt", by=by, org_code=district) as entry:
        row = PackAdoption.objects.create(org_code=district, pack=pack, since=since, by_id=getattr(by, "pk", None))
        entry.target, entry.after = row, snapshot(row)
    return row
