"""The desk's kernels: who comes, with what, and the events of a day. Compiled, without a memory of their own.

A day is lived event by event: the next arrival or the next matter done. Servers stand in groups; a group takes from its queues in order,
from one with a threshold only when that many wait there. Who has waited longer than her patience has left when her turn comes.
"""

from enum import IntEnum

import numpy as np

from qinglan.core.twin.desk.compiling import compiled
from qinglan.core.twin.maths import exp, log
from qinglan.core.twin.random import bell, draw, uniform

NEVER = 1e300
THOUSANDTHS = 1000.0
EXPONENTIAL, LOGNORMAL, FIXED = 0, 1, 2


class Purpose(IntEnum):
    """What a draw is for; apart from the twin's own purposes. Numbers enter the counter; never renumber."""

    DAY = 64
    COMING = 65
    MATTER = 66


COMING, MATTER, DAY = int(Purpose.COMING), int(Purpose.MATTER), int(Purpose.DAY)


@compiled
def normal(u):
    """The standard normal's quantile by rational functions (P. J. Acklam; relative error 1.2e-9): + − × ÷, log and root alone."""
    if u < 0.02425 or u > 1.0 - 0.02425:
        tail = u if u < 0.5 else 1.0 - u
        q = np.sqrt(-2.0 * log(tail))
        top = -7.784894002430293e-03
        top = top * q - 3.223964580411365e-01
        top = top * q - 2.400758277161838
        top = top * q - 2.549732539343734
        top = top * q + 4.374664141464968
        top = top * q + 2.938163982698783
        low = 7.784695709041462e-03
        low = low * q + 3.224671290700398e-01
        low = low * q + 2.445134137142996
        low = low * q + 3.754408661907416
        low = low * q + 1.0
        return top / low if u < 0.5 else -top / low
    q = u - 0.5
    r = q * q
    top = -3.969683028665376e01
    top = top * r + 2.209460984245205e02
    top = top * r - 2.759285104469687e02
    top = top * r + 1.383577518672690e02
    top = top * r - 3.066479806614716e01
    top = top * r + 2.506628277459239
    low = -5.447609879822406e01
    low = low * r + 1.615858368580409e02
    low = low * r - 1.556989798598866e02
    low = low * r + 6.680131188771972e01
    low = low * r - 1.328068155288572e01
    low = low * r + 1.0
    return top * q / low


@compiled
def coming(seed, replicate, day, starts, rates, spread, patience, cvs, shape, at, kind, limit, need, chances):
    """Who comes on this day, in order; returns how many, or −1 where the arrays are too short.

    starts (hours): minute at which each hour begins. rates (hours, kinds): residents a minute. Written: at (minute), kind, limit (the
    minute at which she leaves), need (service in means), chances (2, n): of a hand-over, of not having to wait for it.
    """
    hours, kinds = rates.shape
    w0, w1, w2, w3 = draw(seed, replicate, 0, 0, day, DAY)
    busy = exp(spread * bell(w0, w1) - 0.5 * spread * spread)
    hour, now, n = 0, starts[0], 0
    w0, w1, w2, w3 = draw(seed, replicate, n, 0, day, COMING)
    hazard = -log(uniform(w0))
    while hour < hours:
        rate = 0.0
        for k in range(kinds):
            rate += rates[hour, k]
        rate *= busy
        left = starts[hour] + 60.0 - now
        if rate * left <= hazard:
            hazard -= rate * left
            hour += 1
            if hour < hours:
                now = starts[hour]
            continue
        if n == at.shape[0]:
            return -1
        now += hazard / rate
        pick = uniform(w1) * rate / busy
        k = 0
        while k < kinds - 1 and pick >= rates[hour, k]:
            pick -= rates[hour, k]
            k += 1
        while rates[hour, k] <= 0.0 and k > 0:  # the last bit of rounding never chooses a kind that nobody brings
            k -= 1
        m0, m1, _, _ = draw(seed, replicate, n, 0, day, MATTER)
        at[n] = now
        kind[n] = k
        limit[n] = now - patience * log(uniform(w2)) if patience > 0.0 else NEVER
        if shape == EXPONENTIAL:
            need[n] = -log(uniform(m0))
        elif shape == LOGNORMAL and cvs[k] > 0.0:
            variance = log(1.0 + cvs[k] * cvs[k])
            need[n] = exp(np.sqrt(variance) * normal(uniform(m0)) - 0.5 * variance)
        else:
            need[n] = 1.0
        chances[0, n] = uniform(w3)
        chances[1, n] = uniform(m1)
        n += 1
        w0, w1, w2, w3 = draw(seed, replicate, n, 0, day, COMING)
        hazard = -log(uniform(w0))
    return n


@compiled
def push(queue, r, heads, tails, after):
    """Resident r stands at the end of this queue."""
    after[r] = -1
    if heads[queue] < 0:
        heads[queue] = r
    else:
        after[tails[queue]] = r
    tails[queue] = r


@compiled
def take(group, now, takes, least, heads, after, stage, limit, wait, left, at):
    """The next resident for a server of this group, or −1. Those at the head who have left are written down as such."""
    for t in range(takes.shape[1]):
        queue = takes[group, t]
        if queue < 0:
            break
        r = heads[queue]
        while r >= 0 and stage[r] == 0 and limit[r] <= now:
            wait[r] = limit[r] - at[r]
            left[r] = 1
            r = after[r]
        heads[queue] = r
        there, one = 0, r
        while one >= 0 and there < least[group, t]:
            if stage[one] == 1 or limit[one] > now:
                there += 1
            one = after[one]
        if r >= 0 and there >= least[group, t]:
            heads[queue] = after[r]
            return r
    return -1


@compiled
def live(
    n, at, kind, limit, need, chances, minutes, home, back, hand, groups, factor, special, takes, least, ways,
    heads, tails, after, stage, entered, free, who, busy, wait, stay, left, handed,
):  # fmt: skip
    """One day of one layout; returns the minute at which the last matter is done.

    minutes, home, back, hand (kinds): mean service, queue on arrival, queue after a hand-over (−1 none), its chance. groups (servers).
    factor, special (groups, kinds): times as long; needs no hand-over. takes, least (groups, queues): which queues in which order, and how
    many must wait there. ways (3): intake's share, minutes of a hand-over, share that need not wait for it. The next eight are scratch.
    Written: busy (groups, minutes), wait, stay (n, minutes), left, handed (n).
    """
    for queue in range(heads.shape[0]):
        heads[queue] = -1
    for j in range(groups.shape[0]):
        who[j] = -1
        free[j] = NEVER
    coming_next, last, working = 0, 0.0, 0
    while coming_next < n or working > 0:
        first, done = NEVER, -1
        for j in range(groups.shape[0]):
            if free[j] < first:
                first, done = free[j], j
        if coming_next < n and at[coming_next] < first:
            now = at[coming_next]
            r = coming_next
            coming_next += 1
            stage[r], entered[r], left[r], handed[r] = 0, now, 0, 0
            wait[r] = stay[r] = 0.0
            push(home[kind[r]], r, heads, tails, after)
        else:
            now, r = first, who[done]
            who[done], free[done] = -1, NEVER
            working -= 1
            last = now
            if handed[r] == 1 and stage[r] == 0:
                stage[r], entered[r] = 1, now
                if chances[1, r] < ways[2]:  # she goes home; the matter goes on
                    stay[r] = now - at[r]
                push(back[kind[r]], r, heads, tails, after)
            elif stage[r] == 0 or chances[1, r] >= ways[2]:
                stay[r] = now - at[r]
        for j in range(groups.shape[0]):
            if who[j] >= 0:
                continue
            group = groups[j]
            r = take(group, now, takes, least, heads, after, stage, limit, wait, left, at)
            if r < 0:
                continue
            k = kind[r]
            if stage[r] == 0:
                wait[r] = now - entered[r]
                takes_long = minutes[k] * need[r] * factor[group, k]
                if special[group, k] == 0 and back[k] >= 0 and chances[0, r] < hand[k]:
                    handed[r] = 1
                    takes_long *= ways[0]
            else:
                if chances[1, r] >= ways[2]:
                    wait[r] += now - entered[r]
                takes_long = minutes[k] * need[r] * factor[group, k] * (1.0 - ways[0]) + ways[1]
            who[j], free[j] = r, now + takes_long
            busy[group] += takes_long
            working += 1
    # Nobody takes from a queue whose people have all left: they are still in it.
    for queue in range(heads.shape[0]):
        r = heads[queue]
        while r >= 0:
            if stage[r] == 0:
                wait[r] = limit[r] - at[r]
                left[r] = 1
            r = after[r]
    return last


@compiled
def whole(values, count, out, offset):
    """out[offset …] = values in thousandths, as whole numbers: their sums are exact in any order."""
    for r in range(count):
        out[offset + r] = np.int64(np.floor(values[r] * THOUSANDTHS + 0.5))


@compiled
def come_days(
    seed, replicate, days, starts, rates, spread, patience, cvs, shape, at, kind, limit, need, chances, offsets
):
    """Everybody who comes on `days` days, one day after the other; offsets (days + 1): where each begins. −1: arrays too short."""
    total = 0
    offsets[0] = 0
    for day in range(days):
        n = coming(
            seed, replicate, day, starts, rates, spread, patience, cvs, shape,
            at[total:], kind[total:], limit[total:], need[total:], chances[:, total:],
        )  # fmt: skip
        if n < 0:
            return -1
        total += n
        offsets[day + 1] = total
    return total


@compiled
def live_days(
    days_a_month, offsets, at, kind, limit, need, chances, minutes, home, back, hand, groups, factors, special, takes,
    least, ways, heads, tails, after, stage, entered, free, who, wait, stay, left, handed, closing,
    busy, over, waits, stays,
):  # fmt: skip
    """All days of one layout. factors (months, groups, kinds). Written: busy (months, groups, minutes), over (days, minutes past
    closing), waits and stays (n, thousandths of a minute), left, handed (n)."""
    for day in range(offsets.shape[0] - 1):
        first, last = offsets[day], offsets[day + 1]
        month = day // days_a_month
        done = live(
            last - first, at[first:last], kind[first:last], limit[first:last], need[first:last], chances[:, first:last],
            minutes, home, back, hand, groups, factors[month], special, takes, least, ways,
            heads, tails, after, stage, entered, free, who, busy[month], wait, stay, left[first:last], handed[first:last],
        )  # fmt: skip
        over[day] = max(done - closing, 0.0)
        whole(wait, last - first, waits, first)
        whole(stay, last - first, stays, first)
