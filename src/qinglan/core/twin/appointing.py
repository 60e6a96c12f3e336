"""Leading posts that stand empty on 1 January go to somebody of the same community; her own post is then empty. Compiled."""

import numpy as np

from qinglan.core.frame.codes import Tier
from qinglan.core.twin.columns import NONE, B, W
from qinglan.core.twin.compiling import compiled
from qinglan.core.twin.hiring import MONTH_DAYS

PILLAR = int(Tier.PILLAR)


@compiled
def better(start, stop, best, highest, t, day, place, leading, b, i, f):
    """The best so far, or a better one among these neighbouring slots; and how good."""
    for other in range(start, stop):
        if i[W.PRESENT, other] != 1 or leading[place.post[other]] == 1:
            continue
        if day - i[W.ENTRY, other] < b.leader_service * MONTH_DAYS:
            continue
        if i[W.DISMISSED, other] == 1 or i[W.RETIRE_MONTH, other] < t + 12:
            continue
        ability = 0.0
        for row in range(6):
            ability += np.float64(f[B.SERVE + row, other])
        value = np.float64(f[B.MERIT, other]) + b.score_ability * ability / 6.0
        if best < 0 or value > highest:
            best = other
            highest = value
    return best, highest


@compiled
def candidate(s, unit, t, day, place, leading, b, i, f):
    """The slot of the best of the community for a leading post, −1 for none: no leader yet, served long enough, staying a year.

    Best: by what lifts her scores lastingly, and ability.
    """
    best = -1
    highest = 0.0
    for run in range(place.unit_runs.shape[0]):
        if place.unit_runs[run, 2] == unit:
            start, stop = place.unit_runs[run, 0], place.unit_runs[run, 1]
            best, highest = better(start, stop, best, highest, t, day, place, leading, b, i, f)
    return best


@compiled
def appoint(t, day, place, leading, b, i, f, moves):
    """Fills leading posts from within; where nobody fits, the post is opened to the outside. moves (slots, 4): slot and occupant
    left, slot and occupant taken. Returns how many moved."""
    count = 0
    for s in range(i.shape[1]):
        if leading[place.post[s]] != 1:
            continue
        i[W.WITHIN, s] = 1 if b.leaders_within >= 0.5 else 0
        if i[W.PRESENT, s] == 1 or i[W.FROZEN, s] == 1 or i[W.WITHIN, s] == 0:
            continue
        source = candidate(s, place.unit[s], t, day, place, leading, b, i, f)
        if source < 0:
            i[W.WITHIN, s] = 0
            continue
        occupant = i[W.OCCUPANT, s] + 1
        for row in range(i.shape[0]):
            if row != W.FROZEN and row != W.WITHIN and row != W.SLOT:
                i[row, s] = i[row, source]
        for row in range(f.shape[0]):
            f[row, s] = f[row, source]
        i[W.OCCUPANT, s] = occupant
        i[W.POST_SINCE, s] = day
        i[W.ELECTED, s] = NONE  # by the post, until the records say so
        i[W.TIER, s] = PILLAR
        moves[count, 0], moves[count, 1], moves[count, 2], moves[count, 3] = source, i[W.OCCUPANT, source], s, occupant
        count += 1
        i[W.PRESENT, source] = 0
        i[W.VACANT_SINCE, source] = t
    return count
