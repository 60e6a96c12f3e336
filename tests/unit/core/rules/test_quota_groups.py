"""Quotas over groups: never more than the capacity, ties together, groups apart; against a plain-Python reading."""

from fractions import Fraction
from math import ceil, floor

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from qinglan.core.frame.codes import Rounding, Tie
from qinglan.core.rules.groups import GroupFamily, QuotaTable, compute_groups

FAMILY = GroupFamily(
    id="test.quota", label="样例", mechanisms=("test.quota",), prefix="q", group="group", counted="counted",
    eligible="eligible", keys=("score", "service"), item="test.quota", quota=lambda pack: pack["test.quota"],
)  # fmt: skip

row = st.tuples(st.integers(0, 3), st.integers(0, 1), st.integers(0, 1), st.integers(0, 3), st.integers(0, 1))
quotas = st.builds(
    QuotaTable,
    percent=st.integers(0, 10_000),
    rounding=st.sampled_from([int(one) for one in Rounding]),
    minimum=st.integers(0, 2),
    tie=st.sampled_from([int(one) for one in Tie]),
)


def compute(rows, quota: QuotaTable) -> dict[str, list[int]]:
    names = ("group", "counted", "eligible", "score", "service")
    columns = {name: np.array([one[index] for one in rows], np.int64) for index, name in enumerate(names)}
    return {name: column.tolist() for name, column in compute_groups(FAMILY, columns, quota).items()}


def capacity(headcount: int, quota: QuotaTable) -> int:
    exact = Fraction(headcount * quota.percent, 10_000)
    whole = {1: ceil(exact), 2: floor(exact), 3: floor(exact + Fraction(1, 2))}[quota.rounding]
    return max(whole, quota.minimum)


@given(st.lists(row, max_size=25), quotas)
@settings(max_examples=200, deadline=None)
def test_against_a_plain_reading(rows, quota: QuotaTable) -> None:
    got = compute(rows, quota)
    for index, (group, _, eligible, *keys) in enumerate(rows):
        members = [one for one in rows if one[0] == group]
        headcount = sum(one[1] for one in members)
        places = capacity(headcount, quota)
        better = sum(1 for one in members if one[2] and one[3:] > tuple(keys))
        equal = sum(1 for one in members if one[2] and one[3:] == tuple(keys))
        fits = better + equal <= places
        cut = not fits and better < places
        assert got["q_headcount"][index] == headcount
        assert got["q_capacity"][index] == places
        assert got["q_position"][index] == (better + 1 if eligible else 0)
        assert got["q_tied"][index] == int(bool(eligible) and cut)
        assert got["q_selected"][index] == int(bool(eligible) and (fits or (cut and quota.tie == Tie.ALL_ENTER)))


@given(st.lists(row, max_size=25), quotas)
@settings(max_examples=100, deadline=None)
def test_never_more_than_the_capacity_when_ties_stay_out(rows, quota: QuotaTable) -> None:
    strict = quota._replace(tie=int(Tie.NONE_ENTERS))
    got = compute(rows, strict)
    for group in {one[0] for one in rows}:
        inside = [got["q_selected"][index] for index, one in enumerate(rows) if one[0] == group]
        at = next(index for index, one in enumerate(rows) if one[0] == group)
        assert sum(inside) <= got["q_capacity"][at]
        assert got["q_left"][at] == got["q_capacity"][at] - sum(inside)
        assert got["q_left"][at] >= 0


@given(st.lists(row, min_size=1, max_size=20), st.lists(row, max_size=10), quotas, st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_groups_are_independent_and_order_does_not_matter(rows, others, quota: QuotaTable, seed) -> None:
    apart = [(one[0] + 10, *one[1:]) for one in others]
    mixed = list(enumerate(rows + apart))
    seed.shuffle(mixed)
    alone = compute(rows, quota)
    together = compute([one for _, one in mixed], quota)
    for at, (index, _) in enumerate(mixed):
        if index < len(rows):
            assert {name: column[at] for name, column in together.items()} == {
                name: column[index] for name, column in alone.items()
            }


def test_fifteen_percent_of_an_odd_headcount() -> None:
    rows = [(1, 1, 1, score, 0) for score in range(13)]
    down = compute(rows, QuotaTable(1_500, Rounding.DOWN, 0, Tie.NONE_ENTERS))
    up = compute(rows, QuotaTable(1_500, Rounding.UP, 0, Tie.NONE_ENTERS))
    assert down["q_capacity"][0] == 1  # 13 × 15% = 1.95
    assert up["q_capacity"][0] == 2
    assert [index for index, inside in enumerate(up["q_selected"]) if inside] == [11, 12]


def test_an_empty_frame_gives_empty_steps() -> None:
    assert set(compute([], QuotaTable(1_500, 2, 0, 1))) == set(FAMILY.steps)
