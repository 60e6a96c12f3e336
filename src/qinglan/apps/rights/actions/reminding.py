"""The daily round: terms that became known are set, those who owe an answer are reminded, overdue ones on every working day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from qinglan.apps.audit.actions import record
from qinglan.apps.notices import actions as notices
from qinglan.apps.people.models import User
from qinglan.apps.policy.queries.terms import NotInForce, Terms, terms_for
from qinglan.apps.rights.actions.claims import DISTRICT_DIGITS, set_terms
from qinglan.apps.rights.actions.telling import dispatchers
from qinglan.apps.rights.models import Claim
from qinglan.apps.rights.states import WAITING, ClaimMove

TERM_MOVES = (ClaimMove.FILE, ClaimMove.REVIEW)  # from which the terms run


def daily(*, today: date) -> int:
    """This will go through all claims that wait for an answer; each is told once a day at most. Returns how many were told."""
    waiting: defaultdict[str, list[Claim]] = defaultdict(list)
    for claim in Claim.objects.filter(state__in=WAITING).select_related("person", "assigned_to"):
        waiting[claim.org_code[:DISTRICT_DIGITS]].append(claim)
    return sum(_district(district, claims, today) for district, claims in sorted(waiting.items()))


@transaction.atomic
def _district(district: str, claims: Iterable[Claim], today: date) -> int:
    for claim in claims:
        if claim.due_on is None or claim.hearing_on is None:
            _settle(claim)
    try:
        terms = terms_for(district, today)
        soon = terms.remind_until()
    except (ValidationError, KeyError, NotInForce):
        return 0  # no pack or no calendar for the day: nothing is guessed
    return sum(_remind(claim, terms, today) for claim in claims if claim.due_on is not None and claim.due_on <= soon)


def _settle(claim: Claim) -> None:
    """The terms from the day they run, once the calendar is known."""
    began = claim.steps.filter(move__in=TERM_MOVES).order_by("pk").last()
    before = (claim.due_on, claim.hearing_on)
    set_terms(
        claim, claim.received_on if began is None or began.move == ClaimMove.FILE else timezone.localdate(began.at)
    )
    if before == (claim.due_on, claim.hearing_on):
        return
    with record("rights.claim.terms", by=None, target=claim, org_code=claim.org_code) as entry:
        claim.save(update_fields=["reply_days", "due_on", "hearing_on"])
        entry.after = {"due_on": str(claim.due_on), "hearing_on": str(claim.hearing_on)}


def _remind(claim: Claim, terms: Terms, today: date) -> int:
    due = claim.due_on
    assert due is not None  # asked for above
    users: Iterable[User] = [claim.assigned_to] if claim.assigned_to else dispatchers(claim)
    link = reverse("rights:claim", args=[claim.pk])
    if due >= today:
        text, key = f"诉求 {claim.number} 请在 {due.isoformat()} 前答复。", f"rights.due {claim.pk} {claim.level}"
    elif terms.working():
        text = f"诉求 {claim.number} 应在 {due.isoformat()} 前答复，已经逾期，请尽快办理。"
        key = f"rights.overdue {claim.pk} {claim.level} {today.isoformat()}"
    else:
        return 0
    return notices.tell(users=users, text=text, key=key, link=link)
