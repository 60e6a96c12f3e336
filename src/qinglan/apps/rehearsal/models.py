"""Rehearsals and studies: what was asked, how far it is, and what came out: sums and bands, nobody in it."""

from __future__ import annotations

from typing import Any

import pgtrigger
from django.db import models
from django.db.models.functions import Now

from qinglan.apps.base.models import OrgCodeField, Privacy, ScopedQuerySet
from qinglan.apps.policy.models import PackText, Run
from qinglan.apps.rehearsal import states

INTERNAL = Privacy.INTERNAL


class Rehearsal(models.Model):
    """A scenario lived beside its baseline: the year of `run` as it was decided goes on, once by its pack and once by pack and diff.

    `scenario`: the candidate's YAML as `qinglan twin` reads it; `base_levers`: what the baseline's levers have otherwise than by default.
    `base_text`, `other_text`: the packs of the sides, null for the run's own and for the baseline's. `outcome` and `detail`
    (queries.outcomes) hold no person and no group that is too small to tell; while it runs, `outcome` is that of the replicates lived
    so far. `done` of `replicates` are lived.
    """

    State = states.State

    privacy = {
        "id": INTERNAL,
        "org_code": INTERNAL,
        "run": INTERNAL,
        "year": INTERNAL,
        "name": INTERNAL,
        "scenario": INTERNAL,
        "base_levers": INTERNAL,
        "base_text": INTERNAL,
        "other_text": INTERNAL,
        "key": INTERNAL,
        "years": INTERNAL,
        "replicates": INTERNAL,
        "state": INTERNAL,
        "done": INTERNAL,
        "message": INTERNAL,
        "outcome": INTERNAL,
        "detail": INTERNAL,
        "made_by_id": INTERNAL,
        "made_by_name": Privacy.PERSONAL,
        "made_at": INTERNAL,
        "ended_at": INTERNAL,
        "release_id": INTERNAL,
    }

    org_code = OrgCodeField("范围")
    run = models.ForeignKey(Run, models.PROTECT, related_name="+", verbose_name="起始年度的计算")
    year = models.PositiveSmallIntegerField("起始年度")
    name = models.CharField("名称", max_length=80)
    scenario = models.TextField("情景")
    base_levers = models.JSONField("现行一边的做法", default=dict)
    base_text = models.ForeignKey(
        PackText, models.PROTECT, null=True, related_name="+", verbose_name="现行一边的政策包"
    )
    other_text = models.ForeignKey(
        PackText, models.PROTECT, null=True, related_name="+", verbose_name="方案一边的政策包"
    )
    key = models.CharField("情景指纹", max_length=64)
    years = models.PositiveSmallIntegerField("推演年数")
    replicates = models.PositiveSmallIntegerField("重复次数")
    state = models.CharField("状态", max_length=10, choices=states.State, default=states.State.QUEUED)
    done = models.PositiveSmallIntegerField("已完成次数", default=0)
    message = models.TextField("说明", blank=True)
    outcome = models.JSONField("结果", null=True)
    detail = models.JSONField("按月和按组的结果", null=True)
    made_by_id = models.BigIntegerField("账号", null=True)
    made_by_name = models.CharField("推演人", max_length=150, blank=True)
    made_at = models.DateTimeField("时间", db_default=Now())
    ended_at = models.DateTimeField("结束时间", null=True)
    release_id = models.BigIntegerField("拟成的政策包草稿", null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "推演"
        ordering = ["-pk"]
        triggers = [
            pgtrigger.Protect(name="keep", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="content",
                fields=[
                    "org_code",
                    "run",
                    "year",
                    "scenario",
                    "base_levers",
                    "base_text",
                    "other_text",
                    "key",
                    "years",
                    "replicates",
                    "made_by_id",
                    "made_at",
                ],
            ),
            pgtrigger.FSM(name="states", field="state", transitions=states.TRANSITIONS),
        ]
        indexes = [models.Index(fields=["org_code", "-id"], name="rehearsal_scope")]

    def __str__(self) -> str:
        return f"{self.pk} {self.name}"

    @property
    def found(self) -> dict[str, Any]:
        """The outcome of the replicates lived so far; empty before the first."""
        return self.outcome or {}

    @property
    def more(self) -> dict[str, Any]:
        """Months, groups, winners; empty until it has been lived to the end."""
        return self.detail or {}


class Study(models.Model):
    """One question put to the twin beside rehearsals: a back-test, what matters, the best mix, a desk, sites (actions.kinds says how).

    `inputs` and `outcome` are JSON of the kind's own shape, without a person. `done` of `total` steps are behind it; 0 of 0: not yet
    known. `run`: the year that it starts from, none for a kind that needs no workforce.
    """

    State = states.State
    Kind = states.Kind

    privacy = {
        "id": INTERNAL,
        "kind": INTERNAL,
        "org_code": INTERNAL,
        "run": INTERNAL,
        "year": INTERNAL,
        "name": INTERNAL,
        "inputs": INTERNAL,
        "state": INTERNAL,
        "done": INTERNAL,
        "total": INTERNAL,
        "message": INTERNAL,
        "outcome": INTERNAL,
        "made_by_id": INTERNAL,
        "made_by_name": Privacy.PERSONAL,
        "made_at": INTERNAL,
        "ended_at": INTERNAL,
    }

    kind = models.CharField("种类", max_length=12, choices=states.Kind)
    org_code = OrgCodeField("范围")
    run = models.ForeignKey(Run, models.PROTECT, null=True, related_name="+", verbose_name="起始年度的计算")
    year = models.PositiveSmallIntegerField("起始年度", null=True)
    name = models.CharField("名称", max_length=80)
    inputs = models.JSONField("所问")
    state = models.CharField("状态", max_length=10, choices=states.State, default=states.State.QUEUED)
    done = models.PositiveIntegerField("已完成步数", default=0)
    total = models.PositiveIntegerField("总步数", default=0)
    message = models.TextField("说明", blank=True)
    outcome = models.JSONField("结果", null=True)
    made_by_id = models.BigIntegerField("账号", null=True)
    made_by_name = models.CharField("提出人", max_length=150, blank=True)
    made_at = models.DateTimeField("时间", db_default=Now())
    ended_at = models.DateTimeField("结束时间", null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "专题研究"
        ordering = ["-pk"]
        triggers = [
            pgtrigger.Protect(name="keep", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="content", fields=["kind", "org_code", "run", "year", "inputs", "made_by_id", "made_at"]
            ),
            pgtrigger.FSM(name="states", field="state", transitions=states.TRANSITIONS),
        ]
        indexes = [models.Index(fields=["org_code", "-id"], name="study_scope")]

    def __str__(self) -> str:
        return f"{self.pk} {self.name}"
