"""Where a resident may ask: the districts, sub-districts and communities that stand today, and the way down to them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from qinglan.apps.people.models import Organisation
from qinglan.apps.people.models.words import Level
from qinglan.apps.people.queries.organisations import path

CODE = re.compile(r"[0-9]{2}([0-9]{2}([0-9]{2}([0-9]{3}([0-9]{3})?)?)?)?", re.ASCII)
DISTRICT_DIGITS, COMMUNITY_DIGITS = 6, 12
LEVELS = (Level.PROVINCE, Level.CITY, Level.DISTRICT, Level.SUBDISTRICT, Level.COMMUNITY)


@dataclass(frozen=True)
class Place:
    """`code` "" where none is known. `names`: from the district down, the place's own last."""

    code: str = ""
    names: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.names[-1] if self.names else ""

    @property
    def full(self) -> str:
        return " ".join(self.names)

    @property
    def district(self) -> str:
        return self.code[:DISTRICT_DIGITS]


def place_of(code: str, on: date) -> Place | None:
    """The district, sub-district or community of this code on that day; None for any other code, a closed or unknown one. One query."""
    if len(code) < DISTRICT_DIGITS or not CODE.fullmatch(code):
        return None
    way = path(code, on)
    if not way or way[-1].code != code:
        return None
    return Place(code, tuple(one.name for one in way if len(one.code) >= DISTRICT_DIGITS))


def below(code: str, on: date) -> list[Organisation]:
    """What one may choose below a code ("" for the provinces). Queries: one, and one more for each level with a single choice."""
    found = _children(code, on)
    while len(found) == 1 and len(found[0].code) < DISTRICT_DIGITS:
        found = _children(found[0].code, on)
    return found


def _children(code: str, on: date) -> list[Organisation]:
    rows = Organisation.objects.as_of(on).children_of(code).filter(level__in=LEVELS)
    return list(rows.order_by("code").only("code", "name"))
