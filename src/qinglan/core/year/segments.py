"""Cuts a year of dated pay facts into segments: stretches of one month with the same facts (core.frame.month.SEGMENT).

Facts come as tables of dated rows (posts, grades, certificates, stars, unpaid leave); a segment begins on the first day of
a month, on the first day of any row, after the last day of any row, and on the days where the pack changes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from qinglan.core.frame.missing import Reason, missing
from qinglan.core.frame.month import SEGMENT
from qinglan.core.frame.units import days

Array = np.ndarray
ABSENT = missing(Reason.NOT_RECORDED)
SPAN = 1 << 22  # more days than any date used here; a person's number and a day make one sortable key


@dataclass(frozen=True)
class Dated:
    """Rows of dated facts: person (n,), first day (n,), last day (n,), and the values in force on those days.

    Rows of one person may not overlap within a table. Raises ValueError if they do.
    """

    person: Array
    since: Array
    until: Array
    values: Mapping[str, Array] = field(default_factory=dict)

    def __post_init__(self) -> None:
        order = np.lexsort((self.since, self.person))
        person, since, until = self.person[order], self.since[order], self.until[order]
        clash = (person[1:] == person[:-1]) & (since[1:] <= until[:-1])
        if clash.any() or (since > until).any():
            raise ValueError("dated rows of one person overlap, or end before they begin")


def cut(employment: Dated, facts: Sequence[Dated], year: int, change_days: Sequence[int] = ()) -> dict[str, Array]:
    """The SEGMENT frame of `year`, sorted by person and day; people employed on none of its days have no row.

    `employment` says when a person is employed; `facts` fill segment columns by name; days without a fact are missing.
    `change_days` are the days (since 1970-01-01) on which the pack changes.
    """
    firsts = np.array([days(date(year + month // 12, month % 12 + 1, 1)) for month in range(13)], np.int64)
    start, end = firsts[0], firsts[12] - 1
    inside = (employment.since <= end) & (employment.until >= start)
    person = employment.person[inside].astype(np.int64)
    since = np.maximum(employment.since[inside], start)
    until = np.minimum(employment.until[inside], end)
    people = distinct(person)
    common = np.array(sorted({int(day) for day in (*firsts[:12], *change_days) if start <= day <= end}), np.int64)
    keys = [person * SPAN + since, person * SPAN + until + 1, (people[:, None] * SPAN + common).ravel()]
    for table in facts:
        keys += [table.person.astype(np.int64) * SPAN + np.clip(table.since, start, end + 1)]
        keys += [table.person.astype(np.int64) * SPAN + np.clip(table.until + 1, start, end + 1)]
    breaks = distinct(np.concatenate(keys))
    who, day = breaks // SPAN, breaks % SPAN
    last = np.append(np.where(who[1:] == who[:-1], day[1:] - 1, end), end)
    employed = rows_of(Dated(person, since, until), who, day)
    kept = (employed >= 0) & (day <= end)
    who, day, last = who[kept], day[kept], last[kept]
    month = np.searchsorted(firsts, day, side="right") - 1
    frame = {name: np.full(len(who), ABSENT, np.int64) for name in SEGMENT}
    frame |= {
        "segment_person": who,
        "segment_month": year * 12 + month.astype(np.int64),
        "segment_since": day,
        "segment_until": last,
    }
    for table in facts:
        found = rows_of(table, who, day)
        for name, values in table.values.items():
            if len(values) == 0:  # nobody has such a record: the column stays absent
                continue
            frame[name] = np.where(found >= 0, values[np.maximum(found, 0)], ABSENT).astype(np.int64)
    return frame


def distinct(values: Array) -> Array:
    """The different values, ascending; sorts, because numpy's unique hashes int64, ten times slower here."""
    values = np.sort(values)
    return values[np.append(True, values[1:] != values[:-1])] if len(values) else values


def rows_of(table: Dated, person: Array, day: Array) -> Array:
    """For each (person, day), the row of the table in force; -1 where there is none."""
    if len(table.person) == 0:
        return np.full(len(person), -1, np.int64)
    order = np.lexsort((table.since, table.person))
    keys = table.person[order].astype(np.int64) * SPAN + table.since[order]
    place = np.searchsorted(keys, person * SPAN + day, side="right") - 1
    row = order[np.maximum(place, 0)]
    holds = (place >= 0) & (table.person[row] == person) & (table.until[row] >= day)
    return np.where(holds, row, -1)
