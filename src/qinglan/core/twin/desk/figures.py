"""What a lived desk comes to: waits with their tails and intervals, who left, how busy people were, how many could go to the grid.

Everything is a mean over replicates with its 95% interval (normal): chance alone is in it, not the doubt about the assumptions.
"""

from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np

from qinglan.core.twin.desk.case import MOST_PEOPLE, Case
from qinglan.core.twin.desk.layouts import LABELS, SHORT, Layout, plan_of
from qinglan.core.twin.desk.parameters import catalogue
from qinglan.core.twin.desk.queueing import THOUSANDTHS
from qinglan.core.twin.desk.simulating import Lived, Progress, simulate

Z = 1.959964
NOTE = "这不是预测：办理时间、耐心、放慢多少多为假设（见参数表）；区间只含偶然，不含假设本身的不确定。"
RULE = "按熟练以后的一个月算：九成半居民的等候不长于分窗、等不及走的不多于分窗（各按多次平均），所需的最少人数。"
SLACK = 0.001  # of the share that leaves: below this two layouts are equal
FREED_DAYS, FREED_REPLICATES = 21, 20
SKILLED = 60  # months


@dataclass(frozen=True)
class Figure:
    """One row of the comparison. `share`: shown in per cent."""

    name: str
    label: str
    unit: str
    share: bool = False


FIGURES = (
    Figure("wait", "平均等候", "分钟"),
    Figure("p50", "半数人等候不超过", "分钟"),
    Figure("p90", "九成人等候不超过", "分钟"),
    Figure("p95", "九成半人等候不超过", "分钟"),
    Figure("p99", "百人中九十九人等候不超过", "分钟"),
    Figure("stay", "办成的人平均在场时间", "分钟"),
    Figure("left", "等不及走的", "%", True),
    Figure("handed", "转后台的", "%", True),
    Figure("busy", "忙的时间占开放时间", "%", True),
    Figure("over", "平均每天下班后还要办", "分钟"),
)


def interval(values: np.ndarray) -> list[float | None]:
    """Mean, low and high over replicates; nothing where there is nothing."""
    real = values[np.isfinite(values)]
    if not len(real):
        return [None, None, None]
    half = Z * real.std(ddof=1) / len(real) ** 0.5 if len(real) > 1 else 0.0
    return [round(float(one), 6) for one in (real.mean(), real.mean() - half, real.mean() + half)]


def per(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    """top ÷ bottom; not a number where nobody was."""
    return np.divide(top, bottom, out=np.full(np.shape(top), np.nan), where=np.asarray(bottom) > 0)


def minutes(values: np.ndarray) -> np.ndarray:
    """Thousandths as minutes; −1, nobody, as not a number."""
    return np.where(values < 0, np.nan, values / THOUSANDTHS)


def values_of(case: Case, people: int, lived: Lived) -> dict[str, np.ndarray]:
    """FIGURES by name, a number a replicate."""
    came, left = lived.came.sum((1, 2)), lived.left.sum((1, 2))
    days = case.months * case.days
    return {
        "wait": per(lived.wait.sum((1, 2)) / THOUSANDTHS, came),
        **{f"p{round(q * 100)}": minutes(lived.tail[:, at]) for at, q in enumerate((0.5, 0.9, 0.95, 0.99))},
        "stay": per(lived.stay.sum((1, 2)) / THOUSANDTHS, came - left),
        "left": per(left, came),
        "handed": per(lived.handed.sum((1, 2)), came),
        "busy": lived.busy.sum((1, 2)) / THOUSANDTHS / (people * days * case.minutes_open),
        "over": lived.over / THOUSANDTHS / days,
    }


def outcome(case: Case, *, workers: int = 1, freed: bool = True, progress: Progress | None = None) -> dict[str, Any]:
    """Everything the page and the command show, as plain data without a NaN."""
    lived = simulate(case, workers=workers, progress=progress)
    plans = {layout: plan_of(layout, case) for layout in Layout}
    found = {layout: values_of(case, plans[layout].people, lived[layout]) for layout in Layout}
    base = found[Layout.SEPARATE]
    return {
        "name": case.name,
        "key": case.key,
        "digest": {layout.value: lived[layout].digest for layout in Layout},
        "note": NOTE,
        "residents": round(case.residents, 6),
        "load": round(case.load(), 6),
        "warnings": warnings(case),
        "layouts": [
            {
                "layout": layout.value,
                "label": LABELS[layout],
                "short": SHORT[layout],
                "people": plans[layout].people,
                "figures": {name: interval(values) for name, values in found[layout].items()},
                "difference": {name: interval(values - base[name]) for name, values in found[layout].items()},
                "kinds": _kinds(lived[layout]),
                "months": _months(lived[layout]),
                "groups": _groups(case, layout, lived[layout]),
            }
            for layout in Layout
        ],
        "kinds": [kind.name for kind in case.kinds],
        "freed": freed_of(case, workers) if freed else None,
        "parameters": [
            {"name": one.name, "label": one.label, "unit": one.unit, "basis": one.basis, "default": one.default,
             "low": one.low, "high": one.high, "value": getattr(case.values(), one.name)}
            for one in catalogue().values()
        ],
    }  # fmt: skip


def _kinds(lived: Lived) -> list[dict[str, Any]]:
    """By kind: mean wait, p95 and the share that left."""
    came = lived.came.sum(1)
    mean, left = per(lived.wait.sum(1) / THOUSANDTHS, came), per(lived.left.sum(1), came)
    tail = minutes(lived.tail_kind)
    return [
        {"wait": interval(mean[:, k]), "p95": interval(tail[:, k]), "left": interval(left[:, k])}
        for k in range(came.shape[1])
    ]


def _months(lived: Lived) -> list[dict[str, Any]]:
    """By month since the change: mean wait and p95."""
    mean, tail = per(lived.wait.sum(2) / THOUSANDTHS, lived.came.sum(2)), minutes(lived.tail_month)
    return [{"wait": interval(mean[:, m]), "p95": interval(tail[:, m])} for m in range(mean.shape[1])]


def _groups(case: Case, layout: Layout, lived: Lived) -> list[dict[str, Any]]:
    """How busy each group of people was."""
    plan = plan_of(layout, case)
    people = np.bincount(plan.groups, minlength=len(plan.names))
    open_for = case.months * case.days * case.minutes_open
    worked = lived.busy.sum(1) / THOUSANDTHS
    return [
        {"name": name, "people": int(people[g]), "busy": interval(worked[:, g] / max(people[g] * open_for, 1))}
        for g, name in enumerate(plan.names)
    ]


def warnings(case: Case) -> list[str]:
    """Where more work comes than people can do: waits then grow all day, and say more of closing time than of the layout."""
    said = []
    for number, team in enumerate(case.teams):
        load = case.load([k for k, kind in enumerate(case.kinds) if kind.team == number])
        if load > team.windows:
            said.append(f"分窗「{team.name}」每小时来的事要 {load:.2f} 人办，只有 {team.windows} 人：队会越排越长。")
    values = case.values()
    if (load := case.load() * values.general_factor) > case.general:
        said.append(f"一窗每小时来的事要 {load:.2f} 人办（已计放慢），只有 {case.general} 人：队会越排越长。")
    if load > case.front + case.back:
        said.append(f"柜台加后台每小时来的事要约 {load:.2f} 人办，共 {case.front + case.back} 人：队会越排越长。")
    return said


def freed_of(case: Case, workers: int = 1) -> list[dict[str, Any]]:
    """For each general layout: the fewest people who keep waits and leavers where separate windows have them (RULE)."""
    steady = case.with_(
        months=1, days=FREED_DAYS, replicates=min(case.replicates, FREED_REPLICATES),
        parameters=(*(pair for pair in case.parameters if pair[0] != "general_start"),
                    ("general_start", case.values().general_factor)),
    )  # fmt: skip
    goal = _service(steady, Layout.SEPARATE, workers)
    found = []
    for layout, field, behind in ((Layout.GENERAL, "general", 0), (Layout.COUNTER, "front", case.back)):
        first = max(1, ceil(case.load() * 0.5) - behind)
        last = min(MOST_PEOPLE - behind, case.windows * 2 + 2)
        least = next(
            (n for n in range(first, last + 1) if _enough(steady.with_(**{field: n}), layout, goal, workers)), None
        )
        people = None if least is None else least + behind
        hours = case.minutes_open / 60.0
        found.append({
            "layout": layout.value, "label": LABELS[layout], "people": people, "field": field, "least": least,
            "freed": None if people is None else case.windows - people,
            "hours_a_month": None if people is None else (case.windows - people) * hours * case.days,
        })  # fmt: skip
    return found


def _service(case: Case, layout: Layout, workers: int) -> tuple[float, float]:
    """p95 of waits and the share that leaves, means over replicates."""
    lived = simulate(case, [layout], workers=workers)[layout]
    values = values_of(case, 1, lived)
    return float(np.nanmean(values["p95"])), float(np.nanmean(values["left"]))


def _enough(case: Case, layout: Layout, goal: tuple[float, float], workers: int) -> bool:
    tail, left = _service(case, layout, workers)
    return tail <= goal[0] + 1e-9 and left <= goal[1] + SLACK
