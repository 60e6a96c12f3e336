"""Holds a recomputed year against what was stored: every number by its name, and the fingerprints from their written specification."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tests.recompute.frame import Ints
from tests.recompute.months import Person
from tests.recompute.year import Year
from tests.reference.exact import NOT_APPLICABLE

Names = Sequence[Sequence[Any]]  # [[family, [step, …]], …] as a run names them
Column = tuple[str, list[int], list[int]]  # name, shape, values row by row
MONTHS = range(1, 13)


def stored_differences(run: Any, year: Year) -> Iterator[str]:
    """Every stored number of a run that the recomputer does not give: `run` is read through its fields and relations alone."""
    units = list(run.units.order_by("org_code"))
    people = list(run.results.order_by("person_id"))
    yield from differs("people", [one.person_id for one in people], year.people)
    yield from differs("units", [one.org_code for one in units], year.codes)
    for at, one in enumerate(people):
        who = f"person {one.person_id}"
        yield from differs(who, one.org_code, year.places[at])
        yield from differs(f"{who} frame", named(run.frame_columns, one.frame), year.frame[at])
        steps = [
            row
            for names in ((year.steps | year.pay_steps)[family][at] for family, _ in run.step_columns)
            for row in names.items()
        ]
        yield from differs(f"{who} steps", named(flat(run.step_columns), one.steps), dict(steps))
        yield from differs(f"{who} months", one.months, months_of(year.pay[at], run.month_columns))
        yield from differs(f"{who} segments", one.segments, segments_of(year.pay[at], run.segment_columns, at))
        yield from differs(f"{who} figures", {name: getattr(one, name) for name in year.figures[at]}, year.figures[at])
    for at, unit in enumerate(units):
        own = {name: one for family, _ in run.unit_columns for name, one in year.unit_steps[family][at].items()}
        yield from differs(f"unit {unit.org_code} frame", sorted(unit.frame), sorted(year.unit_frame[at].values()))
        yield from differs(f"unit {unit.org_code} steps", named(flat(run.unit_columns), unit.steps), own)
        mine = year.unit_figures[at]
        yield from differs(f"unit {unit.org_code} figures", {name: getattr(unit, name) for name in mine}, mine)
    yield from differs("district frame", run.district_frame, year.district_frame)
    yield from differs("district steps", run.district_steps, year.district_steps)


def differs(what: str, stored: Any, mine: Any) -> Iterator[str]:
    if stored == mine:
        return
    if isinstance(stored, Mapping) and isinstance(mine, Mapping):
        for name in sorted({*stored, *mine}):
            if stored.get(name, "—") != mine.get(name, "—"):
                yield f"{what}, {name}: stored {stored.get(name, '—')}, recomputed {mine.get(name, '—')}"
    else:
        yield f"{what}: stored {stored}, recomputed {mine}"


def flat(names: Names) -> list[str]:
    return [step for _, steps in names for step in steps]


def named(names: Sequence[str], values: Sequence[int]) -> Ints:
    return dict(zip(names, values, strict=True))


def month_row(person: Person, family: str, steps: Sequence[str], month: int) -> list[int]:
    """The steps of a month; 不适用 in a month in which she was not paid."""
    found = person.steps.get(family, {}).get(month)
    return [NOT_APPLICABLE if found is None else found[step] for step in steps]


def months_of(person: Person, names: Names) -> list[int]:
    """Month after month, its families in their order."""
    return [one for month in MONTHS for family, steps in names for one in month_row(person, family, steps, month)]


def segments_of(person: Person, names: Names, at: int) -> list[int]:
    """Part after part, the steps of its families in their order; `at` is her row in the frame."""
    parts = [person.parts.get(family, []) for family, _ in names]
    found = []
    for rows in zip(*parts, strict=True):
        for row, (_, steps) in zip(rows, names, strict=True):
            found += [at if step == "segment_person" else row[step] for step in steps]
    return found


def fingerprint(said: Mapping[str, Any], columns: Iterable[Column]) -> str:
    """docs/reference/canonical.md: the JSON object, then of each column its name and shape and its 64-bit little-endian values."""
    digest = hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode())
    for name, shape, values in columns:
        digest.update(json.dumps([name, shape], ensure_ascii=False).encode())
        digest.update(b"".join(value.to_bytes(8, "little", signed=True) for value in values))
    return digest.hexdigest()


def of_rows(names: Iterable[str], rows: list[Ints]) -> Iterator[Column]:
    for name in names:
        yield name, [len(rows)], [row[name] for row in rows]


def inputs_hash(year: Year, columns: Sequence[Sequence[str]], pack_hash: str) -> str:
    """The fingerprint of the inputs; `columns` are those that the run names, group by group."""
    frame, unit, segment, month, opening = columns
    said = {
        "year": year.year, "people": year.people, "places": year.places, "units": year.codes,
        "district": year.district_frame, "pack": pack_hash,
    }  # fmt: skip
    segments = [{"segment_person": at, **one} for at, person in enumerate(year.pay) for one in person.segments]
    count = len(year.people)
    return fingerprint(
        said,
        [
            *of_rows(frame, year.frame),
            *of_rows(unit, year.unit_frame),
            *of_rows(segment, segments),
            *((name, [12, count], year.given["months"][name]) for name in month),
            *((name, [count], year.given["opening"][name]) for name in opening),
        ],
    )


def results_hash(year: Year, steps: Names, months: Names, segments: Names, units: Names) -> str:
    """The fingerprint of the results; the names are those that the run stores, in the order computed."""
    person = year.steps | year.pay_steps
    columns: list[Column] = []
    for family, names in steps:
        columns += of_rows(names, person[family])
    for family, names in months:
        for step in names:
            values = [month_row(one, family, [step], month)[0] for month in MONTHS for one in year.pay]
            columns.append((step, [12, len(year.pay)], values))
    for family, names in segments:
        rows = [{"segment_person": at, **one} for at, own in enumerate(year.pay) for one in own.parts.get(family, [])]
        columns += of_rows(names, rows)
    for family, names in units:
        columns += of_rows(names, year.unit_steps[family])
    return fingerprint({"district": year.district_steps}, columns)
