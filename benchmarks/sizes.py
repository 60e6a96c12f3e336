"""The named sizes of `make bench`, and a country of synthetic workers (合成数据) of any size as Parquet tables."""

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

SIZES = {"small": 10_000, "medium": 100_000, "large": 1_000_000}
DISTRICT_PEOPLE = 2_241  # as many as 桃源区 has
EPOCH = date(1970, 1, 1)


def day(year: int, month: int, of_month: int) -> int:
    return (date(year, month, of_month) - EPOCH).days


def write(folder: Path, people: int, seed: int = 990101) -> None:
    """people, employments, postings, grades, certificates, history: what pay is worked out from, for 2025.

    Districts of 2,241; one in ten enters in the year, one in twenty leaves in it, one in ten changes post and one in five grade in
    mid-month; half hold a certificate; everybody has a star from the year before.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    person = np.arange(1, people + 1)
    district = 100_000 + person // DISTRICT_PEOPLE
    community = district * 1_000_000 + 1_000 + rng.integers(1, 109, people)
    organisation = pl.Series(community).cast(pl.String)
    entered = np.where(
        rng.random(people) < 0.1,
        rng.integers(day(2025, 1, 2), day(2025, 12, 1), people),
        rng.integers(day(2005, 1, 1), day(2024, 12, 1), people),
    )
    left = np.where(rng.random(people) < 0.05, rng.integers(day(2025, 2, 1), day(2025, 12, 31), people), 0)
    left = np.where(left > entered, left, 0)

    def days(values: np.ndarray) -> pl.Series:
        series = pl.Series(values.astype(np.int32))
        return pl.select(pl.when(series > 0).then(series).cast(pl.Date)).to_series()

    pl.DataFrame({
        "person": person, "sex": rng.integers(1, 3, people), "birth": days(rng.integers(day(1970, 1, 2), day(2000, 1, 1), people)),
        "education": rng.integers(2, 5, people),
    }).write_parquet(folder / "people.parquet")  # fmt: skip
    pl.DataFrame({"person": person, "since": days(entered), "until": days(left)}).write_parquet(
        folder / "employments.parquet"
    )
    post = rng.choice([1, 4, 6, 7, 7, 7, 7, 8], people)
    _changing(
        folder / "postings.parquet",
        rng,
        entered,
        0.1,
        {"person": person, "organisation": organisation},
        "post",
        post,
        1,
    )
    grade = rng.integers(1, 8, people)
    _changing(folder / "grades.parquet", rng, entered, 0.2, {"person": person}, "grade", grade, 1)
    held = rng.random(people) < 0.5
    issued = rng.integers(day(2015, 1, 1), day(2025, 11, 1), people)
    pl.DataFrame({
        "person": person[held], "level": rng.integers(1, 3, people)[held], "issued": days(issued[held]),
    }).write_parquet(folder / "certificates.parquet")  # fmt: skip
    pl.DataFrame({
        "person": person, "year": np.full(people, 2024), "grade": rng.integers(1, 4, people), "star": rng.integers(1, 6, people),
    }).write_parquet(folder / "history.parquet")  # fmt: skip


def _changing(path: Path, rng, entered, share: float, keys: dict, name: str, value: np.ndarray, more: int) -> None:
    """Spans of a value since the first day; for some people it changes once in the year."""
    people = len(value)
    turn = rng.integers(day(2025, 1, 10), day(2025, 12, 20), people)
    changes = (rng.random(people) < share) & (turn > entered)
    first = pl.DataFrame({**keys, name: value, "since": entered, "until": np.where(changes, turn, 0)})
    second = pl.DataFrame({**keys, name: value + more, "since": turn, "until": np.zeros(people, np.int64)}).filter(
        pl.Series(changes)
    )
    both = pl.concat([first, second]).with_columns(
        pl.col("since").cast(pl.Int32).cast(pl.Date),
        pl.when(pl.col("until") > 0).then(pl.col("until").cast(pl.Int32)).cast(pl.Date).alias("until"),
    )
    both.write_parquet(path)
