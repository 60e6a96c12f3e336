"""Who rehearses: whoever may try values on the real year (compute it or take up a pack), in her districts."""

from __future__ import annotations

from typing import Any

import rules
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from qinglan.apps.people.permissions import ADOPT_PACK, COMPUTE_YEAR, can, codes_for
from qinglan.apps.policy.models import Run
from qinglan.apps.policy.permissions import districts_to_adopt, districts_to_compute
from qinglan.apps.policy.states import SHOWN
from qinglan.apps.rehearsal.models import Rehearsal, Study

DISTRICT_DIGITS = 6


def districts_for(user: Any) -> list[str]:
    return sorted({*districts_to_compute(user), *districts_to_adopt(user)})


@rules.predicate
def can_see(user: Any) -> bool:
    """May rehearse somewhere. Every page's navigation asks it: no query beside that of the grants."""
    whole = {
        code
        for wanted in (COMPUTE_YEAR, ADOPT_PACK)
        for code in codes_for(user, wanted)
        if len(code) == DISTRICT_DIGITS
    }
    return bool(user.is_active and user.is_superuser) or bool(whole)


rules.set_perm("rehearsal.see", can_see)


def may_rehearse(user: Any, org_code: str) -> bool:
    return user is None or org_code[:DISTRICT_DIGITS] in districts_for(user)


def may_adopt(user: Any, row: Rehearsal) -> bool:
    return can(user, ADOPT_PACK, row.org_code[:DISTRICT_DIGITS])


def runs_for(user: Any) -> list[Run]:
    """The years that a rehearsal can start from, the newest first: those that stand, with what they were computed from."""
    found = Run.objects.filter(
        org_code__in=districts_for(user), state__in=SHOWN, input__isnull=False, pack_text__isnull=False
    )
    return list(
        found.order_by("-year", "org_code", "-created_at").defer("exceptions", "month_columns", "segment_columns")
    )


def rehearsals_for(user: Any) -> QuerySet[Rehearsal]:
    return Rehearsal.objects.within_any(districts_for(user)) if can_see(user) else Rehearsal.objects.none()


def get_rehearsal_for(user: Any, number: int, *unread: str) -> Rehearsal:
    """One rehearsal, or 404; the large fields `unread` stay where they are."""
    return get_object_or_404(rehearsals_for(user).defer(*unread), pk=number)


def studies_for(user: Any) -> QuerySet[Study]:
    return Study.objects.within_any(districts_for(user)) if can_see(user) else Study.objects.none()


def get_study_for(user: Any, number: int) -> Study:
    """One study, or 404."""
    return get_object_or_404(studies_for(user), pk=number)
