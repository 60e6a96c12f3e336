"""Kill -9 at every statement and every COMMIT of publish, close-month and import: all or nothing, and once when done again.

The steps are counted and enumerated, none is drawn. Each case has a copy of the same database. "Nothing": every row of every table is
as before. "All": as many rows in every table as an undisturbed action leaves. CI takes the first, middle and last statements and every
kind of kill around the COMMIT; `make test-slow` takes every step.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection
from psycopg import sql
from tests.unit.server_house import until

pytestmark = pytest.mark.django_db  # so that there is a migrated database to copy
ROOT = Path(__file__).parents[2]
ONCE = ("publish", "close_month", "import_facts", "import_roster")  # done twice they have one effect
ANEW = ("compute_month", "submit_file")  # each time something of its own
Content = dict[str, tuple[int, str]]  # table → (rows, their fingerprint)


class Workshop:
    """The killing program, and databases copied from a filled one."""

    def __init__(self, migrated: str) -> None:
        own = connection.settings_dict
        self.where = {
            "host": own["HOST"],
            "port": own["PORT"] or None,
            "user": own["USER"],
            "password": own["PASSWORD"] or None,
        }
        self.names = (f"{migrated}_kill_{number}" for number in count(1))
        self.made: list[str] = []
        self.program = subprocess.Popen(
            [sys.executable, "-m", "tests.unit.killing"], cwd=ROOT, env=os.environ | {"QINGLAN_TEST_DATABASE": ""},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.empty = self.copy(migrated)
        self.base = self.copy(self.empty)
        filled = self.work(self.base, "fill")
        assert not filled["killed"], filled
        assert "error" not in filled, filled

    def connect(self, database: str) -> psycopg.Connection[Any]:
        given = {name: value for name, value in self.where.items() if value}
        return psycopg.connect(dbname=database, autocommit=True, **given)

    def copy(self, of: str) -> str:
        name = next(self.names)
        with self.connect("postgres") as server:
            busy = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
            until(lambda: server.execute(busy, [of]).fetchone() == (0,))
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
            server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(of)))
        self.made.append(name)
        return name

    def drop(self, name: str) -> None:
        with self.connect("postgres") as server:
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        self.made.remove(name)

    def work(self, database: str, what: str, at: int = 0, when: str = "before") -> dict[str, Any]:
        """Has an action worked in a process of its own, killed at a step if asked."""
        assert self.program.stdin is not None
        assert self.program.stdout is not None
        order = {"database": database, "work": what, "at": at, "when": when}
        self.program.stdin.write(json.dumps(order) + "\n")
        self.program.stdin.flush()
        said: dict[str, Any] = json.loads(self.program.stdout.readline())
        return said

    def content(self, database: str) -> Content:
        """Every table's rows and fingerprint, once nobody is in the database any more."""
        with self.connect(database) as here:
            others = (
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            until(lambda: here.execute(others).fetchone() == (0,))
            tables = here.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
            return {
                table: here.execute(
                    sql.SQL(
                        "SELECT count(*), md5(coalesce(string_agg(md5(t::text), '' ORDER BY t::text COLLATE \"C\"), '')) FROM {} t"
                    ).format(sql.Identifier(table))
                ).fetchone()
                for (table,) in tables
            }  # type: ignore[misc]

    def one(self, database: str, query: str) -> Any:
        with self.connect(database) as here:
            row = here.execute(query).fetchone()  # type: ignore[call-overload]
            return row[0] if row else None

    def close(self) -> None:
        assert self.program.stdin is not None
        self.program.stdin.close()
        self.program.wait(120)
        for name in list(self.made):
            self.drop(name)


@pytest.fixture(scope="module")
def workshop(django_db_setup: None, django_db_blocker: Any) -> Iterator[Workshop]:
    with django_db_blocker.unblock():
        connection.close()  # nobody may be in a database that is copied
        shop = Workshop(str(connection.settings_dict["NAME"]))
        yield shop
        shop.close()


def rows(content: Content) -> dict[str, int]:
    return {table: number for table, (number, _) in content.items()}


class Case:
    """An action, what is there before it, and what it leaves when nobody disturbs it."""

    def __init__(self, workshop: Workshop, action: str) -> None:
        self.workshop, self.action = workshop, action
        self.before = workshop.content(workshop.base)
        done = workshop.copy(workshop.base)
        said = workshop.work(done, action)
        assert "error" not in said, said
        self.steps: int = said["steps"]
        self.commits: list[int] = said["commits"]
        self.after = workshop.content(done)
        workshop.drop(done)

    def all_is_there(self, found: Content) -> bool:
        return rows(found) == rows(self.after)

    def kill(self, database: str, at: int, when: str) -> str:
        """Killed at a step: "all" or "nothing". AssertionError when it is half."""
        said = self.workshop.work(database, self.action, at, when)
        assert said["killed"], (at, when, said)
        found = self.workshop.content(database)
        if found == self.before:
            return "nothing"
        assert self.all_is_there(found), (at, when, half(self.before, found, self.after))
        return "all"

    def again(self, database: str) -> None:
        """Done again after kills, it has the effect of one."""
        said = self.workshop.work(database, self.action)
        assert "error" not in said, said
        found = self.workshop.content(database)
        assert self.all_is_there(found), half(self.before, found, self.after)

    def kills(self, steps: Iterable[int], when: str, then_again: bool = True) -> list[str]:
        """What each kill left, one after another in one copy: after "nothing" it is the database that it was. Then done again."""
        database = self.workshop.copy(self.workshop.base)
        left = [self.kill(database, at, when) for at in steps]
        if then_again:
            self.again(database)
        self.workshop.drop(database)
        return left


def half(before: Content, found: Content, after: Content) -> dict[str, tuple[int, int, int]]:
    """The tables in which something is neither as before nor as after."""
    return {
        table: (before[table][0], found[table][0], after[table][0])
        for table in after
        if found[table] != before[table] or found[table][0] != after[table][0]
    }


@pytest.fixture(scope="module")
def cases(workshop: Workshop) -> dict[str, Case]:
    return {}


def case_of(cases: dict[str, Case], workshop: Workshop, action: str) -> Case:
    if action not in cases:
        cases[action] = Case(workshop, action)
    return cases[action]


# Quick ones in CI; `make test-slow` takes them all.
ONE_OF_EACH = [
    "close_month",
    *(pytest.param(one, marks=pytest.mark.slow) for one in ("publish", *ONCE[2:], *ANEW)),
]


@pytest.mark.parametrize("action", ONE_OF_EACH)
def test_killed_around_its_commit(cases: dict[str, Case], workshop: Workshop, action: str) -> None:
    """One COMMIT, the last step: nothing before it is sent, all after it is answered, and never half between the two."""
    case = case_of(cases, workshop, action)
    assert case.commits == [case.steps], "one transaction"
    assert case.kills([case.steps], "before") == ["nothing"]
    assert case.kills([case.steps], "sent", action in ONCE) in (["all"], ["nothing"])
    assert case.kills([case.steps], "after", action in ONCE) == ["all"]


@pytest.mark.parametrize("action", ONE_OF_EACH)
def test_killed_at_its_first_middle_and_last_statement(cases: dict[str, Case], workshop: Workshop, action: str) -> None:
    case = case_of(cases, workshop, action)
    assert case.steps > 5
    assert case.kills((1, case.steps // 2, case.steps - 1), "before") == ["nothing"] * 3


@pytest.mark.slow
@pytest.mark.parametrize("action", [*ONCE, *ANEW])
def test_killed_at_every_statement(cases: dict[str, Case], workshop: Workshop, action: str) -> None:
    case = case_of(cases, workshop, action)
    sys.stderr.write(f"\n{action}: {case.steps} steps, each killed at once\n")
    assert case.kills(range(1, case.steps + 1), "before") == ["nothing"] * case.steps


def test_an_action_in_two_transactions_would_be_found(workshop: Workshop, cases: dict[str, Case]) -> None:
    """The control: filling the database is many transactions; killed in the middle it leaves neither all nor nothing."""
    empty = workshop.copy(workshop.empty)
    before, after = workshop.content(empty), workshop.content(workshop.base)
    said = workshop.work(empty, "fill", at=150)
    assert said["killed"], said
    found = workshop.content(empty)
    assert found != before
    assert rows(found) != rows(after)
    workshop.drop(empty)
