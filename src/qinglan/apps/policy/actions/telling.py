"""Who is told of a decision on a run: those who may take the next step, the submitter of what came back, everybody published."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils import timezone

from qinglan.apps.notices import actions as notices
from qinglan.apps.notices.queries import holders
from qinglan.apps.people.models import User
from qinglan.apps.people.permissions import PUBLISH_YEAR, SIGN_YEAR
from qinglan.apps.policy.models import PersonResult, Run, RunDecision
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


def _people(run: Run) -> Iterator[tuple[User, str]]:
    """(account, her result's page) of everybody in the run who has an account."""
    rows = PersonResult.objects.filter(run=run, person__user__is_active=True).select_related("person__user")
    for row in rows.only("pk", "person__user").iterator():
        yield row.person.user, reverse("policy:result", args=[row.pk])
