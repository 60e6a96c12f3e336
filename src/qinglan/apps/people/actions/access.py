"""A person's right to see what is held about her (PIPL art. 45): given out, and recorded."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from qinglan.apps.audit.actions import record, saw

from ..models import Person
from ..permissions import REVEAL, check
from ..queries.everything import Section, everything
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
