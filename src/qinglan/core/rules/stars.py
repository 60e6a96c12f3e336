"""社区服务星级 (pay.star_rating): score bands give one to five stars, stars give a coefficient of 1.2 to 1.8 (S3).

The coefficient multiplies performance pay (mechanisms §3, decision 2); a pack may choose the whole pay instead. Unrated is 1.0.
"""

from typing import NamedTuple

from qinglan.core.frame import units
from qinglan.core.frame.codes import QuotaScope, Star, StarScope, StarYear
from qinglan.core.packs.items import Item
from qinglan.core.packs.pack import PackOnDate
from qinglan.core.rules.compiling import compiled
from qinglan.core.rules.families import Family, Step, row, store
from qinglan.core.rules.groups import GroupFamily, QuotaTable
from qinglan.core.rules.numbers import band_row, is_missing
from qinglan.core.rules.shapes import Bands, Quota, Scalar, Table

M = "pay.star_rating"

ITEMS = (
    Item(f"{M}.bands", "星级分数段", Bands(units.SCORE, units.CODE, Star), M, help="低于第一段的为未评"),
    Item(f"{M}.coefficients", "星级系数", Table(Star, units.COEFFICIENT, every=True), M),
    Item(f"{M}.paid_in", "星级在哪一年计薪", Scalar(units.CODE, StarYear), M),
    Item(f"{M}.base", "星级系数乘什么", Scalar(units.CODE, StarScope), M),
    Item(f"{M}.five_star_quota", "五星名额", Quota(), M, help="不限名额写 100%"),
    Item(f"{M}.quota_scope", "五星名额的计算范围", Scalar(units.CODE, QuotaScope), M),
)


class ScoreInputs(NamedTuple):
    composite: int
    district: int
    subdistrict: int
    organisation: int


class ScoreSteps(NamedTuple):
    star_by_score: int
    star_rated: int
    five_star_candidate: int
    star_group: int
    star_band_row: int


SCORE_WIDTH = len(ScoreInputs._fields)


class ScoreTables(NamedTuple):
    bands: object
    scope: int


def score_tables(pack: PackOnDate) -> ScoreTables:
    return ScoreTables(pack[f"{M}.bands"], pack[f"{M}.quota_scope"])


@compiled
def score_kernel(x, t):
    taken = -1 if is_missing(x.composite) else band_row(t.bands.lower, x.composite)
    star = 0 if taken < 0 else t.bands.value[taken]
    group = x.district if t.scope == 1 else x.subdistrict if t.scope == 2 else x.organisation
    return ScoreSteps(star, 0 if star == 0 else 1, 1 if star == 5 else 0, group, taken)


@compiled
def score_run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, score_kernel(ScoreInputs(*row(columns[:, index], SCORE_WIDTH)), t))


SCORE = Family(
    id=f"{M}.score",
    label="星级评分",
    mechanisms=(M,),
    inputs=ScoreInputs,
    outputs=ScoreSteps,
    steps={
        "star_by_score": Step("按分数段的星级", units.CODE, f"{M}.bands", "star_band_row", codes=Star.labels()),
        "star_rated": Step("已评星", units.FLAG),
        "five_star_candidate": Step("达到五星分数", units.FLAG),
        "star_group": Step("五星名额范围（序号）", units.CODE, f"{M}.quota_scope", hidden=True),
        "star_band_row": Step("分数段行", units.ROW, hidden=True),
    },
    kernel=score_kernel,
    run=score_run,
    tables=score_tables,
    headline="star_by_score",
)


def quota(pack: PackOnDate) -> QuotaTable:
    return pack[f"{M}.five_star_quota"]


QUOTA = GroupFamily(
    id=f"{M}.quota",
    label="五星名额",
    mechanisms=(M,),
    prefix="five_star",
    group="star_group",
    counted="star_rated",
    eligible="five_star_candidate",
    keys=("composite",),
    item=f"{M}.five_star_quota",
    quota=quota,
)


class Inputs(NamedTuple):
    star_by_score: int
    five_star_selected: int


class Steps(NamedTuple):
    star_moved_by_quota: int
    star: int
    star_coefficient: int
    star_base: int
    performance_coefficient: int
    whole_pay_coefficient: int
    star_row: int


WIDTH = len(Inputs._fields)
ONE = 10_000


class Tables(NamedTuple):
    coefficients: object
    base: int


def tables(pack: PackOnDate) -> Tables:
    return Tables(pack[f"{M}.coefficients"], pack[f"{M}.base"])


@compiled
def kernel(x, t):
    moved = 1 if x.star_by_score == 5 and x.five_star_selected == 0 else 0
    star = x.star_by_score - moved
    coefficient = t.coefficients[star]
    on_performance = coefficient if t.base == 1 else ONE
    on_whole = coefficient if t.base == 2 else ONE
    return Steps(moved, star, coefficient, t.base, on_performance, on_whole, star)


@compiled
def run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, kernel(Inputs(*row(columns[:, index], WIDTH)), t))


FAMILY = Family(
    id=M,
    label="社区服务星级",
    mechanisms=(M,),
    inputs=Inputs,
    outputs=Steps,
    steps={
        "star_moved_by_quota": Step("达到五星而名额已满，列为四星", units.FLAG, f"{M}.five_star_quota"),
        "star": Step("星级", units.CODE, codes=Star.labels()),
        "star_coefficient": Step("星级系数", units.COEFFICIENT, f"{M}.coefficients", "star_row"),
        "star_base": Step("系数所乘的部分", units.CODE, f"{M}.base", codes=StarScope.labels()),
        "performance_coefficient": Step("绩效报酬的系数", units.COEFFICIENT, f"{M}.base"),
        "whole_pay_coefficient": Step("全部报酬的系数", units.COEFFICIENT, f"{M}.base"),
        "star_row": Step("系数行", units.ROW, hidden=True),
    },
    kernel=kernel,
    run=run,
    tables=tables,
    headline="star",
)

FAMILIES = (SCORE, QUOTA, FAMILY)
