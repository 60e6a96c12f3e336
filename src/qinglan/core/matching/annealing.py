"""The fewest centres by annealing: a plan, found fast; how good it is others prove (core.matching.proving).

From a complete plan the emptiest centre is closed; then centres are swapped, one opened beside somebody who is left out and one closed, people moving up
along shortest chains, until again everybody is served; then the next is closed. A swap that leaves more people out is kept by chance, ever more seldom.
Work is counted in steps and chance in whole numbers: the same map gives the same plan on any machine unless `stop` is set.
"""

from __future__ import annotations

import numpy as np

from qinglan.core.matching.reducing import Part
from qinglan.core.rules.compiling import compiled

HOT, COLD, STAGES = (
    0.135,
    0.00127,
    64,
)  # chance of keeping a swap that leaves one more out: at first, at last, in so many steps
COOLING = (COLD / HOT) ** (1 / (STAGES - 1))
BESIDE = 8  # of ten centres to close, so many are looked for near the one opened
SWAP = 20  # steps a swap counts beside those of the people who move


def annealed(part: Part, plan: np.ndarray | None, target: int, work: int, seed: int, stop: np.ndarray) -> np.ndarray:
    """open_sites (sites) bool of the best plan found, starting from `plan` (all sites: None), until `target` new centres or `work` steps.

    stop (1) bool: another thread sets it to end the search. Everybody in the part can be served.
    """
    pairs = part.pairs
    order = np.lexsort((pairs.j, pairs.i))
    of_client = pairs.j[order].astype(np.int64)
    first_site = np.concatenate([[0], np.cumsum(np.bincount(pairs.i, minlength=pairs.clients))]).astype(np.int64)
    order = np.lexsort((pairs.i, pairs.j))
    of_site = pairs.i[order].astype(np.int64)
    first_client = np.concatenate([[0], np.cumsum(np.bincount(pairs.j, minlength=pairs.sites))]).astype(np.int64)
    opened = np.ones(pairs.sites, bool) if plan is None else plan.copy()
    best = opened.copy()
    at, at_before, out, out_new = (np.full(pairs.clients, -1, np.int64) for _ in range(4))
    load, load_before, seen, line, through, new, where = (np.zeros(pairs.sites, np.int64) for _ in range(7))
    chance = np.array([(seed * 2654435761 + 97) % 0xFFFFFFFF + 1], np.int64)
    _search(
        first_site, of_client, first_client, of_site, part.capacity.astype(np.int64), part.existing, opened, best, at, at_before, load, load_before,
        seen, line, through, new, where, out, out_new, chance, np.zeros(1, np.int64), np.int64(target), np.int64(work), stop,
    )  # fmt: skip
    return best


@compiled
def _copy(source, to):
    for n in range(len(source)):
        to[n] = source[n]


@compiled
def _draw(chance, below):
    """A whole number from 0 below `below` (xorshift, 32 bits)."""
    x = chance[0]
    x ^= (x << 13) & 0xFFFFFFFF
    x ^= x >> 17
    x ^= (x << 5) & 0xFFFFFFFF
    chance[0] = x
    return (x * below) >> 32


@compiled
def _place(
    who, first_site, of_client, first_client, of_site, room, opened, at, load, seen, stamp, line, through, steps
):
    """Gives a client a place in an open centre, others moving up along a shortest chain; False: there is none. Sites `seen` at `stamp` lead nowhere."""
    head = tail = 0
    for a in range(first_site[who], first_site[who + 1]):
        j = of_client[a]
        if opened[j] and seen[j] != stamp:
            seen[j] = stamp
            through[j] = who
            line[tail] = j
            tail += 1
    while head < tail:
        j = line[head]
        head += 1
        if load[j] < room[j]:
            load[j] += 1
            while True:
                c = through[j]
                before = at[c]
                at[c] = j
                if c == who:
                    return True
                j = before
        for a in range(first_client[j], first_client[j + 1]):
            c = of_site[a]
            if at[c] == j:
                steps[0] += first_site[c + 1] - first_site[c]
                for b in range(first_site[c], first_site[c + 1]):
                    k = of_client[b]
                    if opened[k] and seen[k] != stamp:
                        seen[k] = stamp
                        through[k] = c
                        line[tail] = k
                        tail += 1
    return False


@compiled
def _search(
    first_site, of_client, first_client, of_site, room, stands, opened, best, at, at_before, load, load_before,
    seen, line, through, new, where, out, out_new, chance, steps, target, work, stop,
):  # fmt: skip
    """at (clients): site, −1 none; new[:number]: open new centres, where: each one's place there; out[:left_out]: who has no place."""
    clients, sites = len(at), len(room)
    stamp = 0
    for i in range(clients):
        stamp += 1
        _place(
            i, first_site, of_client, first_client, of_site, room, opened, at, load, seen, stamp, line, through, steps
        )
    number = 0
    for j in range(sites):
        if opened[j] and not stands[j]:
            if load[j] == 0:
                opened[j] = False
            else:
                new[number] = j
                where[j] = number
                number += 1
    _copy(opened, best)
    keep, stage = HOT, 0
    while number > target and steps[0] < work and not stop[0]:
        # Everybody is served: the emptiest closes, of equals any.
        j, emptiest, equals = 0, clients + 1, 0
        for q in range(number):
            if load[new[q]] < emptiest:
                j, emptiest, equals = new[q], load[new[q]], 1
            elif load[new[q]] == emptiest:
                equals += 1
                if _draw(chance, equals) == 0:
                    j = new[q]
        number -= 1
        q = where[j]
        new[q] = new[number]
        where[new[q]] = q
        opened[j] = False
        load[j] = 0
        left_out = 0
        for a in range(first_client[j], first_client[j + 1]):
            i = of_site[a]
            if at[i] == j:
                at[i] = -1
                stamp += 1
                if not _place(
                    i,
                    first_site,
                    of_client,
                    first_client,
                    of_site,
                    room,
                    opened,
                    at,
                    load,
                    seen,
                    stamp,
                    line,
                    through,
                    steps,
                ):
                    out[left_out] = i
                    left_out += 1
        steps[0] += sites
        while left_out > 0 and number > 0 and steps[0] < work and not stop[0]:
            while stage < STAGES - 1 and steps[0] * STAGES > work * (stage + 1):
                stage += 1
                keep *= COOLING
            steps[0] += SWAP + clients // 8
            i = out[_draw(chance, left_out)]
            j = of_client[first_site[i] + _draw(chance, first_site[i + 1] - first_site[i])]
            if opened[j]:
                continue  # it is full: another one
            k = j
            if _draw(chance, 10) < BESIDE:
                for _ in range(1 + _draw(chance, 3)):
                    c = of_site[first_client[k] + _draw(chance, first_client[k + 1] - first_client[k])]
                    k = of_client[first_site[c] + _draw(chance, first_site[c + 1] - first_site[c])]
                    if opened[k] and not stands[k] and _draw(chance, 2) == 0:
                        break
            if not opened[k] or stands[k]:
                k = new[_draw(chance, number)]
            _copy(at, at_before)
            _copy(load, load_before)
            opened[j], opened[k], load[k] = True, False, 0
            trying = left_out
            for q in range(left_out):
                out_new[q] = out[q]
            for a in range(first_client[k], first_client[k + 1]):
                c = of_site[a]
                if at[c] == k:
                    at[c] = -1
                    out_new[trying] = c
                    trying += 1
            still = 0
            stamp += 1
            for q in range(trying):
                if _place(
                    out_new[q],
                    first_site,
                    of_client,
                    first_client,
                    of_site,
                    room,
                    opened,
                    at,
                    load,
                    seen,
                    stamp,
                    line,
                    through,
                    steps,
                ):
                    stamp += 1  # a failed search leaves its stamp: what it saw is full, and leads nowhere for the next one either
                else:
                    out_new[still] = out_new[q]
                    still += 1
            kept = 1.0
            for _ in range(still - left_out):
                kept *= keep
            if still <= left_out or _draw(chance, 1 << 32) < kept * 4294967296.0:
                left_out = still
                for q in range(still):
                    out[q] = out_new[q]
                q = where[k]
                new[q] = j
                where[j] = q
            else:
                _copy(at_before, at)
                _copy(load_before, load)
                opened[j], opened[k] = False, True
        if left_out == 0:
            _copy(opened, best)
