"""The signs and closed forms of the evidence that test_laws does not hold: what keeps people, how ability is lost, a quota ladder."""

from datetime import date
from functools import cache
from math import ceil

import numpy as np
import pytest
from tests.unit.core.frame.rows import employment, person, posting, records
from tests.unit.core.twin.scenarios import scenario

from qinglan.core.frame.freezing import freeze
from qinglan.core.twin.columns import M
from qinglan.core.twin.ensemble import rehearse
from qinglan.core.twin.gathering import Gathered, Y
from qinglan.core.twin.outcomes import groups
from qinglan.core.twin.scenario import run_of


@cache
def lived(parameters: tuple[tuple[str, float], ...] = (), diff: str = "") -> Gathered:
    """360 people, two years; all share their luck, so that sixteen replicates show a sign."""
    return rehearse(scenario(360, 4, dict(parameters), months=24, replicates=16, diff=diff)).gathered


def leaving(diff: str = "", **parameters: float) -> float:
    """Voluntary exits a year over people."""
    months = lived(tuple(sorted(parameters.items())), diff).months.sum(axis=(0, 1))
    return float(months[M.VOLUNTARY] * 12 / months[M.HEADS])


# What is moved, from what to what, and how many points of yearly leaving it may take away (workforce evidence §3; sizes are shrunk guesses).
KEEPS = [
    (
        {"satisfaction_start": 0.6},
        {"satisfaction_start": 0.6, "satisfaction_grade": 0.2},
        0.03,
    ),  # recognition (Augsberger 2012)
    ({"rise_uptake": 0.0}, {"rise_uptake": 1.0}, 0.04),  # prospect and fairness (22 studies)
    ({"training_budget": 0.0}, {"training_budget": 1000.0, "training_capacity": 500.0}, 0.02),  # by satisfaction, small
]


@pytest.mark.parametrize(("without", "with_it", "most"), KEEPS)
def test_what_keeps_people(without: dict[str, float], with_it: dict[str, float], most: float) -> None:
    assert 0 < leaving(**without) - leaving(**with_it) <= most


def test_an_allowance_taken_away_drives_holders_off() -> None:
    """A certificate without pay (S2): who holds one leaves more often when the allowance is gone."""
    diff = """
pay.cert_allowance.amount:
  values:
    - {since: 2026-01-01, setting: 试算, value: {无: 0, 初级: 0, 中级: 0, 高级: 0}}
"""
    assert 0 < leaving(diff) - leaving() < 0.03


def test_the_young_and_the_new_leave_more_the_old_less() -> None:
    """Under 30 × 1.6, over 45 × 0.5 against those between (evidence §2), within what burnout and pay add."""
    run = run_of(scenario(360, 4, {}, months=24, replicates=16))
    rates = {
        name: float(months[..., M.VOLUNTARY].sum() * 12 / months[..., M.HEADS].sum())
        for name, (months, _) in groups(run, lived(), "age").items()
    }
    names = list(rates)
    assert rates[names[0]] > rates[names[-2]] > rates[names[-1]], rates
    assert 1.1 < rates[names[0]] / rates[names[-2]] < 2.6, rates
    assert 0.3 < rates[names[-1]] / rates[names[-2]] < 0.9, rates
    assert leaving(exit_new=2.0, exit_rate=0.12) > leaving(exit_new=-1.0, exit_rate=0.12)


def quiet(**more: float) -> dict[str, float]:
    """Nobody leaves, comes, is trained or has a mentor."""
    return {
        "exit_rate": 0.0, "promotion_rate": 0.0, "pool_size": 0.0, "pool_inflow": 0.0, "training_budget": 0.0, "mentor_share": 0.0,
        "demotion_uptake": 0.0, "dismissal_uptake": 0.0, **more,
    }  # fmt: skip


def steady(number: int) -> bytes:
    """People whom no age moves."""
    rows = range(1, number + 1)
    made = records(
        people=[person(one, birth=date(1990, 1, 1)) for one in rows],
        employments=[employment(date(2020, 1, 1), number=one) for one in rows],
        postings=[posting(date(2020, 1, 1), number=one) for one in rows],
    )
    return freeze(made, "", {})


def test_ability_is_lost_by_half_lives() -> None:
    """Without training, towards nought: a_t = a_0 × 2^(−t/18), for every month of three years."""
    given = quiet(ability_floor=0.0, forgetting=18.0)
    months = rehearse(scenario(parameters=given, months=36, replicates=4, population=steady(100))).gathered.months
    mean = months[:, :, M.ABILITY].sum(axis=0) / months[:, :, M.HEADS].sum(axis=0)
    assert np.allclose(mean / mean[0], 0.5 ** (np.arange(36) / 18), atol=2e-3)


def test_a_course_helps_and_a_mentor_helps_more() -> None:
    rich = {"training_budget": 1000.0, "training_capacity": 500.0, "exit_rate": 0.0}

    def ability(**more: float) -> float:
        months = lived(tuple(sorted({**rich, **more}.items()))).months[:, -1].sum(axis=0)
        return float(months[M.ABILITY] / months[M.HEADS] / 100)

    plain = ability(mentor_gain=1.0)
    assert ability(training_budget=0.0) < plain < ability(mentor_gain=3.0)
    assert ability(training_gain=0.0) < plain


FREE_LADDER = """
career.job_requirements.conditions:
  values:
    - since: 2020-01-01
      setting: 试算
      value:
        - {profile: 五级九档, grade: 1}
career.job_requirements.quota:
  values:
    - since: 2020-01-01
      setting: 试算
      value: {share: 30%, rounding: 进一, minimum: 0, tie: 并列全不入}
"""


def test_a_quota_ladder_with_a_known_flow_is_its_closed_form() -> None:
    """Nobody leaves, nothing but the quota stands between the grades: of n in a grade ⌈0.3 n⌉ rise each year, and no others.

    n_g(t+1) = n_g(t) − ⌈0.3 n_g(t)⌉ + ⌈0.3 n_{g−1}(t)⌉ with all in the first grade: the sum of rises by year, exactly.
    """
    one = scenario(parameters=quiet(score_noise=8.0), months=72, replicates=3, population=steady(100), diff=FREE_LADDER)
    got = rehearse(one).gathered
    rises = got.post_year[:, :, :, Y.RISES].sum(axis=2)
    grades, expected = np.array([100] + [0] * 8), []
    for _ in range(6):
        up = np.array([ceil(0.3 * n - 1e-9) for n in grades[:-1]] + [0])
        expected.append(int(up.sum()))
        grades = grades - up + np.concatenate([[0], up[:-1]])
    assert (got.months[:, :, M.HEADS] == 100).all()
    assert (rises == np.array(expected)).all()
