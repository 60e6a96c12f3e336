"""Failed months, work beside its quality, and the yearly pay tier.

assess.xh_monthly (S4; ladder by mechanisms §3, decision 14): proposals only, a person decides. assess.volume_vs_quality (S2):
volume is never read without quality. assess.cz_annual_tier (S1: 立足工作量和工作效率，年度考核分档次落实待遇补贴).
"""

from typing import NamedTuple

from qinglan.core.frame import units
from qinglan.core.frame.codes import MonthlyAction, PayTier, TierPart, VolumeVerdict
from qinglan.core.frame.missing import Reason, missing
from qinglan.core.packs.items import Item
from qinglan.core.packs.pack import PackOnDate
from qinglan.core.rules.compiling import compiled
from qinglan.core.rules.families import Family, Step, row, store
from qinglan.core.rules.numbers import band_row, day_number, divide_half_up, is_missing, weighted_mean
from qinglan.core.rules.shapes import Bands, Scalar, Table, Weights

MONTHLY, VOLUME, TIER = "assess.xh_monthly", "assess.volume_vs_quality", "assess.cz_annual_tier"
NOT_APPLICABLE = missing(Reason.NOT_APPLICABLE)
SOURCE_MISSING = missing(Reason.SOURCE_MISSING)

ITEMS = (
    Item(f"{MONTHLY}.pass_mark", "月度考核合格分", Scalar(units.SCORE), MONTHLY),
    Item(f"{MONTHLY}.window_months", "累计不合格的月数范围", Scalar(units.MONTHS, minimum=1, maximum=12), MONTHLY),
    Item(f"{MONTHLY}.warning_fails", "几次月度不合格建议警告", Scalar(units.COUNT, minimum=1), MONTHLY),
    Item(f"{MONTHLY}.talk_fails", "几次月度不合格建议诫勉谈话", Scalar(units.COUNT, minimum=1), MONTHLY),
    Item(f"{VOLUME}.quality_floor", "工作量可用的质量下限", Scalar(units.SCORE), VOLUME),
    Item(f"{TIER}.weights", "分档评分的权重", Weights(TierPart), TIER),
    Item(
        f"{TIER}.volume_norm", "全年工作量基准（件）", Scalar(units.COUNT, minimum=1), TIER,
        help="达到基准为 100 分，超过不再加分；在岗不满一年按天数折算",
    ),
    Item(f"{TIER}.bands", "待遇档分数线", Bands(units.SCORE, units.CODE, PayTier), TIER),
    Item(f"{TIER}.amounts", "各档全年待遇补贴", Table(PayTier, units.FEN, every=True), TIER),
)  # fmt: skip


class MonthlyInputs(NamedTuple):
    last_month_score_01: int
    last_month_score_02: int
    last_month_score_03: int
    last_month_score_04: int
    last_month_score_05: int
    last_month_score_06: int
    last_month_score_07: int
    last_month_score_08: int
    last_month_score_09: int
    last_month_score_10: int
    last_month_score_11: int
    last_month_score_12: int
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


class MonthlySteps(NamedTuple):
    monthly_pass_mark: int
    months_scored: int
    months_failed: int
    worst_window_fails: int
    warning_month: int
    talk_month: int
    monthly_action: int


MONTHLY_WIDTH = len(MonthlyInputs._fields)


class MonthlyTables(NamedTuple):
    pass_mark: int
    window_months: int
    warning_fails: int
    talk_fails: int


def monthly_tables(pack: PackOnDate) -> MonthlyTables:
    names = ("pass_mark", "window_months", "warning_fails", "talk_fails")
    return MonthlyTables(*(pack[f"{MONTHLY}.{name}"] for name in names))


@compiled
def monthly_kernel(x, t):
    """A month without a score has not failed. The window ends in each month of this year and may reach into the last."""
    scored = 0
    failed = 0
    worst = 0
    warning = NOT_APPLICABLE
    talk = NOT_APPLICABLE
    for month in range(1, 13):
        score = x[11 + month]
        fails_now = 0
        if not is_missing(score):
            scored += 1
            fails_now = 1 if score < t.pass_mark else 0
        failed += fails_now
        fails = 0
        for back in range(t.window_months):
            past = x[11 + month - back]
            fails += 1 if not is_missing(past) and past < t.pass_mark else 0
        if fails_now == 1:
            worst = fails if fails > worst else worst
            if fails >= t.warning_fails and is_missing(warning):
                warning = month
            if fails >= t.talk_fails and is_missing(talk):
                talk = month
    action = 2 if not is_missing(talk) else 1 if not is_missing(warning) else 0
    return MonthlySteps(t.pass_mark, scored, failed, worst, warning, talk, action)


@compiled
def monthly_run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, monthly_kernel(MonthlyInputs(*row(columns[:, index], MONTHLY_WIDTH)), t))


MONTHLY_FAMILY = Family(
    id=MONTHLY,
    label="月度考核",
    mechanisms=(MONTHLY,),
    inputs=MonthlyInputs,
    outputs=MonthlySteps,
    steps={
        "monthly_pass_mark": Step("月度合格分", units.SCORE, f"{MONTHLY}.pass_mark"),
        "months_scored": Step("本年有月度分的月数", units.MONTHS),
        "months_failed": Step("本年不合格月数", units.MONTHS, f"{MONTHLY}.pass_mark"),
        "worst_window_fails": Step("不合格当月起往前累计的最多次数", units.COUNT, f"{MONTHLY}.window_months"),
        "warning_month": Step("达到警告的月份", units.COUNT, f"{MONTHLY}.warning_fails"),
        "talk_month": Step("达到诫勉谈话的月份", units.COUNT, f"{MONTHLY}.talk_fails"),
        "monthly_action": Step("建议措施（由人决定）", units.CODE, codes=MonthlyAction.labels()),
    },
    kernel=monthly_kernel,
    run=monthly_run,
    tables=monthly_tables,
)


class VolumeInputs(NamedTuple):
    work_volume: int
    work_quality: int


class VolumeSteps(NamedTuple):
    volume_shown: int
    quality_shown: int
    quality_floor: int
    volume_verdict: int
    volume_counted: int


VOLUME_WIDTH = len(VolumeInputs._fields)


class VolumeTables(NamedTuple):
    quality_floor: int


def volume_tables(pack: PackOnDate) -> VolumeTables:
    return VolumeTables(pack[f"{VOLUME}.quality_floor"])


@compiled
def volume_kernel(x, t):
    """Volume that counts: all of it when quality reaches the floor, none below, unknown when nobody judged the quality."""
    if is_missing(x.work_volume):
        verdict = 0
        counted = x.work_volume
    elif is_missing(x.work_quality):
        verdict = 3
        counted = SOURCE_MISSING
    elif x.work_quality < t.quality_floor:
        verdict = 2
        counted = 0
    else:
        verdict = 1
        counted = x.work_volume
    return VolumeSteps(x.work_volume, x.work_quality, t.quality_floor, verdict, counted)


@compiled
def volume_run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, volume_kernel(VolumeInputs(*row(columns[:, index], VOLUME_WIDTH)), t))


VOLUME_FAMILY = Family(
    id=VOLUME,
    label="工作量与工作质量",
    mechanisms=(VOLUME,),
    inputs=VolumeInputs,
    outputs=VolumeSteps,
    steps={
        "volume_shown": Step("完成工作量（件）", units.COUNT),
        "quality_shown": Step("工作质量", units.SCORE),
        "quality_floor": Step("质量下限", units.SCORE, f"{VOLUME}.quality_floor"),
        "volume_verdict": Step("量与质", units.CODE, f"{VOLUME}.quality_floor", codes=VolumeVerdict.labels()),
        "volume_counted": Step("可计的工作量（件）", units.COUNT, f"{VOLUME}.quality_floor"),
    },
    kernel=volume_kernel,
    run=volume_run,
    tables=volume_tables,
    headline="volume_verdict",
)


class TierInputs(NamedTuple):
    year: int
    composite: int
    volume_counted: int
    work_quality: int
    employed_days: int


class TierSteps(NamedTuple):
    volume_norm: int
    volume_points: int
    tier_reweighted: int
    tier_score: int
    pay_tier: int
    tier_amount_full: int
    tier_amount: int
    tier_band_row: int


TIER_WIDTH = len(TierInputs._fields)


class TierTables(NamedTuple):
    weights: object
    volume_norm: int
    bands: object
    amounts: object


def tier_tables(pack: PackOnDate) -> TierTables:
    return TierTables(*(pack[f"{TIER}.{name}"] for name in ("weights", "volume_norm", "bands", "amounts")))


@compiled
def tier_kernel(x, t):
    """Points of volume: counted ÷ (norm × days ÷ days of the year) × 100, at most 100. Below the lowest band: no tier."""
    year_days = day_number(x.year + 1, 1, 1) - day_number(x.year, 1, 1)
    points = x.volume_counted
    if not is_missing(points):
        points = NOT_APPLICABLE
        if x.employed_days > 0:
            points = divide_half_up(x.volume_counted * year_days * 10_000, t.volume_norm * x.employed_days)
            points = 10_000 if points > 10_000 else points
    score, _, absent = weighted_mean((x.composite, points, x.work_quality), t.weights)
    reweighted = 1 if absent == 1 and not is_missing(score) else 0
    taken = -1 if is_missing(score) else band_row(t.bands.lower, score)
    tier = score if is_missing(score) else 0
    if taken >= 0:
        tier = t.bands.value[taken]
    full = tier if is_missing(tier) else t.amounts[tier]
    amount = full if is_missing(full) else divide_half_up(full * x.employed_days, year_days)
    return TierSteps(t.volume_norm, points, reweighted, score, tier, full, amount, taken)


@compiled
def tier_run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, tier_kernel(TierInputs(*row(columns[:, index], TIER_WIDTH)), t))


TIER_FAMILY = Family(
    id=TIER,
    label="年度考核分档待遇",
    mechanisms=(TIER,),
    inputs=TierInputs,
    outputs=TierSteps,
    steps={
        "volume_norm": Step("全年工作量基准（件）", units.COUNT, f"{TIER}.volume_norm"),
        "volume_points": Step("工作量得分", units.SCORE, f"{TIER}.volume_norm"),
        "tier_reweighted": Step("分档评分权重已重新归一", units.FLAG),
        "tier_score": Step("分档评分", units.SCORE, f"{TIER}.weights"),
        "pay_tier": Step("拟定待遇档", units.CODE, f"{TIER}.bands", "tier_band_row", codes=PayTier.labels()),
        "tier_amount_full": Step("该档全年待遇补贴", units.FEN, f"{TIER}.amounts", "pay_tier"),
        "tier_amount": Step("按在岗天数的待遇补贴", units.FEN),
        "tier_band_row": Step("分数线行", units.ROW, hidden=True),
    },
    kernel=tier_kernel,
    run=tier_run,
    tables=tier_tables,
    headline="pay_tier",
)

FAMILIES = (MONTHLY_FAMILY, VOLUME_FAMILY, TIER_FAMILY)
