"""Ask for a study, answer it in the background, cancel it. What each kind does is in actions.kinds."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from qinglan.apps.audit.actions import record
from qinglan.apps.base.actions import name_of
from qinglan.apps.policy.models import Run
from qinglan.apps.rehearsal import permissions
from qinglan.apps.rehearsal.actions.going import STUDIES
from qinglan.apps.rehearsal.actions.kinds import KINDS
from qinglan.apps.rehearsal.models import Study
from qinglan.apps.rehearsal.queries.places import too_few
from qinglan.apps.rehearsal.states import Kind


@transaction.atomic
def make(*, kind: Kind, run: Run | None, place: str, name: str, inputs: dict[str, Any], by: Any) -> Study:
    """This will keep a question and have it answered in the background. ValidationError with every sentence."""
    if not permissions.may_rehearse(by, place):
        raise PermissionDenied("专题研究由区级管理员办理。")
    if run is not None and not (place.startswith(run.org_code) and permissions.may_rehearse(by, run.org_code)):
        raise ValidationError("研究的范围须在所选年度的区内。")
    if KINDS[kind].needs_run:
        if run is None:
            raise ValidationError("请选从哪一年的年末起。")
        if problems := too_few(run, place):
            raise ValidationError(problems)
    with record("rehearsal.study.make", by=by, org_code=place) as entry:
        row = Study.objects.create(
            kind=kind, org_code=place, run=run, year=None if run is None else run.year, name=name, inputs=inputs,
            made_by_id=getattr(by, "pk", None), made_by_name=name_of(by),
        )  # fmt: skip
        entry.target = row
        entry.after = {"kind": kind.value, "name": name, "year": row.year}
    STUDIES.put(row)
    return row


def answer(*, study: Study, by: Any) -> None:
    """This will answer a study that waits; whoever comes second finds it begun. What is wrong becomes its message.

    Not one transaction: what is known is written down as it comes. Begun anew after a worker died, it gives the same.
    """
    row = STUDIES.begin(study, by)
    if row is None:
        return
    with STUDIES.ending(row, by):
        for step in KINDS[Kind(row.kind)].runner(row):
            known = {} if step.outcome is None else {"outcome": step.outcome}
            STUDIES.tell(row, done=step.done, total=step.total, **known)


def cancel(*, study: Study, by: Any) -> Study:
    """This will stop a study that waits or runs; what is known so far stays. ValidationError when it has ended."""
    return STUDIES.cancel(study, by)
