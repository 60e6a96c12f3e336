"""Ask for a study, answer it in the background, cancel it. What each kind does is in actions.kinds."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app as jobs

from qinglan.apps.audit.actions import record
from qinglan.apps.policy.models import Run
from qinglan.apps.policy.queries.rehearsing import NotInForce, PackError
from qinglan.apps.rehearsal import permissions
from qinglan.apps.rehearsal.actions.kinds import KINDS
from qinglan.apps.rehearsal.actions.kinds.shape import StudyProblem
from qinglan.apps.rehearsal.models import Study
from qinglan.apps.rehearsal.queries.places import too_few
from qinglan.apps.rehearsal.states import WAITING, Kind
from qinglan.core.twin.parameters import ParameterError
from qinglan.core.twin.scenario import ScenarioError
from qinglan.core.twin.year import TwinError

BROKEN = "计算时出了意外，没有算完。请再做一次；仍不行请告诉管理员。"


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
            made_by_id=getattr(by, "pk", None), made_by_name=_called(by),
        )  # fmt: skip
        entry.target = row
        entry.after = {"kind": kind.value, "name": name, "year": row.year}
    jobs.configure_task("rehearsal.study", queueing_lock=f"study {row.pk}").defer(study_id=row.pk)
    return row


def _called(by: Any) -> str:
    return (by.get_full_name() or by.get_username()) if by else "系统"


def answer(*, study: Study, by: Any) -> None:
    """This will answer a study that waits; whoever comes second finds it begun. What is wrong becomes its message.

    Not one transaction: what is known is written down as it comes. Begun anew after a worker died, it gives the same.
    """
    row = _begin(study, by)
    if row is None:
        return
    try:
        for step in KINDS[Kind(row.kind)].runner(row):
            known = {} if step.outcome is None else {"outcome": step.outcome}
            still = Study.objects.filter(pk=row.pk, state=Study.State.RUNNING)
            if not still.update(done=step.done, total=step.total, **known):
                return
    except PackError as error:
        return _end(row, by, "rehearsal.study.fail", "\n".join(f"{one.wrong}。{one.right}。" for one in error.problems))
    except (NotInForce, ParameterError, ScenarioError, StudyProblem, TwinError) as error:
        return _end(row, by, "rehearsal.study.fail", str(error))
    except Exception:
        _end(
            row, by, "rehearsal.study.fail", BROKEN
        )  # whoever waits for it is told; the job itself still ends as failed
        raise
    _end(row, by, "rehearsal.study.finish", "")


@transaction.atomic
def _begin(study: Study, by: Any) -> Study | None:
    row = Study.objects.select_for_update(of=("self",)).get(pk=study.pk)
    if row.state not in WAITING:
        return None
    if row.state == Study.State.QUEUED:
        with record("rehearsal.study.begin", by=by, target=row, org_code=row.org_code):
            row.state = Study.State.RUNNING
            row.save(update_fields=["state"])
    return row


@transaction.atomic
def _end(study: Study, by: Any, how: str, message: str) -> None:
    row = Study.objects.select_for_update(of=("self",)).get(pk=study.pk)
    if row.state != Study.State.RUNNING:
        return
    with record(how, by=by, target=row, org_code=row.org_code) as entry:
        row.state = Study.State.DONE if how == "rehearsal.study.finish" else Study.State.FAILED
        row.message, row.ended_at = message, timezone.now()
        row.save(update_fields=["state", "message", "ended_at"])
        entry.after = {"state": row.state}


@transaction.atomic
def cancel(*, study: Study, by: Any) -> Study:
    """This will stop a study that waits or runs; what is known so far stays. ValidationError when it has ended."""
    row = Study.objects.select_for_update(of=("self",)).get(pk=study.pk)
    if row.state not in WAITING:
        raise ValidationError(f"这项研究{row.get_state_display()}，不用再取消。")
    with record(
        "rehearsal.study.cancel", by=by, target=row, org_code=row.org_code, before={"state": row.state}
    ) as entry:
        row.state, row.ended_at = Study.State.CANCELLED, timezone.now()
        row.message = f"已由{_called(by)}取消。"
        row.save(update_fields=["state", "ended_at", "message"])
        entry.after = {"state": row.state}
    return row
