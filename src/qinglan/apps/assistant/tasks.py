"""Background work of this app: what was typed is forgotten every night; who lets askers wait is reminded; evaluations are carried out."""

from typing import Any

from django.utils import timezone
from procrastinate.contrib.django import app

from qinglan.apps.assistant.actions import evaluating, forgetting, telling
from qinglan.apps.assistant.models import Evaluation
from qinglan.apps.people.models import User


@app.periodic(cron="11 18 * * *")  # UTC: 02:11 in Shanghai
@app.task(name="assistant.forget", queue="assistant", queueing_lock="assistant.forget", pass_context=False)
def forget(timestamp: int) -> None:
    """Forgets talks and hand-overs that are older than the set days."""
    forgetting.forget(now=timezone.now())


@app.periodic(cron="20 0 * * 1-5")  # UTC: twenty past eight in the morning here, Monday to Friday
@app.task(name="assistant.remind", queue="assistant", queueing_lock="assistant.remind", pass_context=False)
def remind(timestamp: int) -> None:
    """Tells those who answer of questions that nobody has taken for more than a day."""
    telling.remind(now=timezone.now())


@app.task(name="assistant.evaluate", queue="assistant", pass_context=False)
def evaluate(evaluation_id: int) -> None:
    """Carries out the evaluation in the name of who asked for it; one that has ended stays as it is."""
    row = Evaluation.objects.filter(pk=evaluation_id).first()
    if row is None:
        return
    by: Any = User.objects.filter(pk=row.made_by_id).first() if row.made_by_id else None
    evaluating.carry_out(evaluation=row, by=by)
