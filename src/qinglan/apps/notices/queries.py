"""The number on the bell, and which accounts a matter concerns."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from qinglan.apps.notices.models import Notice
from qinglan.apps.people.models import RoleGrant, User
from qinglan.apps.people.permissions import CAPABILITIES, VIEW_AUDIT

MOST_COUNTED = 100  # the bell says 99+ beyond


def unread(user: Any) -> int:
    """How many notices wait for an account, counted no further than the bell shows."""
    return Notice.objects.filter(user=user, read_at__isnull=True).order_by()[:MOST_COUNTED].count()


def bell(request: HttpRequest) -> dict[str, Any]:
    """For every page: the number of unread notices, asked for only where a page shows it."""
    user = getattr(request, "user", None)
    return {"unread_notices": SimpleLazyObject(lambda: unread(user) if user and user.is_authenticated else 0)}


def holders(capability: str, org_code: str, day: date) -> QuerySet[User]:
    """The active accounts that have a capability at an organisation on a day: whom a matter of that place concerns."""
    roles = [role for role, capabilities in CAPABILITIES.items() if capability in capabilities]
    above = [org_code[:length] for length in range(6, len(org_code) + 1)]
    grants = RoleGrant.objects.on(day).filter(user=OuterRef("pk"), role__in=roles, org_code__in=above)
    return User.objects.filter(Exists(grants), is_active=True).order_by("pk")


def readers_of_log() -> QuerySet[User]:
    """The active accounts that may read the log of some place today: the chain is one for the whole site."""
    roles = [role for role, capabilities in CAPABILITIES.items() if VIEW_AUDIT in capabilities]
    grants = RoleGrant.objects.on(timezone.localdate()).filter(user=OuterRef("pk"), role__in=roles)
    return User.objects.filter(Exists(grants), is_active=True).order_by("pk")
