"""Who comes: behaviour drawn for a newcomer, the pool of candidates, vacancies filled when due. Compiled (ADR 0014)."""

from typing import NamedTuple

import numpy as np

from qinglan.core.twin.columns import AGES, NEVER, NONE, POSTS, TIERS, B, M, W
from qinglan.core.twin.compiling import compiled, inlined
from qinglan.core.twin.random import Purpose, bell, draw, triangle, uniform

START, RECRUIT, POOL = int(Purpose.START), int(Purpose.RECRUIT), int(Purpose.POOL)
RISEN_MONTHS, STUCK_MONTHS = 24, 60
YOUNG, OLD = 30, 45
YEAR_DAYS, MONTH_DAYS = 365.2425, 30.436875
ASSISTANT = 1
UNFILLED = 12


class Place(NamedTuple):
    """What the months need to know of posts and places. Arrays (slots,) except `authorised` (units,): posts at the start."""

    number: np.ndarray
    post: np.ndarray
    unit: np.ndarray
    subdistrict: np.ndarray
    authorised: np.ndarray
    runs: np.ndarray  # (runs, 3): first and last + 1 of neighbouring slots of one sub-district, and its number
    unit_runs: np.ndarray  # the same by unit
    blocks: (
        np.ndarray
    )  # (blocks, 6): slots, rows of `runs`, rows of `unit_runs`, each first and last + 1 (starting.blocks_of)


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

    unit_heads: np.ndarray  # (units,): people there now
    mentors: np.ndarray  # (subdistricts,)
    mentees: np.ndarray
    pool: np.ndarray  # (1,) float64: candidates waiting
    log: np.ndarray  # (room, WHOLES) int32: who left this year
    logged: np.ndarray  # (1,)
    hours: np.ndarray  # (POSTS,): training of the month by post, hundredths
    month: np.ndarray  # (12, MEASURES)
    by_unit: np.ndarray  # (units, MEASURES): the year
    by_group: np.ndarray  # (CELLS × POSTS, MEASURES); empty posts count in the first cell
    counted: np.ndarray  # (month.COUNTED, slots) int32: of the slot's occupant, this year so far
    may: np.ndarray  # (slots,) int8
    empty: np.ndarray  # (slots,): posts that may be filled, by slot (plan)
    filled: np.ndarray  # (slots,) int8: the month of the year in which each is, or UNFILLED


@inlined
def clamp01(x):
    return min(max(x, 0.0), 1.0)


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
def fixed_logit(t, day, birth, entry, risen, unpaid, pay, anchor, b):
    """The part of the leaving logit that holds for a year: pay beside the market (convex), rises, age, an unpaid certificate."""
    x = anchor.intercept
    apart = np.float64(pay) / b.pay_spread
    x += (b.exit_pay_below if apart < 0.0 else b.exit_pay_above) * apart
    if risen != NONE and t - risen <= RISEN_MONTHS:
        x += b.exit_prospect
    elif (risen == NONE and day - entry > STUCK_MONTHS * MONTH_DAYS) or (risen != NONE and t - risen > STUCK_MONTHS):
        x -= b.exit_prospect
    if birth != NONE:
        age = (day - birth) / YEAR_DAYS
        if age > OLD:
            x += b.exit_old
        elif age < YOUNG:
            x += b.exit_young
    if unpaid == 1:
        x += b.exit_unpaid_certificate
    return x


@compiled
def recruit(seed, replicate, number, s, month, first_day, post, terms, anchor, b, i, f):
    """Somebody new in slot `s`, from the pool's distributions."""
    occupant = i[W.OCCUPANT, s] + 1
    for row in range(i.shape[0]):
        if row != W.FROZEN and row != W.SLOT and row != W.WITHIN:
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
    for pair in range(3):
        a0, a1, a2, a3 = draw(seed, replicate, number, occupant, 2 + pair, RECRUIT)
        f[B.SERVE + 2 * pair, s] = min(max(b.recruit_ability + b.ability_spread * bell(a0, a1), 0.0), 100.0)
        f[B.SERVE + 2 * pair + 1, s] = min(max(b.recruit_ability + b.ability_spread * bell(a2, a3), 0.0), 100.0)
    begin(seed, replicate, number, occupant, anchor.burnout_start, b, f, s)
    f[B.FIXED, s] = fixed_logit(month, first_day, i[W.BIRTH, s], first_day, NONE, 0, f[B.PAY, s], anchor, b)


@compiled
def find_empty(t, delay, i, may):
    """may (slots,): 1 for empty posts that are filled from outside and will have waited long enough by month `t`. Returns how many posts
    there are."""
    posts = np.int64(0)
    present, frozen, within, vacant = i[W.PRESENT], i[W.FROZEN], i[W.WITHIN], i[W.VACANT_SINCE]
    for s in range(present.shape[0]):
        is_due = (present[s] == 0) & (frozen[s] == 0) & (within[s] != 1) & (t - vacant[s] >= delay)
        may[s] = 1 if is_due else 0
        posts += np.int32(1) if frozen[s] == 0 else np.int32(0)
    return posts


@compiled
def plan(seed, replicate, first, last, delay, place, terms, b, i, room):
    """Which empty posts the district's candidates fill in the months `first` … `last − 1`; each post has its own luck in each month.

    Who leaves in these months leaves a post that is not due within them (last − first ≤ delay + 1), so that the plan needs nothing of
    them and the blocks can live them one after another. room.empty, room.filled: the posts by slot, the month of each. How many.
    """
    posts = find_empty(np.int32(terms.january + last - 1), delay, i, room.may)
    waiting = np.int64(0)
    for s in range(room.may.shape[0]):
        if room.may[s] == 1:
            room.empty[waiting] = s
            room.filled[waiting] = UNFILLED
            waiting += 1
    vacant = i[W.VACANT_SINCE]
    for month in range(first, last):
        t = np.int32(terms.january + month)
        due = np.int64(0)
        for k in range(waiting):
            due += 1 if room.filled[k] == UNFILLED and t - vacant[room.empty[k]] >= delay else 0
        room.pool[0] += b.pool_inflow * terms.market_pull * posts
        room.pool[0] = min(
            room.pool[0], max(b.pool_size, 12.0 * b.pool_inflow) * posts
        )  # candidates look elsewhere in time
        if due == 0:
            continue
        chance = min(room.pool[0] / due, 1.0)
        for k in range(waiting):
            s = room.empty[k]
            if room.filled[k] == UNFILLED and t - vacant[s] >= delay:
                w0, _, _, _ = draw(seed, replicate, place.number[s], i[W.OCCUPANT, s], terms.since_start + month, POOL)
                if uniform(w0) < chance and room.pool[0] >= 0.5:
                    room.pool[0] = max(room.pool[0] - 1.0, 0.0)
                    room.filled[k] = month
    return waiting


@compiled
def hire(seed, replicate, month, first_day, start, stop, place, terms, anchor, b, i, f, room):
    """Those of the planned posts `start` … `stop − 1` that are filled this month get somebody."""
    for k in range(start, stop):
        if room.filled[k] == month:
            s = room.empty[k]
            recruit(
                seed, replicate, place.number[s], s, np.int64(terms.january + month), first_day, place.post[s], terms, anchor, b, i, f
            )  # fmt: skip
            room.unit_heads[place.unit[s]] += 1
            room.month[month, M.RECRUITS] += 1
            room.by_unit[place.unit[s], M.RECRUITS] += 1
            room.by_group[i[W.CELL, s] * POSTS + place.post[s], M.RECRUITS] += 1
