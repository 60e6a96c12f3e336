"""Ask for a rehearsal, cancel it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import yaml
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from procrastinate.contrib.django import app as jobs
from procrastinate.exceptions import AlreadyEnqueued

from qinglan.apps.audit.actions import record
from qinglan.apps.base.actions import name_of
from qinglan.apps.policy.models import PackText, Run
from qinglan.apps.policy.queries.rehearsing import PackError, item_now, words
from qinglan.apps.rehearsal import permissions
from qinglan.apps.rehearsal.actions.going import REHEARSALS
from qinglan.apps.rehearsal.models import Rehearsal
from qinglan.apps.rehearsal.queries import scenarios
from qinglan.apps.rehearsal.queries.places import too_few
from qinglan.apps.rehearsal.queries.scenarios import Chosen, ParameterError, Texts

MONTHS = 12
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True)
class Sides:
    """What differs between the sides beside values of the pack. `base_text`, `other_text`: their packs, None for the run's and the
    baseline's own; `base`: levers of the baseline by name."""

    base: Mapping[str, float] = field(default_factory=dict)
    base_text: PackText | None = None
    other_text: PackText | None = None


@transaction.atomic
def make(
    *,
    run: Run,
    place: str,
    name: str,
    years: int,
    replicates: int,
    seed: int,
    rows: Iterable[tuple[str, str, str]],
    parameters: Mapping[str, float],
    sides: Sides = Sides(),
    by: Any,
) -> Rehearsal:
    """This will keep a scenario and have it lived in the background. `rows`: (item id, first day, value as written in a pack).

    Nothing is kept when something is wrong: ValidationError with every sentence.
    """
    if not permissions.may_rehearse(by, run.org_code):
        raise PermissionDenied("推演由区级管理员办理。")
    if not place.startswith(run.org_code):
        raise ValidationError("推演的范围须在所选年度的区内。")
    rows = list(rows)
    assert run.pack_text is not None
    base_text = sides.base_text or run.pack_text
    texts = Texts(base_text, sides.other_text or base_text)
    diff, problems = _diff(scenarios.under(run, texts.other), rows, years)
    for one in (parameters, sides.base):
        try:
            scenarios.check_parameters(one)
        except ParameterError as error:
            problems += [problem for problem in error.problems if problem not in problems]
    problems += too_few(run, place)
    if problems:
        raise ValidationError(problems)
    chosen = Chosen(
        name, run.year, place, texts.other.name, diff, dict(sorted(parameters.items())), years * MONTHS, replicates, seed,
        dict(sorted(sides.base.items())),
    )  # fmt: skip
    with record("rehearsal.make", by=by, org_code=place) as entry:
        row = Rehearsal.objects.create(
            org_code=place, run=run, year=run.year, name=name, scenario=chosen.text, base_levers=dict(chosen.base),
            base_text=None if texts.base.pk == run.pack_text_id else texts.base,
            other_text=None if texts.other.pk == texts.base.pk else texts.other,
            key=scenarios.key_of(chosen, run, texts), years=years, replicates=replicates,
            made_by_id=getattr(by, "pk", None), made_by_name=name_of(by),
        )  # fmt: skip
        entry.target = row
        entry.after = {"name": name, "year": run.year, "key": row.key}
    REHEARSALS.put(row)
    return row


def warm(*, run: Run) -> None:
    """This will have a worker read the year's people, because somebody opened the form; one such job at a time is enough."""
    with suppress(AlreadyEnqueued), transaction.atomic():
        jobs.configure_task("rehearsal.warm", queueing_lock=f"rehearsal warm {run.pk}").defer(run_id=run.pk)


def _diff(run: Run, rows: list[tuple[str, str, str]], years: int) -> tuple[dict[str, Any], list[str]]:
    """(the diff, what is wrong with it). A value begins in the years that are lived, not in those that are past."""
    first, last = date(run.year + 1, 1, 1), scenarios.last_day(run.year, years)
    problems = [
        f"「{_label(run, item)}」的起用日期写的是 {since}，请写 {first} 或以后。"
        for item, since, _ in rows
        if since < first.isoformat()
    ]
    problems += [
        f"「{_label(run, item)}」的起用日期写的是 {since}，只推演到 {last}，用不到；请写 {last} 或以前，或多推演几年。"
        for item, since, _ in rows
        if DAY.fullmatch(since) and since > last.isoformat()
    ]
    try:
        text = scenarios.diff_text(rows)
        words(run, text, first)
    except PackError as error:
        return {}, problems + [f"{one.wrong}。{one.right}。" for one in error.problems]
    return yaml.safe_load(text), problems


def _label(run: Run, item: str) -> str:
    now = item_now(run, item)
    return now.label if now else item


def cancel(*, rehearsal: Rehearsal, by: Any) -> Rehearsal:
    """This will stop a rehearsal that waits or runs; what was lived so far stays. ValidationError when it has ended."""
    return REHEARSALS.cancel(rehearsal, by)
