"""A year computed from today's facts beside the one that people are deciding on; nothing is stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qinglan.apps.policy.models import Run
from qinglan.apps.policy.queries.records import year_inputs
from qinglan.apps.policy.states import State
from qinglan.core.year.canonical import results_hash
from qinglan.core.year.computing import compute_year
from qinglan.core.year.exceptions import exceptions


@dataclass(frozen=True)
class Preview:
    """`same`: every step is what the run under decision says. `pack`: title and version."""

    people: int
    pack: tuple[str, str]
    same: bool
    exceptions: list[dict[str, Any]]


def decided_on(district: str, year: int) -> Run | None:
    """The run of the year that is in review or signed."""
    return Run.objects.filter(org_code=district, year=year, state__in=(State.IN_REVIEW, State.SIGNED)).first()


def preview(run: Run) -> Preview:
    """The run's year as it would be computed now. Raises ValidationError, NotInForce, PackError: sentences for people."""
    records, figures, pack = year_inputs(run.org_code, run.year)
    year = compute_year(records, run.year, pack, figures)
    return Preview(
        len(year.frame), (pack.title, pack.version), results_hash(year) == run.results_hash, exceptions(year)
    )
