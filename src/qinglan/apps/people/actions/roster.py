"""Take a whole roster into the register: thousands of people in one transaction, as often as one likes.

`queries.roster.plan` is the dry run; `apply` carries out the same plan. The second time nothing changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db import IntegrityError, connection, models, transaction

from qinglan.apps.audit.actions import entry_row, record
from qinglan.apps.audit.models import AuditEvent

from ..models import Certificate, Employment, Person, Posting
from ..queries.roster import Plan, RowPlan, plan
from .errors import ActionError

__all__ = ["Plan", "RowPlan", "apply", "plan"]

_BATCH = 1000
# People before what hangs on them; in each table old rows are closed before new ones open.
_ORDER: tuple[type[models.Model], ...] = (Person, Employment, Posting, Certificate)


@transaction.atomic
def apply(*, rows: Iterable[tuple[Any, Mapping[str, Any]]], district: str, on: date, by: Any, source: str) -> Plan:
    """This will load roster rows into `district` as of `on`, and say of each row what became of it.

    Refused rows are left out, the others loaded together; see `plan` for keys and reasons. ActionError when the database
    refuses the whole (then nothing is loaded).
    """
    with record("roster.apply", by=by, org_code=district) as entry:
        with connection.cursor() as cursor:  # one roster of a district at a time
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"people.roster {district}"])
        result = plan(rows=rows, district=district, on=on, by=by, lock=True)
        try:
            with transaction.atomic():
                _write(result, source)
        except IntegrityError as error:
            raise ActionError(f"名册与已有记录冲突，没有载入任何数据：{error.__cause__}") from error
        AuditEvent.objects.bulk_create(
            (
                entry_row(
                    "roster.apply",
                    by=by,
                    target=row.person,
                    org_code=row.person.org_code,
                    after={"outcome": row.outcome, "diffs": row.diffs, "source": source},
                )
                for row in result.rows
                if row.person is not None and row.outcome in ("added", "changed")
            ),
            batch_size=_BATCH,
        )
        entry.after = {**result.counts(), "source": source, "on": str(on)}
    return result


def _write(result: Plan, source: str) -> None:
    for model in _ORDER:
        columns: dict[str, list[models.Model]] = {c: rows for (m, c), rows in result.updates.items() if m is model}
        changed = {row.pk: row for rows in columns.values() for row in rows}
        if changed:
            model._default_manager.bulk_update(changed.values(), sorted(columns), batch_size=_BATCH)
        fresh = [row for row in result.inserts if type(row) is model]
        for row in fresh:
            if isinstance(row, Posting):
                row.source = source[:200]
            if not isinstance(row, Person):
                row.person_id = row.person.pk  # type: ignore[attr-defined]  # known since the people were written
        model._default_manager.bulk_create(fresh, batch_size=_BATCH)
