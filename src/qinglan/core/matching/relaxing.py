"""A linear relaxation of which sites are open, solved again and again within a time limit (GLOP).

It is solved to the end or says nothing: what the solver knew when its time was up is neither a plan nor a bound.
"""

from __future__ import annotations

import time
from datetime import timedelta
from math import floor

import numpy as np
from ortools.math_opt.python import mathopt

SOONEST = 0.05  # seconds that the solver has at least
LITTLE = 1e-6  # of rounding in the solver, as a share of what it found


class Relaxation:
    """`opened`: the variables of the sites; the model may be changed between two solutions. `first`: how far each site was open when
    the bound was found, None where it was not."""

    def __init__(self, model: mathopt.Model, opened: list[mathopt.Variable]) -> None:
        self.opened = opened
        self.first: np.ndarray | None = None
        self.solver = mathopt.IncrementalSolver(model, mathopt.SolverType.GLOP)
        # Only which sites are open is read: to read all the rest took as long as a third of the solving.
        self.asked = mathopt.ModelSolveParameters(
            variable_values_filter=mathopt.VariableFilter(filtered_items=opened),
            reduced_costs_filter=mathopt.VariableFilter(filtered_items=[]),
            dual_values_filter=mathopt.LinearConstraintFilter(filtered_items=[]),
        )

    def solve(self, until: float) -> tuple[np.ndarray, float] | None:
        """How far each site is open, and what the objective is; nothing where it was not solved by `until` (time.monotonic)."""
        limit = timedelta(seconds=max(until - time.monotonic(), SOONEST))
        result = self.solver.solve(params=mathopt.SolveParameters(time_limit=limit), model_params=self.asked)
        if result.termination.reason != mathopt.TerminationReason.OPTIMAL:
            return None
        return np.array(result.variable_values(self.opened)), result.objective_value()

    def bound(self, until: float, every: int) -> int:
        """What no plan exceeds, in whole numbers; `every` where there was no time to know better."""
        solved = self.solve(until)
        if solved is None:
            return every
        self.first, best = solved
        return floor(best + LITTLE * max(1.0, best))
