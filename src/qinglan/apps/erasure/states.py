"""The states of an erasure as a table. The database holds the same table as a trigger on Erasure."""

from __future__ import annotations

from django.db import models


class State(models.TextChoices):
    ASKED = "asked", "待另一人确认"
    CONFIRMED = "confirmed", "已确认，正在删除"
    DONE = "done", "已删除"
    DROPPED = "dropped", "不删除"


class Move(models.TextChoices):
    ASK = "ask", "申请"
    CONFIRM = "confirm", "确认"
    DROP = "drop", "不予删除"


class Ground(models.TextChoices):
    """PIPL art. 47 para 1. Only the first one needs the term to be over."""

    EXPIRED = "expired", "保存期限已届满，处理目的已实现"
    WITHDRAWN = "withdrawn", "本人撤回同意（个人信息保护法第四十七条第一款第三项）"
    UNLAWFUL = "unlawful", "处理违反法律、行政法规或者约定（第四项）"
    OTHER = "other", "法律、行政法规规定的其他情形（第五项）"


# A confirmed erasure is not taken back: its number may stand in the list outside already.
TRANSITIONS = [
    (State.ASKED.value, State.CONFIRMED.value),
    (State.ASKED.value, State.DROPPED.value),
    (State.CONFIRMED.value, State.DONE.value),
]
OPEN = (State.ASKED, State.CONFIRMED)
