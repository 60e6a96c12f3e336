"""The most households that at most p new centres can serve within reach (maximal covering, Church & ReVelle 1974); with a bound.

Without capacities: places with the same sites in reach are one; the linear relaxation bounds, diving and swapping give a plan, CP-SAT
works on from it while time is left. With capacities each neighbourhood is given to one site.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from math import floor

import numpy as np
from ortools.math_opt.python import mathopt
from ortools.sat.python import cp_model
from scipy.sparse import csr_array

from qinglan.core.matching.places import Pairs
from qinglan.core.matching.relaxing import Relaxation

LITTLE = 1e-6
SEED = 1
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
    """Groups of clients with the same sites in reach. weights (groups); of_group: the sites of each; of_site: its groups as a row of ones."""

    weights: np.ndarray
    of_group: list[np.ndarray]
    of_site: csr_array


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
    sites = np.concatenate(sets) if sets else np.empty(0, np.int64)
    group = np.repeat(np.arange(len(sets)), [len(one) for one in sets])
    of_site = csr_array((np.ones(len(sites), np.int64), (sites, group)), shape=(pairs.sites, len(sets)))
    return Reach(np.array(total, np.int64), sets, of_site)


def most(pairs: Pairs, weights: np.ndarray, existing: np.ndarray, new: int, until: float, workers: int) -> Most:
    """The best choice by `until` (time.monotonic) of at most `new` further sites, capacities aside."""
    there = reach(pairs, weights)
    first = _greedy(there, existing, new, existing)
    best, bound = (first, _covered(there, first)), _more(there, first, new)
    if best[1] < bound:
        relaxed = _Relaxed(there, existing, new)
        bound = min(bound, relaxed.bound(until))
        dived = _greedy(there, existing, new, relaxed.dive(until))
        best = max(best, (dived, _covered(there, dived)), key=lambda one: one[1])
        best = _swapped(there, existing, best[0], until)
        bound = min(bound, _more(there, best[0], new))
    if best[1] < bound and time.monotonic() < until:
        found = _sat(there, existing, new, best[0], until, workers)
        if found is not None:
            better, covered, known = found
            bound = min(bound, known)
            best = (better, covered) if covered > best[1] else best
    return Most(best[0], best[1], bound)


def _covered(there: Reach, opened: np.ndarray) -> int:
    return int(there.weights[there.of_site.T @ opened.astype(np.int64) > 0].sum())


def _more(there: Reach, opened: np.ndarray, new: int) -> int:
    """A bound from any plan: no `new` sites add more to it than the `new` that each alone add most, and beside it nobody covers less."""
    missing = there.weights * (there.of_site.T @ opened.astype(np.int64) == 0)
    gains = np.sort(there.of_site @ missing)[::-1][:new]
    return min(int(there.weights.sum()), int(there.weights.sum() - missing.sum() + gains.sum()))


class _Relaxed:
    """The linear relaxation: a bound, and by opening the most wanted sites one after the other a plan."""

    def __init__(self, there: Reach, existing: np.ndarray, new: int) -> None:
        model = mathopt.Model()
        self.existing, self.new, self.every = existing, new, int(there.weights.sum())
        self.opened = [model.add_variable(lb=float(one), ub=1.0) for one in existing]
        covered = [model.add_variable(lb=0.0, ub=1.0) for _ in there.weights]
        for group, sites in enumerate(there.of_group):
            model.add_linear_constraint(covered[group] <= mathopt.fast_sum(self.opened[j] for j in sites.tolist()))
        model.add_linear_constraint(mathopt.fast_sum(self.opened) <= float(existing.sum() + new))
        model.maximize(mathopt.fast_sum(float(w) * one for w, one in zip(there.weights, covered, strict=True)))
        self.relaxation = Relaxation(model, self.opened)

    def bound(self, until: float) -> int:
        """No choice of sites covers more; everybody where there was no time to know better."""
        return self.relaxation.bound(until, self.every)

    def dive(self, until: float) -> np.ndarray:
        """Sites opened until all are, or time is up."""
        values, fixed = self.relaxation.first, self.existing.copy()
        while values is not None and time.monotonic() < until:
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
            solved = self.relaxation.solve(until)
            values = None if solved is None else solved[0]
        return fixed


def _greedy(there: Reach, existing: np.ndarray, new: int, begun: np.ndarray) -> np.ndarray:
    """From the sites in `begun` on: opens the site that adds most, until `new` are open beside the existing ones."""
    opened = begun.copy()
    missing = there.weights * (there.of_site.T @ opened.astype(np.int64) == 0)
    for _ in range(new - int((opened & ~existing).sum())):
        gains = there.of_site @ missing
        best = int(gains.argmax()) if len(gains) else 0
        if not len(gains) or gains[best] == 0:
            break
        opened[best] = True
        missing[_groups(there, best)] = 0
    return opened


def _swapped(there: Reach, existing: np.ndarray, opened: np.ndarray, until: float) -> tuple[np.ndarray, int]:
    """Swaps one open site for a better one as long as that helps and there is time."""
    times = there.of_site.T @ opened.astype(np.int64)
    opened, better = opened.copy(), True
    while better:
        better = False
        for out in map(int, np.flatnonzero(opened & ~existing)):
            if time.monotonic() >= until:
                better = False
                break
            times[_groups(there, out)] -= 1
            gains = there.of_site @ (there.weights * (times == 0))
            gains[opened & (np.arange(len(opened)) != out)] = 0
            into = int(gains.argmax())
            if gains[into] <= gains[out]:
                into = out
            opened[out], opened[into] = False, True
            times[_groups(there, into)] += 1
            better |= into != out
    return opened, int(there.weights[times > 0].sum())


def _groups(there: Reach, site: int) -> np.ndarray:
    return there.of_site.indices[there.of_site.indptr[site] : there.of_site.indptr[site + 1]]


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
