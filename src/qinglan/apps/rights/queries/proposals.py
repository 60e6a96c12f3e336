"""Whom the rules of a published year propose to end or lower, and who of them nobody took up yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from qinglan.apps.people.permissions import VIEW_CLAIMS, scope_condition
from qinglan.apps.policy.models import PersonResult, Run
from qinglan.apps.policy.queries.reading import Reading
from qinglan.apps.rights.models import Proposal, ProposalKind
from qinglan.apps.rights.states import STANDING
from qinglan.core.frame.codes import ExitProposal


@dataclass(frozen=True)
class Ground:
    """A step whose value proposes something: its family, its name, the value."""

    kind: ProposalKind
    family: str
    step: str
    value: int


GROUNDS = (
    Ground(ProposalKind.END, "exit.unfit", "unfit_proposal", ExitProposal.END_CONTRACT),
    Ground(ProposalKind.END, "exit.xuhui", "xuhui_proposal", ExitProposal.END_CONTRACT),
    # The years or months are reached, but no record says that she was trained or moved: a person has to, before it can be confirmed.
    Ground(ProposalKind.END, "exit.unfit", "unfit_proposal", ExitProposal.TRAIN_FIRST),
    Ground(ProposalKind.END, "exit.xuhui", "xuhui_proposal", ExitProposal.TRAIN_FIRST),
    Ground(ProposalKind.LOWER, "exit.unfit", "unfit_proposal", ExitProposal.CHANGE_POST),
)


def ground_of(result: PersonResult, kind: str) -> tuple[Ground, str] | None:
    """What of a result proposes this, with the rule's words; None when nothing does."""
    reading = Reading(result)
    for ground in GROUNDS:
        if ground.kind == kind and reading.value(ground.step) == ground.value:
            said = reading.words(ground.family, ground.step)
            lowered = reading.value("unfit_demote_to") if kind == ProposalKind.LOWER else None
            return ground, f"{said}，降到第 {lowered} 档" if lowered else said
    return None


def candidates(user: Any, run: Run) -> list[tuple[PersonResult, ProposalKind]]:
    """(row, kind) of those in scope for whom the run proposes something that nobody took up. `run` must be published."""
    names = [step for _, steps in run.step_columns for step in steps]
    found: list[tuple[PersonResult, ProposalKind]] = []
    for ground in GROUNDS:
        if ground.step not in names:
            continue
        place = {f"steps__{names.index(ground.step)}": ground.value}
        rows = _untaken(run, ground.kind).filter(scope_condition(user, VIEW_CLAIMS), **place).exclude(_own(user))
        known = {row.pk for row, kind in found if kind == ground.kind}
        found += [(row, ground.kind) for row in rows if row.pk not in known]
    return sorted(found, key=lambda one: (one[0].org_code, one[0].person_id))


def _own(user: Any) -> Q:
    return Q(person=user.person_id) if user.person_id else Q(pk__in=[])


def _untaken(run: Run, kind: ProposalKind) -> QuerySet[PersonResult]:
    taken = Proposal.objects.filter(result=OuterRef("pk"), kind=kind, state__in=STANDING)
    rows = PersonResult.objects.filter(~Exists(taken), run=run).annotate(name=F("person__name"))
    return rows.defer("frame", "steps", "months", "segments")


def published_runs(user: Any) -> QuerySet[Run]:
    """The published years of the districts in which the user reads claims, newest first."""
    mine = PersonResult.objects.filter(scope_condition(user, VIEW_CLAIMS), run=OuterRef("pk"))
    return Run.objects.filter(Exists(mine), state=Run.State.PUBLISHED).defer("exceptions")
