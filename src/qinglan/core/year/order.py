"""The order of the families, once. A family reads frame columns and the steps of those before it."""

from qinglan.core.rules import tiers
from qinglan.core.rules.families import Family
from qinglan.core.rules.groups import GroupFamily

PERSON_YEAR: tuple[Family | GroupFamily, ...] = (tiers.FAMILY,)
UNIT_YEAR: tuple[Family | GroupFamily, ...] = ()
