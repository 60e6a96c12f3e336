"""Opening balances in the frame: what a district brought along when it went live in the middle of a service."""

from datetime import date

import polars as pl

from qinglan.core.frame.records import Records
from qinglan.core.frame.spells import months


def brought_along(records: Records, end: date) -> pl.DataFrame:
    """What a district brought along when it went live, as of the day `opened`: the last balance up to the year's end."""
    return (
        records["opening"]
        .filter(pl.col("day") <= end)
        .sort("day")
        .unique("person", keep="last", maintain_order=True)
        .select(
            "person",
            opened="day",
            open_training="training_hours",
            open_onboarding="onboarding_hours",
            open_shadowing="shadowing_hours",
            open_service="service_months",
            open_grade="ladder_grade",
        )
    )


def with_opening(base: pl.DataFrame, brought: pl.DataFrame) -> pl.DataFrame:
    """Service and grade as brought along. The service brought is the whole of it: what the employments say is taken off."""
    joined = base.join(brought, on="person", how="left", maintain_order="left")
    known = months(pl.col("entry_date"), pl.col("opened").dt.offset_by("1d")) + pl.col("earlier_service_months")
    in_service = pl.col("open_service").is_not_null() & (pl.col("opened") >= pl.col("entry_date"))
    return joined.with_columns(
        pl.when(in_service)
        .then(pl.max_horizontal(pl.col("open_service") - known, pl.lit(0)))
        .otherwise("recognised_months")
        .alias("recognised_months"),
        pl.coalesce("ladder_grade", "open_grade").alias("ladder_grade"),
    )
