"""A migrated site with a database of its own, for tests that drive the qinglan command from outside."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.server_house import Site


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """One for the whole run: migrating takes longer than all that is tried on it."""
    base = Path(tempfile.mkdtemp(prefix="qlh"))
    house = Site(
        base, "data", None, [sys.executable], {"QINGLAN_KEYS": str(base / "keys.json"), "QINGLAN_DB_LINGER": "3"}
    )
    house.start()
    house.qinglan("migrate")
    yield house
    house.close()
