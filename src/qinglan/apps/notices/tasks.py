"""Background work of this app: e-mails, and a word to the auditors when the nightly check found something."""

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from qinglan.apps.notices import actions

# 4 s, 16 s, 64 s … up to an hour after the fifth failure: a mail server that is down for a while loses no letter.
PATIENT = RetryStrategy(max_attempts=8, exponential_wait=4)


@app.task(name="notices.mail", queue="notices", pass_context=False, retry=PATIENT)
def mail(key: str) -> None:
    """Sends the e-mails of one happening."""
    actions.send(key=key)


@app.periodic(cron="37 20 * * *")  # UTC: two hours after audit.check began
@app.task(name="notices.check", queue="notices", queueing_lock="notices.check", pass_context=False)
def check_found(timestamp: int) -> None:
    """Tells who reads the log what the nightly check of the chain found wrong, or that there was none."""
    actions.tell_of_check(now=timezone.now())
