"""Missing is a value plus a reason code, never 0 and never NaN (design §4.4).

A missing int64 is `MISSING - reason`: far below any amount, so one column carries both the absence and its reason.
"""

from enum import IntEnum

MISSING = -(1 << 62)


class Reason(IntEnum):
    """Why a value is absent. The number is stored; do not renumber."""

    NOT_RECORDED = 0
    TOO_FEW = 1
    NOT_APPLICABLE = 2
    NO_POST = 3
    SOURCE_MISSING = 4
    NOT_IN_PACK = 5

    @property
    def label(self) -> str:
        return REASON_LABELS[self]


REASON_LABELS = {
    Reason.NOT_RECORDED: "未记录",
    Reason.TOO_FEW: "样本不足",
    Reason.NOT_APPLICABLE: "不适用",
    Reason.NO_POST: "当期无岗位",
    Reason.SOURCE_MISSING: "来源缺失",
    Reason.NOT_IN_PACK: "政策包未规定",
}


def missing(reason: Reason) -> int:
    """The int64 that stands for "absent, because `reason`"."""
    return MISSING - int(reason)


def reason_of(value: int) -> Reason:
    """The reason inside a missing value. Raises ValueError for a value that is present."""
    if value > MISSING:
        raise ValueError(f"{value} is not missing")
    return Reason(MISSING - value)
