"""The states of a pay month as a table (ADR 0010). The database holds the same table as a trigger on PayMonth."""

from __future__ import annotations

from django.db import models


class State(models.TextChoices):
    OPEN = "open", "待关账"
    CLOSED = "closed", "已关账"
    REPLACED = "replaced", "已被重新计算取代"


# By whom: computing anew replaces an open month (COMPUTE_PAY); closing is another account's (CLOSE_PAY). A closed month stays.
TRANSITIONS = [(State.OPEN.value, State.CLOSED.value), (State.OPEN.value, State.REPLACED.value)]
STANDING = (State.OPEN, State.CLOSED)
