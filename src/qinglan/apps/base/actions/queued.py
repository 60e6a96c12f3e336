"""Work that waits for the background and tells how far it is: begun once, ended once with its word, or cancelled.

The row of such work has `state` (queued, running, done, failed and whatever `cancelled` names), `message` and `ended_at`. Work is not
one transaction: what is known is written down as it comes. A worker that dies leaves the row running; its job is taken up again
(base.tasks), and the work begins anew and must give the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from procrastinate.contrib.django import app as jobs

QUEUED, RUNNING, DONE, FAILED = "queued", "running", "done", "failed"
WAITING = (QUEUED, RUNNING)
Row = TypeVar("Row", bound=models.Model)


class Stopped(Exception):
    """Somebody cancelled it meanwhile: nobody waits for the rest."""


def name_of(by: Any) -> str:
    """Who it is, as a row keeps it; nobody is the system itself."""
    return (by.get_full_name() or by.get_username()) if by else "系统"


def _unexplained(error: Exception) -> str | None:
    return None


@dataclass(frozen=True)
class Queued(Generic[Row]):
    """One kind of such work. `action`: how the log calls it, with .begin, .finish, .fail and .cancel behind; `called`: how a sentence
    does; `task`, `argument`: the task that carries it out, and what it calls the row's number; `broken`: what is said when nobody
    foresaw what went wrong; `words`: the sentence for what was foreseen, else None; `logged`: fields that the log tells with the end;
    `record`: audit.actions.record, which lies above.
    """

    action: str
    called: str
    task: str
    argument: str
    broken: str
    record: Callable[..., AbstractContextManager[Any]]
    cancelled: str = "cancelled"
    words: Callable[[Exception], str | None] = _unexplained
    logged: tuple[str, ...] = ()

    def put(self, row: Row) -> None:
        """This will have it carried out in the background, within the transaction that made it."""
        jobs.configure_task(self.task, queueing_lock=f"{self.task} {row.pk}").defer(**{self.argument: row.pk})

    def begin(self, row: Row, by: Any) -> Row | None:
        """The row, which runs now; None when it has ended already. One that runs was begun by a worker that died."""
        with transaction.atomic():
            found = _locked(row)
            if found.state not in WAITING:
                return None
            if found.state == QUEUED:
                with self._record("begin", found, by):
                    found.state = RUNNING
                    found.save(update_fields=["state"])
            return found

    def tell(self, row: Row, **known: Any) -> None:
        """Write down how far it is and what is known so far. Stopped when somebody cancelled it meanwhile."""
        if not type(row)._default_manager.filter(pk=row.pk, state=RUNNING).update(**known):
            raise Stopped

    @contextmanager
    def ending(self, row: Row, by: Any) -> Iterator[dict[str, Any]]:
        """What is done inside is its work, and what it puts into the dict are fields that are kept with the end: afterwards the row is
        done; or it has failed, with what was wrong in words as its message; or it stays as it was cancelled."""
        found: dict[str, Any] = {}
        try:
            yield found
        except Stopped:
            return
        except Exception as error:
            said = self.words(error)
            self._end(row, by, FAILED, message=self.broken if said is None else said)
            if said is None:  # whoever waits for it is told; the job itself still ends as failed
                raise
        else:
            self._end(row, by, DONE, message="", **found)

    def _end(self, row: Row, by: Any, state: str, **found: Any) -> None:
        with transaction.atomic():
            ended = _locked(row)
            if ended.state != RUNNING:  # cancelled meanwhile
                return
            with self._record("finish" if state == DONE else "fail", ended, by) as entry:
                for name, value in {"state": state, "ended_at": timezone.now(), **found}.items():
                    setattr(ended, name, value)
                ended.save(update_fields=["state", "ended_at", *found])
                entry.after = {name: getattr(ended, name) for name in ("state", *self.logged)}

    def cancel(self, row: Row, by: Any) -> Row:
        """The row, which is stopped; what is known so far stays. ValidationError when it has ended."""
        with transaction.atomic():
            found = _locked(row)
            if found.state not in WAITING:
                raise ValidationError(f"{self.called}{found.get_state_display()}，不用再取消。")
            with self._record("cancel", found, by, before={"state": found.state}) as entry:
                found.state, found.ended_at = self.cancelled, timezone.now()
                found.message = f"已由{name_of(by)}取消。"
                found.save(update_fields=["state", "ended_at", "message"])
                entry.after = {"state": found.state}
            return found

    def _record(self, how: str, row: Any, by: Any, **more: Any) -> AbstractContextManager[Any]:
        return self.record(f"{self.action}.{how}", by=by, target=row, org_code=row.org_code, **more)


def _locked(row: Any) -> Any:
    return type(row)._default_manager.select_for_update(of=("self",)).get(pk=row.pk)
