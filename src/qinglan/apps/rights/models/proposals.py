"""Proposals that end or lower somebody: from a published result, with the law's preconditions, heard and confirmed by people.

Nothing here carries anything out: a confirmed proposal is a paper on which people act.
"""

from __future__ import annotations

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from qinglan.apps.audit.models import protect
from qinglan.apps.base.models import OrgCodeField, Privacy, ScopedQuerySet
from qinglan.apps.people.models import Person
from qinglan.apps.policy.models import PersonResult
from qinglan.apps.rights import states

P, INTERNAL = Privacy.PERSONAL, Privacy.INTERNAL


class ProposalKind(models.TextChoices):
    END = "end", "解除（劳动合同法第四十条第二项）"
    LOWER = "lower", "降低职级"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), append_only=True)
class Proposal(models.Model):
    """A proposal taken up by a person from what the rules say of a published year. `said`: the rule's words then."""

    State = states.Proposal

    privacy = {
        "id": INTERNAL,
        "number": INTERNAL,
        "kind": P,
        "person": P,
        "org_code": INTERNAL,
        "result": INTERNAL,
        "family": INTERNAL,
        "said": P,
        "reasons": P,
        "state": INTERNAL,
        "by_id": INTERNAL,
        "by_name": P,
        "created_on": INTERNAL,
        "created_at": INTERNAL,
    }

    number = models.CharField("建议编号", max_length=30, unique=True, db_collation="C")
    kind = models.CharField("种类", max_length=6, choices=ProposalKind)
    person = models.ForeignKey(Person, models.PROTECT, related_name="proposals", verbose_name="人员")
    org_code = OrgCodeField("所在机构")
    result = models.ForeignKey(PersonResult, models.PROTECT, related_name="+", verbose_name="年度结果")
    family = models.CharField("依据的规则", max_length=80)
    said = models.CharField("规则的建议", max_length=200)
    reasons = models.TextField("拟议理由", max_length=2000)
    state = models.CharField("状态", max_length=10, choices=states.Proposal, default=states.Proposal.OPEN)
    by_id = models.BigIntegerField("拟议账号")
    by_name = models.CharField("拟议人", max_length=150)
    created_on = models.DateField("拟议日期")
    created_at = models.DateTimeField("时间", db_default=Now())

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "处置建议"
        ordering = ["-pk"]
        triggers = [
            pgtrigger.Protect(name="keep", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="content", exclude=["state"]),
            pgtrigger.FSM(name="states", field="state", transitions=states.transitions(states.PROPOSAL_STEPS)),
        ]
        indexes = [
            models.Index(fields=["org_code", "state"], name="rights_proposal_scope"),
            models.Index(fields=["person", "-id"], name="rights_proposal_person"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["result", "kind"],
                condition=Q(state__in=states.STANDING),
                name="rights_proposed_once",
                violation_error_message="这一年的同一建议已经拟议过。",
            ),
            models.CheckConstraint(condition=~Q(reasons=""), name="rights_proposal_says_why"),
        ]

    def __str__(self) -> str:
        return self.number


class ProposalStep(models.Model):
    """One step of a proposal; a hearing carries what she said (`note`), and whether she wrote it herself."""

    append_only = True
    privacy = {
        "id": INTERNAL,
        "proposal": INTERNAL,
        "move": INTERNAL,
        "state_from": INTERNAL,
        "state_to": INTERNAL,
        "note": P,
        "herself": INTERNAL,
        "by_id": INTERNAL,
        "by_name": P,
        "at": INTERNAL,
    }

    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="steps", verbose_name="处置建议")
    move = models.CharField("办理", max_length=10, choices=states.ProposalMove)
    state_from = models.CharField("原状态", max_length=10, choices=states.Proposal, blank=True)
    state_to = models.CharField("新状态", max_length=10, choices=states.Proposal)
    note = models.TextField("说明", max_length=2000, blank=True)
    herself = models.BooleanField("本人", default=False)
    by_id = models.BigIntegerField("操作账号")
    by_name = models.CharField("操作人", max_length=150)
    at = models.DateTimeField("时间", db_default=Now())

    class Meta:
        verbose_name = verbose_name_plural = "处置建议的经过"
        ordering = ["pk"]
        triggers = [protect()]

    def __str__(self) -> str:
        return f"{self.proposal_id} {self.get_move_display()}"


class ProposalCheck(models.Model):
    """A person's answer to a precondition that no record can answer; the newest counts."""

    append_only = True
    privacy = {
        "id": INTERNAL,
        "proposal": INTERNAL,
        "condition": INTERNAL,
        "met": P,
        "note": P,
        "by_id": INTERNAL,
        "by_name": P,
        "at": INTERNAL,
    }

    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="checks", verbose_name="处置建议")
    condition = models.CharField("前提", max_length=40)
    met = models.BooleanField("符合")
    note = models.CharField("依据", max_length=500)
    by_id = models.BigIntegerField("核对账号")
    by_name = models.CharField("核对人", max_length=150)
    at = models.DateTimeField("时间", db_default=Now())

    class Meta:
        verbose_name = verbose_name_plural = "法定前提的核对"
        ordering = ["pk"]
        triggers = [protect()]
        constraints = [models.CheckConstraint(condition=~Q(note=""), name="rights_check_says_why")]

    def __str__(self) -> str:
        return f"{self.proposal_id} {self.condition}"
