"""What a pack says of one year, worked out once for all replicates: compiled tables, dues, a newcomer's pay, pay years known so far."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from weakref import WeakValueDictionary

import numpy as np

from qinglan.core.frame.missing import MISSING
from qinglan.core.packs.pack import Pack, PackOnDate
from qinglan.core.rules.unit_outcomes import STABILITY_FAMILY
from qinglan.core.twin import rows, terms
from qinglan.core.twin.columns import POSTS
from qinglan.core.twin.paying import PayYears
from qinglan.core.twin.sheets import Desk


@dataclass(frozen=True)
class Law:
    """A year of a pack. `first` and `last`: the pack on 1 January and on 31 December. `leading` (POSTS,): 1 for leading posts on
    1 January; `allowances` (4,): of certificates, fen a month; `newcomers` (POSTS,): a newcomer's gross a month."""

    year: int
    first: PackOnDate
    last: PackOnDate
    pays: PayYears
    person_tables: list[Any]
    unit_tables: list[Any]
    ladder_tables: list[Any]
    stability_tables: Any
    stars: np.ndarray
    leading: np.ndarray
    allowances: np.ndarray
    required_hours: np.ndarray
    shadowing: float
    first_days: np.ndarray
    newcomers: np.ndarray


def law(pack: Pack, year: int) -> Law:
    """Raises NotInForce when the pack lacks a value."""
    first, last = pack.on(date(year, 1, 1)), pack.on(date(year, 12, 31))
    made = Law(
        year, first, last, PayYears(pack, year), rows.PLAN.tables(last), rows.UNIT_PLAN.tables(last), terms.PLAN.tables(first),
        STABILITY_FAMILY.tables(last), first["pay.star_rating.coefficients"], leading_posts(first), allowances(first),
        terms.required_hours(first, year), terms.shadowing(first), terms.first_days(year), np.zeros(POSTS, np.int64),
    )  # fmt: skip
    return replace(made, newcomers=terms.newcomers_gross(made, Desk()))


class Laws:
    """The years of a pack as they are asked for."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.known: dict[int, Law] = {}

    def __getitem__(self, year: int) -> Law:
        """Two threads may both work a year out at first: they come to the same, and one of the two is kept."""
        found = self.known.get(year)
        return found if found is not None else self.known.setdefault(year, law(self.pack, year))


_alive: WeakValueDictionary[tuple, Laws] = WeakValueDictionary()


def laws_of(pack: Pack) -> Laws:
    """The years of the pack; runs under equal packs share them while one of them lives, so that a year is worked out once for both
    sides of a comparison."""
    return _alive.setdefault(pack.mark, Laws(pack))


def leading_posts(on: PackOnDate) -> np.ndarray:
    """(POSTS,): 1 for the posts that the pack counts as leading a community."""
    table = on["diagnose.tier_entry.pillar_posts"]
    flags = np.zeros(POSTS, np.int64)
    flags[: len(table)] = np.asarray(table)[:POSTS] == 1
    return flags


def allowances(on: PackOnDate) -> np.ndarray:
    """Monthly allowance by certificate (4,), fen; 0 where the pack says nothing."""
    table = on["pay.cert_allowance.amount"]
    return np.where(table <= MISSING, 0, table).astype(np.float64)
