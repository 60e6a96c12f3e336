"""Reads a desk from a workbook (xlsx, xls), a CSV or a YAML file, and says of everything wrong where it is and what to write.

First sheet: a row a matter — 事项, 平均办理分钟, 窗口, 窗口人数, 后台人数, 变异系数, 转后台比例 — and a column an hour (9:00) with the residents who come
in it. A sheet 设置: 项, 值 — the desk's settings and any parameter by name or label. YAML has the same names.
"""

import re
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from qinglan.core.matching.tables import TableError, filled, located, number_of, tables, word_of
from qinglan.core.twin.desk.case import (
    DEFAULTS,
    HOUR,
    MOST_KINDS,
    RANGES,
    WORDS,
    Case,
    Kind,
    Team,
    checked,
)
from qinglan.core.twin.desk.parameters import behaviour, catalogue
from qinglan.core.twin.parameters import ParameterError

KIND, MINUTES, WINDOW, PEOPLE, BACK, CV, HANDOVER = (
    "事项", "平均办理分钟", "窗口", "窗口人数", "后台人数", "变异系数", "转后台比例",
)  # fmt: skip
COLUMNS = (KIND, MINUTES, WINDOW, PEOPLE, BACK, CV, HANDOVER)
ITEM, VALUE, ARRIVALS, PARAMETERS = "项", "值", "来人", "行为参数"
HEADING = re.compile(
    r"(\d{1,2})\s*(?:[:：时点]\s*(\d{2})?(?::00)?分?)?(?:\s*[-–—~至到]\s*\d{1,2}(?:[:：时点]?\s*\d{0,2}))?"
)
MOST_PROBLEMS = 40


@dataclass
class Lines:
    """The rows of a desk before they are understood: (where, column → value) each, and the settings likewise."""

    rows: list[tuple[str, dict[str, Any]]]
    settings: list[tuple[str, str, Any]]
    problems: list[str] = field(default_factory=list)
    head: str = ""
    columns: dict[str, None] = field(default_factory=dict)


def read_desk(data: bytes, filename: str) -> Case:
    """The desk in the bytes of a file. Raises TableError with everything that is wrong."""
    if Path(filename).suffix.lower() in (".yaml", ".yml"):
        lines = _yaml(data, filename)
    else:
        lines = _sheets(data, filename)
    return understood(lines, Path(filename).stem)


def _sheets(data: bytes, filename: str) -> Lines:
    lines = Lines([], [])
    for table in tables(data, filename, (KIND, ITEM)):
        if KIND in table.head:
            lines.head = f"{table.where}的表头"
            lines.problems += [f"{lines.head}：「{name}」写了不止一列；请只留一列。" for name in table.twice]
            lines.columns |= dict.fromkeys(name for name in table.head if name)
            lines.rows += [(where, dict(row)) for where, row in table.rows]
        elif VALUE in table.head:
            lines.settings += [
                (where, str(row[ITEM]).strip(), row[VALUE])
                for where, row in table.rows
                if filled(row.get(ITEM)) and filled(row.get(VALUE))
            ]
    if not lines.head:
        raise TableError([
            f"{filename}：没有找到写着各事项的表；要有一张表，表头里有「{KIND}」「{MINUTES}」「{PEOPLE}」和各时段（如 9:00）的列。"
        ])  # fmt: skip
    return lines


def _yaml(data: bytes, filename: str) -> Lines:
    place = located(data, filename)
    said = place.data
    if not isinstance(said, dict) or not isinstance(said.get(KIND), list):
        raise TableError([f"{filename}：要有「{KIND}」，下面每件事一项（事项名、{MINUTES}、{PEOPLE}、{ARRIVALS}）。"])
    lines = Lines([], [], head=filename)
    for number, row in enumerate(said[KIND]):
        where = f"{filename} 第 {place.line((KIND, number))} 行（第 {number + 1} 件事）"
        if not isinstance(row, dict):
            lines.problems.append(f"{where}：每件事要写成「{KIND}: …」「{MINUTES}: …」等几行。")
            continue
        coming = row.pop(ARRIVALS, {})
        if not isinstance(coming, dict):
            lines.problems.append(f"{where}「{ARRIVALS}」：请写成「9:00: 6」这样，一个时段一行。")
            coming = {}
        lines.columns |= dict.fromkeys(row | coming)
        lines.rows.append((where, row | coming))
    for name, value in said.items():
        if name == KIND:
            continue
        where = f"{filename} 第 {place.line((name,))} 行"
        inner = value.items() if name == PARAMETERS and isinstance(value, dict) else ((name, value),)
        lines.settings += [(where, str(one), given) for one, given in inner]
    return lines


def hour_of(heading: str) -> int | None:
    """The minute of the day that a heading like 9:00, 9时, 9:00-10:00 or a workbook's time begins; nothing for other words."""
    time = number_of(heading)
    if time is not None and 0.0 < time < 1.0:  # Excel keeps 9:00 as a share of the day
        return round(time * 24 * HOUR)
    found = HEADING.fullmatch(heading.strip())
    if not found or not 0 <= int(found[1]) <= 23 or int(found[2] or 0) > 59:
        return None
    return int(found[1]) * HOUR + int(found[2] or 0)


def understood(lines: Lines, name: str) -> Case:
    """The case that these rows say. Raises TableError with everything that is wrong."""
    return _Reader(lines).case(name)


class _Reader:
    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.problems = lines.problems
        self.hours: dict[str, int] = {}

    def case(self, name: str) -> Case:
        self._hours()
        kinds, teams, coming = self._kinds()
        settings = self._settings(teams)
        if not kinds and not self.problems:
            self.problems.append(f"{self.lines.head}：表头下面没有一件事；请每件事填一行。")
        if not self.problems:
            order = sorted(self.hours.values())
            arrivals = tuple(tuple(one.get(hour, 0.0) for one in coming) for hour in order)
            try:
                return checked(Case(
                    str(settings.pop("name", name))[:100], tuple(teams), tuple(kinds), tuple(order), arrivals, **settings
                ))  # fmt: skip
            except ParameterError as error:
                self.problems += error.problems
        raise TableError(self.problems[:MOST_PROBLEMS])

    def _hours(self) -> None:
        for head in self.lines.columns:
            if head in COLUMNS:
                continue
            hour = hour_of(head)
            if hour is None:
                self.problems.append(
                    f"{self.lines.head}：不认识「{head}」这一列；可用的列：{'、'.join(COLUMNS)}，以及时段（如 9:00）。"
                )
            else:
                self.hours[head] = hour
        order = sorted(self.hours.items(), key=lambda one: one[1])
        if not order and self.lines.rows:
            self.problems.append(f"{self.lines.head}：没有时段的列；请加上 9:00、10:00 …，填该小时来几人。")
        for (first, a), (second, b) in pairwise(order):
            if b - a < HOUR:
                self.problems.append(f"{self.lines.head}：时段「{first}」与「{second}」重叠；每个时段是一小时。")
        if order and order[-1][1] > 23 * HOUR:
            self.problems.append(
                f"{self.lines.head}：时段「{order[-1][0]}」越过了午夜；最后一个时段最晚从 23:00 开始。"
            )

    def _kinds(self) -> tuple[list[Kind], list[Team], list[dict[int, float]]]:
        kinds: list[Kind] = []
        teams: dict[str, tuple[float | None, float | None]] = {}
        coming: list[dict[int, float]] = []
        seen: dict[str, str] = {}
        for where, row in self.lines.rows:
            label = word_of(row.get(KIND))
            if not label:
                self.problems.append(f"{where}「{KIND}」：空着；请填事项的名称。")
                continue
            if label in seen:
                self.problems.append(f"{where}「{KIND}」：「{label}」在{seen[label]}已有；请并成一行。")
            seen[label] = where
            minutes = self._number(where, row, MINUTES, 0.1, 600.0, "分钟", needed=True)
            people = self._number(where, row, PEOPLE, 1, 30, "人", whole=True)
            back = self._number(where, row, BACK, 0, 30, "人", whole=True)
            cv = self._number(where, row, CV, 0.0, 5.0, "")
            share = self._number(where, row, HANDOVER, 0.0, 1.0, "即 0% 到 100%")
            window = (word_of(row.get(WINDOW)) or label)[:40]
            before = teams.get(window, (None, None))
            for old, new, column in ((before[0], people, PEOPLE), (before[1], back, BACK)):
                if old is not None and new is not None and old != new:
                    self.problems.append(
                        f"{where}「{column}」：窗口「{window}」前面写的是 {old:g}，这里是 {new:g}；请写成一样，或只写一处。"
                    )
            teams[window] = tuple(new if old is None else old for old, new in zip(before, (people, back), strict=True))  # type: ignore[assignment]
            kinds.append(Kind(label[:40], list(teams).index(window), minutes or 1.0, cv, share))
            coming.append({
                hour: self._number(where, row, head, 0.0, 1000.0, "人") or 0.0 for head, hour in self.hours.items()
            })  # fmt: skip
        if len(kinds) > MOST_KINDS:
            self.problems.append(f"{self.lines.head}：共 {len(kinds)} 件事，最多 {MOST_KINDS}；请把相近的并起来。")
        made = []
        for window, (people, back) in teams.items():
            if people is None:
                self.problems.append(f"窗口「{window}」没有写「{PEOPLE}」；请填这个窗口几个人（至少 1）。")
            made.append(Team(window, int(people or 1), int(back or 0)))
        return kinds, made, coming

    def _number(
        self, where: str, row: dict[str, Any], column: str, low: float, high: float, unit: str, *,
        whole: bool = False, needed: bool = False,
    ) -> float | None:  # fmt: skip
        value = row.get(column)
        if not filled(value):
            if needed:
                self.problems.append(f"{where}「{column}」：空着；请填 {low:g} 到 {high:g} 的数（{unit}）。")
            return None
        number = number_of(value)
        if number is None or not low <= number <= high or (whole and number != int(number)):
            kind = "整数" if whole else "数"
            self.problems.append(
                f"{where}「{column}」：写的是「{word_of(value)}」；请填 {low:g} 到 {high:g} 的{kind}{unit and f'（{unit}）'}。"
            )
            return None
        return number

    def _settings(self, teams: list[Team]) -> dict[str, Any]:
        words = {label: name for name, label in WORDS.items()}
        known = {one.label: one.name for one in catalogue().values()}
        found: dict[str, Any] = {}
        changes: dict[str, float] = {}
        for where, said, value in self.lines.settings:
            name = words.get(said, said if said in WORDS else None)
            parameter = known.get(said, said if said in catalogue() else None)
            if name in ("name", "shape"):
                found[name] = word_of(value)
            elif name is not None:
                low, high = RANGES[name]
                number = number_of(value)
                if number is None or number != int(number) or not low <= number <= high:
                    self.problems.append(
                        f"{where}「{said}」：写的是「{word_of(value)}」；请填 {low} 到 {high} 的整数。"
                    )
                else:
                    found[name] = int(number)
            elif parameter is not None:
                number = number_of(value)
                if number is None:
                    self.problems.append(f"{where}「{said}」：写的是「{word_of(value)}」；请填一个数。")
                    continue
                try:
                    behaviour({parameter: number})
                    changes[parameter] = number
                except ParameterError as error:
                    self.problems += [f"{where}：{one}" for one in error.problems]
            else:
                usable = "、".join([*WORDS.values(), *known])
                self.problems.append(f"{where}：不认识「{said}」；可用的：{usable}。")
        windows, back = sum(team.windows for team in teams), sum(team.back for team in teams)
        found.setdefault("general", max(windows, 1))
        found.setdefault("front", max(windows - back, 1))
        return DEFAULTS | found | {"parameters": tuple(sorted(changes.items()))}
