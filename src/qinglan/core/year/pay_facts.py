"""Turns records into the facts that a year's pay is worked out from (core.year.months.PayFacts)."""

from datetime import date

import numpy as np
import polars as pl

from qinglan.core.frame.building import Frame
from qinglan.core.frame.records import Records
from qinglan.core.frame.units import days
from qinglan.core.packs.pack import Pack
from qinglan.core.year.months import PayFacts
from qinglan.core.year.segments import Dated, cut

LONG_AGO, FAR = days(date(1900, 1, 1)), days(date(2200, 1, 1))
PRIZES = {2: "prize_money_province", 3: "prize_money_city", 4: "prize_money_district"}
OPENING = {
    "months_before": "months_employed",
    "income_before": "income",
    "special_before": "special_deductions",
    "additional_before": "additional_deductions",
    "withheld_before": "tax_withheld",
}


def build(
    records: Records, frame: Frame, pack: Pack, star_coefficient: np.ndarray, start_grade: np.ndarray
) -> PayFacts:
    """The pay facts of the frame's people for its year.

    `star_coefficient` (n,): the coefficient in force that year. `start_grade` (n,): the grade of those who have none on record, as the
    ladder has it (career.five_rank_nine_grade).
    """
    people = pl.DataFrame({"person": frame.people, "row": np.arange(len(frame))})
    year = frame.year
    stars = np.arange(len(frame))
    everywhere = (np.full(len(frame), LONG_AGO), np.full(len(frame), FAR))
    facts = [
        _dated(records["postings"], people, "post", "segment_post"),
        _dated(_grades(records, year), people, "grade", "segment_grade"),
        _dated(_certificates(records), people, "level", "segment_certificate"),
        Dated(stars, *everywhere, {"segment_star_coefficient": star_coefficient}),
    ]
    employment = _dated(records["employments"], people)
    segments = cut(employment, facts, year, [days(day) for day in pack.change_days()])
    unrecorded = ~np.isin(frame.people, _grades(records, year)["person"].to_numpy())
    person = segments["segment_person"]
    segments["segment_grade"] = np.where(unrecorded[person], start_grade[person], segments["segment_grade"])
    brought = opened(records, frame)
    # What an opening balance covers was paid elsewhere: those months are not worked out again for her.
    ours = segments["segment_month"] - year * 12 + 1 > brought[segments["segment_person"]]
    segments = {name: column[ours] for name, column in segments.items()}
    opening, additional = _opening(records, people, year)
    first_month = first_month_of(brought)
    months = {**_prizes(records, people, year), "additional_deduction": np.tile(additional, (12, 1))}
    return PayFacts(len(frame), segments, months, opening, first_month)


def _dated(table: pl.DataFrame, people: pl.DataFrame, value: str = "", column: str = "") -> Dated:
    """Dated rows by frame row; a running span reaches far; rows without a value are left out."""
    rows = table.join(people, on="person")
    if value:
        rows = rows.filter(pl.col(value).is_not_null())
    since = rows["since"].cast(pl.Int32).cast(pl.Int64).to_numpy()
    until = (rows["until"].cast(pl.Int32).cast(pl.Int64) - 1).fill_null(FAR).to_numpy()
    values = {column: rows[value].cast(pl.Int64).to_numpy()} if value else {}
    return Dated(rows["row"].to_numpy(), since, until, values)


def _grades(records: Records, year: int) -> pl.DataFrame:
    """Grades held; for those with none on record, the grade of their last opening balance up to the year's end."""
    grades = records["grades"]
    opening = (
        records["opening"]
        .filter(pl.col("ladder_grade").is_not_null() & (pl.col("day") <= date(year, 12, 31)))
        .sort("day")
        .unique("person", keep="last", maintain_order=True)
    )
    brought = opening.select(
        "person", grade="ladder_grade", since=pl.lit(date(1900, 1, 1)), until=pl.lit(None, pl.Date)
    )
    return pl.concat([grades, brought.join(grades, on="person", how="anti")])


def _certificates(records: Records) -> pl.DataFrame:
    """Spans of the highest certificate held; one of an unknown day counts as always held."""
    rows = records["certificates"].with_columns(pl.col("issued").fill_null(date(1900, 1, 1))).sort("person", "issued")
    best = rows.with_columns(pl.col("level").cum_max().over("person")).unique(
        ["person", "issued"], keep="last", maintain_order=True
    )
    return best.with_columns(until=pl.col("issued").shift(-1).over("person")).rename({"issued": "since"})


def _prizes(records: Records, people: pl.DataFrame, year: int) -> dict[str, np.ndarray]:
    """Prize money (12, n) by level, in the month of the project's day."""
    months = {name: np.zeros((12, people.height), np.int64) for name in PRIZES.values()}
    rows = (
        records["projects"]
        .filter((pl.col("day").dt.year() == year) & pl.col("prize_level").is_in(list(PRIZES)))
        .join(people, on="person")
    )
    for level, fund, day, row in rows.select("prize_level", "fund", "day", "row").iter_rows():
        months[PRIZES[level]][day.month - 1, row] += fund
    return months


def first_month_of(brought: np.ndarray) -> int:
    """The first month to work out: after the balances of a district that went live in mid-year, where most people have one.

    A few balances (someone who came from elsewhere) decide for those people alone.
    """
    return int(brought.max()) + 1 if len(brought) and 2 * int((brought > 0).sum()) >= len(brought) else 1


def _opening(records: Records, people: pl.DataFrame, year: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Opening balances (n,), and each person's monthly additional deduction."""
    rows = records["opening"].filter(pl.col("day").dt.year() == year).sort("day")
    rows = rows.unique("person", keep="last", maintain_order=True)
    joined = people.join(rows, on="person", how="left", maintain_order="left")
    balances = {name: joined[column].fill_null(0).cast(pl.Int64).to_numpy().copy() for name, column in OPENING.items()}
    return balances, joined["additional_monthly"].fill_null(0).to_numpy().copy()


def opened(records: Records, frame: Frame) -> np.ndarray:
    """The month of each person's opening balance in the frame's year (n,); 0 where there is none."""
    rows = records["opening"].filter(pl.col("day").dt.year() == frame.year).group_by("person").agg(pl.col("day").max())
    people = pl.DataFrame({"person": frame.people}).join(rows, on="person", how="left", maintain_order="left")
    return people["day"].dt.month().cast(pl.Int64).fill_null(0).to_numpy().copy()
