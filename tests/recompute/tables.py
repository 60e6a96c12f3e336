"""Reads the frozen tables of a run: a zip of Parquet files, each as a list of plain rows."""

import io
import zipfile
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import polars as pl

Row = dict[str, Any]
Tables = dict[str, list[Row]]


def read(frozen: bytes) -> tuple[Tables, dict[str, int]]:
    """({table: rows}, absent tables have none; the district's own figures)."""
    tables: Tables = defaultdict(list)
    with zipfile.ZipFile(io.BytesIO(frozen)) as archive:
        for name in archive.namelist():
            tables[name.removesuffix(".parquet")] = pl.read_parquet(io.BytesIO(archive.read(name))).to_dicts()
    said = tables.pop("district", [])
    figures = {name: amount for one in said for name, amount in one.items() if name != "organisation"}
    return tables, figures


def by_person(rows: Iterable[Row]) -> dict[int, list[Row]]:
    """The rows of each person, in their order."""
    found: dict[int, list[Row]] = defaultdict(list)
    for one in rows:
        if one["person"] is not None:
            found[one["person"]].append(one)
    return found


def low(value: Any) -> tuple[bool, Any]:
    """A sorting key in which what is absent comes first."""
    return (value is not None, value)


def last(rows: Iterable[Row], *keys: str) -> Row | None:
    """The row that comes last by `keys`; the later one of equals."""
    ordered = sorted(rows, key=lambda one: [low(one[key]) for key in keys])
    return ordered[-1] if ordered else None
