"""江汉四等次 (assess.jh_grades): everyday and yearly assessment, cut-offs, and the quota on 优秀.

S2 names the grades and the two assessments; weights, cut-offs and quota are the district's (mechanisms §3). Whoever passes the
cut-off of 优秀 and finds no place in the quota becomes 比较称职. The result is a proposal: a person decides (PIPL art. 24).
"""

from typing import NamedTuple

from qinglan.core.frame import units
from qinglan.core.frame.codes import Assessment, Grade, QuotaScope
from qinglan.core.frame.missing import Reason, missing
from qinglan.core.packs.items import Item
from qinglan.core.packs.pack import PackOnDate
from qinglan.core.rules.compiling import compiled
from qinglan.core.rules.families import Family, Step, row, store
from qinglan.core.rules.groups import GroupFamily, QuotaTable
from qinglan.core.rules.numbers import band_row, divide_half_up, is_missing, weighted_mean
from qinglan.core.rules.shapes import Bands, Quota, Scalar, Weights

M = "assess.jh_grades"
TOO_FEW = missing(Reason.TOO_FEW)
NOT_APPLICABLE = missing(Reason.NOT_APPLICABLE)
NOT_IN_PACK = missing(Reason.NOT_IN_PACK)

ITEMS = (
    Item(f"{M}.weights", "平时与年度考核的权重", Weights(Assessment), M),
    Item(
        f"{M}.least_months", "平时考核最少的月数", Scalar(units.MONTHS, minimum=1, maximum=12), M,
        help="有分数的月份不足时，平时考核记为样本不足",
    ),
    Item(
        f"{M}.least_days", "参加年度考核的最少在岗天数", Scalar(units.DAYS, maximum=366), M,
        help="不足的不定等次，也不计入优秀名额的人数",
    ),
    Item(f"{M}.bands", "等次分数线", Bands(units.SCORE, units.CODE, Grade), M),
    Item(f"{M}.excellent_quota", "优秀名额", Quota(), M),
    Item(f"{M}.quota_scope", "优秀名额的计算范围", Scalar(units.CODE, QuotaScope), M),
)  # fmt: skip


class ScoreInputs(NamedTuple):
    month_score_01: int
    month_score_02: int
    month_score_03: int
    month_score_04: int
    month_score_05: int
    month_score_06: int
    month_score_07: int
    month_score_08: int
    month_score_09: int
    month_score_10: int
    month_score_11: int
    month_score_12: int
    composite: int
    employed_days: int
    district: int
    subdistrict: int
    organisation: int


class ScoreSteps(NamedTuple):
    everyday_months: int
    everyday_score: int
    weight_everyday: int
    weight_yearly: int
    grade_reweighted: int
    grade_score: int
    grade_days_required: int
    graded: int
    grade_by_score: int
    excellent_candidate: int
    grade_group: int
    grade_row: int


SCORE_WIDTH = len(ScoreInputs._fields)


class ScoreTables(NamedTuple):
    weights: object
    least_months: int
    least_days: int
    bands: object
    scope: int


def score_tables(pack: PackOnDate) -> ScoreTables:
    names = ("weights", "least_months", "least_days", "bands", "quota_scope")
    return ScoreTables(*(pack[f"{M}.{name}"] for name in names))


@compiled
def score_kernel(x, t):
    months = 0
    total = 0
    for month in range(12):
        if not is_missing(x[month]):
            months += 1
            total += x[month]
    everyday = divide_half_up(total, months) if months >= t.least_months else TOO_FEW
    score, _, absent = weighted_mean((everyday, x.composite), t.weights)
    reweighted = 1 if absent == 1 and not is_missing(score) else 0
    taken = -1 if is_missing(score) else band_row(t.bands.lower, score)
    if x.employed_days < t.least_days:
        by_score = NOT_APPLICABLE
    elif is_missing(score):
        by_score = score
    elif taken < 0:
        by_score = NOT_IN_PACK
    else:
        by_score = t.bands.value[taken]
    graded = 0 if is_missing(by_score) else 1
    candidate = 1 if by_score == 1 else 0
    group = x.district if t.scope == 1 else x.subdistrict if t.scope == 2 else x.organisation
    return ScoreSteps(
        months, everyday, t.weights[1], t.weights[2], reweighted, score, t.least_days, graded, by_score, candidate,
        group, taken,
    )  # fmt: skip


@compiled
def score_run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, score_kernel(ScoreInputs(*row(columns[:, index], SCORE_WIDTH)), t))


SCORE = Family(
    id=f"{M}.score",
    label="等次评分",
    mechanisms=(M,),
    inputs=ScoreInputs,
    outputs=ScoreSteps,
    steps={
        "everyday_months": Step("有平时考核分的月数", units.MONTHS),
        "everyday_score": Step("平时动态考核分（各月平均）", units.SCORE, f"{M}.least_months"),
        "weight_everyday": Step("平时动态考核权重", units.PERCENT, f"{M}.weights"),
        "weight_yearly": Step("年度综合考核权重", units.PERCENT, f"{M}.weights"),
        "grade_reweighted": Step("等次评分权重已重新归一", units.FLAG),
        "grade_score": Step("等次评分", units.SCORE, f"{M}.weights"),
        "grade_days_required": Step("参加考核要求的在岗天数", units.DAYS, f"{M}.least_days"),
        "graded": Step("参加定等次", units.FLAG, f"{M}.least_days"),
        "grade_by_score": Step("按分数线的等次", units.CODE, f"{M}.bands", "grade_row", codes=Grade.labels()),
        "excellent_candidate": Step("达到优秀分数线", units.FLAG),
        "grade_group": Step("名额范围（序号）", units.CODE, f"{M}.quota_scope", hidden=True),
        "grade_row": Step("分数线行", units.ROW, hidden=True),
    },
    kernel=score_kernel,
    run=score_run,
    tables=score_tables,
    headline="grade_score",
)


def quota(pack: PackOnDate) -> QuotaTable:
    return pack[f"{M}.excellent_quota"]


QUOTA = GroupFamily(
    id=f"{M}.quota",
    label="优秀名额",
    mechanisms=(M,),
    prefix="excellent",
    group="grade_group",
    counted="graded",
    eligible="excellent_candidate",
    keys=("grade_score",),
    item=f"{M}.excellent_quota",
    quota=quota,
)


class Inputs(NamedTuple):
    grade_by_score: int
    excellent_selected: int
    grade_row: int


class Steps(NamedTuple):
    moved_by_quota: int
    grade: int
    grade_final_row: int


WIDTH = len(Inputs._fields)


class Tables(NamedTuple):
    bands: object


def tables(pack: PackOnDate) -> Tables:
    return Tables(pack[f"{M}.bands"])


@compiled
def kernel(x, t):
    moved = 1 if x.grade_by_score == 1 and x.excellent_selected == 0 else 0
    grade = 2 if moved == 1 else x.grade_by_score
    taken = x.grade_row
    if moved == 1:
        for index in range(len(t.bands.value)):
            taken = index if t.bands.value[index] == 2 else taken
    return Steps(moved, grade, taken)


@compiled
def run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, kernel(Inputs(*row(columns[:, index], WIDTH)), t))


FAMILY = Family(
    id=M,
    label="年度考核等次",
    mechanisms=(M,),
    inputs=Inputs,
    outputs=Steps,
    steps={
        "moved_by_quota": Step("达到优秀线而名额已满，列为比较称职", units.FLAG, f"{M}.excellent_quota"),
        "grade": Step("拟定等次", units.CODE, f"{M}.bands", "grade_final_row", codes=Grade.labels()),
        "grade_final_row": Step("等次所在的分数线行", units.ROW, hidden=True),
    },
    kernel=kernel,
    run=run,
    tables=tables,
)

FAMILIES = (SCORE, QUOTA, FAMILY)
