"""Claims of workers: what is asked or objected to, its evidence, every step, the answers, the corrections that came of it.

A claim's content never changes; its state moves as `states` says. All else here only grows.
"""

from __future__ import annotations

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from qinglan.apps.audit.models import protect
from qinglan.apps.base.models import OrgCodeField, Privacy, ScopedQuerySet
from qinglan.apps.people.models import Person, User
from qinglan.apps.policy.models import PersonResult, Run
from qinglan.apps.rights import states

from .proposals import Proposal

P, INTERNAL = Privacy.PERSONAL, Privacy.INTERNAL


class ClaimKind(models.TextChoices):
    FIGURE = "figure", "对一个数有异议"
    PROPOSAL = "proposal", "对处置建议有异议"
    GENERAL = "general", "其他诉求"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), append_only=True)
class Claim(models.Model):
    """One claim. `figure` and `shown` say what the objected figure was and said when it was objected to.

    `due_on` and `hearing_on` are empty while the calendar of the days concerned is not published. `level`: 2 once she asked for
    the one re-review.
    """

    State = states.Claim

    privacy = {
        "id": INTERNAL,
        "number": INTERNAL,
        "kind": INTERNAL,
        "person": P,
        "org_code": INTERNAL,
        "state": INTERNAL,
        "result": INTERNAL,
        "family": INTERNAL,
        "step": INTERNAL,
        "month": INTERNAL,
        "figure": INTERNAL,
        "shown": P,
        "proposal": INTERNAL,
        "text": P,
        "received_on": INTERNAL,
        "received_at": INTERNAL,
        "by_id": INTERNAL,
        "by_name": P,
        "key": INTERNAL,
        "digest": INTERNAL,
        "level": INTERNAL,
        "assigned_to": INTERNAL,
        "reply_days": INTERNAL,
        "due_on": INTERNAL,
        "hearing_on": INTERNAL,
    }

    number = models.CharField("诉求编号", max_length=30, unique=True, db_collation="C")
    kind = models.CharField("种类", max_length=10, choices=ClaimKind)
    person = models.ForeignKey(Person, models.PROTECT, related_name="claims", verbose_name="提出人")
    org_code = OrgCodeField("提出时所在机构")
    state = models.CharField("状态", max_length=10, choices=states.Claim, default=states.Claim.RECEIVED)
    result = models.ForeignKey(PersonResult, models.PROTECT, null=True, related_name="+", verbose_name="年度结果")
    family = models.CharField("项目", max_length=80, blank=True)
    step = models.CharField("步骤", max_length=80, blank=True)
    month = models.PositiveSmallIntegerField("月份", null=True)
    figure = models.CharField("哪个数", max_length=200, blank=True)
    shown = models.CharField("当时的数", max_length=200, blank=True)
    proposal = models.ForeignKey(Proposal, models.PROTECT, null=True, related_name="claims", verbose_name="处置建议")
    text = models.TextField("诉求", max_length=2000)
    received_on = models.DateField("提出日期")
    received_at = models.DateTimeField("提出时间", db_default=Now())
    by_id = models.BigIntegerField("登记账号")
    by_name = models.CharField("登记人", max_length=150)
    key = models.CharField("提交标记", max_length=64, db_collation="C")
    digest = models.CharField("内容指纹", max_length=64)
    level = models.PositiveSmallIntegerField("第几级", default=1)
    assigned_to = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="办理人")
    reply_days = models.PositiveSmallIntegerField("答复期限（工作日）", null=True)
    due_on = models.DateField("答复截止", null=True)
    hearing_on = models.DateField("集中听取日", null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "诉求"
        ordering = ["-pk"]
        triggers = [
            pgtrigger.Protect(name="keep", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="content", exclude=["state", "level", "assigned_to", "reply_days", "due_on", "hearing_on"]
            ),
            pgtrigger.FSM(name="states", field="state", transitions=states.transitions(states.CLAIM_STEPS)),
        ]
        indexes = [
            models.Index(fields=["org_code", "state", "due_on"], name="rights_claim_scope"),
            models.Index(fields=["person", "-id"], name="rights_claim_person"),
            models.Index(fields=["hearing_on"], condition=Q(state__in=states.WAITING), name="rights_claim_hearing"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["by_id", "key"], name="rights_claim_once"),
            models.CheckConstraint(
                condition=Q(kind="figure", result__isnull=False) & ~Q(family="") & ~Q(step="") | ~Q(kind="figure"),
                name="rights_claim_names_its_figure",
            ),
            models.CheckConstraint(
                condition=Q(kind="proposal", proposal__isnull=False) | (~Q(kind="proposal") & Q(proposal__isnull=True)),
                name="rights_claim_names_its_proposal",
            ),
            models.CheckConstraint(condition=Q(level__in=(1, 2)), name="rights_claim_two_levels"),
            models.CheckConstraint(condition=~Q(text=""), name="rights_claim_says_something"),
            models.CheckConstraint(
                condition=Q(month__isnull=True) | Q(month__range=(1, 12)), name="rights_claim_month"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class ClaimFile(models.Model):
    """A piece of evidence, kept sealed; read through the claim's getter only."""

    append_only = True
    privacy = {
        "id": INTERNAL,
        "claim": INTERNAL,
        "name": P,
        "kind": INTERNAL,
        "size": INTERNAL,
        "sha256": INTERNAL,
        "content": Privacy.SENSITIVE,
    }

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="files", verbose_name="诉求")
    name = models.CharField("文件名", max_length=120)
    kind = models.CharField("类型", max_length=100)
    size = models.PositiveIntegerField("大小（字节）")
    sha256 = models.CharField("文件指纹", max_length=64)
    content = models.BinaryField("文件（加密）")

    class Meta:
        verbose_name = verbose_name_plural = "诉求的证据"
        ordering = ["pk"]
        triggers = [protect()]

    def __str__(self) -> str:
        return self.name


class ClaimStep(models.Model):
    """One step of a claim: who, when, what she said."""

    append_only = True
    privacy = {
        "id": INTERNAL,
        "claim": INTERNAL,
        "move": INTERNAL,
        "state_from": INTERNAL,
        "state_to": INTERNAL,
        "level": INTERNAL,
        "note": P,
        "by_id": INTERNAL,
        "by_name": P,
        "at": INTERNAL,
    }

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="steps", verbose_name="诉求")
    move = models.CharField("办理", max_length=10, choices=states.ClaimMove)
    state_from = models.CharField("原状态", max_length=10, choices=states.Claim, blank=True)
    state_to = models.CharField("新状态", max_length=10, choices=states.Claim)
    level = models.PositiveSmallIntegerField("第几级", default=1)
    note = models.CharField("说明", max_length=500, blank=True)
    by_id = models.BigIntegerField("操作账号")
    by_name = models.CharField("操作人", max_length=150)
    at = models.DateTimeField("时间", db_default=Now())

    class Meta:
        verbose_name = verbose_name_plural = "诉求的经过"
        ordering = ["pk"]
        triggers = [protect()]

    def __str__(self) -> str:
        return f"{self.claim_id} {self.get_move_display()}"


class ClaimAnswer(models.Model):
    """What a reviewer found: outcome, reasons, and what is to be corrected (a fact by its kind and id, where it is one)."""

    append_only = True
    privacy = {
        "id": INTERNAL,
        "claim": INTERNAL,
        "level": INTERNAL,
        "outcome": P,
        "reasons": P,
        "to_correct": P,
        "fact_kind": INTERNAL,
        "fact_id": INTERNAL,
        "by_id": INTERNAL,
        "by_name": P,
        "at": INTERNAL,
    }

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="answers", verbose_name="诉求")
    level = models.PositiveSmallIntegerField("第几级")
    outcome = models.CharField("结论", max_length=8, choices=states.Outcome)
    reasons = models.TextField("理由", max_length=2000)
    to_correct = models.CharField("要更正什么", max_length=500, blank=True)
    fact_kind = models.CharField("事实种类", max_length=20, blank=True)
    fact_id = models.BigIntegerField("事实编号", null=True)
    by_id = models.BigIntegerField("答复账号")
    by_name = models.CharField("答复人", max_length=150)
    at = models.DateTimeField("时间", db_default=Now())

    class Meta:
        verbose_name = verbose_name_plural = "诉求的答复"
        ordering = ["pk"]
        triggers = [protect()]
        constraints = [
            models.UniqueConstraint(fields=["claim", "level"], name="rights_answered_once"),
            models.CheckConstraint(condition=~Q(reasons=""), name="rights_answer_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.claim_id} {self.get_outcome_display()}"

    @property
    def said(self) -> tuple[str, str, str, str, int | None]:
        """All that it says, to know the same answer given again."""
        return self.outcome, self.reasons, self.to_correct, self.fact_kind, self.fact_id


class ClaimCorrection(models.Model):
    """What came of an upheld claim: the superseding fact, or what else was mended (`note`), or the run that amended the year."""

    append_only = True
    privacy = {
        "id": INTERNAL,
        "claim": INTERNAL,
        "level": INTERNAL,
        "fact_kind": INTERNAL,
        "fact_id": INTERNAL,
        "run": INTERNAL,
        "note": P,
        "by_id": INTERNAL,
        "by_name": P,
        "at": INTERNAL,
    }

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="corrections", verbose_name="诉求")
    level = models.PositiveSmallIntegerField("第几级")
    fact_kind = models.CharField("事实种类", max_length=20, blank=True)
    fact_id = models.BigIntegerField("更正后的事实编号", null=True)
    run = models.ForeignKey(Run, models.PROTECT, null=True, related_name="+", verbose_name="更正公布")
    note = models.CharField("说明", max_length=500, blank=True)
    by_id = models.BigIntegerField("操作账号")
    by_name = models.CharField("操作人", max_length=150)
    at = models.DateTimeField("时间", db_default=Now())

    class Meta:
        verbose_name = verbose_name_plural = "诉求的更正"
        ordering = ["pk"]
        triggers = [protect()]
        constraints = [
            models.CheckConstraint(
                condition=Q(fact_id__isnull=False) | Q(run__isnull=False) | ~Q(note=""),
                name="rights_correction_names_something",
            ),
            models.UniqueConstraint(
                fields=["claim", "level", "fact_kind", "fact_id"],
                condition=Q(fact_id__isnull=False),
                name="rights_correction_fact_once",
            ),
            models.UniqueConstraint(
                fields=["claim", "level", "run"], condition=Q(run__isnull=False), name="rights_correction_run_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.claim_id} {self.pk}"
