"""The turn of the year: what the rules found becomes state of 1 January. Rules propose; set shares of the proposals are taken up."""

from collections.abc import Callable
from datetime import date

import numpy as np

from qinglan.core.frame.missing import MISSING
from qinglan.core.packs.pack import PackOnDate
from qinglan.core.twin.appointing import appoint
from qinglan.core.twin.columns import ABSENT, NEVER, NONE, POSTS, TIERS, W, narrow
from qinglan.core.twin.compiling import compiled
from qinglan.core.twin.hiring import cell_of
from qinglan.core.twin.population import year_start
from qinglan.core.twin.random import Purpose, uniforms
from qinglan.core.twin.starting import Run, State

EXCELLENT, CHANGE_POST, TRAIN_FIRST, END_CONTRACT = 1, 3, 4, 5  # codes.Grade, codes.ExitProposal
WARNED, TALKED = 1, 2  # codes.MonthlyAction
ASSISTANT, INTERMEDIATE = 1, 2
HUNDRED_YUAN = 10_000


def turn(run: Run, state: State, found: dict[str, np.ndarray]) -> None:
    """Turns `state` from 31 December of state.year to 1 January. `found` {FOUND: (R, slots)} of that year, ABSENT where nobody.

    Grades rise and fall, warnings are written, contracts are ended, certificates are won: each by the person's own luck.
    """
    b, whole = run.behaviour, state.whole
    present = whole[:, W.PRESENT] == 1
    january = (state.year + 1) * 12
    first = year_start(state.year + 1)
    luck = np.empty((4, *present.shape))
    elapsed = (state.year - run.people.year) * 12
    for index in range(len(state)):
        one = np.empty((4, present.shape[1]))
        uniforms(
            run.seed, state.first + index, run.slots.number, whole[index, W.OCCUPANT], elapsed, int(Purpose.YEAR), one
        )
        luck[:, index] = one

    def put(row: int, where: np.ndarray, values: np.ndarray | int) -> None:
        whole[:, row] = np.where(where & present, values, whole[:, row])

    grade, excellent = found["grade"], whole[:, W.EXCELLENT_YEARS]
    put(W.LAST_GRADE, present, narrow(grade))
    put(W.EXCELLENT_YEARS, present, np.where(excellent == NONE, 0, excellent) + (grade == EXCELLENT))
    put(W.LAST_STAR, present, narrow(found["star"]))
    put(W.TIER, present, np.clip(found["tier"], 0, TIERS - 1))
    origin = whole[:, W.ORIGIN]
    later = np.append(run.people.later, ABSENT)[np.where(origin == NONE, len(run.people), origin)]
    put(W.RETIRE_MONTH, present, month_of(np.where(later > MISSING, later, found["retirement_date"])))
    put(W.WARNINGS, present, (found["monthly_action"] == WARNED).astype(np.int32))
    put(W.TALKS, present, (found["monthly_action"] == TALKED).astype(np.int32))

    rises = (found["promotion_selected"] == 1) & (found["ladder_next_grade"] > MISSING) & (luck[0] < b.rise_uptake)
    unfit, monthly = found["unfit_proposal"], found["xuhui_proposal"]
    falls = (unfit == CHANGE_POST) & (found["unfit_demote_to"] > MISSING) & (luck[1] < b.demotion_uptake) & ~rises
    put(W.LADDER_GRADE, rises, narrow(found["ladder_next_grade"]))
    put(W.LADDER_GRADE, falls, narrow(found["unfit_demote_to"]))
    put(W.LADDER_SINCE, rises | falls, first)
    put(W.RISEN, rises, january)
    ends = ((unfit == END_CONTRACT) | (monthly == END_CONTRACT)) & (luck[2] < b.dismissal_uptake)
    put(W.DISMISSED, present, ends.astype(np.int32))
    # Who was found unfit is trained or moved in the coming year, as the law asks before anything else.
    mended = (unfit == CHANGE_POST) | (unfit == TRAIN_FIRST) | (monthly == TRAIN_FIRST)
    put(W.REMEDIED, present, np.where(mended, 1, NONE))

    _certify(run, state, luck[3], present, put)
    whole[:, W.LAST_01 : W.LAST_12 + 1] = np.where(present[:, None], whole[:, W.MONTH_01 : W.MONTH_12 + 1], NONE)
    whole[:, W.MONTH_01 : W.MONTH_12 + 1] = NONE
    whole[:, W.RESIDENTS : W.INNOVATION + 1] = NONE
    put(W.ANNUAL_HOURS, present, 0)
    leading = leading_posts(run.pack.on(date(state.year + 1, 1, 1)))
    state.moved = []
    for index in range(len(state)):
        moves = np.empty((present.shape[1], 4), np.int64)
        count = appoint(january, first, run.place, leading, b, whole[index], state.real[index], moves)
        state.moved.append(moves[:count])
        group(first, whole[index])


def _certify(run: Run, state: State, luck: np.ndarray, present: np.ndarray, put: Callable) -> None:
    """Certificates won in the year's examination, in hand on 1 January; a better allowance draws more people."""
    b, held = run.behaviour, state.whole[:, W.CERTIFICATE]
    extra = allowances(run.pack.on(date(state.year + 1, 1, 1)))
    level = np.where(held == NONE, 0, held)
    rate = np.where(level == 0, b.certificate_first, np.where(level == ASSISTANT, b.certificate_next, 0.0))
    pull = extra[np.clip(level + 1, 0, len(extra) - 1)] / HUNDRED_YUAN
    put(W.CERTIFICATE, present & (luck < rate * (1.0 + b.certificate_pull * pull)), np.minimum(level + 1, INTERMEDIATE))


def leading_posts(on: PackOnDate) -> np.ndarray:
    """(POSTS,): 1 for the posts that the pack counts as leading a community."""
    table = on["diagnose.tier_entry.pillar_posts"]
    flags = np.zeros(POSTS, np.int64)
    flags[: len(table)] = np.asarray(table)[:POSTS] == 1
    return flags


def allowances(on: PackOnDate) -> np.ndarray:
    """Monthly allowance by certificate (4,), fen; 0 where the pack says nothing."""
    table = on["pay.cert_allowance.amount"]
    return np.where(table <= MISSING, 0, table).astype(np.float64)


def month_of(day: np.ndarray) -> np.ndarray:
    """year × 12 + month − 1 of day numbers; NEVER where missing."""
    known = day > MISSING
    months = np.where(known, day, 0).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) + 1970 * 12
    return np.where(known, months, NEVER).astype(np.int32)


@compiled
def group(day, i):
    """Writes the group of sex, age and tier of everybody present."""
    for s in range(i.shape[1]):
        if i[W.PRESENT, s] == 1:
            i[W.CELL, s] = cell_of(i[W.SEX, s], i[W.BIRTH, s], day, i[W.TIER, s])


def scattered(run: Run, state: State, replicate: np.ndarray, slot: np.ndarray, steps: dict, names: tuple) -> dict:
    """{name: (R, slots)} from rows (n,) of people; ABSENT where nobody stands."""
    shape = (len(state), run.start.shape[1])
    out = {}
    for name in names:
        out[name] = np.full(shape, ABSENT, np.int64)
        out[name][replicate, slot] = steps[name]
    return out
