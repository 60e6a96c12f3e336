"""Evaluations: a set of questions asked of the cards of a day, what came of it, and for a draft what it would win and lose."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models.functions import Now

from qinglan.apps.assistant import states
from qinglan.apps.base.models import OrgCodeField, Privacy, ScopedQuerySet

from .cards import CardVersion

INTERNAL = Privacy.INTERNAL


class Evaluation(models.Model):
    """One set of questions asked one after the other. `questions`: [[question, expected, city, context], …].

    `draft`: the card version that is put in its place before asking; `outcome` then holds the same set asked without it beside it
    (queries.measuring says the shape). `cards`: the fingerprint of all cards that were asked.
    """

    State = states.Measuring

    privacy = {
        "id": INTERNAL,
        "org_code": INTERNAL,
        "name": INTERNAL,
        "questions": INTERNAL,
        "cards": INTERNAL,
        "draft": INTERNAL,
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

    org_code = OrgCodeField("区代码")
    name = models.CharField("问题集", max_length=80)
    questions = models.JSONField("问题")
    cards = models.CharField("卡片指纹", max_length=64, blank=True)
    draft = models.ForeignKey(
        CardVersion, models.PROTECT, null=True, related_name="evaluations", verbose_name="评测的卡片草稿"
    )
    state = models.CharField("状态", max_length=8, choices=states.Measuring, default=states.Measuring.QUEUED)
    done = models.PositiveIntegerField("已问", default=0)
    total = models.PositiveIntegerField("共", default=0)
    message = models.TextField("说明", blank=True)
    outcome = models.JSONField("结果", null=True)
    made_by_id = models.BigIntegerField("账号", null=True)
    made_by_name = models.CharField("评测人", max_length=150, blank=True)
    made_at = models.DateTimeField("时间", db_default=Now())
    ended_at = models.DateTimeField("结束时间", null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "助手评测"
        ordering = ["-pk"]
        triggers = [
            pgtrigger.Protect(name="keep", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="content", fields=["org_code", "name", "questions", "draft", "made_by_id", "made_at"]
            ),
            pgtrigger.FSM(name="states", field="state", transitions=states.MEASURING_TRANSITIONS),
        ]
        indexes = [models.Index(fields=["org_code", "-id"], name="assistant_evaluation_scope")]

    def __str__(self) -> str:
        return f"{self.pk} {self.name}"
