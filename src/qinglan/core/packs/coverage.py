"""Accounts for every figure of kind R in the source documents: in which pack it stands, or to which other part it belongs.

The ledger is src/qinglan/packs/figures.yaml: under `ledger` the figures of each source as the specification lists them (kind at the
end: R rule, T target, S statistic, O observed, B background), under `figures` one answer for every R figure:
{item, pack, says | rows | count | distinct (where)} is held against the pack, {list, members} against a closed list,
{elsewhere, part} names the mechanism and the part of the product. An answer may be a list of these.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path as File
from typing import Any

from qinglan.core.frame import codes
from qinglan.core.packs.errors import PackError, Problem
from qinglan.core.packs.loading import SHIPPED
from qinglan.core.packs.located import Located, Path, read
from qinglan.core.packs.pack import Pack, PackOnDate

FIGURES = SHIPPED / "figures.yaml"
FIGURE = re.compile(r"(?P<text>.*\S)\s+(?P<kind>[RTSOB](/[RTSOB])*)\s*(\(open\))?\.?")
KEYS = ({"item", "pack", "says"}, {"item", "pack", "rows"}, {"item", "pack", "count"}, {"item", "pack", "distinct"}, {"item", "pack", "distinct", "where"},
        {"list", "members"}, {"elsewhere", "part"})  # fmt: skip


@dataclass(frozen=True)
class Covered:
    """One answer for one figure: where it stands, and what stands there (in words)."""

    seed: str
    figure: str
    where: str
    found: str


def coverage(load: Callable[[str], Pack], day: date, file: File = FIGURES) -> tuple[list[Covered], list[Problem]]:
    """Every R figure with its answers, and what is wrong: figures without an answer, values that differ."""
    located = read(file, file.name)
    check = _Check(located, load, day)
    return list(check.covered()), check.problems


def rule_figures(ledger: str) -> list[str]:
    """The figures of kind R in one source's line of the ledger, without their kind."""
    found = [FIGURE.fullmatch(part.strip()) for part in ledger.split(";")]
    return [match["text"] for match in found if match and "R" in match["kind"].split("/")]


def unread(ledger: str) -> list[str]:
    """Parts of the line without a kind, except those marked irrelevant."""
    parts = [part.strip() for part in ledger.split(";")]
    return [part for part in parts if not FIGURE.fullmatch(part) and "irrelevant" not in part]


class _Check:
    def __init__(self, located: Located, load: Callable[[str], Pack], day: date) -> None:
        self.located = located
        self.load = load
        self.day = day
        self.problems: list[Problem] = []

    def covered(self) -> Iterator[Covered]:
        ledger: Mapping[str, str] = self.located.data["ledger"]
        answers: Mapping[str, Mapping[str, Any]] = self.located.data["figures"]
        for seed, line in ledger.items():
            for part in unread(line):
                self._bad(("ledger", seed), f"「{part}」没有写明种类", "末尾写 R、T、S、O 或 B")
            known = rule_figures(line)
            given = answers.get(seed) or {}
            for figure in given:
                if figure not in known:
                    self._bad(("figures", seed, figure), f"原文清单里没有「{figure}」", "照 ledger 里的写法写")
            for figure in known:
                if figure not in given:
                    self._bad(("figures", seed), f"没有交代「{figure}」", "写明它在哪个政策包，或属于哪一部分")
                    continue
                answer = given[figure]
                parts = answer if isinstance(answer, list) else [answer]
                for index, one in enumerate(parts):
                    path: Path = (
                        ("figures", seed, figure, index) if isinstance(answer, list) else ("figures", seed, figure)
                    )
                    yield from self._one(path, seed, figure, one)

    def _bad(self, path: Path, wrong: str, right: str) -> None:
        self.problems.append(self.located.problem(path, wrong, right))

    def _one(self, path: Path, seed: str, figure: str, one: Any) -> Iterator[Covered]:
        if not isinstance(one, dict) or set(one) not in KEYS:
            self._bad(path, "这一条写得不完整", "写 item、pack、says，或 list、members，或 elsewhere、part")
        elif "elsewhere" in one:
            yield Covered(seed, figure, one["elsewhere"], f"属于：{one['part']}")
        elif "list" in one:
            closed = getattr(codes, one["list"], None)
            if closed is None:
                self._bad((*path, "list"), f"没有名单「{one['list']}」", "写 core/frame/codes.py 里的名称")
                return
            members = [member for member in closed if int(member) != 0]
            if len(members) != int(one["members"]):
                self._bad(path, f"名单 {one['list']} 有 {len(members)} 项", f"原文是 {one['members']} 项")
            yield Covered(seed, figure, f"名单 {one['list']}", "、".join(member.label for member in members))
        else:
            yield from self._in_pack(path, seed, figure, one)

    def _in_pack(self, path: Path, seed: str, figure: str, one: Mapping[str, Any]) -> Iterator[Covered]:
        try:
            pack = self.load(one["pack"]).on(self.day)
        except PackError as error:
            self._bad((*path, "pack"), f"政策包「{one['pack']}」有错：{error.problems[0]}", "先改好它")
            return
        if not pack.has(one["item"]):
            self._bad((*path, "item"), f"政策包「{one['pack']}」没有「{one['item']}」", "写上它，或改这一条")
            return
        found, fits = _found(pack, one)
        if not fits:
            self._bad(path, f"政策包「{one['pack']}」写的是：{found}", "改成原文的数字，或说明为什么不同")
        entry = pack.pack.entries[one["item"]]
        yield Covered(seed, figure, f"{one['pack']} {one['item']}（{entry.item.label}）", found)


def _found(pack: PackOnDate, one: Mapping[str, Any]) -> tuple[str, bool]:
    """What the pack says in words, and whether that is what the ledger expects."""
    dated = pack.dated(one["item"])
    said = pack.pack.entries[one["item"]].item.shape.say(dated.value)
    if "says" in one:
        text = "；".join(text for _, text in said)
        return text, text == one["says"]
    if "rows" in one:
        lines = dict(said)
        shown = "；".join(f"{label} {lines.get(label, '（无）')}" for label in one["rows"])
        return shown, all(lines.get(label) == text for label, text in one["rows"].items())
    if "count" in one:
        return f"{len(said)} 行", len(said) == int(one["count"])
    rows = dated.value
    for name, label in (one.get("where") or {}).items():
        shape: Any = pack.pack.entries[one["item"]].item.shape
        rows = [row for row in rows if getattr(row, name) == shape.columns[name].codes.by_label()[label]]
    counts = {name: len({getattr(row, name) for row in rows}) for name in one["distinct"]}
    shown = "；".join(f"{name} 有 {count} 种" for name, count in counts.items())
    return shown, all(counts[name] == int(want) for name, want in one["distinct"].items())
