"""Stretches of time in records: whole months, rows in force on a day, what follows on without a gap, what lies elsewhere."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

import polars as pl

Span = tuple[date, date | None]


def months(since: pl.Expr, until: pl.Expr) -> pl.Expr:
    """Whole months from one day to another (exclusive), as core.rules.numbers.whole_months counts them."""
    count = (until.dt.year() - since.dt.year()) * 12 + (until.dt.month().cast(pl.Int64) - since.dt.month())
    short = (until.dt.day() < since.dt.day()) & (until != until.dt.month_end())
    return (count - short.cast(pl.Int64)).cast(pl.Int64)


def in_force(table: pl.DataFrame, base: pl.DataFrame) -> pl.DataFrame:
    """The row in force on each person's as-of day, the latest begun where there are several."""
    return (
        table.join(base.select("person", "as_of"), on="person")
        .filter(
            (pl.col("since") <= pl.col("as_of")) & (pl.col("until").is_null() | (pl.col("until") > pl.col("as_of")))
        )
        .sort("since")
        .unique("person", keep="last", maintain_order=True)
    )


def merged(employments: pl.DataFrame) -> pl.DataFrame:
    """Employments of a person that follow one another without a gap (a new contract, a renewal), as one.

    Recognised months are those of the part that has most, the probation is the latest, the reason is that of the last part.
    """
    # Nearly everybody has one employment: only the others are looked at row by row.
    several = pl.col("person").is_duplicated()
    once, rows = employments.filter(~several), employments.filter(several).sort("person", "since")
    same = pl.col("person") == pl.col("person").shift(1)
    before = pl.col("until").shift(1)
    starts = ~same.fill_null(False) | (before.is_not_null() & (pl.col("since") > before))
    joined = (
        rows.with_columns(starts.cum_sum().alias("run"))
        .group_by("person", "run", maintain_order=True)
        .agg(
            pl.col("since").first(),
            pl.when(pl.col("until").is_null().any()).then(None).otherwise(pl.col("until").max()).alias("until"),
            pl.col("recognised_months").max(),
            pl.col("probation_until").max(),
            pl.col("exit_reason").last(),
        )
        .drop("run")
    )
    return pl.concat([once.select(joined.columns), joined]).sort("person", "since")


def since_unbroken(runs: pl.DataFrame, holds: pl.Expr, name: str) -> pl.DataFrame:
    """person and `name`: the first day of the last run of rows that hold and follow one another without a gap.

    `runs`: rows with since and until, sorted by person and since.
    """
    held = holds.fill_null(False)
    same = (pl.col("person") == pl.col("person").shift(-1)).fill_null(False)
    gap_after = (same & (pl.col("since").shift(-1) > pl.col("until"))).fill_null(False)
    marked = runs.with_columns((~held | gap_after).alias("breaks")).with_row_index("at")
    last = marked.filter(pl.col("breaks")).group_by("person").agg(pl.col("at").max().alias("last"))
    return (
        marked.join(last, on="person", how="left")
        .filter(pl.col("last").is_null() | (pl.col("at") > pl.col("last")))
        .group_by("person")
        .agg(pl.col("since").min().alias(name))
    )


def without(employments: pl.DataFrame, away: Iterable[tuple[int, date, date | None]], moved: int) -> pl.DataFrame:
    """Employments less the days spent in posts elsewhere: another district answers for those.

    `away`: (person, since, until) of posts elsewhere. A part that ends because a post elsewhere begins has the exit reason
    `moved`; the months served elsewhere before a part are recognised in it.
    """
    elsewhere: dict[int, list[Span]] = defaultdict(list)
    for person, since, until in away:
        elsewhere[person].append((since, until))
    if not elsewhere:
        return employments
    rows: list[dict[str, Any]] = []
    for row in employments.iter_rows(named=True):
        rows += _parts(row, sorted(elsewhere.get(row["person"], [])), moved)
    return pl.DataFrame(rows, schema=employments.schema)


def _parts(row: dict[str, Any], away: list[Span], moved: int) -> list[dict[str, Any]]:
    """One employment cut by spans elsewhere."""
    parts: list[dict[str, Any]] = []
    since, days_away = row["since"], 0
    for start, stop in away:
        if (row["until"] is not None and start >= row["until"]) or (stop is not None and stop <= since):
            continue
        recognised = (row["recognised_months"] or 0) + days_away * 12 // 365
        if start > since:
            parts.append({**row, "since": since, "until": start, "exit_reason": moved, "recognised_months": recognised})
        if stop is None or (row["until"] is not None and stop >= row["until"]):
            return parts
        days_away += (stop - max(start, since)).days
        since = stop
    recognised = (row["recognised_months"] or 0) + days_away * 12 // 365
    return [*parts, {**row, "since": since, "recognised_months": recognised}]
