"""The most households that at most p new centres can serve within reach (maximal covering, Church & ReVelle 1974); with a bound.

Without capacities: places with the same sites in reach are one; the linear relaxation bounds, greedy and swapping give a plan, CP-SAT
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
    bound, wanted = _relaxed(there, existing, new)
    best = max(
        (_swapped(there, existing, _greedy(there, existing, new, start)) for start in (None, wanted)),
        key=lambda one: one[1],
    )
    if best[1] < bound and time.monotonic() < until:
        found = _sat(there, existing, new, best[0], until, workers)
        if found is not None:
            better, covered, known = found
            bound = min(bound, known)
            best = (better, covered) if covered > best[1] else best
    return Most(best[0], best[1], bound)


def _relaxed(there: Reach, existing: np.ndarray, new: int) -> tuple[int, np.ndarray]:
    """The relaxation's bound (whole households) and how much of each site it opens."""
    model = mathopt.Model()
    opened = [model.add_variable(lb=float(one), ub=1.0) for one in existing]
    covered = [model.add_variable(lb=0.0, ub=1.0) for _ in there.weights]
    for group, sites in enumerate(there.of_group):
        model.add_linear_constraint(covered[group] <= mathopt.fast_sum(opened[j] for j in sites.tolist()))
    model.add_linear_constraint(mathopt.fast_sum(opened) <= float(existing.sum() + new))
    model.maximize(mathopt.fast_sum(float(w) * one for w, one in zip(there.weights, covered, strict=True)))
    result = mathopt.solve(
        model, mathopt.SolverType.GLOP, params=mathopt.SolveParameters(time_limit=timedelta(seconds=60))
    )
    if result.termination.reason != mathopt.TerminationReason.OPTIMAL:
        raise ArithmeticError(f"GLOP: {result.termination.reason}")
    return floor(result.objective_value() + LITTLE * max(1.0, result.objective_value())), np.array(
        result.variable_values(opened)
    )


def _greedy(there: Reach, existing: np.ndarray, new: int, wanted: np.ndarray | None) -> np.ndarray:
    """Opens the site that adds most, `new` times; of `wanted` sites (of the relaxation) the wholly open ones first."""
    opened = existing.copy()
    covered = np.zeros(len(there.weights), bool)
    for j in np.flatnonzero(opened):
        covered[there.of_site[j]] = True
    first = [] if wanted is None else np.flatnonzero((wanted > 1 - LITTLE) & ~existing).tolist()[:new]
    for at in range(new):
        if at < len(first):
            j = first[at]
        else:
            gains = np.array(
                [0 if opened[j] else there.weights[one[~covered[one]]].sum() for j, one in enumerate(there.of_site)]
            )
            j = int(gains.argmax())
            if gains[j] == 0:
                break
        opened[j] = True
        covered[there.of_site[j]] = True
    return opened


def _swapped(there: Reach, existing: np.ndarray, opened: np.ndarray) -> tuple[np.ndarray, int]:
    """Swaps one open site for a better one as long as that helps."""
    times = np.zeros(len(there.weights), np.int64)
    for j in np.flatnonzero(opened):
        times[there.of_site[j]] += 1
    opened, better = opened.copy(), True
    while better:
        better = False
        for out in np.flatnonzero(opened & ~existing).tolist():
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
