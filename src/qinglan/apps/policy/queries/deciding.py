"""Where a run stands on its way to publication, and what the reader may do next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from qinglan.apps.people.permissions import can
from qinglan.apps.policy.models import Run, RunDecision
from qinglan.apps.policy.permissions import check_apart
from qinglan.apps.policy.queries import review
from qinglan.apps.policy.states import STEPS, Move, State

WAY = (State.DRAFT, State.IN_REVIEW, State.SIGNED, State.PUBLISHED)


@dataclass(frozen=True)
class Choice:
    """A move that leads on from here; `why_not` is the sentence when this reader may not make it."""

    move: Move
    label: str
    note_needed: bool
    why_not: str


@dataclass(frozen=True)
class Card:
    """`way`: (state in words, done, current). `left`: rows of the review still open; None where nobody reviews.

    `other`: the other run that stands for the year; `before`: the one computed before this. `due`: the day by which the next step is due.
    """

    way: list[tuple[str, bool, bool]]
    decisions: list[RunDecision]
    choices: list[Choice]
    items: int
    left: int | None
    other: Run | None
    before: Run | None
    due: date | None


def card(user: Any, run: Run) -> Card | None:
    """What the run's page says of deciding; None for who reads but part of the district."""
    if not any(can(user, step.needs, run.org_code) for step in STEPS.values()):
        return None
    place = WAY.index(State(run.state)) if run.state in WAY else -1
    way = [(state.label, index < place, index == place) for index, state in enumerate(WAY)]
    reviewed = run.state in (State.IN_REVIEW, State.SIGNED)
    same_year = Run.objects.filter(org_code=run.org_code, year=run.year).defer("exceptions")
    beside = same_year.shown().exclude(pk=run.pk)
    return Card(
        way,
        list(run.decisions.all()),
        list(_choices(user, run)),
        review.items(run).count() if reviewed else 0,
        review.unmarked(run) if run.state == State.IN_REVIEW else None,
        beside.first(),
        same_year.filter(pk__lt=run.pk).order_by("-pk").first(),
        _due(run) if reviewed else None,
    )


def _due(run: Run) -> date | None:
    last = run.decisions.last()
    return timezone.localdate(last.at) + timedelta(days=settings.DECIDE_DAYS) if last else None


def _choices(user: Any, run: Run) -> list[Choice]:
    round_ = review.round_of(run)
    found = []
    for move, step in STEPS.items():
        if run.state not in step.sources or not can(user, step.needs, run.org_code):
            continue
        try:
            check_apart(user, run, move, round_)
        except PermissionDenied as error:
            why_not = str(error)
        else:
            why_not = ""
        found.append(Choice(move, str(move.label), step.note_needed, why_not))
    return found
