"""Whether one person could be acting through both of two accounts: who opens an account or hands out its password knows how to
get in. Where two people must act, such a pair is none (ADR 0010)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.utils import timezone

from qinglan.apps.audit.models import AuditEvent

HANDED = timedelta(days=30)  # so long a password handed out by one of the two keeps the other from being the second


def handed_between(user: Any, others: Iterable[int | None]) -> bool:
    """Whether within HANDED `user` opened the account of one of `others` (ids) or handed out its password, or one of them hers."""
    ids = {one for one in others if one is not None}
    if user is None or not ids:
        return False
    keys = [str(one) for one in ids]
    return AuditEvent.objects.filter(
        Q(by_id=user.pk, target_key__in=keys) | Q(by_id__in=ids, target_key=str(user.pk)),
        action__in=("roles.open_account", "roles.hand_out_password"),
        target_type="people.user",
        at__gte=timezone.now() - HANDED,
    ).exists()


HANDED_RELEASE = f"您与拟稿或提交的人最近 {HANDED.days} 天内有一方给另一方开过账号或重设过密码，须由另一人发布。"


def refuse_release(user: Any, hands: Iterable[int | None]) -> None:
    """PermissionDenied when a password lately went between who releases and whom the proposal comes from (Releasable.advance)."""
    if handed_between(user, hands):
        raise PermissionDenied(HANDED_RELEASE)


def refuse_handed(user: Any, others: Iterable[int | None], *, who: str, otherwise: str) -> None:
    """PermissionDenied when a password lately went from one to the other: `who` names the others, `otherwise` says who may."""
    if handed_between(user, others):
        raise PermissionDenied(f"您与{who}最近 {HANDED.days} 天内有一方给另一方开过账号或重设过密码，{otherwise}")
