"""The turn of the year: what the rules found becomes state of 1 January. Rules propose; set shares of the proposals are taken up."""

import numpy as np

from qinglan.core.frame.missing import MISSING
from qinglan.core.rules.numbers import civil
from qinglan.core.twin.appointing import appoint
from qinglan.core.twin.columns import NEVER, NONE, TIERS, W
from qinglan.core.twin.compiling import compiled
from qinglan.core.twin.hiring import cell_of
from qinglan.core.twin.population import FOUND, year_start
from qinglan.core.twin.random import Purpose, draw, uniform
from qinglan.core.twin.rotating import rotate
from qinglan.core.twin.starting import Run, State

YEAR = int(Purpose.YEAR)
EXCELLENT, CHANGE_POST, TRAIN_FIRST, END_CONTRACT = 1, 3, 4, 5  # codes.Grade, codes.ExitProposal
WARNED, TALKED = 1, 2  # codes.MonthlyAction
ASSISTANT, INTERMEDIATE = 1, 2
HUNDRED_YUAN = 10_000
GRADE, STAR, TIER, RETIREMENT, MONTHLY, SELECTED, NEXT, UNFIT, DEMOTED, XUHUI, ROTATED = range(len(FOUND))


def turn(run: Run, state: State, table: np.ndarray, rows: np.ndarray, at: np.ndarray, risen: np.ndarray) -> None:
    """Turns `state` from 31 December of state.year to 1 January. Row rows[k] of `table` holds FOUND[k] of that year; at (R, slots):
    the column of who stands in the slot, −1 where nobody does. risen (columns,): becomes 1 for who rises a grade.

    Grades rise and fall, warnings are written, contracts are ended, certificates are won: each by the person's own luck.
    """
    b, whole = run.behaviour, state.whole
    january, first = (state.year + 1) * 12, year_start(state.year + 1)
    law = run.laws[state.year + 1]
    elapsed = (state.year - run.people.year) * 12
    settle(
        run.seed, state.first, elapsed, january, first, run.slots.number, run.people.later, law.allowances, b, table, rows, at, whole,
        risen,
    )  # fmt: skip
    listed = np.empty(whole.shape[2], np.int64)
    state.moved = []
    for index in range(len(state)):
        moves = np.empty((whole.shape[2], 4), np.int64)
        count = appoint(january, first, run.place, law.leading, b, whole[index], state.real[index], moves)
        count = rotate(
            run.seed, state.first + index, elapsed, first, run.place, run.slots.district, b, table[rows[ROTATED]], at[index],
            whole[index], state.real[index], listed, moves, count,
        )  # fmt: skip
        state.moved.append(moves[:count].copy())
        group(first, whole[index])


@compiled
def settle(seed, first_replicate, elapsed, january, day, number, later, allowances, b, table, rows, at, whole, risen):
    """Writes what the year's rules found into the state of everybody present."""
    for r in range(whole.shape[0]):
        i = whole[r]
        for s in range(i.shape[1]):
            if i[W.PRESENT, s] == 1 and at[r, s] >= 0:
                settle_one(
                    seed,
                    first_replicate + r,
                    elapsed,
                    january,
                    day,
                    number[s],
                    later,
                    allowances,
                    b,
                    table,
                    rows,
                    at[r, s],
                    i,
                    s,
                    risen,
                )
        for month in range(12):
            for s in range(i.shape[1]):
                i[W.LAST_01 + month, s] = i[W.MONTH_01 + month, s] if i[W.PRESENT, s] == 1 else NONE
                i[W.MONTH_01 + month, s] = NONE
        for row in range(W.RESIDENTS, W.INNOVATION + 1):
            for s in range(i.shape[1]):
                i[row, s] = NONE


@compiled
def known(value):
    """int64 with reasons → NONE where missing."""
    return NONE if value <= MISSING else value


@compiled
def settle_one(seed, replicate, elapsed, january, day, number, later, allowances, b, table, rows, n, i, s, risen):
    """One person's turn of the year."""
    w0, w1, w2, w3 = draw(seed, replicate, number, i[W.OCCUPANT, s], elapsed, YEAR)
    grade, unfit, monthly = table[rows[GRADE], n], table[rows[UNFIT], n], table[rows[XUHUI], n]
    i[W.LAST_GRADE, s] = known(grade)
    years = 0 if i[W.EXCELLENT_YEARS, s] == NONE else i[W.EXCELLENT_YEARS, s]
    i[W.EXCELLENT_YEARS, s] = years + (1 if grade == EXCELLENT else 0)
    i[W.LAST_STAR, s] = known(table[rows[STAR], n])
    i[W.TIER, s] = min(max(table[rows[TIER], n], 0), TIERS - 1)
    i[W.RETIRE_MONTH, s] = retire_month(i[W.ORIGIN, s], later, table[rows[RETIREMENT], n])
    i[W.WARNINGS, s] = 1 if table[rows[MONTHLY], n] == WARNED else 0
    i[W.TALKS, s] = 1 if table[rows[MONTHLY], n] == TALKED else 0
    upward, downward = table[rows[NEXT], n], table[rows[DEMOTED], n]
    if table[rows[SELECTED], n] == 1 and upward > MISSING and uniform(w0) < b.rise_uptake:
        i[W.LADDER_GRADE, s] = upward
        i[W.LADDER_SINCE, s] = day
        i[W.RISEN, s] = january
        risen[n] = 1
    elif unfit == CHANGE_POST and downward > MISSING and uniform(w1) < b.demotion_uptake:
        i[W.LADDER_GRADE, s] = downward
        i[W.LADDER_SINCE, s] = day
    ends = unfit == END_CONTRACT or monthly == END_CONTRACT
    i[W.DISMISSED, s] = 1 if ends and uniform(w2) < b.dismissal_uptake else 0
    # Who was found unfit is trained or moved in the coming year, as the law asks before anything else.
    i[W.REMEDIED, s] = 1 if unfit in (CHANGE_POST, TRAIN_FIRST) or monthly == TRAIN_FIRST else NONE
    # Certificates won in the year's examination, in hand on 1 January; a better allowance draws more people.
    level = 0 if i[W.CERTIFICATE, s] == NONE else i[W.CERTIFICATE, s]
    rate = b.certificate_first if level == 0 else b.certificate_next if level == ASSISTANT else 0.0
    pull = allowances[min(max(level + 1, 0), allowances.shape[0] - 1)] / HUNDRED_YUAN
    if uniform(w3) < rate * (1.0 + b.certificate_pull * pull):
        i[W.CERTIFICATE, s] = min(level + 1, INTERMEDIATE)
    i[W.ANNUAL_HOURS, s] = 0


@compiled
def retire_month(origin, later, by_table):
    """year × 12 + month − 1 of the law's day, or of the later one of who already works on past hers; NEVER where missing."""
    date = by_table
    if origin != NONE and later[origin] > MISSING:
        date = later[origin]
    if date <= MISSING:
        return NEVER
    year, month, _ = civil(date)
    return year * 12 + month - 1


@compiled
def group(day, i):
    """Writes the group of sex, age and tier of everybody present."""
    for s in range(i.shape[1]):
        if i[W.PRESENT, s] == 1:
            i[W.CELL, s] = cell_of(i[W.SEX, s], i[W.BIRTH, s], day, i[W.TIER, s])
