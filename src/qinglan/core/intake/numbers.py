"""Reads numbers of single cells as integers: hundredths of a point or an hour, fen, counts, years, months of service, yes and no.

Nothing is rounded: a cell with more decimals than the unit holds is refused.
"""

from __future__ import annotations

import datetime as dt
import re

from .layout import CellFault, Parser, Setting
from .model import Value
from .text import compact, is_empty_word, shown

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(\D|$))")


def hundredths(
    code: str,
    label: str,
    *,
    least: int = 0,
    most: int | None = None,
    units: dict[str, int] | None = None,
    bare: int = 1,
) -> Parser:
    """Return a parser for a decimal as integer hundredths, refusing what lies outside [least, most] (in hundredths).

    `units` are endings and their factor, as {'万元': 10000, '元': 1}; `bare` is the factor of a number without
    an ending. More than two decimals are refused, not rounded; a number cell is read at 10 significant decimals first, so that 0.1 + 0.2 is 0.3.
    """
    endings = {"": bare} | (units or {})

    def parse(value: Value, _: Setting) -> int | None:
        if isinstance(value, float):
            value = f"{value:.8f}".rstrip("0").rstrip(".")
        found = _THOUSANDS.sub("", compact(value)).lstrip("¥￥")
        if not found or is_empty_word(found):
            return None
        ending = next((e for e in sorted(endings, key=len, reverse=True) if e and found.endswith(e)), "")
        number = found.removesuffix(ending)
        if not _NUMBER.fullmatch(number) or isinstance(value, bool | dt.date):
            raise CellFault(code, f"{label}〈{shown(value)}〉不是数", "请只填数字")
        whole, _dot, decimals = number.partition(".")
        scale = 100 * endings[ending]
        scaled = int((whole.lstrip("+-") or "0") + decimals) * scale
        amount, rest = divmod(scaled, 10 ** len(decimals))
        if rest:
            raise CellFault(code, f"{label}〈{shown(value)}〉小数多于两位", "请保留两位小数")
        amount = -amount if whole.startswith("-") else amount
        if amount < least or (most is not None and amount > most):
            bounds = f"{_said(least)}以上" if most is None else f"{_said(least)}到{_said(most)}之间"
            raise CellFault(code, f"{label}〈{shown(value)}〉超出范围", f"应在{bounds}，请核对")
        return amount

    return parse


def _said(amount: int) -> str:
    """A bound in hundredths as people write it: 100, 0.01, 1,000,000."""
    return f"{amount / 100:,.2f}".rstrip("0").rstrip(".")


def whole(code: str, label: str, *, least: int = 0, most: int | None = None) -> Parser:
    """Return a parser for a whole number within [least, most]."""
    decimal = hundredths(
        code, label, least=least * 100, most=None if most is None else most * 100, units={"人": 1, "票": 1, "份": 1}
    )

    def parse(value: Value, setting: Setting) -> int | None:
        amount = decimal(value, setting)
        if amount is not None and amount % 100:
            raise CellFault(code, f"{label}〈{shown(value)}〉应为整数", "请填整数")
        return None if amount is None else amount // 100

    return parse


def flag(code: str, label: str) -> Parser:
    """Return a parser for yes and no (是, 合格, 通过, √ …)."""
    yes = {"是", "合格", "通过", "及格", "√", "✓", "✔", "1", "y", "yes", "true", "已通过", "过"}
    no = {"否", "不合格", "未通过", "不及格", "×", "✗", "✘", "x", "0", "n", "no", "false", "缺考", "未过", "没过"}

    def parse(value: Value, _: Setting) -> bool | None:
        found = compact(value).lower()
        if not found:
            return None
        if found in yes:
            return True
        if found in no:
            return False
        raise CellFault(code, f"{label}〈{shown(value)}〉无法识别", "请填是或否")

    return parse


def year(code: str, label: str, *, ahead: int = 0) -> Parser:
    """Return a parser for a year from 2000 to `ahead` years after that of `setting.today`."""

    def parse(value: Value, setting: Setting) -> int | None:
        if isinstance(value, dt.date):
            return value.year
        found = compact(value).removesuffix("度").removesuffix("年")
        if not found or is_empty_word(found):
            return None
        latest = setting.today.year + ahead
        if not re.fullmatch(r"20\d\d", found, re.ASCII) or int(found) > latest:
            raise CellFault(code, f"{label}〈{shown(value)}〉不是可用的年份", f"请填2000到{latest}之间的四位年份")
        return int(found)

    return parse


_SERVICE = re.compile(r"(?:(\d+(?:\.\d+)?)年)?(?:零)?(?:(\d+)个?月)?")


def service_months(value: Value, _: Setting) -> int | None:
    """Return a length of service in months: 12年6个月, 12.5年, 150个月, or a bare number of years."""
    found = compact(value)
    if not found or is_empty_word(found):
        return None
    text = found + "年" if re.fullmatch(r"\d+(\.\d+)?", found, re.ASCII) else found
    match = _SERVICE.fullmatch(text)
    if match and any(match.groups()):
        months = round(float(match[1] or 0) * 12) + int(match[2] or 0)
        if months <= 60 * 12:
            return months
    raise CellFault("bad service", f"社区工作年限〈{shown(value)}〉无法识别", "请写成12年6个月这样")
