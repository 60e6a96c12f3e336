"""Each shape: what it reads, what it compiles to, how it says itself, which row stands where, and what it refuses."""

from datetime import date

import numpy as np
import pytest
from pydantic import ValidationError

from qinglan.core.frame import units
from qinglan.core.frame.codes import Certificate, Grade, Rank, Rounding, Source, Tie
from qinglan.core.packs.words import translate
from qinglan.core.rules.shapes import (
    Bands,
    Brackets,
    Cap,
    Col,
    Quota,
    Rows,
    Scalar,
    Table,
    Weights,
    eligibility,
    ladder,
)
from qinglan.core.rules.values import ANY, NOT_IN_PACK

LADDER = ladder({"grade": Col("档", units.COUNT, minimum=1), "rank": Col("级", units.CODE, Rank, any=True)})


def read(shape, written):
    return shape.adapter.validate_python(written)


def refusal(shape, written) -> tuple[tuple, str, str]:
    """(where, what is wrong, what would be right) of the first error."""
    with pytest.raises(ValidationError) as refused:
        read(shape, written)
    detail = refused.value.errors(include_url=False)[0]
    return (detail["loc"], *translate(detail, "the.item"))


@pytest.mark.parametrize(
    ("unit", "written", "parts", "said"),
    [
        (units.FEN, "6182", 618_200, "6,182.00 元"),
        (units.FEN, "6,182.05 元", 618_205, "6,182.05 元"),
        (units.FEN, "0.01", 1, "0.01 元"),
        (units.PERCENT, "8%", 800, "8%"),
        (units.PERCENT, "0.5", 50, "0.5%"),
        (units.COEFFICIENT, "1.35", 13_500, "1.35 倍"),
        (units.SCORE, "59.99", 5_999, "59.99 分"),
        (units.HOURS, "30 学时", 3_000, "30.00 学时"),
        (units.MONTHS, "24", 24, "24 个月"),
        (units.FLAG, "是", 1, "是"),
        (units.FLAG, "false", 0, "否"),
        (units.DATE, "1970-01-02", 1, "1970-01-02"),
    ],
)
def test_scalar_reads_and_says(unit, written, parts, said) -> None:
    shape = Scalar(unit)
    assert read(shape, written) == parts
    assert shape.compile(parts) == parts
    assert shape.say(parts) == [("", said)]
    assert shape.row_path(parts, 0) == ()


@pytest.mark.parametrize(
    ("unit", "written", "wrong"),
    [
        (units.FEN, "1,5", "「1,5」不是数字"),
        (units.FEN, "1e3", "「1e3」不是数字"),
        (units.FEN, "1_000", "「1_000」不是数字"),
        (units.FEN, "１２", "「１２」不是数字"),
        (units.FEN, "0.001", "「0.001」小数太多"),
        (units.FEN, "1." + "0" * 40 + "1", "「1." + "0" * 40 + "1」小数太多"),
        (units.MONTHS, "2 年", "「2 年」的单位不对"),
        (units.MONTHS, "", "没有写值"),
        (units.MONTHS, "nan", "「nan」不是数字"),
        (units.MONTHS, "-1", "「-1」太小"),
        (units.MONTHS, "1" + "0" * 16, "「1" + "0" * 16 + "」大得不合理"),
        (units.FLAG, "对", "「对」不是「是」或「否」"),
        (units.DATE, "2025-02-29", "「2025-02-29」读不出是哪一天"),
        (units.DATE, "2025-W01-1", "「2025-W01-1」读不出是哪一天"),
        (units.DATE, "20250101", "「20250101」读不出是哪一天"),
    ],
)
def test_scalar_refuses(unit, written, wrong) -> None:
    assert refusal(Scalar(unit), written)[1] == wrong


def test_scalar_limits_and_lists() -> None:
    assert refusal(Scalar(units.COUNT, maximum=12), "13") == ((), "「13」太大", "应不大于 12")
    assert read(Scalar(units.FEN, minimum=None), "-5") == -500
    assert read(Scalar(units.CODE, Grade), "比较称职") == 2
    _, wrong, right = refusal(Scalar(units.CODE, Grade), "不称只")
    assert wrong == "「不称只」不在名单里"
    assert right == "是不是「不称职」？可写：优秀、比较称职、基本称职、不称职"
    assert refusal(Scalar(units.COUNT), {"a": "1"})[1] == "应是一个值，不是列表或表"


def test_table_fills_the_rest_and_marks_what_is_absent() -> None:
    shape = Table(Certificate, units.FEN)
    value = read(shape, {"初级": "50", "中级": "100"})
    assert shape.compile(value).tolist() == [NOT_IN_PACK, 5_000, 10_000, NOT_IN_PACK]
    filled = read(shape, {"中级": "100", "其余": "0"})
    assert shape.compile(filled).tolist() == [0, 0, 10_000, 0]
    assert shape.say(value) == [("初级", "50.00 元"), ("中级", "100.00 元")]
    assert shape.row_path(filled, Certificate.INTERMEDIATE) == ("中级",)
    assert shape.row_path(filled, Certificate.SENIOR) == ("其余",)


def test_table_refuses() -> None:
    assert refusal(Table(Certificate, units.FEN), {"中机": "1"})[0] == ("中机", "[key]")
    assert refusal(Table(Certificate, units.FEN), {"中级": "x"})[0] == ("中级",)
    assert refusal(Table(Certificate, units.FEN), {})[1] == "一行也没有"
    every = Table(Certificate, units.FEN, every=True)
    assert refusal(every, {"初级": "1"})[1:] == ("缺 无、中级、高级", "补上，或写 其余: …")
    assert read(every, {"初级": "1", "其余": "0"}) == {"初级": 100, "其余": 0}
    assert refusal(every, "100")[1] == "应是一张表（写的是「100」）"


def test_bands() -> None:
    shape = Bands(units.SCORE, units.CODE, Grade)
    value = read(shape, [{"from": "0", "is": "不称职"}, {"from": "60", "is": "基本称职"}])
    table = shape.compile(value)
    assert table.lower.tolist() == [0, 6_000]
    assert table.value.tolist() == [4, 3]
    assert table.lower.dtype == np.int64
    assert shape.say(value) == [("0.00 分起", "不称职"), ("60.00 分起", "基本称职")]
    assert shape.row_path(value, 1) == (1,)
    assert refusal(shape, [])[1] == "一段也没有"
    two = [{"from": "60", "is": "优秀"}, {"from": "60", "is": "优秀"}]
    assert refusal(shape, two)[1] == "第 2 段的下限 60.00 分，不大于第 1 段的 60.00 分"
    assert refusal(shape, [{"from": "0"}])[0] == (0, "is")
    assert refusal(shape, [{"from": "0", "is": "优秀", "to": "9"}])[:2] == ((0, "to"), "这里没有「to」这一项")
    assert refusal(shape, [{"lower": "0", "value": "优秀"}])[:2] == ((0, "from"), "缺「from」")


def test_brackets_join_to_the_fen() -> None:
    shape = Brackets(units.FEN)
    written = [{"upto": "36000", "rate": "3", "quick": "0"}, {"rate": "10", "quick": "2520"}]
    value = read(shape, written)
    table = shape.compile(value)
    assert table.upto.tolist() == [3_600_000, 2**62]
    assert table.rate.tolist() == [300, 1_000]
    assert table.quick.tolist() == [0, 252_000]
    assert shape.say(value)[1] == ("以上", "税率 10%，速算扣除 2,520.00 元")
    assert shape.row_path(value, 1) == (1,)
    assert refusal(shape, [written[0], {"rate": "10", "quick": "2520.01"}])[1:] == (
        "第 2 级的速算扣除数 2,520.01 元 与前一级接不上",
        "应是 2,520.00 元",
    )
    assert refusal(shape, [written[0]])[1] == "最后一级不应有 upto"
    assert refusal(shape, [written[1], written[1]])[1] == "除最后一级外都要有 upto"
    assert refusal(shape, [])[1] == "最后一级不应有 upto"
    assert refusal(shape, [{**written[0], "upto": "很多"}, written[1]])[:2] == ((0, "upto"), "「很多」不是数字")


def test_weights_make_a_hundred() -> None:
    shape = Weights(Source)
    value = read(shape, {"群众评议": "30%", "专业评估": "40", "过程考核": "20", "创新贡献": "10"})
    assert shape.compile(value).tolist() == [0, 3_000, 4_000, 2_000, 1_000]
    assert shape.say(value)[0] == ("群众评议", "30%")
    assert shape.row_path(value, Source.PROCESS) == ("过程考核",)
    assert read(shape, {"群众评议": "100"}) == {"群众评议": 10_000}
    assert refusal(shape, {"群众评议": "33.33", "专业评估": "66.66"})[1:] == (
        "各项相加是 99.99%",
        "相加要等于 100%；没有写的有：过程考核、创新贡献",
    )
    assert refusal(shape, {"自评": "100"})[0] == ("自评", "[key]")


def test_quota_has_defaults() -> None:
    shape = Quota()
    value = read(shape, {"share": "15%", "rounding": "舍去"})
    assert shape.compile(value) == (1_500, Rounding.DOWN, 0, Tie.NONE_ENTERS)
    assert shape.say(value) == [("比例", "15%"), ("取整", "舍去"), ("至少", "0 人"), ("并列", "并列全不入")]
    assert shape.row_path(value, 0) == ()
    assert refusal(shape, {"share": "15%"})[:2] == (("rounding",), "缺「rounding」")
    assert refusal(shape, {"share": "101%", "rounding": "舍去"})[1] == "「101%」太大"


def test_cap() -> None:
    shape = Cap(units.PERCENT)
    value = read(shape, {"floor": "60%", "ceiling": "300%"})
    assert shape.compile(value) == (6_000, 30_000)
    assert shape.say(value) == [("下限", "60%"), ("上限", "300%")]
    assert read(shape, {"floor": "60", "ceiling": "60"}).floor == 6_000
    assert refusal(shape, {"floor": "61", "ceiling": "60"})[1] == "下限 61% 高于上限 60%"


def test_ladder_rises_and_leaves_conditions_open() -> None:
    value = read(LADDER, [{"grade": "1", "rank": "初级"}, {"grade": "3"}])
    assert LADDER.compile(value).tolist() == [[1, 1], [3, ANY]]
    assert LADDER.say(value) == [("第 1 行", "档 1，级 初级"), ("第 2 行", "档 3")]
    assert LADDER.row_path(value, 1) == (1,)
    assert refusal(LADDER, [{"grade": "2"}, {"grade": "2"}])[1] == "第 2 行的「档」不大于第 1 行的"
    assert refusal(LADDER, [{"rank": "初级"}])[:2] == ((0, "grade"), "缺「grade」")
    assert refusal(LADDER, [{"grade": "0"}])[1] == "「0」太小"
    assert refusal(LADDER, [])[1] == "一行也没有"


def test_ladder_within_profiles() -> None:
    shape = ladder({"rank": Col("级", units.CODE, Rank), "grade": Col("档", units.COUNT)}, within="rank")
    first = [{"rank": "初级", "grade": "1"}, {"rank": "中级", "grade": "1"}, {"rank": "初级", "grade": "2"}]
    assert len(read(shape, first)) == 3
    assert refusal(shape, [*first, {"rank": "中级", "grade": "1"}])[1] == "第 4 行的「档」不大于第 2 行的"


def test_eligibility_is_unordered_rows() -> None:
    shape = eligibility({"since": Col("入职不晚于", units.DATE), "graded": Col("已定级", units.FLAG, any=True)})
    value = read(shape, [{"since": "2025-01-01", "graded": "是"}, {"since": "2020-01-01"}])
    days = [(date(2025, 1, 1) - date(1970, 1, 1)).days, (date(2020, 1, 1) - date(1970, 1, 1)).days]
    assert shape.compile(value).tolist() == [[days[0], 1], [days[1], ANY]]
    assert shape.say(value)[0] == ("第 1 行", "入职不晚于 2025-01-01，已定级 是")
    assert shape.kind == "eligibility"


def test_rows_compile_to_a_matrix_even_with_one_row() -> None:
    shape = Rows({"amount": Col("金额", units.FEN)})
    compiled = shape.compile(read(shape, [{"amount": "1"}]))
    assert compiled.shape == (1, 1)
    assert compiled.dtype == np.int64
