"""The table of environment variables says all that the code reads, and nothing more."""

import re

from qinglan import server
from qinglan.config.environment import FOR_PEOPLE, INTERNAL


def test_table_of_variables_is_complete() -> None:
    used = {
        name
        for path in server.PACKAGE_DIR.rglob("*.py")
        if path.name != "environment.py"
        for name in re.findall(r'"((?:QINGLAN|DATABASE)_[A-Z_]+)"', path.read_text(encoding="utf-8"))
    }
    assert used == set(FOR_PEOPLE) | INTERNAL
