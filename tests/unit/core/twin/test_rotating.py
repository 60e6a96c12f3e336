"""Exchange between sub-districts: two and two of the same post, from the list that career.rotation_15 makes, nobody lost."""

import numpy as np
import pytest
from tests.unit.core.twin.scenarios import scenario

from qinglan.core.twin.columns import B, W
from qinglan.core.twin.ensemble import rehearse
from qinglan.core.twin.gathering import Y
from qinglan.core.twin.outcomes import INDICATORS
from qinglan.core.twin.population import FOUND, year_start
from qinglan.core.twin.scenario import run_of
from qinglan.core.twin.starting import start
from qinglan.core.twin.turning import turn

STILL = {"leaders_within": 0.0, "dismissal_uptake": 0.0}


def turned(uptake: float, seed: int = 5):
    """The start of a small district turned into its first year, before and after."""
    run = run_of(scenario(400, 4, parameters={**STILL, "rotation_uptake": uptake}, seed=seed))
    state = start(run, 0, 1)
    before = state.whole[0].copy(), state.real[0].copy()
    people = len(run.people)
    found = np.stack([run.people.found[name] for name in FOUND]).astype(np.int64)
    turn(run, state, found, np.arange(len(FOUND)), np.arange(people)[None], np.zeros(people, np.int64))
    return run, before, state


def test_those_on_the_list_change_places_with_their_like_elsewhere() -> None:
    run, (whole, real), state = turned(1.0)
    moves, after = state.moved[0], state.whole[0]
    listed = np.flatnonzero(run.people.found["rotation_selected"] == 1)
    assert 10 < len(moves) <= len(listed)
    source, target = moves[:, 0], moves[:, 2]
    assert set(source.tolist()) == set(target.tolist()) <= set(listed.tolist())
    assert np.array_equal(source.reshape(-1, 2)[:, ::-1], target.reshape(-1, 2))
    assert (run.slots.post[source] == run.slots.post[target]).all()
    assert (run.slots.subdistrict[source] != run.slots.subdistrict[target]).all()
    assert np.array_equal(after[W.ORIGIN, target], source)
    assert (after[W.SUBDISTRICT_SINCE, target] == year_start(run.people.year + 1)).all()
    # She is the same person there: birth, entry, burnout; nobody else has moved, nobody came or went.
    for row in (W.BIRTH, W.ENTRY, W.SEX):
        assert np.array_equal(after[row, target], whole[row, source])
    assert np.array_equal(state.real[0][B.BURNOUT, target], real[B.BURNOUT, source])
    others = np.setdiff1d(np.arange(len(run.people)), target)
    assert np.array_equal(after[W.ORIGIN, others], others)
    assert (after[W.OCCUPANT, target] == 1).all()
    assert (after[W.OCCUPANT, others] == 0).all()


def test_the_uptake_is_a_share_of_the_list() -> None:
    assert len(turned(0.0)[2].moved[0]) == 0
    some = [len(turned(0.5, seed)[2].moved[0]) for seed in (1, 2, 3)]
    assert 0 < np.mean(some) < len(turned(1.0)[2].moved[0])


QUOTA = """
career.rotation_15.quota:
  values:
    - since: 2020-01-01
      setting: 试算
      value: {{share: {share}%, rounding: 进一, minimum: 0, tie: 并列全不入}}
"""


@pytest.mark.parametrize(("share", "least", "most"), [(0, 0, 0), (15, 8, 60), (40, 20, 160)])
def test_the_packs_share_is_a_lever(share: int, least: int, most: int) -> None:
    """What a candidate's pack asks for is lived from its second year on: the first list is the recorded year's."""
    one = scenario(400, 4, months=36, replicates=2, diff=QUOTA.format(share=share), parameters={"rotation_uptake": 1.0})
    result = rehearse(one)
    found = INDICATORS["rotated"].of(result.gathered, run_of(one))
    assert ((least <= found[:, 1:]) & (found[:, 1:] <= most)).all()
    assert np.array_equal(result.gathered.unit_year[..., Y.ROTATED].sum(axis=2), found)
