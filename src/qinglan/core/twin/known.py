"""Records as they stood at the end of a year, for one place and all below it: what the twin starts from.

What came later is forgotten; a stretch that ended later is open again. So a twin of 2024 does not know who left in 2025.
"""

from datetime import date, timedelta

import polars as pl

from qinglan.core.frame.records import TABLES, Records
from qinglan.core.frame.spells import merged

OF_DAY = ("training", "shadowing", "exams", "scores", "abilities", "awards", "warnings", "projects", "opening")
SPANS = ("postings", "grades", "protections")


def known_at_end(records: Records, year: int, prefix: str = "") -> Records:
    """The records of everybody whose last post up to 31 December of `year` lies under the organisation code `prefix`."""
    end = date(year, 12, 31)
    after = end + timedelta(days=1)
    employments = merged(records["employments"]).filter(pl.col("since") <= end)
    later = pl.col("until") > after
    employments = employments.with_columns(
        pl.when(later).then(None).otherwise("until").alias("until"),
        pl.when(later).then(None).otherwise("exit_reason").alias("exit_reason"),
    )
    stay = employments.filter(pl.col("until").is_null()).select("person").unique()
    tables: dict[str, pl.DataFrame] = {"employments": employments}
    for name in SPANS:
        rows = records[name].filter(pl.col("since") <= end)
        stays = pl.col("person").is_in(stay["person"].implode())
        # Of who stays, a span that ends with the year or later is open: what follows it is not known yet.
        reopened = (stays & (pl.col("until") >= after)) | (pl.col("until") > after)
        if name == "protections":
            reopened = pl.lit(False)  # its end is foreseen when it begins
        tables[name] = rows.with_columns(pl.when(reopened).then(None).otherwise("until").alias("until"))
    for name in OF_DAY:
        tables[name] = records[name].filter(pl.col("day") <= end)
    tables["certificates"] = records["certificates"].filter(pl.col("issued").is_null() | (pl.col("issued") <= end))
    tables["history"] = records["history"].filter(pl.col("year") <= year)
    tables["unit_history"] = records["unit_history"].filter(pl.col("year") <= year)
    tables["people"] = records["people"].join(employments, on="person", how="semi").unique("person", keep="last")
    if prefix:
        tables = _within(tables, prefix)
    return Records({name: table.select(*TABLES[name]) for name, table in tables.items()})


def _within(tables: dict[str, pl.DataFrame], prefix: str) -> dict[str, pl.DataFrame]:
    """Only those who last stood under the prefix, and its units."""
    last = tables["postings"].sort("since").unique("person", keep="last", maintain_order=True)
    here = last.filter(pl.col("organisation").str.starts_with(prefix)).select("person")
    kept = {}
    for name, table in tables.items():
        if name == "unit_history":
            kept[name] = table.filter(pl.col("organisation").str.starts_with(prefix))
        elif name == "scores":
            unit = pl.col("person").is_null() & pl.col("organisation").str.starts_with(prefix)
            kept[name] = table.filter(unit | pl.col("person").is_in(here["person"].implode()))
        else:
            kept[name] = table.join(here, on="person", how="semi")
    return kept
