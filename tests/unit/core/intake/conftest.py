"""The organisations of 420103 for every test of intake."""

import csv

import pytest

from qinglan.core.intake import Organisations

from .books import DATA


@pytest.fixture(scope="session")
def organisations() -> Organisations:
    with (DATA / "organisations-420103.csv").open(encoding="utf-8") as file:
        return Organisations([(r["code"], r["name"], r["level"], r["parent"]) for r in csv.DictReader(file)])
