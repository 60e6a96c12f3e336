"""Background work of this app: what is confirmed is carried out by a process of the tables' owner.

The site's own role may not change what only grows; so the worker starts `qinglan erase`, which works as the owner.
"""

import subprocess
import sys

from procrastinate.contrib.django import app

from qinglan.apps.erasure.models import Erasure


@app.periodic(cron="*/10 * * * *")
@app.task(name="erasure.carry_out", queue="erasure", pass_context=False)
def carry_out(timestamp: int) -> None:
    """Carries out what is confirmed, if anything is; one that failed is tried again ten minutes later."""
    if Erasure.objects.filter(state=Erasure.State.CONFIRMED).exists():
        subprocess.run([sys.executable, "-m", "qinglan.cli", "erase"], check=True)
