"""Works on background jobs in lanes, one job at a time in each: what takes minutes keeps no mail, no check and no file waiting.

All in one process (jobs run in threads, what they compute runs without the interpreter's lock), so that a lane costs next to no
memory, and what was got ready for a rehearsal is there for a study too.
"""

import asyncio
import signal

from procrastinate import App

LANES = (("rehearsal",), ("studies",), ("assistant",))  # queues in which a job may take long; all others share a lane


def lanes(app: App) -> list[list[str]]:
    """The queues of each lane. Every queue that a task of the program has is in one of them."""
    long = {queue for lane in LANES for queue in lane}
    return [*map(list, LANES), sorted({task.queue for task in app.tasks.values()} - long)]


async def work(app: App) -> None:
    """Work until cancelled; what has begun is finished first. When one lane fails all end, for somebody to see."""
    async with app.open_async(), asyncio.TaskGroup() as group:
        for queues in lanes(app):
            group.create_task(app.run_worker_async(queues=queues, name=queues[0], install_signal_handlers=False))


async def work_until_told(app: App) -> None:
    """`work`, ended in order by a signal."""
    task = asyncio.create_task(work(app))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    await asyncio.wait([task])
    if not task.cancelled():
        task.result()
