"""Reads dates in the styles offices write them, and says how precise each was.

A date is given as (year, month or 0, day or 0); what a missing part means (first day of the month, or the day in the ID
number) is for the field to decide.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from .model import Value
from .text import chinese_number, compact

_CHINESE = "零〇○ОOoΟ一二三四五六七八九十"
_CHINESE_YEAR = re.compile(f"([{_CHINESE}]{{4}}|[{_CHINESE}]{{2}})年")
_CHINESE_PART = re.compile("([一二三四五六七八九十]{1,3})(?=月|日|号)")
_YEAR_DIGIT = {ch: str(i) for i, ch in enumerate("零一二三四五六七八九")} | dict.fromkeys("〇○ОOoΟ", "0")
_TIME = re.compile(r"[T ]?\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$")
_TAIL = re.compile(r"(至今|起|开始|以来|入职|取得|生|[-~—至到]+今?)$")
_WEEKDAY = re.compile(r"(?<=[\d日号])[(]?(星期|周)[一二三四五六日天][)]?$")
_SEPARATED = re.compile(r"(\d{4}|\d{2})[-.](\d{1,2})(?:[-.](\d{1,2}))?")
_WORDED = re.compile(r"(\d{4}|\d{2})年(?:(\d{1,2})(?:月份|月)?(?:(\d{1,2})[日号]?)?)?")
# Six digits from 1940 on: 190701 is rather July of 2019 than January of 1907, so it is neither.
_SOLID = re.compile(r"(?:(?=\d{8}$)|(?=19[4-9]|20))(\d{4})(\d{2})(\d{2})?")
_WRITTEN_OUT = re.compile(r"^(\d{8}|\d{6})\.0$")  # a number that another program wrote out as text
_SERIAL = re.compile(r"(\d{5})(\.0+)?")
_EPOCH_1900 = dt.date(1899, 12, 30)
_EPOCH_1904 = dt.date(1904, 1, 1)
# Numbers in a date column that can only be Excel day counts: 2057 is far enough, and 1957 leaves 1900-2099 to be years.
_SERIALS = range(21_000, 60_000)


@dataclass(frozen=True, slots=True)
class PartDate:
    """A date as precise as it was written; month or day 0 when not given. `century` is False for two-digit years."""

    year: int
    month: int = 0
    day: int = 0
    century: bool = True

    def first_day(self, today: dt.date) -> dt.date | None:
        """Return the date, a month as its first day; None when it is only a year or no day of the calendar."""
        if not self.month:
            return None
        try:
            return dt.date(self.full_year(today), self.month, self.day or 1)
        except ValueError:
            return None

    def full_year(self, today: dt.date) -> int:
        """Return the year in four digits; of two digits, the latest that is not in the future."""
        if self.century:
            return self.year
        return self.year + (2000 if self.year <= today.year % 100 else 1900)

    def agrees_with(self, day: dt.date) -> bool:
        """Say whether the parts that were given are those of `day`."""
        year = day.year if self.century else day.year % 100
        return year == self.year and self.month in (0, day.month) and self.day in (0, day.day)


class AmbiguousDate(ValueError):
    """A number that may be two dates, such as 2019.1 (January, or October whose 0 the sheet dropped)."""


def from_serial(number: float, *, date1904: bool = False) -> dt.date | None:
    """Return the day of an Excel day count; None when it is outside the years 1900 to 9999."""
    try:
        return (_EPOCH_1904 if date1904 else _EPOCH_1900) + dt.timedelta(days=int(number))
    except OverflowError:
        return None


def read_date(value: Value, *, date1904: bool = False) -> PartDate | None:
    """Return the date a cell means, or None when it means none.

    Raises AmbiguousDate for numbers that may be two dates.
    """
    if isinstance(value, dt.date):
        return PartDate(value.year, value.month, value.day)
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return _from_number(value, date1904)
    return _from_text(value, date1904)


def _from_number(value: int | float, date1904: bool) -> PartDate | None:
    if float(value).is_integer():
        number = int(value)
        if number in _SERIALS:
            day = from_serial(number, date1904=date1904)
            return PartDate(day.year, day.month, day.day) if day else None
        return _from_text(str(number))
    text = f"{value:.6f}".rstrip("0")
    if 1900 <= value < 2100 or 50 <= value < 100 or 10 <= value < 50:
        part = _from_text(text)
        # A sheet shows 2019.10 as 2019.1 once it is a number: either month is possible.
        if part and part.month == 1 and text.endswith(".1"):
            raise AmbiguousDate(text)
        return part
    if int(value) in _SERIALS:
        day = from_serial(value, date1904=date1904)
        return PartDate(day.year, day.month, day.day) if day else None
    return None


def _from_text(raw: str, date1904: bool = False) -> PartDate | None:
    text = _TIME.sub("", " ".join(str(raw).split())) if ":" in str(raw) else str(raw)
    text = _WEEKDAY.sub("", compact(text)).replace("元月", "1月")
    if text and any(ch in _CHINESE for ch in text):
        text = _CHINESE_YEAR.sub(lambda m: "".join(_YEAR_DIGIT.get(ch, "十") for ch in m.group(1)) + "年", text)
        text = _CHINESE_PART.sub(lambda m: str(chinese_number(m.group(1)) or 0), text)
    text = _TAIL.sub("", text)
    for separator in "/。·,、‐‑–—_\\":
        text = text.replace(separator, "-" if separator in "/‐‑–—_\\" else ".")
    text = _WRITTEN_OUT.sub(r"\1", text.strip(".-"))
    for style in (_SEPARATED, _WORDED, _SOLID):
        match = style.fullmatch(text if style is not _SEPARATED else text.rstrip("日号"))
        if match:
            return _part(match)
    # Mixed styles such as 2019.7月 and 2019-7月1日.
    mixed = re.fullmatch(r"(\d{4}|\d{2})[-.年](\d{1,2})月?(?:份)?(?:[-.]?(\d{1,2})[日号]?)?", text)
    if mixed and "月" in text:
        return _part(mixed)
    serial = _SERIAL.fullmatch(text)
    if serial and int(serial[1]) in _SERIALS:  # what a date becomes in a column of text or in a CSV
        return _from_number(int(serial[1]), date1904)
    if re.fullmatch(r"\d{4}", text):
        return PartDate(int(text)) if 1900 <= int(text) < 2100 else None
    return None


def _part(match: re.Match[str]) -> PartDate | None:
    year, month, day = match.groups()
    part = PartDate(int(year), int(month or 0), int(day or 0), century=len(year) == 4)
    wrong_month = month is not None and not 1 <= part.month <= 12
    wrong_day = day is not None and not 1 <= part.day <= 31
    wrong_year = part.century and not 1900 <= part.year < 2100
    if wrong_month or wrong_day or wrong_year:
        return None
    try:
        dt.date(part.year if part.century else 2000 + part.year, part.month or 1, part.day or 1)
    except ValueError:
        return None if part.century else part
    return part
