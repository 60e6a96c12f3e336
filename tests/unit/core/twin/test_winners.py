"""Who wins and who loses: everybody of the start once, nobody twice, and nothing that the whole does not have."""

import json

import numpy as np
import pytest
from tests.unit.core.twin.scenarios import scenario

from qinglan.core.twin.columns import M
from qinglan.core.twin.ensemble import rehearse
from qinglan.core.twin.gathering import Y
from qinglan.core.twin.outcomes import DIMENSIONS, own_pay
from qinglan.core.twin.scenario import run_of
from qinglan.core.twin.winners import EDGE, lots

RAISED = json.dumps(
    {
        "pay.cert_allowance.amount": {
            "values": [{"since": "2026-01-01", "setting": "试算", "value": {"无": "0", "初级": "900", "中级": "2000", "高级": "4000"}}]
        }
    },
    ensure_ascii=False,
)  # fmt: skip


@pytest.fixture(scope="module")
def lived():
    base = scenario(months=36, replicates=4)
    other = base.with_(diff=RAISED)
    return run_of(base), rehearse(base).gathered, rehearse(other).gathered


def test_groups_make_up_the_whole(lived) -> None:
    run, base, other = lived
    whole = lots(run, base, other, "all")["all"]
    assert whole.people == len(run.people)
    for dimension in DIMENSIONS:
        groups = lots(run, base, other, dimension).values()
        assert sum(one.people for one in groups) == whole.people, dimension
        for name in ("gain", "lose"):
            assert (sum(getattr(one, name) for one in groups) == getattr(whole, name)).all(), (dimension, name)
        for name in ("rises", "left"):
            together = sum(getattr(one, name) * one.people for one in groups)
            assert np.allclose(together, getattr(whole, name) * whole.people), (dimension, name)


def test_they_are_those_of_the_start_alone(lived) -> None:
    """Leavings and rises of who was there at the start are at most everybody's; nobody leaves twice."""
    _, base, _ = lived
    left, everybody = base.own_left.sum(axis=1), base.months[:, :, M.VOLUNTARY].sum(axis=0).reshape(-1, 12).sum(axis=1)
    assert (left <= everybody).all()
    assert left[0] > 0
    assert base.own_left.sum(axis=0).max() <= len(base.months)
    assert (base.own_rises.sum(axis=1) <= base.post_year[:, :, :, Y.RISES].sum(axis=(0, 2))).all()
    assert base.own_rises.sum() > 0


def test_who_gains_is_who_has_more_pay(lived) -> None:
    """Against each one's own mean pay, person by person, in the first year."""
    run, base, other = lived
    was, now = own_pay(base)[0], own_pay(other)[0]
    both = (was > 0) & (now > 0)
    whole = lots(run, base, other, "all")["all"]
    assert whole.gain[0] == (both & (now >= was * (1 + EDGE))).sum() > 0
    assert whole.lose[0] == (both & (now <= was * (1 - EDGE))).sum()
    swapped = lots(run, other, base, "all")["all"]
    assert swapped.lose[0] > 0


def test_the_same_run_has_neither(lived) -> None:
    run, base, _ = lived
    same = lots(run, base, base, "all")["all"]
    assert not same.gain.any()
    assert not same.lose.any()


def test_runs_of_other_lengths_are_not_paired(lived) -> None:
    run, base, _ = lived
    with pytest.raises(ValueError, match="不能逐人相比"):
        lots(run, base, rehearse(scenario(months=24, replicates=4)).gathered, "all")
