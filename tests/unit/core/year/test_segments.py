"""Cutting dated facts into parts of months: every day once, facts as they were on it."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qinglan.core.frame.missing import MISSING
from qinglan.core.frame.units import days
from qinglan.core.year.segments import Dated, cut

START, END = days(date(2024, 1, 1)), days(date(2024, 12, 31))
DAY = st.integers(START - 40, END + 40)


def rows(spans: list[tuple[int, int, int, int]], name: str = "") -> Dated:
    table = np.array(spans, np.int64).reshape(-1, 4)
    return Dated(table[:, 0], table[:, 1], table[:, 2], {name: table[:, 3]} if name else {})


def test_a_worker_without_changes_has_twelve_segments() -> None:
    frame = cut(rows([(3, START - 900, END + 900, 0)]), [rows([(3, 0, END + 9, 7)], "segment_post")], 2024)
    assert frame["segment_month"].tolist() == [2024 * 12 + month for month in range(12)]
    assert (frame["segment_until"] - frame["segment_since"] + 1).tolist() == [
        31,
        29,
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ]
    assert set(frame["segment_post"].tolist()) == {7}
    assert set(frame["segment_person"].tolist()) == {3}


def test_a_change_of_pack_cuts_the_month_it_falls_in() -> None:
    change = days(date(2024, 5, 20))
    frame = cut(rows([(0, START, END, 0)]), [], 2024, [change, END + 400])
    may = frame["segment_month"] == 2024 * 12 + 4
    assert frame["segment_since"][may].tolist() == [days(date(2024, 5, 1)), change]


def test_who_left_last_year_has_no_segment_and_who_comes_back_has_a_gap() -> None:
    march, august = days(date(2024, 3, 15)), days(date(2024, 8, 2))
    frame = cut(rows([(0, START - 90, START - 1, 0), (1, START, march, 0), (1, august, END, 0)]), [], 2024)
    assert set(frame["segment_person"].tolist()) == {1}
    assert not ((frame["segment_since"] > march) & (frame["segment_since"] < august)).any()
    assert frame["segment_until"].max() == END


def test_facts_that_overlap_are_refused() -> None:
    with pytest.raises(ValueError, match="overlap"):
        rows([(0, 10, 20, 1), (0, 20, 30, 2)], "segment_grade")


@given(
    st.tuples(DAY, DAY).map(sorted),
    st.lists(st.tuples(DAY, st.integers(1, 9)), max_size=6, unique_by=lambda one: one[0]),
    st.tuples(DAY, DAY).map(sorted),
)
@settings(max_examples=200, deadline=None)
def test_every_day_employed_is_in_one_segment_with_the_facts_of_that_day(
    employed: list[int], grades: list[tuple[int, int]], unpaid: list[int]
) -> None:
    grades.sort()
    ends = [day - 1 for day, _ in grades[1:]] + [END + 40] * bool(grades)
    held = [(0, since, until, grade) for (since, grade), until in zip(grades, ends, strict=True)]
    facts = [rows(held, "segment_grade"), rows([(0, *unpaid, 0)], "segment_paid")]
    frame = cut(rows([(0, *employed, 0)]), facts, 2024)
    seen: dict[int, tuple[int, int]] = {}
    for since, until, month, grade, paid in zip(
        *(frame[f"segment_{name}"].tolist() for name in ("since", "until", "month", "grade", "paid")), strict=True
    ):
        for day in range(since, until + 1):
            assert day not in seen
            calendar = date(1970, 1, 1) + timedelta(days=day)
            assert month == calendar.year * 12 + calendar.month - 1
            seen[day] = (grade, paid)
    assert sorted(seen) == list(range(max(employed[0], START), min(employed[1], END) + 1))
    for day, (grade, paid) in seen.items():
        expected = [one for _, since, until, one in held if since <= day <= until]
        assert (grade == expected[0]) if expected else (grade <= MISSING)
        assert (paid == 0) if unpaid[0] <= day <= unpaid[1] else (paid <= MISSING)
