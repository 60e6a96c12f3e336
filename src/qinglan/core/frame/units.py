"""Units of the int64 numbers in frames, packs and steps: how many parts make one, and how a person reads them."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from qinglan.core.frame.missing import MISSING, reason_of

EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Unit:
    """`scale` parts make one of `label`: 100 fen make 1 元, 10,000 parts make 1 倍."""

    name: str
    label: str
    scale: int = 1


FEN = Unit("fen", "元", 100)
SCORE = Unit("score", "分", 100)
PERCENT = Unit("percent", "%", 100)
HOURS = Unit("hours", "学时", 100)
CLOCK_HOURS = Unit("clock_hours", "小时", 100)
COEFFICIENT = Unit("coefficient", "倍", 10_000)
DAYS = Unit("days", "天")
PART_DAYS = Unit("part_days", "天", 100)
MONTHS = Unit("months", "个月")
YEARS = Unit("years", "年")
HALF_MONTHS = Unit("half_months", "个月", 2)
COUNT = Unit("count", "")
PEOPLE = Unit("people", "人")
FLAG = Unit("flag", "")
DATE = Unit("date", "")
CODE = Unit("code", "")
ROW = Unit("row", "")

UNITS = {
    unit.name: unit
    for unit in (
        FEN,
        SCORE,
        PERCENT,
        HOURS,
        CLOCK_HOURS,
        COEFFICIENT,
        DAYS,
        MONTHS,
        YEARS,
        HALF_MONTHS,
        COUNT,
        PEOPLE,
        FLAG,
        DATE,
        CODE,
        ROW,
    )
}


def days(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def to_date(number: int) -> date:
    """The date `number` days after 1970-01-01."""
    return EPOCH + timedelta(days=number)


def say(value: int, unit: Unit, labels: dict[int, str] | None = None) -> str:
    """The number as an office reads it: 618200 fen → 6,182.00 元; a code → its label; missing → its reason."""
    if value <= MISSING:
        return f"（{reason_of(value).label}）"
    if labels is not None:
        return labels.get(value, str(value))
    if unit is FLAG:
        return "是" if value else "否"
    if unit is DATE:
        return to_date(value).isoformat()
    if unit.scale == 1:
        return f"{value:,} {unit.label}".rstrip()
    number = Decimal(value) / unit.scale
    if unit is FEN:
        return f"{number:,.2f} 元"
    if unit is PERCENT:
        return f"{number.normalize():f}%"
    if unit is COEFFICIENT:
        return f"{number.normalize():f} 倍"
    return f"{number:,.2f} {unit.label}"
