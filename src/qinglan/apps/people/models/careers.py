"""What a working life gathers: employment, status, certificates, schooling, grades held; each dated."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q

from qinglan.apps.base.models import OrgCodeField, Privacy, ScopedQuerySet, SpanField

from .persons import Person
from .words import CertificateLevel, ContractKind, EducationLevel, ExitReason, StatusKind


def _events() -> tuple[pghistory.RowEvent, ...]:
    """Fresh ones for each model: a tracker remembers the model that it was given to."""
    return pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent()


_OPEN_LEFT = Q(span__isempty=False, span__lower_inf=False)


class ByPersonQuerySet(ScopedQuerySet):
    """Rows of a person, scoped by where the person stands."""


class OfPerson(models.Model):
    """A dated record of one person."""

    scope_field = "person__org_code"
    privacy = {"id": Privacy.INTERNAL, "person": Privacy.PERSONAL}

    objects = ByPersonQuerySet.as_manager()

    class Meta:
        abstract = True


def _no_overlap(name: str, message: str, *also: str) -> ExclusionConstraint:
    return ExclusionConstraint(
        name=name,
        expressions=[
            *((field, RangeOperators.EQUAL) for field in ("person", *also)),
            ("span", RangeOperators.OVERLAPS),
        ],
        violation_error_message=message,
    )


@pghistory.track(*_events(), append_only=True, level=pgtrigger.Statement)
class Employment(OfPerson):
    """From entry to exit. `recognised_months`: earlier service (as 协管员) that counts, `recruit.assistant_conversion`."""

    privacy = {
        "org_code": Privacy.INTERNAL,
        "span": Privacy.PERSONAL,
        "recognised_months": Privacy.PERSONAL,
        "contract": Privacy.PERSONAL,
        "probation_until": Privacy.PERSONAL,
        "exit_reason": Privacy.PERSONAL,
        "exit_note": Privacy.PERSONAL,
    }

    person = models.ForeignKey(Person, models.PROTECT, related_name="employments", verbose_name="人员")
    org_code = OrgCodeField("用工主体")  # who employs: the district or sub-district, not the community served
    span = SpanField("用工期")
    recognised_months = models.PositiveSmallIntegerField("认定的以往工龄（月）", default=0)
    contract = models.CharField("用工形式", max_length=10, choices=ContractKind, blank=True)
    probation_until = models.DateField("试用期至", null=True, blank=True)  # its last day
    exit_reason = models.CharField("离开原因", max_length=12, choices=ExitReason, blank=True)
    exit_note = models.CharField("离开说明", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "用工"
        ordering = ["person_id", "span"]
        constraints = [
            _no_overlap("people_employment_no_overlap", "同一人的用工期不能重叠。"),
            models.CheckConstraint(condition=_OPEN_LEFT, name="people_employment_span"),
            models.CheckConstraint(
                condition=Q(span__upper_inf=True, exit_reason="") | Q(span__upper_inf=False) & ~Q(exit_reason=""),
                name="people_employment_exit_reason",
                violation_error_message="离开日期与离开原因须同时填写。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.span}"


@pghistory.track(*_events(), append_only=True, level=pgtrigger.Statement)
class StatusPeriod(OfPerson):
    """What a person's standing was in a span of days; days without a row count as normal."""

    privacy = {
        "kind": Privacy.PERSONAL,
        "span": Privacy.PERSONAL,
        "org_code": Privacy.INTERNAL,
        "note": Privacy.PERSONAL,
    }

    person = models.ForeignKey(Person, models.PROTECT, related_name="statuses", verbose_name="人员")
    kind = models.CharField("状态", max_length=10, choices=StatusKind)
    span = SpanField("期间")
    org_code = OrgCodeField("借调到", blank=True)
    note = models.CharField("说明", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "人员状态"
        ordering = ["person_id", "span"]
        constraints = [
            _no_overlap("people_status_no_overlap", "同一人的状态期间不能重叠。"),
            models.CheckConstraint(condition=_OPEN_LEFT, name="people_status_span"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.span}"


@pghistory.track(*_events(), append_only=True, level=pgtrigger.Statement)
class GradeHolding(OfPerson):
    """A grade on a ladder held for a span of days. `ladder` names a profile of the policy pack, `grade` counts from 1."""

    privacy = {
        "ladder": Privacy.INTERNAL,
        "grade": Privacy.PERSONAL,
        "span": Privacy.PERSONAL,
        "reason": Privacy.PERSONAL,
    }

    person = models.ForeignKey(Person, models.PROTECT, related_name="grades", verbose_name="人员")
    ladder = models.CharField("等级体系", max_length=40)
    grade = models.PositiveSmallIntegerField("等级序号")
    span = SpanField("期间")
    reason = models.CharField("依据", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "等级"
        ordering = ["person_id", "span"]
        constraints = [
            _no_overlap("people_grade_no_overlap", "同一人在同一等级体系中的期间不能重叠。", "ladder"),
            models.CheckConstraint(condition=_OPEN_LEFT, name="people_grade_span"),
            models.CheckConstraint(condition=Q(grade__gte=1), name="people_grade_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.ladder} {self.grade}"


@pghistory.track(*_events(), append_only=True, level=pgtrigger.Statement)
class Certificate(OfPerson):
    """A social work certificate. `registered_until`: last day of its registration (re-registered by credit hours)."""

    privacy = {
        "level": Privacy.PERSONAL,
        "number": Privacy.PERSONAL,
        "issued": Privacy.PERSONAL,
        "registered_until": Privacy.PERSONAL,
    }

    person = models.ForeignKey(Person, models.PROTECT, related_name="certificates", verbose_name="人员")
    level = models.CharField("级别", max_length=8, choices=CertificateLevel)
    number = models.CharField("证书编号", max_length=40, blank=True)
    issued = models.DateField("取得日期", null=True, blank=True)
    registered_until = models.DateField("登记有效期至", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "证书"
        ordering = ["person_id", "issued"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "level"],
                name="people_certificate_once",
                violation_error_message="此人已登记过这一级别的证书。",
            ),
            models.CheckConstraint(
                condition=Q(issued__isnull=True)
                | Q(registered_until__isnull=True)
                | Q(registered_until__gte=F("issued")),
                name="people_certificate_dates",
            ),
        ]

    def __str__(self) -> str:
        return self.get_level_display()


@pghistory.track(*_events(), append_only=True, level=pgtrigger.Statement)
class Schooling(OfPerson):
    """One education finished: the history behind `Person.education`."""

    privacy = {
        "level": Privacy.PERSONAL,
        "school": Privacy.PERSONAL,
        "major": Privacy.PERSONAL,
        "sw_major": Privacy.PERSONAL,
        "degree": Privacy.PERSONAL,
        "graduated": Privacy.PERSONAL,
    }

    person = models.ForeignKey(Person, models.PROTECT, related_name="schoolings", verbose_name="人员")
    level = models.CharField("学历", max_length=8, choices=EducationLevel)
    school = models.CharField("学校", max_length=80, blank=True)
    major = models.CharField("专业", max_length=60, blank=True)
    sw_major = models.BooleanField("社会工作及相关专业", default=False)
    degree = models.CharField("学位", max_length=20, blank=True)
    graduated = models.DateField("毕业日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "学历"
        ordering = ["person_id", "graduated"]

    def __str__(self) -> str:
        return f"{self.get_level_display()} {self.school}"
