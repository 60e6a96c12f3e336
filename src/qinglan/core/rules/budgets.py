"""A district's budget lines held against their floors: pay, training, illness fund, innovation fund, prize fund (S1, S3).

Each family gives what is required, what is short of it, and whether the floor is kept. A budget not recorded stays missing:
that a line is unknown is not that it is zero.
"""

from typing import NamedTuple

from qinglan.core.frame import units
from qinglan.core.packs.items import Item
from qinglan.core.packs.pack import PackOnDate
from qinglan.core.rules.compiling import compiled
from qinglan.core.rules.families import Family, Step, row, store
from qinglan.core.rules.numbers import divide_up, first_missing, is_missing, or_zero
from qinglan.core.rules.pay_growth import after
from qinglan.core.rules.shapes import Scalar

ITEMS = (
    Item("budget.training_50k.floor", "培训专项资金（每年）", Scalar(units.FEN), "budget.training_50k"),
    Item("budget.illness.per_head", "重大疾病救助基金（每人每年）", Scalar(units.FEN), "budget.illness"),
    Item(
        "budget.innovation_fund.share", "创新专项基金占一般公共预算支出的比例",
        Scalar(units.PERCENT, maximum=10_000), "budget.innovation_fund",
    ),
    Item("budget.prize_fund.floor", "项目大赛奖励基金", Scalar(units.FEN), "budget.prize_fund"),
)  # fmt: skip


@compiled
def short(required, budget):
    """How much the budget falls short; missing if either is."""
    absent = first_missing((required, budget))
    return absent if is_missing(absent) else max(required - budget, 0)


@compiled
def kept(shortfall):
    """1 if nothing is short."""
    if is_missing(shortfall):
        return shortfall
    return 1 if shortfall == 0 else 0


# --- pay has its own line and grows ---


class LineInputs(NamedTuple):
    own_line: int
    pay_bill_last: int
    pay_budget: int


class LineSteps(NamedTuple):
    pay_line_required: int
    pay_line_short: int
    pay_line_kept: int


class LineTables(NamedTuple):
    floor: int


LINE_WIDTH = len(LineInputs._fields)


def line_tables(pack: PackOnDate) -> LineTables:
    return LineTables(pack["pay.growth_8.floor"])


@compiled
def line_kernel(x, t):
    required = after(x.pay_bill_last, t.floor, 1)
    shortfall = short(required, x.pay_budget)
    good = kept(shortfall)
    if is_missing(x.own_line):
        good = x.own_line
    elif x.own_line == 0:
        good = 0
    return LineSteps(required, shortfall, good)


@compiled
def line_run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, line_kernel(LineInputs(*row(columns[:, index], LINE_WIDTH)), t))


PAY_LINE = Family(
    id="budget.pay_line",
    label="薪酬单列财政预算",
    mechanisms=("budget.pay_line",),
    inputs=LineInputs,
    outputs=LineSteps,
    steps={
        "pay_line_required": Step("薪酬预算应不低于", units.FEN, "pay.growth_8.floor"),
        "pay_line_short": Step("薪酬预算缺口", units.FEN),
        "pay_line_kept": Step("单列且达标", units.FLAG, "pay.growth_8.floor"),
    },
    kernel=line_kernel,
    run=line_run,
    tables=line_tables,
)


# --- training ---


class TrainingInputs(NamedTuple):
    training_budget: int


class TrainingSteps(NamedTuple):
    training_required: int
    training_short: int
    training_kept: int


class FloorTables(NamedTuple):
    floor: int


TRAINING_WIDTH = len(TrainingInputs._fields)


def training_tables(pack: PackOnDate) -> FloorTables:
    return FloorTables(pack["budget.training_50k.floor"])


@compiled
def training_kernel(x, t):
    shortfall = short(t.floor, x.training_budget)
    return TrainingSteps(t.floor, shortfall, kept(shortfall))


@compiled
def training_run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, training_kernel(TrainingInputs(*row(columns[:, index], TRAINING_WIDTH)), t))


TRAINING_50K = Family(
    id="budget.training_50k",
    label="培训专项资金",
    mechanisms=("budget.training_50k",),
    inputs=TrainingInputs,
    outputs=TrainingSteps,
    steps={
        "training_required": Step("培训专项资金应不低于", units.FEN, "budget.training_50k.floor"),
        "training_short": Step("培训专项资金缺口", units.FEN),
        "training_kept": Step("培训专项资金达标", units.FLAG, "budget.training_50k.floor"),
    },
    kernel=training_kernel,
    run=training_run,
    tables=training_tables,
)


# --- illness fund ---


class IllnessInputs(NamedTuple):
    headcount: int
    illness_budget: int
    illness_claims: int


class IllnessSteps(NamedTuple):
    illness_required: int
    illness_short: int
    illness_kept: int
    illness_left: int


ILLNESS_WIDTH = len(IllnessInputs._fields)


def illness_tables(pack: PackOnDate) -> FloorTables:
    return FloorTables(pack["budget.illness.per_head"])


@compiled
def illness_kernel(x, t):
    required = x.headcount if is_missing(x.headcount) else x.headcount * t.floor
    shortfall = short(required, x.illness_budget)
    left = x.illness_budget if is_missing(x.illness_budget) else x.illness_budget - or_zero(x.illness_claims)
    return IllnessSteps(required, shortfall, kept(shortfall), left)


@compiled
def illness_run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, illness_kernel(IllnessInputs(*row(columns[:, index], ILLNESS_WIDTH)), t))


ILLNESS = Family(
    id="budget.illness",
    label="重大疾病救助基金",
    mechanisms=("budget.illness", "pay.illness_fund"),
    inputs=IllnessInputs,
    outputs=IllnessSteps,
    steps={
        "illness_required": Step("救助基金应不低于", units.FEN, "budget.illness.per_head"),
        "illness_short": Step("救助基金缺口", units.FEN),
        "illness_kept": Step("救助基金达标", units.FLAG, "budget.illness.per_head"),
        "illness_left": Step("救助基金余额", units.FEN),
    },
    kernel=illness_kernel,
    run=illness_run,
    tables=illness_tables,
    headline="illness_kept",
)


# --- innovation fund ---


class InnovationInputs(NamedTuple):
    public_expenditure: int
    innovation_budget: int


class InnovationSteps(NamedTuple):
    innovation_required: int
    innovation_short: int
    innovation_kept: int


INNOVATION_WIDTH = len(InnovationInputs._fields)


def innovation_tables(pack: PackOnDate) -> FloorTables:
    return FloorTables(pack["budget.innovation_fund.share"])


@compiled
def innovation_kernel(x, t):
    required = x.public_expenditure
    if not is_missing(required):
        required = divide_up(required * t.floor, 10_000)
    shortfall = short(required, x.innovation_budget)
    return InnovationSteps(required, shortfall, kept(shortfall))


@compiled
def innovation_run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, innovation_kernel(InnovationInputs(*row(columns[:, index], INNOVATION_WIDTH)), t))


INNOVATION_FUND = Family(
    id="budget.innovation_fund",
    label="社区治理创新专项基金",
    mechanisms=("budget.innovation_fund",),
    inputs=InnovationInputs,
    outputs=InnovationSteps,
    steps={
        "innovation_required": Step("创新专项基金应不低于（进到分）", units.FEN, "budget.innovation_fund.share"),
        "innovation_short": Step("创新专项基金缺口", units.FEN),
        "innovation_kept": Step("创新专项基金达标", units.FLAG, "budget.innovation_fund.share"),
    },
    kernel=innovation_kernel,
    run=innovation_run,
    tables=innovation_tables,
)


# --- prize fund ---


class PrizeInputs(NamedTuple):
    prize_budget: int


class PrizeSteps(NamedTuple):
    prize_required: int
    prize_short: int
    prize_kept: int


PRIZE_WIDTH = len(PrizeInputs._fields)


def prize_tables(pack: PackOnDate) -> FloorTables:
    return FloorTables(pack["budget.prize_fund.floor"])


@compiled
def prize_kernel(x, t):
    shortfall = short(t.floor, x.prize_budget)
    return PrizeSteps(t.floor, shortfall, kept(shortfall))


@compiled
def prize_run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, prize_kernel(PrizeInputs(*row(columns[:, index], PRIZE_WIDTH)), t))


PRIZE_FUND = Family(
    id="budget.prize_fund",
    label="百万级奖励基金",
    mechanisms=("budget.prize_fund",),
    inputs=PrizeInputs,
    outputs=PrizeSteps,
    steps={
        "prize_required": Step("奖励基金应不低于", units.FEN, "budget.prize_fund.floor"),
        "prize_short": Step("奖励基金缺口", units.FEN),
        "prize_kept": Step("奖励基金达标", units.FLAG, "budget.prize_fund.floor"),
    },
    kernel=prize_kernel,
    run=prize_run,
    tables=prize_tables,
)

FAMILIES = (PAY_LINE, TRAINING_50K, ILLNESS, INNOVATION_FUND, PRIZE_FUND)
