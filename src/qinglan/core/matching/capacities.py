"""The most households that so many new centres with capacities can serve; with a bound.

The first plan opens what serves most; the linear relaxation bounds, diving gives a better plan, and CP-SAT goes on from it: each while time is left.
"""

from __future__ import annotations

import heapq
import time
from math import floor

import numpy as np
from ortools.math_opt.python import mathopt
from ortools.sat.python import cp_model

from qinglan.core.matching.assigning import assign
from qinglan.core.matching.reducing import Found, Part
from qinglan.core.matching.relaxing import Relaxation

DIVE_SHARE = 0.2
LITTLE = 1e-6
SEED = 1


def most_served(part: Part, weights: np.ndarray, new: int, until: float, workers: int) -> Found:
    """The most households (weights of clients) that at most `new` further centres can serve, by `until`."""
    plan = _begun(part, weights, new)
    if plan.value < plan.bound and time.monotonic() < until:
        relaxed = _Relaxed(part, weights, new)
        bound, open_sites = min(plan.bound, relaxed.bound(until)), relaxed.dive(until)
        dived = _served(part, weights, open_sites)
        plan = Found(open_sites, dived, bound) if dived > plan.value else Found(plan.open_sites, plan.value, bound)
    if plan.value < plan.bound and time.monotonic() < until:
        better = _sat(part, weights, new, plan.open_sites, until, workers)
        if better is not None:
            best = better if better.value > plan.value else plan
            plan = Found(best.open_sites, best.value, min(plan.bound, better.bound))
    return plan


def _served(part: Part, weights: np.ndarray, open_sites: np.ndarray) -> int:
    served = assign(part.pairs, weights, part.capacity, open_sites, np.zeros(part.pairs.sites, np.int64))
    return int(weights[served >= 0].sum())


def _begun(part: Part, weights: np.ndarray, new: int) -> Found:
    """A plan at once: the site that serves most of those left, again and again. And a bound: no site serves more than its largest neighbourhoods."""
    order = np.argsort(part.pairs.j, kind="stable")
    of_site = np.split(part.pairs.i[order], np.cumsum(np.bincount(part.pairs.j, minlength=part.pairs.sites))[:-1])
    left = weights.copy()

    def largest(j: int) -> np.ndarray:
        clients = of_site[j][left[of_site[j]] > 0]
        return clients[np.argsort(-left[clients], kind="stable")][: part.capacity[j]]

    alone = np.array([int(left[largest(j)].sum()) for j in range(part.pairs.sites)], np.int64)
    free = np.flatnonzero(~part.existing)
    reached = int(weights[np.unique(part.pairs.i)].sum())
    bound = min(reached, int(alone[part.existing].sum()) + int(np.sort(alone[free])[::-1][:new].sum()))
    for j in np.flatnonzero(part.existing).tolist():
        left[largest(j)] = 0
    opened = part.existing.copy()
    queue = [(-int(alone[j]), j) for j in free.tolist()]
    heapq.heapify(queue)
    while queue and new > 0:
        known, j = heapq.heappop(queue)
        now = int(left[largest(j)].sum())
        if now < -known:  # others have been served meanwhile
            heapq.heappush(queue, (-now, j))
            continue
        if not now:
            break
        left[largest(j)] = 0
        opened[j], new = True, new - 1
    return Found(opened, _served(part, weights, opened), bound)


def _sat(part: Part, weights: np.ndarray, most: int, hint: np.ndarray, until: float, workers: int) -> Found | None:
    """CP-SAT from a plan; nothing where it found none in time."""
    pairs, model = part.pairs, cp_model.CpModel()
    opened = [model.new_bool_var("") for _ in range(pairs.sites)]
    served = [model.new_bool_var("") for _ in range(len(pairs))]
    of_client: list[list[cp_model.IntVar]] = [[] for _ in range(pairs.clients)]
    of_site: list[list[cp_model.IntVar]] = [[] for _ in range(pairs.sites)]
    for at, (i, j) in enumerate(zip(pairs.i.tolist(), pairs.j.tolist(), strict=True)):
        of_client[i].append(served[at])
        of_site[j].append(served[at])
        model.add_implication(served[at], opened[j])
    for j, one in enumerate(of_site):
        model.add(sum(one) <= int(part.capacity[j]) * opened[j])
        if part.existing[j]:
            model.add(opened[j] == 1)
    new = [opened[j] for j in np.flatnonzero(~part.existing).tolist()]
    for one in of_client:
        model.add_at_most_one(one)
    model.add(sum(new) <= most)
    model.maximize(sum(int(weights[i]) * one for i, one in zip(pairs.i.tolist(), served, strict=True)))
    for j, site in enumerate(opened):
        model.add_hint(site, int(hint[j]))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = workers
    solver.parameters.random_seed = SEED
    solver.parameters.max_time_in_seconds = max(until - time.monotonic(), 0.05)
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    open_sites = np.array([solver.boolean_value(one) for one in opened])
    return Found(open_sites, round(solver.objective_value), floor(solver.best_objective_bound + LITTLE))


class _Relaxed:
    """The linear relaxation: a bound, and by opening the most wanted sites one after the other a plan."""

    def __init__(self, part: Part, weights: np.ndarray, most: int) -> None:
        self.part, self.left = part, most
        pairs, model = part.pairs, mathopt.Model()
        self.opened = [model.add_variable(lb=float(part.existing[j]), ub=1.0) for j in range(pairs.sites)]
        served = [model.add_variable(lb=0.0) for _ in range(len(pairs))]
        of_client: list[list[mathopt.Variable]] = [[] for _ in range(pairs.clients)]
        of_site: list[list[mathopt.Variable]] = [[] for _ in range(pairs.sites)]
        for one, i, j in zip(served, pairs.i.tolist(), pairs.j.tolist(), strict=True):
            of_client[i].append(one)
            of_site[j].append(one)
            model.add_linear_constraint(one <= self.opened[j])
        for one in of_client:
            model.add_linear_constraint(mathopt.fast_sum(one) <= 1.0)
        for j, one in enumerate(of_site):
            model.add_linear_constraint(mathopt.fast_sum(one) <= float(part.capacity[j]) * self.opened[j])
        new = mathopt.fast_sum(self.opened[j] for j in np.flatnonzero(~part.existing).tolist())
        model.add_linear_constraint(new <= float(most))
        model.maximize(
            mathopt.fast_sum(float(weights[i]) * one for i, one in zip(pairs.i.tolist(), served, strict=True))
        )
        self.relaxation = Relaxation(model, self.opened)
        self.every = int(weights.sum())

    def bound(self, until: float) -> int:
        """No plan serves more; everybody where there was no time to know better."""
        return self.relaxation.bound(until, self.every)

    def dive(self, until: float) -> np.ndarray:
        """Sites opened until the rest is whole, or time is up; opening a site takes nobody's place away."""
        values, fixed = self.relaxation.first, self.part.existing.copy()
        while values is not None:
            whole = (values > 1 - LITTLE) & ~fixed
            between = np.flatnonzero((values > LITTLE) & (values < 1 - LITTLE))
            if not len(between):
                return (values > 1 - LITTLE) | self.part.existing
            order = between[np.argsort(-values[between], kind="stable")]
            room = self.left - int((fixed & ~self.part.existing).sum()) - int(whole.sum())
            if room <= 0:
                return fixed | whole
            chosen = [
                *np.flatnonzero(whole).tolist(),
                *order[: min(room, max(1, int(DIVE_SHARE * len(order))))].tolist(),
            ]
            for j in chosen:
                self.opened[j].lower_bound = 1.0
                fixed[j] = True
            solved = self.relaxation.solve(until) if time.monotonic() < until else None
            values = None if solved is None else solved[0]
        return fixed
