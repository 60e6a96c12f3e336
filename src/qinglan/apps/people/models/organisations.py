"""The organisation tree by code, each row with the days it held, and the dated changes between codes.

One row = one code under one name for a span of days. A rename closes the row and opens another with the same code; the
database refuses overlapping rows of one code. Facts keep the code that they were recorded with; `OrganisationMapping`
leads from old codes to new ones (queries.organisations.map_code).
"""

from __future__ import annotations

import re
from datetime import date
from typing import Self

import pghistory
import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import Func, Q
from django.db.models.functions import Now

from qinglan.apps.base.models import OrgCodeField, Privacy, ScopedQuerySet, SpanField

from .words import ChangeKind, Level, OrganisationKind

CODE_PATTERN = r"^(([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})([BSTF][0-9]{3})?|[0-9]{15})$"
# A code as one number, each code another: the check of overlaps over numbers takes half the time of one over texts.
_AS_NUMBER = "(CASE WHEN code ~ '[BSTF]' THEN -translate(code, 'BSTF', '1234')::bigint ELSE code::bigint END)"
_LENGTHS = {
    2: Level.PROVINCE,
    4: Level.CITY,
    6: Level.DISTRICT,
    9: Level.SUBDISTRICT,
    12: Level.COMMUNITY,
    15: Level.GRID,
}
_PARENT_LENGTHS = {2: 0, 4: 2, 6: 4, 9: 6, 12: 9, 15: 12}
BODY_LETTERS = {
    OrganisationKind.BUREAU: "B",
    OrganisationKind.SOCIAL_ORGANISATION: "S",
    OrganisationKind.STUDIO: "T",
    OrganisationKind.ASSESSING_FIRM: "F",
}


def _check(code: str) -> None:
    if not re.match(CODE_PATTERN, code, re.ASCII):
        raise ValueError(
            f"机构代码“{code}”不合规则：应为 2、4、6、9、12 或 15 位数字，单位再加一个字母（B、S、T、F）和三位序号。"
        )


def level_of(code: str) -> Level:
    """The level that a code says. ValueError when it is none."""
    _check(code)
    return Level.BODY if not code.isdigit() else _LENGTHS[len(code)]


def parent_of(code: str) -> str:
    """The code above; "" above a province. Of a body: the organisation in whose scope it stands. ValueError if none."""
    _check(code)
    return code[: _PARENT_LENGTHS[len(code)]] if code.isdigit() else code[:-4]


class OrganisationQuerySet(ScopedQuerySet):
    """Organisations, scoped by their own code."""

    def as_of(self, day: date) -> Self:
        """The tree as it stood on `day`."""
        return self.filter(valid__contains=day)

    def children_of(self, code: str) -> Self:
        """One level down; the bodies of `code` included."""
        return self.filter(parent_code=code)


@pghistory.track(
    # the state that goes is kept, not the one that comes: a first load of 665,000 rows writes no history twice
    pghistory.UpdateEvent(row=pghistory.Old),
    pghistory.DeleteEvent(row=pghistory.Old),
    append_only=True,
    level=pgtrigger.Statement,  # one history write a statement: thousands of rows cost no thousand calls
)
class Organisation(models.Model):
    """An organisation under one name for a span of days. `valid` open to the left: since before our records."""

    scope_field = "code"
    privacy = {
        "id": Privacy.INTERNAL,
        "code": Privacy.PUBLIC,
        "parent_code": Privacy.PUBLIC,
        "level": Privacy.PUBLIC,
        "kind": Privacy.PUBLIC,
        "name": Privacy.PUBLIC,
        "short_name": Privacy.PUBLIC,
        "aliases": Privacy.PUBLIC,
        "valid": Privacy.PUBLIC,
        "synthetic": Privacy.PUBLIC,
        "source": Privacy.PUBLIC,
    }

    code = OrgCodeField("代码")
    parent_code = OrgCodeField("上级代码", blank=True, editable=False)
    level = models.CharField("层级", max_length=12, choices=Level, editable=False)
    kind = models.CharField("类别", max_length=20, choices=OrganisationKind, default=OrganisationKind.STATISTICAL)
    name = models.CharField("名称", max_length=100)
    short_name = models.CharField("简称", max_length=60, blank=True)
    aliases = ArrayField(models.CharField(max_length=100), verbose_name="别名", default=list, blank=True)
    valid = SpanField("有效期")
    synthetic = models.BooleanField("合成数据", default=False)
    source = models.CharField("来源", max_length=200, blank=True)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "机构"
        ordering = ["code"]
        indexes = [
            models.Index(fields=["code"], name="people_org_code"),
            models.Index(fields=["parent_code", "code"], name="people_org_parent"),
        ]
        constraints = [
            ExclusionConstraint(
                name="people_org_no_overlap",
                expressions=[
                    (Func(template=_AS_NUMBER, output_field=models.BigIntegerField()), RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
                violation_error_message="同一代码的机构有效期不能重叠。",
            ),
            models.CheckConstraint(condition=Q(code__regex=CODE_PATTERN), name="people_org_code_form"),
            models.CheckConstraint(condition=~Q(name=""), name="people_org_name"),
            models.CheckConstraint(condition=Q(valid__isempty=False), name="people_org_valid"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: object, **kwargs: object) -> None:
        self.level, self.parent_code = level_of(self.code), parent_of(self.code)
        super().save(*args, **kwargs)  # type: ignore[arg-type]


class OrganisationChange(models.Model):
    """A merge, split, rename, move or closing on a day; what it did to each code is in its mappings. Only grows."""

    append_only = True
    privacy = {
        "id": Privacy.INTERNAL,
        "kind": Privacy.PUBLIC,
        "on": Privacy.PUBLIC,
        "org_code": Privacy.PUBLIC,
        "note": Privacy.PUBLIC,
        "recorded_at": Privacy.INTERNAL,
    }

    kind = models.CharField("变更", max_length=10, choices=ChangeKind)
    on = models.DateField("生效日期")
    org_code = OrgCodeField("所在范围")  # the nearest organisation above all codes concerned
    note = models.CharField("依据", max_length=200, blank=True)
    recorded_at = models.DateTimeField("记录时间", db_default=Now())

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "机构变更"
        ordering = ["on", "id"]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.on} {self.get_kind_display()}"


class OrganisationMapping(models.Model):
    """From one code to one code by a change; a merge has several with one goal, a split several with one origin."""

    append_only = True
    privacy = {
        "id": Privacy.INTERNAL,
        "change": Privacy.PUBLIC,
        "from_code": Privacy.PUBLIC,
        "to_code": Privacy.PUBLIC,
    }

    change = models.ForeignKey(OrganisationChange, models.PROTECT, related_name="mappings", verbose_name="变更")
    from_code = OrgCodeField("原代码", db_index=True)
    to_code = OrgCodeField("新代码", db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = "机构代码对应"
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
        constraints = [
            models.UniqueConstraint(fields=["change", "from_code", "to_code"], name="people_mapping_once"),
        ]

    def __str__(self) -> str:
        return f"{self.from_code} → {self.to_code}"
