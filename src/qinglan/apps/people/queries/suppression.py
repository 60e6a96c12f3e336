"""Keeps small groups out of published counts, also from those who subtract (k-suppression with complementary cells).

A table of counts is published with its totals. A count between 1 and k - 1 is hidden; so is every other cell that could be
computed from what remains visible. Zeros stay: nobody is in them. Pure functions; the cockpit's pages call them last.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

R = TypeVar("R", bound=Hashable)
C = TypeVar("C", bound=Hashable)
Spot = tuple[int, int]


def may_show(part: int, whole: int, k: int) -> bool:
    """Whether a count of a filtered group may be shown beside the whole: neither it nor the rest is a small group."""
    return not 0 < part < k and not 0 < whole - part < k


def suppressed(
    cells: Mapping[tuple[R, C], int], rows: Sequence[R], columns: Sequence[C], k: int
) -> tuple[dict[tuple[R, C], int | None], dict[R, int | None], dict[C, int | None], int | None]:
    """The table with what must be hidden as None: cells, row totals, column totals, the total of all.

    `cells`: counts, a missing one is 0. Hidden is so much that (1) no visible number is between 1 and k - 1, (2) no hidden
    number follows from the visible ones, (3) the hidden cells of a line with a visible total sum up to k at least.
    """
    table = [[cells.get((row, column), 0) for column in columns] for row in rows]
    for line in table:
        line.append(sum(line))
    table.append([sum(column) for column in zip(*table, strict=True)] if table else [0] * (len(columns) + 1))
    hidden = {(i, j) for i, line in enumerate(table) for j, n in enumerate(line) if 0 < n < k}
    while True:
        more = _small_lines(table, hidden, k) or _bridge_cover(table, hidden)
        if more is None:
            break
        hidden.add(more)

    def shown(i: int, j: int) -> int | None:
        return None if (i, j) in hidden else table[i][j]

    last_row, last_column = len(rows), len(columns)
    return (
        {(row, column): shown(i, j) for i, row in enumerate(rows) for j, column in enumerate(columns)},
        {row: shown(i, last_column) for i, row in enumerate(rows)},
        {column: shown(last_row, j) for j, column in enumerate(columns)},
        shown(last_row, last_column),
    )


def suppressed_list(counts: Mapping[R, int], k: int) -> tuple[dict[R, int | None], int | None]:
    """The same for one list of counts and its total."""
    rows = list(counts)
    cells, _, totals, _ = suppressed({(row, 0): n for row, n in counts.items()}, rows, [0], k)
    return {row: cells[row, 0] for row in rows}, totals[0]


def _lines(table: list[list[int]]) -> Iterable[list[Spot]]:
    """Each row and each column, its total last."""
    height, width = len(table), len(table[0])
    yield from ([(i, j) for j in range(width)] for i in range(height))
    yield from ([(i, j) for i in range(height)] for j in range(width))


def _smallest(table: list[list[int]], spots: Iterable[Spot]) -> Spot | None:
    """Of some visible cells that are not 0, the one that costs least to hide; the same whoever asks."""
    return min((spot for spot in spots if table[spot[0]][spot[1]]), key=lambda s: (table[s[0]][s[1]], s), default=None)


def _small_lines(table: list[list[int]], hidden: set[Spot], k: int) -> Spot | None:
    """A cell to hide because what is hidden beside it in a line is a small group together."""
    for line in _lines(table):
        *inner, total = line
        within = [spot for spot in inner if spot in hidden]
        if within and total not in hidden and sum(table[i][j] for i, j in within) < k:
            return _smallest(table, [spot for spot in inner if spot not in hidden]) or total
    return None


def _bridge_cover(table: list[list[int]], hidden: set[Spot]) -> Spot | None:
    """A cell to hide because a hidden one follows from the visible: one that lies on no cycle of hidden cells.

    Rows and columns are points, hidden cells the edges between them; along a cycle values can be raised and lowered in turn
    without any visible number changing, along a bridge they cannot."""
    for spot in sorted(hidden):
        if _connected(spot, hidden - {spot}):
            continue
        i, j = spot
        beside = [(i, b) for b in range(len(table[0])) if (i, b) not in hidden]
        beside += [(a, j) for a in range(len(table)) if (a, j) not in hidden]
        others = [(a, b) for a in range(len(table)) for b in range(len(table[0])) if (a, b) not in hidden]
        found = _smallest(table, beside) or _smallest(table, others)
        if found is not None:
            return found
    return None


def _connected(spot: Spot, edges: set[Spot]) -> bool:
    """Whether the row and the column of a cell hang together by other hidden cells."""
    reached: set[tuple[str, int]] = {("row", spot[0])}
    growing = True
    while growing:
        growing = False
        for i, j in edges:
            ends = {("row", i), ("column", j)}
            if ends & reached and not ends <= reached:
                reached |= ends
                growing = True
    return ("column", spot[1]) in reached
