"""Rules over groups: quotas and ranks (design §4.5). Sorted keys and a capacity in; position, cut and tie out.

The yearly batch and the twin's yearly barrier call the same function.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from qinglan.core.frame.units import COUNT, FLAG, PEOPLE
from qinglan.core.packs.pack import PackOnDate
from qinglan.core.rules.compiling import compiled
from qinglan.core.rules.families import Columns, Step
from qinglan.core.rules.numbers import rounded_quota


class QuotaTable(NamedTuple):
    """A compiled quota: hundredths of a percent, codes.Rounding, least number of people, codes.Tie."""

    percent: int
    rounding: int
    minimum: int
    tie: int


@compiled
def fill_quotas(group, counted, eligible, keys, quota, out):
    """Ranks the rows of each group and marks those inside the quota.

    Rows come sorted: by group, then eligible first, then keys (n_keys, n) best first. out (6, n): headcount of the group,
    capacity, position (1 = best; equals share one; 0 = not eligible), tied at the cut (0/1), selected (0/1), places left.
    """
    total = len(group)
    start = 0
    while start < total:
        end = start
        headcount = 0
        candidates = 0
        while end < total and group[end] == group[start]:
            headcount += 1 if counted[end] != 0 else 0
            candidates += 1 if eligible[end] != 0 else 0
            end += 1
        capacity = rounded_quota(headcount, quota.percent, quota.rounding)
        if capacity < quota.minimum:
            capacity = quota.minimum
        position = 0
        selected = 0
        index = start
        while index < end:
            last = index
            if eligible[index] != 0:
                same = True
                while same and last + 1 < start + candidates:
                    for key in range(keys.shape[0]):
                        if keys[key, last + 1] != keys[key, index]:
                            same = False
                    if same:
                        last += 1
                position = index - start + 1
            fits = last - start + 1 <= capacity
            crosses = not fits and position <= capacity
            for member in range(index, last + 1):
                inside = eligible[member] != 0 and (fits or (crosses and quota.tie == 2))
                out[0, member] = headcount
                out[1, member] = capacity
                out[2, member] = position if eligible[member] != 0 else 0
                out[3, member] = 1 if eligible[member] != 0 and crosses else 0
                out[4, member] = 1 if inside else 0
                selected += 1 if inside else 0
            index = last + 1
        for member in range(start, end):
            out[5, member] = capacity - selected
        start = end


@dataclass(frozen=True)
class GroupFamily:
    """A quota over groups. `group`, `counted`, `eligible`, `keys` name frame columns; higher keys are better.

    Its steps are `<prefix>_headcount, _capacity, _position, _tied, _selected, _left`.
    """

    id: str
    label: str
    mechanisms: tuple[str, ...]
    prefix: str
    group: str
    counted: str
    eligible: str
    keys: tuple[str, ...]
    item: str
    quota: Callable[[PackOnDate], QuotaTable]
    items: tuple[str, ...] = field(default=())
    version: str = "1"

    @property
    def steps(self) -> Mapping[str, Step]:
        steps = (
            Step("计算名额的人数", PEOPLE),
            Step("名额", PEOPLE, self.item),
            Step("名次", COUNT),
            Step("并列于名额线", FLAG, self.item),
            Step("在名额内", FLAG, self.item),
            Step("剩余名额", PEOPLE),
        )
        names = ("headcount", "capacity", "position", "tied", "selected", "left")
        return {f"{self.prefix}_{name}": one for name, one in zip(names, steps, strict=True)}

    @property
    def result(self) -> str:
        """The step that answers for the family: inside the quota or not."""
        return f"{self.prefix}_selected"

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.group, self.counted, self.eligible, *self.keys)


def compute_groups(family: GroupFamily, frame: Columns, quota: Any) -> dict[str, np.ndarray]:
    """The steps of a group family over the frame, in the frame's order: {step name: int64 array (n,)}."""
    absent = [name for name in family.columns if name not in frame]
    if absent:
        raise KeyError(f"{family.id} needs the columns {absent}, which the frame lacks")
    group, counted, eligible = (np.asarray(frame[n], np.int64) for n in (family.group, family.counted, family.eligible))
    keys = np.stack([np.asarray(frame[name], np.int64) for name in family.keys])
    order = np.lexsort((*(-keys[::-1]), -eligible, group))
    out = np.zeros((6, len(group)), np.int64)
    sorted_keys = np.ascontiguousarray(keys[:, order])
    fill_quotas(group[order], counted[order], eligible[order], sorted_keys, quota, out)
    result = np.empty_like(out)
    result[:, order] = out
    return dict(zip(family.steps, result, strict=True))
