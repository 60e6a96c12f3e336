"""Background work of this app: every minute the chain is sealed and its newest hash exported, at night all of it verified."""

from procrastinate import JobContext
from procrastinate.contrib.django import app

from qinglan.apps.audit.actions.checking import check
from qinglan.apps.audit.actions.heads import seal_and_export


@app.periodic(cron="* * * * *")
@app.task(name="audit.seal", queue="audit", queueing_lock="audit.seal", pass_context=False)
def seal(timestamp: int) -> None:
    """Seals what the last minute wrote."""
    seal_and_export()


@app.periodic(cron="37 18 * * *")  # UTC: at night here
@app.task(name="audit.check", queue="audit", queueing_lock="audit.check", pass_context=False)
def check_all(timestamp: int) -> None:
    """Verifies everything and keeps what it found for the audit page; what is wrong also goes into the site's own log."""
    check()


@app.periodic(cron="23 19 * * *")  # UTC: at night here
@app.task(name="audit.tidy", queue="audit", queueing_lock="audit.tidy", pass_context=True)
async def tidy(context: JobContext, timestamp: int) -> None:
    """Forgets the sealings of the day before: 1,440 jobs a day, each of which says nothing."""
    await context.app.job_manager.delete_old_jobs(nb_hours=24, queue="audit")
