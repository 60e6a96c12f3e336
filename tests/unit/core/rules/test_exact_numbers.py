"""Rounding, shares and the calendar of the kernels, against Fraction, datetime and a walk day by day."""

from datetime import date, timedelta
from fractions import Fraction

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qinglan.core.frame.missing import MISSING, Reason, missing
from qinglan.core.rules.compiling import plain
from qinglan.core.rules.numbers import (
    band_row,
    bracket_row,
    civil,
    clamp,
    day_number,
    days_in_month,
    divide_half_up,
    divide_up,
    is_missing,
    rounded_quota,
    share,
    times,
    whole_months,
    year_of,
)

EPOCH = date(1970, 1, 1)
FIRST, LAST = (date(1900, 1, 1) - EPOCH).days, (date(2200, 12, 31) - EPOCH).days
SLOW_START = settings(deadline=None)  # the first call compiles
amounts = st.integers(-(10**13), 10**13)
days = st.integers(FIRST, LAST)


def half_up(value: Fraction) -> int:
    """The nearest integer, halves away from zero."""
    whole, rest = divmod(abs(value), 1)
    size = int(whole) + (1 if rest >= Fraction(1, 2) else 0)
    return size if value >= 0 else -size


@given(amounts, st.integers(1, 10**5))
@example(5, 10)
@example(-5, 10)
@example(-15, 10)
@example(-1, 3)
@example(4, 10)
@example(0, 1)
@SLOW_START
def test_divide_half_up(numerator: int, denominator: int) -> None:
    expected = half_up(Fraction(numerator, denominator))
    assert divide_half_up(numerator, denominator) == expected
    assert plain(divide_half_up)(numerator, denominator) == expected


@given(amounts, st.integers(1, 10**5))
@example(6, 3)
@example(-7, 3)
@SLOW_START
def test_divide_up(numerator: int, denominator: int) -> None:
    result = divide_up(numerator, denominator)
    assert (result - 1) * denominator < numerator <= result * denominator


@given(st.integers(-(10**10), 10**10), st.integers(0, 100_000))
@SLOW_START
def test_share_and_times(amount: int, parts: int) -> None:
    expected = half_up(Fraction(amount * parts, 10_000))
    assert share(amount, parts) == expected
    assert times(amount, parts) == expected


@given(amounts, amounts, amounts)
@SLOW_START
def test_clamp(value: int, one: int, other: int) -> None:
    low, high = min(one, other), max(one, other)
    assert clamp(value, low, high) == sorted((low, value, high))[1]


@given(days)
@example((date(2000, 2, 29) - EPOCH).days)
@example((date(1900, 3, 1) - EPOCH).days)
@example((date(2100, 2, 28) - EPOCH).days)
@example(-1)
@example(0)
@settings(max_examples=400, deadline=None)
def test_civil_is_the_calendar(day: int) -> None:
    expected = EPOCH + timedelta(days=day)
    assert tuple(civil(day)) == (expected.year, expected.month, expected.day)
    assert year_of(day) == expected.year
    assert day_number(expected.year, expected.month, expected.day) == day


def test_the_ends_of_all_months_of_three_centuries() -> None:
    for year in range(1900, 2201):
        for month in range(1, 13):
            first = date(year, month, 1)
            after = date(year + month // 12, month % 12 + 1, 1)
            assert days_in_month(year, month) == (after - first).days
            last = (after - EPOCH).days - 1
            assert tuple(civil(last)) == (year, month, (after - first).days)
            assert day_number(year, month, 1) == (first - EPOCH).days


def walked_months(since: date, until: date) -> int:
    """Counts months by walking from day to day: one is full on the day of the month, or on the month's last day."""
    months = 0
    day = since
    while day < until:
        day += timedelta(days=1)
        last = (day + timedelta(days=1)).month != day.month
        if day.day == since.day or (last and day.day < since.day):
            months += 1
    return months


@given(days, st.integers(-40, 900))
@example((date(2024, 1, 31) - EPOCH).days, 29)
@example((date(2024, 2, 29) - EPOCH).days, 365)
@example((date(2024, 2, 29) - EPOCH).days, 366)
@example((date(2023, 12, 31) - EPOCH).days, 60)
@settings(max_examples=150, deadline=None)
def test_whole_months_against_a_walk(since: int, length: int) -> None:
    start = EPOCH + timedelta(days=since)
    expected = walked_months(start, start + timedelta(days=length)) if length >= 0 else 0
    assert whole_months(since, since + length) == expected


@given(st.integers(0, 10**6), st.integers(0, 10_000))
@example(7, 1_500)
@example(13, 1_500)
@example(31, 2_000)
@SLOW_START
def test_rounded_quota(headcount: int, percent: int) -> None:
    exact = Fraction(headcount * percent, 10_000)
    assert rounded_quota(headcount, percent, 1) == -(-exact.numerator // exact.denominator)
    assert rounded_quota(headcount, percent, 2) == exact.numerator // exact.denominator
    assert rounded_quota(headcount, percent, 3) == half_up(exact)


def test_rows_of_bands_and_brackets() -> None:
    lower = np.array([0, 6_000, 8_000], np.int64)
    assert [band_row(lower, value) for value in (-1, 0, 5_999, 6_000, 7_999, 8_000, 10**9)] == [-1, 0, 0, 1, 1, 2, 2]
    upto = np.array([3_600_000, 14_400_000, 2**62], np.int64)
    assert [bracket_row(upto, value) for value in (0, 3_600_000, 3_600_001, 14_400_000, 14_400_001)] == [0, 0, 1, 1, 2]


def test_missing_is_far_below_any_amount() -> None:
    for reason in Reason:
        assert is_missing(missing(reason))
    assert not is_missing(MISSING + 1)
    assert not is_missing(-(10**15))
    assert not is_missing(0)
