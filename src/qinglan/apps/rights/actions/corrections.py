"""What comes of an upheld claim: the superseding fact, and the publication that amended the year, linked back to the claim."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from qinglan.apps.audit.actions import record
from qinglan.apps.facts.models import KINDS, Fact
from qinglan.apps.policy.models import Run
from qinglan.apps.rights import permissions
from qinglan.apps.rights.actions.claims import MOST_NOTE, move_on, name_of
from qinglan.apps.rights.models import Claim, ClaimAnswer, ClaimCorrection
from qinglan.apps.rights.queries.figures import amended_result
from qinglan.apps.rights.states import ClaimMove


@transaction.atomic
def link_correction(*, claim: Claim, by: Any, fact: Fact | None = None, note: str = "") -> ClaimCorrection:
    """This will note what was corrected: a fact about her that supersedes another since the answer, or in words what is no fact.

    Linked twice is linked once. ValidationError when the claim calls for no correction or the fact is none.
    """
    claim, given = _upheld(claim, by)
    note = note.strip()
    kind = next((kind for kind, model in KINDS.items() if isinstance(fact, model)), "")
    if fact is not None:
        known = claim.corrections.filter(level=claim.level, fact_kind=kind, fact_id=fact.pk).first()
        if known is not None:
            return known
        if fact.person_id not in (None, claim.person_id) or (fact.person_id is None and not _hers(claim, fact)):
            raise ValidationError("这条记录不是提出人或她所在单位的，请核对。")
        if fact.supersedes is None or fact.recorded_at < given.at:
            raise ValidationError("请选答复以后更正（或撤销）过的记录：先在事实台账里更正，再回到这里登记。")
    elif not note or len(note) > MOST_NOTE:
        raise ValidationError(f"不是事实记录的更正，请写明改了什么、在哪里可以看到，不超过 {MOST_NOTE} 字。")
    with record("rights.claim.correction", by=by, target=claim, org_code=claim.org_code) as entry:
        made = ClaimCorrection.objects.create(
            claim=claim,
            level=claim.level,
            fact_kind=kind,
            fact_id=fact.pk if fact else None,
            note=note,
            by_id=by.pk,
            by_name=name_of(by),
        )
        entry.after = {"fact": [kind, fact.pk] if fact else None, "note": note}
    return made


def _hers(claim: Claim, fact: Fact) -> bool:
    """Whether a fact about a unit is about one in whose subtree she stood."""
    return claim.org_code.startswith(fact.org_code)


def _upheld(claim: Claim, by: Any) -> tuple[Claim, ClaimAnswer]:
    """The claim locked, with the answer that calls for a correction."""
    rows = Claim.objects.select_for_update(of=("self",)).select_related("person", "result__run", "proposal")
    claim = rows.get(pk=claim.pk)
    permissions.check_dispatch(by, claim)
    given = claim.answers.filter(level=claim.level).first()
    if claim.state != Claim.State.ANSWERED or given is None or not given.to_correct:
        raise ValidationError(f"诉求 {claim.number} 现在是「{claim.get_state_display()}」，没有等待更正的答复。")
    return claim, given


@transaction.atomic
def complete(*, claim: Claim, by: Any) -> Claim:
    """This will say that a correction is through: noted, and for a figure of a year, published in an amended run.

    The amending run must have been computed after the correction was recorded. Asked again it answers the same.
    """
    claim = Claim.objects.get(pk=claim.pk)
    if claim.state == Claim.State.CORRECTED:
        return claim
    claim, _ = _upheld(claim, by)
    linked = list(claim.corrections.filter(level=claim.level, run__isnull=True))
    if not linked:
        raise ValidationError("还没有登记更正了什么：请先更正事实，再在这里登记。")
    if claim.result is None:
        move_on(claim, ClaimMove.CORRECT, by)
        return claim
    run = amending_run(claim)
    if run is None:
        raise ValidationError("还没有更正后的公布：请重新计算这一年，经审核、签署、公布后再来。")
    ClaimCorrection.objects.create(claim=claim, level=claim.level, run=run, by_id=by.pk, by_name=name_of(by))
    move_on(claim, ClaimMove.CORRECT, by)
    return claim


def amending_run(claim: Claim) -> Run | None:
    """The run now published for her year that was computed after the correction of this level was linked or recorded; else None."""
    new = amended_result(claim)
    linked = claim.corrections.filter(level=claim.level, run__isnull=True).order_by("pk").last()
    if new is None or linked is None:
        return None
    moment = linked.at
    if linked.fact_id is not None:
        moment = KINDS[linked.fact_kind]._default_manager.get(pk=linked.fact_id).recorded_at
    return new.run if new.run.created_at >= moment else None
