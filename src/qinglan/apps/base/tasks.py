"""Background work of this app: jobs that were under way when their worker died are taken up again."""

from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

# More often than any job is tried of itself: only one that brings its worker down each time comes so far.
MOST_ATTEMPTS = 10


@app.periodic(cron="* * * * *")
@app.task(name="base.take_up", queue="base", queueing_lock="base.take_up", pass_context=True)
async def take_up(context: JobContext, timestamp: int) -> None:
    """Puts the jobs of workers without a sign of life for 30 seconds back into the queue; `timestamp`: when this was planned for.

    Tasks may therefore begin anew at any point; each is written so that it repeats no effect. One that has failed so often, or
    for which the next is waiting already, is given up.
    """
    jobs = context.app.job_manager
    for job in await jobs.get_stalled_jobs():
        given_up = job.task_name == "base.take_up" or job.attempts >= MOST_ATTEMPTS
        if not given_up:
            try:
                await jobs.retry_job(job)
            except UniqueViolation:
                given_up = True
        if given_up:
            await jobs.finish_job(job, status=Status.FAILED, delete_job=False)
