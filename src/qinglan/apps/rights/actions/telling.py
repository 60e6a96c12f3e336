"""Who is told of a step of a claim or a proposal. The words hold no figure and no reason: those stand behind the link."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.urls import reverse
from django.utils import timezone

from qinglan.apps.notices import actions as notices
from qinglan.apps.notices.queries import holders
from qinglan.apps.people.models import User
from qinglan.apps.people.permissions import ANSWER_CLAIMS, PUBLISH_YEAR
from qinglan.apps.rights.models import Claim, ClaimStep, Proposal, ProposalStep
from qinglan.apps.rights.states import ClaimMove, ProposalMove


def claimant(claim: Claim) -> Iterable[User]:
    """The claimant's account; without one, the account that entered the claim for her."""
    own = User.objects.filter(person=claim.person.merged_into_id or claim.person_id, is_active=True)
    return own if own.exists() else User.objects.filter(pk=claim.by_id)


def dispatchers(claim: Claim) -> Iterable[User]:
    """Those who may say who answers."""
    return holders(ANSWER_CLAIMS, claim.org_code, timezone.localdate())


def _until(due: date | None) -> str:
    return f"，请在 {due.isoformat()} 前答复" if due else ""


def tell_of_claim(*, claim: Claim, step: ClaimStep) -> None:
    """This will tell those whom a step of a claim concerns."""
    move, number = ClaimMove(step.move), claim.number
    hers = {
        ClaimMove.FILE: f"您的诉求已收到，编号 {number}。",
        ClaimMove.ASSIGN: f"您的诉求 {number} 已指派专人办理。",
        ClaimMove.ANSWER: f"您的诉求 {number} 有了答复，请查看；不服可以申请一次复核。",
        ClaimMove.REVIEW: f"您的诉求 {number} 已转为复核，由另一人办理。",
        ClaimMove.CORRECT: f"您的诉求 {number} 已更正并公布，请查看前后的不同。",
        ClaimMove.CLOSE: f"您的诉求 {number} 已办结。",
    }
    theirs: dict[ClaimMove, tuple[Iterable[User], str]] = {
        ClaimMove.FILE: (dispatchers(claim), f"收到诉求 {number}{_until(claim.due_on)}：请指派与此事无关的人办理。"),
        ClaimMove.REVIEW: (dispatchers(claim), f"诉求 {number} 申请复核{_until(claim.due_on)}：请指派另一人办理。"),
        ClaimMove.WITHDRAW: (_assignee(claim), f"诉求 {number} 已由本人撤回，不必再办。"),
        ClaimMove.ASSIGN: (_assignee(claim), f"诉求 {number} 指派给您办理{_until(claim.due_on)}。"),
    }
    key, link = f"rights.claim.step {step.pk}", reverse("rights:claim", args=[claim.pk])
    if move in hers:
        notices.tell(users=claimant(claim), text=hers[move], key=key, link=link)
    if move in theirs:
        users, text = theirs[move]
        notices.tell(users=[user for user in users if user.pk != step.by_id], text=text, key=key, link=link)


def _assignee(claim: Claim) -> list[User]:
    return [claim.assigned_to] if claim.assigned_to else []


def tell_of_proposal(*, proposal: Proposal, step: ProposalStep) -> None:
    """This will tell those whom a step of a proposal concerns: herself from the day on which she is informed."""
    move, number = ProposalMove(step.move), proposal.number
    herself = User.objects.filter(person=proposal.person_id, is_active=True)
    proposer = User.objects.filter(pk=proposal.by_id)
    told: dict[ProposalMove, tuple[Iterable[User], str]] = {
        ProposalMove.INFORM: (
            herself,
            f"有一件关于您的处置建议（{number}）在拟议中，请查看并陈述意见；您也可以提出异议。",
        ),
        ProposalMove.HEAR: (
            [*proposer, *holders(PUBLISH_YEAR, proposal.org_code, timezone.localdate())],
            f"处置建议 {number} 已听取本人陈述，请核对法定前提后决定。",
        ),
        ProposalMove.CONFIRM: ([*herself, *proposer], f"处置建议 {number} 已由人确认，请查看依据和救济途径。"),
        ProposalMove.DROP: ([*proposer, *herself] if _knew(proposal) else proposer, f"处置建议 {number} 不予采纳。"),
        ProposalMove.REVOKE: ([*herself, *proposer], f"处置建议 {number} 已撤销。"),
    }
    if move in told:
        users, text = told[move]
        link = reverse("rights:proposal", args=[proposal.pk])
        others = [user for user in users if user.pk != step.by_id]
        notices.tell(users=others, text=text, key=f"rights.proposal.step {step.pk}", link=link)


def _knew(proposal: Proposal) -> bool:
    return proposal.steps.filter(move=ProposalMove.INFORM).exists()
