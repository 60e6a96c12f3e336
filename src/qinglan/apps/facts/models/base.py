"""What all facts share: who or what it is about, when it held, when and by whom it was recorded, and by what evidence.

A fact is never changed. A correction is a new fact that supersedes the old one; a withdrawal is one that says so. Which
fact holds, as known on a day, is a question to `current(as_known=...)`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, OuterRef, Q
from django.db.models.functions import Now

from qinglan.apps.audit.models import protect
from qinglan.apps.base.models import OrgCodeField, Privacy, ScopedQuerySet
from qinglan.apps.people.models import Person

from .imports import ImportBatch


class FactQuerySet(ScopedQuerySet):
    """Facts, scoped by the organisation where they happened."""

    def current(self, as_known: datetime | None = None) -> Self:
        """The facts that hold: not superseded (by one recorded up to `as_known`), not withdrawals."""
        # Few facts supersede any; saying so lets the database look through those few alone.
        later = self.model._default_manager.filter(supersedes__isnull=False, supersedes=OuterRef("pk"))
        mine = self
        if as_known is not None:
            later = later.filter(recorded_at__lte=as_known)
            mine = mine.filter(recorded_at__lte=as_known)
        return mine.filter(~models.Exists(later), withdrawn=False)

    def between(self, since: object, until: object) -> Self:
        """Facts of the days from `since` to `until`, both included."""
        return self.filter(valid_on__gte=since, valid_on__lte=until)


class Fact(models.Model):
    """One fact. `identity` says which happening it is about; `digest` what is said of it: both hashes of canonical text."""

    append_only = True
    privacy = {
        "id": Privacy.INTERNAL,
        "org_code": Privacy.INTERNAL,
        "person": Privacy.PERSONAL,
        "valid_on": Privacy.PERSONAL,
        "recorded_at": Privacy.INTERNAL,
        "recorder": Privacy.PERSONAL,
        "by_id": Privacy.INTERNAL,
        "evidence": Privacy.PERSONAL,
        "batch": Privacy.INTERNAL,
        "sheet_row": Privacy.INTERNAL,
        "identity": Privacy.INTERNAL,
        "digest": Privacy.INTERNAL,
        "supersedes": Privacy.INTERNAL,
        "withdrawn": Privacy.INTERNAL,
        "reason": Privacy.PERSONAL,
    }

    org_code = OrgCodeField("发生时所在机构")
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="%(class)ss", verbose_name="人员")
    valid_on = models.DateField("发生日期")
    recorded_at = models.DateTimeField("记录时间", db_default=Now())
    recorder = models.CharField("记录人", max_length=60, blank=True)
    by_id = models.BigIntegerField("录入账号", null=True)
    evidence = models.CharField("依据", max_length=300, blank=True)
    batch = models.ForeignKey(ImportBatch, models.PROTECT, null=True, related_name="+", verbose_name="导入批次")
    sheet_row = models.CharField("表内位置", max_length=80, blank=True)
    identity = models.CharField(max_length=64, db_collation="C", editable=False)
    digest = models.CharField(max_length=64, db_collation="C", editable=False)
    supersedes = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="superseded_by", verbose_name="更正"
    )
    withdrawn = models.BooleanField("撤销", default=False)
    reason = models.CharField("更正理由", max_length=300, blank=True)

    objects = FactQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["valid_on", "id"]
        triggers = [protect()]
        indexes = [
            models.Index(fields=["org_code", "valid_on"], name="%(class)s_scope"),
            models.Index(fields=["person", "valid_on"], name="%(class)s_person"),
            models.Index(fields=["identity"], name="%(class)s_identity"),
            models.Index(fields=["-valid_on", "-id"], name="%(class)s_newest"),  # the first page of a long ledger
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["identity"],
                condition=Q(supersedes__isnull=True),
                name="%(class)s_recorded_once",
                violation_error_message="这件事已经登记过，请用更正。",
            ),
            models.CheckConstraint(condition=~Q(supersedes=F("id")), name="%(class)s_not_itself"),
            models.CheckConstraint(
                condition=Q(withdrawn=False) | Q(supersedes__isnull=False), name="%(class)s_withdraws_something"
            ),
        ]

    # What makes two rows the same happening, and what is said of it. Subclasses name their fields.
    IDENTITY: tuple[str, ...] = ()
    VALUES: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.valid_on}"
