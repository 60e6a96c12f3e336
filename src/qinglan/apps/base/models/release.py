"""What one person proposes and a second one releases, from a date: packs, cards, scenarios. One mechanism for all of them.

A model inherits `Releasable` and lists `release_triggers()`; its action locks the row, calls `advance`, logs and saves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import pgtrigger
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.db.models.functions import Now

from .privacy import Privacy

TOO_LONG = 500
Apart = Callable[
    [Any, Sequence[int | None]], None
]  # (who releases, the accounts from which it comes); raises PermissionDenied


class ReleaseState(models.TextChoices):
    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "待发布"
    RELEASED = "released", "已发布"
    WITHDRAWN = "withdrawn", "已撤回"


class ReleaseMove(models.TextChoices):
    SUBMIT = "submit", "提交"
    RETURN = "return", "退回"
    RELEASE = "release", "发布"
    WITHDRAW = "withdraw", "撤回"


S, M = ReleaseState, ReleaseMove
# Which move leads from which states to which.
RELEASE_STEPS: dict[ReleaseMove, tuple[tuple[ReleaseState, ...], ReleaseState]] = {
    M.SUBMIT: ((S.DRAFT,), S.SUBMITTED),
    M.RETURN: ((S.SUBMITTED,), S.DRAFT),
    M.RELEASE: ((S.SUBMITTED,), S.RELEASED),
    M.WITHDRAW: ((S.DRAFT, S.SUBMITTED), S.WITHDRAWN),
}
RELEASE_TRANSITIONS = [(source.value, target.value) for sources, target in RELEASE_STEPS.values() for source in sources]
_MOVED = ("state", "note", "submitted_by_id", "submitted_by_name", "submitted_at", "released_by_id", "released_by_name", "released_at")  # fmt: skip


class Releasable(models.Model):
    """A proposal with who made it, who submitted it and who released it, and from which day it holds."""

    privacy = {
        "state": Privacy.INTERNAL,
        "since": Privacy.PUBLIC,
        "note": Privacy.INTERNAL,
        "made_by_id": Privacy.INTERNAL,
        "made_by_name": Privacy.PERSONAL,
        "made_at": Privacy.INTERNAL,
        "submitted_by_id": Privacy.INTERNAL,
        "submitted_by_name": Privacy.PERSONAL,
        "submitted_at": Privacy.INTERNAL,
        "released_by_id": Privacy.INTERNAL,
        "released_by_name": Privacy.PERSONAL,
        "released_at": Privacy.INTERNAL,
    }

    state = models.CharField("状态", max_length=10, choices=ReleaseState, default=ReleaseState.DRAFT)
    since = models.DateField("自哪天起")
    note = models.CharField("说明", max_length=TOO_LONG, blank=True)
    made_by_id = models.BigIntegerField("拟稿账号", null=True)
    made_by_name = models.CharField("拟稿人", max_length=150)
    made_at = models.DateTimeField("拟稿时间", db_default=Now())
    submitted_by_id = models.BigIntegerField("提交账号", null=True)
    submitted_by_name = models.CharField("提交人", max_length=150, blank=True)
    submitted_at = models.DateTimeField("提交时间", null=True)
    released_by_id = models.BigIntegerField("发布账号", null=True)
    released_by_name = models.CharField("发布人", max_length=150, blank=True)
    released_at = models.DateTimeField("发布时间", null=True)

    class Meta:
        abstract = True

    def hands(self) -> tuple[int | None, ...]:
        """The accounts from which the proposal comes."""
        return self.made_by_id, self.submitted_by_id

    def advance(self, move: ReleaseMove, *, by: Any, at: datetime, apart: Apart, note: str = "") -> bool:
        """Make one move on the row (not saved). False when this person has made it already: the same answer twice.

        `apart` refuses who releases when she may be one of those from whom it comes after all (people.queries.handed.refuse_release).
        Raises PermissionDenied when who releases had a hand in it, ValidationError with a sentence when the state does not allow it.
        """
        sources, target = RELEASE_STEPS[move]
        note = note.strip()
        if len(note) > TOO_LONG:
            raise ValidationError(f"说明太长，请不超过 {TOO_LONG} 字。")
        if move == M.RETURN and not note:
            raise ValidationError("请写明退回的原因。")
        if self.state not in sources:
            made = {S.SUBMITTED: self.submitted_by_id, S.RELEASED: self.released_by_id}.get(S(self.state))
            if self.state == target and made is not None and made == by.pk:
                return False
            raise ValidationError(f"现在是「{self.get_state_display()}」，不能{move.label}；请刷新页面看看是谁办的。")
        if move in (M.RELEASE, M.RETURN) and by.pk in self.hands():
            raise PermissionDenied(f"这一份是您拟稿或提交的，须由另一人{move.label}。")
        if move == M.RELEASE:
            apart(by, self.hands())
        name = by.get_full_name() or by.get_username()
        if move == M.SUBMIT:
            self.submitted_by_id, self.submitted_by_name, self.submitted_at = by.pk, name, at
        elif move == M.RELEASE:
            self.released_by_id, self.released_by_name, self.released_at = by.pk, name, at
        self.state, self.note = target, note
        return True


def release_triggers(*also_changing: str) -> list[pgtrigger.Trigger]:
    """The triggers of a releasable model: no delete, nothing changes but the way it goes, and only along RELEASE_STEPS."""
    return [
        pgtrigger.Protect(name="keep", operation=pgtrigger.Delete),
        pgtrigger.ReadOnly(name="content", exclude=[*_MOVED, *also_changing]),
        pgtrigger.FSM(name="states", field="state", transitions=RELEASE_TRANSITIONS),
    ]
