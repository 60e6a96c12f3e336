"""The families of core.year.order that the twin reads, and one year of them: the same kernels in the same order, no rule written twice."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from qinglan.core.packs.pack import PackOnDate
from qinglan.core.rules.groups import GroupFamily
from qinglan.core.year import order
from qinglan.core.year.order import Order
from qinglan.core.year.running import Results, run

Columns = Mapping[str, np.ndarray]

# What a year's rules decide of the next year of the twin: everything else follows when the real year is computed.
PERSON = (
    "exit.retirement",
    "diagnose.tier_entry",
    "assess.four_in_one",
    "assess.jh_grades.score",
    "assess.jh_grades.quota",
    "assess.jh_grades",
    "pay.star_rating.score",
    "pay.star_rating.quota",
    "pay.star_rating",
    "career.five_rank_nine_grade.eighteen",
    "career.five_rank_nine_grade",
    "career.job_requirements",
    "career.job_requirements.quota",
    "career.rotation_15.candidate",
    "career.rotation_15",
    "train.annual_days",
    "exit.unfit.limits",
    "assess.xh_monthly",
    "exit.xuhui",
    "exit.unfit",
)
UNIT = ("assess.four_in_one.unit", "assess.traffic_light", "assess.satisfaction", "assess.stability")
LADDERS = ("career.five_rank_nine_grade.eighteen", "career.five_rank_nine_grade")
TRAINING = ("train.annual_days",)


def only(families: Sequence, ids: Sequence[str]) -> tuple:
    """The families with these ids, in the order's order."""
    return tuple(family for family in families if family.id in ids)


def read(rules: Order = order.NOW) -> Order:
    """The order with those families alone that the twin reads. Pay is read whole."""
    return replace(rules, person_year=only(rules.person_year, PERSON), unit_year=only(rules.unit_year, UNIT))


def inputs(families: Sequence) -> tuple[str, ...]:
    """The frame columns that the families read and do not make, in the order of first use."""
    made: set[str] = set()
    wanted: dict[str, None] = {}
    for family in families:
        names = family.columns if isinstance(family, GroupFamily) else family.inputs._fields
        wanted |= dict.fromkeys(name for name in names if name not in made)
        made |= set(family.steps)
    return tuple(wanted)


PERSON_COLUMNS = inputs(read().person_year)
UNIT_COLUMNS = inputs(read().unit_year)


def evaluate(person: Columns, unit: Columns, on: PackOnDate, rules: Order = order.NOW) -> tuple[Results, Results]:
    """Person and unit results of a year. Raises NotInForce when the pack lacks a value."""
    twins = read(rules)
    return run(twins.person_year, person, on), run(twins.unit_year, unit, on)


def steps(results: Results) -> dict[str, np.ndarray]:
    """All steps by name; names are unique over the families of a frame."""
    return {name: values for family in results.values() for name, values in family.items()}
