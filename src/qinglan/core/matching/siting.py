"""Where centres should stand: within reach of every neighbourhood, each serving four to five of them (`service.linli_center`).

Two questions. How few new centres serve everybody within reach? With at most so many new ones, how many households? Existing centres stand
and serve; each centre has a capacity; what nobody can serve is said. The answer always carries a bound. Within the chosen sites people are
assigned exactly: the most households, then the fewest centres below `least`, then the shortest ways.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from qinglan.core.matching.assigning import NOBODY, assign
from qinglan.core.matching.capacities import most_served
from qinglan.core.matching.coverage import most
from qinglan.core.matching.fewest import compile_siting, fewest
from qinglan.core.matching.places import Pairs, pairs
from qinglan.core.matching.reducing import Part

RADIUS, CAPACITY, LEAST = 1000.0, 5, 4  # service.linli_center: about 1 km, 4–5 neighbourhoods
SECONDS = 5.0
SOLVING = 0.92  # of the seconds; solvers end a little late, and the people have to be assigned
POLISH = 6  # rounds of moving centres nearer


@dataclass(frozen=True)
class Problem:
    """clients (n, 2), sites (m, 2): metres. weights (n): households. existing (m) bool. capacity (m): neighbourhoods; 0 is without limit.

    `most_new`: at most so many new centres; None: as many as it takes, as few as possible.
    """

    clients: np.ndarray
    weights: np.ndarray
    sites: np.ndarray
    existing: np.ndarray
    capacity: np.ndarray
    radius: float = RADIUS
    least: int = LEAST
    most_new: int | None = None


@dataclass(frozen=True)
class Plan:
    """The answer. open_sites (m) bool; served (n): site of each neighbourhood, −1 none; far (n) metres, not a number where none.

    value: new centres, or households served; `bound`: no plan is better. out_of_reach (n): no site within the radius.
    """

    open_sites: np.ndarray
    served: np.ndarray
    far: np.ndarray
    value: int
    bound: int
    counts: str
    out_of_reach: np.ndarray
    seconds: float

    @property
    def gap(self) -> float:
        """How far the plan may be from the best, as a share of the bound; 0: it is proved to be the best."""
        return abs(self.value - self.bound) / max(self.bound, 1)

    @property
    def proved(self) -> bool:
        return self.value == self.bound


def plan(problem: Problem, *, seconds: float = SECONDS, workers: int = 2) -> Plan:
    """The best plan found in about `seconds`, with its bound; compiling, once an installation, is not counted."""
    compile_siting()
    began = time.monotonic()
    until = began + SOLVING * seconds
    near = pairs(problem.clients, problem.sites, problem.radius)
    reached = np.zeros(near.clients, bool)
    reached[near.i] = True
    limit = np.where(problem.capacity > 0, problem.capacity, max(near.clients, 1)).astype(np.int64)
    weights = np.maximum(problem.weights, 1).astype(np.int64)
    if problem.most_new is None:
        opened, value, bound = _fewest(problem, near, weights, limit, until, workers)
        counts = "new"
    elif (problem.capacity > 0).any():
        part = Part(near, problem.existing, limit)
        found = most_served(part, weights, problem.most_new, until, workers)
        opened, value, bound, counts = found.open_sites, found.value, found.bound, "households"
    else:
        covered = most(near, weights, problem.existing, problem.most_new, until, workers)
        opened, value, bound, counts = covered.open_sites, covered.covered, covered.bound, "households"
    least = np.where(problem.existing, 0, problem.least)
    opened, served = _nearer(near, weights, limit, opened, least, problem.existing)
    if counts == "households":
        value = int(weights[served >= 0].sum())
    far = np.full(near.clients, np.nan)
    has = served >= 0
    far[has] = np.hypot(*(problem.clients[has] - problem.sites[served[has]]).T)
    return Plan(opened, served, far, value, bound, counts, ~reached, time.monotonic() - began)


def _fewest(
    problem: Problem, near: Pairs, weights: np.ndarray, limit: np.ndarray, until: float, workers: int
) -> tuple[np.ndarray, int, int]:
    """Whom even all sites together cannot serve (the fewest households) is left out first."""
    everything = np.ones(near.sites, bool)
    possible = assign(near, weights, limit, everything, np.zeros(near.sites, np.int64)) >= 0
    served = near.within(np.flatnonzero(possible), np.arange(near.sites))
    found = fewest(Part(served, problem.existing, limit), until, workers)
    return found.open_sites, found.value, found.bound


def _nearer(
    near: Pairs, weights: np.ndarray, limit: np.ndarray, opened: np.ndarray, least: np.ndarray, existing: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The assignment, after moving new centres to the site nearest to their own people for as long as that helps."""
    served = assign(near, weights, limit, opened, least)
    best = _score(near, weights, served, opened, least)
    cost = {
        (int(i), int(j)): float(far) * float(weights[i]) for i, j, far in zip(near.i, near.j, near.far, strict=True)
    }
    within = [set() for _ in range(near.clients)]  # type: list[set[int]]
    for i, j in zip(near.i.tolist(), near.j.tolist(), strict=True):
        within[i].add(j)
    for _ in range(POLISH):
        moved = opened.copy()
        for site in np.flatnonzero(opened & ~existing).tolist():
            people = np.flatnonzero(served == site).tolist()
            if not people:
                continue
            common = set.intersection(*(within[i] for i in people))
            free = [j for j in common if (j == site or not moved[j]) and limit[j] >= len(people) and not existing[j]]
            to = min(free, key=lambda j: (sum(cost[i, j] for i in people), j != site, j))
            moved[site], moved[to] = False, True
        if (moved == opened).all():
            break
        again = assign(near, weights, limit, moved, least)
        score = _score(near, weights, again, moved, least)
        if score >= best:
            break
        opened, served, best = moved, again, score
    return opened, served


def _score(
    near: Pairs, weights: np.ndarray, served: np.ndarray, opened: np.ndarray, least: np.ndarray
) -> tuple[int, int, float]:
    """Households left out, places short of `least`, metres of all ways: the smaller the better, in this order."""
    left_out = int(weights[served == NOBODY].sum())
    people = np.bincount(served[served >= 0], minlength=near.sites)
    short = int(np.maximum(least - people, 0)[opened].sum())
    used = served[near.i] == near.j
    return left_out, short, float((near.far[used] * weights[near.i[used]]).sum())
