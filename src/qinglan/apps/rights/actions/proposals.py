"""Proposals: taken up by one person, told to her, heard, confirmed or dropped by another; nothing is carried out here."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from qinglan.apps.audit.actions import record
from qinglan.apps.people.permissions import PUBLISH_YEAR, can
from qinglan.apps.policy.models import PersonResult
from qinglan.apps.rights import permissions
from qinglan.apps.rights.actions.claims import DISTRICT_DIGITS, name_of, next_number, one_number_at_a_time
from qinglan.apps.rights.actions.telling import tell_of_proposal
from qinglan.apps.rights.models import Proposal, ProposalCheck, ProposalStep
from qinglan.apps.rights.queries import conditions
from qinglan.apps.rights.queries.proposals import ground_of
from qinglan.apps.rights.states import PROPOSAL_STEPS, PROPOSED, STANDING, ProposalMove

MOST_TEXT = 2_000


def _text(text: str, asked: str) -> str:
    text = text.strip()
    if not text or len(text) > MOST_TEXT:
        raise ValidationError(f"{asked}，不超过 {MOST_TEXT} 字。")
    return text


@transaction.atomic
def propose(*, result: PersonResult, kind: str, reasons: str, on: date, by: Any) -> Proposal:
    """This will take up what a published year proposes for a person. Taken up twice it is one; the first one's words stand."""
    permissions.check_propose(by, result.org_code, result.person_id)
    reasons = _text(reasons, "请写明拟议的理由")
    if result.run.state != result.run.State.PUBLISHED:
        raise ValidationError("只有已公布的年度结果才能据以拟议。")
    ground = ground_of(result, kind)
    if ground is None:
        raise ValidationError("这一年的结果里没有这样的建议，不能拟议。")
    district = result.org_code[:DISTRICT_DIGITS]
    one_number_at_a_time(district)
    known = Proposal.objects.filter(result=result, kind=kind, state__in=STANDING).first()
    if known is not None:
        return known
    with record("rights.proposal.propose", by=by, org_code=result.org_code) as entry:
        proposal = Proposal.objects.create(
            number=next_number(district, on, "J"),
            kind=kind,
            person=result.person,
            org_code=result.org_code,
            result=result,
            family=ground[0].family,
            said=ground[1][:200],
            reasons=reasons,
            by_id=by.pk,
            by_name=name_of(by),
            created_on=on,
        )
        entry.target, entry.after = proposal, {"number": proposal.number, "kind": kind}
        _step(proposal, ProposalMove.PROPOSE, "", by, reasons)
    return proposal


@transaction.atomic
def inform(*, proposal: Proposal, by: Any) -> Proposal:
    """This will tell the person that something is proposed for her: from now on she reads it, states her view and may object."""
    proposal = _locked(proposal)
    permissions.check_propose(by, proposal.org_code, proposal.person_id)
    if proposal.state == Proposal.State.INFORMED:
        return proposal
    return _move(proposal, ProposalMove.INFORM, by, "")


@transaction.atomic
def hear(*, proposal: Proposal, by: Any, text: str) -> Proposal:
    """This will take down what she says: written by herself, or by whoever heard her (day, place, what she said or that she
    would say nothing)."""
    proposal = _locked(proposal)
    herself = bool(by.person_id) and by.person_id == proposal.person_id
    if not herself:
        permissions.check_propose(by, proposal.org_code, proposal.person_id)
    text = _text(text, "请写陈述的内容" if herself else "请写明听取的日期、地点和本人的意见；本人不愿陈述的，写明情形")
    last = proposal.steps.last()
    if last is not None and (last.move, last.by_id, last.note) == (ProposalMove.HEAR, by.pk, text):
        return proposal
    return _move(proposal, ProposalMove.HEAR, by, text, herself=herself)


@transaction.atomic
def tick(*, proposal: Proposal, condition: str, met: bool, note: str, on: date, by: Any) -> ProposalCheck:
    """This will note a person's answer to a precondition that no record answers; the newest counts."""
    proposal = _locked(proposal)
    if not can(by, PUBLISH_YEAR, proposal.org_code):
        permissions.check_propose(by, proposal.org_code, proposal.person_id)
    if by.person_id == proposal.person_id:
        raise PermissionDenied("这是关于您本人的建议，由其他人核对。")
    if proposal.state not in PROPOSED:
        raise ValidationError(f"这件建议现在是「{proposal.get_state_display()}」，不再核对前提。")
    lines = {line.condition.key: line for line in conditions.checklist(proposal, on)}
    if condition not in lines or lines[condition].auto:
        raise ValidationError("这一项由记录回答，不能手工核对。")
    note = note.strip()
    if not note or len(note) > 500:
        raise ValidationError("请写明依据，不超过 500 字。")
    with record("rights.proposal.tick", by=by, target=proposal, org_code=proposal.org_code) as entry:
        made = ProposalCheck.objects.create(
            proposal=proposal, condition=condition, met=met, note=note, by_id=by.pk, by_name=name_of(by)
        )
        entry.after = {"condition": condition, "met": met, "note": note}
    return made


@transaction.atomic
def confirm(*, proposal: Proposal, by: Any, on: date, note: str) -> Proposal:
    """This will confirm a proposal: by another person than the proposer, after she was heard, with no precondition open."""
    proposal = _locked(proposal)
    permissions.check_confirm(by, proposal)
    last = proposal.steps.last()
    if proposal.state == Proposal.State.CONFIRMED and last is not None and last.by_id == by.pk:
        return proposal
    note = _text(note, "请写明决定的理由")
    left = [line.condition.label for line in conditions.checklist(proposal, on) if line.open]
    if left:
        raise ValidationError(f"还有 {len(left)} 项前提没有满足，不能确认：{'；'.join(left)}。")
    return _move(proposal, ProposalMove.CONFIRM, by, note)


@transaction.atomic
def drop(*, proposal: Proposal, by: Any, note: str) -> Proposal:
    """This will let a proposal go: by the proposer or by whoever may confirm, with the reason."""
    proposal = _locked(proposal)
    if by.pk != proposal.by_id:
        permissions.check_confirm(by, proposal)
    if proposal.state == Proposal.State.DROPPED:
        return proposal
    return _move(proposal, ProposalMove.DROP, by, _text(note, "请写明不采纳的理由"))


@transaction.atomic
def revoke(*, proposal: Proposal, by: Any, note: str) -> Proposal:
    """This will take a confirmed proposal back, for instance after an objection was upheld."""
    proposal = _locked(proposal)
    permissions.check_confirm(by, proposal)
    if proposal.state == Proposal.State.REVOKED:
        return proposal
    return _move(proposal, ProposalMove.REVOKE, by, _text(note, "请写明撤销的理由"))


def _locked(proposal: Proposal) -> Proposal:
    rows = Proposal.objects.select_for_update(of=("self",)).select_related("person", "result__run", "result__person")
    return rows.get(pk=proposal.pk)


def _move(proposal: Proposal, move: ProposalMove, by: Any, note: str, *, herself: bool = False) -> Proposal:
    if proposal.state not in PROPOSAL_STEPS[move].sources:
        raise ValidationError(
            f"建议 {proposal.number} 现在是「{proposal.get_state_display()}」，不能{move.label}；请刷新页面看看是谁办的。"
        )
    before = proposal.state
    proposal.state = PROPOSAL_STEPS[move].target
    action = f"rights.proposal.{move}"
    with record(action, by=by, target=proposal, org_code=proposal.org_code, before={"state": before}) as entry:
        proposal.save(update_fields=["state"])
        step = _step(proposal, move, before, by, note, herself=herself)
        entry.after = {"state": proposal.state, "note": note}
    tell_of_proposal(proposal=proposal, step=step)
    return proposal


def _step(
    proposal: Proposal, move: ProposalMove, before: str, by: Any, note: str, *, herself: bool = False
) -> ProposalStep:
    return ProposalStep.objects.create(
        proposal=proposal,
        move=move,
        state_from=before,
        state_to=proposal.state,
        note=note,
        herself=herself,
        by_id=by.pk,
        by_name=name_of(by),
    )
