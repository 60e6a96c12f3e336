"""The person-year frame from records, each expectation worked by hand."""

from datetime import date, timedelta

import numpy as np
import pytest
from tests.unit.core.frame.rows import HERE, employment, person, posting, records

from qinglan.core.frame.building import build
from qinglan.core.frame.codes import ExitReason
from qinglan.core.frame.missing import Reason, missing
from qinglan.core.frame.person_year import PERSON_YEAR
from qinglan.core.frame.records import Records
from qinglan.core.frame.units import days

D = date
UNKNOWN, NO_POST = missing(Reason.NOT_RECORDED), missing(Reason.NO_POST)
NEXT_DOOR, ELSEWHERE = "990101001002", "990101002001"


def one(year: int = 2025, **tables: list) -> dict[str, int]:
    """The only row of the frame as {column: number}."""
    tables.setdefault("people", [person()])
    tables.setdefault("employments", [employment(D(2020, 1, 1))])
    tables.setdefault("postings", [posting(D(2020, 1, 1))])
    frame = build(records(**tables), year)
    assert len(frame) == 1
    return {name: int(values[0]) for name, values in frame.columns.items()}


def test_every_column_stands_in_the_frame() -> None:
    frame = build(records(people=[person()], employments=[employment(D(2020, 1, 1))]), 2025)
    assert list(frame.columns) == list(PERSON_YEAR)
    assert all(values.dtype == np.int64 for values in frame.columns.values())


def test_nobody_employed_gives_an_empty_frame() -> None:
    frame = build(records(people=[person()], employments=[employment(D(2020, 1, 1), D(2025, 1, 1))]), 2025)
    assert len(frame) == 0
    assert len(build(Records({}), 2025)) == 0


def test_a_whole_year_is_365_days_and_a_leap_year_366() -> None:
    assert one()["employed_days"] == 365
    assert one(2024)["employed_days"] == 366
    assert one(2024)["as_of"] == days(D(2024, 12, 31))


def test_who_leaves_on_leap_day_is_seen_as_of_her_last_day() -> None:
    row = one(2024, employments=[employment(D(2020, 1, 1), D(2024, 3, 1), exit_reason=ExitReason.RETIRED)])
    assert row["as_of"] == row["exit_date"] == days(D(2024, 2, 29))
    assert row["employed_days"] == 31 + 29
    assert row["exit_reason"] == ExitReason.RETIRED


def test_an_exit_on_the_last_day_of_the_year_counts_and_one_a_day_later_does_not() -> None:
    last = one(employments=[employment(D(2020, 1, 1), D(2026, 1, 1), exit_reason=ExitReason.VOLUNTARY)])
    assert last["exit_reason"] == ExitReason.VOLUNTARY
    later = one(employments=[employment(D(2020, 1, 1), D(2026, 1, 2), exit_reason=ExitReason.VOLUNTARY)])
    assert later["exit_reason"] == ExitReason.NONE
    assert later["exit_date"] == UNKNOWN


def test_who_left_without_a_reason_on_record_has_left() -> None:
    assert one(employments=[employment(D(2020, 1, 1), D(2025, 7, 1))])["exit_reason"] == ExitReason.OTHER


def test_a_broken_service_counts_its_days_and_keeps_the_earlier_months_apart() -> None:
    """2015-03-01 to 2018-08-31 are 42 months; then 2025-02-01 to 2025-04-30 (89 days) and from 2025-10-01 (92 days)."""
    row = one(
        employments=[
            employment(D(2015, 3, 1), D(2018, 9, 1), exit_reason=1),
            employment(D(2025, 2, 1), D(2025, 5, 1), exit_reason=1),
            employment(D(2025, 10, 1), recognised_months=6),
        ]
    )
    assert row["entry_date"] == days(D(2025, 10, 1))
    assert row["employed_days"] == 89 + 92
    assert row["earlier_service_months"] == 42 + 3
    assert row["recognised_months"] == 6
    assert row["years_in_social_work"] == (3 + 6 + 45) // 12
    assert row["exit_reason"] == ExitReason.NONE


def test_a_contract_renewed_without_a_gap_is_one_service() -> None:
    row = one(
        employments=[employment(D(2016, 4, 1), D(2021, 4, 1), recognised_months=18), employment(D(2021, 4, 1), None)]
    )
    assert row["entry_date"] == days(D(2016, 4, 1))
    assert row["earlier_service_months"] == 0
    assert row["recognised_months"] == 18


def test_the_post_is_that_of_the_as_of_day() -> None:
    posts = [posting(D(2020, 1, 1), D(2025, 6, 1), post=7), posting(D(2025, 6, 1), D(2026, 2, 1), post=5)]
    assert one(postings=[*posts, posting(D(2026, 2, 1), post=1)])["post"] == 5
    left = one(postings=posts, employments=[employment(D(2020, 1, 1), D(2025, 6, 1))])
    assert left["post"] == 7


def test_post_since_is_the_first_day_of_the_last_unbroken_run() -> None:
    posts = [
        posting(D(2014, 1, 1), D(2016, 1, 1), post=7),
        posting(D(2016, 1, 1), D(2019, 1, 1), post=5),
        posting(D(2019, 1, 1), D(2022, 7, 1), post=7),
        posting(D(2022, 7, 1), None, post=7, where=NEXT_DOOR),
    ]
    assert one(postings=posts)["post_since"] == days(D(2019, 1, 1))


def test_a_gap_breaks_the_run() -> None:
    posts = [posting(D(2014, 1, 1), D(2018, 1, 1)), posting(D(2018, 1, 2), D(2023, 1, 1)), posting(D(2023, 1, 1))]
    row = one(postings=posts)
    assert row["post_since"] == row["subdistrict_since"] == days(D(2018, 1, 2))


def test_the_sub_district_is_one_across_its_communities_and_posts() -> None:
    posts = [
        posting(D(2012, 1, 1), D(2015, 1, 1), where=ELSEWHERE),
        posting(D(2015, 1, 1), D(2018, 1, 1), where=HERE),
        posting(D(2018, 1, 1), D(2021, 1, 1), where=NEXT_DOOR, post=5),
        posting(D(2021, 1, 1), None, where="990101001"),
    ]
    assert one(postings=posts)["subdistrict_since"] == days(D(2015, 1, 1))


def test_a_later_post_does_not_reach_back() -> None:
    posts = [posting(D(2020, 1, 1), D(2026, 3, 1)), posting(D(2026, 3, 1), None, post=1, where=ELSEWHERE)]
    row = one(postings=posts)
    assert (row["post"], row["post_since"], row["subdistrict_since"]) == (7, days(D(2020, 1, 1)), days(D(2020, 1, 1)))


def test_without_a_post_she_belongs_where_she_last_stood() -> None:
    tables = records(
        people=[person()],
        employments=[employment(D(2020, 1, 1))],
        postings=[posting(D(2019, 1, 1), D(2021, 1, 1), where=ELSEWHERE), posting(D(2021, 1, 1), D(2025, 9, 1))],
    )
    frame = build(tables, 2025)
    assert frame.organisations == [HERE]
    assert frame.columns["post"][0] == frame.columns["post_since"][0] == NO_POST


def test_nothing_on_record_is_missing_and_not_nothing() -> None:
    row = one()
    for name in ("certificate_date", "ladder_grade", "score_residents", "ability_serve", "last_grade", "work_volume"):
        assert row[name] == UNKNOWN, name
    for name in ("annual_hours", "shadowing_hours", "awards_city", "warnings", "certificate", "prize_fund_city"):
        assert row[name] == 0, name


def test_hours_stand_in_their_ledgers() -> None:
    def course(kind: str, day: date, hours: int) -> dict:
        return {"person": 1, "kind": kind, "day": day, "hours": hours}

    row = one(
        employments=[employment(D(2024, 11, 1))],
        postings=[posting(D(2024, 11, 1))],
        training=[
            course("annual", D(2024, 12, 31), 800),
            course("annual", D(2025, 1, 1), 400),
            course("annual", D(2025, 12, 31), 1_250),
            course("annual", D(2026, 1, 1), 800),
            course("onboarding", D(2024, 10, 31), 800),
            course("onboarding", D(2024, 11, 1), 1_600),
            course("onboarding", D(2025, 1, 5), 800),
        ],
        shadowing=[
            {"person": 1, "day": D(2024, 10, 31), "hours": 900},
            {"person": 1, "day": D(2024, 11, 2), "hours": 2_000},
            {"person": 1, "day": D(2025, 1, 2), "hours": 550},
        ],
    )
    assert row["annual_hours"] == 400 + 1_250
    assert row["onboarding_hours"] == 1_600 + 800
    assert row["shadowing_hours"] == 2_000 + 550


def test_continuing_education_counts_in_the_registered_three_years() -> None:
    """Registered until 2026-08-31: the period began on 2023-09-01."""
    certificate = {"person": 1, "level": 1, "issued": D(2017, 9, 1), "registered_until": D(2026, 8, 31)}
    hours = [
        {"person": 1, "kind": "continuing", "day": day, "hours": 1_000}
        for day in (D(2023, 8, 31), D(2023, 9, 1), D(2025, 12, 31), D(2026, 1, 1))
    ]
    row = one(certificates=[certificate], training=hours)
    assert row["registered_since"] == days(D(2023, 9, 1))
    assert row["continuing_hours"] == 2_000


def test_the_highest_certificate_held_by_then_counts() -> None:
    held = [
        {"person": 1, "level": 2, "issued": D(2025, 12, 31)},
        {"person": 1, "level": 1, "issued": D(2019, 9, 1)},
        {"person": 1, "level": 3, "issued": D(2026, 1, 1)},
    ]
    row = one(certificates=held)
    assert (row["certificate"], row["certificate_date"]) == (2, days(D(2025, 12, 31)))


def test_scores_of_the_year_alone_and_the_latest_of_them() -> None:
    def score(source: int, day: date, points: int, ballots: int | None = None) -> dict:
        return {"person": 1, "organisation": HERE, "source": source, "day": day, "score": points, "ballots": ballots}

    row = one(
        scores=[
            score(1, D(2025, 12, 10), 8_800, 45),
            score(1, D(2025, 6, 10), 7_000, 90),
            score(2, D(2024, 12, 31), 9_900),
            score(3, D(2025, 1, 1), 8_100),
            score(10, D(2025, 2, 28), 5_999),
            score(11, D(2025, 3, 1), 7_700),
        ]
    )
    assert (row["score_residents"], row["ballots"]) == (8_800, 45)
    assert row["score_professional"] == UNKNOWN
    assert row["score_process"] == 8_100
    assert (row["month_score_01"], row["month_score_02"], row["interview_score"]) == (UNKNOWN, 5_999, 7_700)


def test_an_ability_not_rated_last_time_keeps_its_earlier_rating() -> None:
    first = {"person": 1, "day": D(2023, 11, 20), "serve": 6_000, "project": 5_500}
    second = {"person": 1, "day": D(2025, 11, 20), "serve": 7_200}
    row = one(abilities=[second, first])
    assert (row["ability_serve"], row["ability_project"], row["ability_innovate"]) == (7_200, 5_500, UNKNOWN)


@pytest.mark.parametrize(
    ("day", "counted"),
    [(D(2023, 12, 31), 0), (D(2024, 1, 1), 1), (D(2024, 12, 31), 1), (D(2025, 1, 1), 0)],
)
def test_warnings_count_twelve_months_back_even_in_a_leap_year(day: date, counted: int) -> None:
    row = one(2024, warnings=[{"person": 1, "kind": "warning", "day": day}, {"person": 1, "kind": "talk", "day": day}])
    assert (row["warnings"], row["talks"]) == (counted, counted)


def test_awards_of_the_whole_service_up_to_the_day() -> None:
    won = [D(2012, 5, 1), D(2025, 12, 31), D(2026, 1, 1)]
    row = one(awards=[{"person": 1, "level": 3, "day": day} for day in won])
    assert (row["awards_city"], row["awards_province"]) == (2, 0)


def test_projects_of_the_year_their_quality_weighted_by_volume() -> None:
    """(8,000 × 3 + 9,001 × 2 + nothing) / 5 = 8,400.4 → 8,400; the piece without quality counts as volume only."""
    row = one(
        projects=[
            {"person": 1, "prize_level": 4, "fund": 500_000, "volume": 3, "quality": 8_000, "day": D(2025, 3, 1)},
            {"person": 1, "prize_level": 4, "fund": 100_000, "volume": 2, "quality": 9_001, "day": D(2025, 4, 1)},
            {"person": 1, "volume": 7, "day": D(2025, 5, 1)},
            {"person": 1, "prize_level": 2, "fund": 900_000, "volume": 9, "quality": 1, "day": D(2024, 5, 1)},
        ]
    )
    assert (row["work_volume"], row["work_quality"]) == (12, 8_400)
    assert (row["prize_fund_district"], row["prize_fund_province"]) == (600_000, 0)


def test_history_is_of_the_years_before() -> None:
    past = [
        {"person": 1, "year": year, "grade": grade, "star": star}
        for year, grade, star in ((2021, 1, 5), (2023, 1, 4), (2024, 2, 3), (2025, 4, 1))
    ]
    row = one(history=past)
    assert (row["last_grade"], row["grade_before_last"], row["last_star"], row["excellent_years"]) == (2, 1, 3, 2)


OPENING = {
    "person": 1, "day": D(2025, 6, 30), "training_hours": 3_000, "onboarding_hours": 2_500, "shadowing_hours": 9_000,
    "service_months": 150, "ladder_grade": 4,
}  # fmt: skip


def test_an_opening_balance_replaces_what_came_before_it() -> None:
    """Entered 2020-01-01: by the end of June 2025 66 months on record; 150 brought, so 84 were recognised before."""
    sat = [
        {"person": 1, "kind": "annual", "day": day, "hours": 800}
        for day in (D(2025, 3, 1), D(2025, 6, 30), D(2025, 7, 1))
    ]
    row = one(opening=[OPENING], training=sat, shadowing=[{"person": 1, "day": D(2025, 7, 2), "hours": 100}])
    assert row["annual_hours"] == 3_000 + 800
    assert row["onboarding_hours"] == 2_500
    assert row["shadowing_hours"] == 9_000 + 100
    assert row["recognised_months"] == 150 - 66
    assert row["years_in_social_work"] == (72 + 84) // 12
    assert row["ladder_grade"] == 4


def test_the_year_after_the_hours_of_the_year_begin_anew_and_the_rest_stays() -> None:
    row = one(2026, opening=[OPENING], training=[{"person": 1, "kind": "annual", "day": D(2026, 1, 9), "hours": 800}])
    assert row["annual_hours"] == 800
    assert (row["onboarding_hours"], row["recognised_months"], row["ladder_grade"]) == (2_500, 84, 4)


def test_a_grade_on_record_goes_before_the_one_brought_along() -> None:
    grade = {"person": 1, "grade": 5, "since": D(2025, 8, 1)}
    row = one(opening=[OPENING], grades=[grade])
    assert (row["ladder_grade"], row["ladder_since"]) == (5, days(D(2025, 8, 1)))


def test_the_order_of_rows_does_not_matter() -> None:
    start = D(2018, 1, 1)
    numbers = range(1, 9)
    tables = {
        "people": [person(n, birth=D(1980 + n, 1, n)) for n in numbers],
        "employments": [employment(start + timedelta(days=100 * n), number=n) for n in numbers],
        "postings": [
            posting(start + timedelta(days=100 * n), number=n, where=(HERE, NEXT_DOOR)[n % 2]) for n in numbers
        ],
        "scores": [
            {"person": n, "organisation": HERE, "source": 1, "day": D(2025, 12, 10), "score": points, "ballots": points}
            for n in numbers
            for points in (7_000 + n, 8_000 + n)
        ],
        "certificates": [
            {"person": n, "level": 1, "issued": D(year, 9, 1), "registered_until": D(year + 6, 8, 31)}
            for n in numbers
            for year in (2019, 2020)
        ],
    }
    there = build(records(**tables), 2025)
    back = build(records(**{name: rows[::-1] for name, rows in tables.items()}), 2025)
    assert there.organisations == back.organisations
    assert all(np.array_equal(there.columns[name], back.columns[name]) for name in PERSON_YEAR)
