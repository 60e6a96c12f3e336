"""The runs: a year computed, with every person's inputs and steps kept with it.

Steps are stored as arrays of numbers in the order that the run names (`step_columns`); labels and clauses come from the rule
families and the pack when a page prints them. What lists sort and filter by stands beside them as columns.
"""

from __future__ import annotations

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from qinglan.apps.audit.models import protect
from qinglan.apps.base.models import OrgCodeField, Privacy, ScopedQuerySet
from qinglan.apps.people.models import Person
from qinglan.apps.policy import states
from qinglan.apps.policy.models.packs import PackText

P, INTERNAL = Privacy.PERSONAL, Privacy.INTERNAL


class RunQuerySet(ScopedQuerySet):
    def shown(self) -> RunQuerySet:
        """Runs that stand for their year: open or published, not those that another one replaced."""
        return self.filter(state__in=states.SHOWN)


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), append_only=True)
class Run(models.Model):
    """A year of a district computed under a pack. Each computation is a run of its own; its state moves as `states` says.

    What it says never changes: the database refuses any update but of the state.
    """

    State = states.State

    privacy = {
        "id": INTERNAL,
        "org_code": Privacy.PUBLIC,
        "year": Privacy.PUBLIC,
        "state": INTERNAL,
        "pack": Privacy.PUBLIC,
        "pack_title": Privacy.PUBLIC,
        "pack_version": Privacy.PUBLIC,
        "pack_hash": INTERNAL,
        "rule_versions": INTERNAL,
        "frame_columns": INTERNAL,
        "step_columns": INTERNAL,
        "month_columns": INTERNAL,
        "segment_columns": INTERNAL,
        "unit_columns": INTERNAL,
        "district_frame": INTERNAL,
        "district_steps": INTERNAL,
        "exceptions": P,
        "inputs_hash": INTERNAL,
        "results_hash": INTERNAL,
        "people": INTERNAL,
        "by_id": INTERNAL,
        "by_name": P,
        "created_at": INTERNAL,
        "seconds": INTERNAL,
        "pack_text": INTERNAL,
    }

    org_code = OrgCodeField("区代码")
    year = models.PositiveSmallIntegerField("年度")
    state = models.CharField("状态", max_length=10, choices=State, default=State.DRAFT)
    pack = models.CharField("政策包", max_length=60)
    pack_title = models.CharField("政策包名称", max_length=120)
    pack_version = models.CharField("政策包版本", max_length=40)
    pack_text = models.ForeignKey(
        PackText, models.PROTECT, null=True, related_name="+", verbose_name="政策包原文"
    )  # null: computed before texts were kept
    pack_hash = models.CharField("政策包指纹", max_length=64)
    rule_versions = models.JSONField("规则版本")
    frame_columns = ArrayField(models.CharField(max_length=60), verbose_name="输入列")
    step_columns = models.JSONField("步骤列")  # [[family id, [step, ...]], ...] in the order computed
    month_columns = models.JSONField("月度步骤列")
    segment_columns = models.JSONField("分段步骤列")
    unit_columns = models.JSONField("单位步骤列")
    district_frame = models.JSONField("全区输入", default=dict)
    district_steps = models.JSONField("全区步骤", default=dict)
    exceptions = models.JSONField("例外", default=list)
    inputs_hash = models.CharField("输入指纹", max_length=64)
    results_hash = models.CharField("结果指纹", max_length=64)
    people = models.PositiveIntegerField("人数")
    by_id = models.BigIntegerField("操作账号", null=True)
    by_name = models.CharField("操作人", max_length=150, blank=True)
    created_at = models.DateTimeField("时间", db_default=Now())
    seconds = models.FloatField("用时（秒）", default=0)

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "年度计算"
        ordering = ["-year", "-created_at"]
        triggers = [
            pgtrigger.Protect(name="keep", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="content", exclude=["state", "seconds"]),
            pgtrigger.FSM(name="states", field="state", transitions=states.TRANSITIONS),
        ]
        indexes = [models.Index(fields=["org_code", "-year", "-created_at"], name="policy_run_scope")]
        constraints = [
            models.UniqueConstraint(
                fields=["org_code", "year"],
                condition=Q(state__in=states.OPEN),
                name="policy_one_open",
                violation_error_message="这一年已有一份还没有公布的计算。",
            ),
            models.UniqueConstraint(
                fields=["org_code", "year"],
                condition=Q(state=states.State.PUBLISHED),
                name="policy_one_published",
                violation_error_message="这一年已有一份公布的结果。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.org_code} {self.year} {self.get_state_display()}"


class RunInput(models.Model):
    """What a run was computed from: its tables as one zip (core.frame.freezing), the columns that its fingerprint covers."""

    append_only = True
    privacy = {
        "id": INTERNAL,
        "run": INTERNAL,
        "tables": P,
        "tables_hash": INTERNAL,
        "columns": INTERNAL,
    }

    run = models.OneToOneField(Run, models.PROTECT, related_name="input", verbose_name="计算")
    tables = models.BinaryField("输入的表")
    tables_hash = models.CharField("输入表指纹", max_length=64)
    columns = models.JSONField("输入列")  # a list of names for each group of core.year.canonical.input_groups

    class Meta:
        verbose_name = verbose_name_plural = "计算的输入"
        triggers = [protect()]

    def __str__(self) -> str:
        return f"{self.run_id}"


class PersonResult(models.Model):
    """What one run says of one person: her inputs, every step, and the figures that lists show. Never changed."""

    append_only = True
    privacy = {
        "id": INTERNAL,
        "run": INTERNAL,
        "person": P,
        "org_code": INTERNAL,
        "frame": P,
        "steps": P,
        "months": P,
        "segments": P,
        "tier": P,
        "score": P,
        "grade": P,
        "star": P,
        "ladder_grade": P,
        "gross": P,
        "net": P,
        "tax": P,
    }

    run = models.ForeignKey(Run, models.PROTECT, related_name="results", verbose_name="计算")
    person = models.ForeignKey(Person, models.PROTECT, related_name="results", verbose_name="人员")
    org_code = OrgCodeField("年末所在机构")
    frame = ArrayField(models.BigIntegerField(), verbose_name="输入")
    steps = ArrayField(models.BigIntegerField(), verbose_name="步骤")
    months = ArrayField(models.BigIntegerField(), verbose_name="月度步骤")  # twelve times the month columns
    segments = ArrayField(
        models.BigIntegerField(), verbose_name="分段步骤"
    )  # rows of the segment columns, one after another
    tier = models.SmallIntegerField("层级", null=True)
    score = models.IntegerField("总分（百分之一）", null=True)
    grade = models.SmallIntegerField("等次", null=True)
    star = models.SmallIntegerField("星级", null=True)
    ladder_grade = models.SmallIntegerField("职级（档）", null=True)
    gross = models.BigIntegerField("全年应发（分）", null=True)
    net = models.BigIntegerField("全年实发（分）", null=True)
    tax = models.BigIntegerField("全年个税（分）", null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "个人年度结果"
        ordering = ["org_code", "person_id"]
        triggers = [protect()]
        indexes = [
            models.Index(fields=["run", "org_code"], name="policy_result_scope"),
            models.Index(fields=["person", "run"], name="policy_result_person"),
        ]
        constraints = [models.UniqueConstraint(fields=["run", "person"], name="policy_result_once")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.person_id}"


class UnitResult(models.Model):
    """What one run says of one unit (community or sub-district)."""

    append_only = True
    privacy = {
        "id": INTERNAL,
        "run": INTERNAL,
        "org_code": Privacy.PUBLIC,
        "frame": INTERNAL,
        "steps": INTERNAL,
        "score": INTERNAL,
        "colour": INTERNAL,
    }

    run = models.ForeignKey(Run, models.PROTECT, related_name="units", verbose_name="计算")
    org_code = OrgCodeField("单位")
    frame = ArrayField(models.BigIntegerField(), verbose_name="输入")
    steps = ArrayField(models.BigIntegerField(), verbose_name="步骤")
    score = models.IntegerField("总分（百分之一）", null=True)
    colour = models.SmallIntegerField("颜色", null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "单位年度结果"
        ordering = ["org_code"]
        triggers = [protect()]
        constraints = [models.UniqueConstraint(fields=["run", "org_code"], name="policy_unit_result_once")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.org_code}"
