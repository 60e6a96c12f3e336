"""A token: what another system shows instead of a password, standing for one account and never for more than it."""

from __future__ import annotations

from datetime import date

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from qinglan.apps.base.models import OrgCodeField, Privacy, ScopedQuerySet
from qinglan.apps.people.models import User


class Scope(models.TextChoices):
    """What a token may be used for; the account behind it must be allowed to do it besides."""

    ORGANISATIONS_READ = "organisations:read", "查看组织"
    PEOPLE_READ = "people:read", "查看人员"
    FACTS_READ = "facts:read", "查看事实"
    FACTS_WRITE = "facts:write", "登记、更正、撤销事实"
    RUNS_READ = "runs:read", "查看年度计算"
    RUNS_WRITE = "runs:write", "计算年度、提交与退回"
    RESULTS_READ = "results:read", "查看年度结果"
    PACKS_READ = "packs:read", "查看政策包"
    PACKS_WRITE = "packs:write", "选用政策包"
    PAY_READ = "pay:read", "查看月度工资"
    PAY_WRITE = "pay:write", "计算月度工资"
    CLAIMS_READ = "claims:read", "查看诉求"
    CLAIMS_WRITE = "claims:write", "提出、答复诉求"
    ASSISTANT_WRITE = "assistant:write", "向问答助手提问"


class TokenQuerySet(ScopedQuerySet):
    def in_force(self, day: date) -> TokenQuerySet:
        """Those that open the door on `day`."""
        return self.filter(revoked_at=None, expires_on__gte=day, user__is_active=True)


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), append_only=True, exclude=["digest"])
class Token(models.Model):
    """A secret of 256 random bits, kept as its hash alone; `prefix` names it in lists and logs."""

    privacy = {
        "id": Privacy.INTERNAL,
        "user": Privacy.INTERNAL,
        "name": Privacy.INTERNAL,
        "prefix": Privacy.INTERNAL,
        "digest": Privacy.SENSITIVE,
        "scopes": Privacy.INTERNAL,
        "org_code": Privacy.INTERNAL,
        "expires_on": Privacy.INTERNAL,
        "created_at": Privacy.INTERNAL,
        "revoked_at": Privacy.INTERNAL,
    }

    user = models.ForeignKey(User, models.PROTECT, related_name="tokens", verbose_name="账号")
    name = models.CharField("用途", max_length=60)
    prefix = models.CharField("编号", max_length=8, unique=True, db_collation="C")
    digest = models.CharField("指纹", max_length=80, db_collation="C")  # "sha256:" and 64 hex digits
    scopes = ArrayField(models.CharField(max_length=30), verbose_name="权限")
    org_code = OrgCodeField("限于机构")
    expires_on = models.DateField("有效至")  # the last day
    created_at = models.DateTimeField("建立时间", db_default=Now())
    revoked_at = models.DateTimeField("停用时间", null=True)

    objects = TokenQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "接口令牌"
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["user", "-created_at"], name="exchange_token_user")]
        constraints = [
            models.CheckConstraint(condition=Q(org_code__regex=r"^[0-9]{6}"), name="exchange_token_in_district"),
            models.CheckConstraint(condition=~Q(name=""), name="exchange_token_named"),
            models.CheckConstraint(condition=Q(scopes__len__gt=0), name="exchange_token_for_something"),
        ]

    def __str__(self) -> str:
        return f"{self.prefix} {self.name}"

    def words(self) -> list[str]:
        """What it may do, in words; a scope that no longer exists under its own name."""
        known = dict(Scope.choices)
        return [str(known.get(one, one)) for one in self.scopes]


class TokenUse(models.Model):
    """When a token was last shown, and how often in that minute: what the limit a minute goes by."""

    privacy = {
        "token": Privacy.INTERNAL,
        "last_used_at": Privacy.INTERNAL,
        "minute": Privacy.INTERNAL,
        "calls": Privacy.INTERNAL,
    }

    token = models.OneToOneField(Token, models.CASCADE, primary_key=True, related_name="use", verbose_name="令牌")
    last_used_at = models.DateTimeField("最近使用")
    minute = models.DateTimeField("所在分钟")
    calls = models.PositiveIntegerField("该分钟次数")

    class Meta:
        verbose_name = verbose_name_plural = "令牌使用"

    def __str__(self) -> str:
        return f"{self.token_id}"
