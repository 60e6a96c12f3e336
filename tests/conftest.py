"""Gives the whole run its database: the embedded server (or DATABASE_URL), joined before Django looks for it.

With `-n` (make test) each worker has a database of its own, and test files are handed out whole, in the order made here.
"""

import copy
import fcntl
import gc
import itertools
import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import IO

import django
import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadFileScheduling

# Before anything imports the settings: tests have a data folder of their own and work as the owner, who may make databases.
_checkout = Path(__file__).resolve().parent.parent
os.environ.setdefault("QINGLAN_DATA", str(_checkout / "var" / "tests"))
os.environ["QINGLAN_DB_ROLE"] = "owner"
os.environ["DJANGO_SETTINGS_MODULE"] = "qinglan.config.settings"  # here, not in pyproject: it must come after the above
os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())

# A busy machine is no fault of what is tested: no example has to be quick. And CI tries the same examples every time.
settings.register_profile(
    "steady", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("steady")


def _take_slot() -> tuple[str, IO[str]]:
    """Return a database name that no other run on this machine uses now, and the locked file that says so."""
    folder = Path(os.environ["QINGLAN_DATA"])
    folder.mkdir(parents=True, exist_ok=True)
    for number in itertools.count(1):
        file = open(folder / f"slot{number}.lock", "w")  # noqa: SIM115  held until the process ends
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            continue
        return f"test_qinglan_{number}", file
    raise AssertionError("unreachable")


if "PYTEST_XDIST_WORKER" not in os.environ:  # a worker goes by its run's slot; pytest-django adds the worker's name
    os.environ["QINGLAN_TEST_DATABASE"], _slot = _take_slot()

from qinglan import server  # noqa: E402

django.setup()  # reads the settings; opens no connection yet

from django.core.management.commands import flush  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from whitenoise.middleware import WhiteNoiseMiddleware  # noqa: E402
from whitenoise.responders import StaticFile  # noqa: E402

from qinglan.config import database  # noqa: E402
from qinglan.config.migrating import lightly  # noqa: E402
from tests import cast as casting  # noqa: E402
from tests import emptying, sockets  # noqa: E402
from tests.migrated import Migrated  # noqa: E402


def pytest_configure(config: pytest.Config) -> None:
    """Have the database up before anything connects."""
    try:
        server.join()
    except server.ServerError as error:
        raise pytest.UsageError(str(error)) from None
    if not server.external_url():
        _hurry()
    flush.sql_flush = emptying.statements


def _hurry() -> None:
    """Have the server of the tests not wait for the disk: what it holds need not outlive the machine. (Houses have their own.)"""
    up = server.status()
    own = Path(up["state"]) / "data" / "local.conf"
    if not own.exists():
        own.write_text("fsync = off\nfull_page_writes = off\n", encoding="ascii")
        own.chmod(0o644)
        os.kill(up["postmaster"], signal.SIGHUP)


def pytest_collection_finish(session: pytest.Session) -> None:
    """What is imported and collected lives to the end: the collector need not walk it again, nor run every 700 objects."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


# Files that take long, the longest first, so that all workers end at about the same time. Nothing but the order hangs on this.
LONG = (
    "unit/test_server.py",
    "unit/test_backup.py",
    "unit/test_cli.py",
    "unit/test_kill_actions.py",
    "unit/test_kill_jobs.py",
    "recompute/test_golden_year.py",
    "unit/core/year/test_files.py",
    "packs/test_planted_faults.py",
    "pages/test_permission_table.py",
    "pages/test_pages.py",
    "pages/test_policy.py",
    "pages/test_results.py",
    "unit/facts/test_facts_large_roster.py",
    "pages/test_facts.py",
    "unit/facts/test_facts_imports.py",
    "unit/people/test_people_roster.py",
    "browser/test_main_pages.py",
    "browser/test_writing_pages.py",
    "browser/test_growth.py",
    "browser/test_year.py",
    "browser/test_paying.py",
    "browser/test_imports.py",
    "browser/test_appeal.py",
    "browser/test_auditor.py",
)


SITE = ("tests/unit/test_backup.py", "tests/unit/test_serve.py")  # share one migrated site: for one worker


class WholeFiles(LoadFileScheduling):
    """Hands out whole files in the order of the collection."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return SITE[0] if file in SITE else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> WholeFiles:
    """Have our own scheduler, whatever --dist says."""
    config.option.loadscopereorder = False
    return WholeFiles(config, log)


def _needs(item: pytest.Item) -> int:
    """0: no database; 1: a transaction that is rolled back; 2: committed rows, that is, all tables emptied afterwards."""
    marker = item.get_closest_marker("django_db")
    fixtures = set(getattr(item, "fixturenames", ()))
    if fixtures & {"transactional_db", "live_server"} or (marker and marker.kwargs.get("transaction")):
        return 2
    return 1 if marker or "db" in fixtures else 0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order whole files: long ones without a database, then by what they need of it, at last all others without.

    In a file those tests come first that share nothing, then by the number of module_... fixtures that they share: so none
    finds rows in the database that it did not ask for.
    """
    needs: dict[Path, int] = {}
    for item in items:
        needs[item.path] = max(needs.get(item.path, 0), _needs(item))
    found = {path: number for number, path in enumerate(needs)}
    root = Path(__file__).parent

    def place(item: pytest.Item) -> tuple[int, ...]:
        name = os.path.relpath(item.path, root)
        rank = LONG.index(name) if name in LONG else len(LONG)
        phase = needs[item.path] or (0 if name in LONG else 3)
        shared = sum(name.startswith("module_") for name in getattr(item, "fixturenames", ()))
        return phase, rank, found[item.path], shared

    items.sort(key=place)


@pytest.fixture(scope="session", autouse=True)
def static_files_listed_once() -> Iterator[None]:
    """Each test's client has middleware of its own, which would look at all static files again."""
    listed: dict[str, StaticFile] = {}

    def once(self: WhiteNoiseMiddleware) -> None:
        if not listed:
            listing(self)
            listed.update(self.files)
        self.files.update(listed)

    listing, WhiteNoiseMiddleware.add_files_from_finders = WhiteNoiseMiddleware.add_files_from_finders, once
    yield
    WhiteNoiseMiddleware.add_files_from_finders = listing


@pytest.fixture(autouse=True)
def no_outbound_socket() -> Iterator[list[str]]:
    """No test leaves the machine; one that tries fails, also when the program hides it."""
    with sockets.shut() as tried:
        yield tried
    assert not tried, f"wanted to reach {tried}"


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, django_db_modify_db_settings: None, django_db_blocker: object
) -> Iterator[None]:
    """Have pytest-django make the database; give the application role its rights in it, as `qinglan migrate` does."""
    worker = getattr(request.config, "workerinput", None)
    copies = Migrated(worker["testrunuid"]) if worker else None
    unblocked = django_db_blocker.unblock  # type: ignore[attr-defined]
    with unblocked(), copies.making() if copies else nullcontext(), lightly():
        request.getfixturevalue("django_db_setup")  # theirs
        if server.external_url():
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [database.application_role()])
                if not cursor.fetchone():
                    cursor.execute(f"CREATE ROLE {server.APP}; GRANT {server.APP} TO CURRENT_USER")
        database.grant()
    yield
    if copies:
        with unblocked():
            copies.end()


@pytest.fixture(scope="module")
def module_db(django_db_setup: None, django_db_blocker: object) -> Iterator[None]:
    """A transaction around all tests of a module, for what they share; what a test itself writes goes with the test.

    Nobody else sees what is in here; and now() of PostgreSQL is when the module began: clock_timestamp() is the present moment.
    """
    frame = transaction.atomic()
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        frame.__enter__()
    yield
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        transaction.set_rollback(True)
        frame.__exit__(None, None, None)


@pytest.fixture(scope="module")
def module_cast(module_db: None, django_db_blocker: object) -> casting.Cast:
    """The cast in the database, once for the module."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        return casting.build()


@pytest.fixture
def cast(module_cast: casting.Cast, db: None) -> casting.Cast:
    """Two districts and one of each role: the test's own copies of what is in the database."""
    return copy.deepcopy(module_cast)
