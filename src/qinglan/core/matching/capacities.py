"""The most households that so many new centres with capacities can serve; with a bound.

The linear relaxation bounds, diving gives a plan, and CP-SAT goes on from it while time is left.
"""

from __future__ import annotations

import time
from datetime import timedelta
from math import floor

import numpy as np
from ortools.math_opt.python import mathopt
from ortools.sat.python import cp_model

from qinglan.core.matching.assigning import assign
from qinglan.core.matching.reducing import Found, Part

DIVE_SHARE = 0.2
LITTLE = 1e-6
SEED = 1
LIMIT = mathopt.SolveParameters(time_limit=timedelta(seconds=60))


def most_served(part: Part, weights: np.ndarray, new: int, until: float, workers: int) -> Found:
    """The most households (weights of clients) that at most `new` further centres can serve, by `until`."""
    relaxed = _Relaxed(part, weights, new)
    open_sites = relaxed.dive()
    none = np.zeros(part.pairs.sites, np.int64)
    served = assign(part.pairs, weights, part.capacity, open_sites, none)
    plan = Found(open_sites, int(weights[served >= 0].sum()), relaxed.bound)
    if plan.value < plan.bound and time.monotonic() < until:
        better = _sat(part, weights, new, plan.open_sites, until, workers)
        if better is not None:
            best = better if better.value > plan.value else plan
            plan = Found(best.open_sites, best.value, min(plan.bound, better.bound))
    return plan


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
        self.solver = mathopt.IncrementalSolver(model, mathopt.SolverType.GLOP)
        # Only which sites are open is read: to read all the rest took as long as a third of the solving.
        self.asked = mathopt.ModelSolveParameters(
            variable_values_filter=mathopt.VariableFilter(filtered_items=self.opened),
            reduced_costs_filter=mathopt.VariableFilter(filtered_items=[]),
            dual_values_filter=mathopt.LinearConstraintFilter(filtered_items=[]),
        )
        self.first, best = self._solve()
        self.bound = floor(best + LITTLE * max(1.0, best))

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
