"""Records written by hand, as short as a test can do with."""

from datetime import date
from typing import Any

import polars as pl

from qinglan.core.frame.records import TABLES, Records

HERE = "990101001001"


def records(**tables: list[dict[str, Any]]) -> Records:
    """Tables of rows; columns that a row does not name are empty."""
    return Records(
        {
            name: pl.DataFrame([{column: row.get(column) for column in TABLES[name]} for row in rows], TABLES[name])
            for name, rows in tables.items()
        }
    )


def person(number: int = 1, **more: Any) -> dict[str, Any]:
    given = {"sex": 2, "birth": date(1990, 5, 1), "education": 3, "has_degree": False, "social_work_major": False}
    return {"person": number, "willing": False, **given, **more}


def employment(since: date, until: date | None = None, number: int = 1, **more: Any) -> dict[str, Any]:
    return {"person": number, "since": since, "until": until, **more}


def posting(
    since: date, until: date | None = None, post: int = 7, where: str = HERE, number: int = 1, **more: Any
) -> dict[str, Any]:
    given = {"elected": False, "organisation": where, "post": post, "since": since, "until": until}
    return {"person": number, **given, **more}
