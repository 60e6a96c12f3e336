"""From records to what a year's pay is worked out from: who is paid by which post, grade, certificate and balance on which days."""

from datetime import date

import numpy as np
import pytest
from tests.unit.core.frame.rows import employment, person, posting, records

from qinglan.core.frame.building import build
from qinglan.core.frame.missing import Reason, missing
from qinglan.core.frame.units import to_date
from qinglan.core.packs.loading import load
from qinglan.core.rules.registry import ITEMS
from qinglan.core.year import pay_facts

D = date
UNKNOWN = missing(Reason.NOT_RECORDED)
PACK = load("taoyuan", ITEMS)


START = 1


def facts(year: int = 2025, **tables: list):
    tables.setdefault("people", [person()])
    tables.setdefault("employments", [employment(D(2020, 1, 1))])
    tables.setdefault("postings", [posting(D(2020, 1, 1))])
    made = records(**tables)
    frame = build(made, year)
    return pay_facts.build(made, frame, PACK, np.full(len(frame), 10_000), np.full(len(frame), START))


def spans(given, column: str) -> list[tuple[date, date, int]]:
    """(first day, last day, value) of the segments, those with the same value joined."""
    joined: list[tuple[date, date, int]] = []
    rows = given.segments
    for since, until, value in zip(rows["segment_since"], rows["segment_until"], rows[column], strict=True):
        if joined and joined[-1][2] == value and (to_date(int(since)) - joined[-1][1]).days == 1:
            joined[-1] = (joined[-1][0], to_date(int(until)), int(value))
        else:
            joined.append((to_date(int(since)), to_date(int(until)), int(value)))
    return joined


def test_a_post_that_changes_in_mid_month_cuts_the_month() -> None:
    given = facts(postings=[posting(D(2020, 1, 1), D(2025, 5, 12)), posting(D(2025, 5, 12), None, post=5)])
    assert spans(given, "segment_post") == [
        (D(2025, 1, 1), D(2025, 5, 11), 7),
        (D(2025, 5, 12), D(2025, 12, 31), 5),
    ]
    assert sum(given.segments["segment_month"] == 2025 * 12 + 4) == 2


def test_a_certificate_counts_from_its_day_and_a_lower_one_later_changes_nothing() -> None:
    held = [
        {"person": 1, "level": 2, "issued": D(2025, 9, 16)},
        {"person": 1, "level": 1, "issued": D(2025, 3, 1)},
        {"person": 1, "level": 1, "issued": D(2025, 11, 1)},
    ]
    assert spans(facts(certificates=held), "segment_certificate") == [
        (D(2025, 1, 1), D(2025, 2, 28), UNKNOWN),
        (D(2025, 3, 1), D(2025, 9, 15), 1),
        (D(2025, 9, 16), D(2025, 12, 31), 2),
    ]


def test_two_certificates_of_one_day_count_as_the_higher_whatever_their_order() -> None:
    held = [{"person": 1, "level": level, "issued": D(2019, 9, 1)} for level in (2, 1)]
    for rows in (held, held[::-1]):
        assert spans(facts(certificates=rows), "segment_certificate") == [(D(2025, 1, 1), D(2025, 12, 31), 2)]


def test_a_certificate_of_an_unknown_day_counts_as_always_held() -> None:
    given = facts(certificates=[{"person": 1, "level": 1}])
    assert spans(given, "segment_certificate") == [(D(2025, 1, 1), D(2025, 12, 31), 1)]


def test_grades_by_their_days_and_days_without_a_grade_are_missing() -> None:
    grades = [
        {"person": 1, "grade": 2, "since": D(2025, 2, 10), "until": D(2025, 8, 1)},
        {"person": 1, "grade": 3, "since": D(2025, 8, 1)},
    ]
    assert spans(facts(grades=grades), "segment_grade") == [
        (D(2025, 1, 1), D(2025, 2, 9), UNKNOWN),
        (D(2025, 2, 10), D(2025, 7, 31), 2),
        (D(2025, 8, 1), D(2025, 12, 31), 3),
    ]


def test_only_employed_days_are_paid() -> None:
    broken = [employment(D(2020, 1, 1), D(2025, 3, 16), exit_reason=1), employment(D(2025, 10, 9))]
    given = facts(employments=broken)
    assert spans(given, "segment_post") == [(D(2025, 1, 1), D(2025, 3, 15), 7), (D(2025, 10, 9), D(2025, 12, 31), 7)]


BALANCE = {
    "person": 1, "day": D(2025, 6, 30), "income": 3_600_000, "special_deductions": 540_000,
    "additional_deductions": 600_000, "tax_withheld": 1_234, "months_employed": 6, "additional_monthly": 100_000,
    "ladder_grade": 4,
}  # fmt: skip


def test_an_opening_balance_starts_the_months_after_it() -> None:
    given = facts(opening=[BALANCE])
    assert given.first_month == 7
    assert {name: int(values[0]) for name, values in given.opening.items()} == {
        "months_before": 6, "income_before": 3_600_000, "special_before": 540_000, "additional_before": 600_000,
        "withheld_before": 1_234,
    }  # fmt: skip
    assert given.months["additional_deduction"].tolist() == [[100_000]] * 12
    assert spans(given, "segment_grade") == [(D(2025, 7, 1), D(2025, 12, 31), 4)]


def test_the_balance_of_one_who_came_from_elsewhere_decides_for_her_alone() -> None:
    three = (1, 2, 3)
    several = facts(
        people=[person(number) for number in three],
        employments=[employment(D(2020, 1, 1), number=number) for number in three],
        postings=[posting(D(2020, 1, 1), number=number) for number in three],
        opening=[BALANCE],
    )
    assert several.first_month == 1
    months = {
        person: sorted(
            {
                int(m) % 12 + 1
                for m, who in zip(several.segments["segment_month"], several.segments["segment_person"], strict=True)
                if who == person
            }
        )
        for person in range(several.people)
    }
    assert months[0] == [7, 8, 9, 10, 11, 12]
    assert all(found == list(range(1, 13)) for person, found in months.items() if person)


@pytest.mark.parametrize(("year", "grade"), [(2024, START), (2026, 4)])
def test_an_opening_balance_says_nothing_of_the_years_before_and_no_sums_of_those_after(year: int, grade: int) -> None:
    given = facts(year, opening=[BALANCE])
    assert given.first_month == 1
    assert not any(values.any() for values in given.opening.values())
    assert {value for _, _, value in spans(given, "segment_grade")} == {grade}


def test_a_balance_at_the_end_of_the_year_leaves_no_month_to_compute() -> None:
    assert facts(opening=[{**BALANCE, "day": D(2025, 12, 31)}]).first_month == 13


def test_prize_money_falls_in_the_month_of_its_day() -> None:
    prizes = [
        {"person": 1, "prize_level": 4, "fund": 500_000, "day": D(2025, 3, 31)},
        {"person": 1, "prize_level": 4, "fund": 100_000, "day": D(2025, 3, 1)},
        {"person": 1, "prize_level": 2, "fund": 900_000, "day": D(2025, 4, 1)},
        {"person": 1, "prize_level": 2, "fund": 900_000, "day": D(2024, 4, 1)},
    ]
    months = facts(projects=prizes).months
    assert months["prize_money_district"][:, 0].tolist() == [0, 0, 600_000] + [0] * 9
    assert months["prize_money_province"][:, 0].tolist() == [0] * 3 + [900_000] + [0] * 8
