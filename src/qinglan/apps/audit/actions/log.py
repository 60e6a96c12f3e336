"""Write the log. Each action of each app wraps its work in `record(...)`; each look at a sealed value calls `saw(...)`.

with record("postings.assign", by=by, target=person, org_code=organisation.code) as entry:
    posting = Posting.objects.create(...)
    entry.after = snapshot(posting)
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pghistory
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from qinglan.apps.base.models import Privacy, Sealed, class_of

from ..models import AccessRecord, AuditEvent

_ENCODER = DjangoJSONEncoder()


@dataclass
class Entry:
    """What the action adds to its log row before it ends: states as JSON-ready dicts, the target once it exists."""

    target: models.Model | None = None
    org_code: str = ""
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None


def plain(value: Any) -> Any:
    """A value as JSON keeps it: ranges as ["since", "until"], dates as text, sealed texts as dots."""
    if isinstance(value, DateRange):
        return [plain(value.lower), plain(value.upper)]
    if isinstance(value, Sealed):
        return str(value)
    if value is None or isinstance(value, str | int | bool | list | dict):
        return value
    return _ENCODER.default(value)


def snapshot(row: models.Model) -> dict[str, Any]:
    """The state of a row for the log. Sensitive fields are left out; of a sealed one the mark of its index remains,
    which shows that it changed but not to what."""
    state = {}
    for field in row._meta.concrete_fields:
        if class_of(type(row), field.name) < Privacy.SENSITIVE:
            state[field.name] = plain(getattr(row, field.attname))
        elif field.name.endswith("_index") and getattr(row, field.attname):
            state[field.name] = getattr(row, field.attname)[:8]
    return state


def _actor(by: Any) -> tuple[int | None, str]:
    if by is None:
        return None, "系统"
    return by.pk, by.get_full_name() or by.get_username()


def entry_row(
    action: str,
    *,
    by: Any,
    target: models.Model | None,
    org_code: str,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> AuditEvent:
    """An unsaved log row, for actions that write thousands at once (`AuditEvent.objects.bulk_create`)."""
    by_id, by_name = _actor(by)
    return AuditEvent(
        action=action,
        by_id=by_id,
        by_name=by_name,
        target_type=target._meta.label_lower if target is not None else "",
        target_key=str(target.pk) if target is not None else "",
        org_code=org_code,
        before=before,
        after=after,
    )


@contextlib.contextmanager
def record(
    action: str,
    *,
    by: Any,
    target: models.Model | None = None,
    org_code: str = "",
    before: dict[str, Any] | None = None,
) -> Iterator[Entry]:
    """This will write one log row when the work inside succeeds, in the same transaction, and sign the rows of history
    that triggers write meanwhile. `by` None = the system itself. Raises RuntimeError outside a transaction."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"{action}: an action that is recorded must be atomic")
    entry = Entry(target=target, org_code=org_code, before=before)
    by_id, _ = _actor(by)
    with pghistory.context(user=by_id, action=action):
        yield entry
    entry_row(action, by=by, target=entry.target, org_code=entry.org_code, before=entry.before, after=entry.after).save(
        force_insert=True
    )


def saw(*, by: Any, person_id: int, org_code: str, field: str, reason: str) -> AccessRecord:
    """This will record that `by` looked at a full sensitive value of a person. ValueError without a reason."""
    if not reason.strip():
        raise ValueError("查看完整信息须填写理由，例如“核对社保参保信息”。")
    by_name = _actor(by)[1]
    return AccessRecord.objects.create(
        by_id=by.pk, by_name=by_name, person_id=person_id, org_code=org_code, field=field, reason=reason.strip()
    )
