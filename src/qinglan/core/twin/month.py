"""Twelve months of one replicate, compiled: load, burnout, satisfaction, training, forgetting, leaving (ADR 0014).

The order inside a month: recruits come on its first day; everybody works, learns, tires; who leaves does so on its last day.
Each step is a short loop without branches, so that the compiler does sixteen people at once; only who leaves is looked at one by
one. A block of whole sub-districts lives several months while it stays in the core's cache: see `live_year`. Behaviour is single
precision; sums that come out are whole numbers, so no order of adding changes them. What is counted of a person is kept by slot and
told to her community and group when she leaves, or at the year's end.
"""

import numpy as np

from qinglan.core.twin.columns import NONE, POSTS, B, M, W
from qinglan.core.twin.compiling import compiled, inlined
from qinglan.core.twin.hiring import MONTH_DAYS, fixed_logit, hire, plan
from qinglan.core.twin.maths import exp, log, monthly
from qinglan.core.twin.random import HALF, LOW, MIDDLE, OCCUPANT, Purpose, U, philox, single_triangle, single_uniform

MONTH = int(Purpose.MONTH)
VOLUNTARY, DISMISSED, RETIRED, PROMOTED_OUT = 1, 2, 3, 4  # codes.ExitReason
NEW_MONTHS, MENTOR_MONTHS, SHADOWING_MONTHS = 12, 60, 6
LOAD_STEP = 0.2
LN_2 = 0.6931471805599453
AT_ONCE = 1200  # slots whose state and work stay in the core's cache for months on end
# Rows of the work space, single precision.
LEAVES, RISES, TIRES, SCORED, LOAD, MENTORED, EFFORT, DONE, MEAN, LOGIT, GIVEN, OWED = range(12)
WORKS = 12
# e^x for the bound of `may_leave`: the bits of a float, read as a number, grow with its logarithm.
LOG2_E, BIAS, BITS = np.float32(1.4426950408889634), np.float32(127.0), np.float32(8388608.0)
BOUND, STEEP = np.float32(1.001 / 12.0), np.float32(80.0)
# Rows of what is counted by slot (hiring.Room.counted): these measures, then months empty.
COUNTED = (M.HEADS, M.BURNT, M.BURNOUT, M.SATISFACTION, M.ABILITY, M.LOAD, M.HOURS, M.MENTORED, M.VACANT)
C_HEADS, C_BURNT, C_BURNOUT, C_LIKING, C_ABILITY, C_LOAD, C_HOURS, C_MENTORED, C_VACANT = range(9)
F = np.float32
ZERO, HALF_ONE, ONE, TWELVE, HUNDRED, SIXTH = F(0.0), F(0.5), F(1.0), F(12.0), F(100.0), F(1.0 / 6.0)
TEN_THOUSAND, PERCENT = F(10_000.0), F(0.01)


@inlined
def within01(x):
    return min(max(x, ZERO), ONE)


@compiled
def chances(seed, replicate, start, stop, number, occupant, month, leaves, rises, tires, scored):
    """The month's four draws of every slot's occupant: two uniforms, two triangles."""
    if seed < 0:
        for s in range(U(start), U(stop)):
            leaves[s], rises[s] = single_uniform(MIDDLE), single_uniform(MIDDLE)
            tires[s], scored[s] = ZERO, ZERO
        return
    k0, k1, first, when, purpose = U(seed) & LOW, U(seed) >> HALF, U(replicate), U(month), U(MONTH)
    for s in range(U(start), U(stop)):
        w0, w1, w2, w3 = philox(first, U(number[s]), (U(occupant[s]) << OCCUPANT) | when, purpose, k0, k1)
        leaves[s] = single_uniform(w0)
        rises[s] = single_uniform(w1)
        tires[s] = single_triangle(w2)
        scored[s] = single_triangle(w3)


@compiled
def prepare(block, place, b, day, entry, tier, present, room):
    """Mentors, and those who may have one, by sub-district of the block."""
    mentee_from, mentor_to = np.int32(day - b.mentee_months * MONTH_DAYS), np.int32(day - MENTOR_MONTHS * MONTH_DAYS)
    for run in range(block[2], block[3]):
        sub = place.runs[run, 2]
        room.mentors[sub], room.mentees[sub] = 0, 0
    for run in range(block[2], block[3]):
        start, stop, sub = place.runs[run]
        mentors, mentees = np.int32(0), np.int32(0)
        for s in range(U(start), U(stop)):
            mentees += present[s] if entry[s] > mentee_from else np.int32(0)
            mentors += present[s] if (entry[s] <= mentor_to) & (tier[s] >= 2) else np.int32(0)
        room.mentors[sub] += mentors
        room.mentees[sub] += mentees


@compiled
def share_out(block, place, b, demand, day, entry, luck, room, load, mentored):
    """load: work by person, normal = 1; mentored: 1 for whom the mentors' places reach, the lucky first."""
    mentee_from = np.int32(day - b.mentee_months * MONTH_DAYS)
    for run in range(block[2], block[3]):
        start, stop, sub = place.runs[run]
        places, many = F(room.mentors[sub] * b.mentor_share * b.mentees_per_mentor), F(room.mentees[sub])
        for s in range(U(start), U(stop)):
            mentored[s] = ONE if (entry[s] > mentee_from) & (luck[s] * many < places) else ZERO
    for run in range(block[4], block[5]):
        start, stop, unit = place.unit_runs[run]
        here = F(min(demand * place.authorised[unit] / max(room.unit_heads[unit], 1), b.load_limit))
        for s in range(U(start), U(stop)):
            load[s] = here


@compiled
def tire(b, start, stop, load, mentored, noise, point, burnout):
    """Burnout moves toward its target: one's own point, more with load, less with a mentor."""
    speed, by_load, by_mentor, sway = F(b.burnout_speed), F(b.burnout_load), F(b.burnout_mentor), F(b.burnout_noise)
    for s in range(U(start), U(stop)):
        now = burnout[s]
        target = point[s] + by_load * (load[s] - ONE) - by_mentor * mentored[s]
        burnout[s] = within01(now + speed * (target - now) + sway * noise[s])


@compiled
def please(b, start, stop, origin, mentored, burnout, pay, grade, point, liking):
    """Satisfaction moves toward its target: pay beside the market, burnout, a mentor, an excellent year."""
    speed, by_pay, by_burnout = F(b.satisfaction_speed), F(b.satisfaction_pay / b.pay_spread), F(b.satisfaction_burnout)
    by_mentor, by_grade, usual = F(b.satisfaction_mentor), F(b.satisfaction_grade), F(origin)
    for s in range(U(start), U(stop)):
        now = liking[s]
        target = point[s] + by_mentor * mentored[s] + by_pay * pay[s] - by_burnout * (burnout[s] - usual)
        target += by_grade if grade[s] == 1 else ZERO
        liking[s] = within01(now + speed * (target - now))


@compiled
def train(b, start, stop, month, given, owed, mentored, annual, effort, done):
    """Hours of the month are written down; effort: what they raise a focus ability by; done: share of the dues so far."""
    gain = F(b.training_gain * b.ability_spread / 100.0 / b.course_hours)
    tiring, extra = F(b.repeat_loss / 100.0 / b.course_hours), F(b.mentor_gain - 1.0)
    share = F(12.0 / (month + 1))
    for s in range(U(start), U(stop)):
        tired = np.divide(
            ONE, ONE + tiring * max(F(annual[s]), ZERO)
        )  # without the check for nought that stops doing many at once
        effort[s] = gain * given[s] * tired * (ONE + extra * mentored[s])
    for s in range(U(start), U(stop)):
        annual[s] = max(annual[s], np.int32(0)) + np.int32(given[s])
    for s in range(U(start), U(stop)):
        done[s] = min(F(annual[s]) * share * owed[s], ONE)


@compiled
def learn(b, start, stop, which, keep, shadow, day, entry, tier, effort, ability, mean):
    """One of the six abilities: raised by training (its tier's two most), by shadowing of recruits; the unused fade."""
    other, floor = F(b.transfer * 0.5), F(b.ability_floor)
    kept, shown = F(keep), F(shadow) if which < 2 else ZERO
    shadowed_from = np.int32(day - SHADOWING_MONTHS * MONTH_DAYS)
    for s in range(U(start), U(stop)):
        a = ability[s]
        focus = min(max(tier[s], 1), 3) - 1 == which // 2
        gain = effort[s] * (ONE if focus else other) + (shown if entry[s] > shadowed_from else ZERO)
        a += gain * (ONE - a * PERCENT)
        faded = floor + (a - floor) * kept
        used = focus & (effort[s] > ZERO)
        a = a if used | (a <= floor) else faded
        ability[s] = a
        mean[s] += a


@compiled
def weigh(b, start, stop, origin, day, entry, fixed, burnout, liking, load, mentored, done, logit):
    """The logit of the yearly chance to leave by one's own will (workforce evidence §3.1): what is fixed for the year, what moves."""
    by_burnout, by_liking = F(b.exit_burnout / b.burnout_spread), F(b.exit_satisfaction / b.satisfaction_spread)
    by_load, usual, common = F(b.exit_load / LOAD_STEP), F(b.satisfaction_start), F(origin)
    by_mentor, by_training, by_new = F(b.exit_mentor), F(b.exit_training), F(b.exit_new)
    new_from = np.int32(day - NEW_MONTHS * MONTH_DAYS)
    for s in range(U(start), U(stop)):
        x = fixed[s] + by_burnout * (burnout[s] - common) + by_liking * (liking[s] - usual)
        x += by_load * (load[s] - ONE) + by_mentor * mentored[s] + by_training * done[s]
        logit[s] = x + (by_new if entry[s] > new_from else ZERO)


@compiled
def fix(start, stop, t, day, anchor, b, i, f):
    """What of the logit holds for the year, for everybody present: pay beside the market, rises, age, an unpaid certificate."""
    for s in range(start, stop):
        if i[W.PRESENT, s] == 1:
            f[B.FIXED, s] = fixed_logit(
                t, day, i[W.BIRTH, s], i[W.ENTRY, s], i[W.RISEN, s], i[W.UNPAID_CERTIFICATE, s], f[B.PAY, s],
                anchor, b,
            )  # fmt: skip


@compiled
def rate(b, anchor, start, stop, mean, merit, burnout, noise, present, out):
    """The month's score of everybody present, hundredths."""
    base = F(anchor.month_mean - b.score_ability * anchor.ability + b.score_burnout * anchor.burnout)
    by_ability, by_burnout, sway = F(b.score_ability), F(b.score_burnout), F(b.month_noise)
    for s in range(U(start), U(stop)):
        score = base + merit[s] + by_ability * mean[s] - by_burnout * burnout[s] + sway * noise[s]
        made = np.int32(min(max(score, ZERO), HUNDRED) * HUNDRED + HALF_ONE)
        out[s] = made if present[s] == 1 else NONE


@compiled
def add_up(start, stop, present, scale, values, by_slot):
    """Adds everybody's value, scaled and rounded to a whole number, to her slot's; the sum of all is returned."""
    total = 0
    for s in range(U(start), U(stop)):
        whole = np.int32(values[s] * scale + HALF_ONE) * present[s]
        by_slot[s] += whole
        total += whole
    return total


@compiled
def reckon(start, stop, i, burnout, liking, work, counted, sums):
    """Counts the month of everybody: by slot, and all together in `sums` (MEASURES,)."""
    present, frozen, load, mean = i[W.PRESENT], i[W.FROZEN], work[LOAD], work[MEAN]
    heads, empty, burnt = np.int64(0), np.int64(0), np.int64(0)
    by_heads, by_empty, by_burnt = counted[C_HEADS], counted[C_VACANT], counted[C_BURNT]
    for s in range(U(start), U(stop)):
        by_heads[s] += present[s]
        heads += present[s]
        open_now = np.int32(1) if (present[s] == 0) & (frozen[s] == 0) else np.int32(0)
        by_empty[s] += open_now
        empty += open_now
        tired = present[s] if burnout[s] > HALF_ONE else np.int32(0)
        by_burnt[s] += tired
        burnt += tired
    sums[M.HEADS] += heads
    sums[M.VACANT] += empty
    sums[M.BURNT] += burnt
    sums[M.BURNOUT] += add_up(start, stop, present, TEN_THOUSAND, burnout, counted[C_BURNOUT])
    sums[M.SATISFACTION] += add_up(start, stop, present, TEN_THOUSAND, liking, counted[C_LIKING])
    sums[M.ABILITY] += add_up(start, stop, present, HUNDRED, mean, counted[C_ABILITY])
    sums[M.LOAD] += add_up(start, stop, present, TEN_THOUSAND, load, counted[C_LOAD])
    sums[M.HOURS] += add_up(start, stop, present, ONE, work[GIVEN], counted[C_HOURS])
    sums[M.MENTORED] += add_up(start, stop, present, ONE, work[MENTORED], counted[C_MENTORED])


@compiled
def tell(s, place, cell, room):
    """What was counted of the slot's occupant goes to her community and group; the slot counts from nothing again."""
    by_unit, by_group = room.by_unit[place.unit[s]], room.by_group[cell * POSTS + place.post[s]]
    for row in range(C_VACANT):
        by_unit[COUNTED[row]] += room.counted[row, s]
        by_group[COUNTED[row]] += room.counted[row, s]
        room.counted[row, s] = 0


@compiled
def close(start, stop, place, i, room):
    """The year's end: everybody's counts, and the months in which posts stood empty (they count in the first cell)."""
    for s in range(start, stop):
        if room.counted[C_HEADS, s] > 0:
            tell(s, place, i[W.CELL, s], room)
        empty = room.counted[C_VACANT, s]
        if empty > 0:
            room.by_unit[place.unit[s], M.VACANT] += empty
            room.by_group[place.post[s], M.VACANT] += empty
            room.counted[C_VACANT, s] = 0


@compiled
def leave(s, t, last_day, reason, place, i, room):
    """Writes who leaves into the log, tells what was counted of her, and empties the slot."""
    unit, cell = place.unit[s], i[W.CELL, s]
    tell(s, place, cell, room)
    room.by_unit[unit, M.VOLUNTARY + reason - 1] += 1
    room.by_group[cell * POSTS + place.post[s], M.VOLUNTARY + reason - 1] += 1
    room.unit_heads[unit] -= 1
    i[W.EXIT_REASON, s] = reason
    i[W.EXIT_DATE, s] = last_day
    at = room.logged[0]
    if at < room.log.shape[0]:
        for row in range(i.shape[0]):
            room.log[at, row] = i[row, s]
    room.logged[0] = at + 1  # beyond the log's room: the caller says so
    i[W.PRESENT, s] = 0
    i[W.VACANT_SINCE, s] = t + 1


@compiled
def reason_of(s, t, day, rate_out, b, i, leaves, rises, logit):
    """Why somebody leaves this month, 0 = stays. The law first, then proposals taken up, then upward, then her own will."""
    if t >= i[W.RETIRE_MONTH, s]:
        return RETIRED
    if i[W.DISMISSED, s] == 1:
        return DISMISSED
    good = i[W.LAST_GRADE, s] == 1 or i[W.LAST_GRADE, s] == 2
    if rises[s] < rate_out and good and day - i[W.ENTRY, s] >= b.promotion_service * MONTH_DAYS:
        return PROMOTED_OUT
    if b.exit_rate > 0.0 and np.float64(leaves[s]) < monthly(np.float64(logit[s])):
        return VOLUNTARY
    return 0


@compiled
def may_leave(start, stop, t, rate_out, present, retires, dismissed, leaves, rises, logit, may):
    """may (slots,): 1 for the few whom `reason_of` must look at. A monthly chance is at most e^logit ÷ 12, and 2^(k + r) is at most
    2^k (1 + r) for r within 0 and 1, which is what the bits of a float hold."""
    month, upward = np.int32(t), F(rate_out)
    for s in range(U(start), U(stop)):
        x = min(max(logit[s], -STEEP), STEEP)
        bound = np.int32((x * LOG2_E + BIAS) * BITS).view(np.float32) * BOUND
        goes = (leaves[s] <= bound) | (rises[s] <= upward) | (month >= retires[s]) | (dismissed[s] == 1)
        may[s] = 1 if goes & (present[s] == 1) else 0


@compiled
def owe(start, stop, place, terms, room, given, owed):
    """given: hours of a month by slot; owed: 1 ÷ the year's dues by slot, or enough for any hour to be all of them."""
    for s in range(start, stop):
        given[s] = room.hours[place.post[s]]
        dues = terms.required_hours[place.post[s]]
        owed[s] = 1.0 / dues if dues > 0 else 1.0e9


@compiled
def live_month(seed, replicate, month, start, stop, keep, shadow, rate_out, place, terms, anchor, b, i, f, work, room):
    """One month of the slots `start` … `stop − 1`: they work, learn, tire, are counted, and leave on the last day."""
    t, day, last_day = terms.january + month, terms.first_days[month], terms.first_days[month + 1] - 1
    present, entry, tier, annual, occupant = i[W.PRESENT], i[W.ENTRY], i[W.TIER], i[W.ANNUAL_HOURS], i[W.OCCUPANT]
    burnout, liking, pay, sums = f[B.BURNOUT], f[B.SATISFACTION], f[B.PAY], room.month[month]
    leaves, rises, tires, scored = work[LEAVES], work[RISES], work[TIRES], work[SCORED]
    load, mentored, effort, done = work[LOAD], work[MENTORED], work[EFFORT], work[DONE]
    mean, logit = work[MEAN], work[LOGIT]
    now = terms.since_start + month
    chances(seed, replicate, start, stop, place.number, occupant, now, leaves, rises, tires, scored)
    tire(b, start, stop, load, mentored, tires, f[B.BURNOUT_POINT], burnout)
    please(b, start, stop, anchor.burnout, mentored, burnout, pay, i[W.LAST_GRADE], f[B.SATISFACTION_POINT], liking)
    train(b, start, stop, month, work[GIVEN], work[OWED], mentored, annual, effort, done)
    for s in range(U(start), U(stop)):
        mean[s] = ZERO
    for which in range(6):
        learn(b, start, stop, which, keep, shadow, day, entry, tier, effort, f[B.SERVE + which], mean)
    for s in range(U(start), U(stop)):
        mean[s] *= SIXTH
    weigh(b, start, stop, anchor.burnout, day, entry, f[B.FIXED], burnout, liking, load, mentored, done, logit)
    if anchor.scored == 1:
        rate(b, anchor, start, stop, mean, f[B.MERIT], burnout, scored, present, i[W.MONTH_01 + month])
    reckon(start, stop, i, burnout, liking, work, room.counted, sums)
    may_leave(
        start, stop, t, rate_out, present, i[W.RETIRE_MONTH], i[W.DISMISSED], leaves, rises, logit, room.may
    )  # fmt: skip
    for s in range(U(start), U(stop)):
        if room.may[s] == 1:
            reason = reason_of(s, t, day, rate_out, b, i, leaves, rises, logit)
            if reason != 0:
                sums[M.VOLUNTARY + reason - 1] += 1
                leave(s, t, last_day, reason, place, i, room)


@compiled
def live_year(seed, replicate, place, terms, anchor, b, i, f, work, room):
    """Twelve months of one replicate: i (WHOLES, slots), f (REALS, slots) and `room` change in place; `work` (WORKS, slots).

    What couples the whole district is its candidates. A post is due `delay` months after somebody left it, so that delay + 1 months
    can be planned at once; each block lives them while it stays in the cache. The log's rows are by block within such months.
    """
    keep = exp(-LN_2 / b.forgetting)
    shadow = b.training_gain * b.ability_spread * terms.shadowing / b.shadowing_hours / SHADOWING_MONTHS
    rate_out = 1.0 - exp(log(1.0 - b.promotion_rate) / 12.0)
    present, entry, tier, luck = i[W.PRESENT], i[W.ENTRY], i[W.TIER], f[B.LUCK]
    for post in range(POSTS):
        room.hours[post] = np.int64(
            np.floor(terms.required_hours[post] * terms.offered * b.training_participation / 12.0)
        )
    room.unit_heads[:] = 0
    delay = np.int32(np.ceil(b.recruit_delay))
    window = 12 if delay >= 11 else delay + 1 if delay > 0 else 1
    for first in range(0, 12, window):
        last = min(first + window, 12)
        waiting = plan(seed, replicate, first, last, delay, place, terms, b, i, room)
        before = np.int64(0)
        for number in range(place.blocks.shape[0]):
            block = place.blocks[number]
            begins, ends = block[0], block[1]
            if first == 0:
                owe(begins, ends, place, terms, room, work[GIVEN], work[OWED])
                fix(begins, ends, terms.january, terms.first_days[0], anchor, b, i, f)
                for s in range(begins, ends):
                    room.unit_heads[place.unit[s]] += present[s]
            to = before
            while to < waiting and room.empty[to] < ends:
                to += 1
            for month in range(first, last):
                day = terms.first_days[month]
                hire(seed, replicate, month, day, before, to, place, terms, anchor, b, i, f, room)
                prepare(block, place, b, day, entry, tier, present, room)
                share_out(block, place, b, terms.demand, day, entry, luck, room, work[LOAD], work[MENTORED])
                for start in range(begins, ends, AT_ONCE):
                    live_month(
                        seed, replicate, month, start, min(start + AT_ONCE, ends), keep, shadow, rate_out, place, terms, anchor, b,
                        i, f, work, room,
                    )  # fmt: skip
            before = to
            if last == 12:
                close(begins, ends, place, i, room)
