"""A background job whose worker is killed -9 at any step goes on by itself once a worker runs again, and is done once."""

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from tests.unit.server_house import until
from tests.unit.test_kill_actions import ROOT, Workshop

pytestmark = pytest.mark.django_db
BATCH = "SELECT state FROM facts_importbatch WHERE filename = 'waiting.xlsx'"
JOB = "SELECT status FROM procrastinate_jobs WHERE task_name = 'facts.check_import'"
CHECKS = "SELECT count(*) FROM audit_auditevent WHERE action = 'facts.import.check'"
A_MINUTE_LATER = "UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '1 minute' RETURNING id"


@pytest.fixture(scope="module")
def workshop(django_db_setup: None, django_db_blocker: Any) -> Iterator[Workshop]:
    with django_db_blocker.unblock():
        connection.close()
        shop = Workshop(str(connection.settings_dict["NAME"]))
        yield shop
        shop.close()


@pytest.fixture(scope="module")
def steps(workshop: Workshop) -> int:
    """Statements and COMMITs of the job, undisturbed."""
    database = workshop.copy(workshop.base)
    said = workshop.work(database, "jobs")
    assert "error" not in said, said
    assert (workshop.one(database, BATCH), workshop.one(database, JOB)) == ("tried", "succeeded")
    workshop.drop(database)
    found: int = said["steps"]
    return found


def killed(workshop: Workshop, at: int, when: str) -> str:
    """A database in which the worker was killed in the job, a minute later."""
    database = workshop.copy(workshop.base)
    assert workshop.work(database, "jobs", at, when)["killed"]
    workshop.content(database)  # once nobody is in it
    assert workshop.one(database, JOB) == "doing"
    assert workshop.one(database, A_MINUTE_LATER)
    return database


def goes_on(workshop: Workshop, at: int, when: str) -> None:
    database = killed(workshop, at, when)
    assert workshop.one(database, BATCH) in (("tried", "reading") if when == "after" else ("reading",))
    said = workshop.work(database, "jobs_again")
    assert "error" not in said, said
    assert (workshop.one(database, BATCH), workshop.one(database, JOB)) == ("tried", "succeeded"), (at, when)
    assert workshop.one(database, CHECKS) == 1, "done once"
    workshop.drop(database)


@pytest.mark.parametrize(
    ("part", "when"),
    [
        pytest.param(0, "before", marks=pytest.mark.slow),
        (1, "before"),
        pytest.param(2, "before", marks=pytest.mark.slow),
        (2, "after"),
    ],
)
def test_a_killed_job_goes_on_after_the_restart(workshop: Workshop, steps: int, part: int, when: str) -> None:
    """At its first, a middle and its last step, and after that was answered."""
    goes_on(workshop, max(1, steps * part // 2), when)


@pytest.mark.slow
def test_a_job_killed_at_every_step_goes_on(workshop: Workshop, steps: int) -> None:
    sys.stderr.write(f"\ncheck_import: {steps} steps, each killed at once\n")
    for at in range(1, steps + 1):
        goes_on(workshop, at, "before")


def test_without_the_round_a_killed_job_stays_where_it_was(workshop: Workshop, steps: int) -> None:
    """The control: a worker alone does not touch what another was doing."""
    database = killed(workshop, steps // 2, "before")
    assert "error" not in workshop.work(database, "jobs")
    assert (workshop.one(database, BATCH), workshop.one(database, JOB)) == ("reading", "doing")
    workshop.drop(database)


def test_a_job_that_brings_its_worker_down_each_time_is_given_up(workshop: Workshop, steps: int) -> None:
    database = killed(workshop, steps // 2, "before")
    assert workshop.one(database, "UPDATE procrastinate_jobs SET attempts = 10 WHERE status = 'doing' RETURNING id")
    assert "error" not in workshop.work(database, "jobs_again")
    assert workshop.one(database, JOB) == "failed"
    workshop.drop(database)


@pytest.mark.slow
def test_a_worker_started_again_takes_it_up_within_its_first_minutes(workshop: Workshop, steps: int) -> None:
    """`qinglan work` as the service manager starts it again, with the real clock."""
    database = killed(workshop, steps // 2, "before")
    own = workshop.where
    address = f"postgresql://{own['user']}@/{database}?host={own['host']}"
    worker = subprocess.Popen(
        [sys.executable, "-m", "qinglan.cli", "work"], cwd=ROOT, env=os.environ | {"DATABASE_URL": address}
    )
    try:
        until(lambda: workshop.one(database, JOB) == "succeeded", seconds=150)
    finally:
        worker.terminate()
        worker.wait(30)
    workshop.content(database)
    workshop.drop(database)
