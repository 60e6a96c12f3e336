"""为什么是这个数: the steps of a family as lines for people, each with the clause it applies. The steps are the calculation."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from qinglan.core.frame.missing import MISSING, reason_of
from qinglan.core.frame.units import say
from qinglan.core.packs.pack import NotInForce, PackOnDate
from qinglan.core.packs.said import applied
from qinglan.core.rules.families import Family, Step
from qinglan.core.rules.groups import GroupFamily


@dataclass(frozen=True)
class Line:
    """One printed step. `item` is the pack item applied ("" for none); `applied` what of it, in words ("" where the step itself
    says it); `source` its clause; `setting` marks 本区设定."""

    name: str
    label: str
    text: str
    item: str = ""
    item_label: str = ""
    source: str = ""
    setting: bool = False
    missing: str = ""
    applied: str = ""


def explain(family: Family | GroupFamily, values: Mapping[str, int], pack: PackOnDate) -> list[Line]:
    """The visible steps of one row in the order computed. `values` {step: number}; the pack as of the day of the run.

    What was applied is told at the first step that it applies to.
    """
    lines = [_line(name, step, values, pack) for name, step in family.steps.items() if not step.hidden]
    told: set[tuple[str, str]] = set()
    for place, line in enumerate(lines):
        if (line.item, line.applied) in told or line.applied == line.text:
            lines[place] = replace(line, applied="")
        told.add((line.item, line.applied))
    return lines


def _line(name: str, step: Step, values: Mapping[str, int], pack: PackOnDate) -> Line:
    labels = dict(step.codes) if step.codes is not None else None
    text = say(values[name], step.unit, labels)
    absent = reason_of(values[name]).label if values[name] <= MISSING else ""
    if not step.item:
        return Line(name, step.label, text, missing=absent)
    number = step.row if isinstance(step.row, int) else values.get(step.row, MISSING)
    row = number if number >= 0 else None
    try:
        source, dated = pack.source(step.item, row), pack.dated(step.item)
    except NotInForce:
        return Line(name, step.label, text, step.item, missing=absent)
    item = pack.pack.entries[step.item].item
    words = "" if step.row and row is None else applied(item, dated, row)
    return Line(name, step.label, text, step.item, item.label, str(source), source.is_setting, absent, words)
