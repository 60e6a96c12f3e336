"""Reads the frozen text of a pack: YAML with inheritance, dated values and units; no checks, because what was frozen was checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

import yaml

from tests.recompute.items import ITEMS, LISTS, SCALES
from tests.reference.exact import NOT_APPLICABLE, number

SUFFIXES = ("元", "分", "%", "学时", "小时", "倍", "天", "个月", "年", "人")


@dataclass(frozen=True)
class Pack:
    """`entries` {item: [(first day, value)]}, oldest first."""

    entries: Mapping[str, list[tuple[date, Any]]]

    def on(self, day: date) -> "Values":
        return Values(self, day)

    def change_days(self) -> list[date]:
        return sorted({since for dated in self.entries.values() for since, _ in dated})


@dataclass(frozen=True)
class Values:
    """A pack as of a day, as the references read it: `values["pay.cert_allowance.amount"]` → {"初级": 10000, …}."""

    pack: Pack
    day: date

    def __contains__(self, item: str) -> bool:
        return any(since <= self.day for since, _ in self.pack.entries.get(item, []))

    def __getitem__(self, item: str) -> Any:
        return [value for since, value in self.pack.entries[item] if since <= self.day][-1]


def read(files: Mapping[str, str], name: str) -> Pack:
    """The pack `name` of `files` {"pack/file.yaml": text} over what it inherits: parents in the order named, then its own files."""
    entries: dict[str, list[tuple[date, Any]]] = {}
    head = plain(files[f"{name}/pack.yaml"])
    for parent in head.get("inherits") or []:
        entries |= read(files, parent).entries
    for file in sorted(files):
        if file.startswith(f"{name}/") and file != f"{name}/pack.yaml":
            for item, said in plain(files[file]).items():
                entries[item] = [
                    (date.fromisoformat(one["since"]), value(bare(one["value"]), ITEMS[item])) for one in said["values"]
                ]
    return Pack(entries)


def plain(text: str) -> Any:
    """Mappings, lists and text; nothing is guessed to be a number or a date."""
    return yaml.load(text, Loader=yaml.BaseLoader) or {}  # makes nothing but text


def bare(written: Any) -> Any:
    """The value without the sources that single parts of it may carry."""
    if isinstance(written, dict):
        if set(written) in ({"value", "source"}, {"value", "setting"}):
            return written["value"]
        return {key: bare(one) for key, one in written.items()}
    return [bare(one) for one in written] if isinstance(written, list) else written


def value(written: Any, shape: str) -> Any:
    """What is written, by the words of ITEMS."""
    kind, _, rest = shape.partition(" ")
    if kind == "table":
        return {name: leaf(one, rest) for name, one in written.items()}
    if kind == "bands":
        bound, meaning = rest.split()
        return [{"lower": leaf(one["from"], bound), "value": leaf(one["is"], meaning)} for one in written]
    if kind == "cap":
        return {end: leaf(written[end], rest) for end in ("floor", "ceiling")}
    if kind == "quota":
        return {
            "share": leaf(written["share"], "percent"),
            "rounding": leaf(written["rounding"], "=Rounding"),
            "minimum": leaf(written.get("minimum", "0"), "people"),
            "tie": leaf(written.get("tie", "并列全不入"), "=Tie"),
        }
    if kind == "brackets":
        return [
            {"upto": leaf(one["upto"], rest) if "upto" in one else None, "rate": leaf(one["rate"], "percent"),
             "quick": leaf(one["quick"], rest)}
            for one in written
        ]  # fmt: skip
    if kind == "rows":
        columns = [column.removesuffix("?").split(":") for column in rest.split()]
        return [
            {name: leaf(one[name], unit) if name in one else NOT_APPLICABLE for name, unit in columns}
            for one in written
        ]
    return leaf(written, shape)


def leaf(text: str, unit: str) -> int:
    """One value as an int of the parts of its unit: 100 元 are 10,000, 是 is 1, a name is its number, a day its number."""
    text = text.strip()
    if unit.startswith("="):
        return LISTS[unit[1:]][text]
    if unit == "flag":
        return {"是": 1, "true": 1, "否": 0, "false": 0}[text]
    if unit == "date":
        return number(date.fromisoformat(text))
    for suffix in SUFFIXES:
        text = text.removesuffix(suffix).strip()
    parts = Fraction(text.replace(",", "")) * SCALES.get(unit, 1)
    assert parts.denominator == 1, (text, unit)
    return int(parts)
