"""The desk: when pooling wins and when it loses, hand-overs and overflow, learning, conservation, the same bytes, fuzz."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.core.twin.desk.desks import HOURS, loaded, small

from qinglan.core.twin.desk.case import Case, Kind, Team, case_of, checked
from qinglan.core.twin.desk.closed import mean_wait
from qinglan.core.twin.desk.figures import FIGURES, outcome, values_of
from qinglan.core.twin.desk.layouts import Layout, plan_of
from qinglan.core.twin.desk.simulating import Lived, quantile, simulate

BOTH = (Team("甲", 1, 0), Team("乙", 1, 0))


def waits(case: Case, layout: Layout) -> float:
    lived = simulate(case, [layout])[layout]
    return float(values_of(case, 1, lived)["wait"].mean())


def test_pooling_wins_with_one_kind_of_matter_and_equal_speed() -> None:
    case = loaded(BOTH, (10.0, 10.0), (0.8, 0.8))
    separate, pooled = waits(case, Layout.SEPARATE), waits(case, Layout.GENERAL)
    assert pooled < 0.6 * separate
    assert pooled == pytest.approx(mean_wait(0.16, 10.0, 2), rel=0.1)


def test_pooling_loses_where_quick_matters_wait_behind_long_ones() -> None:
    """Two minutes and an hour in one queue: the mix costs more than the pooling gives (van Dijk and van der Sluis)."""
    case = loaded(BOTH, (2.0, 60.0), (0.6, 0.6))
    found = simulate(case, [Layout.SEPARATE, Layout.GENERAL])
    separate, pooled = (values_of(case, 2, found[one])["wait"] for one in (Layout.SEPARATE, Layout.GENERAL))
    apart = pooled - separate
    assert apart.mean() > 3 * apart.std(ddof=1) / len(apart) ** 0.5
    assert pooled.mean() > 1.5 * separate.mean()
    quick = [found[one].wait.sum((0, 1))[0] / found[one].came.sum((0, 1))[0] for one in found]
    assert quick[1] > 3 * quick[0]  # those with the quick matters lose


def test_pooling_loses_where_generalists_are_too_slow() -> None:
    """At 90% the evidence leaves two windows 5% of slowness; 8% is too much, though the queue still ends."""
    case = loaded(BOTH, (10.0, 10.0), (0.9, 0.9), parameters={"general_start": 1.08, "general_factor": 1.08})
    assert mean_wait(0.18, 10.8, 2) > mean_wait(0.09, 10.0, 1)
    assert waits(case, Layout.GENERAL) > waits(case, Layout.SEPARATE)
    equal = loaded(BOTH, (10.0, 10.0), (0.9, 0.9))
    assert waits(equal, Layout.GENERAL) < waits(equal, Layout.SEPARATE)


def test_overflow_shortens_the_counters_queue_and_hand_overs_are_as_many_as_said() -> None:
    values = (("handover_share", 0.3), ("overflow_length", 0.0), ("patience", 0.0))
    never = small(replicates=20, parameters=values, teams=(Team("社保", 2, 2), Team("民政", 1, 0)), front=1)
    helped = never.with_(parameters=(("handover_share", 0.3), ("overflow_length", 1.0), ("patience", 0.0)))
    first, second = (simulate(case, [Layout.COUNTER])[Layout.COUNTER] for case in (never, helped))
    assert second.wait.sum() < 0.8 * first.wait.sum()
    shares = first.handed.sum((0, 1)) / first.came.sum((0, 1))
    assert shares[0] == pytest.approx(0.3, abs=0.03)
    assert shares[1] == pytest.approx(0.4, abs=0.04)  # the matter's own
    assert shares[2] == 0  # nobody stands behind that window
    assert second.handed.sum() < first.handed.sum()  # specialists who help out keep their own matters


def test_the_surplus_of_beginners_falls_by_half() -> None:
    case = small(months=12, days=21, replicates=20, parameters=(("learning_months", 3.0), ("general_start", 1.6)))
    values = case.values()
    assert values.general(3) - values.general_factor == pytest.approx((values.general(0) - values.general_factor) / 2)
    lived = simulate(case, [Layout.GENERAL, Layout.SEPARATE])
    busy = lived[Layout.GENERAL].busy.sum((0, 2)) / lived[Layout.SEPARATE].busy.sum((0, 2))
    assert busy[0] > busy[5] > busy[11]


def test_people_are_conserved_and_the_same_residents_come_to_every_layout() -> None:
    found = simulate(small())
    one, *others = found.values()
    for other in others:
        np.testing.assert_array_equal(one.came, other.came)
    for lived in found.values():
        assert (lived.left <= lived.came).all()
        assert (lived.left >= 0).all()
        assert lived.came.sum() > 0


@pytest.mark.parametrize("workers", [2, 8])
def test_the_same_bytes_for_any_number_of_workers(workers: int) -> None:
    case = small()
    one, more = simulate(case), simulate(case, workers=workers)
    assert {layout: lived.digest for layout, lived in one.items()} == {
        layout: lived.digest for layout, lived in more.items()
    }
    assert one[Layout.GENERAL].digest != simulate(case.with_(seed=4))[Layout.GENERAL].digest


@pytest.mark.parametrize(
    "setting",
    [{"QINGLAN_UNCOMPILED": "1"}, {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-FMA,-AVX2,-FMA4,-AVX512F"}],
)
def test_the_same_bytes_without_the_compiler_and_on_another_cpu(setting: dict[str, str]) -> None:
    code = (
        "from tests.unit.core.twin.desk.desks import small\n"
        "from qinglan.core.twin.desk.simulating import simulate\n"
        "print(*[one.digest for one in simulate(small(replicates=2)).values()])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | setting, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [one.digest for one in simulate(small(replicates=2)).values()]


def test_a_case_survives_its_plain_form() -> None:
    case = small(parameters=(("patience", 30.0),))
    assert case_of(json.loads(json.dumps(case.plain()))) == case


def test_quantiles_are_the_smallest_value_that_the_share_does_not_exceed() -> None:
    values = np.arange(1, 101)
    assert [quantile(values, q) for q in (0.5, 0.9, 0.95, 0.99, 1.0)] == [50, 90, 95, 99, 100]
    assert quantile(values[:0], 0.5) == -1


def test_freed_people_keep_the_promise() -> None:
    found = outcome(small(replicates=10))
    for one in found["freed"]:
        assert one["people"] is None or one["freed"] == 3 - one["people"]


kinds = st.lists(
    st.tuples(st.floats(0.1, 120), st.one_of(st.none(), st.floats(0, 3)), st.one_of(st.none(), st.floats(0, 1))),
    min_size=1, max_size=4,
)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(data=st.data(), matters=kinds, seed=st.integers(0, 2**62))
def test_no_desk_gives_a_number_that_is_none(data: st.DataObject, matters: list, seed: int) -> None:
    teams = tuple(
        Team(f"窗{n}", data.draw(st.integers(1, 4)), data.draw(st.integers(0, 2))) for n in range(len(matters))
    )
    rates = st.floats(0, 12).map(lambda one: round(one, 3))
    arrivals = tuple(tuple(data.draw(rates) for _ in matters) for _ in HOURS[:3])
    if not any(map(any, arrivals)):
        arrivals = ((1.0,) * len(matters),) * 3
    parameters = (
        ("day_spread", data.draw(st.sampled_from([0.0, 0.5, 1.0]))), ("handover_share", data.draw(st.floats(0, 1))),
        ("overflow_length", data.draw(st.sampled_from([0.0, 1.0, 3.0]))), ("patience", data.draw(st.sampled_from([0.0, 1.0, 45.0]))),
    )  # fmt: skip
    case = checked(Case(
        "任意", teams, tuple(Kind(f"事{n}", n, *one) for n, one in enumerate(matters)), HOURS[:3], arrivals,
        data.draw(st.integers(1, 5)), data.draw(st.integers(1, 5)), 1, 2, 2, seed, data.draw(st.sampled_from(["对数正态", "指数", "定长"])), parameters,
    ))  # fmt: skip
    found = outcome(case, freed=False)
    json.dumps(found, allow_nan=False)
    lived = simulate(case)
    for layout, one in lived.items():
        assert isinstance(one, Lived)
        assert (one.wait >= 0).all(), layout
        assert (one.stay >= 0).all()
        assert (one.left <= one.came).all()
        assert (one.busy >= 0).all()
        assert plan_of(layout, case).people >= 1
    assert {figure.name for figure in FIGURES} == set(found["layouts"][0]["figures"])
