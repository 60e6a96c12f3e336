"""The shipped calendar against the State Council's notices, and honest silence about years without one."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qinglan.core.frame.units import days, to_date
from qinglan.core.packs.loading import load
from qinglan.core.packs.pack import Dated, Entry, NotInForce, Pack, Source
from qinglan.core.rules.registry import ITEMS
from qinglan.core.rules.workdays import CALENDAR, Workdays, workdays

NATIONAL = workdays(load("national", ITEMS))


@pytest.fixture(scope="module")
def calendar() -> Workdays:
    return NATIONAL


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2024, 2, 9), True),  # the eve of 2024 was left to paid leave
        (date(2024, 2, 10), False),
        (date(2024, 2, 18), True),  # a Sunday made up
        (date(2024, 10, 12), True),
        (date(2025, 1, 26), True),
        (date(2025, 1, 28), False),
        (date(2025, 10, 6), False),
        (date(2025, 10, 8), False),
        (date(2025, 10, 9), True),
        (date(2025, 10, 11), True),
        (date(2026, 1, 4), True),
        (date(2026, 2, 14), True),
        (date(2026, 2, 28), True),
        (date(2026, 5, 9), True),
        (date(2026, 9, 20), True),
        (date(2026, 10, 10), True),
        (date(2026, 1, 10), False),  # an ordinary Saturday
        (date(2026, 6, 19), False),
    ],
)
def test_days_of_the_notices(calendar: Workdays, day: date, working: bool) -> None:
    assert calendar.is_working(day) is working


@pytest.mark.parametrize(("year", "working"), [(2024, 251), (2025, 248), (2026, 248)])
def test_a_year_has_the_statutory_number_of_working_days(calendar: Workdays, year: int, working: int) -> None:
    """2024: 366 days less 104 weekend days less 11 holidays; from 2025 there are 13 holidays: 365 − 104 − 13 = 248."""
    assert calendar.count(date(year, 1, 1), date(year, 12, 31)) == working


@pytest.mark.parametrize(
    ("month", "accepted"),
    [(1, (1, 12)), (2, (2, 10)), (5, (5, 11)), (10, (10, 10))],
)
def test_rights_day_of_2026_moves_to_the_next_working_day(
    calendar: Workdays, month: int, accepted: tuple[int, int]
) -> None:
    """10 January is a Saturday, 10 May a Sunday, 10 October a Saturday that is made up."""
    assert calendar.working_day_from(date(2026, month, 10)) == date(2026, *accepted)


def test_every_make_up_day_is_a_weekend_and_every_year_starts_on_its_first_day(calendar: Workdays) -> None:
    assert all(day.weekday() >= 5 for day in calendar.work)
    assert not calendar.work & calendar.rest
    assert calendar.years == {2024, 2025, 2026}


def test_a_year_without_notice_is_refused_in_words(calendar: Workdays) -> None:
    with pytest.raises(NotInForce, match="没有 2027 年的放假安排"):
        calendar.is_working(date(2027, 1, 1))
    with pytest.raises(NotInForce, match="2027"):
        calendar.count(date(2026, 12, 31), date(2027, 1, 4))


def test_rest_days_at_the_end_of_the_last_year_do_not_run_into_the_unknown() -> None:
    """A holiday to 31 December asks for the next year's notice, and says so."""
    shape = ITEMS[CALENDAR].shape
    value = shape.adapter.validate_python([{"date": "2026-12-31", "kind": "休", "holiday": "元旦"}])
    entry = Entry(ITEMS[CALENDAR], (Dated(date(2026, 1, 1), value, Source(setting="测试")),))
    calendar = workdays(Pack("t", "测试包", "1", "", (), {CALENDAR: entry}, {}, ""))
    assert calendar.working_day_from(date(2026, 12, 30)) == date(2026, 12, 30)
    with pytest.raises(NotInForce, match="测试包"):
        calendar.working_day_from(date(2026, 12, 31))


@pytest.mark.parametrize(
    ("day", "count", "found"),
    [
        (date(2026, 6, 18), 0, date(2026, 6, 18)),
        (date(2026, 6, 18), 1, date(2026, 6, 22)),  # a Thursday; Dragon Boat Friday to Sunday
        (date(2026, 6, 22), -1, date(2026, 6, 18)),
        (date(2026, 9, 18), 1, date(2026, 9, 20)),  # a made-up Sunday
        (date(2026, 9, 30), 2, date(2026, 10, 9)),
        (date(2026, 6, 20), 1, date(2026, 6, 22)),  # from a rest day
    ],
)
def test_terms_count_working_days_only(calendar: Workdays, day: date, count: int, found: date) -> None:
    assert calendar.shift(day, count) == found


@given(st.dates(date(2024, 3, 1), date(2026, 9, 1)), st.integers(1, 40))
def test_a_term_is_the_day_by_which_so_many_working_days_have_passed(day: date, count: int) -> None:
    calendar = NATIONAL
    due = calendar.shift(day, count)
    assert calendar.is_working(due)
    assert calendar.count(day + timedelta(days=1), due) == count
    assert calendar.shift(due + timedelta(days=1), -1) == due


@given(st.dates(date(2024, 1, 1), date(2026, 11, 19)), st.integers(1, 28))
def test_the_monthly_day_is_the_first_one_not_yet_past(day: date, number: int) -> None:
    calendar = NATIONAL
    found = calendar.monthly_day_from(day, number)
    assert found >= day
    assert calendar.is_working(found)
    moved = {calendar.working_day_from(date(year, month, number)) for year in (2024, 2025, 2026) for month in range(1, 13)
             if (year, month) < (2026, 12) or number < 20}  # fmt: skip
    assert found == min(one for one in moved if one >= day)


def test_a_pack_without_calendar_knows_no_year() -> None:
    with pytest.raises(NotInForce, match="（无）"):
        workdays(Pack("t", "空包", "1", "", (), {}, {}, "")).is_working(date(2026, 1, 5))


def test_days_and_dates_agree_over_the_calendar(calendar: Workdays) -> None:
    assert all(to_date(days(day)) == day for day in calendar.rest)
    assert min(calendar.rest) == date(2024, 1, 1)
    assert max(calendar.work) == date(2026, 10, 10)
