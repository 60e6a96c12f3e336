"""What a run says: indicators by month, year and group, bands over the replicates, and paired differences with intervals.

A band is where the middle of the replicates lies: chance alone, not the doubt about the assumptions. Differences are taken
replicate by replicate, because baseline and candidate met the same luck, so small changes are seen through the noise.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from qinglan.core.frame.codes import Post, Sex, Tier
from qinglan.core.twin.chance import reach
from qinglan.core.twin.columns import AGE_BANDS, AGES, SEXES, TIERS, M
from qinglan.core.twin.gathering import Gathered, Y
from qinglan.core.twin.starting import Run

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
FEN = 100
Values = np.ndarray


@dataclass(frozen=True)
class Indicator:
    """A number of the whole place. `of` gives (R, T) by month or (R, N) by year, without NaN."""

    name: str
    label: str
    unit: str
    yearly: bool
    of: Callable[[Gathered, Run], Values]
    flow: bool = False  # months of a year add up
    second: bool = False  # known from the second lived year on: nobody lived the year before the first

    def known(self, years: Values) -> Values:
        """(R, N) by year, with NaN where it is not known: for what is shown or stored, never for sums."""
        if not self.second or not years.shape[1]:
            return years
        values = years.astype(float)
        values[:, 0] = np.nan
        return values


def _month(measure: int) -> Callable[[Gathered, Run], Values]:
    return lambda got, run: got.months[:, :, measure].astype(float)


def _mean(measure: int, scale: float) -> Callable[[Gathered, Run], Values]:
    return lambda got, run: _ratio(got.months[:, :, measure], got.months[:, :, M.HEADS] * scale)


def _ratio(over: Values, under: Values) -> Values:
    """over / under; 0 where there is nobody."""
    return np.where(under > 0, over / np.maximum(under, 1e-9), 0.0)


def _growth(got: Gathered, run: Run) -> Values:
    bill = _years(got.bill)
    return np.concatenate(
        [np.zeros((len(bill), min(1, bill.shape[1]))), _ratio(np.diff(bill, axis=1), bill[:, :-1])], axis=1
    )


def _years(months: Values) -> Values:
    return months.reshape(len(months), -1, 12).sum(axis=2)


INDICATORS: dict[str, Indicator] = {
    one.name: one
    for one in (
        Indicator("heads", "在岗人数", "人", False, _month(M.HEADS)),
        Indicator("vacant", "空岗", "个", False, _month(M.VACANT)),
        Indicator("recruits", "新入职", "人", False, _month(M.RECRUITS), True),
        Indicator("voluntary", "自愿离职", "人", False, _month(M.VOLUNTARY), True),
        Indicator("dismissed", "解聘", "人", False, _month(M.DISMISSED), True),
        Indicator("retired", "退休", "人", False, _month(M.RETIRED), True),
        Indicator("promoted", "向上流出", "人", False, _month(M.PROMOTED), True),
        Indicator("burnt", "有倦怠的人", "比例", False, _mean(M.BURNT, 1)),
        Indicator("satisfaction", "工作满意", "程度", False, _mean(M.SATISFACTION, 10_000)),
        Indicator("ability", "六能力平均", "分", False, _mean(M.ABILITY, 100)),
        Indicator("load", "人均任务量（平常为 1）", "倍", False, _mean(M.LOAD, 10_000)),
        Indicator("mentored", "有师傅带的人", "比例", False, _mean(M.MENTORED, 1)),
        Indicator("bill", "应发工资", "元", False, lambda got, run: got.bill / FEN, True),
        Indicator("cost", "单位用工成本", "元", False, lambda got, run: got.cost / FEN, True),
        Indicator(
            "training_cost", "培训费用", "元", False,
            lambda got, run: got.months[:, :, M.HOURS] / 100 * run.behaviour.training_cost, True,
        ),
        Indicator("stability", "队伍稳定性", "比例", True, lambda got, run: np.maximum(got.stability, 0) / 10_000),
        Indicator("rises", "晋升一档", "人", True, lambda got, run: got.post_year[:, :, :, Y.RISES].sum(axis=2).astype(float)),
        Indicator(
            "rotated", "跨街道交流", "人", True, lambda got, run: got.post_year[:, :, :, Y.ROTATED].sum(axis=2).astype(float)
        ),
        Indicator("bill_growth", "应发工资比上年", "比例", True, _growth, second=True),
        Indicator("hours", "人均培训学时", "学时", True, lambda got, run: _per_head(got, M.HOURS, 100)),
        Indicator(
            "residents", "居民满意率", "比例", True,
            lambda got, run: _ratio(got.satisfied.sum(axis=2), got.votes.sum(axis=2)),
        ),
    )
}  # fmt: skip


def _per_head(got: Gathered, measure: int, scale: float) -> Values:
    heads = _years(got.months[:, :, M.HEADS]) / 12
    return _ratio(_years(got.months[:, :, measure]) / scale, heads)


@dataclass(frozen=True)
class Band:
    """Over replicates, by time: mean (T,), and quantiles {q: (T,)}."""

    mean: Values
    quantiles: dict[float, Values]


def band(values: Values) -> Band:
    """The band of (R, T) values."""
    return Band(values.mean(axis=0), {q: np.quantile(values, q, axis=0) for q in QUANTILES})


@dataclass(frozen=True)
class Difference:
    """Candidate − baseline by time (T,): mean, its 95% interval by chance (Student's t; NaN with one replicate), and the share of
    replicates in which it is above nought."""

    mean: Values
    low: Values
    high: Values
    above: Values


def difference(baseline: Values, candidate: Values) -> Difference:
    """Paired by replicate. Raises ValueError when the runs have not the same replicates and months."""
    if baseline.shape != candidate.shape:
        raise ValueError("两次推演的重复次数或月数不同，不能逐次相减；请用同样的次数与月数。")
    apart = candidate - baseline
    mean = apart.mean(axis=0)
    half = reach(apart)
    return Difference(mean, mean - half, mean + half, (apart > 0).mean(axis=0))


# --- groups ---

DIMENSIONS = {"unit": "社区", "subdistrict": "街道", "sex": "性别", "age": "年龄", "tier": "层级", "post": "岗位"}
GROUP_MEASURES: dict[str, tuple[str, str, Callable[[Values, Values], Values]]] = {
    "heads": ("平均在岗人数", "人", lambda m, y: m[..., M.HEADS] / 12),
    "stability": (
        "留任（1 − 自愿离职与解聘 ÷ 月均人数）", "比例",
        lambda m, y: np.where(
            m[..., M.HEADS] > 0,
            1 - (m[..., M.VOLUNTARY] + m[..., M.DISMISSED]) * 12 / np.maximum(m[..., M.HEADS], 1), 1.0,
        ),
    ),
    "burnt": ("有倦怠的人", "比例", lambda m, y: _ratio(m[..., M.BURNT], m[..., M.HEADS])),
    "satisfaction": ("工作满意", "程度", lambda m, y: _ratio(m[..., M.SATISFACTION], m[..., M.HEADS] * 10_000)),
    "ability": ("六能力平均", "分", lambda m, y: _ratio(m[..., M.ABILITY], m[..., M.HEADS] * 100)),
    "pay": ("人均月应发", "元", lambda m, y: _ratio(y[..., Y.GROSS], y[..., Y.PAID] * FEN)),
    "rises": ("晋升一档", "人", lambda m, y: y[..., Y.RISES].astype(float)),
    "excellent": ("优秀", "比例", lambda m, y: _ratio(y[..., Y.EXCELLENT], y[..., Y.GRADED])),
}  # fmt: skip


def groups(run: Run, got: Gathered, dimension: str) -> Mapping[str, tuple[Values, Values]]:
    """{group: (months' sums (R, N, MEASURES), year's sums (R, N, YEARLIES))}; groups in which nobody ever stood are left out."""
    if dimension in ("unit", "subdistrict"):
        units = run.people.units
        names = units.codes if dimension == "unit" else sorted({code[:9] for code in units.codes})
        place = np.arange(len(names)) if dimension == "unit" else units.subdistrict
        both = got.unit, got.unit_year
    elif dimension == "post":
        names = ["", *(post.label for post in Post)]
        place = np.arange(len(names))
        both = got.post, got.post_year
    else:
        cells = np.arange(SEXES * AGES * TIERS)
        names, place = {
            "sex": ([one.label for one in Sex], cells // (AGES * TIERS)),
            "age": (list(AGE_BANDS), cells // TIERS % AGES),
            "tier": ([one.label for one in Tier], cells % TIERS),
        }[dimension]
        both = got.cell, got.cell_year
    found = {}
    for number, name in enumerate(names):
        inside = np.flatnonzero(place == number)
        months, years = (table[:, :, inside].sum(axis=2) for table in both)
        if months[..., M.HEADS].any():
            found[name] = (months, years)
    return found


def by_group(run: Run, got: Gathered, dimension: str, measure: str) -> dict[str, Values]:
    """{group: (R, N)} of one measure."""
    of = GROUP_MEASURES[measure][2]
    return {name: of(months, years) for name, (months, years) in groups(run, got, dimension).items()}


def residents(run: Run, got: Gathered) -> dict[str, Values]:
    """{community: (R, N)}: the share of satisfied residents; places that are no community are left out."""
    found = {}
    for number, code in enumerate(run.people.units.codes):
        if got.votes[:, :, number].any():
            found[code] = _ratio(got.satisfied[:, :, number], got.votes[:, :, number])
    return found


def own_pay(got: Gathered) -> Values:
    """(N, slots): mean monthly pay in yuan, over the replicates, of who held each slot at the start while she holds it; 0 when never."""
    return _ratio(got.own_gross, got.own_paid * FEN)
