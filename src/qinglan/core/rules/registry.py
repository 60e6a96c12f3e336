"""All items that packs may fill, and all families, collected from their files."""

from itertools import chain

from qinglan.core.packs.items import Item
from qinglan.core.rules import tiers
from qinglan.core.rules.families import Family
from qinglan.core.rules.groups import GroupFamily

MODULES = (tiers,)

ITEMS: dict[str, Item] = {item.id: item for item in chain.from_iterable(module.ITEMS for module in MODULES)}

FAMILIES: dict[str, Family | GroupFamily] = {family.id: family for family in (tiers.FAMILY,)}
