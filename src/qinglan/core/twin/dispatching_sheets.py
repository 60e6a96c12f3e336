"""Dispatch from a workbook: people with skills, kinds of events, neighbourhoods; and the template to fill in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from qinglan.core.matching.books import book
from qinglan.core.matching.tables import TableError, filled, number_of, tables, word_of
from qinglan.core.twin.dispatching import DEFAULTS, MOST_EVENTS, RANGES, WHOLE, WORDS, Field

PERSON, SKILLS, EVENT, SKILL, A_DAY, MINUTES, PLACE, HOUSEHOLDS, X, Y = (
    "人员", "技能", "事件", "所需技能", "每天件数", "平均处理分钟", "名称", "户数", "x", "y",
)  # fmt: skip
ITEM, VALUE = "项", "值"
NEEDED = {PERSON: (X, Y), EVENT: (A_DAY, MINUTES), HOUSEHOLDS: (X, Y)}
COUNTS = {PERSON: (1, 200), EVENT: (1, 60), HOUSEHOLDS: (1, 5_000)}
TABLES = {
    PERSON: "人员（人员、技能、x、y）",
    EVENT: "事件（事件、所需技能、每天件数、平均处理分钟）",
    HOUSEHOLDS: "小区（名称、户数、x、y）",
}
SPLIT = str.maketrans({"、": " ", "，": " ", ",": " ", "；": " ", ";": " ", "/": " "})
Row = tuple[str, Mapping[str, Any]]


def read_field(data: bytes, filename: str) -> Field:
    """The field in the bytes of a workbook. Raises TableError with everything wrong."""
    problems: list[str] = []
    found: dict[str, list[Row]] = {PERSON: [], EVENT: [], HOUSEHOLDS: [], ITEM: []}
    for table in tables(data, filename, (*NEEDED, ITEM)):
        key = next(one for one in (*NEEDED, ITEM) if one in table.head)
        problems += [f"{table.where}的表头：「{name}」写了不止一列；请只留一列。" for name in table.twice]
        found[key] += table.rows
    for key, (low, high) in COUNTS.items():
        if not low <= len(found[key]) <= high:
            problems.append(
                f"{filename}：{TABLES[key]}有 {len(found[key])} 行；须有 {low} 到 {high} 行，请补上或分开来算。"
            )
    if problems:
        raise TableError(problems)

    def number(row: Row, column: str, low: float, high: float) -> float:
        value = number_of(row[1].get(column))
        if value is None or not low <= value <= high:
            said = f"写的是「{word_of(row[1].get(column))}」" if filled(row[1].get(column)) else "空着"
            problems.append(f"{row[0]}「{column}」：{said}；请填 {low:,.12g} 到 {high:,.12g} 的数。")
            return low
        return value

    def at(row: Row) -> tuple[float, float]:
        return number(row, X, -1e6, 1e6), number(row, Y, -1e6, 1e6)

    skills = [set(word_of(row[1].get(SKILLS)).translate(SPLIT).split()) for row in found[PERSON]]
    wanted = [word_of(row[1].get(SKILL)) for row in found[EVENT]]
    field: dict[str, Any] = {
        "people": np.array([at(row) for row in found[PERSON]]),
        "skilled": np.array([[not one or one in has for one in wanted] for has in skills]),
        "places": np.array([at(row) for row in found[HOUSEHOLDS]]),
        "weights": np.array([number(row, HOUSEHOLDS, 0, 1e6) for row in found[HOUSEHOLDS]]),
        "rates": np.array([number(row, A_DAY, 0, 500) for row in found[EVENT]]),
        "minutes": np.array([number(row, MINUTES, 1, 600) for row in found[EVENT]]),
    }
    names = {label: name for name, label in WORDS.items()}
    settings: dict[str, Any] = dict(DEFAULTS)
    for row in found[ITEM]:
        said = word_of(row[1].get(ITEM))
        name = names.get(said, said if said in WORDS else None)
        if not said or not filled(row[1].get(VALUE)):
            continue
        if name is None:
            problems.append(f"{row[0]}：不认识「{said}」；可用的：{'、'.join(WORDS.values())}。")
            continue
        value = number((row[0], {said: row[1].get(VALUE)}), said, *RANGES[name])
        if name in WHOLE and value != int(value):
            problems.append(f"{row[0]}「{said}」：须是整数。")
        settings[name] = int(value) if name in WHOLE else value
    if not problems and field["rates"].sum() <= 0:
        problems.append(f"{filename}：各种事件每天件数都是 0，没有可推演的；请填「{A_DAY}」。")
    if problems:
        raise TableError(problems)
    return changed(Field(**field, **settings), {}, filename)


def changed(field: Field, settings: Mapping[str, Any], filename: str) -> Field:
    """The field with other settings. Raises TableError when more would happen than can be lived."""
    made = replace(field, **settings)
    if made.events > MOST_EVENTS:
        raise TableError([f"{filename}：共约 {made.events:,.0f} 件，最多 {MOST_EVENTS:,} 件；请减少天数或重复次数。"])
    return made


def plain(field: Field) -> dict[str, Any]:
    """The field as JSON holds it: places, skills and numbers, nobody's name."""
    return {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in vars(field).items()}


def field_of(said: Mapping[str, Any]) -> Field:
    """The field of `plain`."""
    given: dict[str, Any] = {
        name: np.array(value) if isinstance(value, list) else value for name, value in said.items()
    }
    return Field(**given)


def template() -> bytes:
    """A workbook with an invented sub-district."""
    people: list[list[Any]] = [
        [PERSON, SKILLS, X, Y],
        ["甲", "调解、救助", 0, 0],
        ["乙", "巡查", 800, 200],
        ["丙", "巡查、救助", 400, 900],
        ["丁", "调解", 1200, 800],
    ]
    events: list[list[Any]] = [
        [EVENT, SKILL, A_DAY, MINUTES],
        ["邻里纠纷", "调解", 5, 40],
        ["困难求助", "救助", 6, 30],
        ["环境隐患", "巡查", 14, 15],
        ["一般咨询", "", 8, 10],
    ]
    places: list[list[Any]] = [
        [PLACE, HOUSEHOLDS, X, Y],
        *([f"示例小区{n}", 500 + 60 * n, 350 * (n % 4), 400 * (n // 4)] for n in range(12)),
    ]
    settings: list[list[Any]] = [[ITEM, VALUE, "说明"]]
    settings += [
        [WORDS[name], DEFAULTS[name], f"{low:,.12g} 到 {high:,.12g}；假设"] for name, (low, high) in RANGES.items()
    ]
    about = [["人员写代号即可；技能用顿号分开；所需技能空着，谁都能办。x、y 是米。示例里的数都是编的。"]]
    return book({"人员": people, "事件": events, "小区": places, "设置": settings, "说明": about})
