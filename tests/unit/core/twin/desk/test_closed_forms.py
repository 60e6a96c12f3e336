"""The simulated desk against queues with known answers: Erlang C, impatience, Pollaczek–Khinchine, and a recursion resident by resident."""

from math import isclose

import numpy as np
import pytest
from scipy.stats import t

from qinglan.core.twin.desk.case import Case, Kind, Team
from qinglan.core.twin.desk.closed import erlang_b, erlang_c, impatient, mean_wait, wait_of_any_service
from qinglan.core.twin.desk.layouts import Layout, plan_of
from qinglan.core.twin.desk.simulating import every, residents

LOADS, SIZES = (0.5, 0.6, 0.7, 0.8, 0.9), (1, 3, 8)
SERVICE = 10.0  # minutes
ERROR = 0.05 / (len(LOADS) * len(SIZES))  # all intervals together hold with 95%


def long_day(load: float, servers: int, people: int, *, seed: int, shape: str = "指数", **parameters: float) -> Case:
    """One window with this load a server, open without end; nobody leaves unless told otherwise."""
    an_hour = load * servers * 60.0 / SERVICE
    hours = int(people / an_hour)
    given = {"patience": 0.0, "day_spread": 0.0} | parameters
    return Case(
        "长日", (Team("窗口", servers, 0),), (Kind("事", 0, SERVICE),), tuple(range(0, hours * 60, 60)), ((an_hour,),) * hours,
        servers, servers, 1, 1, 2, seed, shape, tuple(sorted(given.items())),
    )  # fmt: skip


def settled(case: Case, replicates: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean wait (minutes) and share that left in each replicate, without the first fifth of the residents."""
    plan, values = plan_of(Layout.SEPARATE, case), case.values()
    waits, leavers = [], []
    for replicate in range(replicates):
        come = residents(case, values, replicate)
        wait, _, left, *_ = every(case, plan, come)
        first = len(wait) // 5
        waits.append(wait[first:].mean() / 1000.0)
        leavers.append(left[first:].mean())
    return np.array(waits), np.array(leavers)


def half(values: np.ndarray, error: float = ERROR) -> float:
    return float(t.ppf(1 - error / 2, len(values) - 1) * values.std(ddof=1) / len(values) ** 0.5)


def held(people: int, replicates: int, widest: float) -> None:
    for servers in SIZES:
        for load in LOADS:
            case = long_day(load, servers, people, seed=int(servers * 1000 + load * 100))
            found, _ = settled(case, replicates)
            known = mean_wait(load * servers / SERVICE, SERVICE, servers)
            assert abs(found.mean() - known) <= half(found), (servers, load, found.mean(), known, half(found))
            assert half(found) <= widest * known, (servers, load, half(found) / known)


def test_mean_waits_are_erlangs_for_five_loads_and_three_sizes() -> None:
    held(people=12_000, replicates=10, widest=0.7)


@pytest.mark.slow
def test_mean_waits_are_erlangs_within_a_narrow_interval() -> None:
    held(people=150_000, replicates=30, widest=0.06)


def test_the_interval_would_not_hold_another_queue() -> None:
    """A control: what is simulated for load 0.7 is not what Erlang says of 0.8, nor of one window more."""
    found, _ = settled(long_day(0.7, 3, 12_000, seed=3070), 10)
    for load, servers in ((0.8 * 3, 3), (0.7 * 3, 4)):
        assert abs(found.mean() - mean_wait(load / SERVICE, SERVICE, servers)) > half(found)


def test_those_who_leave_are_as_many_as_palm_says() -> None:
    case = long_day(1.1, 3, 12_000, seed=5, patience=15.0)
    waits, leavers = settled(case, 10)
    share, wait = impatient(3.3 / SERVICE, SERVICE, 3, 15.0)
    assert abs(leavers.mean() - share) <= half(leavers, 0.01)
    assert abs(waits.mean() - wait) <= half(waits, 0.01)
    assert half(leavers, 0.01) < 0.1 * share


@pytest.mark.parametrize(("shape", "cv"), [("对数正态", 1.5), ("对数正态", 0.5), ("定长", 0.0)])
def test_one_window_waits_as_pollaczek_and_khinchine_say(shape: str, cv: float) -> None:
    found, _ = settled(long_day(0.7, 1, 20_000, seed=11, shape=shape, service_cv=cv), 10)
    known = wait_of_any_service(0.7 / SERVICE, SERVICE, cv)
    assert abs(found.mean() - known) <= half(found, 0.01)
    assert half(found, 0.01) < 0.3 * known


def recursion(at: np.ndarray, limit: np.ndarray, work: np.ndarray, servers: int) -> tuple[list[float], list[bool]]:
    """First come, first served, in plain Python: each takes the window that is free first, unless her patience ends before."""
    free, waits, gone = [0.0] * servers, [], []
    for come, leave, minutes in zip(at, limit, work, strict=True):
        first = min(range(servers), key=lambda one: free[one])
        begin = max(come, free[first])
        gone.append(begin >= leave)
        waits.append(min(begin, leave) - come)
        if begin < leave:
            free[first] = begin + minutes
    return waits, gone


def test_each_resident_waits_as_the_plain_recursion_says() -> None:
    case = long_day(1.2, 4, 1_500, seed=8, patience=20.0, general_factor=1.3, general_start=1.3)
    come = residents(case, case.values(), 0)
    wait, _, left, *_ = every(case, plan_of(Layout.GENERAL, case), come)
    waits, gone = recursion(come.at, come.limit, come.need * SERVICE * 1.3, 4)
    np.testing.assert_allclose(wait / 1000.0, waits, atol=0.0006)
    assert left.tolist() == gone
    assert 0 < sum(gone) < len(gone)


def test_erlangs_own_numbers() -> None:
    """Tables of Erlang B and C, the share of workforce_evidence, and a load and number of servers that would overflow factorials."""
    assert isclose(erlang_b(2.0, 3), 4 / 19, rel_tol=1e-12)
    assert isclose(erlang_c(2.0, 3), 4 / 9, rel_tol=1e-12)
    assert isclose(mean_wait(0.9, 1.0, 1), 9.0, rel_tol=1e-9)
    assert isclose(mean_wait(1.8, 1.0, 2), 4.263, rel_tol=1e-3)
    assert 0 < erlang_c(4_900, 5_000) < 1
    assert mean_wait(3.0, 1.0, 3) == float("inf")
    share, wait = impatient(900.0, 1.0, 1_000, 5.0)
    assert 0 <= share < 1e-3
    assert 0 <= wait < 1e-3
