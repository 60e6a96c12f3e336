"""Who asks for erasures, who confirms them: officers of the district, never about themselves."""

from __future__ import annotations

from typing import Any

import rules
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone

from qinglan.apps.erasure.models import Erasure
from qinglan.apps.people.models import Person, Role, RoleGrant, User
from qinglan.apps.people.permissions import CAPABILITIES, ERASE_PEOPLE, codes_for, get_person_for

_ROLES = [role for role in Role.values if ERASE_PEOPLE in CAPABILITIES[role]]


def erasures_for(user: Any) -> QuerySet[Erasure]:
    """The erasures of the districts in which `user` may decide on them."""
    return Erasure.objects.within_any(codes_for(user, ERASE_PEOPLE))


def get_erasure_for(user: Any, number: int) -> Erasure:
    """One erasure, or 404."""
    return get_object_or_404(erasures_for(user).select_related("person"), pk=number)


def get_person_to_erase(user: Any, person_id: int) -> Person:
    """A person whom `user` may ask to erase, or 404."""
    return get_person_for(user, person_id, ERASE_PEOPLE)


def others_who_confirm(erasure: Erasure, by: Any) -> QuerySet[User]:
    """The accounts that may confirm it, besides who asked and her own."""
    above = [erasure.org_code[:6]]
    grants = RoleGrant.objects.on(timezone.localdate()).filter(role__in=_ROLES, org_code__in=above)
    users = User.objects.filter(is_active=True, pk__in=grants.values("user")).exclude(pk=by.pk)
    return users.exclude(person=erasure.person_id) | users.filter(person=None)


@rules.predicate
def can_see_erasures(user: Any) -> bool:
    """Decides on erasures somewhere."""
    return bool(codes_for(user, ERASE_PEOPLE))


rules.set_perm("erasure.see", can_see_erasures)
