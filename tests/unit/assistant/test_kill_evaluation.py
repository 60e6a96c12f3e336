"""An evaluation whose worker is killed -9 goes on by itself once a worker runs again: asked anew, told once, the same as undisturbed."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from tests.unit.test_kill_actions import Workshop

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
STATE = "SELECT state FROM assistant_evaluation"
CAME = "SELECT outcome->'came' FROM assistant_evaluation"
JOB = "SELECT status FROM procrastinate_jobs WHERE task_name = 'assistant.evaluate'"
TOLD = "SELECT count(*) FROM audit_auditevent WHERE action = 'assistant.evaluate.finish'"
A_MINUTE_LATER = "UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '1 minute' RETURNING id"


@pytest.fixture(scope="module")
def workshop(django_db_setup: None, django_db_blocker: Any) -> Iterator[Workshop]:
    with django_db_blocker.unblock():
        connection.close()
        shop = Workshop(str(connection.settings_dict["NAME"]))
        asked = shop.work(shop.base, "ask_evaluation")
        assert "error" not in asked, asked
        yield shop
        shop.close()


def test_a_killed_evaluation_is_asked_anew_and_told_once(workshop: Workshop) -> None:
    database = workshop.copy(workshop.base)
    said = workshop.work(database, "evaluations")
    assert "error" not in said, said
    assert (workshop.one(database, STATE), workshop.one(database, JOB), workshop.one(database, TOLD)) == (
        "done", "succeeded", 1,
    )  # fmt: skip
    came = workshop.one(database, CAME)
    assert len(came) == 3
    workshop.drop(database)
    seen = set()
    for part in (0.2, 0.5, 0.7, 0.9):
        database = workshop.copy(workshop.base)
        assert workshop.work(database, "evaluations", int(said["steps"] * part))["killed"]
        workshop.content(database)  # once nobody is in it
        seen.add(workshop.one(database, STATE))
        assert workshop.one(database, JOB) == "doing"
        assert workshop.one(database, A_MINUTE_LATER)
        again = workshop.work(database, "evaluations_again")
        assert "error" not in again, again
        assert (workshop.one(database, STATE), workshop.one(database, JOB)) == ("done", "succeeded"), part
        assert workshop.one(database, TOLD) == 1, "told once"
        assert workshop.one(database, CAME) == came
        workshop.drop(database)
    assert "running" in seen, "it was killed while it asked"


def test_without_the_round_it_stays_where_it_was(workshop: Workshop) -> None:
    """The control: a worker alone does not touch what another was doing."""
    database = workshop.copy(workshop.base)
    steps = workshop.work(workshop.copy(workshop.base), "evaluations")["steps"]
    assert workshop.work(database, "evaluations", int(steps * 0.7))["killed"]
    workshop.content(database)
    assert "error" not in workshop.work(database, "evaluations")
    assert (workshop.one(database, STATE), workshop.one(database, JOB)) == ("running", "doing")
