"""Open and shut accounts, hand out passwords; grant and end roles."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.utils.crypto import get_random_string

from qinglan.apps.audit.actions import record, snapshot
from qinglan.apps.base.models import span

from ..models import ADMINISTRATORS, Level, Organisation, Person, Role, RoleGrant, User, level_of
from ..permissions import GRANT_ROLES, check, check_anywhere, check_keep_account, forget_grants
from .errors import ActionError

# A role belongs to a level: the code of its grant must be one of that level.
LEVELS = {
    Role.DISTRICT_OFFICER: (Level.DISTRICT,),
    Role.SUBDISTRICT_OFFICER: (Level.SUBDISTRICT,),
    Role.COMMUNITY_SECRETARY: (Level.COMMUNITY,),
    Role.WORKER: (Level.SUBDISTRICT, Level.COMMUNITY, Level.GRID, Level.BODY),
    Role.MENTOR: (Level.DISTRICT, Level.SUBDISTRICT, Level.COMMUNITY),
    Role.ASSESSOR: (Level.DISTRICT, Level.SUBDISTRICT),
    Role.RESIDENT: (Level.COMMUNITY, Level.GRID),
    Role.FINANCE: (Level.DISTRICT,),
    Role.AUDITOR: (Level.DISTRICT,),
    Role.SYSTEM_ADMIN: (Level.DISTRICT,),
    Role.SECURITY_ADMIN: (Level.DISTRICT,),
    Role.AUDIT_ADMIN: (Level.DISTRICT,),
}

_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that looks like something else when read over the phone


@transaction.atomic
def open_account(
    *, username: str, name: str, by: Any, password: str | None = None, person: Person | None = None
) -> User:
    """This will open an account; without a password it cannot sign in until one is set. `person`: whose own it is."""
    check_anywhere(by, GRANT_ROLES)
    if User.objects.filter(username=username).exists():
        raise ActionError(f"账号名“{username}”已被使用，请换一个。", "username")
    if person is not None:
        check(by, GRANT_ROLES, person.org_code)
        _refuse_erased(person)
        if User.objects.filter(person=person).exists():
            raise ActionError(f"{person.name}已有账号。")
    with record("roles.open_account", by=by, org_code=person.org_code if person else "") as entry:
        user = User(username=username, last_name=name[:1], first_name=name[1:], person=person)
        user.set_password(password)
        user.save(force_insert=True)
        entry.target, entry.after = user, snapshot(user)
    return user


@transaction.atomic
def open_with_password(
    *, username: str, name: str, since: date, by: Any, person: Person | None = None, role: str = "", org_code: str = ""
) -> tuple[User, str]:
    """This will open an account with its first role and a one-time password; both are returned.

    One who is not an administrator opens accounts of people in her scope, or with a role in it."""
    if by is not None and not by.is_superuser and person is None and not role:
        raise ActionError("不是本区在册人员的账号，须同时选择角色与机构。", "role")
    user = open_account(username=username, name=name, by=by, person=person)
    if role:
        grant(user=user, role=Role(role), org_code=org_code, since=since, by=by)
    password = hand_out_password(user=user, by=by)
    user.refresh_from_db()
    return user, password


@transaction.atomic
def hand_out_password(*, user: User, by: Any) -> str:
    """This will set a random password that holds until its owner has chosen her own at the next sign-in; sessions open
    now end. The password is returned once and kept nowhere."""
    user = User.objects.select_for_update().get(pk=user.pk)
    check_keep_account(by, user)
    if by is not None and by.pk == user.pk:
        raise ActionError("自己的密码请用右上角菜单里的“修改密码”更换。")
    _refuse_erased(user.person)
    password = "-".join(get_random_string(4, _READABLE) for _ in range(3))
    with record("roles.hand_out_password", by=by, target=user, org_code=_place(user), before=snapshot(user)) as entry:
        user.set_password(password)
        user.password_temporary = True
        user.session_epoch += 1
        user.save(update_fields=["password", "password_temporary", "session_epoch"])
        entry.after = snapshot(user)
    return password


def _refuse_erased(person: Person | None) -> None:
    if person is not None and person.erased_at is not None:
        raise ActionError("本人的个人信息已经删除，这个账号不能再使用。")


def _place(user: User) -> str:
    """Where the log files what happens to an account: where its person stands, else its first role."""
    if user.person is not None:
        return user.person.org_code
    return user.grants.order_by("pk").values_list("org_code", flat=True).first() or ""


def _set_active(user: User, active: bool, action: str, by: Any) -> User:
    user = User.objects.select_for_update().get(pk=user.pk)
    check_keep_account(by, user)
    if by is not None and by.pk == user.pk:
        raise ActionError("不能停用自己的账号，请由另一位管理员办理。")
    _refuse_erased(user.person)
    with record(action, by=by, target=user, org_code=_place(user), before=snapshot(user)) as entry:
        user.is_active = active
        user.session_epoch += 1  # so that a session from before does not wake up when the account is opened again
        user.save(update_fields=["is_active", "session_epoch"])
        entry.after = snapshot(user)
    return user


def deactivate(*, user: User, by: Any) -> User:
    """This will shut an account: nobody signs in with it, and its open sessions end with their next request."""
    with transaction.atomic():
        return _set_active(user, False, "roles.deactivate", by)


def reactivate(*, user: User, by: Any) -> User:
    """This will open a shut account again, with the roles that are in force."""
    with transaction.atomic():
        return _set_active(user, True, "roles.reactivate", by)


@transaction.atomic
def grant(*, user: User, role: Role, org_code: str, since: date, by: Any, until: date | None = None) -> RoleGrant:
    """This will give a user a role at an organisation from `since` up to but without `until`.

    Nobody gives one to herself; who is one of the three administrators has no other role at the same time."""
    check(by, GRANT_ROLES, org_code)
    if by is not None and by.pk == user.pk:
        raise ActionError("不能给自己授予角色，请由另一位有权的管理员办理。")
    _refuse_erased(user.person)
    try:
        level = level_of(org_code)
        term = span(since, until)
    except ValueError as error:
        raise ActionError(str(error), "until" if until is not None and until <= since else "org_code") from None
    if level not in LEVELS[role]:
        levels = "、".join(level.label for level in LEVELS[role])
        raise ActionError(f"“{Role(role).label}”应授予{levels}一级的机构，请核对机构代码 {org_code}。", "org_code")
    if not Organisation.objects.filter(code=org_code, valid__overlap=term).exists():
        raise ActionError(f"没有代码为 {org_code} 的机构，请先添加机构。", "org_code")
    if RoleGrant.objects.filter(user=user, role=role, org_code=org_code, span__overlap=term).exists():
        raise ActionError("该账号在这段时间已有这一角色。", "role")
    _check_duties(user, role, term)
    with record("roles.grant", by=by, org_code=org_code) as entry:
        row = RoleGrant.objects.create(user=user, role=role, org_code=org_code, span=term)
        entry.target, entry.after = row, snapshot(row)
    forget_grants(user)
    return row


def _check_duties(user: User, role: Role, term: Any) -> None:
    """Refuse what would put two duties that must be apart into one hand. Waits for another grant to the same account; the
    database asks the same again (trigger `duties_apart`)."""
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    others = RoleGrant.objects.filter(user=user, span__overlap=term).exclude(role=role)
    clash = others.first() if role in ADMINISTRATORS else others.filter(role__in=ADMINISTRATORS).first()
    if clash is not None:
        raise ActionError(
            f"系统、安全、审计三类管理员互不兼任，也不兼任其他角色：该账号在这段时间已是“{clash.get_role_display()}”，"
            "请换一个账号，或先收回原来的角色。",
            "role",
        )
    if role in ADMINISTRATORS and user.is_superuser:
        raise ActionError("初始管理员账号不能兼任三员，请另开账号。", "role")


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
