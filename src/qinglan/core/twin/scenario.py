"""A scenario: population + pack + sparse diff + parameters + horizon + replicates + seed. Small, readable, and all a task needs.

A scenario file is YAML: 名称 name, 人员 population (a frozen file or a folder of tables, beside the scenario), 年度 year (the last
recorded one), and what differs from the defaults. Everything wrong in it is said at once, with its line.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from qinglan.core.frame.freezing import freeze as freeze_records
from qinglan.core.frame.freezing import thaw as thaw_records
from qinglan.core.packs import freezing as pack_freezing
from qinglan.core.packs.diffs import Diff, apply, parse_diff
from qinglan.core.packs.errors import PackError
from qinglan.core.packs.located import Located, parse, read
from qinglan.core.packs.pack import Pack
from qinglan.core.rules.registry import ITEMS
from qinglan.core.twin.parameters import LEVERS, Behaviour, ParameterError, behaviour, catalogue
from qinglan.core.twin.population import Population, population
from qinglan.core.twin.starting import Run, ready
from qinglan.core.year.files.reading import FilesError
from qinglan.core.year.files.reading import read as read_folder

KEYS = ("name", "population", "year", "place", "pack", "diff", "parameters", "months", "replicates", "seed", "page")
PAGE_KEYS = ("base_parameters", "base_pack", "other_pack")
WORDS = {
    "name": "名称", "population": "人员（文件或文件夹）", "year": "起始年度", "place": "组织代码", "pack": "政策包",
    "diff": "改动", "parameters": "行为参数", "months": "推演月数", "replicates": "重复次数", "seed": "随机种子",
    "page": "推演页另记的",
}  # fmt: skip
RANGES = {"year": (2000, 2100), "months": (12, 240), "replicates": (1, 100_000), "seed": (0, (1 << 63) - 1)}
DEFAULTS = {"months": 120, "replicates": 100, "seed": 1}
NO_CHANCE = -1
MOST_DIGITS, MOST_SHOWN = 18, 40


class ScenarioError(ValueError):
    """What is wrong with a scenario. `problems` are sentences for people."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Scenario:
    """All a run needs, as plain data: it can be hashed, stored, and sent to another process or machine.

    `population`: the frozen tables; `pack`: its texts by file name; `diff`: YAML, empty for none; `seed` −1: without chance.
    `anchor`: the scenario under which the chance to leave is what `exit_rate` says (see `anchored`); None: this one, without its diff.
    """

    name: str
    population: bytes
    year: int
    pack_name: str
    pack: tuple[tuple[str, str], ...]
    place: str = ""
    diff: str = ""
    parameters: tuple[tuple[str, float], ...] = ()
    months: int = DEFAULTS["months"]
    replicates: int = DEFAULTS["replicates"]
    seed: int = DEFAULTS["seed"]
    anchor: "Scenario | None" = None

    @property
    def key(self) -> str:
        """SHA-256 of everything that a month's numbers hang on; horizon and name have no part in it."""
        parts = [
            self.year,
            self.place,
            self.pack_name,
            self.pack,
            self.diff,
            self.parameters,
            self.replicates,
            self.seed,
        ]
        if self.anchor is not None:
            parts.append(self.anchor.key)
        made = hashlib.sha256(json.dumps(parts, ensure_ascii=False, sort_keys=True).encode())
        made.update(self.population)
        return made.hexdigest()

    @property
    def years(self) -> int:
        return self.months // 12

    def values(self) -> Behaviour:
        return behaviour(dict(self.parameters))

    def changes(self) -> Diff:
        """The what-if's values; of an empty diff none."""
        if not self.diff.strip():
            return Diff("", {})
        return parse_diff(parse(self.diff.encode(), self.name), ITEMS, self.base_pack().documents)

    def base_pack(self) -> Pack:
        return _pack(self.pack_name, self.pack)

    def with_(self, **changes: Any) -> "Scenario":
        return replace(self, **changes)


@lru_cache(maxsize=8)
def _pack(name: str, texts: tuple[tuple[str, str], ...]) -> Pack:
    return pack_freezing.thaw(dict(texts), name, ITEMS)


@lru_cache(maxsize=4)
def _people(frozen: bytes, year: int, place: str, pack_name: str, pack: tuple[tuple[str, str], ...]) -> Population:
    return population(thaw_records(frozen)[0], year, _pack(pack_name, pack), place)


def people_of(scenario: Scenario) -> Population:
    """The population; read once for scenarios that share it. Raises NotInForce."""
    return _people(scenario.population, scenario.year, scenario.place, scenario.pack_name, scenario.pack)


@lru_cache(maxsize=6)
def run_of(scenario: Scenario) -> Run:
    """The scenario made ready to live. Raises NotInForce, PackError, ParameterError."""
    people = people_of(scenario)
    run = ready(people, apply(people.pack, scenario.changes()), scenario.values(), scenario.seed)
    return run if scenario.anchor is None else replace(run, anchor=run_of(scenario.anchor).anchor)


def anchored(scenario: Scenario, baseline: Scenario) -> Scenario:
    """The scenario as it is compared with its baseline: the hazard of leaving is that of the district as it is, under the baseline's
    pack without its diff and without levers of either side. What a diff or a lever changes, it changes against that. Assumptions
    are the scenario's own.
    """
    assumed = tuple((name, value) for name, value in scenario.parameters if name not in LEVERS)
    ground = baseline.with_(diff="", parameters=assumed, anchor=None)
    alone = scenario.with_(anchor=None)
    return alone if ground.key == alone.key else scenario.with_(anchor=ground)


def read_scenario(file: Path) -> Scenario:
    """The scenario in a YAML file. Raises ScenarioError with everything that is wrong in it."""
    try:
        located = read(file, file.name)
    except PackError as error:
        raise ScenarioError([str(one) for one in error.problems]) from None
    return _Reader(located, file.parent).scenario()


@dataclass(frozen=True)
class Said:
    """What a scenario file says, without the files it names. `diff`: {item id: entry}, checked; `page`: what a page of rehearsals keeps in it
    besides and no run reads: levers of the baseline, digests of both sides' packs (PAGE_KEYS)."""

    name: str
    year: int
    place: str
    pack: str
    diff: Mapping[str, Any]
    parameters: Mapping[str, float]
    months: int
    replicates: int
    seed: int
    page: Mapping[str, Any]


def parse_scenario(raw: bytes, name: str, ranges: Mapping[str, tuple[int, int]]) -> Said:
    """The scenario file `raw`, called `name`, with numbers inside `ranges` where those are narrower: nothing else is read, and `population`,
    `year` and `pack` may be absent (0, empty). Raises ScenarioError with everything that is wrong in it."""
    try:
        located = parse(raw, name)
    except PackError as error:
        raise ScenarioError([str(one) for one in error.problems]) from None
    return _Reader(located, None, {**RANGES, **ranges}).said()


class _Reader:
    """Reads one scenario; `problems` collects what is wrong. `folder`: None: no other file is read."""

    def __init__(
        self, located: Located, folder: Path | None, ranges: Mapping[str, tuple[int, int]] | None = None
    ) -> None:
        self.located = located
        self.folder = folder
        self.ranges = ranges or RANGES
        self.problems: list[str] = []
        self.data: dict[str, Any] = located.data if isinstance(located.data, dict) else {}

    def bad(self, path: tuple, wrong: str, right: str) -> None:
        self.problems.append(str(self.located.problem(path, wrong, right)))

    def said(self) -> Said:
        found = self._common(("name",))
        if self.problems:
            raise ScenarioError(self.problems)
        return found

    def scenario(self) -> Scenario:
        found = self._common(("name", "population", "year", "pack"))
        frozen = self._population()
        texts = self._pack()
        if self.problems:
            raise ScenarioError(self.problems)
        diff = yaml.safe_dump(dict(found.diff), allow_unicode=True, sort_keys=True) if found.diff else ""
        return Scenario(
            found.name, frozen, found.year, Path(found.pack).name, texts, found.place, diff,
            tuple(sorted(found.parameters.items())), found.months, found.replicates, found.seed,
        )  # fmt: skip

    def _common(self, needed: tuple[str, ...]) -> Said:
        """What needs no other file, and `problems` with what is wrong in it."""
        if not self.data:
            self.bad(
                (),
                "情景文件不是「名称: 内容」的样子",
                f"至少写 {'、'.join(needed)}；可写的有 {'、'.join(KEYS)}",
            )
            raise ScenarioError(self.problems)
        for key in self.data:
            if key not in KEYS:
                self.bad((key,), f"不认识的键「{key[:MOST_SHOWN]}」", f"可用：{'、'.join(KEYS)}")
        for key in needed:
            if not self.data.get(key):
                self.bad((key,), f"缺 {key}（{WORDS[key]}）", f"写上 {key}: …")
        numbers = {key: self._number(key) for key in RANGES}
        texts = {key: self._text(key) for key in ("name", "place", "pack")}
        place = texts["place"]
        if place and not (place.isascii() and place.isdigit()):
            self.bad(("place",), "place（组织代码）应全是数字", "如 990101；不写就是文件里的所有组织")
        return Said(
            texts["name"], numbers["year"], place, texts["pack"], self._diff(), self._parameters("parameters"),
            numbers["months"], numbers["replicates"], numbers["seed"], self._page(),
        )  # fmt: skip

    def _text(self, key: str) -> str:
        raw = self.data.get(key, "")
        if isinstance(raw, str):
            return raw
        self.bad((key,), f"{key}（{WORDS[key]}）须是一行文字", f"写成 {key}: 文字")
        return ""

    def _page(self) -> Mapping[str, Any]:
        raw = self.data.get("page") or {}
        if not isinstance(raw, Mapping) or set(raw) - set(PAGE_KEYS):
            self.bad(
                ("page",), "page（推演页另记的）不是推演页写的样子", f"只可有 {'、'.join(PAGE_KEYS)}；不用就整段删去"
            )
            return {}
        found: dict[str, Any] = {key: raw[key] for key in PAGE_KEYS[1:] if isinstance(raw.get(key), str)}
        return {**found, "base_parameters": self._parameters("page", "base_parameters")}

    def _number(self, key: str) -> int:
        raw = self.data.get(key, "")
        low, high = self.ranges[key]
        if raw == "":
            return DEFAULTS.get(key, 0)
        words = f"{key}（{WORDS[key]}）"
        digits = raw.removeprefix("-") if isinstance(raw, str) else ""
        if not (digits.isascii() and digits.isdigit()) or len(digits) > MOST_DIGITS:
            self.bad((key,), f"{words}须是整数，写的是「{str(raw)[:MOST_SHOWN]}」", f"写 {low} 到 {high} 之间的整数")
            return low
        value = int(raw)
        if not low <= value <= high:
            self.bad((key,), f"{words}须在 {low} 到 {high} 之间，写的是 {value}", "改成这个范围里的数")
        elif key == "months" and value % 12:
            self.bad((key,), f"{words}须是整年，写的是 {value}", "名额、等次和工资按年算，请写 12 的倍数")
        return value

    def _population(self) -> bytes:
        raw = self.data.get("population")
        if not raw:
            return b""
        path = self.folder / raw if self.folder and isinstance(raw, str) else None
        if path is None or not path.exists():
            self.bad(("population",), f"找不到人员文件「{raw}」", "写与情景文件同一处的文件或文件夹")
            return b""
        try:
            if path.is_dir():
                return freeze_records(read_folder(path).records, "", {})
            frozen = path.read_bytes()
            thaw_records(frozen)
            return frozen
        except FilesError as error:
            self.problems += error.problems
        except Exception as error:  # a zip, Parquet or disk that cannot be read says so in many ways
            self.bad(
                ("population",),
                f"人员文件「{raw}」读不出来（{type(error).__name__}）",
                "用 qinglan 导出的文件或放表的文件夹",
            )
        return b""

    def _pack(self) -> tuple[tuple[str, str], ...]:
        raw = self.data.get("pack")
        if not raw:
            return ()
        assert self.folder is not None
        beside = self.folder / str(raw)
        try:
            texts = pack_freezing.freeze(beside if (beside / "pack.yaml").exists() else str(raw))
            pack_freezing.thaw(texts, Path(str(raw)).name, ITEMS)
        except PackError as error:
            self.problems += [str(one) for one in error.problems]
            return ()
        return tuple(sorted(texts.items()))

    def _diff(self) -> Mapping[str, Any]:
        raw = self.data.get("diff") or {}
        if isinstance(raw, Mapping) and len(raw) > len(ITEMS):  # each misspelt one is compared with all
            self.bad(("diff",), f"改动有 {len(raw)} 条，比政策包的条目还多", "只写要改的条目")
            return {}
        try:
            if not isinstance(raw, str):
                lines = {path[1:]: line for path, line in self.located.lines.items() if path[:1] == ("diff",)}
                located = Located(self.located.file, raw, lines)
            elif self.folder is not None:
                located = read(self.folder / raw, raw)
            else:
                self.bad(
                    ("diff",),
                    "改动（diff）没有写成「条目: 值」的样子",
                    "把各条目的值写在 diff 下面，照从推演页下载的文件",
                )
                return {}
            parse_diff(located, ITEMS)
        except PackError as error:
            self.problems += [str(one) for one in error.problems]
            return {}
        return located.data or {}

    def _parameters(self, *at: str) -> Mapping[str, float]:
        """The numbers by name under the key (or the key of a key) `at`."""
        raw: Any = self.data
        for key in at:
            raw = raw.get(key) or {}
        if not isinstance(raw, Mapping):
            self.bad(at, f"{at[-1]} 应是「名称: 数」的一组", "每行写一个参数，如 exit_rate: 0.15")
            return {}
        if len(raw) > len(catalogue()):
            self.bad(at, f"行为参数有 {len(raw)} 个，比参数表还多", "只写与默认不同的参数")
            return {}
        given = {name: _number(value) for name, value in raw.items()}
        try:
            behaviour(given)
        except ParameterError as error:
            self.problems += [f"{self.located.file}〔{' → '.join(at)}〕{one}" for one in error.problems]
            return {}
        return {str(name): float(value) for name, value in given.items()}


def _number(raw: Any) -> Any:
    try:
        return float(raw)
    except (TypeError, ValueError):
        return str(raw)[:MOST_SHOWN]
