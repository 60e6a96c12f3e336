"""The order of the families, once. A family reads frame columns and the steps of those before it.

`NOW` is the order of this release; `NOW.at(versions)` is that of an earlier run: its families only, each in the version that it
names. A family whose behaviour changes keeps its old version in RETIRED, so that old runs verify for ever (design §4.8).
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from qinglan.core.rules import (
    abilities,
    budgets,
    exams,
    exits,
    flows,
    grades,
    honours,
    hours,
    insurance,
    ladders,
    leaving,
    limits,
    pay_extras,
    pay_growth,
    pay_month,
    pay_parts,
    pay_year,
    requirements,
    retirement,
    rotation,
    scores,
    secretaries,
    stars,
    tax,
    tiers,
    tracks,
    unit_outcomes,
    workload,
)
from qinglan.core.rules.families import Family
from qinglan.core.rules.groups import GroupFamily

PERSON_YEAR: tuple[Family | GroupFamily, ...] = (
    retirement.FAMILY,
    tiers.FAMILY,
    scores.FAMILY,
    *grades.FAMILIES,
    *stars.FAMILIES,
    *ladders.FAMILIES,
    *requirements.FAMILIES,
    *hours.FAMILIES,
    *limits.FAMILIES,
    *secretaries.FAMILIES,
    *rotation.FAMILIES,
    *tracks.FAMILIES,
    *workload.FAMILIES,
    *honours.FAMILIES,
    *exits.FAMILIES,
    *leaving.FAMILIES,
    *flows.FAMILIES,
    *exams.FAMILIES,
    *abilities.FAMILIES,
)
UNIT_YEAR: tuple[Family | GroupFamily, ...] = (scores.UNIT_FAMILY, *secretaries.UNIT_FAMILIES, *unit_outcomes.FAMILIES)

# Pay: parts of a month, then the month (after the parts are summed), then the year; and a district's year.
SEGMENT_DAYS: tuple[Family, ...] = (pay_parts.PRORATING,)
SEGMENT: tuple[Family, ...] = (pay_parts.THREE_PLUS_X, pay_parts.CERT_ALLOWANCE)
ARREARS: tuple[Family, ...] = (pay_month.ARREARS,)
MONTH: tuple[Family, ...] = (
    pay_extras.PROJECT_ALLOWANCE,
    pay_extras.SETTLING_GRANT,
    pay_month.GROSS,
    insurance.INJURY_POOL,
    insurance.SOCIAL_INSURANCE,
    insurance.HOUSING_FUND,
    insurance.ANNUITY,
    tax.FAMILY,
    pay_month.NET,
)
PAY_YEAR: tuple[Family, ...] = (pay_year.EIGHT_ITEMS, pay_year.MAX_YIJIANTIAO, pay_year.EFFORT_GAP)
DISTRICT_YEAR: tuple[Family, ...] = (
    pay_growth.GROWTH_MECHANISM,
    pay_growth.GROWTH_8,
    budgets.PAY_LINE,
    budgets.TRAINING_50K,
    budgets.ILLNESS,
    budgets.INNOVATION_FUND,
    budgets.PRIZE_FUND,
)

RETIRED: dict[tuple[str, str], Family | GroupFamily] = {}  # (family id, version) → the family as it was


class RuleGone(LookupError):
    """A run names a version of a rule that this release no longer has. Its text is for people."""


@dataclass(frozen=True)
class Order:
    """The families of each frame, in order."""

    person_year: tuple[Family | GroupFamily, ...]
    unit_year: tuple[Family | GroupFamily, ...]
    segment_days: tuple[Family, ...]
    segment: tuple[Family, ...]
    arrears: tuple[Family, ...]
    month: tuple[Family, ...]
    pay_year: tuple[Family, ...]
    district_year: tuple[Family, ...]

    def at(self, versions: Mapping[str, str]) -> "Order":
        """The order of a run that stored `versions` (family id → version). Raises RuleGone."""
        return Order(*(_at(getattr(self, one.name), versions) for one in fields(self)))


def _at(families: tuple, versions: Mapping[str, str]) -> tuple:
    kept = []
    for family in families:
        wanted = versions.get(family.id)
        if wanted is None:
            continue  # a rule that came later
        found = family if wanted == family.version else RETIRED.get((family.id, wanted))
        if found is None:
            raise RuleGone(f"这一版程序没有规则「{family.label}」的第 {wanted} 版，不能重算；请用留有该版的程序。")
        kept.append(found)
    return tuple(kept)


NOW = Order(PERSON_YEAR, UNIT_YEAR, SEGMENT_DAYS, SEGMENT, ARREARS, MONTH, PAY_YEAR, DISTRICT_YEAR)
