"""Gives the whole run its database: the embedded server (or DATABASE_URL), joined before Django looks for it."""

import fcntl
import itertools
import os
import tempfile
from pathlib import Path
from typing import IO

import django
import pytest

# Before anything imports the settings: tests have a data folder of their own and work as the owner, who may make databases.
_checkout = Path(__file__).resolve().parent.parent
os.environ.setdefault("QINGLAN_DATA", str(_checkout / "var" / "tests"))
os.environ["QINGLAN_DB_ROLE"] = "owner"
os.environ["DJANGO_SETTINGS_MODULE"] = "qinglan.config.settings"  # here, not in pyproject: it must come after the above
os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())


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


os.environ["QINGLAN_TEST_DATABASE"], _slot = _take_slot()

from qinglan import server  # noqa: E402

django.setup()  # reads the settings; opens no connection yet

from django.db import connection  # noqa: E402

from qinglan.config import database  # noqa: E402


def pytest_configure(config: pytest.Config) -> None:
    """Have the database up before anything connects."""
    try:
        server.join()
    except server.ServerError as error:
        raise pytest.UsageError(str(error)) from None


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: object) -> None:
    """Give the application role its rights in the test database, as `qinglan migrate` does."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        if server.external_url():
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [database.application_role()])
                if not cursor.fetchone():
                    cursor.execute(f"CREATE ROLE {server.APP}; GRANT {server.APP} TO CURRENT_USER")
        database.grant()
