"""The states of a rehearsal and of a study as a table, which the database holds as a trigger; the kinds of studies."""

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


class Kind(models.TextChoices):
    """What a study asks. The closed table of how each is asked and answered is actions.kinds."""

    CALIBRATION = "calibration", "离职率校准"
    BACKTEST = "backtest", "回测"
    SENSITIVITY = "sensitivity", "敏感性分析"
    SEARCH = "search", "预算内寻优"
    DESK = "desk", "窗口排队"
    SITING = "siting", "选址"
    DISPATCH = "dispatch", "派单"
