"""The what-if page: which items may be tried on a year, a diff made of rows or of a file, and what it would have meant for whom.

Nothing is stored. A comparison is kept in this process for a while, so that its workbook need not be computed again.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import Any

import numpy as np
import yaml

from qinglan.apps.policy.models import Run
from qinglan.apps.policy.queries.packs import GROUPS, differences, frozen
from qinglan.apps.policy.queries.what_if import Group, what_if
from qinglan.core.frame.missing import MISSING
from qinglan.core.frame.units import say
from qinglan.core.packs.diffs import Diff, apply, parse_diff
from qinglan.core.packs.errors import PackError, Problem
from qinglan.core.packs.located import parse
from qinglan.core.packs.pack import NotInForce, Pack
from qinglan.core.rules.registry import FAMILIES, ITEMS
from qinglan.core.year.computing import Year, year_sum
from qinglan.core.year.order import RuleGone

__all__ = [
    "NotInForce",
    "Outcome",
    "PackError",
    "RuleGone",
    "diff_text",
    "item_now",
    "items_of",
    "outcome",
    "read_value",
    "words",
]

SETTING = "试算"
COMMUNITY, COMMUNITY_DIGITS = "社区", 12
KEPT = 4
GROWTH = "pay.growth_8"
DIFF_NAME = "试算"


class _Plain(yaml.SafeDumper):
    """Writes numbers in texts without quotes, as people do."""

    yaml_implicit_resolvers: dict[Any, Any] = {}


@dataclass(frozen=True)
class ItemNow:
    """One item as the year has it: `text` as it is written in a pack, `words` as people read it, from which day."""

    id: str
    label: str
    help: str
    text: str
    words: list[tuple[str, str]]
    since: date
    source: str


@dataclass(frozen=True)
class Person:
    """One person whose pay, grade or star would be another: yearly gross in fen (None: could not be computed), codes (None: none)."""

    person: int
    org_code: str
    before: int | None
    after: int | None
    grades: tuple[int | None, int | None]
    stars: tuple[int | None, int | None]

    @property
    def change(self) -> int:
        return (self.after or 0) - (self.before or 0)


@dataclass(frozen=True)
class Outcome:
    """`same`: every step of everybody is equal. `tried`: the items with the words before and after. `bill`: (what, before, after)."""

    same: bool
    tried: list[dict[str, Any]]
    groups: list[Group]
    people: list[Person]
    bill: list[tuple[str, str, str]]


def items_of(run: Run) -> list[tuple[str, list[tuple[str, str]]]]:
    """(group, [(id, label)]) of every item in force at the end of the run's year, in the order of the packs' pages."""
    grouped: dict[str, list[tuple[str, str]]] = {}
    for entry in _pack(run):
        if entry.on(date(run.year, 12, 31)) is not None:
            prefix = entry.item.id.split(".")[0]
            grouped.setdefault(GROUPS.get(prefix, prefix), []).append((entry.item.id, entry.item.label))
    order = [*GROUPS.values(), *grouped]
    return sorted(grouped.items(), key=lambda group: order.index(group[0]))


def item_now(run: Run, item_id: str) -> ItemNow | None:
    """The item at the end of the run's year; None when the pack has none."""
    entry = _pack(run).entries.get(item_id)
    dated = entry.on(date(run.year, 12, 31)) if entry else None
    if entry is None or dated is None:
        return None
    return ItemNow(
        item_id, entry.item.label, entry.item.help, _written(run, item_id, dated.pack, dated.since),
        entry.item.shape.say(dated.value), dated.since, str(dated.source or ""),
    )  # fmt: skip


def _pack(run: Run) -> Pack:
    assert run.pack_text_id is not None
    return frozen(run.pack_text_id)


def _written(run: Run, item_id: str, pack: str, since: date) -> str:
    """The value as the pack's file has it, without its sources; empty when the file is not as expected."""
    assert run.pack_text is not None
    for name, text in run.pack_text.files.items():
        if not name.startswith(f"{pack}/") or name.endswith("/pack.yaml") or item_id not in text:
            continue
        entry = parse(text.encode(), name).data.get(item_id)
        for dated in entry.get("values", ()) if isinstance(entry, dict) else ():
            if dated.get("since") == since.isoformat():
                plain = _without_sources(dated.get("value"))
                if isinstance(plain, str):
                    return plain
                return yaml.dump(plain, Dumper=_Plain, allow_unicode=True, sort_keys=False).rstrip()
    return ""


def _without_sources(value: Any) -> Any:
    if isinstance(value, dict):
        if "value" in value and set(value) <= {"value", "source", "setting"}:
            return _without_sources(value["value"])
        return {key: _without_sources(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_without_sources(one) for one in value]
    return value


def read_value(text: str) -> Any:
    """A value as somebody typed it, as plain tables, lists and texts. PackError where it is no value of a pack, or unfolds (aliases)."""
    return parse(text.encode(errors="backslashreplace"), DIFF_NAME).data


def diff_text(rows: Iterable[tuple[str, str, str]]) -> str:
    """The text of a diff from rows (item id, first day, value as written in a pack). PackError when a value cannot be read."""
    found: dict[str, Any] = {}
    for item_id, since, text in rows:
        label = ITEMS[item_id].label if item_id in ITEMS else item_id
        dated = {"since": since, "setting": SETTING, "value": parse(text.encode(), label).data}
        found.setdefault(item_id, {"values": []})["values"].append(dated)
    for entry in found.values():
        entry["values"].sort(key=lambda dated: dated["since"])
    return json.dumps(found, ensure_ascii=False)


def words(run: Run, text: str, day: date) -> list[dict[str, Any]]:
    """{id, label, left, right}: what the diff `text` says otherwise than the run's pack on `day`. PackError when it is no diff."""
    diff = parse_diff(parse(text.encode(), DIFF_NAME), ITEMS)
    pack = _pack(run)
    return [row for row in differences(pack, apply(pack, diff), day) if row["id"] in diff.entries]


_kept: OrderedDict[tuple[int, str], Outcome] = OrderedDict()
_lock = Lock()


def outcome(run: Run, text: str) -> Outcome:
    """What the diff `text` would have meant for the run's year. PackError, NotInForce or RuleGone with sentences for people."""
    diff = parse_diff(parse(text.encode(), DIFF_NAME), ITEMS)
    key = (run.pk, diff.hash)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    found = _compared(run, diff)
    with _lock:
        _kept[key] = found
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return found


def _compared(run: Run, diff: Diff) -> Outcome:
    _check_days(run, diff)
    found = what_if(run, diff)
    base, other = found.base, found.other
    tried = [row for row in differences(base.pack, other.pack, date(run.year, 12, 31)) if row["id"] in diff.entries]
    groups = [*found.groups, *_communities(base, other)]
    return Outcome(found.same, tried, groups, list(_people(base, other)), _bill(base, other))


def _check_days(run: Run, diff: Diff) -> None:
    """A value that begins after the year changes nothing in it: better said than shown as no difference."""
    end = date(run.year, 12, 31)
    late = [entry for entry in diff.entries.values() if entry.values[0].since > end]
    problems = [
        Problem(
            DIFF_NAME,
            0,
            "",
            f"「{entry.item.label}」从 {entry.values[0].since} 起，{run.year} 年用不到",
            f"起用日期写在 {end} 以前",
        )
        for entry in late
    ]
    if problems:
        raise PackError(problems)


def _figures(base: Year, other: Year) -> tuple[np.ndarray, ...]:
    """Yearly gross, grade and star of everybody, before and after."""
    gross = [year_sum(one.pay.months["gross_pay"]) for one in (base, other)]
    return (*gross, *(one.step(name) for name in ("grade", "star") for one in (base, other)))


def _people(base: Year, other: Year) -> Iterator[Person]:
    """Those for whom any of the figures would be another, who gains most first."""
    columns = _figures(base, other)
    moved = np.zeros(len(base.frame), bool)
    for old, new in zip(columns[::2], columns[1::2], strict=True):
        moved |= old != new
    found = []
    for place in np.flatnonzero(moved):
        before, after, *rest = (None if column[place] <= MISSING else int(column[place]) for column in columns)
        found.append(
            Person(
                int(base.frame.people[place]), base.frame.organisations[place], before, after,
                (rest[0], rest[1]), (rest[2], rest[3]),
            )
        )  # fmt: skip
    return iter(sorted(found, key=lambda one: (-one.change, one.person)))


def _communities(base: Year, other: Year) -> Iterator[Group]:
    """The groups of each community, as `what_if` has those of sub-districts."""
    before, after, *marks = _figures(base, other)
    places = np.array([code[:COMMUNITY_DIGITS] for code in base.frame.organisations])
    for place in sorted(set(places)):
        rows = places == place
        paid = rows & (before > MISSING) & (after > MISSING)
        was, now = before[paid], after[paid]
        grades, stars = (marks[n][rows] != marks[n + 1][rows] for n in (0, 2))
        yield Group(
            COMMUNITY, str(place), int(rows.sum()), int((now > was).sum()), int((now < was).sum()), int(was.sum()), int(now.sum()),
            int(grades.sum()), int(stars.sum()),
        )  # fmt: skip


def _bill(base: Year, other: Year) -> list[tuple[str, str, str]]:
    """The district's pay bill and the steps of its growth rule that differ, in words."""
    rule = FAMILIES[GROWTH]
    was, now = (f"{one.district_frame['pay_bill'] / 100:,.2f} 元" for one in (base, other))
    rows = [("本年薪酬支出", was, now)]
    before, after = (one.district.get(GROWTH, {}) for one in (base, other))
    for name, step in rule.steps.items():
        if name in before and before[name] != after.get(name):
            labels = dict(step.codes) if step.codes else None
            rows.append((step.label, say(before[name], step.unit, labels), say(after[name], step.unit, labels)))
    return rows
