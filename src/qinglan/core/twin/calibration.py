"""The chance to leave by one's own will, from the district's own person-months: how many left, which effects show, how sure that is.

Each recorded month of each person in post on its first day is a trial; leaving by one's own will in that month is the event. The
model is the twin's own (docs/explanation/twin.md §2.7): monthly chance h = 1 − (1 − p)^(1/12), logit p = α + Σ β z, over what a
register shows: age on 1 January and months since entry. Burnout, satisfaction and the rest leave no record and keep their defaults.
Fitted by statsmodels as a binomial regression with that link; where years differ by more than chance, intervals widen accordingly.

A history that is too thin gives no figures of its own: when fewer than `least` have left, and by the default rate fewer than that would
have been expected to, the defaults stand. (Few who left of many is no thin history: it says that the rate is low.) An effect with
fewer than `least_each` leavers on either side keeps its default, and the rest is fitted beside it.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl
from scipy.stats import chi2
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.families.links import Link
from statsmodels.genmod.generalized_linear_model import GLM

from qinglan.core.frame.codes import ExitReason
from qinglan.core.frame.records import Records
from qinglan.core.frame.spells import merged
from qinglan.core.twin.hiring import MONTH_DAYS, OLD, YEAR_DAYS, YOUNG
from qinglan.core.twin.month import NEW_MONTHS
from qinglan.core.twin.parameters import catalogue

# 本区设定: leavers (or expected ones) in all; leavers on either side of an effect, ten being the usual rule of thumb.
LEAST, LEAST_EACH = 50, 10
MOST_YEARS = 10
NORMAL_95 = 1.959963984540054
EFFECTS = ("exit_young", "exit_old", "exit_new")
RATE = "exit_rate"


class YearlyLogit(Link):
    """η = logit p of the monthly chance h = 1 − (1 − p)^(1/12): coefficients are those of the year, trials are months."""

    def __call__(self, p: np.ndarray) -> np.ndarray:
        """η of the monthly chance."""
        stays = (1 - np.clip(p, 1e-12, 1 - 1e-12)) ** 12
        return np.log1p(-stays) - np.log(stays)

    def inverse(self, z: np.ndarray) -> np.ndarray:
        """The monthly chance of η."""
        return -np.expm1(-np.logaddexp(0, z) / 12)

    def deriv(self, p: np.ndarray) -> np.ndarray:
        """dη/dh = 12 / ((1 − h) p), p the yearly chance."""
        h = np.clip(p, 1e-12, 1 - 1e-12)
        return 12 / ((1 - h) * (1 - (1 - h) ** 12))

    def inverse_deriv(self, z: np.ndarray) -> np.ndarray:
        """dh/dη."""
        return (1 - self.inverse(z)) * _logistic(z) / 12


class _Monthly(Binomial):
    """Binomial with the twin's link: its inverse is a chance for every η."""

    links = [YearlyLogit]
    safe_links = [YearlyLogit]


@dataclass(frozen=True)
class Figure:
    """One parameter: the district's figure with its 95 % interval; `used` False: the default stands, `why` says so."""

    name: str
    value: float
    low: float
    high: float
    default: float
    used: bool
    why: str = ""


@dataclass(frozen=True)
class YearSeen:
    """One recorded year: person-months at risk, leavers, and the yearly chance with the exact 95 % interval of a count."""

    year: int
    months: int
    left: int
    rate: float
    low: float
    high: float


@dataclass(frozen=True)
class Calibration:
    """What a history says. `parameters`: what a scenario takes over; empty when the history is too thin. `sentences`: for people."""

    first: int
    last: int
    months: int
    left: int
    least: int
    spread: float
    years: list[YearSeen]
    figures: list[Figure]
    sentences: list[str]

    @property
    def parameters(self) -> dict[str, float]:
        return {one.name: one.value for one in self.figures if one.used}


def _logistic(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def calibrate(
    records: Records, last: int, *, prefix: str = "", first: int = 0, least: int = LEAST, least_each: int = LEAST_EACH
) -> Calibration:
    """The figures of the places under `prefix`, from the years `first`–`last`; 0: from the first year in which an exit is recorded.

    Nothing after 31 December of `last` is looked at. Raises nothing: thin or no history gives the defaults and says why.
    """
    people = _people(records, prefix)
    first = first or _first_recorded(people, last)
    cells = _cells(people, first, last)
    months, left = int(cells.months.sum()), int(cells.left.sum())
    years = [_year(year, *(int(values[cells.year == year].sum()) for values in (cells.months, cells.left)))
             for year in range(first, last + 1)]  # fmt: skip
    expected = months / 12 * catalogue()[RATE].default
    if max(left, expected) < least:
        why = (
            f"{first}–{last} 年共 {months:,} 人月，自愿离职 {left} 人，照默认值也只应有 {expected:.0f} 人，都不到 {least} 人"
            "（本区设定），记录太少，不用本区数字"
        )
        figures = [_default(name, why) for name in (RATE, *EFFECTS)]
        return Calibration(
            first, last, months, left, least, 1.0, years, figures, [f"{why}，各参数仍用默认值（假设）。"]
        )
    return _fitted(cells, _now(people, last), first, last, least, least_each, years)


def _default(name: str, why: str) -> Figure:
    one = catalogue()[name]
    return Figure(name, one.default, one.low, one.high, one.default, False, why)


def _people(records: Records, prefix: str) -> pl.DataFrame:
    """Employments with birth: since, until, reason, birth as day numbers; of those whose last post lies under the prefix."""
    rows = merged(records["employments"]).join(
        records["people"].unique("person", keep="last").select("person", "birth"), on="person", how="left"
    )
    if prefix:
        last = records["postings"].sort("since").unique("person", keep="last", maintain_order=True)
        rows = rows.join(
            last.filter(pl.col("organisation").str.starts_with(prefix)).select("person"), on="person", how="semi"
        )
    days = [pl.col(name).cast(pl.Int32).cast(pl.Int64) for name in ("since", "until", "birth")]
    return rows.select("person", *days, reason=pl.col("exit_reason").fill_null(0))


def _first_recorded(people: pl.DataFrame, last: int) -> int:
    """The first year with an exit: before it, who left was not written down, and only those who stayed are seen."""
    ends = people["until"].drop_nulls().to_list()
    if not ends:
        return last
    earliest = (date(1970, 1, 1) + timedelta(days=min(ends) - 1)).year
    return min(max(earliest, last - MOST_YEARS + 1), last)


@dataclass(frozen=True)
class _Cells:
    """Person-months and leavers by year and covariates (young, old, new as 0/1)."""

    year: np.ndarray
    covariates: np.ndarray
    months: np.ndarray
    left: np.ndarray


def _day(year: int, month: int) -> int:
    return (date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1) - date(1970, 1, 1)).days


def _cells(people: pl.DataFrame, first: int, last: int) -> _Cells:
    """A month at a time, so that a large district needs no table of person-months."""
    since, until = people["since"].to_numpy(), people["until"].fill_null(1 << 40).to_numpy()
    by_choice = people["reason"].to_numpy() == int(ExitReason.VOLUNTARY)
    counts = np.zeros((last - first + 1, 2, 6), np.int64)
    for year in range(first, last + 1):
        age = _age_cell(people, _day(year, 1))
        for month in range(1, 13):
            day, end = _day(year, month), _day(year, month + 1)
            there = (since <= day) & (until > day)
            cell = 2 * age + (since > day - NEW_MONTHS * MONTH_DAYS)
            leaves = there & by_choice & (until <= end)
            counts[year - first, 0] += np.bincount(cell[there], minlength=6)
            counts[year - first, 1] += np.bincount(cell[leaves], minlength=6)
    kinds = np.arange(6)
    covariates = np.stack([kinds // 2 == 1, kinds // 2 == 2, kinds % 2 == 1], axis=1).astype(float)
    return _Cells(
        np.repeat(np.arange(first, last + 1), 6),
        np.tile(covariates, (last - first + 1, 1)),
        counts[:, 0].reshape(-1),
        counts[:, 1].reshape(-1),
    )


def _age_cell(people: pl.DataFrame, day: int) -> np.ndarray:
    """0 between, 1 under 30, 2 over 45; of who has no birth date 0."""
    age = (day - people["birth"].cast(pl.Float64).fill_null(np.nan).to_numpy()) / YEAR_DAYS
    return np.where(age < YOUNG, 1, np.where(age > OLD, 2, 0))


def _now(people: pl.DataFrame, last: int) -> np.ndarray:
    """(people, 3) covariates of those in post when the twin begins, on 1 January after `last`."""
    day = _day(last + 1, 1)
    there = people.filter((pl.col("since") < day) & (pl.col("until").is_null() | (pl.col("until") >= day)))
    age = _age_cell(there, day)
    new = there["since"].to_numpy() > day - NEW_MONTHS * MONTH_DAYS
    return np.stack([age == 1, age == 2, new], axis=1).astype(float)


def _year(year: int, months: int, left: int) -> YearSeen:
    """The interval of a count by Wilson's formula on person-months, read as a yearly chance."""
    if not months:
        return YearSeen(year, 0, left, 0.0, 0.0, 0.0)
    share, z = left / months, NORMAL_95
    middle = (share + z * z / (2 * months)) / (1 + z * z / months)
    half = z * np.sqrt(share * (1 - share) / months + z * z / (4 * months * months)) / (1 + z * z / months)
    rate, low, high = (float(1 - (1 - max(h, 0.0)) ** 12) for h in (share, middle - half, middle + half))
    return YearSeen(year, months, left, rate, low, high)


def _fitted(
    cells: _Cells, now: np.ndarray, first: int, last: int, least: int, least_each: int, years: list[YearSeen]
) -> Calibration:
    some = cells.months > 0
    x, months, left = cells.covariates[some], cells.months[some], cells.left[some]
    if left.sum() < least_each:
        return _few(int(months.sum()), int(left.sum()), first, last, least, least_each, years)
    sides = [(int(left[x[:, at] == 1].sum()), int(left[x[:, at] == 0].sum())) for at in range(3)]
    shown = [at for at in range(3) if min(sides[at]) >= least_each]
    held = [at for at in range(3) if at not in shown]
    defaults = np.array([catalogue()[name].default for name in EFFECTS])
    offset = x[:, held] @ defaults[held]
    table = np.column_stack([np.ones(len(x)), x[:, shown]])
    model = GLM(np.column_stack([left, months - left]), table, family=_Monthly(link=YearlyLogit()), offset=offset)
    found = model.fit(start_params=_from(left, months, offset, len(shown)))
    # Where cells scatter more than binomial chance allows (years that differ), the intervals are widened; never narrowed.
    spread = max(float(found.pearson_chi2 / found.df_resid) if found.df_resid else 1.0, 1.0)
    errors = np.sqrt(np.diag(found.cov_params()) * spread)
    figures = [_rate(found.params, found.cov_params() * spread, now, shown, held, defaults)]
    for at, name in enumerate(EFFECTS):
        if at in shown:
            value, error = float(found.params[1 + shown.index(at)]), float(errors[1 + shown.index(at)])
            figures.append(_figure(name, value, value - NORMAL_95 * error, value + NORMAL_95 * error))
        else:
            figures.append(
                _default(name, f"一边的离职者只有 {min(sides[at])} 人，不到 {least_each} 人（本区设定），仍用默认值")
            )
    rate = figures[0]
    sentences = [
        f"{first}–{last} 年共 {int(months.sum()):,} 人月，自愿离职 {int(left.sum())} 人；折算起始队伍每年自愿离职 {rate.value:.1%}"
        f"（95% 区间 {rate.low:.1%}–{rate.high:.1%}），默认值（假设）是 {rate.default:.1%}。"
    ]
    if spread > 1.5:
        sentences.append(f"各年、各类人之间的差别比偶然大（离散度 {spread:.1f}），区间已相应放宽。")
    return Calibration(first, last, int(months.sum()), int(left.sum()), least, spread, years, figures, sentences)


def _few(
    months: int, left: int, first: int, last: int, least: int, least_each: int, years: list[YearSeen]
) -> Calibration:
    """Hardly anybody left of many: the rate by the exact interval of a count, no effect."""
    value, low, high = (float(1 - (1 - min(count / months, 1.0)) ** 12) for count in counted(left))
    why = f"离职者只有 {left} 人，不到 {least_each} 人（本区设定），仍用默认值"
    figures = [_figure(RATE, value, low, high), *(_default(name, why) for name in EFFECTS)]
    said = f"{first}–{last} 年共 {months:,} 人月，自愿离职只有 {left} 人；折算每年 {value:.1%}（95% 区间 {low:.1%}–{high:.1%}）。"
    return Calibration(first, last, months, left, least, 1.0, years, figures, [said])


def counted(events: int) -> tuple[float, float, float]:
    """(count, low, high): the exact 95 % interval of a Poisson count (Garwood)."""
    low = chi2.ppf(0.025, 2 * events) / 2 if events else 0.0
    return float(events), float(low), float(chi2.ppf(0.975, 2 * events + 2) / 2)


def _from(left: np.ndarray, months: np.ndarray, offset: np.ndarray, effects: int) -> np.ndarray:
    """Where the fit begins: the overall rate, no effect."""
    share = left.sum() / months.sum()
    begin = float(YearlyLogit()(np.array([share]))[0]) - float(np.average(offset, weights=months))
    return np.array([begin] + [0.0] * effects)


def _figure(name: str, value: float, low: float, high: float) -> Figure:
    """Kept within what the parameter may be."""
    one = catalogue()[name]
    kept = min(max(value, one.low), one.high)
    why = "" if kept == value else f"算出 {value:.3g}，超出可用范围，取边界"
    return Figure(name, kept, low, high, one.default, True, why)


def _rate(
    params: np.ndarray, covariance: np.ndarray, now: np.ndarray, shown: list[int], held: list[int], defaults: np.ndarray
) -> Figure:
    """`exit_rate`: the mean chance of those in post now, its interval by the delta method on the logit scale."""
    table = np.column_stack([np.ones(len(now)), now[:, shown]])
    p = _logistic(table @ params + now[:, held] @ defaults[held]) if len(now) else _logistic(params[:1])
    table = table if len(now) else np.eye(1, len(params))
    mean = float(p.mean())
    slope = (p * (1 - p)) @ table / len(p) / (mean * (1 - mean))
    error = float(np.sqrt(slope @ covariance @ slope))
    middle = float(np.log(mean / (1 - mean)))
    low, high = (float(_logistic(np.array(middle + sign * NORMAL_95 * error))) for sign in (-1, 1))
    return _figure(RATE, mean, low, high)
