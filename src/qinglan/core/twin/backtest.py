"""Back-test: what the twin, fitted on the years before, would have said of a recorded year, beside what was recorded.

Fitted on the years up to the one before: the leaving parameters (calibration) and the rate of upward moves. Everything else is as a
rehearsal has it. The year is lived from the workforce of 31 December before it; nothing of the year itself is seen. The band holds
chance and the uncertainty of the two fitted rates: they are taken at evenly spread points of their intervals, each with chance of its own.
What was recorded is counted here from the records alone, without the twin.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial

import numpy as np
import polars as pl

from qinglan.core.frame.codes import ExitReason
from qinglan.core.frame.missing import MISSING
from qinglan.core.frame.records import Records
from qinglan.core.frame.spells import merged
from qinglan.core.twin.calibration import LEAST, LEAST_EACH, RATE, Calibration, Figure, calibrate, counted
from qinglan.core.twin.columns import M
from qinglan.core.twin.ensemble import ensemble
from qinglan.core.twin.gathering import Gathered
from qinglan.core.twin.hiring import MONTH_DAYS
from qinglan.core.twin.known import known_at_end
from qinglan.core.twin.objectives import by_year
from qinglan.core.twin.outcomes import INDICATORS
from qinglan.core.twin.parameters import catalogue
from qinglan.core.twin.population import Population
from qinglan.core.twin.recorded import recorded_year
from qinglan.core.twin.scenario import Scenario, people_of, run_of
from qinglan.core.twin.working import Each, here

# Middles of nine equal shares of the normal distribution.
POINTS = (-1.5932188, -0.9674216, -0.5894558, -0.2822161, 0.0, 0.2822161, 0.5894558, 0.9674216, 1.5932188)
OTHER_WAY = (
    4,
    0,
    7,
    2,
    8,
    5,
    1,
    6,
    3,
)  # the order in which the second rate takes them, so that the two do not go together
LOW, MIDDLE, HIGH = 0.05, 0.5, 0.95
NORMAL_95 = 1.959963984540054
ABILITIES = ("serve", "mobilise", "deliberate", "project", "coordinate", "innovate")
SHOWN = ("heads", "voluntary", "retired", "promoted", "dismissed", "recruits", "stability", "ability", "bill")


@dataclass(frozen=True)
class Compared:
    """One indicator of the shown year: what was recorded (None: nothing is) and the band of the twin."""

    name: str
    label: str
    unit: str
    recorded: float | None
    low: float
    middle: float
    high: float

    @property
    def inside(self) -> bool | None:
        return None if self.recorded is None else self.low <= self.recorded <= self.high


@dataclass(frozen=True)
class Line:
    """A course over the months of the shown year: the band, and what was recorded."""

    name: str
    label: str
    unit: str
    low: list[float]
    middle: list[float]
    high: list[float]
    recorded: list[float]


@dataclass(frozen=True)
class Backtest:
    """`fitted`: the years fitted on; `parameters`: what the twin was given; `others`: exits of the year of a kind that the twin lacks."""

    fitted: tuple[int, int]
    shown: int
    people: int
    replicates: int
    calibration: Calibration
    parameters: dict[str, float]
    rows: list[Compared]
    lines: list[Line]
    others: int
    sentences: list[str]

    @property
    def inside(self) -> int:
        return sum(bool(one.inside) for one in self.rows)


def backtest(
    start: Scenario,
    records: Records,
    *,
    each: Each | None = None,
    first: int = 0,
    least: int = LEAST,
    least_each: int = LEAST_EACH,
) -> Iterator[tuple[int, int, Backtest | None]]:
    """(points lived, all points, None); at the last the back-test. Raises NotInForce, PackError, TwinError.

    `start`: population, pack and place at the end of the year before the shown one; its replicates are shared among the points.
    `records`: those that hold the shown year. `first`: the first year fitted on, 0 as calibration finds it.
    """
    shown = start.year + 1
    found = calibrate(records, start.year, prefix=start.place, first=first, least=least, least_each=least_each)
    upward = promoted(records, found, people_of(start), start.place, least_each)
    given = dict(start.parameters) | found.parameters | ({upward.name: upward.value} if upward.used else {})
    one = start.with_(parameters=tuple(sorted(given.items())), months=12, diff="")
    scenarios = list(_points(one, found, upward))
    parts: dict[int, Gathered] = {}
    for number, got in (each or here())(_lived, scenarios):
        parts[number] = got
        if len(parts) < len(scenarios):
            yield len(parts), len(scenarios), None
    ordered = [parts[number] for number in range(len(scenarios))]
    made = _compared(one, found, upward, given, scenarios, ordered, records, shown)
    yield len(scenarios), len(scenarios), made


def _lived(scenario: Scenario) -> Gathered:
    return ensemble(run_of(scenario), scenario.replicates, 1).gathered


def _points(one: Scenario, found: Calibration, upward: Figure) -> Iterator[Scenario]:
    """The scenario at each point of the rates' intervals, with a seed of its own; one alone when both rates are defaults."""
    rates = [figure for figure in (*found.figures, upward) if figure.used and figure.name in (RATE, upward.name)]
    if not rates:
        yield one
        return
    share = -(-one.replicates // len(POINTS))
    for number in range(len(POINTS)):
        given = dict(one.parameters)
        for figure in rates:
            point = POINTS[number if figure.name == RATE else OTHER_WAY[number]]
            error = (_logit(figure.high) - _logit(figure.low)) / (2 * NORMAL_95)
            value, known = 1 / (1 + float(np.exp(-(_logit(figure.value) + point * error)))), catalogue()[figure.name]
            given[figure.name] = min(max(value, known.low), known.high)
        yield one.with_(parameters=tuple(sorted(given.items())), replicates=share, seed=one.seed + number)


def _logit(share: float) -> float:
    share = min(max(share, 1e-5), 1 - 1e-5)
    return float(np.log(share / (1 - share)))


def promoted(records: Records, found: Calibration, people: Population, prefix: str, least_each: int) -> Figure:
    """`promotion_rate` of the fitted years: upward moves a person-year, by the share of the start who meet its conditions."""
    known = catalogue()["promotion_rate"]
    rows = _exits(records, prefix).filter(pl.col("year").is_between(found.first, found.last))
    moves = rows.filter(pl.col("exit_reason") == int(ExitReason.PROMOTED_OUT)).height
    service = catalogue()["promotion_service"].default * MONTH_DAYS
    day = (date(people.year + 1, 1, 1) - date(1970, 1, 1)).days
    entry = _entries(people)
    grade = people.found["grade"]
    eligible = float((((grade == 1) | (grade == 2)) & (day - entry >= service)).mean()) if len(people) else 0.0
    years = found.months / 12 * eligible
    if max(moves, years * known.default) < least_each:
        why = f"{found.first}–{found.last} 年向上流出 {moves} 人，不到 {least_each} 人（本区设定），仍用默认值"
        return Figure(known.name, known.default, known.low, known.high, known.default, False, why)
    value, low, high = (min(max(count / years, known.low), known.high) for count in counted(moves))
    return Figure(known.name, value, low, high, known.default, True)


def _entries(people: Population) -> np.ndarray:
    rows = people.records["employments"].group_by("person").agg(pl.col("since").max().cast(pl.Int32))
    place = dict(rows.iter_rows())
    return np.array([place.get(int(one), 0) for one in people.person], np.int64)


def _here(records: Records, prefix: str) -> pl.DataFrame:
    """Employments of those whose last post lies under the prefix."""
    rows = merged(records["employments"])
    if not prefix:
        return rows
    last = records["postings"].sort("since").unique("person", keep="last", maintain_order=True)
    return rows.join(last.filter(pl.col("organisation").str.starts_with(prefix)), on="person", how="semi")


def _exits(records: Records, prefix: str) -> pl.DataFrame:
    """Who left, with year and month of the last day."""
    last_day = pl.col("until").dt.offset_by("-1d")
    rows = _here(records, prefix).filter(pl.col("until").is_not_null())
    return rows.with_columns(year=last_day.dt.year(), month=last_day.dt.month())


def recorded(records: Records, year: int, prefix: str) -> dict[str, list[float]]:
    """By month: `heads` (in post on its first day, and who came during it), `recruits`, and exits by reason; counted from records alone."""
    rows = _here(records, prefix)
    exits = _exits(records, prefix).filter(pl.col("year") == year)
    found: dict[str, list[float]] = {"heads": [], "recruits": []}
    for month in range(1, 13):
        first = date(year, month, 1)
        after = date(year + month // 12, month % 12 + 1, 1)
        there = (pl.col("since") < after) & (pl.col("until").is_null() | (pl.col("until") > first))
        found["heads"].append(float(rows.filter(there).height))
        found["recruits"].append(float(rows.filter((pl.col("since") >= first) & (pl.col("since") < after)).height))
    for name, reason in (
        ("voluntary", ExitReason.VOLUNTARY), ("dismissed", ExitReason.DISMISSED), ("retired", ExitReason.RETIRED),
        ("promoted", ExitReason.PROMOTED_OUT),
    ):  # fmt: skip
        of = exits.filter(pl.col("exit_reason") == int(reason))
        found[name] = [float(of.filter(pl.col("month") == month).height) for month in range(1, 13)]
    named = sum(sum(found[name]) for name in ("voluntary", "dismissed", "retired", "promoted"))
    found["others"] = [float(exits.height - named)]
    return found


def _of_the_year(start: Scenario, records: Records, months: dict[str, list[float]]) -> dict[str, float | None]:
    """The recorded year's figures by indicator."""
    said: dict[str, float | None] = {
        name: sum(months[name]) for name in ("voluntary", "dismissed", "retired", "promoted", "recruits")
    }
    said["heads"] = sum(months["heads"]) / 12
    end = months["heads"][-1] - sum(months[name][-1] for name in ("voluntary", "dismissed", "retired", "promoted"))
    begin = months["heads"][0] - months["recruits"][0]
    average = (begin + end) / 2
    left = (said["voluntary"] or 0) + (said["dismissed"] or 0)
    said["stability"] = 1 - left / average if average else None
    known = known_at_end(records, start.year + 1, start.place)
    rated = known["abilities"].filter(pl.col("day").dt.year() == start.year + 1)
    mean = np.mean([rated[name].mean() for name in ABILITIES]) / 100 if rated.height else None
    said["ability"] = None if mean is None else float(mean)
    gross = recorded_year(_with_history(known, start), start.year + 1, people_of(start).pack).pay.months["gross_pay"]
    said["bill"] = float(np.maximum(gross, 0).sum()) / 100
    return said


def _with_history(known: Records, start: Scenario) -> Records:
    """Grades and stars of the year before as it was computed, where nothing was published: the shown year's pay hangs on them."""
    if known["history"].filter(pl.col("year") == start.year).height:
        return known
    people = people_of(start)
    rows = pl.DataFrame(
        {"person": people.person, "year": start.year, "grade": people.found["grade"], "star": people.found["star"]}
    ).with_columns(pl.when(pl.col(name) >= 0).then(pl.col(name)).alias(name) for name in ("grade", "star"))
    tables = dict(known.tables)
    return Records(
        tables
        | {"history": pl.concat([known["history"], rows.select(known["history"].columns)], how="vertical_relaxed")}
    )


def _due(people: Population, year: int) -> int:
    """How many of the start the law's table retires by the end of a year."""
    end = (date(year + 1, 1, 1) - date(1970, 1, 1)).days
    due = people.found["retirement_date"]
    return int(((due > MISSING) & (due < end)).sum())


def _compared(
    one: Scenario, found: Calibration, upward: Figure, given: dict[str, float], scenarios: list[Scenario],
    lived: list[Gathered], records: Records, shown: int,
) -> Backtest:  # fmt: skip
    months = recorded(records, shown, one.place)
    said = _of_the_year(one, records, months)
    rows = []
    for name in SHOWN:
        known = INDICATORS[name]
        of = partial(by_year, known)
        values = np.concatenate([of(got, run_of(each))[:, 0] for got, each in zip(lived, scenarios, strict=True)])
        low, middle, high = (float(np.quantile(values, q)) for q in (LOW, MIDDLE, HIGH))
        rows.append(Compared(name, known.label, known.unit, said[name], low, middle, high))
    heads = np.concatenate([got.months[:, :, M.HEADS] for got in lived]).astype(float)
    left = np.concatenate([got.months[:, :, M.VOLUNTARY] for got in lived]).astype(float).cumsum(axis=1)
    lines = [
        _line("heads", "在岗人数", heads, np.array(months["heads"])),
        _line("voluntary", "自愿离职（本年累计）", left, np.array(months["voluntary"]).cumsum()),
    ]
    people = run_of(scenarios[0]).people
    replicates = sum(each.replicates for each in scenarios)
    made = Backtest(
        (found.first, found.last), shown, len(people), replicates, found, given, rows, lines, int(months["others"][0]), []
    )  # fmt: skip
    return _told(made, upward, one)


def _line(name: str, label: str, values: np.ndarray, actual: np.ndarray) -> Line:
    low, middle, high = (np.quantile(values, q, axis=0).tolist() for q in (LOW, MIDDLE, HIGH))
    return Line(name, label, "人", low, middle, high, actual.tolist())


def _told(made: Backtest, upward: Figure, start: Scenario) -> Backtest:
    known = [row for row in made.rows if row.recorded is not None]
    missed = [row.label for row in known if not row.inside]
    sentences = [
        f"用 {made.fitted[0]}–{made.fitted[1]} 年的记录定参数，从 {made.fitted[1]} 年末的 {made.people:,} 人推演 {made.shown} 年，"
        f"再与 {made.shown} 年的记录比：{len(known)} 项里 {made.inside} 项落在 5%–95% 的区间内"
        + (f"；落在外面的是{'、'.join(missed)}。" if missed else "。")
    ]
    sentences += made.calibration.sentences
    if upward.used:
        sentences.append(
            f"向上流出率由记录算出：够条件的人每年 {upward.value:.1%}（{upward.low:.1%}–{upward.high:.1%}）。"
        )
    else:
        sentences.append(f"{upward.why}（假设）。")
    due, retired = _due(people_of(start), made.shown), next(row.recorded for row in made.rows if row.name == "retired")
    if due > 2 * (retired or 0) + 5:
        sentences.append(
            f"按法定退休年龄表，{made.shown} 年末前应退休的有 {due} 人，记录里 {made.shown} 年只退休 {retired:.0f} 人："
            "推演照法定年龄，这会使人数、新入职、工资一起偏开；请先核对这些人的退休登记。"
        )
    if made.others:
        sentences.append(f"{made.shown} 年另有 {made.others} 人因合同期满等其他原因离开，模型里没有这一类。")
    return Backtest(**{**made.__dict__, "sentences": sentences})
