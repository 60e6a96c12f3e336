"""Twelve months of one replicate, compiled: load, burnout, satisfaction, training, forgetting, leaving (ADR 0014).

The order inside a month: recruits come on its first day; everybody works, learns, tires; who leaves does so on its last day.
Each step is a short loop over all slots without branches, so that the compiler does eight people at once; only counting and leaving
go one by one. Sums that come out are whole numbers, so no order of adding changes them.
"""

import numpy as np

from qinglan.core.twin.columns import NONE, POSTS, B, M, W
from qinglan.core.twin.compiling import compiled
from qinglan.core.twin.hiring import MONTH_DAYS, clamp01, fixed_logit, hire
from qinglan.core.twin.maths import exp, log, monthly
from qinglan.core.twin.random import HALF, LOW, MIDDLE, OCCUPANT, Purpose, U, philox, triangle, uniform

MONTH = int(Purpose.MONTH)
VOLUNTARY, DISMISSED, RETIRED, PROMOTED_OUT = 1, 2, 3, 4  # codes.ExitReason
BURNT_FROM = 0.5
NEW_MONTHS, MENTOR_MONTHS, SHADOWING_MONTHS = 12, 60, 6
LOAD_STEP = 0.2
LN_2 = 0.6931471805599453
# Rows of the work space, doubles.
LEAVES, RISES, TIRES, SCORED, LOAD, MENTORED, EFFORT, DONE, MEAN, LOGIT = range(10)
WORKS = 10
# The ceiling: monthly chances at the right edge of each step of the logit.
EDGE, STEPS = 16.0, 32


@compiled
def raise_ceiling(out):
    """out (2 × EDGE × STEPS,): above every monthly chance of a logit in the step, so that most need not be worked out."""
    for index in range(out.shape[0]):
        out[index] = monthly((index + 1.0) / STEPS - EDGE) * (1.0 + 1e-9)


@compiled
def chances(seed, replicate, number, occupant, month, leaves, rises, tires, scored):
    """The month's four draws of every slot's occupant: two uniforms, two triangles."""
    if seed < 0:
        for s in range(number.shape[0]):
            leaves[s], rises[s], tires[s], scored[s] = uniform(MIDDLE), uniform(MIDDLE), 0.0, 0.0
        return
    k0, k1, first, when, purpose = U(seed) & LOW, U(seed) >> HALF, U(replicate), U(month), U(MONTH)
    for s in range(number.shape[0]):
        w0, w1, w2, w3 = philox(first, U(number[s]), (U(occupant[s]) << OCCUPANT) | when, purpose, k0, k1)
        leaves[s] = uniform(w0)
        rises[s] = uniform(w1)
        tires[s] = triangle(w2)
        scored[s] = triangle(w3)


@compiled
def prepare(place, b, day, present, entry, tier, room):
    """Counts who is there by unit, and mentors and those who may have one by sub-district."""
    room.unit_heads[:] = 0
    room.mentors[:] = 0
    room.mentees[:] = 0
    mentee_from, mentor_to = day - b.mentee_months * MONTH_DAYS, day - MENTOR_MONTHS * MONTH_DAYS
    for s in range(present.shape[0]):
        here, sub = present[s], place.subdistrict[s]
        room.unit_heads[place.unit[s]] += here
        room.mentees[sub] += here if entry[s] > mentee_from else 0
        room.mentors[sub] += here if entry[s] <= mentor_to and tier[s] >= 2 else 0


@compiled
def share_out(place, b, demand, day, entry, luck, room, load, mentored):
    """load: work by person, normal = 1; mentored: 1 for whom the mentors' places reach, the lucky first."""
    mentee_from = day - b.mentee_months * MONTH_DAYS
    for s in range(entry.shape[0]):
        heads = room.unit_heads[place.unit[s]]
        load[s] = min(demand * place.authorised[place.unit[s]] / max(heads, 1), b.load_limit)
        sub = place.subdistrict[s]
        places = room.mentors[sub] * b.mentor_share * b.mentees_per_mentor
        mentored[s] = 1.0 if entry[s] > mentee_from and luck[s] * room.mentees[sub] < places else 0.0


@compiled
def tire(b, load, mentored, noise, point, burnout):
    """Burnout moves toward its target: one's own point, more with load, less with a mentor."""
    speed, by_load, by_mentor, sway = b.burnout_speed, b.burnout_load, b.burnout_mentor, b.burnout_noise
    for s in range(burnout.shape[0]):
        now = np.float64(burnout[s])
        target = np.float64(point[s]) + by_load * (load[s] - 1.0) - by_mentor * mentored[s]
        burnout[s] = clamp01(now + speed * (target - now) + sway * noise[s])


@compiled
def please(b, origin, mentored, burnout, pay, grade, point, liking):
    """Satisfaction moves toward its target: pay beside the market, burnout, a mentor, an excellent year."""
    speed, by_pay, by_burnout = b.satisfaction_speed, b.satisfaction_pay / b.pay_spread, b.satisfaction_burnout
    by_mentor, by_grade = b.satisfaction_mentor, b.satisfaction_grade
    for s in range(liking.shape[0]):
        now = np.float64(liking[s])
        target = np.float64(point[s]) + by_mentor * mentored[s] + by_pay * np.float64(pay[s])
        target -= by_burnout * (np.float64(burnout[s]) - origin)
        target += by_grade if grade[s] == 1 else 0.0
        liking[s] = clamp01(now + speed * (target - now))


@compiled
def train(b, month, post, hours, required, mentored, annual, effort, done):
    """Hours of the month are written down; effort: what they raise a focus ability by; done: share of the dues so far."""
    gain = b.training_gain * b.ability_spread / 100.0 / b.course_hours
    tiring = b.repeat_loss / 100.0 / b.course_hours
    extra = b.mentor_gain - 1.0
    for s in range(post.shape[0]):
        now, before = hours[post[s]], annual[s]
        effort[s] = gain * now / (1.0 + tiring * max(before, 0)) * (1.0 + extra * mentored[s])
        annual[s] = before + now
        owed = required[post[s]]
        done[s] = min((before + now) * 12.0 / (month + 1) / max(owed, 1), 1.0) if owed > 0 else 1.0


@compiled
def learn(b, which, keep, shadow, day, entry, tier, effort, ability, mean):
    """One of the six abilities: raised by training (its tier's two most), by shadowing of recruits; the unused fade."""
    other, floor = b.transfer * 0.5, b.ability_floor
    shadowed_from = day - SHADOWING_MONTHS * MONTH_DAYS
    for s in range(ability.shape[0]):
        a = np.float64(ability[s])
        level = min(max(tier[s], 1), 3) - 1
        focus = level == which // 2
        gain = effort[s] * (1.0 if focus else other)
        gain += shadow if which < 2 and entry[s] > shadowed_from else 0.0
        a += gain * (1.0 - a / 100.0)
        fades = a > floor and not (focus and effort[s] > 0.0)
        a = floor + (a - floor) * keep if fades else a
        ability[s] = a
        mean[s] += a / 6.0


@compiled
def weigh(b, origin, day, entry, fixed, burnout, liking, load, mentored, done, logit):
    """The logit of the yearly chance to leave by one's own will (workforce evidence §3.1): what is fixed for the year, what moves."""
    by_burnout, by_liking = b.exit_burnout / b.burnout_spread, b.exit_satisfaction / b.satisfaction_spread
    by_load, usual = b.exit_load / LOAD_STEP, b.satisfaction_start
    by_mentor, by_training, by_new = b.exit_mentor, b.exit_training, b.exit_new
    new_from = day - NEW_MONTHS * MONTH_DAYS
    for s in range(logit.shape[0]):
        x = np.float64(fixed[s]) + by_burnout * (np.float64(burnout[s]) - origin)
        x += by_liking * (np.float64(liking[s]) - usual) + by_load * (load[s] - 1.0)
        x += by_mentor * mentored[s] + by_training * done[s]
        logit[s] = x + (by_new if entry[s] > new_from else 0.0)


@compiled
def fix(t, day, anchor, b, i, f):
    """What of the logit holds for the year, for everybody present: pay beside the market, rises, age, an unpaid certificate."""
    for s in range(i.shape[1]):
        if i[W.PRESENT, s] == 1:
            f[B.FIXED, s] = fixed_logit(
                t, day, i[W.BIRTH, s], i[W.ENTRY, s], i[W.RISEN, s], i[W.UNPAID_CERTIFICATE, s], f[B.PAY, s],
                anchor, b,
            )  # fmt: skip


@compiled
def rate(b, anchor, mean, merit, burnout, noise, present, out):
    """The month's score of everybody present, hundredths."""
    base = anchor.month_mean - b.score_ability * anchor.ability + b.score_burnout * anchor.burnout
    for s in range(out.shape[0]):
        score = base + np.float64(merit[s]) + b.score_ability * mean[s] - b.score_burnout * np.float64(burnout[s])
        score += b.month_noise * noise[s]
        made = np.int32(np.floor(min(max(score, 0.0), 100.0) * 100.0 + 0.5))
        out[s] = made if present[s] == 1 else NONE


@compiled
def leave(s, t, last_day, reason, i, room):
    """Writes who leaves into the log and empties the slot."""
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
def reason_of(s, t, day, rate_out, b, i, leaves, rises, logit, ceiling):
    """Why somebody leaves this month, 0 = stays. The law first, then proposals taken up, then upward, then her own will."""
    if t >= i[W.RETIRE_MONTH, s]:
        return RETIRED
    if i[W.DISMISSED, s] == 1:
        return DISMISSED
    good = i[W.LAST_GRADE, s] == 1 or i[W.LAST_GRADE, s] == 2
    if rises[s] < rate_out and good and day - i[W.ENTRY, s] >= b.promotion_service * MONTH_DAYS:
        return PROMOTED_OUT
    x = logit[s]
    step = min(max(int((x + EDGE) * STEPS), 0), ceiling.shape[0] - 1)
    if leaves[s] < ceiling[step] or x >= EDGE:
        return VOLUNTARY if b.exit_rate > 0.0 and leaves[s] < monthly(x) else 0
    return 0


@compiled
def count(row, burnout, liking, ability, load, hours, mentored):
    """Adds one person's month to a row of measures."""
    row[M.HEADS] += 1
    row[M.BURNT] += 1 if burnout > BURNT_FROM else 0
    row[M.BURNOUT] += np.int64(burnout * 10_000.0 + 0.5)
    row[M.SATISFACTION] += np.int64(liking * 10_000.0 + 0.5)
    row[M.ABILITY] += np.int64(ability * 100.0 + 0.5)
    row[M.LOAD] += np.int64(load * 10_000.0 + 0.5)
    row[M.HOURS] += hours
    row[M.MENTORED] += np.int64(mentored)


@compiled
def reckon(t, last_day, place, terms, anchor, rate_out, b, i, f, work, hours, room):
    """Counts the month of everybody by community and group, and lets go who leaves."""
    burnout, liking = f[B.BURNOUT], f[B.SATISFACTION]
    load, mentored, mean, logit = work[LOAD], work[MENTORED], work[MEAN], work[LOGIT]
    leaves, rises = work[LEAVES], work[RISES]
    first_day = terms.first_days[t - terms.january]
    for s in range(i.shape[1]):
        unit, post = place.unit[s], place.post[s]
        by_unit = room.by_unit[unit]
        if i[W.PRESENT, s] == 0:
            if i[W.FROZEN, s] == 0:
                by_unit[M.VACANT] += 1
                room.by_group[post, M.VACANT] += 1
            continue
        by_group = room.by_group[i[W.CELL, s] * POSTS + post]
        count(by_unit, burnout[s], liking[s], mean[s], load[s], hours[post], mentored[s])
        count(by_group, burnout[s], liking[s], mean[s], load[s], hours[post], mentored[s])
        reason = reason_of(s, t, first_day, rate_out, b, i, leaves, rises, logit, anchor.ceiling)
        if reason != 0:
            by_unit[M.VOLUNTARY + reason - 1] += 1
            by_group[M.VOLUNTARY + reason - 1] += 1
            leave(s, t, last_day, reason, i, room)


@compiled
def live_year(seed, replicate, place, terms, anchor, b, i, f, work, room):
    """Twelve months of one replicate: i (WHOLES, slots), f (REALS, slots) and `room` change in place; `work` (WORKS, slots)."""
    keep = exp(-LN_2 / b.forgetting)
    shadow = b.training_gain * b.ability_spread * terms.shadowing / b.shadowing_hours / SHADOWING_MONTHS
    rate_out = 1.0 - exp(log(1.0 - b.promotion_rate) / 12.0)
    present, entry, tier, annual = i[W.PRESENT], i[W.ENTRY], i[W.TIER], i[W.ANNUAL_HOURS]
    burnout, liking, pay = f[B.BURNOUT], f[B.SATISFACTION], f[B.PAY]
    load, mentored, effort, done, mean, logit = (
        work[LOAD],
        work[MENTORED],
        work[EFFORT],
        work[DONE],
        work[MEAN],
        work[LOGIT],
    )
    for post in range(POSTS):
        room.hours[post] = np.int64(
            np.floor(terms.required_hours[post] * terms.offered * b.training_participation / 12.0)
        )
    fix(terms.january, terms.first_days[0], anchor, b, i, f)
    for month in range(12):
        day, last_day = terms.first_days[month], terms.first_days[month + 1] - 1
        for measure in range(room.by_unit.shape[1]):
            for unit in range(room.by_unit.shape[0]):
                room.month[month, measure] -= room.by_unit[unit, measure]
        hire(seed, replicate, month, day, place, terms, anchor, b, i, f, room)
        chances(
            seed, replicate, place.number, i[W.OCCUPANT], terms.since_start + month,
            work[LEAVES], work[RISES], work[TIRES], work[SCORED],
        )  # fmt: skip
        prepare(place, b, day, present, entry, tier, room)
        share_out(place, b, terms.demand, day, entry, f[B.LUCK], room, load, mentored)
        tire(b, load, mentored, work[TIRES], f[B.BURNOUT_POINT], burnout)
        please(b, anchor.burnout, mentored, burnout, pay, i[W.LAST_GRADE], f[B.SATISFACTION_POINT], liking)
        train(b, month, place.post, room.hours, terms.required_hours, mentored, annual, effort, done)
        mean[:] = 0.0
        for which in range(6):
            learn(b, which, keep, shadow, day, entry, tier, effort, f[B.SERVE + which], mean)
        weigh(b, anchor.burnout, day, entry, f[B.FIXED], burnout, liking, load, mentored, done, logit)
        if anchor.scored == 1:
            rate(b, anchor, mean, f[B.MERIT], burnout, work[SCORED], present, i[W.MONTH_01 + month])
        reckon(terms.january + month, last_day, place, terms, anchor, rate_out, b, i, f, work, room.hours, room)
        for measure in range(room.by_unit.shape[1]):
            for unit in range(room.by_unit.shape[0]):
                room.month[month, measure] += room.by_unit[unit, measure]
