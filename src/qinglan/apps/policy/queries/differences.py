"""Two runs side by side: whose figures differ, by how much in sum, and the input or step at which each difference begins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery, Sum

from qinglan.apps.policy.models import PersonResult, Run
from qinglan.apps.policy.queries.results import month_steps, year_steps
from qinglan.apps.policy.queries.rules import told
from qinglan.core.frame.person_year import PERSON_YEAR
from qinglan.core.frame.units import CODE, say
from qinglan.core.rules.groups import GroupFamily
from qinglan.core.rules.registry import FAMILIES

SHOWN = ("score", "grade", "star", "ladder_grade", "gross", "net")
SUMMED = ("gross", "net", "tax")
MOST_CAUSES = 4


@dataclass(frozen=True)
class Cause:
    """What differs first: an input, or a step of a family, with both values in words. `month` of a step of the pay."""

    label: str
    before: str
    after: str
    family: str = ""
    month: int = 0


def changed(old: Run, new: Run) -> QuerySet[PersonResult]:
    """The rows of `new` that say anything else than the person's row of `old`, or that `old` has not: with old_<figure> beside."""
    before = PersonResult.objects.filter(run=old, person=OuterRef("person"))
    same = before.filter(frame=OuterRef("frame"), steps=OuterRef("steps"), months=OuterRef("months"))
    figures = {f"old_{name}": Subquery(before.values(name)[:1]) for name in SHOWN}
    rows = PersonResult.objects.filter(~Exists(same), run=new).select_related("person")
    return rows.annotate(old_id=Subquery(before.values("pk")[:1]), **figures).annotate(
        gross_change=F("gross") - F("old_gross")
    )


def gone(old: Run, new: Run) -> QuerySet[PersonResult]:
    """The rows of `old` whose person `new` has not."""
    there = PersonResult.objects.filter(run=new, person=OuterRef("person"))
    return PersonResult.objects.filter(~Exists(there), run=old).select_related("person")


def sums(run: Run) -> dict[str, Any]:
    """Headcount and yearly sums of a run in fen."""
    return {"people": run.people, **PersonResult.objects.filter(run=run).aggregate(*(Sum(name) for name in SUMMED))}


def causes(old: PersonResult, new: PersonResult) -> list[Cause]:
    """Where two rows of a person begin to differ: her inputs; without any, the first step of the year and of the first month.

    Ranks and places of a quota tell of the others in it; they are named only where nothing of her own differs.
    """
    found = list(_inputs(old, new))
    if not found:
        before, after, versions = year_steps(old), year_steps(new), new.run.rule_versions
        own = {family: steps for family, steps in after.items() if not isinstance(FAMILIES.get(family), GroupFamily)}
        paid = (_first(month_steps(old, month), month_steps(new, month), versions, month) for month in range(1, 13))
        found = _first(before, own, versions) + next((first for first in paid if first), [])
        found = found or _first(before, after, versions)
    return found[:MOST_CAUSES]


def _inputs(old: PersonResult, new: PersonResult) -> Iterator[Cause]:
    before = dict(zip(old.run.frame_columns, old.frame, strict=True))
    after = dict(zip(new.run.frame_columns, new.frame, strict=True))
    for name, column in PERSON_YEAR.items():
        numbered = (
            column.unit is CODE and column.codes is None
        )  # numbers of places (序号) say nothing outside their run
        if numbered or name not in before or name not in after or before[name] == after[name]:
            continue
        labels = column.codes.labels() if column.codes else None
        yield Cause(column.label, say(before[name], column.unit, labels), say(after[name], column.unit, labels))


def _first(
    old: Mapping[str, Mapping[str, int]],
    new: Mapping[str, Mapping[str, int]],
    versions: Mapping[str, str],
    month: int = 0,
) -> list[Cause]:
    """The first visible step that differs, in the words of the newer run's rules (`versions`); later ones follow from it."""
    for family, steps in new.items():
        rule = told(family, steps, versions)
        for name, value in steps.items():
            step, was = rule.steps.get(name), old.get(family, {}).get(name)
            if step is None or step.hidden or was == value:
                continue
            labels = dict(step.codes) if step.codes else None
            said = "—" if was is None else say(was, step.unit, labels)
            return [Cause(f"{rule.label}：{step.label}", said, say(value, step.unit, labels), family, month)]
    return []
