"""The most households that at most p new centres can serve within reach (maximal covering, Church & ReVelle 1974); with a bound.

Without capacities: places with the same sites in reach are one; the linear relaxation bounds, diving and swapping give a plan, CP-SAT
works on from it while time is left. With capacities each neighbourhood is given to one site.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from math import floor

import numpy as np
from ortools.math_opt.python import mathopt
from ortools.sat.python import cp_model

from qinglan.core.matching.places import Pairs

LITTLE = 1e-6
SEED = 1
LIMIT = mathopt.SolveParameters(time_limit=timedelta(seconds=60))
DIVE_SHARE = 0.2
ENOUGH = 0.0  # gap at which to stop


@dataclass(frozen=True)
class Most:
    """open_sites (sites) bool; `covered` weight; `bound`: no choice of sites covers more."""

    open_sites: np.ndarray
    covered: int
    bound: int


@dataclass(frozen=True)
class Reach:
    """Groups of clients with the same sites in reach. weights (groups); of_group, of_site: who reaches whom."""

    weights: np.ndarray
    of_group: list[np.ndarray]
    of_site: list[np.ndarray]


def reach(pairs: Pairs, weights: np.ndarray) -> Reach:
    """Clients grouped by the set of sites in reach; those with none are left out."""
    order = np.lexsort((pairs.j, pairs.i))
    cuts = np.cumsum(np.bincount(pairs.i, minlength=pairs.clients))[:-1]
    groups: dict[bytes, int] = {}
    total: list[int] = []
    sets: list[np.ndarray] = []
    for client, one in enumerate(np.split(pairs.j[order], cuts)):
        if not len(one):
            continue
        at = groups.setdefault(one.tobytes(), len(total))
        if at == len(total):
            total.append(0)
            sets.append(one)
        total[at] += int(weights[client])
    of_site: list[list[int]] = [[] for _ in range(pairs.sites)]
    for group, one in enumerate(sets):
        for j in one.tolist():
            of_site[j].append(group)
    return Reach(np.array(total, np.int64), sets, [np.array(one, np.int64) for one in of_site])


def most(pairs: Pairs, weights: np.ndarray, existing: np.ndarray, new: int, until: float, workers: int) -> Most:
    """The best choice by `until` (time.monotonic) of at most `new` further sites, capacities aside."""
    there = reach(pairs, weights)
    relaxed = _Relaxed(there, existing, new)
    bound = relaxed.bound
    best = _swapped(there, existing, _greedy(there, existing, new, relaxed.dive(until)))
    if best[1] < bound and time.monotonic() < until:
        found = _sat(there, existing, new, best[0], until, workers)
        if found is not None:
            better, covered, known = found
            bound = min(bound, known)
            best = (better, covered) if covered > best[1] else best
    return Most(best[0], best[1], bound)


class _Relaxed:
    """The linear relaxation: a bound, and by opening the most wanted sites one after the other a plan."""

    def __init__(self, there: Reach, existing: np.ndarray, new: int) -> None:
        model = mathopt.Model()
        self.existing, self.new = existing, new
        self.opened = [model.add_variable(lb=float(one), ub=1.0) for one in existing]
        covered = [model.add_variable(lb=0.0, ub=1.0) for _ in there.weights]
        for group, sites in enumerate(there.of_group):
            model.add_linear_constraint(covered[group] <= mathopt.fast_sum(self.opened[j] for j in sites.tolist()))
        model.add_linear_constraint(mathopt.fast_sum(self.opened) <= float(existing.sum() + new))
        model.maximize(mathopt.fast_sum(float(w) * one for w, one in zip(there.weights, covered, strict=True)))
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

    def dive(self, until: float) -> np.ndarray:
        """Sites opened until all are, or time is up."""
        values, fixed = self.first, self.existing.copy()
        while time.monotonic() < until:
            left = self.new - int((fixed & ~self.existing).sum())
            order = np.argsort(-values, kind="stable")
            order = order[~fixed[order] & (values[order] > LITTLE)]
            whole = int((values[order] > 1 - LITTLE).sum())
            take = min(left, max(whole + max(1, int(DIVE_SHARE * (len(order) - whole))), 1))
            if take <= 0 or not len(order):
                break
            for j in order[:take].tolist():
                self.opened[j].lower_bound = 1.0
                fixed[j] = True
            if take == left:
                break
            values, _ = self._solve()
        return fixed


def _greedy(there: Reach, existing: np.ndarray, new: int, begun: np.ndarray) -> np.ndarray:
    """From the sites in `begun` on: opens the site that adds most, until `new` are open beside the existing ones."""
    opened = begun.copy()
    covered = np.zeros(len(there.weights), bool)
    for j in np.flatnonzero(opened):
        covered[there.of_site[j]] = True
    for _ in range(new - int((opened & ~existing).sum())):
        gains = np.array(
            [0 if opened[j] else there.weights[one[~covered[one]]].sum() for j, one in enumerate(there.of_site)],
            np.int64,
        )
        best = int(gains.argmax())
        if gains[best] == 0:
            break
        opened[best] = True
        covered[there.of_site[best]] = True
    return opened


def _swapped(there: Reach, existing: np.ndarray, opened: np.ndarray) -> tuple[np.ndarray, int]:
    """Swaps one open site for a better one as long as that helps."""
    times = np.zeros(len(there.weights), np.int64)
    for j in np.flatnonzero(opened):
        times[there.of_site[j]] += 1
    opened, better = opened.copy(), True
    while better:
        better = False
        for out in map(int, np.flatnonzero(opened & ~existing)):
            times[there.of_site[out]] -= 1
            gains = np.array(
                [
                    0 if opened[j] and j != out else there.weights[one[times[one] == 0]].sum()
                    for j, one in enumerate(there.of_site)
                ]
            )
            into = int(gains.argmax())
            if gains[into] <= gains[out]:
                into = out
            opened[out], opened[into] = False, True
            times[there.of_site[into]] += 1
            better |= into != out
    return opened, int(there.weights[times > 0].sum())


def _sat(
    there: Reach, existing: np.ndarray, new: int, hint: np.ndarray, until: float, workers: int
) -> tuple[np.ndarray, int, int] | None:
    """CP-SAT from a plan: sites, what they cover, and a bound."""
    model = cp_model.CpModel()
    opened = [model.new_bool_var("") for _ in existing]
    covered = [model.new_bool_var("") for _ in there.weights]
    for group, sites in enumerate(there.of_group):
        model.add_bool_or([covered[group].negated(), *(opened[j] for j in sites.tolist())])
    for j in np.flatnonzero(existing).tolist():
        model.add(opened[j] == 1)
    model.add(sum(opened) <= int(existing.sum()) + new)
    model.maximize(sum(int(w) * one for w, one in zip(there.weights, covered, strict=True)))
    for j, one in enumerate(opened):
        model.add_hint(one, int(hint[j]))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = workers
    solver.parameters.random_seed = SEED
    solver.parameters.relative_gap_limit = ENOUGH
    solver.parameters.max_time_in_seconds = max(until - time.monotonic(), 0.05)
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    found = np.array([solver.boolean_value(one) for one in opened])
    return found, round(solver.objective_value), floor(solver.best_objective_bound + LITTLE)
