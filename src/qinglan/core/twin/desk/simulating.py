"""Lives a desk many times: the same residents in each layout, replicates cut into tasks, the same bytes for any number of workers."""

import hashlib
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

import numpy as np

from qinglan.core.twin.desk.case import SHAPES, Case, Kind, Team
from qinglan.core.twin.desk.layouts import Layout, Plan, plan_of
from qinglan.core.twin.desk.parameters import Behaviour
from qinglan.core.twin.desk.queueing import THOUSANDTHS, come_days, live_days

TAILS = (0.5, 0.9, 0.95, 0.99)
A_TASK = 2  # replicates; never by the workers
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Lived:
    """What R replicates of one layout gave, in whole numbers: waits and stays in thousandths of a minute.

    came, left, handed (R, M, K): counts by month and kind. wait, stay (R, M, K): sums, of everybody and of those served. tail
    (R, 4), tail_month (R, M), tail_kind (R, K): p50, p90, p95, p99 of everybody's wait; p95 by month and by kind (−1: nobody came).
    busy (R, M, G): thousandths of a minute worked. over (R): those worked past closing, summed over days (of the last of them).
    """

    came: np.ndarray
    left: np.ndarray
    handed: np.ndarray
    wait: np.ndarray
    stay: np.ndarray
    tail: np.ndarray
    tail_month: np.ndarray
    tail_kind: np.ndarray
    busy: np.ndarray
    over: np.ndarray

    @property
    def digest(self) -> str:
        made = hashlib.sha256()
        for name in self.__dataclass_fields__:
            made.update(np.ascontiguousarray(getattr(self, name)).tobytes())
        return made.hexdigest()


def simulate(
    case: Case,
    layouts: Iterable[Layout] = tuple(Layout),
    *,
    workers: int = 1,
    progress: Progress | None = None,
) -> dict[Layout, Lived]:
    """Each layout over the case's replicates, with the same residents and the same luck."""
    values = case.values()
    plans = {layout: plan_of(layout, case, values) for layout in layouts}
    cuts = [(first, min(first + A_TASK, case.replicates)) for first in range(0, case.replicates, A_TASK)]
    parts: list[list[dict[Layout, Lived]]] = [[] for _ in cuts]

    def task(first: int, last: int) -> list[dict[Layout, Lived]]:
        return [_one(case, values, plans, replicate) for replicate in range(first, last)]

    if workers == 1:
        for number, cut in enumerate(cuts):
            parts[number] = task(*cut)
            if progress:
                progress(number + 1, len(cuts))
    else:
        with ThreadPoolExecutor(workers) as pool:
            waiting = {pool.submit(task, *cut): number for number, cut in enumerate(cuts)}
            for done, future in enumerate(as_completed(waiting), start=1):
                parts[waiting[future]] = future.result()
                if progress:
                    progress(done, len(cuts))
    each = [one for part in parts for one in part]
    return {layout: _beside([one[layout] for one in each]) for layout in plans}


def _beside(parts: list[Lived]) -> Lived:
    return Lived(*(np.stack([getattr(one, name) for one in parts]) for name in Lived.__dataclass_fields__))


@dataclass(frozen=True)
class Residents:
    """Everybody who comes in one replicate, day after day; offsets (days + 1). Minutes of the day."""

    at: np.ndarray
    kind: np.ndarray
    limit: np.ndarray
    need: np.ndarray
    chances: np.ndarray
    offsets: np.ndarray


def residents(case: Case, values: Behaviour, replicate: int) -> Residents:
    """Who comes; the arrays grow until they hold everybody."""
    days = case.months * case.days
    starts = np.array(case.hours, float)
    rates = np.array(case.arrivals, float) / 60.0
    cvs = np.array([values.service_cv if kind.cv is None else kind.cv for kind in case.kinds])
    offsets = np.zeros(days + 1, np.int64)
    size = int(days * case.residents * 1.1 + 8 * (days * case.residents) ** 0.5 + 100)
    while True:
        at, limit, need = (np.empty(size) for _ in range(3))
        kind, chances = np.empty(size, np.int64), np.empty((2, size))
        n = come_days(
            case.seed, replicate, days, starts, rates, values.day_spread, values.patience, cvs, SHAPES[case.shape],
            at, kind, limit, need, chances, offsets,
        )  # fmt: skip
        if n >= 0:
            return Residents(at[:n], kind[:n], limit[:n], need[:n], chances[:, :n].copy(), offsets)
        size *= 2


def _one(case: Case, values: Behaviour, plans: dict[Layout, Plan], replicate: int) -> dict[Layout, Lived]:
    come = residents(case, values, replicate)
    return {layout: lived(case, plan, come) for layout, plan in plans.items()}


def lived(case: Case, plan: Plan, come: Residents) -> Lived:
    """One replicate of one layout, summed up."""
    waits, stays, left, handed, busy, over = every(case, plan, come)
    months, kinds = case.months, len(case.kinds)
    day = np.repeat(np.arange(months * case.days), np.diff(come.offsets))
    month = day // case.days
    cell = month * kinds + come.kind

    def summed(values: np.ndarray) -> np.ndarray:
        # bincount adds doubles: exact for whole numbers below 2^53.
        return np.bincount(cell, values, months * kinds).astype(np.int64).reshape(months, kinds)

    served = left == 0
    return Lived(
        summed(np.ones_like(waits)), summed(left), summed(handed), summed(waits), summed(np.where(served, stays, 0)),
        np.array([quantile(waits, q) for q in TAILS]),
        np.array([quantile(waits[month == m], TAILS[2]) for m in range(months)]),
        np.array([quantile(waits[come.kind == k], TAILS[2]) for k in range(kinds)]),
        np.floor(busy * THOUSANDTHS + 0.5).astype(np.int64), np.floor(over * THOUSANDTHS + 0.5).astype(np.int64).sum(),
    )  # fmt: skip


def every(case: Case, plan: Plan, come: Residents) -> tuple[np.ndarray, ...]:
    """Of each resident: wait and stay (thousandths of a minute), left, handed over; busy (M, G) and over (days) in minutes."""
    n, most = len(come.at), int(np.diff(come.offsets).max(initial=0))
    waits, stays, left, handed = (np.zeros(n, np.int64) for _ in range(4))
    busy = np.zeros((case.months, plan.factors.shape[1]))
    over = np.zeros(case.months * case.days)
    whole = [np.empty(most, np.int64) for _ in range(2)]
    real = [np.zeros(most) for _ in range(3)]
    heads, tails = np.empty(plan.queues, np.int64), np.empty(plan.queues, np.int64)
    minutes = np.array([kind.minutes for kind in case.kinds])
    live_days(
        case.days, come.offsets, come.at, come.kind, come.limit, come.need, come.chances, minutes, plan.home, plan.back,
        plan.hand, plan.groups, plan.factors, plan.special, plan.takes, plan.least, plan.ways, heads, tails, whole[0], whole[1],
        real[0], np.empty(plan.people), np.empty(plan.people, np.int64), real[1], real[2], left, handed,
        float(case.hours[-1] + 60), busy, over, waits, stays,
    )  # fmt: skip
    return waits, stays, left, handed, busy, over


def quantile(values: np.ndarray, share: float) -> int:
    """The smallest value that at least this share does not exceed; −1 of nothing."""
    if not len(values):
        return -1
    at = max(int(np.ceil(share * len(values) - 1e-9)) - 1, 0)
    return int(np.partition(values, at)[at])


def compile_desk() -> None:
    """Lives an hour of one window, so that every kernel is compiled, or found compiled."""
    hour = Case("", (Team("", 1, 0),), (Kind("", 0, 10.0),), (0,), ((3.0,),), 1, 1, 1, 1, 1, 1)
    simulate(hour)
