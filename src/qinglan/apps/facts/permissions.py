"""Who may bring files in and read facts; the getters."""

from __future__ import annotations

from typing import Any

import rules
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from qinglan.apps.facts.models import ImportBatch
from qinglan.apps.people.permissions import IMPORT_FACTS, IMPORT_ROSTER, codes_for


def import_districts(user: Any) -> list[str]:
    """The districts a user may bring files of: those that hold one of her scopes."""
    codes = [*codes_for(user, IMPORT_ROSTER), *codes_for(user, IMPORT_FACTS)]
    return sorted({code[:6] for code in codes})


def batches_for(user: Any) -> QuerySet[ImportBatch]:
    """A district officer sees her district's files, a sub-district officer her own: a file holds people of others."""
    whole = [code for code in codes_for(user, IMPORT_FACTS) if len(code) <= 6]
    return ImportBatch.objects.within_any(whole) | ImportBatch.objects.filter(by_id=user.pk)


def get_batch_for(user: Any, batch_id: int) -> ImportBatch:
    """One file, or 404."""
    return get_object_or_404(batches_for(user), pk=batch_id)


@rules.predicate
def can_import(user: Any) -> bool:
    return bool(import_districts(user))


rules.add_perm("facts.import", can_import)
