"""Background work of this app: telling events to other systems."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from qinglan.apps.exchange.actions import webhooks

# 4 s, 16 s, 64 s, … about 4.5 hours after the seventh failure: a system that is down for a morning misses nothing.
PATIENT = RetryStrategy(max_attempts=webhooks.MOST_ATTEMPTS, exponential_wait=4)


class NotTaken(Exception):
    """The other side did not take it; the queue tries again."""


@app.task(name=webhooks.TASK, queue="exchange", pass_context=False, retry=PATIENT)
def deliver(delivery_id: int) -> None:
    """Tells one event; raises NotTaken until it is settled."""
    if not webhooks.deliver(delivery_id=delivery_id):
        raise NotTaken(f"delivery {delivery_id}")
