"""A program that works actions in processes of their own and kills them (-9) at a chosen step; driven line by line through JSON.

    python -m tests.unit.killing        # {"database": …, "work": "publish", "at": 7, "when": "before"} → {"killed": true, "steps": 7}

A step is one statement sent to the database (COPY too) or one COMMIT, counted in the action alone, not in what it is called with.
`when`: "before" the step is sent; "sent": a COMMIT is sent and its answer not waited for; "after" its answer came. Every work is
forked, so that it has Django ready at once; the parent itself never opens a connection.
"""

import io
import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Any

import openpyxl
import psycopg
from django.core.management import call_command
from django.db import connection
from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.backends.utils import CursorWrapper
from procrastinate.exceptions import AlreadyEnqueued

from qinglan import server
from qinglan.commands.start import set_up_django

set_up_django("owner")
server.join()

from django.utils import timezone  # noqa: E402  (models need Django set up)
from tests.factories import deciders  # noqa: E402
from tests.unit.facts import workbooks  # noqa: E402
from tests.unit.policy.test_policy_years import DISTRICT, settle  # noqa: E402

from qinglan.apps.assistant.actions import evaluating  # noqa: E402
from qinglan.apps.base.models import span  # noqa: E402
from qinglan.apps.facts.actions import imports, recording  # noqa: E402
from qinglan.apps.facts.models import ImportBatch  # noqa: E402
from qinglan.apps.pay import actions as pay  # noqa: E402
from qinglan.apps.pay.models import PayMonth  # noqa: E402
from qinglan.apps.people.models import (  # noqa: E402
    Employment,
    GradeHolding,
    Person,
    Posting,
    Role,
    RoleGrant,
    User,
)
from qinglan.apps.policy.actions import decisions, years  # noqa: E402
from qinglan.apps.policy.models import PersonResult, Run, RunInput, UnitResult  # noqa: E402
from qinglan.apps.policy.queries import review  # noqa: E402
from qinglan.core.retrieval.evaluating import Question as Asked  # noqa: E402

Work = Callable[[], Any]


# --- what is worked: each function looks up what the action needs and gives the action ---


def fill() -> Work:
    """A signed year, an open month of pay, an account for a worker to be told, and four files that wait for their word."""

    def work() -> None:
        settle()
        own = Person.objects.filter(org_code__startswith=DISTRICT).order_by("pk").last()
        User.objects.create(username="own", person=own, email="own@example.invalid")
        preparer, reviewer, _ = deciders(DISTRICT)
        run = decisions.submit(run=years.compute(district=DISTRICT, year=2025, by=None), by=preparer)
        items = list(review.items(run).values_list("pk", flat=True))
        decisions.mark(run=run, items=items, fine=True, comment="", by=reviewer)
        decisions.sign(run=run, by=reviewer)
        finance = User.objects.create(username="finance", last_name="财务")
        RoleGrant.objects.create(user=finance, role=Role.FINANCE, org_code=DISTRICT, span=span(date(2020, 1, 1)))
        pay.compute(district=DISTRICT, year=2025, month=1, by=preparer)
        workbooks.organisations()
        workbooks.register()
        for kind in ("exams", "roster"):
            workbooks.submit(kind, first_rows(kind), name=f"{kind}.xlsx")
        waiting = workbooks.submit("awards", first_rows("awards"), name="waiting.xlsx")
        ImportBatch.objects.filter(pk=waiting.pk).update(state=ImportBatch.State.READING, report={})
        imports.jobs.configure_task("facts.check_import", queueing_lock=f"import {waiting.pk}").defer(
            batch_id=waiting.pk
        )

    return work


def first_rows(kind: str, upto: int = 14) -> bytes:
    """The first rows of a kept workbook."""
    book = openpyxl.load_workbook(workbooks.DATA / (workbooks.ROSTER if kind == "roster" else f"facts-{kind}.xlsx"))
    for sheet in book.worksheets:
        sheet.delete_rows(upto, sheet.max_row)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def publish() -> Work:
    run = Run.objects.get(org_code=DISTRICT)
    by = deciders(DISTRICT)[2]
    return lambda: decisions.publish(run=run, by=by)


def decide() -> Work:
    """What `fill` prepared, published; and the month closed."""
    first, second = publish(), close_month()
    return lambda: (first(), second())


def many() -> Work:
    """A decided year of 2,000 people, copied until 100,000 decisions are stored."""

    def work() -> None:
        settle_many(2_000)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # what the server does of itself a minute after so many rows came
        run = years.compute(district=DISTRICT, year=2025, by=None)
        with connection.cursor() as cursor:
            for _ in range(100_000 // run.people + 1):
                copy_run(cursor, run)

    return work


def settle_many(people: int) -> None:
    """`settle`, and so many more people with grades and scores at its communities."""
    settle()
    codes = ("990101001001", "990101001002")
    rows = [
        Person(org_code=codes[at % 2], name="合成人员", sex="female", birth=date(1970 + at % 30, 1 + at % 12, 1 + at % 28), synthetic=True)
        for at in range(people)
    ]  # fmt: skip
    made = Person.objects.bulk_create(rows)
    since = span(date(2015, 1, 1))
    Employment.objects.bulk_create(Employment(person=one, org_code=DISTRICT, span=since) for one in made)
    Posting.objects.bulk_create(Posting(person=one, org_code=one.org_code, kind="worker", span=since) for one in made)
    GradeHolding.objects.bulk_create(
        GradeHolding(person=one, ladder="五级九档", grade=1 + at % 9, span=since) for at, one in enumerate(made)
    )
    facts = [
        {
            "person_id": one.pk, "org_code": one.org_code, "valid_on": date(2025, 12, 10), "recorder": "测试", "evidence": "测试",
            "source": source, "score": 6_000 + (at * 37 + source * 11) % 4_000, "ballots": 60, "favourable": None,
        }
        for at, one in enumerate(made)
        for source in (1, 2, 3, 4)
    ]  # fmt: skip
    recording.record_many(kind="scores", rows=facts, by=None, org_code=DISTRICT)


def copy_run(cursor: Any, run: Run) -> None:
    """The run once more, decided and amended since, row by row in the database."""

    def copy(model: Any, key: str, value: Any, **other: Any) -> Any:
        fields = [one.column for one in model._meta.concrete_fields if one.column != "id"]
        chosen = ", ".join(f"%({name})s" if name in other else name for name in fields)
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} ({', '.join(fields)}) SELECT {chosen} FROM {model._meta.db_table}"
            f" WHERE {key} = %(key)s RETURNING id",
            {"key": value, **other},
        )
        return cursor.fetchone()[0]

    made = copy(Run, "id", run.pk, state="amended")
    for model in (RunInput, PersonResult, UnitResult):
        copy(model, "run_id", run.pk, run_id=made)


def compute_month() -> Work:
    by = deciders(DISTRICT)[0]
    return lambda: pay.compute(district=DISTRICT, year=2025, month=1, by=by)


def close_month() -> Work:
    month = PayMonth.objects.get(org_code=DISTRICT, state__in=("open", "closed"))
    by = User.objects.get(username="finance")
    return lambda: pay.close(month=month, by=by)


def submit_file() -> Work:
    data = first_rows("training")
    return lambda: workbooks.submit("training", data, name="new.xlsx")


def import_facts() -> Work:
    return lambda: _apply("exams")


def import_roster() -> Work:
    return lambda: _apply("roster")


def _apply(kind: str) -> None:
    batch = ImportBatch.objects.get(kind=kind)
    if batch.state != ImportBatch.State.APPLIED:  # the page no longer offers it then
        imports.apply(batch=batch, today=workbooks.TODAY, by=None)


def jobs(queues: str = "imports") -> Work:
    """The worker of background jobs, until no job of these queues is left."""
    timezone.localdate = lambda *_: workbooks.TODAY  # type: ignore[assignment]
    return lambda: call_command("procrastinate", "worker", "--one-shot", "--queues", queues, verbosity=0)


def ask_evaluation() -> Work:
    """A few questions that wait to be asked in the background."""
    questions = [Asked("低保怎么申请", "25"), Asked("明天天气怎么样", "拒答"), Asked("高龄津贴怎么领", "35")]
    evaluating.BETWEEN = -1.0  # how far it is is told after each
    return lambda: evaluating.make(district=DISTRICT, name="三题", questions=questions, by=None)


def evaluations() -> Work:
    """The worker of the assistant's jobs."""
    evaluating.BETWEEN = -1.0
    return lambda: call_command("procrastinate", "worker", "--one-shot", "--queues", "assistant", verbosity=0)


def evaluations_again() -> Work:
    """The same as it starts again."""
    with suppress(AlreadyEnqueued):
        imports.jobs.configure_task("base.take_up").defer(timestamp=0)
    return lambda: call_command("procrastinate", "worker", "--one-shot", "--queues", "base,assistant", verbosity=0)


def jobs_again() -> Work:
    """The worker as it starts again, with the round that its first minute brings."""
    with suppress(AlreadyEnqueued):  # by the worker that was killed, for its own first minute
        imports.jobs.configure_task("base.take_up").defer(timestamp=0)
    return jobs("base,imports")


WORKS = {one.__name__: one for one in (
    fill, decide, many, publish, compute_month, close_month, submit_file, import_facts, import_roster, jobs, jobs_again,
    ask_evaluation, evaluations, evaluations_again)}  # fmt: skip


# --- steps and kills ---


class Steps:
    """Counts what is sent to the database and kills this process at the step asked for."""

    def __init__(self, at: int, when: str) -> None:
        self.at, self.when = at, when
        self.done = 0
        self.commits: list[int] = []

    def step(self) -> bool:
        """Counts one; tells whether it is the one asked for."""
        self.done += 1
        if self.done == self.at and self.when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        return self.done == self.at

    def watch(self) -> None:
        """Every statement, COPY and COMMIT of every Django connection of this process from now on."""
        execute, many, commit, copy = (
            CursorWrapper.execute, CursorWrapper.executemany, DatabaseWrapper._commit, psycopg.Cursor.copy,
        )  # fmt: skip

        def executing(cursor: Any, *args: Any, **kwargs: Any) -> Any:
            self.step()
            return execute(cursor, *args, **kwargs)

        def executing_many(cursor: Any, *args: Any, **kwargs: Any) -> Any:
            self.step()
            return many(cursor, *args, **kwargs)

        def copying(cursor: Any, *args: Any, **kwargs: Any) -> Any:
            self.step()
            return copy(cursor, *args, **kwargs)

        def committing(wrapper: Any) -> None:
            chosen = self.step()
            self.commits.append(self.done)
            if chosen and self.when == "sent":
                wrapper.connection.pgconn.send_query(b"COMMIT")
                wrapper.connection.pgconn.flush()
                os.kill(os.getpid(), signal.SIGKILL)
            commit(wrapper)
            if chosen and self.when == "after":
                os.kill(os.getpid(), signal.SIGKILL)

        CursorWrapper.execute, CursorWrapper.executemany = executing, executing_many  # type: ignore[method-assign]
        DatabaseWrapper._commit, psycopg.Cursor.copy = committing, copying  # type: ignore[method-assign]


def worked(order: dict[str, Any]) -> dict[str, Any]:
    """In this process: the work on its database, watched."""
    steps = Steps(order.get("at", 0), order.get("when", "before"))
    try:
        work = WORKS[order["work"]]()
        steps.watch()
        work()
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}", "steps": steps.done}
    return {"steps": steps.done, "commits": steps.commits}


def forked(order: dict[str, Any]) -> dict[str, Any]:
    """The work in a child; what it said, or that it was killed."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        connection.settings_dict["NAME"] = order["database"]
        os.write(writing, json.dumps(worked(order)).encode())
        connection.close()
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as said:
        text = said.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return {"killed": os.WTERMSIG(status) == signal.SIGKILL}
    return {"killed": False, **json.loads(text)}


def main() -> None:
    for line in sys.stdin:
        sys.stdout.write(json.dumps(forked(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
