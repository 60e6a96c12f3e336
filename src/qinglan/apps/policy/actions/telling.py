"""Who is told of a decision on a run or a pack: those who may take the next step, the submitter of what came back, everybody
published; and who is reminded when the next step waits too long."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from qinglan.apps.base.models import ReleaseState
from qinglan.apps.notices import actions as notices
from qinglan.apps.notices.queries import holders
from qinglan.apps.people.models import User
from qinglan.apps.people.permissions import PUBLISH_YEAR, RELEASE_PACK, SIGN_YEAR
from qinglan.apps.policy.models import PackRelease, PersonResult, Run, RunDecision
from qinglan.apps.policy.states import Move, State

# The capability of the next step after a move.
NEXT = {Move.SUBMIT: SIGN_YEAR, Move.SIGN: PUBLISH_YEAR}
TEXTS = {
    Move.SUBMIT: "{year} 年度结果已由{by}提交审核，请复核名单，无误后签署。",
    Move.SIGN: "{year} 年度结果已由{by}签署，请核对后公布。",
    Move.RETURN: "{year} 年度结果被{by}退回，请看原因，改正后再提交。",
    Move.PUBLISH: "您 {year} 年度的结果已公布，每个数都可以看到怎样算出；对哪一步有异议，可以在那一步提出。",
}
AMENDED = "您 {year} 年度的结果已更正公布，请看与原来的不同；对哪一步有异议，可以在那一步提出。"


def tell(*, run: Run, decision: RunDecision) -> int:
    """This will tell the accounts that a decision concerns, once. Returns how many."""
    move = Move(decision.move)
    key = f"policy.decision {decision.pk}"
    text = TEXTS[move]
    if move == Move.PUBLISH:
        amends = Run.objects.filter(org_code=run.org_code, year=run.year, state=State.AMENDED).exists()
        text = AMENDED if amends else text
        return notices.tell_each(told=_people(run), text=text.format(year=run.year), key=key)
    if move == Move.RETURN:
        before = run.decisions.filter(move=Move.SUBMIT, pk__lt=decision.pk).last()
        users = User.objects.filter(pk=before.by_id) if before else User.objects.none()
    else:
        done = run.decisions.values("by_id")  # whoever made a step of the run does not make the next
        users = holders(NEXT[move], run.org_code, timezone.localdate()).exclude(pk__in=done)
    text = text.format(year=run.year, by=decision.by_name)
    return notices.tell(users=users, text=text, key=key, link=reverse("policy:run", args=[run.pk]))


def tell_of_release(*, row: PackRelease) -> int:
    """This will tell who may release a submitted pack, and its maker what became of it, once a move. Returns how many."""
    link = reverse("policy:release", args=[row.pk])
    name = f"政策包「{row.title}」{row.version}"
    texts = {
        ReleaseState.SUBMITTED: f"{name}已由{row.submitted_by_name}提交，请看过对本区的影响后发布。",
        ReleaseState.RELEASED: f"{name}已由{row.released_by_name}发布，自 {row.since} 起执行。",
        ReleaseState.DRAFT: f"{name}被退回，请看原因，改正后再提交。",
    }
    if row.state not in texts:
        return 0
    apart = _apart(row)
    if row.state == ReleaseState.SUBMITTED:
        users = holders(RELEASE_PACK, row.org_code, timezone.localdate()).exclude(pk__in=apart)
    else:
        users = User.objects.filter(pk__in=apart)
    key = f"policy.release {row.pk} {row.state} {row.submitted_at}"
    return notices.tell(users=users, text=texts[ReleaseState(row.state)], key=key, link=link)


def remind(*, today: date) -> int:
    """This will remind those who may take the next step of what has waited DECIDE_DAYS, and again as often. Returns how many."""
    told = 0
    for run in Run.objects.filter(state__in=(State.IN_REVIEW, State.SIGNED)).defer("exceptions"):
        decision = run.decisions.last()
        rounds = _rounds(decision.at, today) if decision else 0
        if decision is None or not rounds:
            continue
        done = run.decisions.values("by_id")
        users = holders(NEXT[Move(decision.move)], run.org_code, today).exclude(pk__in=done)
        text = f"{run.year} 年度结果{run.get_state_display()}已 {(today - timezone.localdate(decision.at)).days} 天，请办理下一步。"
        link = reverse("policy:run", args=[run.pk])
        told += notices.tell(users=users, text=text, key=f"policy.waiting {decision.pk} {rounds}", link=link)
    for row in PackRelease.objects.filter(state=ReleaseState.SUBMITTED):
        rounds = _rounds(row.submitted_at, today) if row.submitted_at else 0
        if rounds:
            users = holders(RELEASE_PACK, row.org_code, today).exclude(pk__in=_apart(row))
            text = f"政策包「{row.title}」{row.version}提交后还没有人发布，请看过影响后办理。"
            key = f"policy.release.waiting {row.pk} {row.submitted_at} {rounds}"
            told += notices.tell(users=users, text=text, key=key, link=reverse("policy:release", args=[row.pk]))
    return told


def _apart(row: PackRelease) -> list[int]:
    """The accounts that made and submitted it."""
    return [one for one in (row.made_by_id, row.submitted_by_id) if one is not None]


def _rounds(since: datetime, today: date) -> int:
    """How many times DECIDE_DAYS have passed."""
    return (today - timezone.localdate(since)).days // settings.DECIDE_DAYS


def _people(run: Run) -> Iterator[tuple[User, str]]:
    """(account, her result's page) of everybody in the run who has an account."""
    rows = PersonResult.objects.filter(run=run, person__user__is_active=True).select_related("person__user")
    for row in rows.only("pk", "person__user").iterator():
        yield row.person.user, reverse("policy:result", args=[row.pk])
