"""The months of a large district are lived in blocks, several months at a time: the bytes are those of everybody lived month by month."""

from typing import Any

import numpy as np
import pytest
from tests.unit.core.twin.scenarios import scenario

from qinglan.core.twin.columns import POSTS, B, M, W
from qinglan.core.twin.hiring import Place, Room, hire, plan
from qinglan.core.twin.maths import exp, log
from qinglan.core.twin.month import (
    GIVEN,
    LN_2,
    LOAD,
    MENTORED,
    OWED,
    SHADOWING_MONTHS,
    WORKS,
    close,
    fix,
    live_month,
    live_year,
    owe,
    prepare,
    share_out,
)
from qinglan.core.twin.scenario import run_of
from qinglan.core.twin.sheets import Desk
from qinglan.core.twin.starting import Run, State, blocks_of, empty_room, start
from qinglan.core.twin.year import Desks, begin, offered_of, terms_of

# Posts are emptied and filled again within a year, and candidates run out.
BUSY = {"exit_rate": 0.6, "promotion_rate": 0.2, "pool_size": 0.02, "pool_inflow": 0.03}


def _begun(**parameters: float) -> tuple[Run, State, Any]:
    run = run_of(scenario(360, 4, parameters={**BUSY, **parameters}))
    state = start(run, 0, 1)
    begin(run, state)
    terms = terms_of(run, state, run.laws[run.people.year + 1], Desks(Desk(), Desk(), Desk()))
    return run, state, offered_of(run, state.whole[0], terms)


def _room(run: Run, state: State) -> Room:
    return empty_room(run, log=2 * run.start.shape[1])._replace(pool=state.pool.copy())


def _by_month(run: Run, state: State, terms: Any, ahead: int) -> list[bytes]:
    """A year in the order of the calendar: every month hires, then all work and leave. `ahead`: months that are planned at once."""
    b, place, anchor = run.behaviour, run.place, run.anchor
    i, f, room = state.whole[0].copy(), state.real[0].copy(), _room(run, state)
    slots = i.shape[1]
    work = np.empty((WORKS, slots), np.float32)
    keep, rate_out = exp(-LN_2 / b.forgetting), 1.0 - exp(log(1.0 - b.promotion_rate) / 12.0)
    shadow = b.training_gain * b.ability_spread * terms.shadowing / b.shadowing_hours / SHADOWING_MONTHS
    share = terms.offered * b.training_participation / 12.0
    room.hours[:] = [int(np.floor(terms.required_hours[post] * share)) for post in range(POSTS)]
    owe(0, slots, place, terms, room, work[GIVEN], work[OWED])
    fix(0, slots, terms.january, terms.first_days[0], anchor, b, i, f)
    room.unit_heads[:] = np.bincount(place.unit[i[W.PRESENT] == 1], minlength=len(room.unit_heads))
    all_ = np.array([0, slots, 0, len(place.runs), 0, len(place.unit_runs)])
    delay = np.int32(np.ceil(b.recruit_delay))
    for month in range(12):
        day = terms.first_days[month]
        if month % ahead == 0:
            waiting = plan(run.seed, 0, month, min(month + ahead, 12), delay, place, terms, b, i, room)
        hire(run.seed, 0, month, day, 0, waiting, place, terms, anchor, b, i, f, room)
        prepare(all_, place, b, day, i[W.ENTRY], i[W.TIER], i[W.PRESENT], room)
        share_out(all_, place, b, terms.demand, day, i[W.ENTRY], f[B.LUCK], room, work[LOAD], work[MENTORED])
        live_month(run.seed, 0, month, 0, slots, keep, shadow, rate_out, place, terms, anchor, b, i, f, work, room)
    close(0, slots, place, i, room)
    return _bytes(i, f, room)


def _bytes(i: np.ndarray, f: np.ndarray, room: Room) -> list[bytes]:
    log = room.log[: room.logged[0]]
    log = log[np.lexsort((log[:, W.SLOT], log[:, W.EXIT_DATE]))]
    assert room.month[:, M.RECRUITS].sum() > 20
    return [one.tobytes() for one in (i, f, log, room.month, room.by_unit, room.by_group, room.pool)]


def _in_blocks(run: Run, state: State, terms: Any, size: int) -> list[bytes]:
    i, f, room = state.whole[0].copy(), state.real[0].copy(), _room(run, state)
    place: Place = run.place._replace(blocks=blocks_of([run.place.runs, run.place.unit_runs], i.shape[1], size))
    assert len(place.blocks) == (4 if size < 100 else 1)
    work = np.empty((WORKS, i.shape[1]), np.float32)
    live_year(run.seed, 0, place, terms, run.anchor, run.behaviour, i, f, work, room)
    return _bytes(i, f, room)


@pytest.mark.parametrize("delay", [0.0, 1.0, 3.0, 4.5])
def test_blocks_live_what_the_calendar_lives(delay: float) -> None:
    run, state, terms = _begun(recruit_delay=delay)
    calendar = _by_month(run, state, terms, ahead=1)
    assert _in_blocks(run, state, terms, 50) == calendar
    assert _in_blocks(run, state, terms, 5_000) == calendar


def test_no_further_ahead_than_the_delay() -> None:
    """The control: who leaves in the first month of a plan one month too long leaves a post that is due in its last."""
    run, state, terms = _begun(recruit_delay=1.0)
    calendar = _by_month(run, state, terms, ahead=1)
    assert _by_month(run, state, terms, ahead=2) == calendar
    assert _by_month(run, state, terms, ahead=3) != calendar


def test_no_unit_lies_in_two_blocks() -> None:
    runs = np.array([[0, 40, 0], [40, 90, 1], [90, 100, 2], [100, 130, 3]])
    units = np.array([[0, 20, 0], [20, 40, 1], [40, 90, 2], [90, 100, 3], [100, 130, 4]])
    assert blocks_of([runs, units], 130, 60).tolist() == [
        [0, 40, 0, 1, 0, 2],
        [40, 100, 1, 3, 2, 4],
        [100, 130, 3, 4, 4, 5],
    ]
    late = np.array(
        [[0, 40, 0], [40, 90, 1], [90, 100, 0], [100, 130, 3]]
    )  # the third has posts of the first sub-district
    assert blocks_of([late, units], 130, 60).tolist() == [[0, 100, 0, 3, 0, 4], [100, 130, 3, 4, 4, 5]]
    assert blocks_of([runs[:0], units[:0]], 0, 60).tolist() == []
