"""Morris' screening: it finds what is known to matter, the same numbers every time, whoever works; and what is wrong is said."""

from dataclasses import asdict

import numpy as np
import pytest
from tests.unit.core.twin.scenarios import scenario

from qinglan.core.twin import sensitivity as under
from qinglan.core.twin.parameters import catalogue
from qinglan.core.twin.scenario import Scenario
from qinglan.core.twin.sensitivity import Factor, Item, Sensitivity, factors, morris, points_of
from qinglan.core.twin.working import here


def last(base: Scenario, moved: list[Factor], outcomes: list[str], **more: object) -> Sensitivity:
    made = None
    for _, _, found in morris(base, moved, outcomes, **more):  # type: ignore[arg-type]
        made = found or made
    assert made is not None
    return made


def test_a_linear_function_gives_its_own_slopes(monkeypatch: pytest.MonkeyPatch) -> None:
    """y = Σ c x over ranges of known width: the effect over the whole tested range is c × width, and nothing hangs on the others."""
    slopes = {"exit_rate": 20.0, "exit_burnout": -2.0, "exit_new": 0.0}
    moved = factors(scenario(), list(slopes), 0.5)

    def valued(item: Item) -> np.ndarray:
        given = {one.name: one.value for one in moved} | dict(item[3])
        return np.array([sum(slope * given[name] for name, slope in slopes.items())])

    monkeypatch.setattr(under, "valued", valued)
    found = last(scenario(), moved, ["stability"], trajectories=6, each=here(1))
    widths = {one.name: one.high - one.low for one in moved}
    for effect in found.effects["stability"]:
        assert effect.mu == pytest.approx(slopes[effect.name] * widths[effect.name], abs=1e-9)
        assert effect.mu_star == pytest.approx(abs(effect.mu), abs=1e-9)
        assert effect.sigma == pytest.approx(0, abs=1e-9)
    assert [one.name for one in found.effects["stability"]] == ["exit_rate", "exit_burnout", "exit_new"]


def test_a_range_goes_part_of_the_way_to_its_ends() -> None:
    one = catalogue()["exit_rate"]
    (moved,) = factors(scenario(parameters={"exit_rate": 0.2}), ["exit_rate"], 0.5)
    assert (moved.value, moved.low) == (0.2, pytest.approx(0.2 - 0.5 * (0.2 - one.low)))
    assert moved.high == pytest.approx(0.2 + 0.5 * (one.high - 0.2))
    everything = factors(scenario(), {one.group for one in catalogue().values()}, 0.1, without=("exit_rate",))
    names = {one.name for one in everything}
    assert "exit_rate" not in names
    assert not {"leaders_within", "market_wage"} & names  # a switch has no middle, nor has 0 for "the pack's own"


def test_what_matters_is_found_and_found_again() -> None:
    """Who leaves hangs on the leaving rate more than on the residents' votes; the same numbers with one thread and with two."""
    one = scenario(120, 2, months=12, replicates=8)
    moved = factors(one, ["exit_rate", "resident_noise"], 0.5)
    before = np.random.get_state()[1].copy()
    first = last(one, moved, ["voluntary", "residents"], trajectories=3, each=here(1))
    assert [effect.name for effect in first.effects["voluntary"]] == ["exit_rate", "resident_noise"]
    strong, weak = first.effects["voluntary"]
    assert strong.mu > 5
    assert weak.mu_star == 0
    assert asdict(last(one, moved, ["voluntary", "residents"], trajectories=3, each=here(2))) == asdict(first)
    assert (np.random.get_state()[1] == before).all()  # nobody else's chance is touched


def test_a_difference_can_be_what_is_looked_at() -> None:
    """Mentors for everybody against none: what they change hangs on what a mentor does, not on how satisfaction begins."""
    one = scenario(120, 2, {"mentor_share": 0.0}, months=12, replicates=8)
    many = one.with_(parameters=(("mentee_months", 600.0), ("mentees_per_mentor", 20.0), ("mentor_share", 1.0)))
    moved = factors(one, ["exit_mentor", "satisfaction_start"], 1.0)
    found = last(one, moved, ["voluntary"], candidate=many, trajectories=3, each=here(1))
    assert found.compared
    assert found.middle["voluntary"] < 0
    assert found.effects["voluntary"][0].name == "exit_mentor"


def test_how_many_points_and_what_is_wrong() -> None:
    assert points_of(9, 10, False) == 100
    assert points_of(9, 10, True) == 200
    with pytest.raises(ValueError, match="没有选参数"):
        list(morris(scenario(), [], ["stability"]))
    with pytest.raises(ValueError, match="没有选看什么"):
        list(morris(scenario(), factors(scenario(), ["exit_rate"], 0.5), ["nothing"]))
