"""How the int64 numbers of frames are said, and what a missing one remembers."""

from datetime import date

import pytest

from qinglan.core.frame import codes, units
from qinglan.core.frame.missing import MISSING, REASON_LABELS, Reason, missing, reason_of
from qinglan.core.frame.month import MONTH, SEGMENT
from qinglan.core.frame.person_year import PERSON_YEAR
from qinglan.core.frame.unit_year import UNIT_YEAR
from qinglan.core.frame.units import say


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (618_200, units.FEN, "6,182.00 元"),
        (-5, units.FEN, "-0.05 元"),
        (0, units.FEN, "0.00 元"),
        (1_234_567_890, units.FEN, "12,345,678.90 元"),
        (2_000, units.PERCENT, "20%"),
        (50, units.PERCENT, "0.5%"),
        (10_000, units.PERCENT, "100%"),
        (12_000, units.COEFFICIENT, "1.2 倍"),
        (10_000, units.COEFFICIENT, "1 倍"),
        (5_999, units.SCORE, "59.99 分"),
        (2_241, units.PEOPLE, "2,241 人"),
        (24, units.MONTHS, "24 个月"),
        (7, units.COUNT, "7"),
        (1, units.FLAG, "是"),
        (0, units.FLAG, "否"),
        (-1, units.DATE, "1969-12-31"),
    ],
)
def test_numbers_as_an_office_reads_them(value: int, unit: units.Unit, said: str) -> None:
    assert say(value, unit) == said


@pytest.mark.parametrize("unit", units.UNITS.values(), ids=units.UNITS)
def test_a_missing_number_says_its_reason_in_every_unit(unit: units.Unit) -> None:
    for reason in Reason:
        assert say(missing(reason), unit) == f"（{REASON_LABELS[reason]}）"
        assert say(missing(reason), unit, {1: "优秀"}) == f"（{reason.label}）"


def test_a_code_says_its_label() -> None:
    assert say(codes.Grade.EXCELLENT, units.CODE, codes.Grade.labels()) == "优秀"
    assert say(99, units.CODE, codes.Grade.labels()) == "99"


def test_reasons_are_remembered_and_never_amounts() -> None:
    for reason in Reason:
        assert reason_of(missing(reason)) is reason
        assert missing(reason) <= MISSING
    with pytest.raises(ValueError, match="not missing"):
        reason_of(0)
    assert set(REASON_LABELS) == set(Reason)


def test_days_and_dates_are_one_another() -> None:
    for day in (date(1900, 1, 1), date(1970, 1, 1), date(2024, 2, 29), date(2200, 12, 31)):
        assert units.to_date(units.days(day)) == day


def test_labels_and_codes_are_unique_in_every_closed_list() -> None:
    lists = [one for one in vars(codes).values() if isinstance(one, type) and issubclass(one, codes.Code)]
    for one in lists:
        members = list(one)
        assert len({int(member) for member in members}) == len(members)
        assert len({member.label for member in members}) == len(members)
        assert all(int(member) >= 0 for member in members)


def test_every_column_has_a_label_and_codes_only_where_they_belong() -> None:
    for frame in (PERSON_YEAR, UNIT_YEAR, MONTH, SEGMENT):
        for name, column in frame.items():
            assert column.label, name
            assert column.codes is None or column.unit is units.CODE, name
