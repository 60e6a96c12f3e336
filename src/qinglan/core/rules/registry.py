"""All items that packs may fill, and all families, collected from their files."""

from itertools import chain

from qinglan.core.packs.items import Item
from qinglan.core.rules import (
    budgets,
    exits,
    flows,
    grades,
    honours,
    hours,
    insurance,
    ladders,
    leaving,
    limits,
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

MODULES = (
    tiers,
    retirement,
    scores,
    grades,
    stars,
    pay_parts,
    pay_month,
    insurance,
    tax,
    pay_year,
    pay_growth,
    budgets,
    ladders,
    requirements,
    hours,
    limits,
    secretaries,
    rotation,
    tracks,
    unit_outcomes,
    workload,
    honours,
    exits,
    leaving,
    flows,
)

ITEMS: dict[str, Item] = {item.id: item for item in chain.from_iterable(module.ITEMS for module in MODULES)}

FAMILIES: dict[str, Family | GroupFamily] = {
    family.id: family
    for family in (
        tiers.FAMILY,
        retirement.FAMILY,
        scores.FAMILY,
        *grades.FAMILIES,
        *stars.FAMILIES,
        *ladders.FAMILIES,
        *requirements.FAMILIES,
        *limits.FAMILIES,
        *secretaries.FAMILIES,
        *rotation.FAMILIES,
        *tracks.FAMILIES,
        *honours.FAMILIES,
        *exits.FAMILIES,
        *leaving.FAMILIES,
        *flows.FAMILIES,
        scores.UNIT_FAMILY,
        *secretaries.UNIT_FAMILIES,
        *pay_parts.FAMILIES,
        *pay_month.FAMILIES,
        *insurance.FAMILIES,
        *tax.FAMILIES,
        *pay_year.FAMILIES,
        *pay_growth.FAMILIES,
        *budgets.FAMILIES,
        *hours.FAMILIES,
        *workload.FAMILIES,
        *unit_outcomes.FAMILIES,
    )
}
