"""The tables that a year was computed from, as one zip of Parquet files: a folder that `qinglan calc` reads again."""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping

import polars as pl

from qinglan.core.frame.records import TABLES, Records

DISTRICT = "district"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the same tables give the same bytes


def freeze(records: Records, district: str, figures: Mapping[str, int]) -> bytes:
    """A zip with <table>.parquet for every table that has rows, and district.parquet with the figures said by the district."""
    tables = {name: records[name] for name in TABLES if records[name].height}
    if figures:
        tables[DISTRICT] = pl.DataFrame(
            {"organisation": [district], **{name: [figures[name]] for name in sorted(figures)}}
        )
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:  # Parquet is compressed already
        for name, table in tables.items():
            part = io.BytesIO()
            table.write_parquet(part, compression="zstd", statistics=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.parquet", EPOCH), part.getvalue())
    return made.getvalue()


def thaw(frozen: bytes) -> tuple[Records, dict[str, int]]:
    """The records and the figures of `freeze`."""
    tables: dict[str, pl.DataFrame] = {}
    with zipfile.ZipFile(io.BytesIO(frozen)) as archive:
        for name in archive.namelist():
            tables[name.removesuffix(".parquet")] = pl.read_parquet(io.BytesIO(archive.read(name)))
    said = tables.pop(DISTRICT, None)
    figures = {} if said is None else said.drop("organisation").row(0, named=True)
    return Records(tables), figures


def digest(records: Records, figures: Mapping[str, int]) -> str:
    """SHA-256 of the tables as docs/reference/canonical.md writes them: CSV, whatever file format keeps them."""
    found = hashlib.sha256()
    for name, columns in TABLES.items():
        table = records[name]
        found.update(_line([name, list(columns), table.height]))
        found.update(table.write_csv(include_header=False, quote_style="necessary", null_value="").encode())
    found.update(_line([DISTRICT, sorted(figures.items())]))
    return found.hexdigest()


def _line(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
