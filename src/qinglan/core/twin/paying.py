"""A year's pay of the twin's people by core.year.months: those with the same facts are paid once.

Pay hangs on facts alone (post, grade, certificate, star, months), so that thousands of people of many replicates come to a few
hundred different pay years; each is worked out by the same kernels as a real one and handed back to everybody it belongs to.
"""

from dataclasses import dataclass

import numpy as np

from qinglan.core.frame.missing import MISSING
from qinglan.core.frame.units import days, to_date
from qinglan.core.packs.pack import Pack
from qinglan.core.year import order
from qinglan.core.year.months import PayFacts, pay
from qinglan.core.year.order import Order
from qinglan.core.year.pay_facts import FAR, LONG_AGO, PRIZES
from qinglan.core.year.segments import Dated, cut

KEPT = ("gross_pay", "employer_cost", "net_pay", "certificate_pay")


@dataclass(frozen=True)
class Facts:
    """What a year of pay hangs on, one entry a person: first and last day in the year, and what holds all the while."""

    since: np.ndarray
    until: np.ndarray
    post: np.ndarray
    grade: np.ndarray
    certificate: np.ndarray
    star_coefficient: np.ndarray


@dataclass(frozen=True)
class Paid:
    """`kind` (n,): which pay year is whose. `months` {KEPT: (12, kinds)} fen, 0 where nothing was paid or an amount is missing.

    `unknown` (kinds,): months in which an amount is missing. `employed` (12, kinds).
    """

    kind: np.ndarray
    months: dict[str, np.ndarray]
    employed: np.ndarray
    unknown: np.ndarray

    def year(self, name: str) -> np.ndarray:
        """The year's sum of each person (n,)."""
        return self.months[name].sum(axis=0)[self.kind]


def paid(pack: Pack, year: int, facts: Facts, rules: Order = order.NOW) -> Paid:
    """The pay of `year`. Raises NotInForce when the pack lacks a value."""
    table = np.stack([getattr(facts, name) for name in Facts.__dataclass_fields__]).astype(np.int64)
    if table.shape[1] == 0:
        nothing = np.zeros((12, 0), np.int64)
        return Paid(np.zeros(0, np.int64), dict.fromkeys(KEPT, nothing), nothing > 0, np.zeros(0, np.int64))
    kinds, kind = distinct(table)
    since, until, post, grade, certificate, star = kinds
    people = np.arange(kinds.shape[1])
    everywhere = (np.full(len(people), LONG_AGO), np.full(len(people), FAR))
    values = {
        "segment_post": post,
        "segment_grade": grade,
        "segment_certificate": certificate,
        "segment_star_coefficient": star,
    }
    changes = [days(day) for day in pack.change_days()]
    segments = cut(Dated(people, since, until), [Dated(people, *everywhere, values)], year, changes)
    none = np.zeros((12, len(people)), np.int64)
    months = {"additional_deduction": none, **dict.fromkeys(PRIZES.values(), none)}
    done = pay(pack, PayFacts(len(people), segments, months), year, rules=rules)
    unknown = ((done.months["gross_pay"] <= MISSING) & done.employed).sum(axis=0)
    amounts = {name: np.where(done.months[name] <= MISSING, 0, done.months[name]) for name in KEPT}
    return Paid(kind, amounts, done.employed, unknown)


def distinct(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different columns of `table` (k, n), and which of them each column is. Two missing values count as the same.

    The rows are packed into one number, because sorting one key is far quicker than sorting by all of them; days, posts and grades
    of a year fit many times over.
    """
    key, room = np.zeros(table.shape[1], np.int64), 1
    for row in table:
        absent = row <= MISSING
        low = int(row[~absent].min(initial=1 << 40)) - 1
        values = np.where(absent, 0, row - low)
        size = int(values.max(initial=0)) + 1
        key, room = key * size + values, room * size
    if room >= 1 << 62:
        raise ValueError("the facts of pay do not fit one key")
    _, first, kind = np.unique(key, return_index=True, return_inverse=True)
    return table[:, first], kind


def year_bounds(year: int) -> tuple[int, int]:
    """First and last day of a year, since 1970."""
    first = days(to_date(0).replace(year=year, month=1, day=1))
    return first, days(to_date(0).replace(year=year, month=12, day=31))
