"""Open accounts; grant and end roles."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction

from qinglan.apps.audit.actions import record, snapshot
from qinglan.apps.base.models import span

from ..models import Level, Organisation, Person, Role, RoleGrant, User, level_of
from ..permissions import GRANT_ROLES, check, check_anywhere, forget_grants
from .errors import ActionError

# A role belongs to a level: the code of its grant must be one of that level.
LEVELS = {
    Role.DISTRICT_OFFICER: (Level.DISTRICT,),
    Role.SUBDISTRICT_OFFICER: (Level.SUBDISTRICT,),
    Role.COMMUNITY_SECRETARY: (Level.COMMUNITY,),
    Role.WORKER: (Level.SUBDISTRICT, Level.COMMUNITY, Level.GRID, Level.BODY),
}


@transaction.atomic
def open_account(
    *, username: str, name: str, by: Any, password: str | None = None, person: Person | None = None
) -> User:
    """This will open an account; without a password it cannot sign in until one is set. `person`: whose own it is."""
    check_anywhere(by, GRANT_ROLES)
    if User.objects.filter(username=username).exists():
        raise ActionError(f"账号名“{username}”已被使用，请换一个。")
    if person is not None:
        check(by, GRANT_ROLES, person.org_code)
        if User.objects.filter(person=person).exists():
            raise ActionError(f"{person.name}已有账号。")
    with record("roles.open_account", by=by, org_code=person.org_code if person else "") as entry:
        user = User(username=username, last_name=name[:1], first_name=name[1:], person=person)
        user.set_password(password)
        user.save(force_insert=True)
        entry.target, entry.after = user, snapshot(user)
    return user


@transaction.atomic
def grant(*, user: User, role: Role, org_code: str, since: date, by: Any, until: date | None = None) -> RoleGrant:
    """This will give a user a role at an organisation from `since` up to but without `until`."""
    check(by, GRANT_ROLES, org_code)
    if level_of(org_code) not in LEVELS[role]:
        levels = "、".join(level.label for level in LEVELS[role])
        raise ActionError(f"“{Role(role).label}”应授予{levels}一级的机构，请核对机构代码 {org_code}。")
    if not Organisation.objects.filter(code=org_code, valid__overlap=span(since, until)).exists():
        raise ActionError(f"没有代码为 {org_code} 的机构，请先添加机构。")
    if RoleGrant.objects.filter(user=user, role=role, org_code=org_code, span__overlap=span(since, until)).exists():
        raise ActionError("该账号在这段时间已有这一角色。")
    with record("roles.grant", by=by, org_code=org_code) as entry:
        row = RoleGrant.objects.create(user=user, role=role, org_code=org_code, span=span(since, until))
        entry.target, entry.after = row, snapshot(row)
    forget_grants(user)
    return row


@transaction.atomic
def end(*, grant: RoleGrant, on: date, by: Any) -> None:
    """This will end a role on `on`, the first day without it; one that has not begun is withdrawn."""
    grant = RoleGrant.objects.select_for_update().get(pk=grant.pk)
    check(by, GRANT_ROLES, grant.org_code)
    with record("roles.end", by=by, target=grant, org_code=grant.org_code, before=snapshot(grant)) as entry:
        if grant.span.lower is not None and grant.span.lower >= on:
            grant.delete()
        else:
            grant.span = span(grant.span.lower, on)
            grant.save(update_fields=["span"])
            entry.after = snapshot(grant)
    forget_grants(grant.user)
