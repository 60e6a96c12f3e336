"""Brings the text of cells to one form, so that what looks equal on paper is equal here.

Full-width digits, invisible marks from chat programs, spaces inside Chinese words: offices do not see them, programs do.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata

from .model import Value

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef]"
)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SPACE = re.compile(r"\s+")
_QUOTES = "'‘’`´ʹ′＇"
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|〈[^〈〉]*〉|<[^<>]*>")
_EMPTY_WORDS = frozenset(
    {"", "无", "/", "\\", "-", "--", "—", "——", "*", "空", "null", "none", "n/a", "#n/a", "/无", "没有", "暂无"}
)
_DIGITS = {ch: i for i, ch in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}
_NUMERAL = re.compile("[零〇○一二三四五六七八九十]+")


def shown(value: Value) -> str:
    """Return a cell as its reader sees it: whole floats without a point, dates as ISO, None as ''."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value)


def plain(value: Value) -> str:
    """Return the cell's text with widths unified, invisible marks gone, outer quotes and spaces cut."""
    text = shown(value)
    if not text.isascii() or not text.isprintable():
        text = unicodedata.normalize("NFKC", _CONTROL.sub("", _INVISIBLE.sub("", text)))
    return text.strip().strip(_QUOTES).strip()


def compact(value: Value) -> str:
    """Return `plain` without any space inside."""
    return _SPACE.sub("", plain(value))


def is_empty_word(text: str) -> bool:
    """Say whether a (compact) text is one of the ways to write that there is nothing."""
    return text.lower() in _EMPTY_WORDS


def without_brackets(text: str) -> str:
    """Return the text without bracketed remarks; the text itself when nothing else is in it."""
    return _BRACKETS.sub("", text) or text


def chinese_number(text: str) -> int | None:
    """Return the number of a numeral such as 十二, 二十 or 三 (0-99); None when it is none."""
    if not text or not _NUMERAL.fullmatch(text):
        return None
    if "十" not in text:
        return int("".join(str(_DIGITS[ch]) for ch in text))
    tens, _, units = text.partition("十")
    if len(tens) > 1 or len(units) > 1:
        return None
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[units] if units else 0)


def arabic(text: str) -> str:
    """Return the text with Chinese numerals up to 99 written as digits, so that 十二村 and 12村 meet."""

    def replace(match: re.Match[str]) -> str:
        number = chinese_number(match.group())
        return match.group() if number is None else str(number)

    return _NUMERAL.sub(replace, text)
