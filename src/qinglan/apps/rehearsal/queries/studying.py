"""What a study starts from: the frozen facts of its run, and the scenario of its place as it is."""

from __future__ import annotations

from typing import Any

from qinglan.apps.policy.models import Run
from qinglan.apps.rehearsal.models import Rehearsal, Study
from qinglan.apps.rehearsal.queries import scenarios
from qinglan.core.frame.freezing import thaw
from qinglan.core.frame.records import Records
from qinglan.core.twin.scenario import Scenario


def records_of(study: Study) -> Records:
    """The records that the study's year was computed from: whole employments, whoever left included."""
    assert study.run is not None
    return thaw(bytes(study.run.input.tables))[0]


def base_of(run: Run, place: str, **more: Any) -> Scenario:
    """A place as it is at the end of the run's year, under its own pack; `more`: parameters, months, replicates, seed."""
    assert run.pack_text is not None
    texts = tuple(sorted(run.pack_text.files.items()))
    return Scenario(
        name="现行", population=bytes(run.input.tables), year=run.year, pack_name=run.pack_text.name, pack=texts, place=place,
        **more,
    )  # fmt: skip


def scenario_of(study: Study, **more: Any) -> Scenario:
    """The study's place as it is."""
    assert study.run is not None
    return base_of(study.run, study.org_code, **more)


def sides_of(study: Study, rehearsal_id: int, **more: Any) -> tuple[Scenario, Scenario]:
    """(baseline, candidate) of a rehearsal of the same year, at the study's place; `more` as for `base_of` but parameters."""
    assert study.run_id is not None
    row = Rehearsal.objects.select_related("run__input", "run__pack_text", "base_text", "other_text").get(
        pk=rehearsal_id, run_id=study.run_id
    )
    base, other = scenarios.scenarios(scenarios.chosen_of(row), row.run, scenarios.texts_of(row))
    return base.with_(place=study.org_code, **more), other.with_(place=study.org_code, **more)
