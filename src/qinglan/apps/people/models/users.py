"""Who signs in, and what for: a role at an organisation for a span of days."""

from __future__ import annotations

from datetime import date
from typing import Any

import pghistory
import pgtrigger
import rules
from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.crypto import salted_hmac

from qinglan.apps.base.models import OrgCodeField, Privacy, ScopedQuerySet, SpanField

from .persons import Person
from .words import Role


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    exclude=["password", "last_login", "session_epoch", "password_changed_at"],
    append_only=True,
    level=pgtrigger.Statement,  # one history write a statement: thousands of rows cost no thousand calls
)
class User(AbstractUser):
    """An account. A worker's account is linked to her person record; roles come from `RoleGrant` alone."""

    privacy = {
        "id": Privacy.INTERNAL,
        "password": Privacy.SENSITIVE,
        "password_temporary": Privacy.INTERNAL,
        "password_changed_at": Privacy.INTERNAL,
        "session_epoch": Privacy.INTERNAL,
        "last_login": Privacy.PERSONAL,
        "is_superuser": Privacy.INTERNAL,
        "username": Privacy.PERSONAL,
        "first_name": Privacy.PERSONAL,
        "last_name": Privacy.PERSONAL,
        "email": Privacy.PERSONAL,
        "is_staff": Privacy.INTERNAL,
        "is_active": Privacy.INTERNAL,
        "date_joined": Privacy.INTERNAL,
        "person": Privacy.INTERNAL,
        "groups": Privacy.INTERNAL,
        "user_permissions": Privacy.INTERNAL,
    }

    person = models.OneToOneField(
        Person, models.PROTECT, null=True, blank=True, related_name="user", verbose_name="本人档案"
    )
    # set by somebody else: the site lets her do nothing before she has chosen her own (config.accounts)
    password_temporary = models.BooleanField("密码须更换", default=False)

    # goes up when all sessions of the account must end: no session from before ever counts again
    session_epoch = models.PositiveIntegerField("会话批次", default=0)
    password_changed_at = models.DateTimeField("密码更换时间", db_default=Now())

    class Meta(AbstractUser.Meta):
        verbose_name = verbose_name_plural = "账号"

    # whether this session was opened with a second factor (config.accounts); None: no session, a token or a command
    second_factor_seen: bool | None = None

    def get_full_name(self) -> str:
        """Family name first, nothing between."""
        return f"{self.last_name}{self.first_name}"

    def _get_session_auth_hash(self, secret: Any = None) -> str:
        """What a session must carry to be this account's: of its password, as Django has it, and of the epoch."""
        salt = f"qinglan.people.session.{self.session_epoch}"
        return salted_hmac(salt, self.password, secret=secret, algorithm="sha256").hexdigest()

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Our own permissions go by roles and scope for everybody; being an administrator opens none of them."""
        if rules.perm_exists(perm):
            return self.is_active and obj is not None and rules.has_perm(perm, self, obj)
        return super().has_perm(perm, obj)


class FormerPassword(models.Model):
    """A password that an account has had, hashed as ever: so that the profile of graded protection can refuse it again."""

    privacy = {
        "id": Privacy.INTERNAL,
        "user": Privacy.INTERNAL,
        "password": Privacy.SENSITIVE,
        "since": Privacy.INTERNAL,
    }

    user = models.ForeignKey(User, models.CASCADE, related_name="former_passwords", verbose_name="账号")
    password = models.CharField("密码（哈希）", max_length=128)
    since = models.DateTimeField("启用时间", db_default=Now())

    class Meta:
        verbose_name = verbose_name_plural = "用过的密码"

    def __str__(self) -> str:
        return f"{self.user_id} {self.since}"


# 三员: of system, security and audit. Nobody is two of them, nor one of them and anything else.
ADMINISTRATORS = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)
_ADMINISTRATORS = ", ".join(f"'{role.value}'" for role in ADMINISTRATORS)
# The row of the account is locked first: two grants at once are looked at one after the other.
DUTIES_APART = pgtrigger.Trigger(
    name="duties_apart",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.Update,
    func=f"""
        PERFORM 1 FROM people_user WHERE id = NEW.user_id FOR NO KEY UPDATE;
        IF EXISTS (SELECT 1 FROM people_rolegrant AS other
                   WHERE other.user_id = NEW.user_id AND other.id <> NEW.id AND other.span && NEW.span
                     AND other.role <> NEW.role
                     AND (NEW.role IN ({_ADMINISTRATORS}) OR other.role IN ({_ADMINISTRATORS}))) THEN
            RAISE EXCEPTION 'duties that must be apart' USING ERRCODE = 'check_violation', CONSTRAINT = 'people_duties_apart';
        END IF;
        RETURN NEW;
    """,
)


class RoleGrantQuerySet(ScopedQuerySet):
    """Grants, scoped by the organisation that they are for."""

    def on(self, day: date) -> RoleGrantQuerySet:
        """Those in force on `day`."""
        return self.filter(span__contains=day)


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    append_only=True,
    level=pgtrigger.Statement,
)
class RoleGrant(models.Model):
    """A user has a role at an organisation (and all below it) for a span of days."""

    privacy = {
        "id": Privacy.INTERNAL,
        "user": Privacy.INTERNAL,
        "role": Privacy.INTERNAL,
        "org_code": Privacy.INTERNAL,
        "span": Privacy.INTERNAL,
    }

    user = models.ForeignKey(User, models.CASCADE, related_name="grants", verbose_name="账号")
    role = models.CharField("角色", max_length=20, choices=Role)
    org_code = OrgCodeField("机构代码")
    span = SpanField("期间")

    objects = RoleGrantQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "角色授权"
        triggers = [DUTIES_APART]
        constraints = [
            ExclusionConstraint(
                name="people_grant_no_overlap",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    ("org_code", RangeOperators.EQUAL),
                    ("span", RangeOperators.OVERLAPS),
                ],
                violation_error_message="同一账号在同一机构的同一角色，期间不能重叠。",
            ),
            # a role never reaches beyond one district
            models.CheckConstraint(condition=Q(org_code__regex=r"^[0-9]{6}"), name="people_grant_in_district"),
            models.CheckConstraint(condition=Q(span__isempty=False), name="people_grant_span"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} {self.org_code}"
