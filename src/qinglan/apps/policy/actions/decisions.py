"""People decide on a computed year: submit, return, sign, publish; and mark the rows they looked at (ADR 0008)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from qinglan.apps.audit.actions import record
from qinglan.apps.exchange.actions import webhooks
from qinglan.apps.exchange.models import Event
from qinglan.apps.people.permissions import SIGN_YEAR, check
from qinglan.apps.policy.actions import telling
from qinglan.apps.policy.models import ReviewItem, ReviewMark, Run, RunDecision
from qinglan.apps.policy.permissions import check_apart
from qinglan.apps.policy.queries import review
from qinglan.apps.policy.queries.verifying import verify
from qinglan.apps.policy.states import STEPS, Move, State

TOO_LONG = 500


def submit(*, run: Run, by: Any, note: str = "") -> Run:
    """This will hand a draft to the reviewers."""
    return _move(run, Move.SUBMIT, by, note)


def send_back(*, run: Run, by: Any, note: str) -> Run:
    """This will make a run a draft again, for the reason given."""
    return _move(run, Move.RETURN, by, note)


def sign(*, run: Run, by: Any, note: str = "") -> Run:
    """This will sign a reviewed run. Every row of the sample must be marked and in order, and the run must compute the same again."""
    return _move(run, Move.SIGN, by, note)


def publish(*, run: Run, by: Any, note: str = "") -> Run:
    """This will publish a signed run: workers read it, and the one published before becomes amended."""
    return _move(run, Move.PUBLISH, by, note)


@transaction.atomic
def _move(run: Run, move: Move, by: Any, note: str) -> Run:
    """The move, once: whoever asks again after it was made by herself gets the same answer. ValidationError says why not."""
    step = STEPS[move]
    check(by, step.needs, run.org_code)
    note = note.strip()
    if step.note_needed and not note:
        raise ValidationError("请写明退回的原因。")
    if len(note) > TOO_LONG:
        raise ValidationError(f"说明太长，请不超过 {TOO_LONG} 字。")
    run = Run.objects.select_for_update().get(pk=run.pk)
    if run.state not in step.sources:
        last = run.decisions.last()
        if last is not None and (last.move, last.by_id) == (move, by.pk):
            return run
        raise ValidationError(
            f"这次计算现在是「{run.get_state_display()}」，不能{move.label}；请刷新页面看看是谁办的。"
        )
    check_apart(by, run, move, review.round_of(run))
    if move == Move.SIGN:
        _check_signable(run)
    with record(f"policy.{move}", by=by, target=run, org_code=run.org_code, before={"state": run.state}) as entry:
        if move == Move.PUBLISH:
            published = Run.objects.filter(org_code=run.org_code, year=run.year, state=State.PUBLISHED)
            for one in published:
                webhooks.announce(
                    event=Event.RUN_AMENDED, org_code=run.org_code, run=one.pk, year=run.year, by_run=run.pk
                )
            published.update(state=State.AMENDED)
            webhooks.announce(event=Event.RUN_PUBLISHED, org_code=run.org_code, run=run.pk, year=run.year)
        made = RunDecision.objects.create(
            run=run, move=move, state_from=run.state, state_to=step.target, note=note, by_id=by.pk, by_name=_name(by)
        )
        if move == Move.SUBMIT:
            drawn = [ReviewItem(submission=made, result=row, reasons=reasons) for row, reasons in review.sample(run)]
            ReviewItem.objects.bulk_create(drawn, batch_size=1_000)
        run.state = step.target
        run.save(update_fields=["state"])
        entry.after = {"state": run.state, "note": note, "results": run.results_hash}
    telling.tell(run=run, decision=made)
    return run


def _name(by: Any) -> str:
    return by.get_full_name() or by.get_username()


def _check_signable(run: Run) -> None:
    left = review.unmarked(run)
    if left:
        raise ValidationError(f"复核名单里还有 {left} 人没有核对，或还有疑问；全部核对无误后才能签署。")
    found = verify(run)
    if found:
        raise ValidationError(f"重新计算与保存的结果不一致，不能签署：{found[0]}")


@transaction.atomic
def mark(*, run: Run, items: Sequence[int], fine: bool, comment: str, by: Any) -> int:
    """This will note on rows under review (ids of the run's items) that they were looked at: in order, or doubted with a comment.

    Returns how many; ids of other runs or earlier rounds are left alone.
    """
    check(by, SIGN_YEAR, run.org_code)
    comment = comment.strip()
    if not fine and not comment:
        raise ValidationError("有疑问的，请写明疑问。")
    if len(comment) > TOO_LONG:
        raise ValidationError(f"意见太长，请不超过 {TOO_LONG} 字。")
    run = Run.objects.select_for_update().get(pk=run.pk)
    if run.state != State.IN_REVIEW:
        raise ValidationError(f"这次计算现在是「{run.get_state_display()}」，只有审核中的才能写复核意见。")
    check_apart(by, run, Move.SIGN, review.round_of(run))
    with record("policy.mark", by=by, target=run, org_code=run.org_code) as entry:
        own = review.items(run).filter(pk__in=items).values_list("pk", flat=True)
        marks = [ReviewMark(item_id=item, fine=fine, comment=comment, by_id=by.pk, by_name=_name(by)) for item in own]
        ReviewMark.objects.bulk_create(marks)
        entry.after = {"people": len(marks), "fine": fine, "comment": comment}
    return len(marks)
