"""Rules as they are told of rows that are stored: each in the version that its run names, whatever the program computes by today.

What was computed is never computed anew for a page: the numbers are the stored ones. Only what the steps are called, which unit and
which clause they have, stands in the program. For a version that the program keeps (the one in force, or a retired one) that is
exactly as it was; for one that it no longer keeps, the stored steps are told by today's names where they have one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from qinglan.core.frame.units import COUNT
from qinglan.core.rules.families import Family, Step
from qinglan.core.rules.groups import GroupFamily
from qinglan.core.rules.registry import FAMILIES
from qinglan.core.year.order import RETIRED


@dataclass(frozen=True)
class Told:
    """A rule for telling stored steps. `version`: the one that computed them; `newer`: the one in force where that is another
    ("" where the rule is gone); `kept`: whether the program still has `version`, so that names and clauses are those of then."""

    id: str
    label: str
    steps: Mapping[str, Step]
    result: str
    version: str
    newer: str
    kept: bool
    rule: Family | GroupFamily | None

    @property
    def note(self) -> str:
        """What a reader should know before she reads the steps; "" for a rule that is as it was."""
        if self.kept and self.newer == self.version:
            return ""
        if self.rule is None:
            return f"规则「{self.label}」第 {self.version} 版已经不用了。下面是当时存下的各步和数值。"
        said = f"规则「{self.label}」现在是第 {self.newer} 版，这里的数是按当时的第 {self.version} 版算的，"
        if self.kept:
            return f"{said}下面是当时存下的各步，名称和条款也是当时的。"
        return f"{said}下面是当时存下的各步和数值，没有重算；程序里不再有那一版的写法，步骤名称按现在的，认不出的只写存储名。"


def told(family: str, values: Iterable[str], versions: Mapping[str, str] | None = None) -> Told:
    """How the stored steps `values` of a family are told. `versions` (family → version) of the run; None: as in force."""
    now: Any = FAMILIES.get(family)
    newer = now.version if now else ""
    version = (versions or {}).get(family) or newer or "1"
    then: Any = as_computed(family, {family: version})
    names = list(values)
    if then is not None and all(name in names for name, one in then.steps.items() if not one.hidden):
        return Told(family, then.label, then.steps, then.result, version, newer, True, now)
    known = then or now
    steps = {name: _step(name, known) for name in names}
    shown = [name for name, one in steps.items() if not one.hidden] or names
    result = known.result if known is not None and known.result in steps else shown[-1]
    return Told(family, known.label if known else family, steps, result, version, newer, False, now)


def as_computed(family: str, versions: Mapping[str, str]) -> Family | GroupFamily | None:
    """The family in the version that a run names; None where the program no longer has it."""
    now = FAMILIES.get(family)
    if now is not None and versions.get(family, now.version) == now.version:
        return now
    return RETIRED.get((family, versions.get(family, "")))


def _step(name: str, rule: Any) -> Step:
    """A stored step by the name that it has today; without clause, as that is of another version."""
    found = rule.steps.get(name) if rule is not None else None
    return replace(found, item="", row="") if found is not None else Step(f"存储名 {name}", COUNT)


def outdated(versions: Mapping[str, str]) -> list[str]:
    """The labels of the rules of a run that have another version by now, in the order of the rules."""
    found = []
    for family, rule in FAMILIES.items():
        if versions.get(family, rule.version) != rule.version:
            found.append(rule.label)
    return found + [family for family in versions if family not in FAMILIES]
