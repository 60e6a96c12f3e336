"""What a study starts from: the frozen facts of its run, and the scenario of its place as it is."""

from __future__ import annotations

from typing import Any

from qinglan.apps.policy.models import Run
from qinglan.apps.rehearsal.models import Study
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
