"""Background work of this app: what was typed is forgotten every night."""

from django.utils import timezone
from procrastinate.contrib.django import app

from qinglan.apps.assistant.actions import forgetting


@app.periodic(cron="11 18 * * *")  # UTC: 02:11 in Shanghai
@app.task(name="assistant.forget", queue="assistant", queueing_lock="assistant.forget", pass_context=False)
def forget(timestamp: int) -> None:
    """Forgets talks and hand-overs that are older than the set days."""
    forgetting.forget(now=timezone.now())
