"""What people decided on a run, the rows they had to look at, and the marks they left. These tables only grow."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from qinglan.apps.audit.models import protect
from qinglan.apps.base.models import Privacy
from qinglan.apps.policy import states
from qinglan.apps.policy.models.runs import PersonResult, Run

P, INTERNAL = Privacy.PERSONAL, Privacy.INTERNAL


class RunDecision(models.Model):
    """One step of a run from one state to the next: who, when, why."""

    append_only = True
    privacy = {
        "id": INTERNAL,
        "run": INTERNAL,
        "move": INTERNAL,
        "state_from": INTERNAL,
        "state_to": INTERNAL,
        "note": P,
        "by_id": INTERNAL,
        "by_name": P,
        "at": INTERNAL,
    }

    run = models.ForeignKey(Run, models.PROTECT, related_name="decisions", verbose_name="计算")
    move = models.CharField("决定", max_length=12, choices=states.Move)
    state_from = models.CharField("原状态", max_length=10, choices=states.State)
    state_to = models.CharField("新状态", max_length=10, choices=states.State)
    note = models.CharField("说明", max_length=500, blank=True)
    by_id = models.BigIntegerField("操作账号")
    by_name = models.CharField("操作人", max_length=150)
    at = models.DateTimeField("时间", db_default=Now())

    class Meta:
        verbose_name = verbose_name_plural = "年度结果的决定"
        ordering = ["pk"]
        triggers = [protect()]
        indexes = [models.Index(fields=["run", "id"], name="policy_decision_run")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.get_move_display()} {self.by_name}"


class ReviewItem(models.Model):
    """A row that must be looked at before the run is signed, drawn when it was submitted, and why."""

    append_only = True
    privacy = {
        "id": INTERNAL,
        "submission": INTERNAL,
        "result": INTERNAL,
        "reasons": P,
    }

    submission = models.ForeignKey(RunDecision, models.PROTECT, related_name="items", verbose_name="提交")
    result = models.ForeignKey(PersonResult, models.PROTECT, related_name="+", verbose_name="结果")
    reasons = ArrayField(models.CharField(max_length=40), verbose_name="为什么要核对")

    class Meta:
        verbose_name = verbose_name_plural = "复核名单"
        ordering = ["pk"]
        triggers = [protect()]
        constraints = [models.UniqueConstraint(fields=["submission", "result"], name="policy_review_once")]

    def __str__(self) -> str:
        return f"{self.submission_id} {self.result_id}"


class ReviewMark(models.Model):
    """A reviewer looked at one row of a run under review, and what she says of it."""

    append_only = True
    privacy = {
        "id": INTERNAL,
        "item": INTERNAL,
        "fine": P,
        "comment": P,
        "by_id": INTERNAL,
        "by_name": P,
        "at": INTERNAL,
    }

    item = models.ForeignKey(ReviewItem, models.PROTECT, related_name="marks", verbose_name="复核对象")
    fine = models.BooleanField("核对无误")
    comment = models.CharField("意见", max_length=500, blank=True)
    by_id = models.BigIntegerField("操作账号")
    by_name = models.CharField("操作人", max_length=150)
    at = models.DateTimeField("时间", db_default=Now())

    class Meta:
        verbose_name = verbose_name_plural = "复核意见"
        ordering = ["pk"]
        triggers = [protect()]
        indexes = [models.Index(fields=["item", "-id"], name="policy_mark_newest")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(fine=True) | ~models.Q(comment=""),
                name="policy_mark_says_why",
                violation_error_message="有疑问的，请写明疑问。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.by_name}"
