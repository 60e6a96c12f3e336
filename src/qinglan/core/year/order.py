"""The order of the families, once. A family reads frame columns and the steps of those before it."""

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
