"""Where the relaxation is not solved in time there is still a plan, and its bound is weaker but true."""

from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from tests.unit.core.matching.maps import on_own, scattered
from tests.unit.core.matching.test_siting import served_by, sound

from qinglan.core.matching import relaxing
from qinglan.core.matching.siting import Problem, plan

QUESTIONS = [{"most_new": 3}, {"most_new": 3, "capacity": 0}, {}]


@pytest.fixture
def one_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """The relaxation's solver stops after its first step: it has a solution that is not the best."""
    whole = relaxing.mathopt.SolveParameters

    def hurried(**_: Any) -> Any:
        return whole(iteration_limit=1)

    monkeypatch.setattr(relaxing.mathopt, "SolveParameters", hurried)


def town(count: int, **question: Any) -> Problem:
    return on_own(*scattered(count, 4_000, 3), **question)


@pytest.mark.usefixtures("one_step")
@pytest.mark.parametrize("question", QUESTIONS[:2])
def test_a_relaxation_that_is_not_solved_leaves_plan_and_bound(question: dict[str, int]) -> None:
    problem = town(12, **question)
    found = plan(problem, seconds=2.0, workers=1)
    sound(problem, found)
    best = max(served_by(problem, sites) for sites in combinations(range(12), 3))
    assert found.value <= best <= found.bound


@pytest.mark.parametrize("question", QUESTIONS)
def test_without_any_time_there_is_a_plan_and_a_true_bound(question: dict[str, int]) -> None:
    problem = town(60, **question)
    hurried, quiet = plan(problem, seconds=0.0, workers=1), plan(problem, seconds=20.0, workers=1)
    sound(problem, hurried)
    less, more = sorted((hurried.value, quiet.value)) if question else sorted((quiet.value, hurried.value))
    assert (hurried.bound >= more) if question else (hurried.bound <= less)
    if question:
        assert hurried.value > 0.8 * quiet.value


@pytest.mark.parametrize("capacity", [0, 4])
def test_the_first_bound_knows_existing_centres_and_whom_nobody_reaches(capacity: int) -> None:
    problem = town(12, most_new=2, capacity=capacity)
    stands = np.zeros(12, bool)
    stands[:2] = True
    far = problem.clients.copy()
    far[-1] += 50_000
    problem = replace(problem, clients=far, existing=stands)
    best = max(served_by(problem, (0, 1, *sites)) for sites in combinations(range(2, 12), 2))
    found = plan(problem, seconds=0.0, workers=1)
    assert found.value <= best <= found.bound < problem.weights.sum()


@pytest.mark.parametrize("capacity", [0, 4])
def test_no_centre_is_built_for_nobody(capacity: int) -> None:
    problem = on_own(np.array([[0.0, 0.0], [10.0, 0.0]]), np.array([5, 7]), capacity=capacity, most_new=2)
    found = plan(problem, seconds=0.0, workers=1)
    assert (found.value, found.bound, int(found.open_sites.sum())) == (12, 12, 1)
