"""Compiles the twin's kernels once, at install, so that nobody's first rehearsal waits for them (about half a minute)."""

from datetime import date

import polars as pl

from qinglan.core.frame.records import TABLES, Records
from qinglan.core.packs.loading import load
from qinglan.core.rules.registry import ITEMS
from qinglan.core.twin.ensemble import task
from qinglan.core.twin.parameters import behaviour
from qinglan.core.twin.population import population
from qinglan.core.twin.starting import ready

PACK, YEAR = "taoyuan", 2025


def compile_twin() -> None:
    """Lives a year of one person, who leaves and is replaced: every kernel of the twin is compiled, or found compiled."""
    person = {
        "people": {"person": 1, "sex": 2, "birth": date(1990, 1, 1)},
        "employments": {"person": 1, "since": date(2020, 1, 1)},
        "postings": {"person": 1, "organisation": "990101001001", "post": 7, "since": date(2020, 1, 1)},
    }
    rows = {
        name: pl.DataFrame([{column: row.get(column) for column in TABLES[name]}], TABLES[name])
        for name, row in person.items()
    }
    pack = load(PACK, ITEMS)
    task(ready(population(Records(rows), YEAR, pack), pack, behaviour(), 1), 0, 1, 1)
