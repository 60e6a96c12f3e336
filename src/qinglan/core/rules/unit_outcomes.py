"""What a unit's year looks like: colour, satisfaction, stability and Jianghan's three indices.

assess.traffic_light: S3 gives the colours and the talk after two yellow years; thresholds and what red asks are the district's.
assess.satisfaction and assess.stability: S3 gives the targets (over 90 %, 85 %). assess.jh_three_index: S2 三（三）.
"""

from typing import NamedTuple

from qinglan.core.frame import units
from qinglan.core.frame.codes import Colour, IndexScheme, ThreeIndex, UnitAction
from qinglan.core.frame.missing import Reason, missing
from qinglan.core.packs.items import Item
from qinglan.core.packs.pack import PackOnDate
from qinglan.core.rules.compiling import compiled
from qinglan.core.rules.families import Family, Step, row, store
from qinglan.core.rules.numbers import band_row, divide_half_up, first_missing, is_missing, weighted_mean
from qinglan.core.rules.shapes import Bands, Scalar, Table, Weights

LIGHT, SATISFACTION, STABILITY = "assess.traffic_light", "assess.satisfaction", "assess.stability"
THREE = "assess.jh_three_index"
TOO_FEW = missing(Reason.TOO_FEW)
NOT_APPLICABLE = missing(Reason.NOT_APPLICABLE)
NOT_IN_PACK = missing(Reason.NOT_IN_PACK)

ITEMS = (
    Item(f"{LIGHT}.bands", "红黄蓝分数线", Bands(units.SCORE, units.CODE, Colour), LIGHT),
    Item(f"{LIGHT}.actions", "各颜色当年的处置", Table(Colour, units.CODE, UnitAction, every=True), LIGHT),
    Item(f"{LIGHT}.yellow_years", "连续几年黄牌须处置", Scalar(units.YEARS, minimum=1, maximum=2), LIGHT),
    Item(f"{LIGHT}.yellow_action", "连续黄牌的处置", Scalar(units.CODE, UnitAction), LIGHT),
    Item(f"{SATISFACTION}.least_ballots", "满意度的最少有效票数", Scalar(units.COUNT), SATISFACTION),
    Item(f"{SATISFACTION}.target", "满意度目标（须超过）", Scalar(units.PERCENT, maximum=10_000), SATISFACTION),
    Item(f"{STABILITY}.target", "队伍稳定性目标（须达到）", Scalar(units.PERCENT, maximum=10_000), STABILITY),
    Item(f"{THREE}.weights", "三个一级指标的权重", Weights(ThreeIndex), THREE),
    Item(
        f"{THREE}.scheme", "一级指标的名称用哪一种", Scalar(units.CODE, IndexScheme), THREE,
        help="S2 三（三）前后两种说法：一处写协作化，一处写社会工作室；照所选的原文显示",
    ),
)  # fmt: skip


class LightInputs(NamedTuple):
    unit_composite: int
    last_colour: int


class LightSteps(NamedTuple):
    colour: int
    yellow_in_a_row: int
    unit_action: int
    colour_row: int


LIGHT_WIDTH = len(LightInputs._fields)


class LightTables(NamedTuple):
    bands: object
    actions: object
    yellow_years: int
    yellow_action: int


def light_tables(pack: PackOnDate) -> LightTables:
    return LightTables(*(pack[f"{LIGHT}.{name}"] for name in ("bands", "actions", "yellow_years", "yellow_action")))


@compiled
def light_kernel(x, t):
    taken = -1
    colour = x.unit_composite
    if not is_missing(x.unit_composite):
        taken = band_row(t.bands.lower, x.unit_composite)
        colour = NOT_IN_PACK if taken < 0 else t.bands.value[taken]
    years = 0
    if colour == 2:
        years = 2 if x.last_colour == 2 else 1
    action = colour if is_missing(colour) else t.actions[colour]
    if years >= t.yellow_years:
        action = t.yellow_action
    return LightSteps(colour, years, action, taken)


@compiled
def light_run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, light_kernel(LightInputs(*row(columns[:, index], LIGHT_WIDTH)), t))


TRAFFIC_LIGHT = Family(
    id=LIGHT,
    label="红黄蓝三色预警",
    mechanisms=(LIGHT,),
    inputs=LightInputs,
    outputs=LightSteps,
    steps={
        "colour": Step("颜色", units.CODE, f"{LIGHT}.bands", "colour_row", codes=Colour.labels()),
        "yellow_in_a_row": Step("连续黄牌年数（至多看两年）", units.YEARS, f"{LIGHT}.yellow_years"),
        "unit_action": Step("建议处置", units.CODE, f"{LIGHT}.actions", "colour", codes=UnitAction.labels()),
        "colour_row": Step("分数线行", units.ROW, hidden=True),
    },
    kernel=light_kernel,
    run=light_run,
    tables=light_tables,
    headline="colour",
)


class SatisfactionInputs(NamedTuple):
    satisfied_ballots: int
    satisfaction_ballots: int


class SatisfactionSteps(NamedTuple):
    satisfaction_ballots_required: int
    satisfaction: int
    satisfaction_target: int
    satisfaction_reached: int


SATISFACTION_WIDTH = len(SatisfactionInputs._fields)


class SatisfactionTables(NamedTuple):
    least_ballots: int
    target: int


def satisfaction_tables(pack: PackOnDate) -> SatisfactionTables:
    return SatisfactionTables(pack[f"{SATISFACTION}.least_ballots"], pack[f"{SATISFACTION}.target"])


@compiled
def satisfaction_kernel(x, t):
    """The target is held against the exact share, not the rounded one: 90.004 % is over 90 %."""
    absent = first_missing((x.satisfaction_ballots, x.satisfied_ballots))
    if absent != 0:
        share = absent
        reached = absent
    elif x.satisfaction_ballots < t.least_ballots or x.satisfaction_ballots == 0:
        share = TOO_FEW
        reached = TOO_FEW
    else:
        share = divide_half_up(x.satisfied_ballots * 10_000, x.satisfaction_ballots)
        reached = 1 if x.satisfied_ballots * 10_000 > t.target * x.satisfaction_ballots else 0
    return SatisfactionSteps(t.least_ballots, share, t.target, reached)


@compiled
def satisfaction_run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, satisfaction_kernel(SatisfactionInputs(*row(columns[:, index], SATISFACTION_WIDTH)), t))


SATISFACTION_FAMILY = Family(
    id=SATISFACTION,
    label="居民满意度",
    mechanisms=(SATISFACTION,),
    inputs=SatisfactionInputs,
    outputs=SatisfactionSteps,
    steps={
        "satisfaction_ballots_required": Step("满意度要求的有效票数", units.COUNT, f"{SATISFACTION}.least_ballots"),
        "satisfaction": Step("居民满意度", units.PERCENT, f"{SATISFACTION}.least_ballots"),
        "satisfaction_target": Step("满意度目标", units.PERCENT, f"{SATISFACTION}.target"),
        "satisfaction_reached": Step("满意度超过目标", units.FLAG, f"{SATISFACTION}.target"),
    },
    kernel=satisfaction_kernel,
    run=satisfaction_run,
    tables=satisfaction_tables,
    headline="satisfaction",
)


class StabilityInputs(NamedTuple):
    headcount_start: int
    headcount_end: int
    exits_voluntary: int
    exits_dismissed: int
    exits_promoted: int
    exits_other: int


class StabilitySteps(NamedTuple):
    leavers: int
    headcount_sum: int
    stability: int
    promoted_out: int
    promoted_out_rate: int
    other_exits: int
    stability_target: int
    stability_reached: int


STABILITY_WIDTH = len(StabilityInputs._fields)


class StabilityTables(NamedTuple):
    target: int


def stability_tables(pack: PackOnDate) -> StabilityTables:
    return StabilityTables(pack[f"{STABILITY}.target"])


@compiled
def stability_kernel(x, t):
    """1 − leavers ÷ ((start + end) ÷ 2), kept whole: (start + end − 2 × leavers) ÷ (start + end)."""
    absent = first_missing((x.headcount_start, x.headcount_end, x.exits_voluntary, x.exits_dismissed))
    leavers = x.exits_voluntary + x.exits_dismissed if absent == 0 else absent
    total = absent
    rate = absent
    reached = absent
    promoted_rate = first_missing((x.headcount_start, x.headcount_end, x.exits_promoted))
    if absent == 0:
        total = x.headcount_start + x.headcount_end
        if total == 0:
            rate = NOT_APPLICABLE
            reached = NOT_APPLICABLE
        else:
            rate = divide_half_up((total - 2 * leavers) * 10_000, total)
            reached = 1 if (total - 2 * leavers) * 10_000 >= t.target * total else 0
    if promoted_rate == 0:
        heads = x.headcount_start + x.headcount_end
        promoted_rate = NOT_APPLICABLE if heads == 0 else divide_half_up(2 * x.exits_promoted * 10_000, heads)
    return StabilitySteps(leavers, total, rate, x.exits_promoted, promoted_rate, x.exits_other, t.target, reached)


@compiled
def stability_run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, stability_kernel(StabilityInputs(*row(columns[:, index], STABILITY_WIDTH)), t))


STABILITY_FAMILY = Family(
    id=STABILITY,
    label="队伍稳定性",
    mechanisms=(STABILITY,),
    inputs=StabilityInputs,
    outputs=StabilitySteps,
    steps={
        "leavers": Step("自愿离职和解聘人数", units.PEOPLE),
        "headcount_sum": Step("年初与年末人数之和（平均人数的两倍）", units.PEOPLE),
        "stability": Step("队伍稳定性", units.PERCENT, f"{STABILITY}.target"),
        "promoted_out": Step("向上流出人数（单列，不计入离岗）", units.PEOPLE),
        "promoted_out_rate": Step("向上流出率", units.PERCENT),
        "other_exits": Step("退休及其他离岗人数（单列）", units.PEOPLE),
        "stability_target": Step("稳定性目标", units.PERCENT, f"{STABILITY}.target"),
        "stability_reached": Step("稳定性达到目标", units.FLAG, f"{STABILITY}.target"),
    },
    kernel=stability_kernel,
    run=stability_run,
    tables=stability_tables,
    headline="stability",
)


class ThreeInputs(NamedTuple):
    index_workers: int
    index_studio: int
    index_residents: int


class ThreeSteps(NamedTuple):
    index_scheme: int
    index_weight_workers: int
    index_weight_studio: int
    index_weight_residents: int
    index_weights_used: int
    index_reweighted: int
    three_index: int


THREE_WIDTH = len(ThreeInputs._fields)


class ThreeTables(NamedTuple):
    weights: object
    scheme: int


def three_tables(pack: PackOnDate) -> ThreeTables:
    return ThreeTables(pack[f"{THREE}.weights"], pack[f"{THREE}.scheme"])


@compiled
def three_kernel(x, t):
    index, used, absent = weighted_mean((x.index_workers, x.index_studio, x.index_residents), t.weights)
    reweighted = 1 if absent == 1 and used > 0 else 0
    return ThreeSteps(t.scheme, t.weights[1], t.weights[2], t.weights[3], used, reweighted, index)


@compiled
def three_run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, three_kernel(ThreeInputs(*row(columns[:, index], THREE_WIDTH)), t))


THREE_FAMILY = Family(
    id=THREE,
    label="三个一级指标",
    mechanisms=(THREE,),
    inputs=ThreeInputs,
    outputs=ThreeSteps,
    steps={
        "index_scheme": Step("一级指标名称", units.CODE, f"{THREE}.scheme", codes=IndexScheme.labels()),
        "index_weight_workers": Step("第一项（专业化）权重", units.PERCENT, f"{THREE}.weights"),
        "index_weight_studio": Step("第二项（工作室或协作化）权重", units.PERCENT, f"{THREE}.weights"),
        "index_weight_residents": Step("第三项（组织化）权重", units.PERCENT, f"{THREE}.weights"),
        "index_weights_used": Step("有分数的指标权重合计", units.PERCENT),
        "index_reweighted": Step("指标权重已重新归一（有指标缺失）", units.FLAG),
        "three_index": Step("三项指标综合", units.SCORE, f"{THREE}.weights"),
    },
    kernel=three_kernel,
    run=three_run,
    tables=three_tables,
)

FAMILIES = (TRAFFIC_LIGHT, SATISFACTION_FAMILY, STABILITY_FAMILY, THREE_FAMILY)
