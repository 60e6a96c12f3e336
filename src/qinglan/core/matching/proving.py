"""How few centres there can be: the linear relaxation (GLOP), and branch and cut (HiGHS) on the question whether fewer than the best plan's would do.

A neighbourhood needs a centre in reach; where a site is roomy it has everybody in reach as soon as it is open, elsewhere who goes there is a variable. That the
best plan must be beaten is part of the question: where it cannot be, HiGHS mostly finds so at the root, after its cuts.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from math import ceil, inf

import numpy as np
from ortools.math_opt.python import mathopt

from qinglan.core.matching.reducing import Part

LITTLE = 1e-6
SOONEST = 0.05  # seconds that a solver has at least


@dataclass(frozen=True)
class Proof:
    """No plan has fewer than `bound` new centres. better (sites) bool: a plan found on the way, if any."""

    bound: int
    better: np.ndarray | None


def relaxed(part: Part, until: float) -> int:
    """The bound of the linear relaxation; that of counting where it is not solved by `until`."""
    model, _ = _model(part, whole=False)
    result = mathopt.solve(model, mathopt.SolverType.GLOP, params=mathopt.SolveParameters(time_limit=_left(until)))
    if result.termination.reason != mathopt.TerminationReason.OPTIMAL:
        return part.counted
    return max(part.counted, ceil(result.objective_value() - LITTLE))


def fewer(part: Part, than: int, until: float) -> Proof:
    """Whether fewer than `than` new centres will do, as far as it is known by `until`."""
    model, opened = _model(part, whole=True)
    new = np.flatnonzero(~part.existing).tolist()
    model.add_linear_constraint(mathopt.fast_sum(opened[j] for j in new) <= than - 1.0)
    params = mathopt.SolveParameters(time_limit=_left(until))
    params.highs.double_options["mip_heuristic_effort"] = 0.0  # plans are found faster by annealing
    result = mathopt.solve(model, mathopt.SolverType.HIGHS, params=params)
    reason = result.termination.reason
    if reason == mathopt.TerminationReason.INFEASIBLE:
        return Proof(than, None)
    bound = result.termination.objective_bounds.dual_bound
    known = 0 if not -inf < bound < inf else ceil(bound - LITTLE)
    better = None
    if result.has_primal_feasible_solution():
        values = result.variable_values(opened)
        better = np.array(values) > 0.5
    return Proof(min(known, than), better)


def _left(until: float) -> timedelta:
    return timedelta(seconds=max(until - time.monotonic(), SOONEST))


def _model(part: Part, *, whole: bool) -> tuple[mathopt.Model, list[mathopt.Variable]]:
    """The question as a model, and whether each site is open; `whole`: in whole numbers."""
    pairs, model = part.pairs, mathopt.Model()
    opened = [model.add_variable(lb=float(one), ub=1.0, is_integer=whole) for one in part.existing.tolist()]
    of_site: list[list[int]] = [[] for _ in range(pairs.sites)]
    of_client: list[list[mathopt.Variable]] = [[] for _ in range(pairs.clients)]
    for i, j in zip(pairs.i.tolist(), pairs.j.tolist(), strict=True):
        of_site[j].append(i)
    for j, clients in enumerate(of_site):
        room = int(part.capacity[j])
        if len(clients) <= room:
            for i in clients:
                of_client[i].append(opened[j])
            continue
        served = [model.add_variable(lb=0.0, ub=1.0, is_integer=whole) for _ in clients]
        for i, one in zip(clients, served, strict=True):
            of_client[i].append(one)
            model.add_linear_constraint(one <= opened[j])
        model.add_linear_constraint(mathopt.fast_sum(served) <= room * opened[j])
    for one in of_client:
        model.add_linear_constraint(mathopt.fast_sum(one) >= 1.0)
    model.minimize(mathopt.fast_sum(opened[j] for j in np.flatnonzero(~part.existing).tolist()))
    return model, opened
