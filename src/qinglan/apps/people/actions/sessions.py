"""End sessions: one's own one by one or all others at once; all of an account's by whoever keeps it. What is over is swept away."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from qinglan.apps.audit.actions import record

from ..models import User
from ..permissions import check_keep_account
from ..queries.sessions import SignedIn, open_sessions
from .access import place_of
from .errors import ActionError


def _end(user: User, by: Any, rows: list[SignedIn]) -> int:
    with record("access.end_session", by=by, target=user, org_code=place_of(user)) as entry:
        Session.objects.filter(session_key__in=[one.key for one in rows]).delete()
        entry.after = {"结束的登录": [one.browser for one in rows]}
    return len(rows)


@transaction.atomic
def end_one(*, mark: str, by: User, current_key: str | None) -> int:
    """This will end one of one's own sessions; 0 when it is over already. Not the one in hand: that is what leaving is for."""
    rows = [one for one in open_sessions(by, current_key) if one.mark == mark]
    if any(one.current for one in rows):
        raise ActionError("这是您现在用的登录，请用右上角菜单里的“退出登录”。")
    return _end(by, by, rows) if rows else 0


@transaction.atomic
def end_others(*, by: User, current_key: str | None) -> int:
    """This will end all of one's own sessions but the one in hand; how many."""
    rows = [one for one in open_sessions(by, current_key) if not one.current]
    return _end(by, by, rows) if rows else 0


@transaction.atomic
def end_all(*, user: User, by: Any) -> int:
    """This will end every session of an account that `by` keeps; how many. Password and roles stay."""
    user = User.objects.select_for_update().get(pk=user.pk)
    check_keep_account(by, user)
    if by is not None and by.pk == user.pk:
        raise ActionError("自己的登录请在“登录设备”里结束。")
    rows = open_sessions(user)
    with record("roles.end_sessions", by=by, target=user, org_code=place_of(user)) as entry:
        user.session_epoch += 1  # also what is being opened at this moment
        user.save(update_fields=["session_epoch"])
        Session.objects.filter(session_key__in=[one.key for one in rows]).delete()
        entry.after = {"结束的登录": [one.browser for one in rows]}
    return len(rows)


def sweep() -> int:
    """This will delete the sessions that are over by their time; how many."""
    return Session.objects.filter(expire_date__lt=timezone.now()).delete()[0]
