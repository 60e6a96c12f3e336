"""Who is served where once the centres stand: exact, by minimum-cost flow (OR-Tools)."""

import numpy as np
from ortools.graph.python import min_cost_flow

from qinglan.core.matching.places import Pairs

NOBODY = -1


def assign(
    pairs: Pairs, weights: np.ndarray, capacity: np.ndarray, open_sites: np.ndarray, least: np.ndarray
) -> np.ndarray:
    """site of each client (−1 none): the most households served, then the fewest places short of `least`, then the shortest ways.

    weights (clients): households. capacity, least (sites): neighbourhoods. open_sites (sites): bool. Exact for these sites.
    """
    here = open_sites[pairs.j]
    i, j, far = pairs.i[here], pairs.j[here], pairs.far[here]
    served = np.full(pairs.clients, NOBODY)
    if not len(i):
        return served
    households = np.maximum(weights, 1).astype(np.int64)
    ways = np.rint(far).astype(np.int64) * households[i]
    full = int(ways.max(initial=0)) * pairs.clients + 1  # one place short outweighs all ways
    left_out = full * (pairs.clients + 1)  # one household outweighs all places short
    source, sink = pairs.clients + pairs.sites, pairs.clients + pairs.sites + 1
    sites = np.flatnonzero(open_sites)
    low = np.minimum(least[sites], capacity[sites])
    clients = np.arange(pairs.clients)
    starts = np.concatenate([np.full(pairs.clients, source), clients, i, sites + pairs.clients, sites + pairs.clients])
    ends = np.concatenate([clients, np.full(pairs.clients, sink), j + pairs.clients, *[np.full(len(sites), sink)] * 2])
    room = np.concatenate([np.ones(2 * pairs.clients + len(i), np.int64), low, capacity[sites] - low])
    scale = max(1, left_out * int(households.max()) * pairs.clients // 2**60)  # the solver counts in 64 bits
    costs = np.concatenate([
        np.zeros(pairs.clients, np.int64), households * (left_out // scale), ways // scale, np.full(len(sites), -full // scale),
        np.zeros(len(sites), np.int64),
    ])  # fmt: skip
    flow = min_cost_flow.SimpleMinCostFlow()
    arcs = flow.add_arcs_with_capacity_and_unit_cost(starts, ends, room, costs)
    flow.set_nodes_supplies(np.array([source, sink]), np.array([pairs.clients, -pairs.clients]))
    if flow.solve() != flow.OPTIMAL:
        raise ArithmeticError("min-cost flow")  # cannot be: everybody may be left out
    used = flow.flows(arcs[2 * pairs.clients : 2 * pairs.clients + len(i)]) > 0
    served[i[used]] = j[used]
    return served
