"""四位一体 (assess.four_in_one): residents 30, professionals 40, process 20, innovation 10, for persons and for units.

One formula serves both objects (mechanisms §3, decision 3). Too few ballots make the residents' part insufficient, an absent
source stays absent; the weights left are made to fill 100 % again and a flag says so. Nothing at all gives no composite.
"""

from typing import NamedTuple

from qinglan.core.frame import units
from qinglan.core.frame.codes import Source
from qinglan.core.frame.missing import Reason, missing
from qinglan.core.packs.items import Item
from qinglan.core.packs.pack import PackOnDate
from qinglan.core.rules.compiling import compiled
from qinglan.core.rules.families import Family, Step, row, store
from qinglan.core.rules.numbers import is_missing, weighted_mean
from qinglan.core.rules.shapes import Scalar, Weights

TOO_FEW = missing(Reason.TOO_FEW)
WEIGHTS = "assess.four_in_one.weights"
BALLOTS = "assess.four_in_one.least_ballots"

ITEMS = (
    Item(WEIGHTS, "四位一体各部分的权重", Weights(Source), "assess.four_in_one"),
    Item(
        BALLOTS, "群众评议的最少票数", Scalar(units.COUNT), "assess.four_in_one",
        help="票数不足时群众评议记为样本不足，其余权重重新归一",
    ),
)  # fmt: skip


class Inputs(NamedTuple):
    score_residents: int
    ballots: int
    score_professional: int
    score_process: int
    score_innovation: int


class UnitInputs(NamedTuple):
    unit_score_residents: int
    unit_ballots: int
    unit_score_professional: int
    unit_score_process: int
    unit_score_innovation: int


class Steps(NamedTuple):
    ballots_required: int
    part_residents: int
    weight_residents: int
    weight_professional: int
    weight_process: int
    weight_innovation: int
    weights_used: int
    reweighted: int
    composite: int


class UnitSteps(NamedTuple):
    unit_ballots_required: int
    unit_part_residents: int
    unit_weight_residents: int
    unit_weight_professional: int
    unit_weight_process: int
    unit_weight_innovation: int
    unit_weights_used: int
    unit_reweighted: int
    unit_composite: int


WIDTH = len(Inputs._fields)


class Tables(NamedTuple):
    weights: object
    least_ballots: int


def tables(pack: PackOnDate) -> Tables:
    return Tables(pack[WEIGHTS], pack[BALLOTS])


@compiled
def compose(residents, ballots, professional, process, innovation, t):
    """The nine steps of 四位一体 for one object. An unrecorded number of ballots proves nothing: insufficient."""
    part = residents
    if not is_missing(residents) and (is_missing(ballots) or ballots < t.least_ballots):
        part = TOO_FEW
    composite, used, absent = weighted_mean((part, professional, process, innovation), t.weights)
    if used == 0 and part == TOO_FEW:
        composite = TOO_FEW
    reweighted = 1 if absent == 1 and used > 0 else 0
    w = t.weights
    return t.least_ballots, part, w[1], w[2], w[3], w[4], used, reweighted, composite


@compiled
def kernel(x, t):
    return Steps(*compose(x.score_residents, x.ballots, x.score_professional, x.score_process, x.score_innovation, t))


@compiled
def unit_kernel(x, t):
    return UnitSteps(
        *compose(
            x.unit_score_residents, x.unit_ballots, x.unit_score_professional, x.unit_score_process,
            x.unit_score_innovation, t,
        )
    )  # fmt: skip


@compiled
def run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, kernel(Inputs(*row(columns[:, index], WIDTH)), t))


@compiled
def unit_run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, unit_kernel(UnitInputs(*row(columns[:, index], WIDTH)), t))


STEPS = (
    Step("群众评议要求的票数", units.COUNT, BALLOTS),
    Step("采用的群众评议分", units.SCORE, BALLOTS),
    Step("群众评议权重", units.PERCENT, WEIGHTS),
    Step("专业评估权重", units.PERCENT, WEIGHTS),
    Step("过程考核权重", units.PERCENT, WEIGHTS),
    Step("创新贡献权重", units.PERCENT, WEIGHTS),
    Step("有分数的各部分权重合计", units.PERCENT),
    Step("权重已重新归一（有部分缺失）", units.FLAG),
    Step("四位一体综合分", units.SCORE, WEIGHTS),
)

FAMILY = Family(
    id="assess.four_in_one",
    label="四位一体评估（个人）",
    mechanisms=("assess.four_in_one",),
    inputs=Inputs,
    outputs=Steps,
    steps=dict(zip(Steps._fields, STEPS, strict=True)),
    kernel=kernel,
    run=run,
    tables=tables,
)

UNIT_FAMILY = Family(
    id="assess.four_in_one.unit",
    label="四位一体评估（单位）",
    mechanisms=("assess.four_in_one",),
    inputs=UnitInputs,
    outputs=UnitSteps,
    steps=dict(zip(UnitSteps._fields, STEPS, strict=True)),
    kernel=unit_kernel,
    run=unit_run,
    tables=tables,
)
