"""Centres with capacities: the fewest new ones that serve everybody within reach, or the most households with so many; with a bound.

The fewest go part by part of the map: small parts by CP-SAT to the end; large ones by the linear relaxation (a bound), diving (a plan) and, while time is
left, CP-SAT from that plan. Capacities make whole plans hard to prove: where time runs out the bound says how far away they may be.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from math import ceil, floor

import numpy as np
from ortools.math_opt.python import mathopt
from ortools.sat.python import cp_model

from qinglan.core.matching.assigning import assign
from qinglan.core.matching.places import Pairs

DIVE_SHARE = 0.2
LITTLE = 1e-6
SEED = 1
LIMIT = mathopt.SolveParameters(time_limit=timedelta(seconds=60))


@dataclass(frozen=True)
class Part:
    """A part of the map in which everybody can be served. existing, capacity (sites); existing ones stand open."""

    pairs: Pairs
    existing: np.ndarray
    capacity: np.ndarray

    @property
    def counted(self) -> int:
        """The fewest new centres by counting room alone."""
        missing = self.pairs.clients - int(self.capacity[self.existing].sum())
        new = np.sort(self.capacity[~self.existing])[::-1].cumsum()
        return 0 if missing <= 0 else int(np.searchsorted(new, missing)) + 1


@dataclass(frozen=True)
class Found:
    """open_sites (sites) bool; `value`: new centres, or households served; no plan is better than `bound`."""

    open_sites: np.ndarray
    value: int
    bound: int


def fewest(part: Part, until: float, workers: int) -> Found:
    """The best plan by `until` (time.monotonic)."""
    relaxed = _Relaxed(part)
    bound = max(part.counted, relaxed.bound)
    open_sites = _spared(part, relaxed.dive(), bound)
    plan = Found(open_sites, int((open_sites & ~part.existing).sum()), bound)
    if plan.value > bound and time.monotonic() < until:
        better = _sat(part, bound, plan.open_sites, until, workers)
        if better is not None:
            best = better if better.value < plan.value else plan
            plan = Found(best.open_sites, best.value, max(bound, better.bound))
    return plan


def _spared(part: Part, open_sites: np.ndarray, bound: int) -> np.ndarray:
    """Closes new centres one by one, those with the fewest people first, as long as everybody still finds room."""
    one_each, none = np.ones(part.pairs.clients, np.int64), np.zeros(part.pairs.sites, np.int64)
    open_sites = open_sites.copy()
    served = assign(part.pairs, one_each, part.capacity, open_sites, none)
    people = np.bincount(served, minlength=part.pairs.sites)
    new = np.flatnonzero(open_sites & ~part.existing)
    for j in new[np.argsort(people[new], kind="stable")].tolist():
        if int((open_sites & ~part.existing).sum()) <= bound:
            break
        open_sites[j] = False
        if (assign(part.pairs, one_each, part.capacity, open_sites, none) < 0).any():
            open_sites[j] = True
    return open_sites


def most_served(part: Part, weights: np.ndarray, new: int, until: float, workers: int) -> Found:
    """The most households (weights of clients) that at most `new` further centres can serve, by `until`."""
    relaxed = _Relaxed(part, weights, new)
    open_sites = relaxed.dive()
    none = np.zeros(part.pairs.sites, np.int64)
    served = assign(part.pairs, weights, part.capacity, open_sites, none)
    plan = Found(open_sites, int(weights[served >= 0].sum()), relaxed.bound)
    if plan.value < plan.bound and time.monotonic() < until:
        better = _sat(part, 0, plan.open_sites, until, workers, weights, new)
        if better is not None:
            best = better if better.value > plan.value else plan
            plan = Found(best.open_sites, best.value, min(plan.bound, better.bound))
    return plan


def _sat(
    part: Part,
    bound: int,
    hint: np.ndarray | None,
    until: float,
    workers: int,
    weights: np.ndarray | None = None,
    most: int = 0,
) -> Found | None:
    """CP-SAT on the part, the fewest centres or with `weights` the most households; nothing where it found no plan in time."""
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
        if weights is None:
            model.add_exactly_one(one)
        else:
            model.add_at_most_one(one)
    if weights is None:
        model.add(sum(new) >= bound)
        model.minimize(sum(new))
    else:
        model.add(sum(new) <= most)
        model.maximize(sum(int(weights[i]) * one for i, one in zip(pairs.i.tolist(), served, strict=True)))
    if hint is not None:
        for j, site in enumerate(opened):
            model.add_hint(site, int(hint[j]))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = workers
    solver.parameters.random_seed = SEED
    solver.parameters.max_time_in_seconds = max(until - time.monotonic(), 0.05)
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    open_sites = np.array([solver.boolean_value(one) for one in opened])
    limit = solver.best_objective_bound
    return Found(
        open_sites, round(solver.objective_value), ceil(limit - LITTLE) if weights is None else floor(limit + LITTLE)
    )


class _Relaxed:
    """The linear relaxation: a bound, and by opening the most wanted sites one after the other a plan."""

    def __init__(self, part: Part, weights: np.ndarray | None = None, most: int = 0) -> None:
        self.part, self.left = part, most if weights is not None else part.pairs.sites
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
            model.add_linear_constraint(lb=float(weights is None), ub=1.0, expr=mathopt.fast_sum(one))
        for j, one in enumerate(of_site):
            model.add_linear_constraint(mathopt.fast_sum(one) <= float(part.capacity[j]) * self.opened[j])
        new = mathopt.fast_sum(self.opened[j] for j in np.flatnonzero(~part.existing).tolist())
        if weights is None:
            model.minimize(new)
        else:
            model.add_linear_constraint(new <= float(most))
            model.maximize(
                mathopt.fast_sum(float(weights[i]) * one for i, one in zip(pairs.i.tolist(), served, strict=True))
            )
        self.solver = mathopt.IncrementalSolver(model, mathopt.SolverType.GLOP)
        # Only which sites are open is read: to read all the rest took as long as a third of the solving.
        self.asked = mathopt.ModelSolveParameters(
            variable_values_filter=mathopt.VariableFilter(filtered_items=self.opened),
            reduced_costs_filter=mathopt.VariableFilter(filtered_items=[]),
            dual_values_filter=mathopt.LinearConstraintFilter(filtered_items=[]),
        )
        self.first, best = self._solve()
        self.bound = ceil(best - LITTLE) if weights is None else floor(best + LITTLE * max(1.0, best))

    def _solve(self) -> tuple[np.ndarray, float]:
        result = self.solver.solve(params=LIMIT, model_params=self.asked)
        if result.termination.reason != mathopt.TerminationReason.OPTIMAL:
            raise ArithmeticError(f"GLOP: {result.termination.reason}")
        return np.array(result.variable_values(self.opened)), result.objective_value()

    def dive(self) -> np.ndarray:
        """Sites opened until the rest is whole; opening a site takes nobody's place away."""
        values, fixed = self.first, self.part.existing.copy()
        while True:
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
            values, _ = self._solve()
