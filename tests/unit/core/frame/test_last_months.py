"""Monthly scores of the year before stand beside this year's: failures are counted across the new year."""

from datetime import date

import polars as pl

from qinglan.core.frame.building import MONTHLY, _last_months
from qinglan.core.frame.records import TABLES, Records


def test_a_score_of_last_november_stands_in_last_years_column_and_this_years_does_not() -> None:
    def score(day: date, points: int, source: int = MONTHLY) -> dict[str, object]:
        return {
            "person": 1, "organisation": "990101001001", "source": source, "day": day, "score": points,
            "ballots": None, "favourable": None,
        }  # fmt: skip

    rows = [
        score(date(2024, 11, 30), 5_500),
        score(date(2024, 12, 31), 6_100, source=3),
        score(date(2025, 1, 31), 9_000),
        score(date(2023, 11, 30), 1_000),
    ]
    frame = _last_months(Records({"scores": pl.DataFrame(rows, schema=TABLES["scores"])}), 2025)
    assert frame["person"].to_list() == [1]
    assert frame["last_month_score_11"].to_list() == [5_500]
    assert frame["last_month_score_12"].to_list() == [None]
    assert frame["last_month_score_01"].to_list() == [None]
