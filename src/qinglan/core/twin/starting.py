"""How replicates begin: posts as the scenario wants them, behaviour drawn by count, and the anchor that makes leaving 12% a year."""

from dataclasses import dataclass, field, replace
from statistics import NormalDist

import numpy as np

from qinglan.core.frame.codes import Post
from qinglan.core.packs.pack import Pack
from qinglan.core.twin.columns import CELLS, MEASURES, NONE, POSTS, REALS, WHOLES, B, Slots, W
from qinglan.core.twin.compiling import compiled
from qinglan.core.twin.hiring import START, Anchor, Place, Room, begin
from qinglan.core.twin.laws import Laws, laws_of
from qinglan.core.twin.maths import logistic
from qinglan.core.twin.month import AT_ONCE, COUNTED, fix, prepare, share_out, weigh
from qinglan.core.twin.parameters import Behaviour, catalogue
from qinglan.core.twin.population import Population, year_start
from qinglan.core.twin.random import bell, draw
from qinglan.core.twin.sheets import Desk
from qinglan.core.twin.terms import expected_gross, relative

NOBODY = (1 << 32) - 1  # the replicate that no run has: its chance is for the anchor
ORDINARY = (Post.WORKER, Post.GRID_WORKER, Post.STUDIO_WORKER)


@dataclass
class State:
    """Where some replicates stand on 1 January after `year`. Arrays change in place; together they are a checkpoint.

    `whole` (R, WHOLES, slots) int32, `real` (R, REALS, slots) float32, `pool` (R,) candidates, `colour` (R, units),
    `ability` (R, units): mean ability of each unit at the start. `moved`: who was appointed on this 1 January, a table of
    (slot left, occupant, slot taken, occupant) a replicate; told once, not kept in checkpoints.
    """

    first: int
    year: int
    whole: np.ndarray
    real: np.ndarray
    pool: np.ndarray
    colour: np.ndarray
    ability: np.ndarray
    moved: list[np.ndarray] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.whole)


@dataclass(frozen=True)
class Run:
    """One scenario ready to be lived: what all its replicates share. `seed` −1 = without chance."""

    people: Population
    pack: Pack
    behaviour: Behaviour
    seed: int
    slots: Slots
    place: Place
    anchor: Anchor
    means: np.ndarray
    start: np.ndarray
    laws: Laws


def ready(people: Population, pack: Pack, behaviour: Behaviour, seed: int) -> Run:
    """The run of a population under a pack. Raises NotInForce when the pack lacks a value."""
    slots, start = _staffed(people, behaviour.staffing_ratio)
    authorised = np.bincount(people.slots.unit, minlength=len(people.units.codes)).astype(np.float64)
    place = place_of(slots.number, slots.post, slots.unit, slots.subdistrict, authorised)
    means = people.means.copy()
    if (means < 0).all():
        means[:] = behaviour.score_mean
    elif (means[:4] < 0).all():
        means[:4] = behaviour.score_mean
    rated = people.abilities[people.abilities >= 0]
    anchor = Anchor(
        0.0,
        _mean_burnout(catalogue()["burnout_share"].default, behaviour),
        _mean_burnout(behaviour.burnout_share, behaviour),
        float(rated.sum() / len(rated)) if len(rated) else behaviour.recruit_ability,
        float(means[4]),
        int(means[4] >= 0),
    )
    run = Run(people, pack, behaviour, seed, slots, place, anchor, means, start, laws_of(pack))
    return replace(run, anchor=anchor._replace(intercept=_intercept(run)))


def place_of(
    number: np.ndarray, post: np.ndarray, unit: np.ndarray, subdistrict: np.ndarray, authorised: np.ndarray
) -> Place:
    """What the months need to know of these posts, each (slots,), and of the units' posts at the start (units,)."""
    runs, unit_runs = runs_of(subdistrict), runs_of(unit)
    return Place(number, post, unit, subdistrict, authorised, runs, unit_runs, blocks_of([runs, unit_runs], len(unit)))


def blocks_of(kinds: list[np.ndarray], slots: int, size: int = AT_ONCE) -> np.ndarray:
    """(blocks, 2 + 2 × kinds): the slots in pieces of up to `size` where they may be cut, and the pieces' rows of each table of runs.

    No unit or sub-district lies in two pieces: months of a piece go on without the others. Posts that a scenario adds come last and
    belong to units of all pieces; the district is then one.
    """
    reach = np.zeros(slots, np.int64)  # the last slot that must be in one piece with this one or one before it
    for runs in kinds:
        last = np.zeros(int(runs[:, 2].max(initial=0)) + 1, np.int64)
        np.maximum.at(last, runs[:, 2], runs[:, 1] - 1)
        np.maximum.at(reach, runs[:, 0], last[runs[:, 2]])
    reach = np.maximum.accumulate(reach)
    ends = np.flatnonzero(reach <= np.arange(slots)) + 1
    edges = [0]
    for at, end in enumerate(ends):
        if at + 1 == len(ends) or ends[at + 1] - edges[-1] > size:
            edges.append(int(end))
    pairs = [np.stack([edges[:-1], edges[1:]])]
    pairs += [np.searchsorted(runs[:, 0], pairs[0]) for runs in kinds]
    return np.ascontiguousarray(
        np.concatenate(pairs).T, np.int64
    )  # in one order of memory: another would be compiled anew


def runs_of(values: np.ndarray) -> np.ndarray:
    """(runs, 3): where neighbours are equal, from, to and what."""
    if len(values) == 0:
        return np.zeros((0, 3), np.int64)
    starts = np.flatnonzero(np.append(True, values[1:] != values[:-1]))
    return np.stack([starts, np.append(starts[1:], len(values)), values[starts]], axis=1).astype(np.int64)


def _mean_burnout(share: float, b: Behaviour) -> float:
    """The mean at which this share lies above one half. Within 0.1–0.9 Python's inverse is plain arithmetic on every CPU."""
    return 0.5 + b.burnout_spread * NormalDist().inv_cdf(share) if 0.08 < share < 0.92 else 0.5


def _staffed(people: Population, ratio: float) -> tuple[Slots, np.ndarray]:
    """Posts and their state on 31 December: more ordinary posts in each unit, empty; or fewer, not filled again once empty."""
    slots, start = people.slots, people.start.copy()
    heads = np.bincount(slots.unit, minlength=len(people.units.codes))
    wanted = np.floor(heads * ratio + 0.5).astype(np.int64) - heads
    added: list[int] = []
    for unit, change in enumerate(wanted):
        inside = np.flatnonzero(slots.unit == unit)
        ordinary = inside[np.isin(slots.post[inside], ORDINARY)]
        if change < 0:
            start[W.FROZEN, ordinary[change:]] = 1
        added += [int((ordinary if len(ordinary) else inside)[-1])] * max(int(change), 0)
    if not added:
        return slots, start
    like = np.array(added)
    fields = [np.concatenate([values, values[like]]) for values in slots]
    more = Slots(*fields)._replace(number=np.arange(len(slots.number) + len(like), dtype=np.int64))
    more.post[len(slots.post) :] = np.where(np.isin(slots.post[like], ORDINARY), slots.post[like], int(Post.WORKER))
    empty = np.full((WHOLES, len(like)), NONE, np.int32)
    for row in (W.PRESENT, W.OCCUPANT, W.FROZEN, W.WITHIN, W.DISMISSED):
        empty[row] = 0
    empty[W.VACANT_SINCE] = 0
    empty[W.SLOT] = np.arange(len(slots.number), len(slots.number) + len(like))
    return more, np.concatenate([start, empty], axis=1)


@compiled
def draw_start(seed, replicate, number, mean, ability_mean, abilities, deviation, b, i, f):
    """Fills f for everybody present at the start: recorded abilities and score deviations, drawn where nothing is recorded."""
    for s in range(i.shape[1]):
        if i[W.PRESENT, s] == 1:
            begin(seed, replicate, number[s], 0, mean, b, f, s)
            f[B.MERIT, s] = b.score_keep * deviation[s]
            for ability in range(6):
                value = abilities[ability, s]
                if value < 0.0:
                    w0, w1, _, _ = draw(seed, replicate, number[s], 0, 1 + ability, START)
                    value = min(max(ability_mean + b.ability_spread * bell(w0, w1), 0.0), 100.0)
                f[B.SERVE + ability, s] = value


def _behaviour(run: Run, seed: int, replicate: int, mean: float, real: np.ndarray) -> None:
    people = run.people
    draw_start(
        seed, replicate, run.slots.number, mean, run.anchor.ability, people.abilities, people.deviation,
        run.behaviour, run.start, real,
    )  # fmt: skip


def start(run: Run, first: int, count: int) -> State:
    """Replicates `first` … `first + count − 1` on 31 December of the recorded year; the turn of the year comes next."""
    slots = run.start.shape[1]
    real = np.zeros((count, REALS, slots), np.float32)
    for index in range(count):
        _behaviour(run, run.seed, first + index, run.anchor.burnout_start, real[index])
    posts = int((run.start[W.FROZEN] == 0).sum())
    units = run.people.units
    whole = np.repeat(run.start[None], count, axis=0)
    ability = np.zeros((count, len(units.codes)))
    for unit in range(len(units.codes)):
        inside = np.flatnonzero((run.slots.unit == unit) & (run.start[W.PRESENT] == 1))
        if len(inside):
            ability[:, unit] = real[:, B.SERVE : B.INNOVATE + 1][:, :, inside].astype(np.float64).mean(axis=(1, 2))
    return State(
        first,
        run.people.year,
        whole,
        real,
        np.full(count, run.behaviour.pool_size * posts),
        np.repeat(units.colour[None], count, axis=0),
        ability,
    )


@compiled
def solve(logits, rate):
    """The number to add to every logit so that the mean chance is `rate`: bisection, sixty halvings."""
    low, high = -40.0, 40.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        total = 0.0
        for index in range(logits.shape[0]):
            total += logistic(logits[index] + middle)
        if total > rate * logits.shape[0]:
            high = middle
        else:
            low = middle
    return 0.5 * (low + high)


def _intercept(run: Run) -> float:
    """The constant of the hazard: under the recorded pack, with the default burnout, `exit_rate` of the people leave in a year.

    The scenario's pack and its levers have no part in it: what they change, they change against this district.
    """
    b, people = run.behaviour, run.people
    present = int((run.start[W.PRESENT] == 1).sum())
    if present == 0 or b.exit_rate <= 0:
        return -40.0
    real = np.zeros((REALS, run.start.shape[1]), np.float32)
    _behaviour(run, 0, NOBODY, run.anchor.burnout, real)
    whole = run.start.copy()
    whole[W.TIER, : len(people)] = people.found["tier"]
    year = people.year + 1
    gross = expected_gross(laws_of(people.pack)[year], whole[None], run.slots.post, Desk())
    real[B.PAY] = relative(gross[0], people.market if b.market_wage <= 0 else b.market_wage * 100)
    place, day = run.place, year_start(year)
    room = empty_room(run)
    load, mentored, done, logits = (np.ones(whole.shape[1], np.float32) for _ in range(4))
    entry, slots = whole[W.ENTRY], whole.shape[1]
    for block in place.blocks:
        prepare(block, place, b, day, entry, whole[W.TIER], whole[W.PRESENT], room)
        share_out(block, place, b, 1.0, day, entry, real[B.LUCK], room, load, mentored)
    load[:] = 1.0
    fix(0, slots, year * 12, day, run.anchor, b, whole, real)
    weigh(
        b, 0, slots, run.anchor.burnout, day, entry, real[B.FIXED], real[B.BURNOUT], real[B.SATISFACTION], load, mentored, done, logits
    )  # fmt: skip
    return float(solve(logits[whole[W.PRESENT] == 1].astype(np.float64), b.exit_rate))


def empty_room(run: Run, *, log: int = 0, slots: int = 0, units: int = 0, places: int = 0) -> Room:
    """Scratch for one replicate's year, nothing counted yet: of the run's size unless told another."""
    units = units or len(run.people.units.codes)
    places = places or int(run.slots.subdistrict.max(initial=0)) + 1
    slots = slots or run.start.shape[1]
    return Room(
        np.zeros(units, np.int64), np.zeros(places, np.int64), np.zeros(places, np.int64), np.zeros(1),
        np.empty((log, WHOLES), np.int32), np.zeros(1, np.int64), np.zeros(POSTS, np.int64), np.zeros((12, MEASURES), np.int64),
        np.zeros((units, MEASURES), np.int64), np.zeros((CELLS * POSTS, MEASURES), np.int64),
        np.zeros((len(COUNTED), slots), np.int32), np.zeros(slots, np.int8), np.zeros(slots, np.int64), np.zeros(slots, np.int8),
    )  # fmt: skip
