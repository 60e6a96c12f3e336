"""A year's pay of the twin's people by core.year.months: those with the same facts are paid once.

Pay hangs on facts alone (post, grade, certificate, star, months), so that thousands of people of many replicates come to a few
thousand different pay years; each is worked out by the same kernels as a real one, remembered, and handed to everybody it belongs to.
"""

from dataclasses import dataclass
from threading import Lock
from typing import NamedTuple

import numpy as np

from qinglan.core.frame.missing import MISSING
from qinglan.core.frame.units import days, to_date
from qinglan.core.packs.pack import Pack
from qinglan.core.twin.columns import ABSENT
from qinglan.core.twin.compiling import compiled
from qinglan.core.year import order
from qinglan.core.year.months import PayFacts, pay
from qinglan.core.year.order import Order
from qinglan.core.year.pay_facts import FAR, LONG_AGO, PRIZES
from qinglan.core.year.segments import Dated, cut

KEPT = ("gross_pay", "employer_cost", "net_pay", "certificate_pay")
# Columns of the amounts of a pay year: twelve months each of KEPT and of employment; then the year's sums.
GROSS, COST, EMPLOYED = 0, 12, 48
YEAR_GROSS, YEAR_COST, YEAR_PAID, YEAR_UNKNOWN = 60, 61, 62, 63
AMOUNTS = 64
# Bits of the key, from the lowest: days of the year on which it begins and ends, post, grade, certificate, star coefficient.
DAY_BITS, POST_BITS, GRADE_BITS, CERTIFICATE_BITS, STAR_BITS = 9, 5, 8, 4, 20
NOT_A_KEY = -1
SPREAD = np.uint64(0x9E3779B97F4A7C15)


class Facts(NamedTuple):
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

    `employed` (12, kinds).
    """

    kind: np.ndarray
    months: dict[str, np.ndarray]
    employed: np.ndarray


class Known(NamedTuple):
    """The pay years known so far: an open hash table (a power of two of places, −1 = free), and their amounts (kinds, AMOUNTS)."""

    keys: np.ndarray
    kinds: np.ndarray
    amounts: np.ndarray


@compiled
def packed(value, bits):
    """value + 1 in so many bits, 0 for missing; −1 when it does not fit."""
    if value <= MISSING:
        return 0
    return value + 1 if 0 <= value < (1 << bits) - 1 else -1


@compiled
def key_of(first, since, until, post, grade, certificate, star):
    """The facts as one number, −1 when they do not fit."""
    p, g = packed(post, POST_BITS), packed(grade, GRADE_BITS)
    c, x = packed(certificate, CERTIFICATE_BITS), packed(star, STAR_BITS)
    begins, ends = since - first, until - first
    room = 1 << DAY_BITS
    if min(min(p, g), min(c, x)) < 0 or not 0 <= begins < room or not 0 <= ends < room:
        return NOT_A_KEY
    key = (((x << CERTIFICATE_BITS) | c) << GRADE_BITS) | g
    return (((((key << POST_BITS) | p) << DAY_BITS) | ends) << DAY_BITS) | begins


@compiled
def keys_of(first, facts, keys):
    """keys (n,) of facts (six arrays). Returns whether all fit."""
    fits = True
    for n in range(keys.shape[0]):
        keys[n] = key_of(
            first, facts.since[n], facts.until[n], facts.post[n], facts.grade[n], facts.certificate[n], facts.star_coefficient[n]
        )  # fmt: skip
        fits = fits and keys[n] >= 0
    return fits


@compiled
def place_of(keys, key):
    """Where the key stands in the hash table, or the free place where it would."""
    mask = keys.shape[0] - 1
    place = np.int64((np.uint64(key) * SPREAD) >> np.uint64(20)) & mask
    while keys[place] != key and keys[place] != NOT_A_KEY:
        place = (place + 1) & mask
    return place


@compiled
def look_up(known_keys, known_kinds, keys, kinds):
    """kinds (n,): the pay year of each key, −1 where it is not known yet. Returns how many are not."""
    unknown = 0
    for n in range(keys.shape[0]):
        place = place_of(known_keys, keys[n])
        kinds[n] = known_kinds[place] if known_keys[place] == keys[n] else -1
        unknown += 1 if kinds[n] < 0 else 0
    return unknown


@compiled
def enter(known_keys, known_kinds, keys, first_kind):
    """Enters new keys, numbered from `first_kind`."""
    for n in range(keys.shape[0]):
        place = place_of(known_keys, keys[n])
        known_keys[place] = keys[n]
        known_kinds[place] = first_kind + n


class PayYears:
    """All pay years of one year under one pack, worked out as they are asked for. Threads may share it: what it says never changes."""

    def __init__(self, pack: Pack, year: int, rules: Order = order.NOW) -> None:
        self.pack, self.year, self.rules = pack, year, rules
        self.first = year_bounds(year)[0]
        self._lock = Lock()
        self.known = Known(
            np.full(1024, NOT_A_KEY, np.int64), np.zeros(1024, np.int64), np.zeros((0, AMOUNTS), np.int64)
        )

    def keys(self, facts: Facts) -> np.ndarray:
        """(n,) int64. Raises ValueError for facts that no key holds."""
        keys = np.empty(len(facts.post), np.int64)
        if not keys_of(self.first, facts, keys):
            raise ValueError("the facts of pay do not fit one key")
        return keys

    def kinds(self, keys: np.ndarray) -> np.ndarray:
        """(n,): rows of `known.amounts`; −1 where nobody asked yet."""
        known = self.known
        kinds = np.empty(len(keys), np.int64)
        look_up(known.keys, known.kinds, keys, kinds)
        return kinds

    def learn(self, keys: np.ndarray) -> None:
        """Works out what is not known yet of these keys. Raises NotInForce when the pack lacks a value."""
        with self._lock:
            keys = keys[self.kinds(keys) < 0]
            if len(keys) == 0:
                return
            new = np.unique(keys)
            amounts = self._worked_out(new)
            known = self.known
            total = len(known.amounts) + len(new)
            size = len(known.keys)
            while size < 4 * total:
                size *= 2
            kept_keys, kept_kinds = np.full(size, NOT_A_KEY, np.int64), np.zeros(size, np.int64)
            old = known.keys >= 0
            old_keys = np.empty(len(known.amounts), np.int64)
            old_keys[known.kinds[old]] = known.keys[old]
            enter(kept_keys, kept_kinds, old_keys, 0)
            enter(kept_keys, kept_kinds, new, len(known.amounts))
            self.known = Known(kept_keys, kept_kinds, np.concatenate([known.amounts, amounts]))

    def paid(self, keys: np.ndarray) -> Paid:
        """The pay years of these people."""
        self.learn(keys)
        known = self.known
        columns = known.amounts.T
        months = {name: columns[12 * at : 12 * at + 12] for at, name in enumerate(KEPT)}
        return Paid(self.kinds(keys), months, columns[EMPLOYED : EMPLOYED + 12] == 1)

    def _worked_out(self, keys: np.ndarray) -> np.ndarray:
        """(kinds, AMOUNTS) by core.year.months."""
        rest, parts = keys.copy(), []
        for bits in (DAY_BITS, DAY_BITS, POST_BITS, GRADE_BITS, CERTIFICATE_BITS, STAR_BITS):
            parts.append(rest & ((1 << bits) - 1))
            rest >>= bits
        since, until = self.first + parts[0], self.first + parts[1]
        names = ("segment_post", "segment_grade", "segment_certificate", "segment_star_coefficient")
        values = {
            name: np.where(part == 0, ABSENT, part - 1) for name, part in zip(names, parts[2:], strict=True)
        }  # fmt: skip
        people = np.arange(len(keys))
        everywhere = (np.full(len(keys), LONG_AGO), np.full(len(keys), FAR))
        changes = [days(day) for day in self.pack.change_days()]
        segments = cut(Dated(people, since, until), [Dated(people, *everywhere, values)], self.year, changes)
        none = np.zeros((12, len(people)), np.int64)
        months = {"additional_deduction": none, **dict.fromkeys(PRIZES.values(), none)}
        done = pay(self.pack, PayFacts(len(people), segments, months), self.year, rules=self.rules)
        out = np.zeros((len(keys), AMOUNTS), np.int64)
        for at, name in enumerate(KEPT):
            amounts = done.months[name]
            out[:, 12 * at : 12 * at + 12] = np.where(amounts <= MISSING, 0, amounts).T
        out[:, EMPLOYED : EMPLOYED + 12] = done.employed.T
        out[:, YEAR_GROSS] = out[:, GROSS : GROSS + 12].sum(axis=1)
        out[:, YEAR_COST] = out[:, COST : COST + 12].sum(axis=1)
        out[:, YEAR_PAID] = out[:, EMPLOYED : EMPLOYED + 12].sum(axis=1)
        out[:, YEAR_UNKNOWN] = ((done.months["gross_pay"] <= MISSING) & done.employed).sum(axis=0)
        return out


def around(keys: np.ndarray, stars: np.ndarray) -> np.ndarray:
    """These keys with every certificate and star that others may have beside them: asked for once, they are known to all replicates."""
    stars_at = 2 * DAY_BITS + POST_BITS + GRADE_BITS + CERTIFICATE_BITS
    certificates_at = stars_at - CERTIFICATE_BITS
    certificates = np.unique(keys >> certificates_at & ((1 << CERTIFICATE_BITS) - 1))
    coefficients = np.unique(np.append(stars[stars > MISSING] + 1, keys >> stars_at))
    rest = np.unique(keys & ((1 << certificates_at) - 1))
    rows = rest[:, None, None] | (certificates[:, None] << certificates_at) | (coefficients << stars_at)
    return rows.ravel()


def year_bounds(year: int) -> tuple[int, int]:
    """First and last day of a year, since 1970."""
    first = days(to_date(0).replace(year=year, month=1, day=1))
    return first, days(to_date(0).replace(year=year, month=12, day=31))
