"""Levers do what their names say, each by itself, against the same luck."""

from datetime import date

import numpy as np
import pytest
from tests.unit.core.twin.scenarios import scenario

from qinglan.core.twin.columns import M, W
from qinglan.core.twin.ensemble import rehearse
from qinglan.core.twin.gathering import Gathered, Y
from qinglan.core.twin.outcomes import groups, own_pay, residents
from qinglan.core.twin.scenario import run_of

HARSH = {"score_noise": 20.0, "month_noise": 25.0, "score_burnout": 50.0, "exit_rate": 0.02}


def lived(parameters: dict[str, float] | None = None, months: int = 36, **more: object) -> Gathered:
    return rehearse(scenario(240, 3, parameters, months=months, replicates=6, **more)).gathered


def total(got: Gathered, measure: int) -> int:
    return int(got.months[:, :, measure].sum())


@pytest.fixture(scope="module")
def usual() -> Gathered:
    return lived()


def test_more_posts_are_filled_and_lighten_the_load(usual: Gathered) -> None:
    more = lived({"staffing_ratio": 1.2, "pool_size": 1.0})
    plenty = lived({"pool_size": 1.0})
    posts = more.months[:, 0, M.HEADS] + more.months[:, 0, M.VACANT]
    assert (posts > 1.12 * 240).all()
    assert more.months[:, -1, M.HEADS].mean() > plenty.months[:, -1, M.HEADS].mean() + 20
    assert total(more, M.LOAD) / total(more, M.HEADS) < total(plenty, M.LOAD) / total(plenty, M.HEADS)


def test_fewer_posts_dismiss_nobody_but_are_not_filled_again(usual: Gathered) -> None:
    fewer = lived({"staffing_ratio": 0.8}, months=120)
    assert (fewer.months[:, 0, M.HEADS] == 240).all()
    assert (fewer.months[:, -1, M.HEADS] <= 0.9 * 240).all()
    assert total(fewer, M.DISMISSED) == 0


def test_no_budget_no_hours_and_less_ability(usual: Gathered) -> None:
    poor = lived({"training_budget": 0.0})
    assert total(poor, M.HOURS) == 0
    assert total(poor, M.ABILITY) / total(poor, M.HEADS) < total(usual, M.ABILITY) / total(usual, M.HEADS)


def test_hours_never_pass_what_is_owed_nor_the_budget(usual: Gathered) -> None:
    rich = lived({"training_budget": 10_000.0, "training_capacity": 1000.0, "training_participation": 1.0})
    per_head = rich.months[:, :12, M.HOURS].sum() / rich.months[:, :12, M.HEADS].sum() * 12 / 100
    assert 40 <= per_head <= 56  # five or seven days of eight hours (S1)
    assert usual.months[:, :, M.HOURS].sum() / 100 * 3.5 <= 150 * usual.months[:, :, M.HEADS].sum() / 12


def test_a_longer_delay_leaves_posts_empty(usual: Gathered) -> None:
    assert total(lived({"recruit_delay": 12.0}), M.VACANT) > 1.3 * total(usual, M.VACANT)


def test_a_better_allowance_brings_certificates(usual: Gathered) -> None:
    diff = """
pay.cert_allowance.amount:
  values:
    - since: 2026-01-01
      setting: 试算
      value: {无: 0, 初级: 500, 中级: 900, 高级: 1200}
"""
    more = lived({"certificate_pull": 0.5}, diff=diff).post_year[:, -1, :, Y.CERTIFIED].sum()
    assert more > lived({"certificate_pull": 0.5}).post_year[:, -1, :, Y.CERTIFIED].sum()


def test_nobody_is_dismissed_unless_proposals_are_taken_up() -> None:
    """The law's way: unfit, trained or moved, unfit again, and only then may a proposal end the contract."""
    kept = lived({**HARSH, "dismissal_uptake": 0.0}, months=96)
    ended = lived({**HARSH, "dismissal_uptake": 1.0}, months=96)
    assert total(kept, M.DISMISSED) == 0
    assert total(ended, M.DISMISSED) > 0
    assert (ended.months[:, :24, M.DISMISSED] == 0).all()
    january = np.arange(96) % 12 == 0
    assert (ended.months[:, ~january, M.DISMISSED] == 0).all()


def test_elected_members_are_never_dismissed_by_rule() -> None:
    got = lived({**HARSH, "dismissal_uptake": 1.0}, months=96)
    table = run_of(scenario()).pack.on(date(2030, 1, 1))["exit.unfit.elected_posts"]
    elected = [post for post in range(1, 10) if table[post] == 1]
    assert {3, 5, 6} <= set(elected)
    assert got.post[:, :, elected, M.DISMISSED].sum() == 0
    assert got.post[:, :, [7, 8, 9], M.DISMISSED].sum() > 0


def test_rises_keep_to_the_quota_of_each_replicate(usual: Gathered) -> None:
    """All replicates are computed at once, and none takes another's places: alone each rises as many."""
    one = scenario(240, 3, months=36, replicates=1)
    assert np.array_equal(rehearse(one).gathered.post_year, usual.post_year[:1])
    assert (usual.post_year[:, :, :, Y.RISES].sum(axis=2) > 0).all()


def test_who_was_there_at_the_start_is_followed(usual: Gathered) -> None:
    pay = own_pay(usual)
    assert pay.shape == (3, 240)
    assert (pay[0] > 3000).sum() > 200
    assert (usual.own_paid[2] <= usual.own_paid[0]).mean() > 0.9


def test_satisfaction_of_residents_comes_out_by_community(usual: Gathered) -> None:
    run = run_of(scenario(240, 3, months=36, replicates=6))
    found = residents(run, usual)
    assert len(found) == 27
    assert all(((values > 0) & (values <= 1)).all() for values in found.values())
    assert {"新手", "骨干", "中坚"} <= set(groups(run, usual, "tier"))
    assert len(groups(run, usual, "unit")) == 27


def test_the_state_stays_in_bounds() -> None:
    state = rehearse(scenario(240, 3, HARSH, months=60, replicates=3)).state
    here = state.whole[:, W.PRESENT] == 1
    assert here.any()
    values = np.moveaxis(state.real, 1, 0)
    assert np.isfinite(values).all()
    assert ((values[0:4, here] >= 0) & (values[0:4, here] <= 1)).all()
    assert ((values[-6:, here] >= 0) & (values[-6:, here] <= 100)).all()
