"""Twelve months of one replicate, compiled: hiring, load, burnout, satisfaction, training, forgetting, leaving (ADR 0014).

The order inside a month: recruits come on its first day; everybody works, learns, tires; who leaves does so on its last day.
Loads are doubles, state is single precision; sums that come out are whole numbers, so no order of adding changes them.
"""

from typing import NamedTuple

import numpy as np

from qinglan.core.twin.columns import AGES, NEVER, NONE, TIERS, B, M, W
from qinglan.core.twin.compiling import compiled
from qinglan.core.twin.maths import exp, log, monthly
from qinglan.core.twin.random import Purpose, bell, draw, uniform

START, MONTH, RECRUIT, POOL = int(Purpose.START), int(Purpose.MONTH), int(Purpose.RECRUIT), int(Purpose.POOL)
VOLUNTARY, DISMISSED, RETIRED, PROMOTED_OUT = 1, 2, 3, 4  # codes.ExitReason
BURNT_FROM = 0.5
NEW_MONTHS, RISEN_MONTHS, STUCK_MONTHS, MENTOR_MONTHS, SHADOWING_MONTHS = 12, 24, 60, 60, 6
YOUNG, OLD = 30, 45
LOAD_STEP = 0.2
YEAR_DAYS, MONTH_DAYS = 365.2425, 30.436875
ASSISTANT = 1
LN_2 = 0.6931471805599453


class Place(NamedTuple):
    """What the months need to know of posts and places. Arrays (slots,) except `authorised` (units,): posts at the start."""

    number: np.ndarray
    post: np.ndarray
    unit: np.ndarray
    subdistrict: np.ndarray
    authorised: np.ndarray


class Terms(NamedTuple):
    """What the pack and the barrier give for a year. Arrays by post; hours in hundredths."""

    january: int  # year × 12
    since_start: int  # months lived before this year
    first_days: np.ndarray  # (13,): days on which the months begin, and the next year
    required_hours: np.ndarray
    entry_pay: np.ndarray
    offered: float  # share of the required hours that budget and capacity give
    shadowing: float  # hours that the pack asks of recruits
    demand: float  # work a post at the start had: 1
    market_pull: float  # candidates, relative to normal


class Anchor(NamedTuple):
    """Where the district stands at the start: the origin of the effects."""

    intercept: float
    burnout: float  # mean by the default share of the burnt out: where effects count from
    burnout_start: float  # mean by the scenario's share
    ability: float
    month_mean: float
    scored: int  # 1 = months are scored


class Room(NamedTuple):
    """Scratch that the caller holds, and what comes out. int64 unless said otherwise."""

    unit_heads: np.ndarray  # (units,)
    mentors: np.ndarray  # (subdistricts,)
    mentees: np.ndarray
    pool: np.ndarray  # (1,) float64: candidates waiting
    log: np.ndarray  # (room, WHOLES) int32: who left this year
    logged: np.ndarray  # (1,)
    month: np.ndarray  # (12, MEASURES)
    by_unit: np.ndarray  # (units, MEASURES): the year
    by_cell: np.ndarray  # (CELLS, MEASURES)
    by_post: np.ndarray  # (POSTS, MEASURES)


@compiled
def clamp01(x):
    return min(max(x, 0.0), 1.0)


@compiled
def triangle(word):
    """Mean 0, variance 1, from the halves of one word."""
    low, high = word & np.uint64(0xFFFF), word >> np.uint64(16)
    return ((np.float64(low + high) + 1.0) / 65536.0 - 1.0) * 2.449489742783178


@compiled
def cell_of(sex, birth, day, tier):
    """The group of sex, age and tier; an unknown sex counts as the first, an unknown age as the third band."""
    age = 40.0 if birth == NONE else (day - birth) / YEAR_DAYS
    band = 0 if age < 26 else 1 if age < 36 else 2 if age < 46 else 3
    return ((0 if sex != 2 else 1) * AGES + band) * TIERS + min(max(tier, 0), TIERS - 1)


@compiled
def begin(seed, replicate, number, occupant, mean, b, f, s):
    """Draws the behaviour with which somebody enters slot `s`: burnout and satisfaction around the means, luck."""
    w0, w1, w2, w3 = draw(seed, replicate, number, occupant, 0, START)
    point = clamp01(mean + b.burnout_spread * bell(w0, w1))
    f[B.BURNOUT_POINT, s] = point
    f[B.BURNOUT, s] = point
    liking = clamp01(b.satisfaction_start + b.satisfaction_spread * triangle(w2))
    f[B.SATISFACTION_POINT, s] = liking
    f[B.SATISFACTION, s] = liking
    f[B.LUCK, s] = uniform(w3)


@compiled
def recruit(seed, replicate, number, s, month, first_day, post, terms, anchor, b, i, f):
    """Somebody new in slot `s`, from the pool's distributions."""
    occupant = i[W.OCCUPANT, s] + 1
    for row in range(i.shape[0]):
        if row != W.FROZEN and row != W.SLOT:
            i[row, s] = NONE
    w0, w1, w2, w3 = draw(seed, replicate, number, occupant, 0, RECRUIT)
    v0, v1, v2, _ = draw(seed, replicate, number, occupant, 1, RECRUIT)
    age = b.recruit_youngest + (max(b.recruit_oldest, b.recruit_youngest) - b.recruit_youngest) * uniform(w1)
    school = uniform(w2)
    i[W.PRESENT, s] = 1
    i[W.OCCUPANT, s] = occupant
    i[W.SEX, s] = 2 if uniform(w0) < b.recruit_female else 1
    i[W.BIRTH, s] = first_day - np.int64(np.floor(age * YEAR_DAYS))
    level = 2 if school < b.recruit_college else 3 if school < b.recruit_college + b.recruit_bachelor else 1
    i[W.EDUCATION, s] = level
    i[W.DEGREE, s] = 1 if level == 3 else 0
    i[W.WILLING, s] = 1 if uniform(w3) < b.recruit_willing else 0
    i[W.ENTRY, s] = first_day
    i[W.RECOGNISED, s] = 0
    i[W.PROBATION_UNTIL, s] = first_day + np.int64(b.recruit_probation)
    i[W.POST_SINCE, s] = first_day
    i[W.SUBDISTRICT_SINCE, s] = first_day
    i[W.PROTECTED_UNTIL, s] = 0
    i[W.MEDICAL_UNTIL, s] = 0
    i[W.CERTIFICATE, s] = ASSISTANT if uniform(v0) < b.recruit_certified else 0
    i[W.WARNINGS, s] = 0
    i[W.TALKS, s] = 0
    i[W.RETIRE_MONTH, s] = NEVER
    i[W.DISMISSED, s] = 0
    i[W.UNPAID_CERTIFICATE, s] = 0
    i[W.TIER, s] = 1
    i[W.CELL, s] = cell_of(i[W.SEX, s], i[W.BIRTH, s], first_day, 1)
    i[W.ANNUAL_HOURS, s] = 0
    i[W.EXIT_REASON, s] = 0
    f[B.MERIT, s] = b.score_spread * bell(v1, v2)
    f[B.PAY, s] = terms.entry_pay[post]
    for ability in range(6):
        a0, a1, _, _ = draw(seed, replicate, number, occupant, 2 + ability, RECRUIT)
        f[B.SERVE + ability, s] = min(max(b.recruit_ability + b.ability_spread * bell(a0, a1), 0.0), 100.0)
    begin(seed, replicate, number, occupant, anchor.burnout_start, b, f, s)


@compiled
def hire(seed, replicate, month, first_day, place, terms, anchor, b, i, f, room, out):
    """Fills vacancies that waited long enough, as far as candidates go; each due post has its own luck. Returns nothing."""
    t = terms.january + month
    slots = i.shape[1]
    due = 0
    posts = 0
    for s in range(slots):
        if i[W.FROZEN, s] == 0:
            posts += 1
            if i[W.PRESENT, s] == 0 and t - i[W.VACANT_SINCE, s] >= b.recruit_delay:
                due += 1
    room.pool[0] += b.pool_inflow * terms.market_pull * posts
    room.pool[0] = min(
        room.pool[0], max(b.pool_size, 12.0 * b.pool_inflow) * posts
    )  # candidates look elsewhere in time
    if due == 0:
        return
    chance = min(room.pool[0] / due, 1.0)
    for s in range(slots):
        if i[W.FROZEN, s] == 0 and i[W.PRESENT, s] == 0 and t - i[W.VACANT_SINCE, s] >= b.recruit_delay:
            w0, _, _, _ = draw(seed, replicate, place.number[s], i[W.OCCUPANT, s], terms.since_start + month, POOL)
            if uniform(w0) < chance and room.pool[0] >= 0.5:
                room.pool[0] = max(room.pool[0] - 1.0, 0.0)
                recruit(seed, replicate, place.number[s], s, month, first_day, place.post[s], terms, anchor, b, i, f)
                out[M.RECRUITS] += 1
                room.by_unit[place.unit[s], M.RECRUITS] += 1
                room.by_cell[i[W.CELL, s], M.RECRUITS] += 1
                room.by_post[place.post[s], M.RECRUITS] += 1


@compiled
def learn(s, tier, tenure, hours, mentored, terms, b, keep, f):
    """Training raises the two abilities of the tier, a share the others; shadowing those of recruits; the unused fade."""
    first = 0 if tier <= 1 else 2 if tier == 2 else 4
    effort = b.training_gain * b.ability_spread * hours
    if mentored == 1:
        effort *= b.mentor_gain
    shadowing = 0.0
    if tenure < SHADOWING_MONTHS:
        shadowing = b.training_gain * b.ability_spread * terms.shadowing / b.shadowing_hours / SHADOWING_MONTHS
    total = 0.0
    for ability in range(6):
        a = np.float64(f[B.SERVE + ability, s])
        focus = ability == first or ability == first + 1
        gain = effort if focus else effort * b.transfer * 0.5
        if ability < 2:
            gain += shadowing
        a += gain * (1.0 - a / 100.0)
        if a > b.ability_floor and not (focus and hours > 0.0):
            a = b.ability_floor + (a - b.ability_floor) * keep
        f[B.SERVE + ability, s] = a
        total += a
    return total / 6.0


@compiled
def leaving_logit(s, t, day, burnout, liking, load, mentored, share, anchor, b, i, f):
    """The logit of the yearly chance to leave by one's own will (workforce evidence §3.1)."""
    x = anchor.intercept
    x += b.exit_burnout * (burnout - anchor.burnout) / b.burnout_spread
    x += b.exit_satisfaction * (liking - b.satisfaction_start) / b.satisfaction_spread
    x += b.exit_load * (load - 1.0) / LOAD_STEP
    x += b.exit_training * share
    if mentored == 1:
        x += b.exit_mentor
    pay = np.float64(f[B.PAY, s]) / b.pay_spread
    x += (b.exit_pay_below if pay < 0.0 else b.exit_pay_above) * pay
    risen = i[W.RISEN, s]
    tenure = (day - i[W.ENTRY, s]) / MONTH_DAYS
    if risen != NONE and t - risen <= RISEN_MONTHS:
        x += b.exit_prospect
    elif (risen == NONE and tenure > STUCK_MONTHS) or (risen != NONE and t - risen > STUCK_MONTHS):
        x -= b.exit_prospect
    if i[W.BIRTH, s] != NONE:
        age = (day - i[W.BIRTH, s]) / YEAR_DAYS
        if age > OLD:
            x += b.exit_old
        elif age < YOUNG:
            x += b.exit_young
    if tenure < NEW_MONTHS:
        x += b.exit_new
    if i[W.UNPAID_CERTIFICATE, s] == 1:
        x += b.exit_unpaid_certificate
    return x


@compiled
def prepare(place, b, i, day, room):
    """Counts who is there by unit, and mentors and those who may have one by sub-district."""
    room.unit_heads[:] = 0
    room.mentors[:] = 0
    room.mentees[:] = 0
    for s in range(i.shape[1]):
        if i[W.PRESENT, s] == 1:
            room.unit_heads[place.unit[s]] += 1
            tenure = (day - i[W.ENTRY, s]) / MONTH_DAYS
            if tenure < b.mentee_months:
                room.mentees[place.subdistrict[s]] += 1
            if tenure >= MENTOR_MONTHS and i[W.TIER, s] >= 2:
                room.mentors[place.subdistrict[s]] += 1


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
def live_year(seed, replicate, place, terms, anchor, b, i, f, room):
    """Twelve months of one replicate: i (WHOLES, slots), f (REALS, slots) and `room` change in place."""
    keep = exp(-LN_2 / b.forgetting)
    rate_out = 1.0 - exp(log(1.0 - b.promotion_rate) / 12.0)
    for month in range(12):
        t = terms.january + month
        first_day, last_day = terms.first_days[month], terms.first_days[month + 1] - 1
        out = room.month[month]
        hire(seed, replicate, month, first_day, place, terms, anchor, b, i, f, room, out)
        prepare(place, b, i, first_day, room)
        for s in range(i.shape[1]):
            unit, post = place.unit[s], place.post[s]
            if i[W.PRESENT, s] == 0:
                if i[W.FROZEN, s] == 0:
                    out[M.VACANT] += 1
                    room.by_unit[unit, M.VACANT] += 1
                    room.by_post[post, M.VACANT] += 1
                continue
            w0, w1, w2, w3 = draw(seed, replicate, place.number[s], i[W.OCCUPANT, s], terms.since_start + month, MONTH)
            tenure = (first_day - i[W.ENTRY, s]) / MONTH_DAYS
            load = min(terms.demand * place.authorised[unit] / room.unit_heads[unit], b.load_limit)
            sub = place.subdistrict[s]
            capacity = room.mentors[sub] * b.mentor_share * b.mentees_per_mentor
            mentored = 1 if tenure < b.mentee_months and f[B.LUCK, s] * room.mentees[sub] < capacity else 0

            target = np.float64(f[B.BURNOUT_POINT, s]) + b.burnout_load * (load - 1.0) - b.burnout_mentor * mentored
            burnout = np.float64(f[B.BURNOUT, s])
            burnout = clamp01(burnout + b.burnout_speed * (target - burnout) + b.burnout_noise * triangle(w2))
            f[B.BURNOUT, s] = burnout
            target = np.float64(f[B.SATISFACTION_POINT, s]) + b.satisfaction_mentor * mentored
            target += b.satisfaction_pay * np.float64(f[B.PAY, s]) / b.pay_spread
            target -= b.satisfaction_burnout * (burnout - anchor.burnout)
            if i[W.LAST_GRADE, s] == 1:
                target += b.satisfaction_grade
            liking = np.float64(f[B.SATISFACTION, s])
            liking = clamp01(liking + b.satisfaction_speed * (target - liking))
            f[B.SATISFACTION, s] = liking

            required = terms.required_hours[post]
            hours = np.int64(np.floor(required * terms.offered * b.training_participation / 12.0))
            before = i[W.ANNUAL_HOURS, s]
            repeat = 1.0 / (1.0 + b.repeat_loss * before / 100.0 / b.course_hours)
            i[W.ANNUAL_HOURS, s] = before + hours
            courses = hours / 100.0 / b.course_hours * repeat
            ability = learn(s, i[W.TIER, s], tenure, courses, mentored, terms, b, keep, f)
            if anchor.scored == 1:
                score = anchor.month_mean + np.float64(f[B.MERIT, s]) + b.score_ability * (ability - anchor.ability)
                score += b.month_noise * triangle(w3) - b.score_burnout * (burnout - anchor.burnout)
                i[W.MONTH_01 + month, s] = np.int64(np.floor(min(max(score, 0.0), 100.0) * 100.0 + 0.5))

            done = min((before + hours) * 12.0 / (month + 1) / required, 1.0) if required > 0 else 1.0
            reason = 0
            if t >= i[W.RETIRE_MONTH, s]:
                reason = RETIRED
            elif i[W.DISMISSED, s] == 1:
                reason = DISMISSED
            elif (
                tenure >= b.promotion_service
                and (i[W.LAST_GRADE, s] == 1 or i[W.LAST_GRADE, s] == 2)
                and (uniform(w1) < rate_out)
            ):
                reason = PROMOTED_OUT
            elif b.exit_rate > 0.0:
                x = leaving_logit(s, t, first_day, burnout, liking, load, mentored, done, anchor, b, i, f)
                reason = VOLUNTARY if uniform(w0) < monthly(x) else 0

            cell = i[W.CELL, s]
            count(out, reason, burnout, liking, ability, load, hours, mentored)
            count(room.by_unit[unit], reason, burnout, liking, ability, load, hours, mentored)
            count(room.by_cell[cell], reason, burnout, liking, ability, load, hours, mentored)
            count(room.by_post[post], reason, burnout, liking, ability, load, hours, mentored)
            if reason != 0:
                leave(s, t, last_day, reason, i, room)


@compiled
def count(out, reason, burnout, liking, ability, load, hours, mentored):
    """Adds one person's month to a row of measures."""
    out[M.HEADS] += 1
    if reason != 0:
        out[M.VOLUNTARY + reason - 1] += 1
    if burnout > BURNT_FROM:
        out[M.BURNT] += 1
    out[M.BURNOUT] += np.int64(burnout * 10_000.0 + 0.5)
    out[M.SATISFACTION] += np.int64(liking * 10_000.0 + 0.5)
    out[M.ABILITY] += np.int64(ability * 100.0 + 0.5)
    out[M.LOAD] += np.int64(load * 10_000.0 + 0.5)
    out[M.HOURS] += hours
    out[M.MENTORED] += mentored
