"""What makes siting small and fast is held to trying everything: reductions, bounds, proofs and plans on small maps; each with a fault it must notice."""

import time
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ortools.math_opt.python import mathopt
from tests.unit.core.matching.maps import on_own, scattered

from qinglan.core.matching import reducing
from qinglan.core.matching.annealing import annealed
from qinglan.core.matching.assigning import assign
from qinglan.core.matching.fewest import fewest
from qinglan.core.matching.places import pairs
from qinglan.core.matching.proving import fewer, relaxed
from qinglan.core.matching.reducing import Part, smaller

NEVER = np.zeros(1, bool)


def soon() -> float:
    return time.monotonic() + 600.0  # never waited for: these maps take milliseconds


def served_whole(part: Part, opened: np.ndarray) -> bool:
    one_each, none = np.ones(part.pairs.clients, np.int64), np.zeros(part.pairs.sites, np.int64)
    return bool((assign(part.pairs, one_each, part.capacity, opened, none) >= 0).all())


def by_trying(part: Part) -> int:
    """The fewest new centres, every choice of sites tried."""
    new = np.flatnonzero(~part.existing)
    for number in range(len(new) + 1):
        for one in combinations(new.tolist(), number):
            opened = part.existing.copy()
            opened[list(one)] = True
            if served_whole(part, opened):
                return number
    raise AssertionError("not everybody can be served")


def town(clients: int, sites: int, side: float, seed: int) -> Part:
    """Candidates of their own with rooms of their own, a few standing; those whom nobody can serve left out."""
    chance = np.random.default_rng(seed)
    near = pairs(chance.uniform(0, side, (clients, 2)), chance.uniform(0, side, (sites, 2)), 1000.0)
    room, existing = chance.integers(1, 6, sites), chance.random(sites) < 0.2
    every, none = np.ones(sites, bool), np.zeros(sites, np.int64)
    possible = assign(near, np.ones(clients, np.int64), room, every, none) >= 0
    return Part(near.within(np.flatnonzero(possible), np.arange(sites)), existing, room)


def whole(problem_seed: int, count: int = 80, side: float = 7_300.0) -> Part:
    problem = on_own(*scattered(count, side, problem_seed))
    return Part(pairs(problem.clients, problem.sites, 1000.0), problem.existing, problem.capacity)


towns = st.builds(
    town, st.integers(1, 14), st.integers(1, 9), st.sampled_from([1500.0, 2500.0, 4000.0]), st.integers(0, 10**6)
)


@settings(max_examples=40, deadline=None)
@given(towns)
def test_plans_and_bounds_are_those_of_trying_everything(part: Part) -> None:
    best = by_trying(part)
    found = fewest(part, soon(), 1)
    assert found.value == found.bound == best
    assert served_whole(part, found.open_sites)
    assert part.counted <= relaxed(part, soon()) <= best


@settings(max_examples=40, deadline=None)
@given(towns)
def test_what_is_left_has_the_answer_of_the_whole(part: Part) -> None:
    left = smaller(part)
    opened = part.existing | left.forced
    total = int(left.forced.sum())
    for one, sites in left.parts:
        plan = annealed(one, None, by_trying(one), 50_000, 1, NEVER)
        opened[sites[plan]] = True
        total += by_trying(one)
    assert total == by_trying(part)
    assert served_whole(part, opened)


@settings(max_examples=25, deadline=None)
@given(towns)
def test_fewer_is_refused_at_the_best_and_found_above_it(part: Part) -> None:
    best = by_trying(part)
    assert fewer(part, best, soon()).bound == best
    above = fewer(part, best + 1, soon())
    assert above.bound <= best
    assert above.better is not None
    assert served_whole(part, above.better | part.existing)


def test_a_site_taken_for_roomier_than_it_is_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same comparison with a faulty rule: the parts then promise less than there is."""
    parts = [town(14, 9, 1500.0, seed) for seed in range(12)]
    answers = [by_trying(part) for part in parts]
    assert [fewest(part, soon(), 1).value for part in parts] == answers
    monkeypatch.setattr(reducing._Left, "roomy", lambda self, j: True)
    wrong = [int((left := smaller(part)).forced.sum()) + sum(by_trying(one) for one, _ in left.parts) for part in parts]
    assert wrong != answers


def in_the_plainest_form(part: Part) -> int:
    """The fewest new centres by another solver (SCIP), asked who goes where: no reduction, no plan to beat."""
    model = mathopt.Model()
    opened = [model.add_binary_variable() for _ in range(part.pairs.sites)]
    served = {
        pair: model.add_binary_variable() for pair in zip(part.pairs.i.tolist(), part.pairs.j.tolist(), strict=True)
    }
    for (_, j), one in served.items():
        model.add_linear_constraint(one <= opened[j])
    for i in range(part.pairs.clients):
        model.add_linear_constraint(mathopt.fast_sum(one for (client, _), one in served.items() if client == i) == 1.0)
    for j, site in enumerate(opened):
        people = mathopt.fast_sum(one for (_, at), one in served.items() if at == j)
        model.add_linear_constraint(people <= int(part.capacity[j]) * site)
    model.minimize(mathopt.fast_sum(opened))
    result = mathopt.solve(model, mathopt.SolverType.GSCIP)
    assert result.termination.reason == mathopt.TerminationReason.OPTIMAL
    return round(result.objective_value())


def test_a_thin_town_is_proved_where_the_relaxation_leaves_a_gap() -> None:
    part = whole(16)
    found = fewest(part, soon(), 2)
    left = smaller(part)
    assert int(left.forced.sum()) + sum(relaxed(one, soon()) for one, _ in left.parts) == found.value - 1
    assert found.value == found.bound
    assert served_whole(part, found.open_sites)
    assert in_the_plainest_form(part) == found.value


def test_the_same_map_gives_the_same_plan() -> None:
    part = whole(3, 120, 8_900.0)
    plans = [annealed(part, None, 0, 200_000, seed, NEVER) for seed in (4, 4, 5)]
    assert (plans[0] == plans[1]).all()
    assert (plans[0] != plans[2]).any()


def test_a_search_that_is_stopped_leaves_a_plan() -> None:
    part = whole(1)
    plan = annealed(part, None, 0, 10**12, 1, np.ones(1, bool))
    assert served_whole(part, plan)
    late = fewest(part, 0.0, 2)  # when the machine was started: long ago
    assert served_whole(part, late.open_sites)
    assert late.bound <= fewest(part, soon(), 2).value <= late.value
