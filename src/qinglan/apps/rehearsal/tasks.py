"""Background work of this app: living a rehearsal, answering a study that was asked for."""

from typing import Any

from procrastinate.contrib.django import app

from qinglan.apps.people.models import User
from qinglan.apps.policy.models import Run
from qinglan.apps.rehearsal.actions import running, studying
from qinglan.apps.rehearsal.models import Rehearsal, Study
from qinglan.apps.rehearsal.queries import scenarios


@app.task(name="rehearsal.live", queue="rehearsal", pass_context=False)
def live(rehearsal_id: int) -> None:
    """Lives the rehearsal in the name of who asked for it; one that has ended stays as it is."""
    row = Rehearsal.objects.filter(pk=rehearsal_id).first()
    if row is None:
        return
    by: Any = User.objects.filter(pk=row.made_by_id).first() if row.made_by_id else None
    running.live(rehearsal=row, by=by)


@app.task(name="rehearsal.warm", queue="rehearsal", pass_context=False)
def warm(run_id: int) -> None:
    """Gets this process ready for a rehearsal from that year, while its form is being filled in."""
    row = Run.objects.filter(pk=run_id, input__isnull=False, pack_text__isnull=False).first()
    if row is not None:
        scenarios.warm(row)


@app.task(name="rehearsal.study", queue="studies", pass_context=False)
def study(study_id: int) -> None:
    """Answers the study in the name of who asked it; one that has ended stays as it is."""
    row = Study.objects.filter(pk=study_id).first()
    if row is None:
        return
    by: Any = User.objects.filter(pk=row.made_by_id).first() if row.made_by_id else None
    studying.answer(study=row, by=by)
