"""Builds the frame of units for a year: each community that had people or scores, with its flows and last year's colour."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from qinglan.core.frame.missing import Reason, missing
from qinglan.core.frame.records import Records
from qinglan.core.frame.spells import merged
from qinglan.core.frame.unit_year import UNIT_YEAR

SCORES = {
    1: "unit_score_residents", 2: "unit_score_professional", 3: "unit_score_process", 4: "unit_score_innovation",
    13: "index_workers", 14: "index_studio", 15: "index_residents",
}  # fmt: skip
SATISFACTION = 12
EXITS = {1: "exits_voluntary", 2: "exits_dismissed", 4: "exits_promoted"}
SECRETARY_POSTS, DUAL_POST = (1, 2), 1
COMMUNITY = 12


@dataclass(frozen=True)
class UnitFrame:
    """`columns` {name: int64 (n,)}; `organisations` (n,) are the codes. Order: by code."""

    year: int
    organisations: list[str]
    columns: dict[str, np.ndarray]


def build_units(records: Records, year: int) -> UnitFrame:
    """One row a community (12 digits or more): scores of the year, headcounts and exits, secretaries at year's end."""
    start, end = date(year, 1, 1), date(year, 12, 31)
    before = _serving(records, start - timedelta(days=1))
    after = _serving(records, end)
    unit_scores = records["scores"].filter(
        pl.col("person").is_null() & (pl.col("day") >= start) & (pl.col("day") <= end)
    ).sort("day")  # fmt: skip
    exits = _exits(records, start, end)
    base = (
        pl.concat([part.select("organisation") for part in (before, after, unit_scores, exits)])
        .unique()
        .filter(pl.col("organisation").str.len_chars() >= 12)
        .sort("organisation")
    )
    source = pl.col("source")
    last = unit_scores.group_by("organisation", maintain_order=True).agg(
        *(pl.col("score").filter(source == number).last().alias(name) for number, name in SCORES.items()),
        pl.col("ballots").filter(source == 1).last().alias("unit_ballots"),
        pl.col("favourable").filter(source == SATISFACTION).last().alias("satisfied_ballots"),
        pl.col("ballots").filter(source == SATISFACTION).last().alias("satisfaction_ballots"),
    )
    posts = after.group_by("organisation").agg(
        pl.len().cast(pl.Int64).alias("headcount_end"),
        pl.col("post").is_in(SECRETARY_POSTS).sum().cast(pl.Int64).alias("secretaries"),
        (pl.col("post") == DUAL_POST).sum().cast(pl.Int64).alias("dual_post_secretaries"),
    )
    heads = before.group_by("organisation").agg(pl.len().cast(pl.Int64).alias("headcount_start"))
    colour = records["unit_history"].filter(pl.col("year") == year - 1).select("organisation", last_colour="colour")
    for part in (last, heads, posts, exits, colour):
        base = base.join(part, on="organisation", how="left", maintain_order="left")
    counts = [
        "headcount_start",
        "headcount_end",
        "secretaries",
        "dual_post_secretaries",
        *EXITS.values(),
        "exits_other",
    ]
    base = base.with_columns(
        pl.col(counts).fill_null(0),
        pl.lit(year).alias("year"),
        pl.when(pl.col("organisation").str.len_chars() == COMMUNITY).then(1).alias("communities"),
        pl.col("organisation").str.slice(0, 6).rank("dense").cast(pl.Int64).alias("district"),
        pl.col("organisation").str.slice(0, 9).rank("dense").cast(pl.Int64).alias("subdistrict"),
        pl.col("organisation").rank("dense").cast(pl.Int64).alias("unit"),
    )
    absent = missing(Reason.NOT_RECORDED)
    columns = {
        name: base[name].cast(pl.Int64).fill_null(absent).to_numpy().copy()
        if name in base.columns
        else np.full(base.height, absent, np.int64)
        for name in UNIT_YEAR
    }
    return UnitFrame(year, base["organisation"].to_list(), columns)


def _serving(records: Records, day: date) -> pl.DataFrame:
    """Who served on `day` and stays beyond it: person, organisation, post. Start + entries − exits = end."""
    begun, after = pl.col("since") <= day, day + timedelta(days=1)
    in_force = begun & (pl.col("until").is_null() | (pl.col("until") > day))
    stays = begun & (pl.col("until").is_null() | (pl.col("until") > after))
    employed = merged(records["employments"]).filter(stays).select("person").unique()
    posts = records["postings"].filter(in_force).sort("since").unique("person", keep="last", maintain_order=True)
    return posts.join(employed, on="person").select("person", _unit(), "post")


def _unit() -> pl.Expr:
    """The community of a post: a grid's people are counted with their community."""
    code = pl.col("organisation")
    in_community = code.str.contains(r"^\d{12}")
    return pl.when(in_community).then(code.str.slice(0, COMMUNITY)).otherwise(code).alias("organisation")


def _exits(records: Records, start: date, end: date) -> pl.DataFrame:
    """Exits of the year by reason, counted where the person last stood. A contract renewed without a gap is no exit."""
    gone = merged(records["employments"]).filter(
        (pl.col("until") > start) & (pl.col("until") <= end + timedelta(days=1))
    )  # fmt: skip
    where = (
        records["postings"].join(gone.select("person", left="until"), on="person")
        .filter(pl.col("since") < pl.col("left"))
        .sort("since")
        .unique(["person", "left"], keep="last", maintain_order=True)
        .select("person", _unit(), until="left")
    )  # fmt: skip
    reason = pl.col("exit_reason")
    return (
        gone.join(where, on=["person", "until"])
        .group_by("organisation")
        .agg(
            *((reason == number).sum().cast(pl.Int64).alias(name) for number, name in EXITS.items()),
            (~reason.is_in(list(EXITS)) | reason.is_null()).sum().cast(pl.Int64).alias("exits_other"),
        )
    )
