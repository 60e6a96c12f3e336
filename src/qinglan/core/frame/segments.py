"""Cuts each person's year into segments: stretches within one month of the same employment, post, grade and certificate."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from qinglan.core.frame.building import Frame
from qinglan.core.frame.missing import Reason, missing
from qinglan.core.frame.records import Records

LONG_AGO = date(1900, 1, 1)


@dataclass(frozen=True)
class Segments:
    """`person_row` (m,) is the row of the year's frame; `columns` {name: int64 (m,)}. Order: person row, then day."""

    person_row: np.ndarray
    columns: dict[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.person_row)


def cut(records: Records, frame: Frame) -> Segments:
    """The segments of the frame's year. Days without employment have none; days employed without a post have no post."""
    year = frame.year
    start, end = date(year, 1, 1), date(year, 12, 31)
    people = pl.DataFrame({"person": frame.people, "person_row": np.arange(len(frame))})
    spans = (
        records["employments"]
        .join(people, on="person")
        .select(
            "person",
            "person_row",
            pl.max_horizontal("since", pl.lit(start)).alias("from"),
            pl.min_horizontal(pl.col("until").dt.offset_by("-1d").fill_null(end), pl.lit(end)).alias("to"),
        )
        .filter(pl.col("from") <= pl.col("to"))
    )
    postings, grades = records["postings"], _with_opening(records)
    certificates = records["certificates"].with_columns(pl.col("issued").fill_null(LONG_AGO))
    months = pl.DataFrame({"day": [date(year, month, 1) for month in range(1, 13)]})
    points = pl.concat(
        [
            spans.select("person", day="from"),
            spans.select("person").unique().join(months, how="cross"),
            postings.select("person", day="since"),
            postings.select("person", day="until").drop_nulls(),
            grades.select("person", day="since"),
            grades.select("person", day="until").drop_nulls(),
            certificates.select("person", day="issued"),
        ]
    )
    points = points.filter((pl.col("day") >= start) & (pl.col("day") <= end)).unique()
    cuts = (
        points.join(spans, on="person")
        .filter((pl.col("day") >= pl.col("from")) & (pl.col("day") <= pl.col("to")))
        .sort("person_row", "day")
        .with_columns(
            pl.min_horizontal(pl.col("day").shift(-1).over("person_row", "from").dt.offset_by("-1d"), "to").alias(
                "until"
            )
        )
    )
    cuts = _as_of(cuts, postings, "post")
    cuts = _as_of(cuts, grades, "grade")
    held = certificates.sort("issued").with_columns(
        pl.col("level").cum_max().over("person"), until=pl.lit(None, pl.Date)
    )
    cuts = _as_of(cuts, held.rename({"issued": "since"}), "level").sort("person_row", "day")
    columns = {
        "segment_month": _ints(cuts["day"].dt.year().cast(pl.Int64) * 12 + cuts["day"].dt.month().cast(pl.Int64) - 1),
        "segment_since": _ints(cuts["day"].cast(pl.Int32)),
        "segment_until": _ints(cuts["until"].cast(pl.Int32)),
        "segment_post": _ints(cuts["post"], Reason.NO_POST),
        "segment_grade": _ints(cuts["grade"]),
        "segment_certificate": _ints(cuts["level"].fill_null(0)),
    }
    return Segments(cuts["person_row"].to_numpy(), columns)


def _with_opening(records: Records) -> pl.DataFrame:
    """Grades held, and the grade of an opening balance for those who have none on record."""
    grades = records["grades"]
    opening = records["opening"].filter(pl.col("ladder_grade").is_not_null()).select(
        "person", grade="ladder_grade", since=pl.lit(LONG_AGO), until=pl.lit(None, pl.Date)
    )  # fmt: skip
    return pl.concat([grades, opening.join(grades, on="person", how="anti")])


def _as_of(cuts: pl.DataFrame, table: pl.DataFrame, name: str) -> pl.DataFrame:
    """Adds the value of `name` in force on the first day of each cut."""
    right = table.select("person", "since", name, held_until="until").sort("since")
    joined = cuts.sort("day").join_asof(
        right, left_on="day", right_on="since", by="person", strategy="backward", check_sortedness=False
    )
    gone = pl.col("held_until").is_not_null() & (pl.col("held_until") <= pl.col("day"))
    return joined.with_columns(pl.when(~gone).then(name).alias(name)).drop("held_until", "since", strict=False)


def _ints(series: pl.Series, reason: Reason = Reason.NOT_RECORDED) -> np.ndarray:
    return series.cast(pl.Int64).fill_null(missing(reason)).to_numpy().copy()
