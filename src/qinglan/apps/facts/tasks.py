"""Background work of this app: the dry run of large files."""

from typing import Any

from django.utils import timezone
from procrastinate.contrib.django import app

from qinglan.apps.facts.actions import imports
from qinglan.apps.facts.models import ImportBatch
from qinglan.apps.people.models import User


@app.task(name="facts.check_import", queue="imports", pass_context=False)
def check_import(batch_id: int) -> None:
    """Does the dry run of a file that waits for it, in the name of the user who brought it."""
    batch = ImportBatch.objects.filter(pk=batch_id).first()
    if batch is None:
        return
    by: Any = User.objects.filter(pk=batch.by_id).first() if batch.by_id else None
    if batch.by_id and by is None:
        imports.fail(batch=batch, by=None)  # the account is gone, and with it the right to look at the file
        return
    try:
        imports.check_now(batch=batch, today=timezone.localdate(), by=by)
    except Exception:
        imports.fail(batch=batch, by=by)  # whoever waits for it is told; the job itself still ends as failed
        raise
