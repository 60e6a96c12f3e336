"""Live a rehearsal: a few replicates first, so that a coarse band is soon there, then the rest; a cancel is heard between them.

Not one transaction: what is lived is written down as it comes. Begun anew after a worker died, it lives the same again.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import Any

from django.conf import settings

from qinglan.apps.rehearsal.actions.going import REHEARSALS
from qinglan.apps.rehearsal.models import Rehearsal
from qinglan.apps.rehearsal.queries import scenarios
from qinglan.apps.rehearsal.queries.outcomes import detail, outcome
from qinglan.core.twin.ensemble import a_task, task
from qinglan.core.twin.gathering import Gathered, beside
from qinglan.core.twin.scenario import ScenarioError
from qinglan.core.twin.starting import Run

MONTHS = 12
FIRST = 3  # replicates of the first coarse band; after them as many a go as make one task of the twin
BETWEEN = 5.0  # seconds after which what is lived so far is told again
Lived = tuple[Gathered, Gathered]
Found = dict[str, Any]  # the fields of a rehearsal that hold what came out


def live(*, rehearsal: Rehearsal, by: Any) -> None:
    """This will live a rehearsal that waits, whoever comes second finds it begun. What is wrong becomes its message."""
    row = REHEARSALS.begin(rehearsal, by)
    if row is None:
        return
    with REHEARSALS.ending(row, by):
        chosen = scenarios.chosen_of(row)
        runs = scenarios.pair(chosen, row.run, scenarios.texts_of(row))
        if len(runs[0].people) < settings.LEAST_CELL:
            raise ScenarioError(
                [f"所选范围只有 {len(runs[0].people)} 人有岗位记录，不到 {settings.LEAST_CELL} 人，不能推演。"]
            )
        for done, found in _lived(runs, chosen.replicates, chosen.months // MONTHS):
            _keep(row, done, found)


def _lived(runs: tuple[Run, Run], replicates: int, years: int) -> Iterator[tuple[int, Found]]:
    """(replicates lived, what they say so far), go by go. Equal runs are lived once.

    What all say is worked out for the first band, at the end, and in between only now and then: it takes time from the living.
    """
    size = a_task(runs[0])
    sides = runs if runs[0] is not runs[1] else runs[:1]
    goes = _goes(replicates, size)
    parts: list[Lived] = []
    pool = ThreadPoolExecutor(2)
    try:
        waiting = [[pool.submit(task, run, *goes[0], years) for run in sides]]
        told = monotonic()
        for at, (first, count) in enumerate(goes):
            if at == 1:  # not before the first band is told: it would wait for them
                waiting += [[pool.submit(task, run, *go, years) for run in sides] for go in goes[1:]]
            got = [one.result().gathered for one in waiting[at]]
            parts.append((got[0], got[-1]))
            done = first + count
            found: Found = {}
            if done == replicates:
                lived = _joined(parts)
                found = {"outcome": outcome(runs, lived), "detail": detail(runs, lived)}
            elif not first or monotonic() - told > BETWEEN:
                found = {"outcome": outcome(runs, _joined(parts))}
                told = monotonic()
            yield done, found
    finally:
        pool.shutdown(cancel_futures=True)


def _goes(replicates: int, size: int) -> list[tuple[int, int]]:
    """(first, number) of each go: a small one, then as many as make one task of the twin."""
    early = min(FIRST, size, replicates)
    return [(0, early), *((first, min(size, replicates - first)) for first in range(early, replicates, size))]


def _joined(parts: list[Lived]) -> Lived:
    return beside([one[0] for one in parts]), beside([one[1] for one in parts])


def _keep(row: Rehearsal, done: int, found: Found) -> None:
    """Write down how far it is. Stopped when it was cancelled."""
    REHEARSALS.tell(row, done=done, **found)
