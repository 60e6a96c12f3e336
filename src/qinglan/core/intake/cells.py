"""Reads single cells: names, phones, ID numbers, dates, words from a table. Each parser returns the canonical value (None for
an empty cell) or raises CellFault with a code, a Chinese sentence and its mend.
"""

from __future__ import annotations

import datetime as dt
import re

from .dates import AmbiguousDate, PartDate, read_date
from .idnumber import fault_of, tidy_id
from .layout import CellFault, Parser, Setting
from .model import Value
from .text import compact, is_empty_word, plain, shown, without_brackets

_HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\ue000-\uf8ff\U00020000-\U000323af々"
_NAME = re.compile(f"[{_HAN}]+(·[{_HAN}]+)*|[A-Za-zÀ-ɏ{_HAN}][A-Za-zÀ-ɏ{_HAN}·.'\\- ]*")
_NOT_NAMES = frozenset({"同上", "同前", "姓名"})
_DOTS = str.maketrans(dict.fromkeys("•・‧∙⋅．.․●▪﹒", "·"))
_LATIN_GAP = re.compile(r"(?<=[A-Za-zÀ-ɏ.])\s+(?=[A-Za-zÀ-ɏ])")
_PHONE_NOISE = re.compile(r"[\s\-—–_.·()+]")
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)", re.ASCII)
_BETWEEN = re.compile(r"(?<=\d{11})\s+(?=1)")
_EXACT = 10**15  # whole numbers below keep every digit in a cell
_SCIENTIFIC = re.compile(r"\d(\.\d+)?e\+?\d+", re.IGNORECASE)
_SERVED = re.compile(r"(毕业|学历|文化|程度)$")
_DATE_MEND = "请写成2019年7月1日或2019年7月这样的日期"


def person_name(value: Value, _: Setting) -> str | None:
    """Return a name without inner spaces; the dot of minority names is ·, Latin words keep one space between them."""
    text = plain(value)
    gapped = _LATIN_GAP.sub("\0", text)
    name = "".join(gapped.split()).replace("\0", " ")
    if any("\u4e00" <= ch <= "\u9fff" for ch in name):
        name = name.translate(_DOTS)
    if not name or is_empty_word(name):
        return None
    if (
        name in _NOT_NAMES
        or isinstance(value, int | float | dt.date)
        or not 2 <= len(name) <= 40
        or not _NAME.fullmatch(name)
    ):
        raise CellFault("bad name", f"〈{shown(value)}〉不像姓名", "请只填姓名本身，不带编号、职务或括号说明")
    return name


def id_number(value: Value, setting: Setting) -> str | None:
    """Return a checked 18-character ID number (GB 11643); numbers kept as numbers have lost digits and are refused."""
    if isinstance(value, bool | dt.date):
        raise CellFault(
            "id format", f"身份证号码〈{shown(value)}〉不是号码", "请把该列设为文本格式，再按身份证重新填写"
        )
    if (isinstance(value, int | float) and abs(value) >= _EXACT) or _SCIENTIFIC.fullmatch(compact(value)):
        raise CellFault(
            "id as number", "身份证号码被存成了数值，后几位已经丢失", "请把该列设为文本格式，再按身份证重新填写"
        )
    number = tidy_id(compact(value))
    if not number or is_empty_word(number):
        return None
    fault = fault_of(number, setting.today)
    if fault:
        raise CellFault(fault.code, fault.message, fault.mend)
    return number


def phone(value: Value, _: Setting) -> str | None:
    """Return an 11-digit mobile number; separators, +86 and a number kept as a number are understood."""
    text = compact(value)
    if not text or is_empty_word(text):
        return None
    digits = _PHONE_NOISE.sub("", text.removesuffix(".0"))  # a number that another program wrote out as text
    if len(digits) == 13 and digits.startswith("86"):
        digits = digits[2:]
    elif len(digits) == 15 and digits.startswith("0086"):
        digits = digits[4:]
    if not re.fullmatch(r"1[3-9]\d{9}", digits, re.ASCII):
        if len(_MOBILE.findall(_PHONE_NOISE.sub("", _BETWEEN.sub("/", plain(value))))) > 1:
            raise CellFault("bad phone", f"联系电话〈{shown(value)}〉填了不止一个号码", "请只留一个11位手机号码")
        raise CellFault(
            "bad phone", f"联系电话〈{shown(value)}〉不是11位手机号码", "请填一个以1开头的11位手机号码；没有就留空"
        )
    return digits


_MONTHS, _MONTH_DIGITS = 12, 2


def date_part(code: str, label: str, *, settled: bool = False) -> Parser:
    """Return a parser for a date of any precision (a PartDate).

    `settled` is for dates that the ID number settles: a number such as 1990.1 (January or October) is then taken as its year.
    """

    def parse(value: Value, setting: Setting) -> PartDate | None:
        if is_empty_word(compact(value)):
            return None
        try:
            part = read_date(value, date1904=setting.date1904)
        except AmbiguousDate as ambiguous:
            if settled:
                return read_date(str(ambiguous).partition(".")[0] + "年")
            raise CellFault(
                code,
                f"{label}〈{ambiguous}〉可能是1月，也可能是10月（表格把末尾的0去掉了）",
                "请写成2019年10月这样的文字",
            ) from None
        if part is None:
            raise CellFault(code, f"{label}〈{shown(value)}〉不是有效日期", _DATE_MEND)
        return part

    return parse


def day(code: str, label: str, *, future: bool = False, since: int = 0) -> Parser:
    """Return a parser for a date; a month is its first day, a day after `setting.today` is refused unless `future`, and one
    before the year `since`."""
    part_of = date_part(code, label)

    def parse(value: Value, setting: Setting) -> dt.date | None:
        part = part_of(value, setting)
        if part is None:
            return None
        found = part.first_day(setting.today)
        if found is None:
            raise CellFault(code, f"{label}〈{shown(value)}〉没有写明月份", _DATE_MEND)
        if found.year < since:
            raise CellFault(code, f"{label}〈{shown(value)}〉早于{since}年", "请核对年份，并写全四位数的年")
        if found > setting.today and not future:
            raise CellFault(code, f"{label}〈{shown(value)}〉晚于今天", "请核对年月")
        return found

    return parse


def month(code: str, label: str) -> Parser:
    """Return a parser for a month as (year or None, month): 6, 6月, 2025年6月, or a date."""
    day_of = day(code, label)

    def parse(value: Value, setting: Setting) -> tuple[int | None, int] | None:
        found = compact(value).removesuffix("月份").removesuffix("月")
        if not found or is_empty_word(found):
            return None
        if found.isascii() and found.isdecimal() and len(found) <= _MONTH_DIGITS:
            if not 1 <= int(found) <= _MONTHS:
                raise CellFault(code, f"{label}〈{shown(value)}〉不是月份", "请填1到12")
            return None, int(found)
        date = day_of(value, setting)
        return (date.year, date.month) if date else None

    return parse


def word(table: str, code: str, label: str, *, unknown: bool = False) -> Parser:
    """Return a parser that brings a word to the canonical one of `setting.words[table]`.

    With `unknown` a word outside the table is kept as it is written.
    """

    def parse(value: Value, setting: Setting) -> str | None:
        text = compact(value)
        if not text:
            return None
        words = setting.words[table]
        for form in (
            text,
            text.rstrip("。;；,，、"),
            without_brackets(text),
            _SERVED.sub("", text),
            _SERVED.sub("", without_brackets(text)),
        ):
            if form.lower() in words:
                return words[form.lower()]
        if is_empty_word(text):
            return None
        if unknown:
            return text
        choices = "、".join(dict.fromkeys(words.values()))
        if len(choices) > 60:
            choices = choices[:50].rpartition("、")[0] + "等"
        raise CellFault(code, f"{label}〈{shown(value)}〉无法识别", f"请填{choices}之一")

    return parse


def text(limit: int = 200) -> Parser:
    """Return a parser for free text of at most `limit` characters."""

    def parse(value: Value, _: Setting) -> str | None:
        found = plain(value)
        if not found:
            return None
        if len(found) > limit:
            raise CellFault("too long", f"文字过长（{len(found)}字）", f"请压缩到{limit}字以内")
        return found

    return parse
