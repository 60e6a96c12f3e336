"""No small group can be read off a published table, nor computed from it: checked by trying every table that fits."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qinglan.apps.people.queries.suppression import may_show, suppressed, suppressed_list

K = 3
ROWS, COLUMNS = ("甲", "乙", "丙"), ("一级", "二级")
TABLES = st.lists(st.integers(0, 6), min_size=6, max_size=6)


def publish(values: list[int]) -> Any:
    cells = dict(zip(product(ROWS, COLUMNS), values, strict=True))
    return cells, suppressed(cells, ROWS, COLUMNS, K)


def fitting(published: Any, most: int) -> list[tuple[int, ...]]:
    """Every table of counts that would be published like this: what somebody who knows the method can conclude."""
    shown, of_rows, of_columns, total = published
    choices = [range(most + 1) if shown[spot] is None else [shown[spot]] for spot in product(ROWS, COLUMNS)]
    found = []
    for values in product(*choices):
        cells = dict(zip(product(ROWS, COLUMNS), values, strict=True))
        sums = [(of_rows[row], sum(cells[row, c] for c in COLUMNS)) for row in ROWS]
        sums += [(of_columns[c], sum(cells[row, c] for row in ROWS)) for c in COLUMNS]
        sums.append((total, sum(values)))
        if all(said is None or said == true for said, true in sums):
            found.append(values)
    return found


@given(TABLES)
@settings(max_examples=20, deadline=None)
def test_no_hidden_count_follows_from_what_is_shown(values: list[int]) -> None:
    _, published = publish(values)
    shown, of_rows, of_columns, total = published
    for number in [*shown.values(), *of_rows.values(), *of_columns.values(), total]:
        assert number is None or number == 0 or number >= K
    tables = fitting(published, 7)
    assert tuple(values) in tables
    for at, spot in enumerate(product(ROWS, COLUMNS)):
        if shown[spot] is None:
            assert len({one[at] for one in tables}) > 1, f"{spot} can be computed"
    for row in ROWS:  # differencing: a visible total less the visible cells is nobody or k at least
        if of_rows[row] is not None:
            rest = of_rows[row] - sum(shown[row, c] or 0 for c in COLUMNS)
            assert rest == 0 or rest >= K


@given(TABLES)
@settings(max_examples=50, deadline=None)
def test_what_is_shown_is_true_and_big_tables_are_shown_whole(values: list[int]) -> None:
    cells, (shown, *_) = publish(values)
    assert all(number is None or number == cells[spot] for spot, number in shown.items())
    big, (all_shown, of_rows, _, total) = publish([value + K for value in values])
    assert all_shown == big
    assert total == sum(big.values())
    assert None not in of_rows.values()


def test_hiding_the_small_cell_alone_would_not_do() -> None:
    """The control: the total less the others gives it away; so a second one goes too."""
    shown, total = suppressed_list({"甲": 2, "乙": 9, "丙": 30}, 5)
    assert shown == {"甲": None, "乙": None, "丙": 30}
    assert total == 41


def test_the_same_table_is_hidden_the_same_way() -> None:
    counts = {"甲": 2, "乙": 9, "丙": 9}
    assert suppressed_list(counts, 5) == suppressed_list(dict(counts), 5)


def test_an_empty_table_has_nothing_to_hide() -> None:
    assert suppressed_list({}, 5) == ({}, 0)
    assert suppressed_list({"甲": 0}, 5) == ({"甲": 0}, 0)


@pytest.mark.parametrize(
    ("part", "whole", "fine"),
    [(0, 9, True), (4, 40, False), (5, 40, True), (36, 40, False), (40, 40, True), (3, 3, False)],
)
def test_a_filter_shows_neither_a_small_group_nor_all_but_a_small_group(part: int, whole: int, fine: bool) -> None:
    assert may_show(part, whole, 5) is fine
