"""Builds the frame of a year from records: who was employed, in which post at the end, what was learnt, scored and won."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from qinglan.core.frame.codes import ExitReason
from qinglan.core.frame.missing import Reason, missing
from qinglan.core.frame.openings import brought_along, with_opening
from qinglan.core.frame.person_year import PERSON_YEAR
from qinglan.core.frame.records import Records
from qinglan.core.frame.spells import in_force, merged, months, since_unbroken

ABILITIES = ("serve", "mobilise", "deliberate", "project", "coordinate", "innovate")
SCORE_COLUMNS = {1: "score_residents", 2: "score_professional", 3: "score_process", 4: "score_innovation"}
PAPERS = {"综合能力": "paper_ability", "实务": "paper_practice", "法规与政策": "paper_law"}
MONTHLY, INTERVIEW = 10, 11
AWARD_COLUMNS = {
    1: "awards_national", 2: "awards_province", 3: "awards_city", 4: "awards_district", 5: "awards_subdistrict",
}  # fmt: skip
PRIZE_COLUMNS = {2: "prize_fund_province", 3: "prize_fund_city", 4: "prize_fund_district"}


@dataclass(frozen=True)
class Frame:
    """`columns` {name: int64 (n,)}; `people` and `organisations` (n,) say whose rows they are. Order: by person."""

    year: int
    people: np.ndarray
    organisations: list[str]
    columns: dict[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.people)


def build(records: Records, year: int) -> Frame:
    """The person-year frame: one row for each person employed on any day of the year. Missing values carry a reason."""
    start, end = date(year, 1, 1), date(year, 12, 31)
    base = _employed(records, start, end)
    base = base.join(records["people"].unique("person", keep="last"), on="person", how="inner").sort("person")
    brought = brought_along(records, end)
    for part in (
        _posts(records, base), _protected(records, base), _certificates(records, base), _grades(records, base),
        _abilities(records, base), _hours(records, base, start, brought), _exams(records, base), _scores(records, start, end),
        _last_months(records, year), _awards(records, base), _warnings(records, base), _projects(records, base, start, end), _history(records, year),
    ):  # fmt: skip
        base = base.join(part, on="person", how="left", maintain_order="left")
    base = with_opening(base, brought)
    organisation = base["organisation"].fill_null("")
    base = base.with_columns(
        pl.lit(year).alias("year"),
        pl.lit(start).alias("year_start"),
        organisation.str.slice(0, 6).rank("dense").cast(pl.Int64).alias("district"),
        organisation.str.slice(0, 9).rank("dense").cast(pl.Int64).alias("subdistrict"),
        organisation.rank("dense").cast(pl.Int64).alias("organisation_number"),
        pl.col("birth").alias("birth_date"),
        # Years count to the end of the year (policy_facts §3), earlier recognised service included.
        (
            (
                months(pl.col("entry_date"), pl.lit(date(year + 1, 1, 1)))
                + pl.col("recognised_months")
                + pl.col("earlier_service_months")
            )
            // 12
        ).alias("years_in_social_work"),
        pl.when(pl.col("sex") == 1).then(1).otherwise(None).alias("retirement_class"),
    )
    columns = {name: _column(base, "organisation_number" if name == "organisation" else name) for name in PERSON_YEAR}
    return Frame(year, base["person"].to_numpy(), organisation.to_list(), columns)


def homes(records: Records, year: int) -> pl.DataFrame:
    """person, organisation (null without a post) of everyone whom `build` would give a row."""
    base = _employed(records, date(year, 1, 1), date(year, 12, 31))
    base = base.join(records["people"].unique("person"), on="person", how="semi").select("person", "as_of")
    return base.select("person").join(_posts(records, base).select("person", "organisation"), on="person", how="left")


def _column(base: pl.DataFrame, name: str) -> np.ndarray:
    reason = Reason.NO_POST if name in ("post", "post_since") else Reason.NOT_RECORDED
    if name not in base.columns:
        return np.full(base.height, missing(Reason.NOT_RECORDED), np.int64)
    series = base[name]
    if series.dtype == pl.Date:
        series = series.cast(pl.Int32)
    return series.cast(pl.Int64).fill_null(missing(reason)).to_numpy().copy()


def _employed(records: Records, start: date, end: date) -> pl.DataFrame:
    """One row a person: her last employment in the year, her last day in it, her days in it."""
    employments = merged(records["employments"])
    spans = employments.with_columns(pl.col("until").dt.offset_by("-1d").alias("last_day"))
    spans = spans.filter((pl.col("since") <= end) & (pl.col("last_day").is_null() | (pl.col("last_day") >= start)))
    clipped = spans.with_columns(
        pl.max_horizontal(pl.col("since"), pl.lit(start)).alias("from"),
        pl.min_horizontal(pl.col("last_day").fill_null(end), pl.lit(end)).alias("to"),
    )
    earlier = employments.filter(pl.col("until").is_not_null())
    totals = clipped.group_by("person").agg(
        ((pl.col("to") - pl.col("from")).dt.total_days() + 1).sum().alias("employed_days"),
        pl.col("to").max().alias("as_of"),
    )
    last = clipped.sort("since").unique("person", keep="last", maintain_order=True)
    broken = (
        earlier.join(last.select("person", entry="since"), on="person")
        .filter(pl.col("until") <= pl.col("entry"))
        .group_by("person")
        .agg(months(pl.col("since"), pl.col("until")).sum().alias("earlier_months"))
    )
    return (
        last.join(totals, on="person")
        .join(broken, on="person", how="left")
        .select(
            "person",
            pl.col("since").alias("entry_date"),
            pl.col("recognised_months").fill_null(0),
            pl.col("earlier_months").fill_null(0).alias("earlier_service_months"),
            "probation_until",
            pl.when(pl.col("last_day") <= end).then("last_day").alias("exit_date"),
            # Who left without a reason on record has left all the same.
            pl.when(pl.col("last_day") <= end)
            .then(pl.col("exit_reason").fill_null(int(ExitReason.OTHER)))
            .otherwise(int(ExitReason.NONE))
            .alias("exit_reason"),
            "employed_days",
            "as_of",
        )
    )


def _posts(records: Records, base: pl.DataFrame) -> pl.DataFrame:
    table = records["postings"]
    now = in_force(table, base).select("person", "organisation", "post", "elected", "track", since_now="since")
    runs = (
        table.join(base.select("person", "as_of"), on="person")
        .filter(pl.col("since") <= pl.col("as_of"))
        .join(
            now.select("person", post_now="post", track_now="track", sub_now=pl.col("organisation").str.slice(0, 9)),
            on="person",
        )
        .sort("person", "since")
    )
    same_sub = pl.col("organisation").str.slice(0, 9) == pl.col("sub_now")
    # Who has no post on her as-of day still belongs where she last stood, or else nobody would be asked about her.
    begun = table.join(base.select("person", "as_of"), on="person").with_columns(
        (pl.col("since") <= pl.col("as_of")).alias("begun")
    )
    stood = begun.sort("begun", "since").unique("person", keep="last", maintain_order=True)
    return (
        stood.select("person", stood="organisation")
        .join(now, on="person", how="left")
        .with_columns(pl.coalesce("organisation", "stood").alias("organisation"))
        .drop("stood")
        .join(since_unbroken(runs, pl.col("post") == pl.col("post_now"), "post_since"), on="person", how="left")
        .join(since_unbroken(runs, same_sub, "subdistrict_since"), on="person", how="left")
        .join(since_unbroken(runs, pl.col("track") == pl.col("track_now"), "track_since"), on="person", how="left")
        .drop("since_now")
    )


def _protected(records: Records, base: pl.DataFrame) -> pl.DataFrame:
    """Who on her as-of day is pregnant or nursing, or in the medical period of an illness."""
    rows = {
        name: in_force(records["protections"].filter(pl.col("kind") == kind), base)["person"].implode()
        for name, kind in (("protected", "maternity"), ("medical_period", "sick"))
    }
    return base.select("person", *(pl.col("person").is_in(people).alias(name) for name, people in rows.items()))


def _certificates(records: Records, base: pl.DataFrame) -> pl.DataFrame:
    held = (
        records["certificates"]
        .join(base.select("person", "as_of"), on="person")
        .filter(pl.col("issued").is_null() | (pl.col("issued") <= pl.col("as_of")))
        .sort("level", "registered_until", "issued")
        .unique("person", keep="last", maintain_order=True)
        .select(
            "person",
            certificate="level",
            certificate_date="issued",
            registered_since=pl.col("registered_until").dt.offset_by("-3y").dt.offset_by("1d"),
        )
    )
    return base.select("person").join(held, on="person", how="left").with_columns(pl.col("certificate").fill_null(0))


def _grades(records: Records, base: pl.DataFrame) -> pl.DataFrame:
    return in_force(records["grades"], base).select("person", ladder_grade="grade", ladder_since="since")


def _abilities(records: Records, base: pl.DataFrame) -> pl.DataFrame:
    """The latest rating of each ability up to the as-of day; one not rated last time keeps its earlier rating."""
    rated = (
        records["abilities"]
        .join(base.select("person", "as_of"), on="person")
        .filter(pl.col("day") <= pl.col("as_of"))
        .sort("day", *ABILITIES)
    )
    return rated.group_by("person").agg(pl.col(name).drop_nulls().last().alias(f"ability_{name}") for name in ABILITIES)


def _hours(records: Records, base: pl.DataFrame, start: date, brought: pl.DataFrame) -> pl.DataFrame:
    """Hours by ledger. What an opening balance says replaces the attendance up to its day; nothing is counted twice."""
    day, hours, kind, entry = pl.col("day"), pl.col("hours"), pl.col("kind"), pl.col("entry_date")
    known = base.select("person", "as_of", "entry_date").join(brought, on="person", how="left")
    training = records["training"].join(known, on="person").filter(day <= pl.col("as_of"))
    shadowing = records["shadowing"].join(known, on="person").filter((day <= pl.col("as_of")) & (day >= entry))

    def after(name: str, since: date | None = None) -> pl.Expr:
        """Not covered by the opening balance of this ledger (one of an earlier year says nothing of this year's hours)."""
        covered = pl.col(name).is_not_null() & (day <= pl.col("opened"))
        return ~(covered & (pl.col("opened") >= since) if since else covered).fill_null(False)

    ledgers = training.group_by("person").agg(
        hours.filter((kind == "annual") & (day >= start) & after("open_training", start)).sum().alias("annual_hours"),
        hours.filter((kind == "onboarding") & (day >= entry) & after("open_onboarding"))
        .sum()
        .alias("onboarding_hours"),
    )
    shadowed = shadowing.group_by("person").agg(hours.filter(after("open_shadowing")).sum().alias("shadowing_hours"))
    period = _certificates(records, base).select("person", "registered_since")
    continuing = (
        training.join(period, on="person")
        .filter((kind == "continuing") & pl.col("registered_since").is_not_null() & (day >= pl.col("registered_since")))
        .group_by("person")
        .agg(hours.sum().alias("continuing_hours"))
    )
    joined = known
    for part in (ledgers, shadowed, continuing):
        joined = joined.join(part, on="person", how="left")
    this_year, this_service = pl.col("opened") >= start, pl.col("opened") >= entry
    # No attendance on record is no hours: a ledger's sum over nothing, not a value nobody knows.
    return joined.select(
        "person",
        pl.col("annual_hours").fill_null(0) + pl.when(this_year).then("open_training").otherwise(0).fill_null(0),
        pl.col("onboarding_hours").fill_null(0)
        + pl.when(this_service).then("open_onboarding").otherwise(0).fill_null(0),
        pl.col("shadowing_hours").fill_null(0) + pl.when(this_service).then("open_shadowing").otherwise(0).fill_null(0),
        pl.col("continuing_hours").fill_null(0),
    )


def _scores(records: Records, start: date, end: date) -> pl.DataFrame:
    scores = records["scores"].filter(
        pl.col("person").is_not_null() & (pl.col("day") >= start) & (pl.col("day") <= end)
    ).sort("day", "score", "ballots")  # fmt: skip
    source, score, month = pl.col("source"), pl.col("score"), pl.col("day").dt.month()
    return scores.group_by("person").agg(
        *(score.filter(source == number).last().alias(name) for number, name in SCORE_COLUMNS.items()),
        pl.col("ballots").filter(source == 1).last().alias("ballots"),
        score.filter(source == INTERVIEW).last().alias("interview_score"),
        *(
            score.filter((source == MONTHLY) & (month == number)).last().alias(f"month_score_{number:02d}")
            for number in range(1, 13)
        ),
    )


def _last_months(records: Records, year: int) -> pl.DataFrame:
    """The monthly scores of the year before: failures are counted over twelve months, across the new year."""
    scores = records["scores"].filter(
        pl.col("person").is_not_null() & (pl.col("source") == MONTHLY) & (pl.col("day").dt.year() == year - 1)
    ).sort("day", "score")  # fmt: skip
    month = pl.col("day").dt.month()
    return scores.group_by("person").agg(
        pl.col("score").filter(month == number).last().alias(f"last_month_score_{number:02d}")
        for number in range(1, 13)
    )


def _exams(records: Records, base: pl.DataFrame) -> pl.DataFrame:
    """The highest level sat for, and the last score of each of its papers."""
    sat = (
        records["exams"]
        .join(base.select("person", "as_of"), on="person")
        .filter(pl.col("day") <= pl.col("as_of"))
        .with_columns(pl.col("level").max().over("person").alias("exam_level"))
        .filter(pl.col("level") == pl.col("exam_level"))
        .sort("day", "score")
    )
    subject = pl.col("subject")
    return sat.group_by("person").agg(
        pl.col("exam_level").first(),
        *(pl.col("score").filter(subject == name).last().alias(column) for name, column in PAPERS.items()),
        *(
            pl.col("day").dt.year().cast(pl.Int64).filter(subject == name).last().alias(f"{column}_year")
            for name, column in PAPERS.items()
        ),
    )


def days_reached(table: pl.DataFrame, frame: Frame, hours: int) -> np.ndarray:
    """For each row of the frame, the day on which the hours of `table` since entry first came to `hours`; else missing."""
    people = pl.DataFrame(
        {"person": frame.people, "entry": frame.columns["entry_date"], "until": frame.columns["as_of"]}
    )
    day = pl.col("day").cast(pl.Int32).cast(pl.Int64)
    reached = (
        table.join(people, on="person")
        .filter((day >= pl.col("entry")) & (day <= pl.col("until")))
        .sort("day")
        .with_columns(pl.col("hours").cum_sum().over("person").alias("sum"))
        .filter(pl.col("sum") >= hours)
        .group_by("person")
        .agg(day.min().alias("reached"))
    )
    found = people.select("person").join(reached, on="person", how="left", maintain_order="left")["reached"]
    return found.fill_null(missing(Reason.NOT_RECORDED)).to_numpy().copy()


def _awards(records: Records, base: pl.DataFrame) -> pl.DataFrame:
    awards = (
        records["awards"].join(base.select("person", "as_of"), on="person").filter(pl.col("day") <= pl.col("as_of"))
    )
    counts = awards.group_by("person").agg(
        (pl.col("level") == number).sum().cast(pl.Int64).alias(name) for number, name in AWARD_COLUMNS.items()
    )
    return (
        base.select("person")
        .join(counts, on="person", how="left")
        .with_columns(pl.all().exclude("person").fill_null(0))
    )


def _warnings(records: Records, base: pl.DataFrame) -> pl.DataFrame:
    recent = (
        records["warnings"]
        .join(base.select("person", "as_of"), on="person")
        .filter((pl.col("day") <= pl.col("as_of")) & (pl.col("day") > pl.col("as_of").dt.offset_by("-12mo")))
    )
    counts = recent.group_by("person").agg(
        (pl.col("kind") == "warning").sum().cast(pl.Int64).alias("warnings"),
        (pl.col("kind") == "talk").sum().cast(pl.Int64).alias("talks"),
    )
    return (
        base.select("person")
        .join(counts, on="person", how="left")
        .with_columns(pl.all().exclude("person").fill_null(0))
    )


def _projects(records: Records, base: pl.DataFrame, start: date, end: date) -> pl.DataFrame:
    rows = records["projects"].filter((pl.col("day") >= start) & (pl.col("day") <= end))
    weight = pl.when(pl.col("quality").is_not_null()).then(pl.col("volume"))
    totals = rows.group_by("person").agg(
        *(
            pl.col("fund").filter(pl.col("prize_level") == number).sum().alias(name)
            for number, name in PRIZE_COLUMNS.items()
        ),
        pl.when(pl.col("volume").is_not_null().any()).then(pl.col("volume").sum()).alias("work_volume"),
        # Quality is the mean weighted by volume, half up in whole hundredths.
        pl.when(weight.sum() > 0)
        .then((2 * (pl.col("quality") * weight).sum() + weight.sum()) // (2 * weight.sum()))
        .alias("work_quality"),
    )
    # No prize on record is no prize money; work that nobody counted stays missing.
    prizes = pl.col(list(PRIZE_COLUMNS.values())).fill_null(0)
    return base.select("person").join(totals, on="person", how="left").with_columns(prizes)


def _history(records: Records, year: int) -> pl.DataFrame:
    # One result a year: a merged duplicate may bring another of the same year.
    past = records["history"].filter(pl.col("year") < year).unique(["person", "year"], keep="last", maintain_order=True)
    return past.group_by("person").agg(
        pl.col("grade").filter(pl.col("year") == year - 1).last().alias("last_grade"),
        pl.col("grade").filter(pl.col("year") == year - 2).last().alias("grade_before_last"),
        (pl.col("grade") == 1).sum().cast(pl.Int64).alias("excellent_years"),
        pl.col("star").filter(pl.col("year") == year - 1).last().alias("last_star"),
    )
