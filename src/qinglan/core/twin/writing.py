"""Writes what one replicate lived as records, as if it had happened: the real year then computes it (`qinglan calc`, tests).

Everything of the recorded years stays; lived years add people, ends of employment, hours, scores, results.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from qinglan.core.frame.missing import MISSING
from qinglan.core.frame.records import TABLES, Records
from qinglan.core.frame.units import to_date
from qinglan.core.twin.population import SOURCES, UNIT_CODE, UNIT_SOURCES, Population
from qinglan.core.twin.starting import Run
from qinglan.core.twin.year import Lived

MONTHLY, SATISFACTION = 10, 12
SCORE_DAY = 28


@dataclass
class _Book:
    """Rows to add by table, and what closes: person → (day after the last, reason); person → day her grade ends."""

    added: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    left: dict[int, tuple[date, int]] = field(default_factory=dict)
    regraded: dict[int, date] = field(default_factory=dict)
    moved: dict[int, date] = field(default_factory=dict)
    numbers: dict[tuple[int, int], int] = field(default_factory=dict)
    grade: dict[int, tuple[int, int]] = field(default_factory=dict)
    certificate: dict[int, int] = field(default_factory=dict)
    codes: list[str] = field(default_factory=list)


def written(run: Run, lived: Sequence[Lived], replicate: int = 0) -> tuple[Records, dict[tuple[int, int], int]]:
    """The records after the lived years (in order, from the first), and the person number of each (slot, occupant)."""
    people = run.people
    book = _Book()
    like = {int(number): code for number, code in zip(people.slots.organisation, people.organisations, strict=True)}
    book.codes = [like[int(number)] for number in run.slots.organisation]
    _recorded_year(people, book)
    for year in lived:
        _year(run, year, replicate, book)
    return _joined(people.records, book), book.numbers


def _value(value: int) -> int | None:
    return None if value <= MISSING else int(value)


def _day(value: int) -> date | None:
    return None if value <= MISSING else to_date(int(value))


def _recorded_year(people: Population, book: _Book) -> None:
    """Results of the recorded year for those who have none published; who holds which grade and certificate."""
    published = set(people.records["history"].filter(pl.col("year") == people.year)["person"].to_list())
    coloured = set(people.records["unit_history"].filter(pl.col("year") == people.year)["organisation"].to_list())
    for slot, person in enumerate(map(int, people.person)):
        book.numbers[slot, 0] = person
        if person not in published:
            grade, star = _value(people.found["grade"][slot]), _value(people.found["star"][slot])
            book.added["history"].append({"person": person, "year": people.year, "grade": grade, "star": star})
    for code, colour in zip(people.units.codes, people.units.colour, strict=True):
        if code not in coloured and colour > MISSING:
            book.added["unit_history"].append({"organisation": code, "year": people.year, "colour": int(colour)})


def _year(run: Run, lived: Lived, replicate: int, book: _Book) -> None:
    rows = lived.rows
    mine = np.flatnonzero(rows.replicate == replicate)
    names = ("grade", "star")
    results = {name: lived.person["assess.jh_grades" if name == "grade" else "pay.star_rating"][name] for name in names}
    _moves(run, lived, replicate, book)
    for row in mine:
        values = {name: int(column[row]) for name, column in rows.columns.items()}
        key = int(rows.slot[row]), int(rows.occupant[row])
        if key not in book.numbers:
            book.numbers[key] = _new_person(run, key, values, book)
        person = book.numbers[key]
        _changes(person, key, run, values, book)
        _facts(run, person, key, int(rows.origin[row]), lived.year, values, book)
        if rows.stays[row]:
            found = {name: _value(results[name][row]) for name in names}
            book.added["history"].append({"person": person, "year": lived.year, **found})
        else:
            book.left[person] = (to_date(values["exit_date"] + 1), values["exit_reason"])
    _units(run, lived, replicate, book)


def _new_person(run: Run, key: tuple[int, int], values: dict[str, int], book: _Book) -> int:
    known = run.people.records["people"]["person"].to_list()
    newcomers = sum(1 for slot, occupant in book.numbers if occupant or slot >= len(run.people))
    person = max(known, default=0) + 1 + newcomers
    entry = to_date(values["entry_date"])
    book.added["people"].append(
        {"person": person, "sex": _value(values["sex"]), "birth": _day(values["birth_date"]),
         "education": _value(values["education"]), "has_degree": values["has_degree"] == 1, "social_work_major": None,
         "willing": values["willing"] == 1}
    )  # fmt: skip
    book.added["employments"].append(
        {"person": person, "since": entry, "recognised_months": 0, "probation_until": _day(values["probation_until"])}
    )
    book.added["postings"].append(
        {"person": person, "organisation": book.codes[key[0]], "post": values["post"], "since": entry}
    )
    book.certificate[person] = 0
    return person


def _changes(person: int, key: tuple[int, int], run: Run, values: dict[str, int], book: _Book) -> None:
    """A certificate won or brought along, a grade changed on 1 January."""
    first = max(values["entry_date"], values["year_start"])
    if person not in book.certificate:
        book.certificate[person] = max(_held(run, key, "certificate"), 0)
    if max(values["certificate"], 0) > book.certificate[person]:
        book.certificate[person] = values["certificate"]
        book.added["certificates"].append({"person": person, "level": values["certificate"], "issued": to_date(first)})
    before = book.grade.get(person, (_held(run, key, "ladder_grade"), _held(run, key, "ladder_since")))
    now = (values["ladder_grade"], values["ladder_since"])
    if now != before and now[0] > MISSING:
        since = to_date(now[1])
        for row in book.added["grades"]:
            if row["person"] == person and row["until"] is None:
                row["until"] = since
        book.regraded.setdefault(person, since)
        book.added["grades"].append({"person": person, "grade": now[0], "since": since, "until": None})
    book.grade[person] = now


def _held(run: Run, key: tuple[int, int], name: str) -> int:
    """What a first occupant held at the end of the recorded year."""
    if key[1] or key[0] >= len(run.people):
        return MISSING
    return int(run.people.held[name][key[0]])


def _moves(run: Run, lived: Lived, replicate: int, book: _Book) -> None:
    """Who was appointed on 1 January: the same person in another slot, one posting closed and one begun."""
    since = date(lived.year, 1, 1)
    for source, occupant, target, as_occupant in lived.moved[replicate].tolist():
        person = book.numbers[source, occupant]
        book.numbers[target, as_occupant] = person
        if person not in book.certificate:
            book.certificate[person] = max(_held(run, (source, occupant), "certificate"), 0)
            book.grade[person] = (
                _held(run, (source, occupant), "ladder_grade"),
                _held(run, (source, occupant), "ladder_since"),
            )
        begun = [row for row in book.added["postings"] if row["person"] == person and row.get("until") is None]
        for row in begun:
            row["until"] = since
        if not begun:
            book.moved[person] = since
        book.added["postings"].append(
            {"person": person, "organisation": book.codes[target], "post": int(run.slots.post[target]), "since": since}
        )


def _facts(
    run: Run, person: int, key: tuple[int, int], origin: int, year: int, values: dict[str, int], book: _Book
) -> None:
    """Hours, scores and warnings of one person's year."""
    as_of, where = to_date(values["as_of"]), book.codes[key[0]]
    if values["annual_hours"] > 0:
        row = {"person": person, "kind": "annual", "day": as_of, "hours": values["annual_hours"]}
        book.added["training"].append(row)
    for source, name in enumerate(SOURCES, start=1):
        if values[name] > MISSING:
            votes = _value(values["ballots"]) if source == 1 else None
            book.added["scores"].append(
                {"person": person, "organisation": where, "source": source, "day": as_of, "score": values[name],
                 "ballots": votes}
            )  # fmt: skip
    for month in range(1, 13):
        score = values[f"month_score_{month:02d}"]
        if score > MISSING:
            day = date(year, month, SCORE_DAY)
            book.added["scores"].append(
                {"person": person, "organisation": where, "source": MONTHLY, "day": day, "score": score}
            )
    first_lived = year == run.people.year + 1 and origin >= 0
    for index, (name, kind) in enumerate((("warnings", "warning"), ("talks", "talk"))):
        recorded = int(run.people.warned[index, as_of.month - 1, origin]) if first_lived else 0
        for _ in range(values[name] - recorded):
            book.added["warnings"].append({"person": person, "kind": kind, "day": date(year, 1, 1)})


def _units(run: Run, lived: Lived, replicate: int, book: _Book) -> None:
    codes = [code for code in run.people.units.codes if len(code) >= UNIT_CODE]
    day = date(lived.year, 12, 31)
    colour = lived.unit["assess.traffic_light"]["colour"]
    for number, code in enumerate(codes):
        at = replicate * len(codes) + number
        frame = {name: _value(values[at]) for name, values in lived.unit_frame.items()}
        for source, name in enumerate(UNIT_SOURCES, start=1):
            if frame[name] is not None:
                row = {"organisation": code, "source": source, "day": day, "score": frame[name]}
                book.added["scores"].append(row | {"ballots": frame["unit_ballots"] if source == 1 else None})
        book.added["scores"].append(
            {"organisation": code, "source": SATISFACTION, "day": day, "ballots": frame["satisfaction_ballots"],
             "favourable": frame["satisfied_ballots"]}
        )  # fmt: skip
        shown = {"organisation": code, "year": lived.year, "colour": _value(colour[at])}
        book.added["unit_history"].append(shown)


def _joined(records: Records, book: _Book) -> Records:
    tables = {}
    for name, schema in TABLES.items():
        new = pl.DataFrame([{column: row.get(column) for column in schema} for row in book.added[name]], schema)
        if name in ("grades", "postings"):
            changed = book.regraded if name == "grades" else book.moved
            old = _closed(records[name], {person: (day, None) for person, day in changed.items()})
            tables[name] = _closed(
                pl.concat([old, new]), {person: (day, None) for person, (day, _) in book.left.items()}
            )
            continue
        joined = pl.concat([records[name], new])
        tables[name] = _closed(joined, book.left) if name == "employments" else joined
    return Records(tables)


def _closed(table: pl.DataFrame, ends: dict[int, Any]) -> pl.DataFrame:
    """Open rows of these people end on their day, with their reason where the table has one."""
    said = pl.DataFrame(
        [{"person": person, "end": day, "why": reason} for person, (day, reason) in ends.items()],
        {"person": pl.Int64, "end": pl.Date, "why": pl.Int64},
    )
    joined = table.join(said, on="person", how="left", maintain_order="left")
    ends_now = pl.col("until").is_null() & pl.col("end").is_not_null()
    changed = [pl.when(ends_now).then("end").otherwise("until").alias("until")]
    if "exit_reason" in table.columns:
        changed.append(pl.when(ends_now).then("why").otherwise("exit_reason").alias("exit_reason"))
    return joined.with_columns(changed).select(table.columns)
