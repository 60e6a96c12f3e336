"""One month of pay from its frozen facts and the ledger of closed months: its own pay, and what the months before still owe."""

import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from tests.recompute import families, frame, tables
from tests.recompute.frame import Ints
from tests.recompute.holding import Column, Names, differs, fingerprint, flat, named, of_rows
from tests.recompute.months import BALANCES, PARTS, Person, last_day, pay, regular
from tests.recompute.pack import Pack
from tests.recompute.tables import Row, Tables, by_person, last
from tests.recompute.year import pay_facts
from tests.reference.exact import NOT_RECORDED, absent, day

ITEMS = {
    "basic": "basic_pay",
    "performance": "performance_pay",
    "subsidy": "special_subsidy",
    "communications": "communications_pay",
    "certificate": "certificate_pay",
}
FIGURES = {
    "regular": "regular_pay", "arrears": "arrears_total", "gross": "gross_pay", "deductions": "deductions", "tax": "tax_due",
    "net": "net_pay", "owed": "owed_by_worker", "cost": "employer_cost",
}  # fmt: skip
When = tuple[int, int, int]  # person, year, month


@dataclass
class PaidMonth:
    """`people` and `places` of the slips; `rows` hold each one's inputs and steps, `steps` {family: [row, …]} the steps alone.

    `segments` {family: [(row of people, steps), …]} and `segment_frame` [(row, columns), …] by person and day; `owed` {when: amounts
    due_… and paid_…}; `unknown`: months that cannot be worked out;
    `covered`: people whose opening balance covers closed months, which a person settles.
    """

    year: int
    month: int
    people: list[int]
    places: list[str]
    rows: list[Ints]
    steps: families.Steps
    segments: dict[str, list[tuple[int, Ints]]]
    segment_frame: list[tuple[int, Ints]]
    owed: dict[When, Ints]
    unknown: list[When]
    covered: list[int]


def read_ledger(frozen: bytes) -> dict[str, list[Row]]:
    """{closed, settled, due, carried: rows}."""
    with zipfile.ZipFile(io.BytesIO(frozen)) as archive:
        return {
            name.removesuffix(".parquet"): pl.read_parquet(io.BytesIO(archive.read(name))).to_dicts()
            for name in archive.namelist()
        }


def compute(frozen: bytes, ledger: bytes, year: int, month: int, pack: Pack) -> PaidMonth:
    """The month from the zips of tables and of the ledger under the pack."""
    records, _ = tables.read(frozen)
    book = read_ledger(ledger)
    values = pack.on(last_day(year, 12))
    people, places, rows = frame.build(records, year, values)
    families.work(families.PERSON_YEAR, rows, values)
    paid, first, _ = pay_facts(records, people, rows, year, pack)
    here = dict(zip(people, paid, strict=True))
    closed = {(one["year"], one["month"]) for one in book["closed"]}
    ours = sorted(m for y, m in closed if y == year and m < month)
    regulars = {(person, m): regular(pack, one, year, m) for person, one in here.items() for m in (*ours, month)}
    known = {year, *(one["year"] for one in book["due"])}  # an earlier year that nobody published owes nothing yet
    spoken = [*book["due"], *(one for one in book["settled"] if one["year"] in known)]
    where = {one["person"]: one["organisation"] for one in sorted(spoken, key=lambda one: (one["year"], one["month"]))}
    where |= stood(records, people, places, last_day(year, month))
    found = differences(book, year, {(p, m): sums for (p, m), sums in regulars.items() if m != month}, closed, known)
    opened = opened_in(records, year)
    covered = {when for when in found if when[1] == year and when[2] <= opened.get(when[0], 0)}
    found = {when: one for when, one in found.items() if when not in covered}
    owed = {when: one for when, one in found.items() if not any(absent(one[f"due_{item}"]) for item in ITEMS)}
    shown = sorted(
        {person for person in here if regulars[person, month] is not None} | {person for person, _, _ in owed}
    )
    made = []
    for person in shown:
        due = [one for (owner, _, _), one in owed.items() if owner == person]
        made.append({name: sum(one[name] for one in due) for name in amounts()})
    on = pack.on(last_day(year, month))
    steps = families.work(families.ARREARS, made, on)
    given = []
    for person, late in zip(shown, made, strict=True):
        own = here.get(person)
        parts = regulars.get((person, month))
        given.append(
            {
                "month": year * 12 + month - 1,
                "employed": int(parts is not None),
                **({name: by_month[month - 1] for name, by_month in own.given.items()} if own else {}),
                **(parts or dict.fromkeys(PARTS, 0)),
                **balances(
                    book, own, person, pack, year, month, first, bool(ours or any(y == year for y, _ in closed))
                ),
                "arrears_total": late["arrears_total"],
            }
        )
    steps |= families.work(families.MONTH, given, on)
    late_here = {(person, m) for person, y, m in owed if y == year}

    def wanted(person: int, since: int) -> bool:
        of = day(since).month
        return of == month or (person, of) in late_here

    segments = {
        family: [(at, one) for at, person in enumerate(shown) if person in here
                 for one in sorted(here[person].parts.get(family, []), key=lambda one: one["segment_since"])
                 if wanted(person, one["segment_since"])]
        for family in (*families.SEGMENT_DAYS, *families.SEGMENT)
    }  # fmt: skip
    segment_frame = [
        (at, one) for at, person in enumerate(shown) if person in here
        for one in here[person].segments if wanted(person, one["segment_since"]) and day(one["segment_since"]) <= last_day(year, month)
    ]  # fmt: skip
    return PaidMonth(
        year, month, shown, [where[person] for person in shown], given, steps, segments, segment_frame, owed,
        sorted(when for when in found if when not in owed), sorted({person for person, _, _ in covered}),
    )  # fmt: skip


def stood(records: Tables, people: list[int], places: list[str], on: date) -> dict[int, str]:
    """Where each of the year's people stood in the month: her last post begun by its end, else where the year has her."""
    posts = by_person(one for one in records["postings"] if one["since"] <= on)
    found = {person: last(posts.get(person, []), "since") or {} for person in people}
    return {person: found[person].get("organisation") or place for person, place in zip(people, places, strict=True)}


def opened_in(records: Tables, year: int) -> dict[int, int]:
    """{person: the month up to which an opening balance of the year covers what was paid elsewhere}."""
    balances = by_person(one for one in records["opening"] if one["day"].year == year)
    return {person: max(one["day"].month for one in rows) for person, rows in balances.items()}


def amounts() -> list[str]:
    return [f"{state}_{item}" for state in ("due", "paid") for item in ITEMS]


def differences(
    book: dict[str, list[Row]], year: int, regulars: dict[tuple[int, int], Ints | None], closed: set[tuple[int, int]],
    known: set[int],
) -> dict[When, Ints]:  # fmt: skip
    """Closed months whose regular pay, as known now, is not what was had, by person, year and month."""
    due: dict[When, Ints] = {
        (one["person"], one["year"], one["month"]): {item: one[item] for item in ITEMS}
        for one in book["due"]
        if one["year"] < year
    }
    for (person, month), sums in regulars.items():
        due[person, year, month] = {item: sums[column] if sums else 0 for item, column in ITEMS.items()}
    had = {
        (one["person"], one["year"], one["month"]): {item: one[item] for item in ITEMS}
        for one in book["settled"]
        if one["year"] in known
    }
    nothing = dict.fromkeys(ITEMS, 0)
    found = {}
    for when in sorted({*due, *had}):
        _, of, month = when
        mine, theirs = due.get(when, nothing), had.get(when, nothing)
        if (of, month) in closed and mine != theirs:
            found[when] = {f"due_{item}": mine[item] for item in ITEMS} | {
                f"paid_{item}": theirs[item] for item in ITEMS
            }
    return found


def balances(
    book: dict[str, list[Row]],
    own: Person | None,
    person: int,
    pack: Pack,
    year: int,
    month: int,
    first: int,
    begun: bool,
) -> Ints:
    """What the month takes over: of the ledger; in a year of which nothing is closed, as if all had been paid by the facts."""
    if not begun and own is not None:
        before = Person(own.segments, own.given, dict(own.carried))
        pay(pack, before, year, first, month - 1)
        found = before.carried
    else:
        kept = next((one for one in book["carried"] if one["person"] == person), None) if begun else None
        found = (
            {name: kept[name] for name in BALANCES}
            if kept
            else dict(own.carried if own else dict.fromkeys(BALANCES, 0))
        )
    if own is not None:  # 公告2018年第61号 counts the months in which she was employed, paid here at once or later
        worked = {one["segment_month"] - year * 12 + 1 for one in own.segments}
        found = found | {"months_before": own.carried["months_before"] + sum(first <= one < month for one in worked)}
    return found


# --- against what was stored ---


def stored_differences(stored: Any, mine: PaidMonth) -> Iterator[str]:
    """Every stored number of a month and its slips that is not recomputed; `stored` is read through fields and relations alone."""
    slips = list(stored.slips.order_by("person_id"))
    yield from differs("people", [one.person_id for one in slips], mine.people)
    for at, slip in enumerate(slips):
        who = f"person {slip.person_id}"
        row = mine.rows[at]
        yield from differs(who, slip.org_code, mine.places[at])
        read = {name: row.get(name, NOT_RECORDED) for name in stored.frame_columns}
        yield from differs(f"{who} frame", named(stored.frame_columns, slip.frame), read)
        own = {name: one for family, _ in stored.step_columns for name, one in mine.steps[family][at].items()}
        yield from differs(f"{who} steps", named(flat(stored.step_columns), slip.steps), own)
        parts = [[one for owner, one in mine.segments[family] if owner == at] for family, _ in stored.segment_columns]
        numbers = [
            one[step]
            for rows in zip(*parts, strict=True)
            for one, (_, names) in zip(rows, stored.segment_columns, strict=True)
            for step in names
        ]
        yield from differs(f"{who} segments", slip.segments, numbers)
        late = [
            ({"year": of, "month": month} | one)[name]
            for (person, of, month), one in mine.owed.items()
            if person == slip.person_id
            for name in stored.arrears_columns
        ]
        yield from differs(f"{who} arrears", slip.late, late)
        figures = {name: None if absent(own[step]) else own[step] for name, step in FIGURES.items()}
        yield from differs(f"{who} figures", {name: getattr(slip, name) for name in figures}, figures)


def inputs_hash(mine: PaidMonth, columns: Iterable[str], segment_columns: Iterable[str], pack_hash: str) -> str:
    """The fingerprint of the inputs; the names are those of the month's frame and of the segments' frame."""
    names = amounts()
    said = {
        "year": mine.year, "month": mine.month, "people": mine.people, "places": mine.places, "pack": pack_hash,
        "arrears": [[*when, *(one[name] for name in names)] for when, one in mine.owed.items()], "unknown": mine.unknown, "covered": mine.covered,
    }  # fmt: skip
    read = [{name: row.get(name, NOT_RECORDED) for name in columns} for row in mine.rows]
    segments = [{"segment_owner": at, **one} for at, one in mine.segment_frame]
    return fingerprint(said, [*of_rows(columns, read), *of_rows(["segment_owner", *segment_columns], segments)])


def results_hash(mine: PaidMonth, steps: Names, segments: Names) -> str:
    """The fingerprint of the results; the names are those that the month stores."""
    found: list[Column] = []
    for family, names in steps:
        found += of_rows(names, mine.steps[family])
    for family, names in segments:
        rows = [{"segment_owner": at, **one} for at, one in mine.segments[family]]
        found += of_rows(["segment_owner", *names], rows)
    return fingerprint({}, found)
