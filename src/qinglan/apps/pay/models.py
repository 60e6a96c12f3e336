"""Pay months and slips: what each person is paid for a month, with every step; never changed once stored."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from qinglan.apps.audit.models import protect
from qinglan.apps.base.models import OrgCodeField, Privacy, ScopedQuerySet
from qinglan.apps.pay import states
from qinglan.apps.people.models import Person
from qinglan.apps.policy.models import PackText

P, INTERNAL = Privacy.PERSONAL, Privacy.INTERNAL


class PayMonthQuerySet(ScopedQuerySet):
    def standing(self) -> PayMonthQuerySet:
        """Open or closed: not those that were computed anew."""
        return self.filter(state__in=states.STANDING)


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), append_only=True)
class PayMonth(models.Model):
    """A month of a district as computed under a pack, from facts and from what the closed months paid.

    What it says never changes: the database refuses any update but of the state.
    """

    State = states.State

    privacy = {
        "id": INTERNAL,
        "org_code": Privacy.PUBLIC,
        "year": Privacy.PUBLIC,
        "month": Privacy.PUBLIC,
        "state": INTERNAL,
        "pack": Privacy.PUBLIC,
        "pack_title": Privacy.PUBLIC,
        "pack_version": Privacy.PUBLIC,
        "pack_text": INTERNAL,
        "pack_hash": INTERNAL,
        "rule_versions": INTERNAL,
        "frame_columns": INTERNAL,
        "step_columns": INTERNAL,
        "segment_columns": INTERNAL,
        "arrears_columns": INTERNAL,
        "exceptions": P,
        "inputs_hash": INTERNAL,
        "results_hash": INTERNAL,
        "people": INTERNAL,
        "by_id": INTERNAL,
        "by_name": P,
        "created_at": INTERNAL,
    }

    org_code = OrgCodeField("区代码")
    year = models.PositiveSmallIntegerField("年")
    month = models.PositiveSmallIntegerField("月")
    state = models.CharField("状态", max_length=10, choices=states.State, default=states.State.OPEN)
    pack = models.CharField("政策包", max_length=60)
    pack_title = models.CharField("政策包名称", max_length=120)
    pack_version = models.CharField("政策包版本", max_length=40)
    pack_text = models.ForeignKey(PackText, models.PROTECT, related_name="+", verbose_name="政策包原文")
    pack_hash = models.CharField("政策包指纹", max_length=64)
    rule_versions = models.JSONField("规则版本")
    frame_columns = ArrayField(models.CharField(max_length=60), verbose_name="输入列")
    step_columns = models.JSONField("步骤列")  # [[family id, [step, ...]], ...] in the order computed
    segment_columns = models.JSONField("分段步骤列")
    arrears_columns = ArrayField(models.CharField(max_length=60), verbose_name="补发列")
    exceptions = models.JSONField("例外", default=list)
    inputs_hash = models.CharField("输入指纹", max_length=64)
    results_hash = models.CharField("结果指纹", max_length=64)
    people = models.PositiveIntegerField("人数")
    by_id = models.BigIntegerField("操作账号", null=True)
    by_name = models.CharField("操作人", max_length=150, blank=True)
    created_at = models.DateTimeField("时间", db_default=Now())

    objects = PayMonthQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "工资月份"
        ordering = ["-year", "-month", "-pk"]
        triggers = [
            pgtrigger.Protect(name="keep", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="content", exclude=["state"]),
            pgtrigger.FSM(name="states", field="state", transitions=states.TRANSITIONS),
        ]
        indexes = [models.Index(fields=["org_code", "-year", "-month"], name="pay_month_scope")]
        constraints = [
            models.UniqueConstraint(
                fields=["org_code", "year", "month"],
                condition=Q(state__in=states.STANDING),
                name="pay_one_standing",
                violation_error_message="这个月已有一份工资计算。",
            ),
            models.CheckConstraint(condition=Q(month__range=(1, 12)), name="pay_month_of_year"),
        ]

    def __str__(self) -> str:
        return f"{self.org_code} {self.year} 年 {self.month} 月"


class PayMonthInput(models.Model):
    """What a month was computed from: the facts, and the ledger of the closed months, each as one zip of tables."""

    append_only = True
    privacy = {"id": INTERNAL, "month": INTERNAL, "tables": P, "ledger": P, "tables_hash": INTERNAL}

    month = models.OneToOneField(PayMonth, models.PROTECT, related_name="input", verbose_name="工资月份")
    tables = models.BinaryField("输入的表")
    ledger = models.BinaryField("已关账各月")
    tables_hash = models.CharField("输入表指纹", max_length=130)

    class Meta:
        verbose_name = verbose_name_plural = "工资月份的输入"
        triggers = [protect()]

    def __str__(self) -> str:
        return f"{self.month_id}"


class PaySlip(models.Model):
    """One person's month: what it was computed from, every step, what earlier months still owed, and the sums. Amounts in fen."""

    append_only = True
    privacy = {
        "id": INTERNAL,
        "month": INTERNAL,
        "person": P,
        "org_code": INTERNAL,
        "frame": P,
        "steps": P,
        "segments": P,
        "late": P,
        "regular": P,
        "arrears": P,
        "gross": P,
        "deductions": P,
        "tax": P,
        "net": P,
        "owed": P,
        "cost": P,
    }

    month = models.ForeignKey(PayMonth, models.PROTECT, related_name="slips", verbose_name="工资月份")
    person = models.ForeignKey(Person, models.PROTECT, related_name="slips", verbose_name="人员")
    org_code = OrgCodeField("所在机构")
    frame = ArrayField(models.BigIntegerField(), verbose_name="输入")
    steps = ArrayField(models.BigIntegerField(), verbose_name="步骤")
    segments = ArrayField(models.BigIntegerField(), verbose_name="分段步骤")
    late = ArrayField(models.BigIntegerField(), verbose_name="补发明细")  # rows of the month's arrears columns
    regular = models.BigIntegerField("经常性工资（分）", null=True)
    arrears = models.BigIntegerField("补发（分）", null=True)
    gross = models.BigIntegerField("应发（分）", null=True)
    deductions = models.BigIntegerField("代扣（分）", null=True)
    tax = models.BigIntegerField("个税（分）", null=True)
    net = models.BigIntegerField("实发（分）", null=True)
    owed = models.BigIntegerField("不够扣（分）", null=True)
    cost = models.BigIntegerField("单位成本（分）", null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "工资条"
        ordering = ["org_code", "person_id"]
        triggers = [protect()]
        indexes = [
            models.Index(fields=["month", "org_code"], name="pay_slip_scope"),
            models.Index(fields=["person", "month"], name="pay_slip_person"),
        ]
        constraints = [models.UniqueConstraint(fields=["month", "person"], name="pay_slip_once")]

    def __str__(self) -> str:
        return f"{self.month_id} {self.person_id}"


class PayClosing(models.Model):
    """Who closed a month, and when."""

    append_only = True
    privacy = {"id": INTERNAL, "month": INTERNAL, "note": P, "by_id": INTERNAL, "by_name": P, "at": INTERNAL}

    month = models.OneToOneField(PayMonth, models.PROTECT, related_name="closing", verbose_name="工资月份")
    note = models.CharField("说明", max_length=500, blank=True)
    by_id = models.BigIntegerField("操作账号", null=True)
    by_name = models.CharField("操作人", max_length=150)
    at = models.DateTimeField("时间", db_default=Now())

    class Meta:
        verbose_name = verbose_name_plural = "关账"
        triggers = [protect()]

    def __str__(self) -> str:
        return f"{self.month_id} {self.by_name}"
