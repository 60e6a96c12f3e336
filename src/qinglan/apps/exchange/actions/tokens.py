"""Make, revoke and take tokens. The secret is shown once and kept as its hash alone."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now

from qinglan.apps.audit.actions import record, snapshot
from qinglan.apps.exchange.models import Scope, Token, TokenUse
from qinglan.apps.exchange.permissions import check_place
from qinglan.apps.people.actions import ActionError
from qinglan.apps.people.models import User
from qinglan.apps.people.permissions import check_keep_account, limit

SHAPE = re.compile(r"ql_([0-9a-f]{8})_([A-Za-z0-9_-]{43})")
LONGEST_DAYS = 366
MOST_TOKENS = 20  # in force at a time, of one account


def _digest(secret: str) -> str:
    """256 random bits need no slow hash; the algorithm stands beside, so that another can follow."""
    return f"sha256:{hashlib.sha256(secret.encode()).hexdigest()}"


@transaction.atomic
def make(
    *, name: str, scopes: Sequence[str], org_code: str, expires_on: date, today: date, by: User
) -> tuple[Token, str]:
    """This will make a token of the account `by` and return it with its secret, which nobody can read again.

    ActionError for an unknown scope, a place outside her roles, a day that is past or more than a year away.
    """
    User.objects.select_for_update().get(pk=by.pk)  # two at once would both find room for one more
    check_place(by, org_code)
    name = name.strip()
    wanted = [scope for scope in Scope.values if scope in set(scopes)]
    if not name:
        raise ActionError("请写明这个令牌给哪个系统用。", "name")
    if not wanted or set(scopes) - set(wanted):
        raise ActionError("请选择令牌可以做的事。", "scopes")
    if not today <= expires_on <= today + timedelta(days=LONGEST_DAYS):
        raise ActionError("有效期须从今天起，最长一年；到期前请换新的令牌。", "expires_on")
    if Token.objects.filter(user=by).in_force(today).count() >= MOST_TOKENS:
        raise ActionError(f"一个账号最多有 {MOST_TOKENS} 个有效的令牌，请先停用不用的。")
    prefix, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
    with record("tokens.make", by=by, org_code=org_code) as entry:
        token = Token.objects.create(
            user=by, name=name, prefix=prefix, digest=_digest(secret), scopes=wanted, org_code=org_code,
            expires_on=expires_on,
        )  # fmt: skip
        entry.target, entry.after = token, snapshot(token)
    return token, f"ql_{prefix}_{secret}"


@transaction.atomic
def revoke(*, token: Token, by: Any) -> Token:
    """This will shut a token for ever: its owner, or who keeps her account. Revoking it again changes nothing."""
    token = Token.objects.select_for_update().select_related("user").get(pk=token.pk)
    if by is not None and token.user_id != by.pk:
        check_keep_account(by, token.user)
    if token.revoked_at is None:
        with record("tokens.revoke", by=by, target=token, org_code=token.org_code, before=snapshot(token)) as entry:
            token.revoked_at = Now()
            token.save(update_fields=["revoked_at"])
            token.refresh_from_db()
            entry.after = snapshot(token)
    return token


def owner_of(*, presented: str, today: date) -> tuple[Token, User] | None:
    """The token that was shown and its owner's account, narrowed to the token's place; None when it opens nothing.

    A token stops with its account, at its last day, and while the account's password is one that somebody else handed out.
    """
    shape = SHAPE.fullmatch(presented)
    if shape is None:
        return None
    token = Token.objects.in_force(today).select_related("user").filter(prefix=shape[1]).first()
    if token is None or not hmac.compare_digest(token.digest, _digest(shape[2])):
        return None
    user = token.user
    if user.password_temporary:
        return None
    limit(user, token.org_code)
    return token, user


# One statement, so that calls at the same moment in several processes are all counted.
_COUNT = f"""
INSERT INTO {TokenUse._meta.db_table} AS t (token_id, last_used_at, minute, calls)
VALUES (%s, clock_timestamp(), date_trunc('minute', clock_timestamp()), 1)
ON CONFLICT (token_id) DO UPDATE SET last_used_at = excluded.last_used_at, minute = excluded.minute,
    calls = CASE WHEN t.minute = excluded.minute THEN least(t.calls + 1, 1000000) ELSE 1 END
RETURNING calls, 60 - extract(second FROM clock_timestamp())::int
"""


def count_call(*, token: Token) -> int:
    """This will count a call of the token; returns the seconds to wait when there were too many this minute, else 0."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [token.pk])
        calls, left = cursor.fetchone()
    return max(1, left) if calls > settings.API_CALLS_A_MINUTE else 0
