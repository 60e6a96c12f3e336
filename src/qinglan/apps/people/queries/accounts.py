"""Accounts as a list page shows them."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet, Value
from django.db.models.functions import Concat

from ..models import RoleGrant, User


def filtered(accounts: QuerySet[User], *, on: date, text: str = "", role: str = "", state: str = "") -> QuerySet[User]:
    """`accounts` narrowed: part of a name or account name, a role in force on `on` ("none": without any), active or shut."""
    if text := "".join(text.split()):
        accounts = accounts.annotate(full=Concat(F("last_name"), Value(""), F("first_name")))
        accounts = accounts.filter(Q(full__contains=text) | Q(username__icontains=text))
    in_force = RoleGrant.objects.on(on).filter(user=OuterRef("pk"))
    if role == "none":
        accounts = accounts.filter(~Exists(in_force), is_superuser=False)
    elif role:
        accounts = accounts.filter(Exists(in_force.filter(role=role)))
    if state:
        accounts = accounts.filter(is_active=state == "active")
    return accounts


def for_list(accounts: QuerySet[User], on: date) -> QuerySet[User]:
    """With what a list row shows: `.in_force`, the grants of the day. Two queries for any number of rows."""
    grants = RoleGrant.objects.on(on).order_by("org_code", "role")
    return accounts.prefetch_related(Prefetch("grants", grants, to_attr="in_force")).order_by("username")
