"""A lived year: expected pay and dues, twelve months of every replicate, then the year's rules and pay over all of them at once.

Each replicate is a district of its own, so that quotas and ranks keep to it. What the rules give becomes state of the next year.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from qinglan.core.frame.building import Frame
from qinglan.core.frame.missing import MISSING
from qinglan.core.twin.columns import ABSENT, CELLS, MEASURES, POSTS, B, M, W
from qinglan.core.twin.compiling import compiled
from qinglan.core.twin.hiring import Terms
from qinglan.core.twin.month import WORKS, live_year
from qinglan.core.twin.paying import Facts, Paid, paid, year_bounds
from qinglan.core.twin.population import FOUND, UNIT_CODE
from qinglan.core.twin.random import Purpose, draw, triangle
from qinglan.core.twin.rows import Rows, placed, rows_of
from qinglan.core.twin.rules import evaluate, steps
from qinglan.core.twin.starting import Run, State, empty_room
from qinglan.core.twin.terms import expected_gross, first_days, relative, required_hours, shadowing
from qinglan.core.twin.turning import allowances, scattered, turn
from qinglan.core.twin.units import unit_columns
from qinglan.core.year.computing import star_coefficient
from qinglan.core.year.running import Results

SCORES = int(Purpose.SCORES)
CERTIFIED_SHARE = 0.01  # an allowance below this share of pay counts as none


class TwinError(RuntimeError):
    """What stops a run. Its text is for people."""


@dataclass(frozen=True)
class Lived:
    """One year of some replicates. `rows`: everybody in post in it; `person`, `unit`: the rules' results over rows and units.

    `months` (R, 12, MEASURES); `by_unit` (R, units, MEASURES), `by_cell`, `by_post`: the year's sums. `heads_start`, `heads_end`
    (R, units). `moved`: State.moved as the year began. `risen` (n,): 1 for who rises a grade on the 1 January that follows.
    """

    year: int
    rows: Rows
    person: Results
    unit_frame: dict[str, np.ndarray]
    unit: Results
    paid: Paid
    months: np.ndarray
    by_unit: np.ndarray
    by_cell: np.ndarray
    by_post: np.ndarray
    heads_start: np.ndarray
    heads_end: np.ndarray
    risen: np.ndarray
    moved: list[np.ndarray]


def begin(run: Run, state: State) -> None:
    """Turns a freshly started state over into its first year, by the recorded year's results."""
    slots = run.start.shape[1]
    found = {}
    for name in FOUND:
        column = np.full(slots, ABSENT, np.int64)
        column[: len(run.people)] = run.people.found[name]
        found[name] = np.repeat(column[None], len(state), axis=0)
    turn(run, state, found)


def live(run: Run, state: State) -> Lived:
    """Lives the year after state.year; `state` is then on 1 January of the year after it. Raises NotInForce and TwinError."""
    year = state.year + 1
    b, people = run.behaviour, run.people
    moved = state.moved
    terms = _terms(run, state, year)
    count, slots = len(state), run.start.shape[1]
    log_room = 12 * slots if slots <= 64 else 2 * slots
    rooms = [empty_room(run, log=log_room) for _ in range(count)]
    work = np.empty((WORKS, slots))
    heads_start = _heads(run, state)
    for index, room in enumerate(rooms):
        whole, real, replicate = state.whole[index], state.real[index], state.first + index
        given = _offered(run, whole, terms)
        held = room._replace(pool=state.pool[index : index + 1])
        live_year(run.seed, replicate, run.place, given, run.anchor, b, whole, real, work, held)
        elapsed = terms.since_start + 11
        score_year(run.seed, replicate, run.slots.number, elapsed, run.means, run.anchor, b, whole, real)
    logged = np.array([int(room.logged[0]) for room in rooms])
    by_unit = np.stack([room.by_unit for room in rooms])
    by_group = np.stack([room.by_group for room in rooms]).reshape(count, CELLS, POSTS, MEASURES)
    by_post, by_cell = by_group.sum(axis=1), by_group.sum(axis=2)
    by_cell[:, :, M.VACANT] = 0  # an empty post has no sex, age or tier
    if (logged > log_room).any():
        raise TwinError(f"{year} 年离开的人太多（超过岗位数的两倍），推演不能继续；请检查离职参数。")
    logs = [room.log[:length] for room, length in zip(rooms, logged, strict=True)]
    rows = rows_of(people, year, state.whole, logs, int(b.ballots), run.slots.post)
    columns = rows.columns | placed(rows, run.slots.subdistrict, run.slots.district, run.slots.organisation)
    heads_end = _heads(run, state)
    unit_frame = unit_columns(run, state, year, by_unit, heads_start, heads_end)
    on = run.pack.on(date(year, 12, 31))
    person, unit = evaluate(columns, unit_frame, on)
    found = steps(person)
    done = paid(run.pack, year, _facts(year, columns, person, found, on))
    stays = rows.stays
    here = {name: found[name][stays] for name in FOUND}
    in_community = np.flatnonzero([len(code) >= UNIT_CODE for code in people.units.codes])
    state.colour[:, in_community] = unit["assess.traffic_light"]["colour"].reshape(count, len(in_community))
    state.year = year
    turn(run, state, scattered(run, state, rows.replicate[stays], rows.slot[stays], here, FOUND))
    risen = stays & (state.whole[rows.replicate, W.RISEN, rows.slot] == (year + 1) * 12)
    return Lived(
        year, rows, person, unit_frame, unit, done, np.stack([room.month for room in rooms]), by_unit,
        by_cell, by_post, heads_start, heads_end,
        risen.astype(np.int64),
        moved,
    )  # fmt: skip


def _heads(run: Run, state: State) -> np.ndarray:
    """(R, units): people in post."""
    units = len(run.people.units.codes)
    who, slot = np.nonzero(state.whole[:, W.PRESENT] == 1)
    return np.bincount(who * units + run.slots.unit[slot], minlength=len(state) * units).reshape(len(state), units)


def _terms(run: Run, state: State, year: int) -> Terms:
    """Dues and expected pay of the year; writes pay beside the market, and unpaid certificates, into the state."""
    b, people, whole = run.behaviour, run.people, state.whole
    gross, newcomers = expected_gross(run.pack, year, whole, run.slots.post)
    market = people.market if b.market_wage <= 0 else b.market_wage * 100
    demand = 1.0
    for _ in range(year - people.year - 1):
        market *= 1.0 + b.market_growth
        demand *= 1.0 + b.demand_growth
    present = whole[:, W.PRESENT] == 1
    state.real[:, B.PAY] = np.where(present, relative(gross, market), state.real[:, B.PAY])
    on = run.pack.on(date(year, 1, 1))
    level = np.clip(whole[:, W.CERTIFICATE], 0, 3)
    extra = allowances(on)
    unpaid = (level > 0) & (extra[level] < CERTIFIED_SHARE * gross)
    whole[:, W.UNPAID_CERTIFICATE] = np.where(present, unpaid, whole[:, W.UNPAID_CERTIFICATE])
    entry = relative(newcomers, market)
    weights = np.bincount(run.slots.post, minlength=POSTS)
    known = (newcomers > 0) & (weights > 0)
    usual = float((entry * weights)[known].sum() / weights[known].sum()) if known.any() else 0.0
    return Terms(
        year * 12,
        (year - people.year - 1) * 12,
        first_days(year),
        required_hours(on, year),
        entry,
        0.0,
        shadowing(on),
        demand,
        max(1.0 + b.pool_pay * usual / 0.1, 0.0),
    )


def _offered(run: Run, whole: np.ndarray, terms: Terms) -> Terms:
    """The terms of one replicate: which share of the hours owed its budget and capacity give."""
    b = run.behaviour
    present = whole[W.PRESENT] == 1
    heads = int(present.sum())
    owed = float(terms.required_hours[run.slots.post[present]].sum()) / 100
    given = min(heads * b.training_budget / b.training_cost, heads * b.training_capacity)
    return terms._replace(offered=min(given / owed, 1.0) if owed > 0 else 0.0)


@compiled
def score_year(seed, replicate, number, month, means, anchor, b, i, f):
    """Writes the year's four scores of everybody in post at its end; a source that the district does not have stays absent."""
    for s in range(i.shape[1]):
        if i[W.PRESENT, s] == 1:
            total = 0.0
            for ability in range(6):
                total += np.float64(f[B.SERVE + ability, s])
            words = draw(seed, replicate, number[s], i[W.OCCUPANT, s], month, SCORES)
            point = np.float64(f[B.MERIT, s]) + b.score_ability * (total / 6.0 - anchor.ability)
            point -= b.score_burnout * (np.float64(f[B.BURNOUT, s]) - anchor.burnout)
            for source in range(4):
                if means[source] >= 0.0:
                    score = means[source] + point + b.score_noise * triangle(words[source])
                    i[W.RESIDENTS + source, s] = np.int64(np.floor(min(max(score, 0.0), 100.0) * 100.0 + 0.5))


def _facts(year: int, columns: dict, person: Results, found: dict, on) -> Facts:
    """What each row's pay of the year hangs on."""
    first, _ = year_bounds(year)
    frame = Frame(year, np.arange(len(columns["post"])), [], columns)
    recorded = columns["ladder_grade"] > MISSING
    return Facts(
        np.maximum(columns["entry_date"], first),
        columns["as_of"],
        columns["post"],
        np.where(recorded, columns["ladder_grade"], found["ladder_grade_now"]),
        columns["certificate"],
        star_coefficient(frame, person, on),
    )
