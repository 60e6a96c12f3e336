"""The frame of units of a lived year: residents' satisfaction, unit scores, headcounts and exits, community by community."""

import numpy as np

from qinglan.core.frame.missing import MISSING
from qinglan.core.twin.columns import ABSENT, M
from qinglan.core.twin.compiling import compiled
from qinglan.core.twin.hiring import clamp01
from qinglan.core.twin.population import UNIT_SOURCES
from qinglan.core.twin.random import Purpose, draw, triangle
from qinglan.core.twin.rows import UNIT_PLAN as PLAN
from qinglan.core.twin.sheets import Desk
from qinglan.core.twin.starting import Run, State

UNIT = int(Purpose.UNIT)
EXITS = (
    ("exits_voluntary", M.VOLUNTARY),
    ("exits_dismissed", M.DISMISSED),
    ("exits_promoted", M.PROMOTED),
    ("exits_other", M.RETIRED),
)


@compiled
def satisfied(seed, first, month, base, reference, by_unit, b, out):
    """out (R, units): the share of satisfied residents, from the staff's ability, empty posts, turnover and chance."""
    for r in range(by_unit.shape[0]):
        for u in range(by_unit.shape[1]):
            row = by_unit[r, u]
            heads, vacant = row[M.HEADS], row[M.VACANT]
            share = base[u] if base[u] >= 0.0 else b.resident_share
            if heads > 0:
                if reference[r, u] > 0.0:
                    share += b.resident_ability * (row[M.ABILITY] / 100.0 / heads - reference[r, u])
                exits = row[M.VOLUNTARY] + row[M.DISMISSED] + row[M.RETIRED] + row[M.PROMOTED]
                share += b.resident_turnover * (exits * 12.0 / heads - b.exit_rate) / 0.1
            if heads + vacant > 0:
                share += b.resident_vacancy * vacant / (heads + vacant) / 0.1
            w0, _, _, _ = draw(seed, first + r, u, 0, month, UNIT)
            out[r, u] = clamp01(share + b.resident_noise * triangle(w0))


def unit_sheet(
    run: Run, state: State, year: int, by_unit: np.ndarray, heads_start: np.ndarray, heads_end: np.ndarray, desk: Desk
) -> np.ndarray:
    """The sheet of UNIT_YEAR (rows of PLAN, R × communities), each replicate's communities below the last one's; steps not filled yet."""
    units, b = run.people.units, run.behaviour
    count, inside = len(state), units.inside
    share = np.empty((count, len(units.codes)))
    elapsed = (year - run.people.year - 1) * 12 + 11
    satisfied(run.seed, state.first, elapsed, units.share, state.ability, by_unit, b, share)
    share = share[:, inside]
    table = desk.sheet(PLAN, share.size)

    def put(name: str, values: np.ndarray | int) -> None:
        table[PLAN.row[name]].reshape(share.shape)[:] = values

    votes = int(b.resident_votes)
    before = np.where(units.share[inside] >= 0, units.share[inside], b.resident_share)
    put("satisfied_ballots", np.floor(share * votes + 0.5))
    put("satisfaction_ballots", votes)
    put("headcount_start", heads_start[:, inside])
    put("headcount_end", heads_end[:, inside])
    put("last_colour", state.colour[:, inside])
    for name, measure in EXITS:
        put(name, by_unit[:, inside, measure])
    # A unit's scores move by as many points as the share of satisfied residents.
    moved = np.floor((share - before) * 10_000 + 0.5).astype(np.int64)
    for name, base in zip(UNIT_SOURCES, units.scores[:, inside], strict=True):
        put(name, np.where(base <= MISSING, ABSENT, np.clip(base + moved, 0, 10_000)))
    put("unit_ballots", np.where(units.scores[0, inside] <= MISSING, ABSENT, votes))
    put("year", year)
    return table
