"""Siting from files and back: neighbourhoods and centres in a workbook, CSV or YAML; the plan as plain data and as a workbook.

A table with 户数: 编码, 名称, 户数, and 经度 纬度, or x y (metres), or 片区 alone (no coordinates: the same area is within reach). A table with 已建:
名称, the same coordinates, 已建 (是, 否), 容量. A table 项, 值: settings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from qinglan.core.matching.books import book
from qinglan.core.matching.places import metres
from qinglan.core.matching.siting import CAPACITY, LEAST, RADIUS, SECONDS, Plan, Problem
from qinglan.core.matching.tables import TableError, filled, located, number_of, tables, word_of

CODE, NAME, HOUSEHOLDS, AREA, EXISTING, ROOM = "编码", "名称", "户数", "片区", "已建", "容量"
LONGITUDE, LATITUDE, X, Y = "经度", "纬度", "x", "y"
ITEM, VALUE = "项", "值"
COORDINATES = {"geo": (LONGITUDE, LATITUDE), "plan": (X, Y)}
WORDS = {
    "radius": "服务半径（米）",
    "capacity": "每个中心最多几个小区",
    "least": "每个中心最少几个小区",
    "most_new": "最多新建几个",
    "seconds": "最多算几秒",
}
RANGES = {"radius": (50, 20_000), "capacity": (0, 1000), "least": (0, 1000), "most_new": (0, 5000), "seconds": (1, 60)}
DEFAULTS: dict[str, int | None] = {
    "radius": int(RADIUS),
    "capacity": CAPACITY,
    "least": LEAST,
    "most_new": None,
    "seconds": int(SECONDS),
}
MOST_ROWS, MOST_PROBLEMS = 20_000, 40
MOST_PAIRS = 1_000_000
YES, NO = ("是", "已建", "1"), ("否", "", "0", "候选")


@dataclass(frozen=True)
class Map:
    """A problem with its names. `schematic`: there were no coordinates, ways mean nothing. places, centres: [code, name]."""

    problem: Problem
    places: tuple[tuple[str, str], ...]
    centres: tuple[tuple[str, str], ...]
    schematic: bool
    seconds: float
    on_own: bool  # every neighbourhood's own place is a candidate
    used: Mapping[str, int | None] = field(default_factory=dict)  # every setting as it was used
    of_file: Mapping[str, int | None] = field(default_factory=dict)  # those that the file itself says


@dataclass
class _Rows:
    names: list[tuple[str, str]] = field(default_factory=list)
    at: list[tuple[float, float]] = field(default_factory=list)
    households: list[int] = field(default_factory=list)
    areas: list[str] = field(default_factory=list)
    existing: list[bool] = field(default_factory=list)
    room: list[int | None] = field(default_factory=list)


def read_map(data: bytes, filename: str, changes: Mapping[str, int | None] | None = None) -> Map:
    """The map in the bytes of a file; `changes`: settings that go before the file's. Raises TableError with everything wrong."""
    return _Reader(filename).read(data, dict(changes or {}))


class _Reader:
    def __init__(self, filename: str) -> None:
        self.filename, self.problems = filename, list[str]()
        self.kind = ""

    def read(self, data: bytes, changes: dict[str, int | None]) -> Map:
        homes, centres, settings = self._tables(data)
        if not homes and not self.problems:
            self.problems.append(
                f"{self.filename}：没有小区；要有一张表，表头里有「{NAME}」「{HOUSEHOLDS}」和坐标（「{LONGITUDE}」「{LATITUDE}」，或「{X}」「{Y}」，单位是米）。"
            )
        if len(homes) + len(centres) > MOST_ROWS:
            self.problems.append(
                f"{self.filename}：共 {len(homes) + len(centres):,} 行，最多 {MOST_ROWS:,} 行；请分片来算。"
            )
        if self.problems:
            raise TableError(self.problems)
        self.kind = self._coordinates(homes)
        self._columns(homes, HOUSEHOLDS)
        self._columns(centres)
        if self.problems:
            raise TableError(self.problems)
        places, sites = self._rows(homes, HOUSEHOLDS), self._rows(centres, EXISTING)
        of_file = self._settings(settings)
        values = DEFAULTS | of_file | changes
        capacity, least = values["capacity"] or 0, values["least"] or 0
        if 0 < capacity < least:
            self.problems.append(
                f"「{WORDS['least']}」是 {least}，多于「{WORDS['capacity']}」的 {capacity}；请改其中一个（不管最少几个就填 0）。"
            )
        if self.problems:
            raise TableError(self.problems[:MOST_PROBLEMS])
        return replace(self._map(places, sites, values), used=values, of_file=of_file)

    def _columns(self, rows: list[tuple[str, Mapping[str, Any]]], *more: str) -> None:
        """A column that is nowhere is said once."""
        needed = (*more, *COORDINATES.get(self.kind, (AREA,)))
        missing = [one for one in needed if rows and not any(one in row for _, row in rows)]
        if missing:
            where = rows[0][0].rpartition("第")[0].strip()
            self.problems.append(f"{where}：缺少列{''.join(f'「{one}」' for one in missing)}；请补上再试。")

    def _tables(self, data: bytes) -> tuple[list, list, list]:
        homes: list[tuple[str, Mapping[str, Any]]] = []
        centres: list[tuple[str, Mapping[str, Any]]] = []
        settings: list[tuple[str, Mapping[str, Any]]] = []
        if Path(self.filename).suffix.lower() in (".yaml", ".yml"):
            place = located(data, self.filename)
            said = place.data if isinstance(place.data, dict) else {}
            for key, rows in (("小区", homes), ("中心", centres)):
                for number, row in enumerate(said.get(key) or []):
                    where = f"{self.filename} 第 {place.line((key, number))} 行"
                    if isinstance(row, dict):
                        rows.append((where, row))
                    else:
                        self.problems.append(f"{where}：每一项要写成「{NAME}: …」等几行。")
            settings = [
                (f"{self.filename} 第 {place.line((name,))} 行", {ITEM: name, VALUE: value})
                for name, value in said.items() if name not in ("小区", "中心")
            ]  # fmt: skip
            return homes, centres, settings
        for table in tables(data, self.filename, (NAME, ITEM)):
            self.problems += [f"{table.where}的表头：「{name}」写了不止一列；请只留一列。" for name in table.twice]
            if HOUSEHOLDS in table.head:
                homes += table.rows
            elif EXISTING in table.head:
                centres += table.rows
            elif VALUE in table.head:
                settings += [row for row in table.rows if filled(row[1].get(ITEM)) and filled(row[1].get(VALUE))]
            elif NAME in table.head:
                self.problems.append(
                    f"{table.where}：缺少列「{HOUSEHOLDS}」（小区的表）或「{EXISTING}」（中心的表），不知道是哪一种；请补上再试。"
                )
            if HOUSEHOLDS in table.head and not table.rows:
                self.problems.append(f"{table.where}：只有表头，一个小区也没有；请一行填一个小区。")
        return homes, centres, settings

    def _coordinates(self, rows: list[tuple[str, Mapping[str, Any]]]) -> str:
        for kind, columns in COORDINATES.items():
            if any(filled(row.get(one)) for _, row in rows for one in columns):
                return kind
        if not any(filled(row.get(AREA)) for _, row in rows):
            self.problems.append(
                f"{self.filename}：没有坐标；请加「{LONGITUDE}」「{LATITUDE}」两列，或「{X}」「{Y}」两列（米）；都没有时加「{AREA}」一列，同一片区的算在半径以内。"
            )
        return "area"

    def _rows(self, rows: list[tuple[str, Mapping[str, Any]]], mark: str) -> _Rows:
        made, seen = _Rows(), dict[str, str]()
        for where, row in rows:
            name = word_of(row.get(NAME))[:60]
            code = word_of(row.get(CODE))[:40] or name
            if not name:
                self.problems.append(f"{where}「{NAME}」：空着；请填名称。")
            if code in seen and code:
                self.problems.append(
                    f"{where}「{CODE}」：「{code}」在{seen[code]}已有；请改成不同的编码（没有编码时名称不可重复）。"
                )
            seen[code] = where
            made.names.append((code, name))
            made.at.append(self._at(where, row))
            made.areas.append(word_of(row.get(AREA)))
            if mark == HOUSEHOLDS:
                made.households.append(self._whole(where, row, HOUSEHOLDS, 0, 1_000_000) or 0)
                if not filled(row.get(HOUSEHOLDS)):
                    self.problems.append(f"{where}「{HOUSEHOLDS}」：空着；请填户数（0 到 1,000,000 的整数）。")
            else:
                said = word_of(row.get(EXISTING))
                if said not in (*YES, *NO):
                    self.problems.append(f"{where}「{EXISTING}」：写的是「{said}」；请填 是 或 否。")
                made.existing.append(said in YES)
                made.room.append(self._whole(where, row, ROOM, 0, 1000))
        return made

    def _at(self, where: str, row: Mapping[str, Any]) -> tuple[float, float]:
        if self.kind == "area":
            if not filled(row.get(AREA)):
                self.problems.append(f"{where}「{AREA}」：空着；没有坐标时每行都要写片区。")
            return 0.0, 0.0
        limits = ((-180.0, 180.0), (-85.0, 85.0)) if self.kind == "geo" else ((-1e7, 1e7),) * 2
        found = []
        for column, (low, high) in zip(COORDINATES[self.kind], limits, strict=True):
            number = number_of(row.get(column))
            if number is None or not low <= number <= high:
                said = f"写的是「{word_of(row.get(column))}」" if filled(row.get(column)) else "空着"
                self.problems.append(f"{where}「{column}」：{said}；请填 {low:,.0f} 到 {high:,.0f} 的数。")
            found.append(number or 0.0)
        return found[0], found[1]

    def _whole(self, where: str, row: Mapping[str, Any], column: str, low: int, high: int) -> int | None:
        if not filled(row.get(column)):
            return None
        number = number_of(row.get(column))
        if number is None or number != int(number) or not low <= number <= high:
            self.problems.append(
                f"{where}「{column}」：写的是「{word_of(row.get(column))}」；请填 {low:,} 到 {high:,} 的整数。"
            )
            return None
        return int(number)

    def _settings(self, rows: list[tuple[str, Mapping[str, Any]]]) -> dict[str, int | None]:
        names = {label: name for name, label in WORDS.items()}
        found: dict[str, int | None] = {}
        for where, row in rows:
            said = word_of(row.get(ITEM))
            name = names.get(said, said if said in WORDS else None)
            if name is None:
                self.problems.append(f"{where}：不认识「{said}」；可用的：{'、'.join(WORDS.values())}。")
            elif filled(row.get(VALUE)):
                found[name] = self._whole(where, {said: row.get(VALUE)}, said, *RANGES[name])
        return found

    def _map(self, places: _Rows, sites: _Rows, values: dict[str, int | None]) -> Map:
        room = values["capacity"] or 0
        on_own = not sites.names or all(sites.existing)
        names = list(sites.names) + (list(places.names) if on_own else [])
        radius = float(values["radius"] or RADIUS)
        homes, centres = self._metres(places, sites, radius)
        if on_own:
            centres = np.vstack([centres, homes])
        more = len(places.names) if on_own else 0
        problem = Problem(
            clients=homes, weights=np.array(places.households, np.int64), sites=centres,
            existing=np.array([*sites.existing, *[False] * more], bool),
            capacity=np.array([*(room if one is None else one for one in sites.room), *[room] * more], np.int64),
            radius=radius, least=values["least"] or 0, most_new=values["most_new"],
        )  # fmt: skip
        return Map(
            problem, tuple(places.names), tuple(names), self.kind == "area", float(values["seconds"] or SECONDS), on_own
        )

    def _metres(self, places: _Rows, sites: _Rows, radius: float) -> tuple[np.ndarray, np.ndarray]:
        if self.kind == "area":
            return _laid(places.areas, sites.areas, radius)
        both = np.array([*places.at, *sites.at], float).reshape(-1, 2)
        if self.kind == "geo":
            both = metres(both[:, 0], both[:, 1])
        return both[: len(places.at)], both[len(places.at) :]


def plain(one: Map) -> dict[str, Any]:
    """The map as JSON keeps it; `map_of` reads it back."""
    problem = one.problem
    return {
        "clients": problem.clients.round(2).tolist(), "weights": problem.weights.tolist(), "sites": problem.sites.round(2).tolist(),
        "existing": problem.existing.tolist(), "capacity": problem.capacity.tolist(), "radius": problem.radius, "least": problem.least,
        "most_new": problem.most_new, "places": one.places, "centres": one.centres, "schematic": one.schematic, "seconds": one.seconds,
        "on_own": one.on_own, "used": dict(one.used),
    }  # fmt: skip


def map_of(kept: Mapping[str, Any]) -> Map:
    """The map that `plain` wrote."""
    problem = Problem(
        np.array(kept["clients"], float).reshape(-1, 2), np.array(kept["weights"], np.int64), np.array(kept["sites"], float).reshape(-1, 2),
        np.array(kept["existing"], bool), np.array(kept["capacity"], np.int64), kept["radius"], kept["least"], kept["most_new"],
    )  # fmt: skip
    places, centres = (tuple((code, name) for code, name in kept[key]) for key in ("places", "centres"))
    return Map(problem, places, centres, kept["schematic"], kept["seconds"], kept["on_own"], kept.get("used", {}))


def _laid(places: list[str], sites: list[str], radius: float) -> tuple[np.ndarray, np.ndarray]:
    """Without coordinates: areas on a grid three radii apart, what is in one area so close together that all of it is within reach."""
    names = sorted({*places, *sites})
    side = max(1, int(np.ceil(len(names) ** 0.5)))
    counts = dict.fromkeys(names, 0)
    total = {name: places.count(name) + sites.count(name) for name in names}
    found = []
    for name in [*places, *sites]:
        area, wide = names.index(name), max(1, int(np.ceil(total[name] ** 0.5)))
        step = radius / (2.0 * wide)
        column, row = counts[name] % wide, counts[name] // wide
        counts[name] += 1
        found.append((3 * radius * (area % side) + step * column, -3 * radius * (area // side) - step * row))
    both = np.array(found, float).reshape(-1, 2)
    return both[: len(places)], both[len(places) :]


def told(site_map: Map, plan: Plan) -> dict[str, Any]:
    """The plan as plain data for pages, JSON and workbooks: how good it is, each centre with its people, who is left out and why."""
    problem = site_map.problem
    people = np.bincount(plan.served[plan.served >= 0], minlength=len(problem.sites))
    households = np.bincount(plan.served[plan.served >= 0], problem.weights[plan.served >= 0], len(problem.sites))
    number = {int(j): at for at, j in enumerate(np.flatnonzero(plan.open_sites))}
    centres = [
        {
            "number": at + 1, "code": site_map.centres[j][0], "name": site_map.centres[j][1], "existing": bool(problem.existing[j]),
            "people": int(people[j]), "households": int(households[j]), "short": not problem.existing[j] and people[j] < problem.least,
            "x": float(problem.sites[j, 0]), "y": float(problem.sites[j, 1]),
        }
        for j, at in number.items()
    ]  # fmt: skip
    for one in centres:
        one["short"] = bool(one["short"])
    places = [
        {
            "code": code, "name": name, "households": int(problem.weights[i]), "centre": number.get(int(plan.served[i]), -1) + 1,
            "far": None if site_map.schematic or plan.served[i] < 0 else round(float(plan.far[i])),
            "x": float(problem.clients[i, 0]), "y": float(problem.clients[i, 1]),
            "why": "" if plan.served[i] >= 0 else "半径以内没有可设中心的地点" if plan.out_of_reach[i] else "半径以内的中心都满了或没有新建名额",
        }
        for i, (code, name) in enumerate(site_map.places)
    ]  # fmt: skip
    served, every = int(problem.weights[plan.served >= 0].sum()), int(problem.weights.sum())
    ways = plan.far[plan.served >= 0]
    weights = problem.weights[plan.served >= 0]
    mean = float((ways * weights).sum() / weights.sum()) if weights.sum() else None
    return {
        "goal": plan.counts, "value": plan.value, "bound": plan.bound, "gap": plan.gap, "proved": plan.proved, "seconds": round(plan.seconds, 2),
        "new": int((plan.open_sites & ~problem.existing).sum()), "existing": int(problem.existing.sum()), "served": served, "households": every,
        "left_out": int((plan.served < 0).sum()), "places": places, "centres": centres, "schematic": site_map.schematic,
        "mean": None if site_map.schematic or mean is None else round(mean), "radius": problem.radius, "least": problem.least,
        "most_new": problem.most_new, "said": said(plan), "settings": settings_rows(site_map.used),
    }  # fmt: skip


def settings_rows(used: Mapping[str, int | None]) -> list[dict[str, str]]:
    """{label, value, default} of every setting as people read it; nothing of maps that were kept before this was written down."""
    return [
        {"label": WORDS[name], "value": setting_words(name, used[name]), "default": setting_words(name, DEFAULTS[name])}
        for name in WORDS if name in used
    ]  # fmt: skip


def setting_words(name: str, value: int | None) -> str:
    if value is None or (name == "capacity" and value == 0):
        return "不限"
    return f"{value:,}"


def said(plan: Plan) -> str:
    """How good the plan is, in a sentence."""
    if plan.counts == "new":
        if plan.proved:
            return f"新建 {plan.value} 个，已证明不能再少。"
        return f"新建 {plan.value} 个；至少要 {plan.bound} 个，所以最多可能多了 {plan.value - plan.bound} 个（差距 {plan.gap:.1%}）。"
    if plan.proved:
        return f"服务 {plan.value:,} 户，已证明不能再多。"
    return f"服务 {plan.value:,} 户；再好也不超过 {plan.bound:,} 户（差距 {plan.gap:.2%}）。"


def workbook(found: dict[str, Any]) -> bytes:
    """The plan as a workbook: centres, neighbourhoods, how good it is."""
    names = {one["number"]: one["name"] for one in found["centres"]}
    centres: list[list[Any]] = [["序号", CODE, NAME, EXISTING, "服务小区数", "服务户数", f"不足 {found['least']} 个"]]
    centres += [
        [one["number"], one["code"], one["name"], "是" if one["existing"] else "新建", one["people"], one["households"], "是" if one["short"] else ""]
        for one in found["centres"]
    ]  # fmt: skip
    places: list[list[Any]] = [[CODE, NAME, HOUSEHOLDS, "中心序号", "中心", "直线距离（米）", "没有服务到的原因"]]
    places += [
        [one["code"], one["name"], one["households"], one["centre"] or None, names.get(one["centre"]), one["far"], one["why"] or None]
        for one in found["places"]
    ]  # fmt: skip
    about: list[list[Any]] = [["结果"], [found["said"]], ["距离按直线；路网、用地、现有用房能不能用，要实地核对。"]]
    about += [
        ["所用的值", "采用值", "默认"],
        *([one["label"], one["value"], one["default"]] for one in found["settings"]),
    ]
    return book({"中心": centres, "小区": places, "说明": about})


def _sample() -> list[list[Any]]:
    homes: list[list[Any]] = [[CODE, NAME, HOUSEHOLDS, X, Y]]
    homes += [[f"{n:03d}", f"示例小区{n}", 600 + 37 * n % 900, 420 * (n % 6), 390 * (n // 6)] for n in range(1, 25)]
    return homes


def pasted() -> str:
    """The invented neighbourhoods as text in columns, as pasted from a workbook."""
    return "\n".join("\t".join(map(str, row)) for row in _sample())


def template() -> bytes:
    """A workbook with an invented map to fill in."""
    homes = _sample()
    centres: list[list[Any]] = [[NAME, EXISTING, ROOM, X, Y], ["示例已有中心", "是", 5, 400, 400]]
    settings: list[list[Any]] = [[ITEM, VALUE, "说明"]]
    for name, (low, high) in RANGES.items():
        more = "；不填：尽量少建，全部服务到" if name == "most_new" else ""
        settings.append([WORDS[name], DEFAULTS[name], f"{low} 到 {high}{more}"])
    about = [["坐标也可以用「经度」「纬度」两列；都没有时用「片区」一列，同一片区的算在半径以内。"],
             ["「中心」表可以不要；只写已建的，新建的就从各小区的位置里选；写了已建为「否」的，新建只从这些地点里选。"],
             ["容量 0 为不限；示例里的数都是编的。"]]  # fmt: skip
    return book({"小区": homes, "中心": centres, "设置": settings, "说明": about})
