"""The frames of pay: a segment is a stretch of one month with the same post, grade and certificate; a month sums them."""

from qinglan.core.frame import codes, units
from qinglan.core.frame.columns import Column

SEGMENT: dict[str, Column] = {
    "segment_month": Column("月份", units.COUNT, required=True, help="年 × 12 + 月 − 1"),
    "segment_since": Column("本段第一天", units.DATE, required=True),
    "segment_until": Column("本段最后一天（含）", units.DATE, required=True),
    "segment_post": Column("岗位", units.CODE, codes.Post),
    "segment_grade": Column("职级（档）", units.COUNT),
    "segment_certificate": Column("资格", units.CODE, codes.Certificate),
}

MONTH: dict[str, Column] = {}
