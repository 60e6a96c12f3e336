"""Background work of this app: sessions that are over are swept away at night."""

from procrastinate.contrib.django import app

from qinglan.apps.people.actions.sessions import sweep


@app.periodic(cron="11 19 * * *")  # UTC: at night here
@app.task(name="people.sweep", queue="people", queueing_lock="people.sweep", pass_context=False)
def sweep_sessions(timestamp: int) -> None:
    """Deletes what no browser can open any more."""
    sweep()
