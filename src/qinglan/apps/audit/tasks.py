"""Background work of this app: every minute the chain is sealed and its newest hash exported."""

from procrastinate.contrib.django import app

from qinglan.apps.audit.actions.heads import seal_and_export


@app.periodic(cron="* * * * *")
@app.task(name="audit.seal", queue="audit", queueing_lock="audit.seal", pass_context=False)
def seal(timestamp: int) -> None:
    """Seals what the last minute wrote."""
    seal_and_export()
