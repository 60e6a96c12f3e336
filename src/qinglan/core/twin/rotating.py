"""Exchange between sub-districts on 1 January: of the year's list a share changes places, two and two of the same post. Compiled."""

import numpy as np

from qinglan.core.twin.columns import NONE, W
from qinglan.core.twin.compiling import compiled
from qinglan.core.twin.random import Purpose, draw, uniform

EVENTS = int(Purpose.EVENTS)


@compiled
def rotate(seed, replicate, elapsed, day, place, district, b, selected, at, i, f, listed, moves, count):
    """Pairs those on the list whose luck is below `rotation_uptake`: same post and district, another sub-district. selected (columns,):
    career.rotation_15's list; at (slots,): the column of who stood in the slot. moves (slots, 4) as in appointing.appoint, from row
    `count` on. `listed` (slots,) is scratch. Returns how many rows there are now.
    """
    waiting = 0
    for s in range(i.shape[1]):
        if wants(seed, replicate, elapsed, place.number[s], s, b, selected, at, i):
            listed[waiting] = s
            waiting += 1
    for one in range(waiting):
        s = listed[one]
        for two in range(one + 1, waiting):
            other = listed[two]
            if s < 0 or other < 0 or place.subdistrict[other] == place.subdistrict[s]:
                continue
            if place.post[other] == place.post[s] and district[other] == district[s]:
                exchange(s, other, day, i, f, moves, count)
                count += 2
                listed[one], listed[two] = -1, -1
                break
    return count


@compiled
def wants(seed, replicate, elapsed, number, s, b, selected, at, i):
    """Whether who stood in the slot at the year's end stands there still, is on the list, stays, and goes by her luck."""
    if at[s] < 0 or i[W.PRESENT, s] != 1 or i[W.DISMISSED, s] == 1 or selected[at[s]] != 1:
        return False
    w0, _, _, _ = draw(seed, replicate, number, i[W.OCCUPANT, s], elapsed, EVENTS)
    return uniform(w0) < b.rotation_uptake


@compiled
def exchange(s, other, day, i, f, moves, count):
    """The two holders change places; each is the next occupant of the other's slot."""
    moves[count, 0], moves[count, 1], moves[count, 2], moves[count, 3] = (
        s,
        i[W.OCCUPANT, s],
        other,
        i[W.OCCUPANT, other] + 1,
    )
    moves[count + 1, 0], moves[count + 1, 1] = other, i[W.OCCUPANT, other]
    moves[count + 1, 2], moves[count + 1, 3] = s, i[W.OCCUPANT, s] + 1
    for row in range(i.shape[0]):
        if row != W.FROZEN and row != W.WITHIN and row != W.SLOT and row != W.VACANT_SINCE and row != W.OCCUPANT:
            kept = i[row, s]
            i[row, s] = i[row, other]
            i[row, other] = kept
    for row in range(f.shape[0]):
        held = f[row, s]
        f[row, s] = f[row, other]
        f[row, other] = held
    for slot in (s, other):
        i[W.OCCUPANT, slot] += 1
        i[W.POST_SINCE, slot] = np.int32(day)
        i[W.SUBDISTRICT_SINCE, slot] = np.int32(day)
        i[W.ELECTED, slot] = NONE  # by the post, until the records say so
