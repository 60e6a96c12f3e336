"""A job that takes long keeps only its own lane; the real worker on a real queue."""

import asyncio
from collections.abc import Iterator
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection
from procrastinate.contrib.django import app as jobs
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.unit.server_house import until

from qinglan.apps.rehearsal.actions import studying
from qinglan.apps.rehearsal.models import Study
from qinglan.commands import lanes

QUICK = (("rehearsal.warm", {"run_id": 0}), ("assistant.forget", {"timestamp": 0}), ("notices.check", {"timestamp": 0}))


@pytest.fixture
def study_without_end(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Study]:
    """A study that is answered when the test is over."""
    over = Event()
    monkeypatch.setattr(studying, "answer", lambda *, study, by: over.wait(600))
    with_worker = Worker()
    try:
        yield Study.objects.create(kind="siting", org_code="990101", name="选址", inputs={}, made_by_name="测试")
    finally:
        over.set()
        with_worker.end()


class Worker:
    """`qinglan work`, in a thread of the test."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.task = self.loop.create_task(self.work())
        self.thread = Thread(target=self.run)
        self.thread.start()

    async def work(self) -> None:
        ours: Any = jobs
        await lanes.work(ours.with_connector(ours.connector.get_worker_connector()))

    def run(self) -> None:
        try:
            self.loop.run_until_complete(self.task)
        except asyncio.CancelledError:
            pass
        finally:
            self.loop.run_until_complete(self.loop.shutdown_default_executor())
            self.loop.close()
            connection.close()

    def end(self) -> None:
        self.loop.call_soon_threadsafe(self.task.cancel)
        self.thread.join(120)
        assert not self.thread.is_alive()
        with connection.cursor() as cursor:  # the threads of the jobs are gone, what they had opened is not
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


def state(name: str) -> str:
    return ProcrastinateJob.objects.filter(task_name=name).order_by("-pk").values_list("status", flat=True)[0]


def test_a_long_study_keeps_nothing_else_waiting(study_without_end: Study) -> None:
    jobs.configure_task("rehearsal.study").defer(study_id=study_without_end.pk)
    until(lambda: state("rehearsal.study") == "doing")
    for name, values in QUICK:
        jobs.configure_task(name).defer(**values)
    for name, _ in QUICK:
        until(lambda name=name: state(name) == "succeeded")
    assert state("rehearsal.study") == "doing"


def test_each_queue_is_in_one_lane() -> None:
    found = [queue for lane in lanes.lanes(jobs) for queue in lane]
    assert sorted(found) == sorted({task.queue for task in jobs.tasks.values()})
    assert all(lanes.lanes(jobs))
