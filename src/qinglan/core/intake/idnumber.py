"""Checks citizens' ID numbers (GB 11643-1999) and reads the birth date and the sex out of them.

The area part is checked for its form only: a person keeps the code of the day of issue, and codes change
(spec/policy_facts.md §8).
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_OTHER = re.compile(r"[^0-9X]")
_FORM = re.compile(r"[1-9][0-9]{5}[0-9]{8}[0-9]{3}[0-9X]", re.ASCII)
# What keyboards and copies put in the place of the final X.
_X_LIKE = str.maketrans({"x": "X", "×": "X", "Х": "X", "х": "X", "✕": "X", "χ": "X", "Χ": "X"})
_NOISE = re.compile(r"[\s'\"‘’“”`´.。,，、\-_—–:：;；]")
OLDEST = 110


@dataclass(frozen=True, slots=True)
class IdFault:
    """Why a text is no ID number: a stable code, a Chinese sentence, a Chinese mend."""

    code: str
    message: str
    mend: str


def check_digit(first17: str) -> str:
    """Return the 18th character for the first 17 digits (ISO 7064 MOD 11-2)."""
    return _CHECKS[sum(int(d) * w for d, w in zip(first17, _WEIGHTS, strict=True)) % 11]


def tidy_id(text: str) -> str:
    """Return the text as an ID number would be written: no spaces or quotes, X in upper case."""
    return _NOISE.sub("", text).translate(_X_LIKE).upper()


def birth_of(number: str) -> dt.date | None:
    """Return the birth date inside an 18-character number; None when there is no such day."""
    try:
        return dt.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def sex_of(number: str) -> str:
    """Return 男 or 女 by the 17th digit."""
    return "男" if int(number[16]) % 2 else "女"


def fault_of(number: str, today: dt.date) -> IdFault | None:
    """Return what is wrong with a tidied ID number, or None when it is sound."""
    if _OTHER.search(number) and len(number) != 18:
        return IdFault(
            "id format", "身份证号码一格里夹着别的文字，不是18位号码", "请只填身份证上的18位号码，别的话写到备注里"
        )
    if len(number) != 18:
        old = "（15位旧号码已停用）" if len(number) == 15 else ""
        return IdFault(
            "id length",
            f"身份证号码应为18位，现为{len(number)}位{old}",
            "请按身份证补齐18位；若是被表格截断，请先把该列设为文本再重新填写",
        )
    if not _FORM.fullmatch(number):
        return IdFault(
            "id format", "身份证号码含有不应出现的字符", "前17位应为数字，末位为数字或X，请按身份证核对（不能打星号）"
        )
    if check_digit(number[:17]) != number[17]:
        return IdFault("id checksum", "身份证号码校验位不对，至少有一位填错", "请对照身份证逐位核对后改正")
    birth = birth_of(number)
    if birth is None or birth > today or birth.year < today.year - OLDEST:
        return IdFault("id birth date", "身份证号码中的出生日期不存在或不合理", "请对照身份证核对第7至14位")
    return None
