"""A lived year: expected pay and dues, twelve months of every replicate, then the year's rules and pay over all of them at once.

Each replicate is a district of its own, so that quotas and ranks keep to it. What the rules give becomes state of the next year.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from qinglan.core.frame.building import Frame
from qinglan.core.frame.missing import MISSING
from qinglan.core.twin import rows as people_rows
from qinglan.core.twin.columns import CELLS, MEASURES, POSTS, B, W
from qinglan.core.twin.compiling import compiled
from qinglan.core.twin.hiring import Terms
from qinglan.core.twin.laws import Law
from qinglan.core.twin.month import WORKS, live_year
from qinglan.core.twin.paying import Facts, Paid
from qinglan.core.twin.population import FOUND
from qinglan.core.twin.random import Purpose, draw, triangle
from qinglan.core.twin.rows import Rows, rows_of
from qinglan.core.twin.sheets import Desk, evaluate, results
from qinglan.core.twin.starting import Run, State, empty_room
from qinglan.core.twin.terms import expected_gross, relative
from qinglan.core.twin.turning import turn
from qinglan.core.twin.units import unit_sheet
from qinglan.core.year.computing import star_coefficient
from qinglan.core.year.running import Results

SCORES = int(Purpose.SCORES)
CERTIFIED_SHARE = 0.01  # an allowance below this share of pay counts as none
FOUND_ROWS = people_rows.PLAN.rows(FOUND)
GRADE_NOW, STAR_COEFFICIENT = people_rows.PLAN.row["ladder_grade_now"], people_rows.PLAN.row["star_coefficient"]
COLOUR = people_rows.UNIT_PLAN.row["colour"]


class TwinError(RuntimeError):
    """What stops a run. Its text is for people."""


@dataclass
class Desks:
    """Room used again and again: sheets of people, of units, of the ladder."""

    person: Desk
    unit: Desk
    ladder: Desk

    @classmethod
    def new(cls) -> "Desks":
        return cls(Desk(), Desk(), Desk())


@dataclass(frozen=True)
class Lived:
    """One year of some replicates. `rows`: everybody in post in it; `pay_keys` (n,): the pay year of each; `units`: the sheet of units.

    `months` (R, 12, MEASURES); `by_unit` (R, units, MEASURES), `by_group` (R, CELLS, POSTS, MEASURES): the year's sums. `heads_start`,
    `heads_end` (R, units). `moved`: State.moved as the year began. Sheets lie on the desks given to `live`: the next year overwrites them.
    """

    law: Law
    rows: Rows
    units: np.ndarray
    pay_keys: np.ndarray
    months: np.ndarray
    by_unit: np.ndarray
    by_group: np.ndarray
    heads_start: np.ndarray
    heads_end: np.ndarray
    moved: list[np.ndarray]

    @property
    def year(self) -> int:
        return self.law.year

    @property
    def person(self) -> Results:
        """What the year's rules say of everybody, by family and step."""
        return results(people_rows.PLAN, self.rows.table)

    @property
    def unit(self) -> Results:
        """What they say of the units."""
        return results(people_rows.UNIT_PLAN, self.units)

    @property
    def unit_frame(self) -> dict[str, np.ndarray]:
        return {name: self.units[people_rows.UNIT_PLAN.row[name]] for name in people_rows.UNIT_PLAN.columns}

    @cached_property
    def paid(self) -> Paid:
        """The pay of everybody, month by month."""
        return self.law.pays.paid(self.pay_keys)


def begin(run: Run, state: State) -> None:
    """Turns a freshly started state over into its first year, by the recorded year's results."""
    people = len(run.people)
    found = np.stack([run.people.found[name] for name in FOUND]).astype(np.int64)
    at = np.full((len(state), run.start.shape[1]), -1, np.int64)
    at[:, :people] = np.arange(people)
    turn(run, state, found, np.arange(len(FOUND)), at, np.zeros(people, np.int64))


def live(run: Run, state: State, desks: Desks | None = None) -> Lived:
    """Lives the year after state.year; `state` is then on 1 January of the year after it. Raises NotInForce and TwinError."""
    desks = desks or Desks.new()
    year = state.year + 1
    b, people, law = run.behaviour, run.people, run.laws[year]
    moved = state.moved
    terms = terms_of(run, state, law, desks)
    count, slots = len(state), run.start.shape[1]
    log_room = 12 * slots if slots <= 64 else 2 * slots
    rooms = [empty_room(run, log=log_room) for _ in range(count)]
    work = np.empty((WORKS, slots), np.float32)
    heads_start = _heads(run, state)
    for index, room in enumerate(rooms):
        whole, real, replicate = state.whole[index], state.real[index], state.first + index
        given = offered_of(run, whole, terms)
        held = room._replace(pool=state.pool[index : index + 1])
        live_year(run.seed, replicate, run.place, given, run.anchor, b, whole, real, work, held)
        elapsed = terms.since_start + 11
        score_year(run.seed, replicate, run.slots.number, elapsed, run.means, run.anchor, b, whole, real)
    logged = [int(room.logged[0]) for room in rooms]
    if max(logged) > log_room:
        raise TwinError(f"{year} 年离开的人太多（超过岗位数的两倍），推演不能继续；请检查离职参数。")
    logs = [in_order(room.log[:length]) for room, length in zip(rooms, logged, strict=True)]
    by_unit = np.stack([room.by_unit for room in rooms])
    by_group = np.stack([room.by_group for room in rooms]).reshape(count, CELLS, POSTS, MEASURES)
    heads_end = _heads(run, state)
    rows = rows_of(people, year, state.whole, logs, int(b.ballots), run.slots, desks.person)
    evaluate(people_rows.PLAN, rows.table, law.person_tables, desks.person)
    units = unit_sheet(run, state, year, by_unit, heads_start, heads_end, desks.unit)
    evaluate(people_rows.UNIT_PLAN, units, law.unit_tables, desks.unit)
    keys = law.pays.keys(_facts(law, rows))
    inside = people.units.inside
    state.colour[:, inside] = units[COLOUR].reshape(count, len(inside))
    state.year = year
    at = np.full((count, slots), -1, np.int64)
    stays = np.flatnonzero(rows.stays)
    at[rows.replicate[stays], rows.slot[stays]] = stays
    turn(run, state, rows.table, FOUND_ROWS, at, rows.whose[people_rows.RISES])
    months = np.stack([room.month for room in rooms])
    return Lived(law, rows, units, keys, months, by_unit, by_group, heads_start, heads_end, moved)


def in_order(log: np.ndarray) -> np.ndarray:
    """The log by month and slot, however the months were cut into blocks."""
    return log[np.lexsort((log[:, W.SLOT], log[:, W.EXIT_DATE]))]


@compiled
def count_heads(whole, unit, out):
    """out (R, units): people in post."""
    for r in range(whole.shape[0]):
        for s in range(whole.shape[2]):
            out[r, unit[s]] += 1 if whole[r, W.PRESENT, s] == 1 else 0


def _heads(run: Run, state: State) -> np.ndarray:
    """(R, units): people in post."""
    out = np.zeros((len(state), len(run.people.units.codes)), np.int64)
    count_heads(state.whole, run.slots.unit, out)
    return out


@compiled
def expect(gross, relative_pay, allowances, share, whole, real):
    """Writes pay beside the market, and whether a certificate is as good as unpaid, for everybody present."""
    for r in range(whole.shape[0]):
        for s in range(whole.shape[2]):
            if whole[r, W.PRESENT, s] == 1:
                real[r, B.PAY, s] = relative_pay[r, s]
                level = min(max(whole[r, W.CERTIFICATE, s], 0), 3)
                unpaid = level > 0 and allowances[level] < share * gross[r, s]
                whole[r, W.UNPAID_CERTIFICATE, s] = 1 if unpaid else 0


def terms_of(run: Run, state: State, law: Law, desks: Desks) -> Terms:
    """Dues and expected pay of the year; writes pay beside the market, and unpaid certificates, into the state."""
    b, people, year = run.behaviour, run.people, law.year
    gross = expected_gross(law, state.whole, run.slots.post, desks.ladder)
    market = people.market if b.market_wage <= 0 else b.market_wage * 100
    demand = 1.0
    for _ in range(year - people.year - 1):
        market *= 1.0 + b.market_growth
        demand *= 1.0 + b.demand_growth
    expect(gross, relative(gross, market), law.allowances, CERTIFIED_SHARE, state.whole, state.real)
    entry = relative(law.newcomers, market)
    weights = np.bincount(run.slots.post, minlength=POSTS)
    known = (law.newcomers > 0) & (weights > 0)
    usual = float((entry * weights)[known].sum() / weights[known].sum()) if known.any() else 0.0
    return Terms(
        year * 12,
        (year - people.year - 1) * 12,
        law.first_days,
        law.required_hours,
        entry,
        0.0,
        law.shadowing,
        demand,
        max(1.0 + b.pool_pay * usual / 0.1, 0.0),
    )


def offered_of(run: Run, whole: np.ndarray, terms: Terms) -> Terms:
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


def _facts(law: Law, rows: Rows) -> Facts:
    """What each row's pay of the year hangs on."""
    columns, table = rows.columns, rows.table
    frame = Frame(law.year, np.empty(0, np.int64), [], {"last_star": columns["last_star"]})
    recorded = columns["ladder_grade"] > MISSING
    return Facts(
        np.maximum(columns["entry_date"], columns["year_start"]),
        columns["as_of"],
        columns["post"],
        np.where(recorded, columns["ladder_grade"], table[GRADE_NOW]),
        columns["certificate"],
        star_coefficient(frame, {"pay.star_rating": {"star_coefficient": table[STAR_COEFFICIENT]}}, law.last),
    )
