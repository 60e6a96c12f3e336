"""A ledger of closed months as one zip of Parquet files, and its fingerprint (docs/reference/canonical.md)."""

import hashlib
import io
import json
import zipfile

import polars as pl

from qinglan.core.year.paying import TABLES, Ledger

EPOCH = (1980, 1, 1, 0, 0, 0)  # the same tables give the same bytes


def freeze(ledger: Ledger) -> bytes:
    """A zip with <table>.parquet for every table of the ledger."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:  # Parquet is compressed already
        for name in TABLES:
            part = io.BytesIO()
            ledger[name].write_parquet(part, compression="zstd", statistics=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.parquet", EPOCH), part.getvalue())
    return made.getvalue()


def thaw(frozen: bytes) -> Ledger:
    """The ledger of `freeze`."""
    with zipfile.ZipFile(io.BytesIO(frozen)) as archive:
        return Ledger({name: pl.read_parquet(io.BytesIO(archive.read(f"{name}.parquet"))) for name in TABLES})


def digest(ledger: Ledger) -> str:
    """SHA-256 of the tables, sorted, as lines of CSV, each table after a line of its name, columns and number of rows."""
    found = hashlib.sha256()
    for name, columns in TABLES.items():
        table = ledger[name].sort(list(columns))
        found.update(json.dumps([name, list(columns), table.height], separators=(",", ":")).encode() + b"\n")
        found.update(table.write_csv(include_header=False, quote_style="necessary", null_value="").encode())
    return found.hexdigest()
