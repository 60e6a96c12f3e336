"""Posts over time: who served where, as what, from when to when."""

from __future__ import annotations

from datetime import date
from typing import Self

import pghistory
import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Q

from qinglan.apps.base.models import OrgCodeField, Privacy, ScopedQuerySet, SpanField

from .persons import Person
from .words import PostKind, Track


class PostingQuerySet(ScopedQuerySet):
    """Postings, scoped by the organisation served."""

    def on(self, day: date) -> Self:
        """Those in force on `day`."""
        return self.filter(span__contains=day)

    def main(self) -> Self:
        """Main posts only: one at a time a person."""
        return self.filter(main=True)


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    append_only=True,
    level=pgtrigger.Statement,
)
class Posting(models.Model):
    """A person in a post at an organisation for a span of days `[since, until)`. Main posts never overlap."""

    privacy = {
        "id": Privacy.INTERNAL,
        "person": Privacy.PERSONAL,
        "org_code": Privacy.INTERNAL,
        "kind": Privacy.PERSONAL,
        "title": Privacy.PERSONAL,
        "main": Privacy.INTERNAL,
        "elected": Privacy.PERSONAL,
        "track": Privacy.PERSONAL,
        "span": Privacy.PERSONAL,
        "source": Privacy.INTERNAL,
    }

    person = models.ForeignKey(Person, models.PROTECT, related_name="postings", verbose_name="人员")
    org_code = OrgCodeField("机构代码")
    kind = models.CharField("岗位", max_length=20, choices=PostKind)
    title = models.CharField("岗位名称", max_length=40, blank=True)  # as written, where the list of kinds has no word
    main = models.BooleanField("主岗", default=True)
    elected = models.BooleanField("选任", default=False)
    track = models.CharField("通道", max_length=12, choices=Track, default=Track.MANAGEMENT)
    span = SpanField("任期")
    source = models.CharField("来源", max_length=200, blank=True)

    objects = PostingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "任职"
        ordering = ["person_id", "span"]
        indexes = [models.Index(fields=["org_code", "person"], name="people_posting_scope")]
        constraints = [
            ExclusionConstraint(
                name="people_posting_no_overlap",
                expressions=[("person", RangeOperators.EQUAL), ("span", RangeOperators.OVERLAPS)],
                condition=Q(main=True),
                violation_error_message="同一人的主岗任期不能重叠，请先结束原任职。",
            ),
            models.CheckConstraint(condition=Q(span__isempty=False, span__lower_inf=False), name="people_posting_span"),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.org_code}"

    @property
    def label(self) -> str:
        """The post in words: as written where it was, else the kind."""
        return self.title or self.get_kind_display()

    @property
    def since(self) -> date:
        """The first day."""
        return self.span.lower
