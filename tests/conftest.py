"""Gives the whole run its database: the embedded server (or DATABASE_URL), joined before Django looks for it."""

import os
import tempfile
from pathlib import Path

import django
import pytest

# Before anything imports the settings: tests have a data folder of their own and work as the owner, who may make databases.
_checkout = Path(__file__).resolve().parent.parent
os.environ.setdefault("QINGLAN_DATA", str(_checkout / "var" / "tests"))
os.environ["QINGLAN_DB_ROLE"] = "owner"
os.environ["DJANGO_SETTINGS_MODULE"] = "qinglan.config.settings"  # here, not in pyproject: it must come after the above
os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())

from qinglan import server  # noqa: E402


def pytest_configure(config: pytest.Config) -> None:
    """Have the database up before pytest-django sets up Django."""
    try:
        server.join()
        django.setup()
    except server.ServerError as error:
        raise pytest.UsageError(str(error)) from None


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: object) -> None:
    """Give the application role its rights in the test database, as `qinglan migrate` does."""
    from qinglan.config import database  # noqa: PLC0415  needs Django's settings, which need the server

    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        database.grant()
