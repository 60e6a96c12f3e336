"""Who goes to which event: at one moment, by way, skill, load and how long an event has waited. Exact, by minimum-cost flow (OR-Tools)."""

import numpy as np
from ortools.graph.python import min_cost_flow

HUNDREDTHS = 100.0


def match(costs: np.ndarray) -> list[tuple[int, int]]:
    """costs (events, people) in minutes, finite → pairs (event, person): as many as can be, at the smallest sum of costs.

    Optimal, with a gap of nought; of equal sums always the same one is chosen.
    """
    events, people = costs.shape
    number = min(events, people)
    if not number:
        return []
    whole = np.rint(costs * HUNDREDTHS).astype(np.int64)
    i, j = np.divmod(np.arange(events * people), people)
    source, sink = events + people, events + people + 1
    starts = np.concatenate([np.full(events, source), i, events + np.arange(people)])
    ends = np.concatenate([np.arange(events), events + j, np.full(people, sink)])
    flow = min_cost_flow.SimpleMinCostFlow()
    prices = np.concatenate([np.zeros(events, np.int64), whole.ravel(), np.zeros(people, np.int64)])
    arcs = flow.add_arcs_with_capacity_and_unit_cost(starts, ends, np.ones(len(starts), np.int64), prices)
    flow.set_nodes_supplies(np.array([source, sink]), np.array([number, -number]))
    if flow.solve() != flow.OPTIMAL:
        raise ArithmeticError("min-cost flow")  # cannot be: every pair is an arc
    used = np.flatnonzero(flow.flows(arcs[events : events + events * people]) > 0)
    return list(zip(i[used].tolist(), j[used].tolist(), strict=True))
