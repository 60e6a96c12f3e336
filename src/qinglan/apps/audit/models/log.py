"""Who did what, when, from what to what; who saw a full ID number or phone; who was refused. All three tables only grow.

Row-level history of the tracked models is written by database triggers (pghistory) into `<Model>Event` tables; the rows
here say which action of which user that was. None refers to people's tables, so that a log outlives what it is about.
"""

import pgtrigger
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.functions import Now

from qinglan.apps.base.models import OrgCodeField, Privacy, ScopedQuerySet


def protect() -> pgtrigger.Protect:
    """The trigger of an append-only table: the database refuses update and delete, whoever asks."""
    return pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)


class AuditEvent(models.Model):
    """One action: its name, its user, its target and the state before and after (sensitive fields as marks only)."""

    append_only = True
    privacy = {
        "id": Privacy.INTERNAL,
        "at": Privacy.INTERNAL,
        "action": Privacy.INTERNAL,
        "by_id": Privacy.INTERNAL,
        "by_name": Privacy.PERSONAL,
        "target_type": Privacy.INTERNAL,
        "target_key": Privacy.INTERNAL,
        "org_code": Privacy.INTERNAL,
        "before": Privacy.PERSONAL,
        "after": Privacy.PERSONAL,
    }

    at = models.DateTimeField("时间", db_default=Now())
    action = models.CharField("操作", max_length=60)
    by_id = models.BigIntegerField("操作人编号", null=True)  # null: the system itself (set-up, daily jobs)
    by_name = models.CharField("操作人", max_length=150)
    target_type = models.CharField("对象类型", max_length=60)
    target_key = models.CharField("对象编号", max_length=60)
    org_code = OrgCodeField("机构代码")
    before = models.JSONField("之前", null=True)
    after = models.JSONField("之后", null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "操作记录"
        triggers = [protect()]
        indexes = [
            models.Index(fields=["org_code", "-at"], name="audit_event_scope"),
            models.Index(fields=["target_type", "target_key", "-at"], name="audit_event_target"),
            BrinIndex(fields=["at"], name="audit_event_at"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.by_name} {self.action}"


class AccessRecord(models.Model):
    """One look at a full sensitive value: who, of whom, which field, why, when."""

    append_only = True
    privacy = {
        "id": Privacy.INTERNAL,
        "at": Privacy.INTERNAL,
        "by_id": Privacy.INTERNAL,
        "by_name": Privacy.PERSONAL,
        "person_id": Privacy.INTERNAL,
        "org_code": Privacy.INTERNAL,
        "field": Privacy.INTERNAL,
        "reason": Privacy.PERSONAL,
    }

    at = models.DateTimeField("时间", db_default=Now())
    by_id = models.BigIntegerField("查看人编号")
    by_name = models.CharField("查看人", max_length=150)
    person_id = models.BigIntegerField("被查看人编号")
    org_code = OrgCodeField("机构代码")
    field = models.CharField("字段", max_length=40)
    reason = models.CharField("理由", max_length=200)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "查看记录"
        triggers = [protect()]
        indexes = [
            models.Index(fields=["org_code", "-at"], name="audit_access_scope"),
            models.Index(fields=["person_id", "-at"], name="audit_access_person"),
        ]
        constraints = [models.CheckConstraint(condition=~models.Q(reason=""), name="audit_access_reason")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.by_name} {self.field}"


class AccessDenied(models.Model):
    """One refusal: who asked for which page and was told 403 or 404. `more`: how many others of hers since the last row
    were counted only, so that nobody floods the log by asking (actions.denied)."""

    append_only = True
    privacy = {
        "id": Privacy.INTERNAL,
        "at": Privacy.INTERNAL,
        "by_id": Privacy.INTERNAL,
        "by_name": Privacy.PERSONAL,
        "method": Privacy.INTERNAL,
        "path": Privacy.INTERNAL,
        "view": Privacy.INTERNAL,
        "status": Privacy.INTERNAL,
        "more": Privacy.INTERNAL,
        "org_code": Privacy.INTERNAL,
    }

    at = models.DateTimeField("时间", db_default=Now())
    by_id = models.BigIntegerField("访问人编号")
    by_name = models.CharField("访问人", max_length=150)
    org_code = OrgCodeField("访问人所在机构代码", blank=True)  # where she belongs, not what she asked for
    method = models.CharField("方法", max_length=10)
    path = models.CharField("地址", max_length=300)
    view = models.CharField("页面", max_length=80)
    status = models.PositiveSmallIntegerField("答复")
    more = models.PositiveIntegerField("另有", default=0)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "拒绝记录"
        triggers = [protect()]
        indexes = [models.Index(fields=["org_code", "-at"], name="audit_denied_scope")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.by_name} {self.path} {self.status}"
