"""What must hold whatever the parameters: people and pay are conserved, closed forms are met, the evidence's signs and sizes come out."""

from datetime import date

import numpy as np
import pytest
from tests.unit.core.frame.rows import employment, person, posting, records
from tests.unit.core.twin.scenarios import scenario

from qinglan.core.frame.freezing import freeze
from qinglan.core.twin.columns import M, W
from qinglan.core.twin.ensemble import Result, rehearse
from qinglan.core.twin.gathering import Gathered, Y
from qinglan.core.twin.outcomes import DIMENSIONS, GROUP_MEASURES, INDICATORS, by_group, groups
from qinglan.core.twin.scenario import Scenario, run_of

EXITS = (M.VOLUNTARY, M.DISMISSED, M.RETIRED, M.PROMOTED)
BUSY = {"exit_rate": 0.4, "recruit_delay": 1.0, "pool_inflow": 0.1, "dismissal_uptake": 1.0, "promotion_rate": 0.1}
START_LEVEL = """
pay.three_plus_x.start_level:
  values:
    - since: 2026-01-01
      setting: 试算
      value: {yuan}
"""


@pytest.fixture(scope="module")
def busy() -> tuple[Scenario, Result]:
    one = scenario(months=36, replicates=8, parameters=BUSY)
    return one, rehearse(one)


def test_people_in_are_people_out_and_people_there(busy: tuple[Scenario, Result]) -> None:
    one, result = busy
    months = result.gathered.months
    start = len(run_of(one).people)
    exits = months[:, :, EXITS].sum(axis=2)
    assert (months[:, 0, M.HEADS] == start + months[:, 0, M.RECRUITS]).all()
    assert np.array_equal(months[:, 1:, M.HEADS], (months[:, :-1, M.HEADS] - exits[:, :-1]) + months[:, 1:, M.RECRUITS])
    there = (result.state.whole[:, W.PRESENT] == 1).sum(axis=1)
    assert np.array_equal(start + months[:, :, M.RECRUITS].sum(axis=1) - exits.sum(axis=1), there)
    assert np.array_equal(months[:, :, M.HEADS] + months[:, :, M.VACANT], np.full(exits.shape, start))
    assert exits.sum() > 1000
    assert (months[:, :, EXITS].sum(axis=(0, 1))[[0, 2, 3]] > 0).all()


def test_a_post_is_not_filled_before_its_delay() -> None:
    result = rehearse(
        scenario(months=12, parameters={**BUSY, "recruit_delay": 4.0, "pool_size": 5.0, "leaders_within": 0.0})
    )
    months = result.gathered.months
    exits = months[:, :, EXITS].sum(axis=2)
    assert (months[:, :5, M.RECRUITS] == 0).all()
    assert np.array_equal(months[:, 5:, M.RECRUITS], exits[:, :-5])  # candidates enough: each post filled when due


def test_leaders_come_from_within_their_community() -> None:
    """On 1 January an empty leading post goes to one of the community with two years' service; nobody else is moved."""
    one = scenario(360, 4, months=12, replicates=4, parameters={"exit_rate": 0.4, "rotation_uptake": 0.0})
    run, state = run_of(one), rehearse(one).state
    leading = run.slots.post < 6
    before = state.moved
    moved = np.concatenate(before)
    assert len(moved) > 20
    assert leading[moved[:, 2]].all()
    assert not leading[moved[:, 0]].any()
    assert np.array_equal(run.slots.unit[moved[:, 0]], run.slots.unit[moved[:, 2]])
    for replicate, moves in enumerate(before):
        whole = state.whole[replicate]
        assert (whole[W.PRESENT, moves[:, 2]] == 1).all()
        assert (whole[W.PRESENT, moves[:, 0]] == 0).all()
        assert (whole[W.ENTRY, moves[:, 2]] <= (date(2025, 1, 2) - date(1970, 1, 1)).days).all()
    outside = rehearse(
        one.with_(parameters=(("exit_rate", 0.4), ("leaders_within", 0.0), ("rotation_uptake", 0.0)))
    ).state
    assert sum(map(len, outside.moved)) == 0


def test_pay_is_the_sum_of_payslips_and_groups_add_up(busy: tuple[Scenario, Result]) -> None:
    one, result = busy
    got, run = result.gathered, run_of(one)
    yearly = got.bill.reshape(len(got.bill), -1, 12).sum(axis=2)
    for table in (got.unit_year, got.cell_year, got.post_year):
        assert np.array_equal(table[:, :, :, Y.GROSS].sum(axis=2), yearly)
    months = got.months.reshape(len(got.months), -1, 12, got.months.shape[2]).sum(axis=2)
    for table in (got.unit, got.post):
        assert np.array_equal(table.sum(axis=2), months)
    seen = [measure for measure in range(len(M)) if measure != M.VACANT]  # an empty post has no sex, age or tier
    assert np.array_equal(got.cell.sum(axis=2)[..., seen], months[..., seen])
    for dimension in DIMENSIONS:
        for measure in ("heads", "rises"):
            total = sum(by_group(run, got, dimension, measure).values())
            assert np.allclose(total, by_whole(got, measure)), (dimension, measure)
    assert (got.own_gross > 0).any()
    assert (got.own_gross.sum() < yearly.sum()).all()


def by_whole(got: Gathered, measure: str) -> np.ndarray:
    of = GROUP_MEASURES[measure][2]
    months = got.months.reshape(len(got.months), -1, 12, got.months.shape[2]).sum(axis=2)
    return of(months, got.post_year.sum(axis=2))


def test_stability_is_the_rules_own_definition(busy: tuple[Scenario, Result]) -> None:
    """1 − (voluntary + dismissed) ÷ average headcount, to the hundredth of a percent (mechanisms §3, decision 10)."""
    got = busy[1].gathered
    months = got.months
    start = months[:, 0, M.HEADS] - months[:, 0, M.RECRUITS]
    end = start + months[:, :12, M.RECRUITS].sum(axis=1) - months[:, :12, EXITS].sum(axis=(1, 2))
    left = months[:, :12, M.VOLUNTARY].sum(axis=1) + months[:, :12, M.DISMISSED].sum(axis=1)
    assert np.abs(got.stability[:, 0] / 10_000 - (1 - left / ((start + end) / 2))).max() <= 0.5e-4


def young(number: int) -> bytes:
    """People whom no rule and no age moves: one post, one age."""
    rows = range(1, number + 1)
    made = records(
        people=[person(one, birth=date(1990, 1, 1)) for one in rows],
        employments=[employment(date(2020, 1, 1), number=one) for one in rows],
        postings=[posting(date(2020, 1, 1), number=one) for one in rows],
    )
    return freeze(made, "", {})


def test_leaving_alone_is_geometric() -> None:
    """All effects off, nobody recruited: survivors of month t are a share (1 − h)^t, within the sampling error of each month."""
    off = dict.fromkeys((name for name in run_of(scenario()).behaviour._fields if name.startswith("exit_")), 0.0)
    quiet = {**off, "exit_rate": 0.3, "promotion_rate": 0.0, "pool_size": 0.0, "pool_inflow": 0.0}
    one = scenario(months=36, replicates=20, parameters=quiet, population=young(100))
    months = rehearse(one).gathered.months
    people = 20 * 100
    hazard = 1 - (1 - 0.3) ** (1 / 12)
    share = months[:, :, M.HEADS].sum(axis=0) / people
    expected = (1 - hazard) ** np.arange(36)
    error = np.sqrt(expected * (1 - expected) / people)
    assert share[0] == 1
    assert (np.abs(share - expected)[1:] < 4 * error[1:]).all()
    assert months[:, :, M.RECRUITS].sum() == 0


def leaving(parameters: dict[str, float] | None = None, **more: str) -> float:
    """Voluntary exits a year over people, the first two years of 40 replicates of 360 people."""
    months = rehearse(scenario(360, 4, parameters, months=24, replicates=40, **more)).gathered.months.sum(axis=(0, 1))
    return float(months[M.VOLUNTARY] * 12 / months[M.HEADS])


@pytest.fixture(scope="module")
def usual() -> float:
    return leaving()


def test_the_start_leaves_at_the_rate_it_should(usual: float) -> None:
    assert usual == pytest.approx(0.12, abs=0.01)


def test_ten_percent_more_pay_keeps_one_to_six_points(usual: float) -> None:
    """Evidence §3.1; Falch's six points are the upper bound."""
    assert 0.01 <= usual - leaving(diff=START_LEVEL.format(yuan=4620)) <= 0.06


def test_pay_is_convex(usual: float) -> None:
    assert leaving(diff=START_LEVEL.format(yuan=3780)) - usual > usual - leaving(diff=START_LEVEL.format(yuan=4620))


def test_mentors_for_everybody_keep_three_points_at_most() -> None:
    none = leaving({"mentor_share": 0.0})
    everybody = leaving({"mentor_share": 1.0, "mentees_per_mentor": 20.0, "mentee_months": 600.0})
    assert 0 < none - everybody <= 0.03


def test_less_burnout_keeps_people(usual: float) -> None:
    assert 0.005 < usual - leaving({"burnout_share": 0.30}) < 0.04


def test_load_alone_does_little(usual: float) -> None:
    """A fifth more to do in the second year: caseload itself has no effect, only what it does to burnout."""
    assert 0 < leaving({"demand_growth": 0.1}) - usual < 0.01


def test_every_indicator_is_a_number(busy: tuple[Scenario, Result]) -> None:
    one, result = busy
    for indicator in INDICATORS.values():
        values = indicator.of(result.gathered, run_of(one))
        assert values.shape == (8, 3 if indicator.yearly else 36), indicator.name
        assert np.isfinite(values).all(), indicator.name
    for dimension in DIMENSIONS:
        assert groups(run_of(one), result.gathered, dimension)
        for measure in GROUP_MEASURES:
            assert all(
                np.isfinite(one).all() for one in by_group(run_of(one), result.gathered, dimension, measure).values()
            )
