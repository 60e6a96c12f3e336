"""A person's year of pay held against the scheme: eight items, the calibration figure, load beside pay.

pay.eight_items (S1) is a checklist with amounts; pay.max_yijiantiao compares the top 一肩挑 with the figure of the source;
pay.effort_gap (S2) shows whether a certified worker's pay follows her load.
"""

from typing import NamedTuple

from qinglan.core.frame import units
from qinglan.core.frame.codes import EightItem, Post
from qinglan.core.frame.missing import Reason, missing
from qinglan.core.packs.items import Item
from qinglan.core.packs.pack import PackOnDate
from qinglan.core.rules.compiling import compiled
from qinglan.core.rules.families import Family, Step, row, store
from qinglan.core.rules.numbers import divide_half_up, first_missing, is_missing
from qinglan.core.rules.pay_parts import ANY, NOT_IN_PACK
from qinglan.core.rules.shapes import Scalar, Table

TOO_FEW = missing(Reason.TOO_FEW)
YIJIANTIAO = int(Post.SECRETARY_DIRECTOR)

ITEMS = (
    Item("pay.eight_items.provided", "本区落实的待遇", Table(EightItem, units.FLAG), "pay.eight_items"),
    Item("pay.eight_items.checkup", "体检费（每人每年）", Scalar(units.FEN, maximum=10**8), "pay.eight_items"),
    Item(
        "pay.max_yijiantiao.monthly", "“一肩挑”最高月均报酬（校准值）", Scalar(units.FEN), "pay.max_yijiantiao",
        help="按应发计", optional=True,
    ),
    Item("pay.effort_gap.peers", "与几名以上无证同事比较", Scalar(units.PEOPLE, minimum=1), "pay.effort_gap"),
    Item("pay.effort_gap.follow", "多出的报酬至少是多出工作量的几成", Scalar(units.PERCENT), "pay.effort_gap"),
)  # fmt: skip


# --- eight items ---


class EightInputs(NamedTuple):
    year_basic: int
    year_performance: int
    year_contributions: int
    year_certificate: int
    year_communications: int
    year_festivals: int
    checkup_taken: int
    pay_certificate: int


class EightSteps(NamedTuple):
    eight_basic: int
    eight_performance: int
    eight_insurance: int
    eight_certificate: int
    eight_communications: int
    eight_retirement: int
    eight_checkup: int
    eight_festivals: int
    checkup_cost: int
    eight_due: int
    eight_done: int


class EightTables(NamedTuple):
    provided: object
    checkup: int


EIGHT_WIDTH = len(EightInputs._fields)


def eight_tables(pack: PackOnDate) -> EightTables:
    return EightTables(pack["pay.eight_items.provided"], pack["pay.eight_items.checkup"])


@compiled
def checked(provided, amount):
    """1 given, 0 not given; 不适用 where the district does not provide it; missing if the amount is."""
    if provided != 1:
        return ANY
    if is_missing(amount):
        return amount
    return 1 if amount > 0 else 0


@compiled
def eight_kernel(x, t):
    basic = checked(t.provided[1], x.year_basic)
    performance = checked(t.provided[2], x.year_performance)
    insurance = checked(t.provided[3], x.year_contributions)
    certificate = ANY
    if not is_missing(x.pay_certificate) and x.pay_certificate > 0:
        certificate = checked(t.provided[4], x.year_certificate)
    communications = checked(t.provided[5], x.year_communications)
    checkup = checked(t.provided[7], 1 if x.checkup_taken == 1 else 0)
    festivals = checked(t.provided[8], x.year_festivals)
    due = 0
    done = 0
    for value in (basic, performance, insurance, certificate, communications, checkup, festivals):
        if value != ANY:
            due += 1
        if value == 1:
            done += 1
    cost = t.checkup if checkup == 1 else 0
    return EightSteps(
        basic, performance, insurance, certificate, communications, ANY, checkup, festivals, cost, due, done
    )


@compiled
def eight_run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, eight_kernel(EightInputs(*row(columns[:, index], EIGHT_WIDTH)), t))


PROVIDED = "pay.eight_items.provided"
EIGHT_ITEMS = Family(
    id="pay.eight_items",
    label="八项待遇",
    mechanisms=("pay.eight_items",),
    inputs=EightInputs,
    outputs=EightSteps,
    steps={
        "eight_basic": Step("基本报酬已落实", units.FLAG, PROVIDED, 1),
        "eight_performance": Step("绩效报酬已落实", units.FLAG, PROVIDED, 2),
        "eight_insurance": Step("五险一金已落实", units.FLAG, PROVIDED, 3),
        "eight_certificate": Step("职称津贴已落实（持证者）", units.FLAG, PROVIDED, 4),
        "eight_communications": Step("通讯交通津贴已落实", units.FLAG, PROVIDED, 5),
        "eight_retirement": Step("退休补贴（退休时核，见 exit.retire_subsidy）", units.FLAG, PROVIDED, 6),
        "eight_checkup": Step("体检已落实", units.FLAG, PROVIDED, 7),
        "eight_festivals": Step("双节慰问已落实", units.FLAG, PROVIDED, 8),
        "checkup_cost": Step("体检费（不计入应发）", units.FEN, "pay.eight_items.checkup"),
        "eight_due": Step("在职应落实几项", units.COUNT),
        "eight_done": Step("已落实几项", units.COUNT),
    },
    kernel=eight_kernel,
    run=eight_run,
    tables=eight_tables,
)


# --- the calibration figure of the top 一肩挑 ---


class TopInputs(NamedTuple):
    pay_post: int
    year_gross: int
    paid_months: int


class TopSteps(NamedTuple):
    monthly_gross: int
    calibration: int
    calibration_gap: int
    calibrated: int


class TopTables(NamedTuple):
    monthly: int


TOP_WIDTH = len(TopInputs._fields)


def top_tables(pack: PackOnDate) -> TopTables:
    item = "pay.max_yijiantiao.monthly"
    return TopTables(pack[item] if pack.has(item) else NOT_IN_PACK)


@compiled
def top_kernel(x, t):
    monthly = first_missing((x.year_gross, x.paid_months))
    if not is_missing(monthly):
        monthly = divide_half_up(x.year_gross, x.paid_months) if x.paid_months > 0 else ANY
    figure = ANY
    if not is_missing(x.pay_post) and x.pay_post == YIJIANTIAO:
        figure = t.monthly
    gap = first_missing((monthly, figure))
    within = gap
    if not is_missing(gap):
        gap = monthly - figure
        within = 1 if gap <= 0 else 0
    return TopSteps(monthly, figure, gap, within)


@compiled
def top_run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, top_kernel(TopInputs(*row(columns[:, index], TOP_WIDTH)), t))


MAX_YIJIANTIAO = Family(
    id="pay.max_yijiantiao",
    label="“一肩挑”最高报酬",
    mechanisms=("pay.max_yijiantiao",),
    inputs=TopInputs,
    outputs=TopSteps,
    steps={
        "monthly_gross": Step("月均应发", units.FEN),
        "calibration": Step("“一肩挑”最高月均报酬", units.FEN, "pay.max_yijiantiao.monthly"),
        "calibration_gap": Step("与最高月均相差", units.FEN),
        "calibrated": Step("不超过最高月均", units.FLAG),
    },
    kernel=top_kernel,
    run=top_run,
    tables=top_tables,
)


# --- load beside pay ---


class EffortInputs(NamedTuple):
    pay_certificate: int
    pay_work_volume: int
    monthly_gross: int
    peers: int
    peers_volume: int
    peers_monthly: int


class EffortSteps(NamedTuple):
    extra_load: int
    extra_pay: int
    extra_pay_expected: int
    effort_gap: int
    effort_flag: int


class EffortTables(NamedTuple):
    peers: int
    follow: int


EFFORT_WIDTH = len(EffortInputs._fields)


def effort_tables(pack: PackOnDate) -> EffortTables:
    return EffortTables(pack["pay.effort_gap.peers"], pack["pay.effort_gap.follow"])


@compiled
def beyond(own, count, total):
    """By how much `own` exceeds the mean of `count` others, in hundredths of a percent of that mean."""
    return divide_half_up((own * count - total) * 10_000, total)


@compiled
def effort_kernel(x, t):
    absent = first_missing((x.pay_work_volume, x.monthly_gross, x.peers, x.peers_volume, x.peers_monthly))
    if is_missing(x.pay_certificate) or x.pay_certificate == 0:
        absent = ANY
    elif not is_missing(absent) and (x.peers < t.peers or x.peers_volume <= 0 or x.peers_monthly <= 0):
        absent = TOO_FEW
    load, pay, expected, gap, flag = absent, absent, absent, absent, absent
    if not is_missing(absent):
        load = beyond(x.pay_work_volume, x.peers, x.peers_volume)
        pay = beyond(x.monthly_gross, x.peers, x.peers_monthly)
        expected = divide_half_up(max(load, 0) * t.follow, 10_000)
        gap = expected - pay
        flag = 1 if load > 0 and gap > 0 else 0
    return EffortSteps(load, pay, expected, gap, flag)


@compiled
def effort_run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, effort_kernel(EffortInputs(*row(columns[:, index], EFFORT_WIDTH)), t))


EFFORT_GAP = Family(
    id="pay.effort_gap",
    label="持证者多劳多得",
    mechanisms=("pay.effort_gap",),
    inputs=EffortInputs,
    outputs=EffortSteps,
    steps={
        "extra_load": Step("工作量比无证同事多", units.PERCENT, "pay.effort_gap.peers"),
        "extra_pay": Step("月均应发比无证同事多", units.PERCENT),
        "extra_pay_expected": Step("按多劳应多得", units.PERCENT, "pay.effort_gap.follow"),
        "effort_gap": Step("少得", units.PERCENT),
        "effort_flag": Step("多劳不多得，请复核", units.FLAG),
    },
    kernel=effort_kernel,
    run=effort_run,
    tables=effort_tables,
)

FAMILIES = (EIGHT_ITEMS, MAX_YIJIANTIAO, EFFORT_GAP)
