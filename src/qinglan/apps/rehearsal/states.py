"""The states of a rehearsal as a table. The database holds the same table as a trigger on Rehearsal."""

from __future__ import annotations

from django.db import models


class State(models.TextChoices):
    QUEUED = "queued", "等待计算"
    RUNNING = "running", "正在计算"
    DONE = "done", "已完成"
    FAILED = "failed", "没有完成"
    CANCELLED = "cancelled", "已取消"


WAITING = (State.QUEUED, State.RUNNING)
TRANSITIONS = [
    (State.QUEUED.value, State.RUNNING.value),
    (State.QUEUED.value, State.FAILED.value),
    (State.QUEUED.value, State.CANCELLED.value),
    (State.RUNNING.value, State.DONE.value),
    (State.RUNNING.value, State.FAILED.value),
    (State.RUNNING.value, State.CANCELLED.value),
]
