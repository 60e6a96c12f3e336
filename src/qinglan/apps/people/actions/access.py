"""Who came in and who was turned away at the door; a person's right to see what is held about her (PIPL art. 45)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from qinglan.apps.audit.actions import record, saw

from ..models import Person, RoleGrant, User
from ..permissions import REVEAL, check
from ..queries.everything import Section, everything
from ..queries.sessions import METHODS
from .errors import ActionError


@transaction.atomic
def everything_about(*, person: Person, by: Any, reason: str = "") -> list[Section]:
    """This will give all that is held about a person, to herself or to an officer who may see full numbers and says why."""
    own = by.person_id == person.pk
    if not own:
        check(by, REVEAL, person.org_code)
        if not reason.strip():
            raise ActionError("代本人导出须填写理由，例如“本人书面申请”。", "reason")
        for field in ("id_number", "phone"):
            saw(by=by, person_id=person.pk, org_code=person.org_code, field=field, reason=reason)
    elif not by.is_active:
        raise PermissionDenied
    with record("access.export", by=by, target=person, org_code=person.org_code) as entry:
        entry.after = {"代为导出": not own, "理由": reason.strip()}
    return everything(person)


def place_of(user: User) -> str:
    """Where the log files an account's comings: its person's place, else its widest role."""
    if user.person is not None:
        return user.person.org_code
    codes = RoleGrant.objects.filter(user=user).order_by("org_code").values_list("org_code", flat=True)
    return codes.first() or ""


@transaction.atomic
def signed_in(*, user: User, methods: list[str]) -> None:
    """This will record that somebody came in, and by what (password, mfa), in words."""
    with record("access.login", by=user, target=user, org_code=place_of(user)) as entry:
        entry.after = {"方式": [METHODS.get(one, one) for one in methods]}


@transaction.atomic
def turned_away(*, username: str) -> None:
    """This will record a wrong password. A name that no account has is not kept: people type passwords there. The door itself
    counts failures and shuts, so that the log cannot be filled this way."""
    user = User.objects.filter(username=username).first()
    place = place_of(user) if user is not None else ""
    with record("access.login_failed", by=None, target=user, org_code=place) as entry:
        entry.after = {"账号": username if user is not None else "（没有这个账号）"}
