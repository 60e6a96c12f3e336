"""Where a question was asked, what came of it, and the ways of a hand-over and of an evaluation."""

from __future__ import annotations

from django.db import models


class Channel(models.TextChoices):
    PAGE = "page", "居民页面"
    KIOSK = "kiosk", "自助屏"
    PANEL = "panel", "工作人员"
    API = "api", "接口"


class Outcome(models.TextChoices):
    """As core.retrieval.deciding.Outcome."""

    ANSWERED = "answered", "已回答"
    ASKS = "asks_back", "请补充"
    REFUSED = "refused", "未作答"
    HANDED_OVER = "handed_over", "转人工"


class Thumb(models.IntegerChoices):
    DOWN = -1, "没有帮助"
    NONE = 0, "未评价"
    UP = 1, "有帮助"


class Handing(models.TextChoices):
    WAITING = "waiting", "待接手"
    TAKEN = "taken", "处理中"
    ANSWERED = "answered", "已答复"
    CLOSED = "closed", "已关闭"


class HandingMove(models.TextChoices):
    TAKE = "take", "接手"
    PUT_BACK = "put_back", "放回"
    ANSWER = "answer", "答复"
    CLOSE = "close", "关闭"


H = Handing
HANDING_STEPS: dict[HandingMove, tuple[tuple[Handing, ...], Handing]] = {
    HandingMove.TAKE: ((H.WAITING,), H.TAKEN),
    HandingMove.PUT_BACK: ((H.TAKEN,), H.WAITING),
    HandingMove.ANSWER: ((H.TAKEN,), H.ANSWERED),
    HandingMove.CLOSE: ((H.WAITING, H.TAKEN), H.CLOSED),
}
HANDING_TRANSITIONS = [(a.value, to.value) for sources, to in HANDING_STEPS.values() for a in sources]
OPEN = (H.WAITING, H.TAKEN)


class PutBack(models.TextChoices):
    """Why somebody gives back what was taken. Chosen, not typed: it stands in the log, where no word of a talk may stand."""

    NOT_MINE = "not_mine", "我答不了，请其他人答"
    NO_TIME = "no_time", "我暂时没有时间"
    AWAY = "away", "接手的人不在岗"


class Closing(models.TextChoices):
    """Why a hand-over ends without an answer; the asker reads the words (CLOSED_SAYS)."""

    TOLD = "told", "已当面或电话答复"
    TWICE = "twice", "与另一条提问重复"
    OUTSIDE = "outside", "不是社区能答复的事"
    UNCLEAR = "unclear", "看不出问的是什么"


CLOSED_SAYS = {
    Closing.TOLD: "工作人员已当面或通过电话答复。",
    Closing.TWICE: "这个问题与另一条提问相同，请看那一条的答复。",
    Closing.OUTSIDE: "这件事不由社区办理，请拨打 12345 政务服务热线咨询。",
    Closing.UNCLEAR: "没有看明白您的问题，请换个说法再问一次，或到社区服务站当面问。",
}


class Measuring(models.TextChoices):
    QUEUED = "queued", "排队中"
    RUNNING = "running", "评测中"
    DONE = "done", "已完成"
    FAILED = "failed", "未完成"


MEASURING_TRANSITIONS = [("queued", "running"), ("queued", "failed"), ("running", "done"), ("running", "failed")]
