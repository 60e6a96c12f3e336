"""Background work of this app: e-mails."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from qinglan.apps.notices import actions

# 4 s, 16 s, 64 s … up to an hour after the fifth failure: a mail server that is down for a while loses no letter.
PATIENT = RetryStrategy(max_attempts=8, exponential_wait=4)


@app.task(name="notices.mail", queue="notices", pass_context=False, retry=PATIENT)
def mail(key: str) -> None:
    """Sends the e-mails of one happening."""
    actions.send(key=key)
