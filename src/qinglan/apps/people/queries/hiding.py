"""Which numbers of a whole are not told to somebody who knows a part of it: those that would speak of too few others.

A reader of a sub-district may open its lists of people; of the whole district she sees counts. The difference between both speaks
of the others, and so does the total less all other numbers: neither may come below settings.LEAST_CELL. The total counts as
known: the same people are divided in many ways side by side, and each way that is told whole gives it away.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


def told(whole: Mapping[Key, int], known: Mapping[Key, int], k: int) -> dict[Key, int | None]:
    """`whole` with None where the number is not told. `known`: how many of each the reader knows by herself.

    A number is told when the others in it are none or at least `k`. The total is taken as public, so a number left out alone
    could be reckoned: then the next smallest is left out too, until those left out are at least two and `k` others together.
    """
    others = {key: count - known.get(key, 0) for key, count in whole.items()}
    hidden = {key for key, rest in others.items() if 0 < rest < k}
    by_size = sorted((key for key in others if others[key] >= k), key=lambda key: (others[key], str(key)))
    while hidden and by_size and (len(hidden) < 2 or sum(others[key] for key in hidden) < k):
        hidden.add(by_size.pop(0))
    if hidden and (len(hidden) < 2 or sum(others[key] for key in hidden) < k):
        hidden = set(whole)
    return {key: None if key in hidden else count for key, count in whole.items()}
