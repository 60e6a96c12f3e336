"""Computes a year of a district as a draft, with every input and step kept. Nothing is decided here: a draft proposes."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.utils import timezone

from qinglan.apps.audit.actions import record
from qinglan.apps.base.actions import copy_text
from qinglan.apps.people.permissions import COMPUTE_YEAR, check
from qinglan.apps.policy.models import PersonResult, Run, UnitResult
from qinglan.apps.policy.queries.packs import pack_for
from qinglan.apps.policy.queries.records import figures_for, records_for
from qinglan.core.frame.missing import MISSING
from qinglan.core.frame.person_year import PERSON_YEAR
from qinglan.core.frame.unit_year import UNIT_YEAR
from qinglan.core.rules.registry import FAMILIES
from qinglan.core.year.computing import Year, compute_year, year_sum
from qinglan.core.year.exceptions import exceptions

Steps = Mapping[str, Mapping[str, np.ndarray]]
SUMMARY = {"tier": "tier", "score": "composite", "grade": "grade", "star": "star", "ladder_grade": "ladder_grade_now"}
SUMS = {"gross": "gross_pay", "net": "net_pay", "tax": "tax_due"}


@transaction.atomic
def compute(*, district: str, year: int, by: Any) -> Run:
    """This will compute the draft of a year and replace the draft before it (which is kept, marked replaced).

    Raises NotInForce or PackError (sentences for people) when the pack does not suffice.
    """
    check(by, COMPUTE_YEAR, district)
    started = time.perf_counter()
    with connection.cursor() as cursor:  # one computation of a district's year at a time
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"policy.year {district} {year}"])
    pack = pack_for(district, date(year, 12, 31))
    with record("policy.compute", by=by, org_code=district) as entry:
        hours_per_day = pack.on(date(year, 12, 31))["train.annual_days.hours_per_day"]
        records = records_for(district, year, hours_per_day)
        result = compute_year(records, year, pack, figures_for(district, year))
        Run.objects.filter(org_code=district, year=year, state=Run.State.DRAFT).update(state=Run.State.REPLACED)
        run = _run(result, district, by)
        run.save(force_insert=True)
        copy_text(PersonResult, _COLUMNS, _person_rows(run, result))
        copy_text(UnitResult, _UNIT_COLUMNS, _unit_rows(run, result))
        run.seconds = round(time.perf_counter() - started, 2)
        run.save(update_fields=["seconds"])
        entry.target = run
        entry.after = {
            "year": year,
            "pack": f"{pack.name} {pack.version}",
            "people": run.people,
            "results": run.results_hash,
        }
    return run


def columns_of(steps: Steps) -> list[list[Any]]:
    """[[family, [step, …]], …] in the order computed."""
    return [[family, list(columns)] for family, columns in steps.items()]


def _run(result: Year, district: str, by: Any) -> Run:
    pack, frame = result.pack, result.frame
    person = {**result.person, **result.pay_year}
    return Run(
        org_code=district,
        year=frame.year,
        pack=pack.name,
        pack_title=pack.title,
        pack_version=pack.version,
        pack_hash=pack.hash,
        rule_versions={family.id: family.version for family in FAMILIES.values()},
        frame_columns=list(PERSON_YEAR),
        step_columns=columns_of(person),
        month_columns=columns_of(result.months),
        segment_columns=columns_of(result.segments),
        unit_columns=columns_of(result.unit),
        district_frame=result.district_frame,
        district_steps=result.district,
        exceptions=exceptions(result),
        inputs_hash=fingerprint(
            {"year": frame.year, "people": frame.people.tolist(), "places": frame.organisations,
             "units": result.units.organisations, "district": result.district_frame, "pack": pack.hash},
            frame.columns, result.units.columns, result.segment_frame, result.given.months, result.given.opening,
        ),
        results_hash=fingerprint(
            {"district": result.district}, *person.values(), *result.months.values(), *result.segments.values(),
            *result.unit.values(),
        ),
        people=len(frame),
        by_id=getattr(by, "pk", None),
        by_name=by.get_full_name() or by.get_username() if by is not None else "系统",
        created_at=timezone.now(),
    )  # fmt: skip


def fingerprint(said: Mapping[str, Any], *groups: Mapping[str, np.ndarray]) -> str:
    """SHA-256 of the canonical bytes of a computation: `said` as JSON with sorted keys, then each column of each group.

    A column is its name and shape as JSON, then its int64 values, little-endian, row by row (docs/reference/canonical.md).
    """
    digest = hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode())
    for group in groups:
        for name, array in group.items():
            plain = np.ascontiguousarray(array, dtype="<i8")
            digest.update(json.dumps([name, list(plain.shape)], ensure_ascii=False).encode())
            digest.update(plain.tobytes())
    return digest.hexdigest()


_COLUMNS = (
    "run_id", "person_id", "org_code", "frame", "steps", "months", "segments", *SUMMARY, *SUMS,
)  # fmt: skip
_UNIT_COLUMNS = ("run_id", "org_code", "frame", "steps", "score", "colour")


def _text(numbers: np.ndarray) -> str:
    return "{" + ",".join(map(str, numbers.tolist())) + "}"


def _known(number: int) -> int | None:
    return None if number <= MISSING else int(number)


def _matrix(columns: list[np.ndarray], rows: int) -> np.ndarray:
    return np.stack(columns, axis=1) if columns else np.empty((rows, 0), np.int64)


def _person_rows(run: Run, result: Year) -> Iterator[tuple[Any, ...]]:
    count = len(result.frame)
    frame = _matrix([result.frame.columns[name] for name in PERSON_YEAR], count)
    steps = _matrix([a for s in (result.person, result.pay_year) for f in s.values() for a in f.values()], count)
    months = np.concatenate(
        [
            _matrix([array[month] for family in result.months.values() for array in family.values()], count)
            for month in range(12)
        ],
        axis=1,
    )
    segment_columns = [array for family in result.segments.values() for array in family.values()]
    owner = next(iter(result.segments.values()))["segment_person"] if result.segments else np.empty(0, np.int64)
    segments = _matrix(segment_columns, len(owner))
    bounds = np.searchsorted(owner, np.arange(count + 1))
    summary = [result.step(name) for name in SUMMARY.values()]
    sums = [year_sum(result.pay.months[name]) for name in SUMS.values()]
    for row in range(count):
        yield (
            run.pk, int(result.frame.people[row]), result.frame.organisations[row], _text(frame[row]), _text(steps[row]),
            _text(months[row]), _text(segments[bounds[row] : bounds[row + 1]].ravel()),
            *(_known(column[row]) for column in (*summary, *sums)),
        )  # fmt: skip


def _unit_rows(run: Run, result: Year) -> Iterator[tuple[Any, ...]]:
    units = result.units
    count = len(units.organisations)
    frame = _matrix([units.columns[name] for name in UNIT_YEAR], count)
    flat = {name: array for family in result.unit.values() for name, array in family.items()}
    steps = _matrix(list(flat.values()), count)
    for row, code in enumerate(units.organisations):
        yield (
            run.pk, code, _text(frame[row]), _text(steps[row]),
            _known(flat["unit_composite"][row]), _known(flat["colour"][row]),
        )  # fmt: skip
