"""Computes a year of a district as a draft, with every input and step kept. Nothing is decided here: a draft proposes."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from qinglan.apps.audit.actions import record
from qinglan.apps.base.actions import copy_text
from qinglan.apps.people.permissions import COMPUTE_YEAR, check
from qinglan.apps.policy.models import PackText, PersonResult, Run, RunInput, UnitResult
from qinglan.apps.policy.queries.packs import adoption_for, texts_of
from qinglan.apps.policy.queries.previewing import decided_on
from qinglan.apps.policy.queries.records import year_inputs
from qinglan.core.frame import freezing as tables
from qinglan.core.frame.person_year import PERSON_YEAR
from qinglan.core.frame.unit_year import UNIT_YEAR
from qinglan.core.packs import freezing as packs
from qinglan.core.rules.registry import FAMILIES
from qinglan.core.year.canonical import input_names, inputs_hash, names_of, results_hash
from qinglan.core.year.computing import Year, compute_year
from qinglan.core.year.exceptions import exceptions
from qinglan.core.year.rows import SUMMARY, SUMS, UNIT_SUMMARY, person_rows, unit_rows


@transaction.atomic
def compute(*, district: str, year: int, by: Any) -> Run:
    """This will compute the draft of a year and replace the draft before it (which is kept, marked replaced).

    A published year stays as it is; the draft beside it corrects it once it is published in its turn. Raises ValidationError while
    the year is in review or signed, NotInForce or PackError when the pack does not suffice: sentences for people.
    """
    check(by, COMPUTE_YEAR, district)
    started = time.perf_counter()
    with connection.cursor() as cursor:  # one computation of a district's year at a time
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"policy.year {district} {year}"])
    _check_not_decided(district, year)
    with record("policy.compute", by=by, org_code=district) as entry:
        records, figures, pack = year_inputs(district, year)
        result = compute_year(records, year, pack, figures)
        Run.objects.filter(org_code=district, year=year, state=Run.State.DRAFT).update(state=Run.State.REPLACED)
        run = _run(result, district, by)
        run.pack_text = text_of(district, date(year, 12, 31))
        run.save(force_insert=True)
        RunInput.objects.create(
            run=run,
            tables=tables.freeze(records, district, figures),
            tables_hash=tables.digest(records, figures),
            columns=input_names(result),
        )
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


def _check_not_decided(district: str, year: int) -> None:
    """A year that people are deciding on may not be computed under their hands."""
    busy = decided_on(district, year)
    if busy is not None:
        raise ValidationError(
            f"{year} 年的结果{busy.get_state_display()}，不能重新计算；要重算，请先在该次计算的页面退回。"
        )


def text_of(district: str, day: date) -> PackText:
    """This will keep the text of the pack that the district goes by on `day`; the same content is kept once."""
    adoption = adoption_for(district, day)
    assert adoption is not None  # the pack was read by it
    if adoption.text is not None:
        return adoption.text
    return keep_text(adoption.pack, texts_of(adoption))


def keep_text(name: str, files: Mapping[str, str]) -> PackText:
    """This will keep a pack's text; the same content is kept once."""
    text, _ = PackText.objects.get_or_create(digest=packs.digest(files), defaults={"name": name, "files": dict(files)})
    return text


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
        step_columns=names_of(person),
        month_columns=names_of(result.months),
        segment_columns=names_of(result.segments),
        unit_columns=names_of(result.unit),
        district_frame=result.district_frame,
        district_steps=result.district,
        exceptions=exceptions(result),
        inputs_hash=inputs_hash(result, input_names(result)),
        results_hash=results_hash(result),
        people=len(frame),
        by_id=getattr(by, "pk", None),
        by_name=by.get_full_name() or by.get_username() if by is not None else "系统",
        created_at=timezone.now(),
    )


_COLUMNS = (
    "run_id", "person_id", "org_code", "frame", "steps", "months", "segments", *SUMMARY, *SUMS,
)  # fmt: skip
_UNIT_COLUMNS = ("run_id", "org_code", "frame", "steps", *UNIT_SUMMARY)


def _text(numbers: list[int]) -> str:
    return "{" + ",".join(map(str, numbers)) + "}"


def _person_rows(run: Run, result: Year) -> Iterator[tuple[Any, ...]]:
    for row in person_rows(result, run.frame_columns):
        arrays = (row.frame, row.steps, row.months, row.segments)
        yield (run.pk, row.person, row.place, *map(_text, arrays), *row.figures.values())


def _unit_rows(run: Run, result: Year) -> Iterator[tuple[Any, ...]]:
    for row in unit_rows(result, list(UNIT_YEAR)):
        yield (run.pk, row.place, _text(row.frame), _text(row.steps), *row.figures.values())
