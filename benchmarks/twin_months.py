"""The twin's months alone, without the yearly rules: what benchmarks.mesa_twin lives too, from the same people and terms.

The kernel is the program's own (core.twin.month.live_year). Between years only the hours begin anew; grades, pay and posts stay.
"""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tests.unit.core.twin.scenarios import scenario

from qinglan.core.twin.columns import MEASURES, NEVER, NONE, B, M, W
from qinglan.core.twin.hiring import Anchor, Place, Terms
from qinglan.core.twin.month import WORKS, live_year
from qinglan.core.twin.parameters import Behaviour
from qinglan.core.twin.scenario import run_of
from qinglan.core.twin.starting import Run, empty_room, place_of, start
from qinglan.core.twin.terms import first_days
from qinglan.core.twin.year import Desks, begin, offered_of, terms_of

DISTRICT, SUBDISTRICTS = 2_241, 12
ALONE = {"leaders_within": 0.0, "dismissal_uptake": 0.0}  # appointments and dismissals are the year's
SEED = 7
COMPARED = {
    "heads": (M.HEADS, 1), "vacant": (M.VACANT, 1), "recruits": (M.RECRUITS, 1), "voluntary": (M.VOLUNTARY, 1),
    "retired": (M.RETIRED, 1), "promoted": (M.PROMOTED, 1), "burnt": (M.BURNT, 1), "burnout": (M.BURNOUT, 10_000),
    "satisfaction": (M.SATISFACTION, 10_000), "ability": (M.ABILITY, 100), "load": (M.LOAD, 10_000), "hours": (M.HOURS, 1),
    "mentored": (M.MENTORED, 1),
}  # fmt: skip


@dataclass(frozen=True)
class District:
    """A workforce of any size on 1 January, and what its months go by."""

    run: Run
    place: Place
    terms: list[Terms]
    whole: np.ndarray
    real: np.ndarray

    @property
    def behaviour(self) -> Behaviour:
        return self.run.behaviour

    @property
    def anchor(self) -> Anchor:
        return self.run.anchor


def district(tiles: int = 1, years: int = 10) -> District:
    """The demo's 2,241 people, `tiles` times beside each other with communities of their own."""
    run = run_of(scenario(DISTRICT, SUBDISTRICTS, parameters=ALONE, seed=SEED))
    state = start(run, 0, 1)
    begin(run, state)
    first = offered_of(run, state.whole[0], terms_of(run, state, run.laws[run.people.year + 1], Desks.new()))
    terms = [
        first._replace(
            january=first.january + 12 * year, since_start=12 * year, first_days=first_days(first.january // 12 + year)
        )
        for year in range(years)
    ]
    units, subdistricts = len(run.people.units.codes), int(run.slots.subdistrict.max()) + 1
    beside = np.arange(tiles).repeat(len(run.slots.post))
    unit, subdistrict = (
        np.tile(numbers, tiles) + beside * many
        for numbers, many in ((run.slots.unit, units), (run.slots.subdistrict, subdistricts))
    )
    place = place_of(
        np.arange(len(unit)), np.tile(run.slots.post, tiles), unit, subdistrict, np.tile(run.place.authorised, tiles)
    )
    return District(
        run, place, terms, np.tile(state.whole[0], (1, tiles)), np.tile(state.real[0], (1, tiles)),
    )  # fmt: skip


def live(one: District, replicate: int, years: int) -> tuple[np.ndarray, float]:
    """(years, MEASURES): one replicate from the start; and the CPU seconds that went into making its people."""
    begun = time.thread_time()
    whole, real = one.whole.copy(), one.real.copy()
    slots = whole.shape[1]
    pool = np.array([one.behaviour.pool_size * slots])
    work = np.empty((WORKS, slots), np.float32)
    made = time.thread_time() - begun
    return np.stack([year_of(one, replicate, year, whole, real, work, pool) for year in range(years)]), made


def year_of(
    one: District, replicate: int, year: int, whole: np.ndarray, real: np.ndarray, work: np.ndarray, pool: np.ndarray
) -> np.ndarray:
    """(MEASURES,): one year lived in place."""
    units = len(one.place.authorised)
    room = empty_room(
        one.run, log=whole.shape[1], slots=whole.shape[1], units=units, places=int(one.place.subdistrict[-1]) + 1
    )
    whole[W.ANNUAL_HOURS] = 0
    live_year(
        SEED, replicate, one.place, one.terms[year], one.anchor, one.behaviour, whole, real, work, room._replace(pool=pool)
    )  # fmt: skip
    if room.logged[0] > len(room.log):
        raise ValueError("more people left than the log holds")
    return room.month.sum(axis=0)


def ensemble(one: District, replicates: int, years: int, workers: int = 1) -> tuple[np.ndarray, float]:
    """(replicates, years, MEASURES); and the CPU seconds that went into making people."""
    found, made = np.zeros((replicates, years, MEASURES), np.int64), np.zeros(replicates)

    def some(first: int) -> None:
        for replicate in range(first, replicates, workers):
            found[replicate], made[replicate] = live(one, replicate, years)

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(some, range(workers)))
    return found, float(made.sum())


def by_barrier(one: District, districts: int, years: int, *, yearly: bool) -> None:
    """Districts lived each for all its years, or all of them year by year, as a budget or a labour market of theirs would force."""
    wholes = [one.whole.copy() for _ in range(districts if yearly else 1)]
    reals = [one.real.copy() for _ in range(districts if yearly else 1)]
    work = np.empty((WORKS, one.whole.shape[1]), np.float32)
    pool = np.array([one.behaviour.pool_size * one.whole.shape[1]])
    pairs = [(year, at) for year in range(years) for at in range(districts)]
    for year, at in pairs if yearly else sorted(pairs, key=lambda pair: pair[1]):
        whole, real = wholes[at if yearly else 0], reals[at if yearly else 0]
        if not yearly and year == 0:
            whole[:], real[:] = one.whole, one.real
        year_of(one, at, year, whole, real, work, pool)


def written(one: District, file: Path) -> None:
    """The district, parameters and terms as benchmarks.mesa_twin reads them."""
    whole, real, terms = one.whole, one.real, one.terms

    def known(row: int) -> list[int | None]:
        return [None if value == NONE else int(value) for value in whole[row]]

    people = {
        "birth": known(W.BIRTH), "entry": known(W.ENTRY), "risen": known(W.RISEN), "tier": known(W.TIER),
        "last_grade": [value or 0 for value in known(W.LAST_GRADE)], "retire_month": [value or NEVER for value in known(W.RETIRE_MONTH)],
        "unpaid_certificate": known(W.UNPAID_CERTIFICATE), "annual_hours": [0] * whole.shape[1], "merit": real[B.MERIT].tolist(),
        "pay": real[B.PAY].tolist(), "burnout": real[B.BURNOUT].tolist(), "burnout_point": real[B.BURNOUT_POINT].tolist(),
        "satisfaction": real[B.SATISFACTION].tolist(), "satisfaction_point": real[B.SATISFACTION_POINT].tolist(),
        "luck": real[B.LUCK].tolist(), "abilities": real[B.SERVE : B.INNOVATE + 1].T.tolist(),
    }  # fmt: skip
    first = terms[0]
    data = {
        "behaviour": one.behaviour._asdict(), "anchor": one.anchor._asdict(), "people": people,
        "post": one.place.post.tolist(), "unit": one.place.unit.tolist(), "subdistrict": one.place.subdistrict.tolist(),
        "terms": {
            "first_year": first.january // 12, "first_days": [year.first_days.tolist() for year in terms],
            "required_hours": first.required_hours.tolist(), "entry_pay": first.entry_pay.tolist(), "offered": first.offered,
            "shadowing": first.shadowing, "demand": first.demand, "market_pull": first.market_pull,
        },
    }  # fmt: skip
    file.write_text(json.dumps(data))
