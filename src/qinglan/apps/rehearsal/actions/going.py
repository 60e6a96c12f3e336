"""How what waits for the background goes, rehearsals and studies alike: begun once, ended once with its word, or cancelled."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from qinglan.apps.audit.actions import record
from qinglan.apps.policy.queries.rehearsing import NotInForce, PackError
from qinglan.apps.rehearsal.actions.kinds.shape import StudyProblem
from qinglan.apps.rehearsal.models import Rehearsal, Study
from qinglan.apps.rehearsal.states import WAITING, State
from qinglan.core.twin.parameters import ParameterError
from qinglan.core.twin.scenario import ScenarioError
from qinglan.core.twin.year import TwinError

Going = TypeVar("Going", Rehearsal, Study)
BROKEN = "计算时出了意外，没有算完。请再做一次；仍不行请告诉管理员。"
_ACTIONS = {Rehearsal: "rehearsal", Study: "rehearsal.study"}
_CALLED = {Rehearsal: "这次推演", Study: "这项研究"}


def name_of(by: Any) -> str:
    """Who it is, as a row keeps it; nobody is the system itself."""
    return (by.get_full_name() or by.get_username()) if by else "系统"


def _locked(row: Going) -> Going:
    return type(row).objects.select_for_update(of=("self",)).get(pk=row.pk)


@transaction.atomic
def begin(row: Going, by: Any) -> Going | None:
    """The row, which runs now; None when it has ended already. One that runs was begun by a worker that died."""
    row = _locked(row)
    if row.state not in WAITING:
        return None
    if row.state == State.QUEUED:
        with record(f"{_ACTIONS[type(row)]}.begin", by=by, target=row, org_code=row.org_code):
            row.state = State.RUNNING
            row.save(update_fields=["state"])
    return row


@contextmanager
def ending(row: Going, by: Any) -> Iterator[None]:
    """What is done inside is its work: afterwards the row is done; or it has failed, with what was wrong in words as its message."""
    try:
        yield
    except PackError as error:
        _end(row, by, "\n".join(f"{one.wrong}。{one.right}。" for one in error.problems))
    except (NotInForce, ParameterError, ScenarioError, StudyProblem, TwinError) as error:
        _end(row, by, str(error))
    except Exception:
        _end(row, by, BROKEN)  # whoever waits for it is told; the job itself still ends as failed
        raise
    else:
        _end(row, by, None)


@transaction.atomic
def _end(row: Going, by: Any, problem: str | None) -> None:
    row = _locked(row)
    if row.state != State.RUNNING:  # cancelled meanwhile
        return
    how = "finish" if problem is None else "fail"
    with record(f"{_ACTIONS[type(row)]}.{how}", by=by, target=row, org_code=row.org_code) as entry:
        row.state = State.DONE if problem is None else State.FAILED
        row.message, row.ended_at = problem or "", timezone.now()
        row.save(update_fields=["state", "message", "ended_at"])
        entry.after = {"state": row.state}
        if isinstance(row, Rehearsal):
            entry.after["key"] = row.key


@transaction.atomic
def cancel(row: Going, by: Any) -> Going:
    """The row, which is stopped; what is known so far stays. ValidationError when it has ended."""
    row = _locked(row)
    if row.state not in WAITING:
        raise ValidationError(f"{_CALLED[type(row)]}{row.get_state_display()}，不用再取消。")
    action, before = f"{_ACTIONS[type(row)]}.cancel", {"state": row.state}
    with record(action, by=by, target=row, org_code=row.org_code, before=before) as entry:
        row.state, row.ended_at = State.CANCELLED, timezone.now()
        row.message = f"已由{name_of(by)}取消。"
        row.save(update_fields=["state", "ended_at", "message"])
        entry.after = {"state": row.state}
    return row
