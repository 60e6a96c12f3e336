"""Erasures: who asked, on what ground, who confirmed, what was done, by number alone."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from qinglan.apps.base.models import OrgCodeField, Privacy, ScopedQuerySet
from qinglan.apps.erasure import states
from qinglan.apps.people.models import Person

P, INTERNAL = Privacy.PERSONAL, Privacy.INTERNAL
MOST_REASON = 300


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), append_only=True)
class Erasure(models.Model):
    """The erasing of one person, her merged records and her account with her.

    `reason` names nobody (actions.asking sees to it): it stays. `counts`: table -> rows emptied; `left`: [[table, key], ...] where
    words may still speak of her that a person must look at. `held`: why a confirmed one was not carried out so far. `again`: a
    restored backup had brought her back.
    """

    State = states.State
    Ground = states.Ground

    privacy = {
        "id": INTERNAL,
        "person": P,
        "org_code": INTERNAL,
        "state": INTERNAL,
        "ground": INTERNAL,
        "reason": INTERNAL,
        "asked_by_id": INTERNAL,
        "asked_by_name": P,
        "asked_at": INTERNAL,
        "confirmed_by_id": INTERNAL,
        "confirmed_by_name": P,
        "confirmed_at": INTERNAL,
        "note": INTERNAL,
        "done_at": INTERNAL,
        "held": INTERNAL,
        "counts": INTERNAL,
        "left": INTERNAL,
        "again": INTERNAL,
    }

    person = models.ForeignKey(Person, models.PROTECT, related_name="erasures", verbose_name="人员")
    org_code = OrgCodeField("所在机构")
    state = models.CharField("状态", max_length=10, choices=states.State, default=states.State.ASKED)
    ground = models.CharField("依据", max_length=10, choices=states.Ground)
    reason = models.CharField("理由", max_length=MOST_REASON)
    asked_by_id = models.BigIntegerField("申请账号", null=True)  # null: the system, after a restore
    asked_by_name = models.CharField("申请人", max_length=150)
    asked_at = models.DateTimeField("申请时间", db_default=Now())
    confirmed_by_id = models.BigIntegerField("确认账号", null=True)
    confirmed_by_name = models.CharField("确认人", max_length=150, blank=True)
    confirmed_at = models.DateTimeField("确认时间", null=True)
    note = models.CharField("不予删除的原因", max_length=MOST_REASON, blank=True)
    done_at = models.DateTimeField("删除时间", null=True)
    held = models.CharField("没有执行的原因", max_length=MOST_REASON, blank=True)
    counts = models.JSONField("清空的行数", default=dict)
    left = models.JSONField("请人工核对", default=list)
    again = models.BooleanField("恢复备份后重做", default=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "个人信息删除"
        ordering = ["-pk"]
        triggers = [
            pgtrigger.Protect(name="keep", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="content", fields=["person", "org_code", "ground", "reason", "asked_by_id", "asked_at", "again"]
            ),
            pgtrigger.FSM(name="states", field="state", transitions=states.TRANSITIONS),
        ]
        indexes = [models.Index(fields=["org_code", "-id"], name="erasure_scope")]
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(state__in=states.OPEN),
                name="erasure_asked_once",
                violation_error_message="这个人的删除申请已经提出，正等另一人确认。",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="erasure_says_why"),
            models.CheckConstraint(
                condition=Q(confirmed_by_id__isnull=True) | ~Q(confirmed_by_id=F("asked_by_id")),
                name="erasure_by_two",
                violation_error_message="申请和确认须由两个人办理。",
            ),
            models.CheckConstraint(
                condition=Q(again=True)
                | Q(state__in=[states.State.ASKED, states.State.DROPPED])
                | Q(asked_by_id__isnull=False, confirmed_by_id__isnull=False),
                name="erasure_two_accounts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.get_state_display()}"
