"""Who reads which claims and proposals, who may act on them, and who is too near a matter to judge it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import rules
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404

from qinglan.apps.base.models import is_within
from qinglan.apps.facts.models import KINDS
from qinglan.apps.people.models import Person, RoleGrant, User
from qinglan.apps.people.permissions import (
    ANSWER_CLAIMS,
    CHANGE_PEOPLE,
    PUBLISH_YEAR,
    VIEW_CLAIMS,
    can,
    check,
    codes_for,
    people_for,
    scope_condition,
)
from qinglan.apps.people.queries.handed import refuse_handed
from qinglan.apps.policy.models import PersonResult, ReviewMark, RunDecision
from qinglan.apps.policy.permissions import PUBLIC
from qinglan.apps.policy.states import Move
from qinglan.apps.rights.models import Claim, ClaimAnswer, Proposal
from qinglan.apps.rights.queries.figures import year_of

COMMUNITY_DIGITS = 12
DECIDED = (Move.SUBMIT, Move.SIGN, Move.PUBLISH)


def _mine(user: Any) -> Q:
    own = user.person_id if user.is_authenticated and user.is_active else None
    return Q(person=own) | Q(person__merged_into=own) if own else Q(pk__in=[])


def my_claims(user: Any) -> QuerySet[Claim]:
    """The claims of the person whose account it is."""
    return Claim.objects.filter(_mine(user))


def claims_for(user: Any) -> QuerySet[Claim]:
    """Her own claims, and those of the places whose claims she may read."""
    return Claim.objects.filter(scope_condition(user, VIEW_CLAIMS) | _mine(user))


def get_claim_for(user: Any, claim_id: int) -> Claim:
    """One claim, or 404: what `user` may not read does not exist for her."""
    rows = claims_for(user).select_related("person", "result__run", "assigned_to", "proposal")
    return get_object_or_404(rows, pk=claim_id)


def is_claimant(user: Any, claim: Claim) -> bool:
    """Whether it is her own claim."""
    return bool(user.person_id) and user.person_id in (claim.person_id, claim.person.merged_into_id)


def acts_as_claimant(user: Any, claim: Claim) -> bool:
    """Whether the claimant's moves are hers to make: it is her own claim, or she entered it for somebody in her care."""
    return is_claimant(user, claim) or (claim.by_id == user.pk and can(user, CHANGE_PEOPLE, claim.org_code))


def check_claimant(user: Any, claim: Claim) -> None:
    """Withdrawing, asking for a re-review and accepting are the claimant's; whoever entered it for her may write that she does."""
    if not acts_as_claimant(user, claim):
        raise PermissionDenied("撤回、申请复核由本人办理；本人没有账号的，由代为登记的人办理。")


def check_dispatch(user: Any, claim: Claim) -> None:
    """Who may say who answers: those who may answer claims of the place, but not of her own claim."""
    check(user, ANSWER_CLAIMS, claim.org_code)
    if is_claimant(user, claim):
        raise PermissionDenied("这是您本人的诉求，由其他人指派和办理。")


def claimable_people(user: Any) -> QuerySet[Person]:
    """The people for whom an officer may enter a claim."""
    return people_for(user, CHANGE_PEOPLE)


def get_claimant_for(user: Any, person_id: int | None) -> Person:
    """Whose claim `user` may file: her own without a number, else that of a person in her care, or 404."""
    if person_id is None or person_id == user.person_id:
        return get_object_or_404(Person, pk=user.person_id or 0)
    return get_object_or_404(claimable_people(user), pk=person_id)


def get_objectionable_for(user: Any, person: Person, result_id: int) -> PersonResult:
    """A published result of `person` that may be objected to, or 404."""
    rows = PersonResult.objects.filter(person=person, run__state__in=PUBLIC).select_related("run", "person")
    return get_object_or_404(rows, pk=result_id)


def reasons_against(claim: Claim, users: Iterable[User]) -> dict[int, str]:
    """Account -> the sentence why it is too near the matter to answer it; those not named are independent.

    Too near is who is the claimant or of her community, computed, submitted, signed, published or reviewed the objected figure,
    recorded one of her facts of that year, made or confirmed the objected proposal, or gave the answer that is re-reviewed.
    """
    found: dict[int, str] = {}
    users = list(users)
    ids = {user.pk for user in users}
    community = claim.org_code[:COMMUNITY_DIGITS] if len(claim.org_code) >= COMMUNITY_DIGITS else ""
    if community:
        near = RoleGrant.objects.within(community).filter(user__in=ids).values_list("user_id", flat=True)
        found |= dict.fromkeys(near, "与本人在同一社区任职")
        same = (user.pk for user in users if user.person and is_within(user.person.org_code, community))
        found |= dict.fromkeys(same, "与本人在同一社区")
    found |= dict.fromkeys(_recorders(claim) & ids, "录入过本人这一年的事实")
    if claim.result is not None:
        found |= _deciders(claim.result, ids)
    if claim.proposal is not None:
        steps = claim.proposal.steps.filter(by_id__in=ids, herself=False).values_list("by_id", flat=True)
        found |= dict.fromkeys([*steps, *({claim.proposal.by_id} & ids)], "办理过这件处置建议")
    before = ClaimAnswer.objects.filter(claim=claim, level__lt=claim.level).values_list("by_id", flat=True)
    found |= dict.fromkeys(set(before) & ids, "作过第一次答复")
    found |= {user.pk: "是提出人本人" for user in users if is_claimant(user, claim)}
    return found


def _deciders(result: PersonResult, ids: set[int]) -> dict[int, str]:
    marks = ReviewMark.objects.filter(item__result=result, by_id__in=ids).values_list("by_id", flat=True)
    found = dict.fromkeys(marks, "复核过这个结果")
    if result.run.by_id in ids:
        found[result.run.by_id] = "计算了这次结果"
    moves = RunDecision.objects.filter(run=result.run, move__in=DECIDED, by_id__in=ids)
    return found | {by: f"{Move(move).label}过这次结果" for by, move in moves.values_list("by_id", "move")}


def _recorders(claim: Claim) -> set[int]:
    """Accounts that recorded facts about her of the objected year; nobody for a claim about no year."""
    year = year_of(claim)
    if year is None:
        return set()
    parts = [
        model._default_manager.filter(person=claim.person_id, valid_on__year=year, by_id__isnull=False)
        .order_by()
        .values_list("by_id")
        for kind, model in KINDS.items()
        if kind != "figures"
    ]
    return {by for (by,) in parts[0].union(*parts[1:]) if by is not None}


def check_independent(user: Any, claim: Claim) -> None:
    """Raise PermissionDenied with the sentence unless `user` may answer this claim and is near none of it."""
    check(user, ANSWER_CLAIMS, claim.org_code)
    reason = reasons_against(claim, [user]).get(user.pk)
    if reason:
        raise PermissionDenied(f"答复须由与此事无关的人作出：您{reason}，请改派他人。")


def proposals_for(user: Any) -> QuerySet[Proposal]:
    """Proposals of the places whose claims she may read; her own once she has been told."""
    own = _mine(user) & ~Q(state=Proposal.State.OPEN)
    hidden = (
        Q(pk__in=[]) if not getattr(user, "person_id", None) else Q(person=user.person_id, state=Proposal.State.OPEN)
    )
    return Proposal.objects.filter((scope_condition(user, VIEW_CLAIMS) & ~hidden) | own)


def get_proposal_for(user: Any, proposal_id: int) -> Proposal:
    """One proposal, or 404."""
    return get_object_or_404(proposals_for(user).select_related("person", "result__run"), pk=proposal_id)


def check_propose(user: Any, org_code: str, person_id: int) -> None:
    """Who may propose and handle a proposal: those who keep the place's people, never about herself."""
    check(user, CHANGE_PEOPLE, org_code)
    if user.person_id == person_id:
        raise PermissionDenied("这是关于您本人的建议，由其他人办理。")


def check_confirm(user: Any, proposal: Proposal) -> None:
    """Who may confirm or revoke: whoever may publish; not the proposer, nor an account that one of the
    two lately opened for the other, nor the person herself."""
    if not can(user, PUBLISH_YEAR, proposal.org_code):
        raise PermissionDenied("处置建议由区级管理员确认或撤销。")
    if user.pk == proposal.by_id:
        raise PermissionDenied("这件建议是您拟议的，须由另一人确认。")
    refuse_handed(user, [proposal.by_id], who="拟议的人", otherwise="须由另一人确认。")
    if user.person_id == proposal.person_id:
        raise PermissionDenied("这是关于您本人的建议，由其他人办理。")


@rules.predicate
def can_read_claims(user: Any) -> bool:
    """Reads other people's claims somewhere."""
    return bool(codes_for(user, VIEW_CLAIMS))


rules.set_perm("rights.desk", can_read_claims)
