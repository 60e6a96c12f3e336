"""What a worker reads of her own growth: her decided years side by side, and this year's learning as it stands today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from qinglan.apps.people.models import Person
from qinglan.apps.policy.models import PersonResult
from qinglan.apps.policy.permissions import PUBLIC, results_for
from qinglan.apps.policy.queries import reading
from qinglan.apps.policy.queries.packs import adoption_for, pack
from qinglan.apps.policy.queries.records import records_for
from qinglan.apps.policy.queries.rules import told
from qinglan.apps.policy.states import State
from qinglan.core.frame.codes import Grade, Star, Tier
from qinglan.core.frame.missing import MISSING
from qinglan.core.frame.units import days, to_date
from qinglan.core.packs.errors import PackError
from qinglan.core.packs.pack import NotInForce
from qinglan.core.rules import hours
from qinglan.core.year.computing import frame_of
from qinglan.core.year.running import run

# The tables that hours are counted from.
WANTED = ("people", "employments", "postings", "certificates", "training", "shadowing", "opening")
DISTRICT_DIGITS = 6
DEADLINES = {
    hours.ONBOARDING: "onboarding_deadline",
    hours.SHADOWING: "shadowing_deadline",
    hours.CONTINUING: "continuing_period_end",
}


@dataclass(frozen=True)
class Words:
    """The figures of one decided year in words."""

    result: PersonResult
    tier: str
    grade: str
    star: str

    @property
    def amended(self) -> bool:
        return bool(self.result.run.state == State.AMENDED)


def words_of(result: PersonResult) -> Words:
    return Words(
        result,
        Tier.labels().get(result.tier, "—") if result.tier is not None else "—",
        Grade.labels().get(result.grade, "—") if result.grade else "—",
        Star.labels().get(result.star, "—") if result.star is not None else "—",
    )


def own_years(user: Any) -> list[Words]:
    """Her own decided years, the newest first; of a year the one in force before those it corrected. One query."""
    if not getattr(user, "person_id", None):
        return []
    mine = results_for(user).filter(person=user.person_id, run__state__in=PUBLIC)
    rows = mine.select_related("run", "person").order_by("-run__year", "-run__created_at")
    found = [words_of(row) for row in rows]
    return sorted(found, key=lambda one: (-one.result.run.year, one.amended))


# What a worker most often has a doubt of; every other step has its own way to object on its page of steps.
OBJECTED = {
    "assess.jh_grades": "等次",
    "assess.four_in_one": "综合分",
    "pay.star_rating": "星级",
    "career.five_rank_nine_grade": "职级",
}


def objections_of(result: PersonResult) -> list[tuple[str, str, str]]:
    """(figure, family, step that answers for it) of her year's main figures."""
    computed = dict(result.run.step_columns)
    return [
        (label, family, told(family, computed[family], result.run.rule_versions).result)
        for family, label in OBJECTED.items()
        if family in computed
    ]


@dataclass(frozen=True)
class Duty:
    """A task of learning: hours in words, how far in whole percent, and the last day (None: the end of the year)."""

    ledger: reading.Ledger
    percent: int
    until: date | None


def duties(person: Person, on: date) -> list[Duty]:
    """What learning this year asks of her and how far she is on day `on`, by the rules in force; none without a pack.

    The same kernels as the year's: hours recorded so far beside what the whole year asks.
    """
    district = person.org_code[:DISTRICT_DIGITS]
    adoption = adoption_for(district, on)
    if adoption is None:
        return []
    try:
        rules = pack(adoption.pack).on(on)
        per_day = rules[f"{hours.ANNUAL}.hours_per_day"]
        records = records_for(district, on.year, per_day, person=person.pk, wanted=WANTED)
        frame = frame_of(records, on.year, rules)
        if not len(frame):
            return []
        columns = frame.columns | {"as_of": np.minimum(frame.columns["as_of"], days(on))}
        steps = {family: _first(values) for family, values in run(hours.FAMILIES, columns, rules).items()}
    except (PackError, NotInForce):
        return []
    standing = _Standing(steps, _first(columns))
    return [_duty(one, standing) for one in standing.ledgers()]


def _first(columns: Mapping[str, np.ndarray]) -> dict[str, int]:
    return {name: int(values[0]) for name, values in columns.items()}


class _Standing(reading.Reading):
    """Steps that are not stored, read as those of a result are."""

    def __init__(self, families: Mapping[str, Mapping[str, int]], frame: dict[str, int]) -> None:
        self.versions = {}  # as in force
        self.families = {family: dict(steps) for family, steps in families.items()}
        self.steps = {name: value for steps in self.families.values() for name, value in steps.items()}
        self.frame = frame


def _duty(ledger: reading.Ledger, standing: _Standing) -> Duty:
    column, asked = next((column, asked) for family, column, asked, *_ in reading.LEDGERS if family == ledger.family)
    had, required = standing.frame[column], standing.value(asked) or 0
    percent = 100 if had >= required else max(had, 0) * 100 // required
    last = standing.value(DEADLINES.get(ledger.family, ""))
    return Duty(ledger, percent if had > MISSING else 0, None if last is None else to_date(last))
