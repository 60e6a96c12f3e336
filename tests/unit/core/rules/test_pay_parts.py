"""Parts of a month add up to the month, on both day bases, whatever the cut."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qinglan.core.frame.units import days
from qinglan.core.packs.loading import load
from qinglan.core.rules.families import compute
from qinglan.core.rules.numbers import part_of, weekdays
from qinglan.core.rules.pay_parts import CERT_ALLOWANCE, PRORATING, THREE_PLUS_X
from qinglan.core.rules.registry import ITEMS

PACK = """name: paid
title: 按计薪天数
version: "1"
inherits: [taoyuan]
"""
RULES = """pay.prorating.basis:
  values:
    - since: 2020-01-01
      setting: 试验
      value: 按计薪天数
"""


@pytest.fixture(scope="module")
def paid_days(tmp_path_factory: pytest.TempPathFactory) -> object:
    folder: Path = tmp_path_factory.mktemp("packs") / "paid"
    folder.mkdir()
    (folder / "pack.yaml").write_text(PACK, encoding="utf-8")
    (folder / "pay.yaml").write_text(RULES, encoding="utf-8")
    return load(folder, ITEMS).on(date(2025, 12, 31))


@pytest.fixture(scope="module")
def calendar() -> object:
    return load("taoyuan", ITEMS).on(date(2025, 12, 31))


def parts(pack: object, stretches: list[tuple[date, date, int]], **facts: int) -> dict[str, np.ndarray]:
    """The segments of one month: (first day, last day, paid or not)."""
    frame = {
        "segment_since": np.array([days(one) for one, _, _ in stretches]),
        "segment_until": np.array([days(one) for _, one, _ in stretches]),
        "segment_paid": np.array([paid for _, _, paid in stretches]),
    }
    counted = compute(PRORATING, frame, PRORATING.tables(pack))
    number = counted["segment_days"]
    frame |= counted | {
        "segment_days_before": np.cumsum(number) - number,
        "segment_days_paid": np.full(len(number), number.sum()),
    }
    given = {
        "segment_post": 7,
        "segment_grade": 3,
        "segment_star_coefficient": 13_500,
        "segment_certificate": 2,
    } | facts
    frame |= {name: np.full(len(number), value) for name, value in given.items()}
    frame |= compute(THREE_PLUS_X, frame, THREE_PLUS_X.tables(pack))
    return frame | compute(CERT_ALLOWANCE, frame, CERT_ALLOWANCE.tables(pack))


def split(year: int, month: int, cuts: list[int]) -> list[tuple[date, date, int]]:
    """The whole month, cut after the given days."""
    first = date(year, month, 1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    ends = sorted({one for one in cuts if one < last.day} | {last.day})
    starts = [1, *(one + 1 for one in ends[:-1])]
    return [(first.replace(day=a), first.replace(day=b), 1) for a, b in zip(starts, ends, strict=True)]


@given(st.integers(2020, 2030), st.integers(1, 12), st.lists(st.integers(1, 30), max_size=5), st.integers(1, 9))
@settings(max_examples=150, deadline=None)
@pytest.mark.parametrize("basis", ["calendar", "paid_days"])
def test_the_parts_of_a_month_are_the_month(
    request: pytest.FixtureRequest, basis: str, year: int, month: int, cuts: list[int], grade: int
) -> None:
    pack = request.getfixturevalue(basis)
    got = parts(pack, split(year, month, cuts), segment_grade=grade)
    for name in ("basic", "performance", "subsidy", "communications"):
        assert got[f"segment_{name}"].sum() == got[f"full_{name}"][0]
        assert got[f"segment_{name}"].min() >= 0
    assert got["segment_certificate_pay"].sum() == got["full_certificate"][0]


@given(st.integers(0, 10**9), st.lists(st.integers(0, 31), min_size=1, max_size=8))
@settings(max_examples=300, deadline=None)
def test_running_sums_lose_no_fen(amount: int, lengths: list[int]) -> None:
    whole = max(sum(lengths), 1) * 100
    before, total = 0, 0
    for length in lengths:
        total += part_of(amount, before * 100, length * 100, whole)
        before += length
    assert total == (amount if sum(lengths) else 0)


@given(st.integers(-30_000, 60_000), st.integers(0, 400))
@settings(max_examples=300, deadline=None)
def test_weekdays_are_counted_as_the_calendar_counts_them(since: int, length: int) -> None:
    start = date(1970, 1, 1) + timedelta(days=since)
    expected = sum((start + timedelta(days=n)).weekday() < 5 for n in range(length + 1))
    assert weekdays(since, since + length) == expected


def test_an_entry_in_mid_month_is_paid_by_21_75_days(paid_days: object) -> None:
    """From Monday 15 December 2025: 13 weekdays; 4,200 × 1.2 = 5,040, 70 % basic = 3,528; × 13 / 21.75 = 2,108.69."""
    got = parts(paid_days, [(date(2025, 12, 15), date(2025, 12, 31), 1)])
    assert int(got["segment_days"][0]) == 13
    assert int(got["days_divisor"][0]) == 2_175
    assert int(got["segment_basic"][0]) == 210_869


def test_two_days_without_pay_in_a_month_of_23_weekdays(paid_days: object) -> None:
    """October 2025 has 23 weekdays; 21 paid of 21.75: 3,528 × 21 / 21.75 = 3,406.34."""
    stretches = [(date(2025, 10, 1), date(2025, 10, 8), 1), (date(2025, 10, 9), date(2025, 10, 10), 0),
                 (date(2025, 10, 11), date(2025, 10, 31), 1)]  # fmt: skip
    got = parts(paid_days, stretches)
    assert got["segment_days"].tolist() == [6, 0, 15]
    assert int(got["segment_basic"].sum()) == 340_634


def test_22_paid_of_23_weekdays_are_the_whole_month_and_no_more(paid_days: object) -> None:
    """22 days are more than 21.75: the month's amount is the most that can be paid."""
    got = parts(paid_days, [(date(2025, 10, 1), date(2025, 10, 30), 1), (date(2025, 10, 31), date(2025, 10, 31), 0)])
    assert int(got["segment_basic"].sum()) == int(got["full_basic"][0]) == 352_800
