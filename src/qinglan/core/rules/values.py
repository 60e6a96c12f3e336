"""How one value in a pack is written: numbers with their unit, dates, 是/否 and names out of closed lists, read exactly.

What cannot be read is refused in two short sentences: what is wrong and what would be right.
"""

import re
from collections.abc import Sequence
from datetime import date
from difflib import get_close_matches
from fractions import Fraction
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, TypeAdapter, WithJsonSchema
from pydantic_core import PydanticCustomError

from qinglan.core.frame.codes import Code
from qinglan.core.frame.missing import Reason, missing
from qinglan.core.frame.units import DATE, FLAG, Unit, days, say

REST = "其余"
NOT_IN_PACK = missing(Reason.NOT_IN_PACK)
ANY = missing(Reason.NOT_APPLICABLE)
DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
NUMBER = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?", re.ASCII)


def wrong(message: str, right: str) -> PydanticCustomError:
    """An error in words: what is wrong and what would be right."""
    return PydanticCustomError("pack", "{wrong}", {"wrong": message, "right": right})


def number(
    unit: Unit,
    codes: type[Code] | None = None,
    minimum: int | None = 0,
    maximum: int | None = None,
    *,
    optional: bool = False,
) -> Any:
    """The type of one value: text in, int64 parts of `unit` out (100 元 → 10000 fen; 是 → 1; 优秀 → its code).

    `optional` makes it a field that may be left out (then None).
    """

    def parse(raw: Any) -> int:
        if isinstance(raw, int) and not isinstance(raw, bool):
            return raw
        if not isinstance(raw, str):
            raise wrong("应是一个值，不是列表或表", "这里只写一个数字或词")
        text = raw.strip()
        if codes is not None:
            if text not in codes.by_label():
                raise not_listed(text, list(codes.by_label()))
            return codes.by_label()[text]
        if unit is FLAG:
            if text not in ("是", "否", "true", "false"):
                raise wrong(f"「{text}」不是「是」或「否」", "写 是 或 否")
            return int(text in ("是", "true"))
        if unit is DATE:
            try:
                return days(date(*map(int, DAY.fullmatch(text).groups())))  # type: ignore[union-attr]
            except (AttributeError, ValueError) as error:
                raise wrong(f"「{text}」读不出是哪一天", "写成年-月-日，如 2025-01-01") from error
        if unit.label and text.endswith(unit.label):
            text = text[: -len(unit.label)].strip()
        if not NUMBER.fullmatch(text):
            right = f"写数字，单位是「{unit.label}」" if unit.label else "写数字，不带单位"
            if NUMBER.match(text) and not re.search(r"[0-9,.]$", text):
                raise wrong(f"「{raw}」的单位不对", right)
            raise wrong(f"「{raw}」不是数字" if raw else "没有写值", right)
        value = Fraction(text.replace(",", "")) * unit.scale
        if value.denominator != 1:
            places = len(str(unit.scale)) - 1
            raise wrong(f"「{raw}」小数太多", f"最多 {places} 位小数" if places else "写整数")
        if minimum is not None and value < minimum:
            raise wrong(f"「{raw}」太小", f"应不小于 {say(minimum, unit)}")
        if maximum is not None and value > maximum:
            raise wrong(f"「{raw}」太大", f"应不大于 {say(maximum, unit)}")
        if abs(value) > 10**15:
            raise wrong(f"「{raw}」大得不合理", "检查是否多写了零")
        return int(value)

    schema: dict[str, Any] = {"type": ["string", "number"]}
    if codes is not None:
        schema = {"enum": list(codes.by_label())}
    elif unit is FLAG:
        schema = {"enum": ["是", "否", True, False]}
    elif unit is DATE:
        schema = {"type": "string", "format": "date"}
    elif unit.label:
        schema["description"] = f"单位：{unit.label}"
    return Annotated[int | None if optional else int, BeforeValidator(parse), WithJsonSchema(schema)]


def not_listed(text: str, names: Sequence[str]) -> PydanticCustomError:
    """A name that is not in its closed list, with the nearest one when it looks like a slip."""
    near = get_close_matches(text, names, n=1, cutoff=0.5)
    return wrong(f"「{text}」不在名单里", (f"是不是「{near[0]}」？" if near else "") + f"可写：{'、'.join(names)}")


def name_in(names: Sequence[str]) -> Any:
    """The type of a key out of a closed list; an error then stands at the key's own line."""

    def check(text: str) -> str:
        if text not in names:
            raise not_listed(text, names)
        return text

    return Annotated[str, AfterValidator(check)]


def names_schema(names: Sequence[str], leaf: Any) -> WithJsonSchema:
    """The JSON Schema of a mapping whose keys come from a closed list."""
    one = TypeAdapter(leaf).json_schema()
    return WithJsonSchema({"type": "object", "properties": dict.fromkeys(names, one), "additionalProperties": False})
