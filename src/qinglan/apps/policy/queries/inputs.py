"""What a figure was computed from: facts of the frame, and the results of earlier figures, each in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qinglan.apps.policy.models import PersonResult, RunInput, UnitResult
from qinglan.apps.policy.queries import rules
from qinglan.apps.policy.queries.results import year_steps
from qinglan.core.frame.columns import Column
from qinglan.core.frame.person_year import PERSON_YEAR
from qinglan.core.frame.unit_year import UNIT_YEAR
from qinglan.core.frame.units import CODE, say
from qinglan.core.rules.groups import GroupFamily


@dataclass(frozen=True)
class Earlier:
    """An earlier figure that this one goes on from: what it is called, and the steps of it that matter here."""

    family: str
    label: str
    values: list[tuple[str, str]]


def inputs_of(result: PersonResult, family: str) -> list[tuple[str, str]]:
    """(label, value in words) of the frame columns that a family read: the facts behind the steps."""
    numbers = dict(zip(result.run.frame_columns, result.frame, strict=True))
    return _facts(_read_by(family, result.run.rule_versions), numbers, PERSON_YEAR)


def unit_inputs_of(unit: UnitResult, family: str) -> list[tuple[str, str]]:
    kept = RunInput.objects.filter(run=unit.run_id).values_list("columns", flat=True).first()
    names = kept[1] if kept else UNIT_YEAR  # computed before inputs were kept
    return _facts(_read_by(family, unit.run.rule_versions), dict(zip(names, unit.frame, strict=True)), UNIT_YEAR)


def earlier_of(result: PersonResult, family: str) -> list[Earlier]:
    """The earlier figures whose steps a family read, in the order computed, with their answers.

    A quota is told whole (people counted, places, position): "名额已满" is understood only beside them.
    """
    versions = result.run.rule_versions
    wanted = set(_read_by(family, versions))
    found = []
    for name, values in year_steps(result).items():
        if name == family or wanted.isdisjoint(values):
            continue
        rule = rules.told(name, values, versions)
        whole = isinstance(rule.rule, GroupFamily)
        told = [
            (step.label, say(values[key], step.unit, dict(step.codes) if step.codes else None))
            for key, step in rule.steps.items()
            if not step.hidden and key in values and (whole or key in wanted or key == rule.result)
        ]
        found.append(Earlier(name, rule.label, told))
    return found


def _read_by(family: str, versions: Mapping[str, str]) -> tuple[str, ...]:
    """The columns that a family read in the version of a run; none where the program no longer has that version."""
    rule: Any = rules.as_computed(family, versions)
    if rule is None:
        return ()
    names: tuple[str, ...] = rule.columns if isinstance(rule, GroupFamily) else rule.inputs._fields
    return names


def _facts(names: tuple[str, ...], numbers: Mapping[str, int], columns: Mapping[str, Column]) -> list[tuple[str, str]]:
    found = []
    for name in names:
        column: Any = columns.get(name)
        # The number of a place in the computation means nothing to a reader: its name stands at the head of the page.
        if column is None or name not in numbers or (column.unit is CODE and column.codes is None):
            continue
        labels = column.codes.labels() if column.codes else None
        found.append((column.label, say(numbers[name], column.unit, labels)))
    return found
