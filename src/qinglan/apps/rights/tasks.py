"""Background work of this app: the daily round of reminders."""

from django.utils import timezone
from procrastinate.contrib.django import app

from qinglan.apps.rights.actions import reminding


@app.periodic(cron="10 0 * * *")  # UTC: ten past eight in the morning here
@app.task(name="rights.daily", queue="rights", queueing_lock="rights.daily", pass_context=False)
def daily(timestamp: int) -> None:
    """Reminds those who owe an answer; `timestamp` is the moment it was planned for."""
    reminding.daily(today=timezone.localdate())
