"""Background work of this app: the daily round of reminders."""

from django.utils import timezone
from procrastinate.contrib.django import app

from qinglan.apps.policy.actions import telling


@app.periodic(cron="20 0 * * *")  # UTC: twenty past eight in the morning here
@app.task(name="policy.daily", queue="policy", queueing_lock="policy.daily", pass_context=False)
def daily(timestamp: int) -> None:
    """Reminds those whose step is waited for; `timestamp` is the moment it was planned for."""
    telling.remind(today=timezone.localdate())
