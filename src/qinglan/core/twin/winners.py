"""Who wins and who loses: those of the start, paired by the slot they held, under the baseline and under the candidate.

Each one's own figures are means over the replicates, in which she met the same luck twice; here they are counted and summed by
group of the start. Nobody is told: who may see a group, and how small it may be, is for those who show it.
"""

from dataclasses import dataclass

import numpy as np

from qinglan.core.frame.codes import Post, Sex, Tier
from qinglan.core.twin.columns import AGE_BANDS, AGES, TIERS, W
from qinglan.core.twin.gathering import Gathered
from qinglan.core.twin.hiring import cell_of
from qinglan.core.twin.outcomes import FEN
from qinglan.core.twin.population import year_start
from qinglan.core.twin.starting import Run

STREET_DIGITS = 9
EDGE = 0.01  # pay that differs by less than one percent is the same: rounding and a rare grade make nobody a winner


@dataclass(frozen=True)
class Lot:
    """One group of the start, by lived year (N,): from the start to the end of that year, baseline and candidate.

    `people`: how many there were. `gain`, `lose`: how many of them have at least EDGE more or less monthly pay while they stay.
    `pay` (2, N): mean pay a month in yuan over the months paid; `rises` (2, N): rises of a grade per person; `left` (2, N): the
    share that has left by her own will.
    """

    people: int
    gain: np.ndarray
    lose: np.ndarray
    pay: np.ndarray
    rises: np.ndarray
    left: np.ndarray


def lots(run: Run, base: Gathered, other: Gathered, dimension: str) -> dict[str, Lot]:
    """{group: Lot} of the people of the start by `unit`, `subdistrict`, `sex`, `age`, `tier` or `post`; `all` for everybody.

    Raises ValueError when the runs have not the same people, years and replicates.
    """
    if base.own_paid.shape != other.own_paid.shape or base.months.shape != other.months.shape:
        raise ValueError("两次推演的人、年数或重复次数不同，不能逐人相比。")
    names, place = _places(run, dimension)
    replicates = len(base.months)
    gross, paid, rises, left = (
        np.stack([np.cumsum(getattr(one, f"own_{name}"), axis=0) for one in (base, other)])
        for name in ("gross", "paid", "rises", "left")
    )
    both = (paid > 0).all(axis=0)
    was, now = (gross[side].astype(float) / np.maximum(paid[side], 1) for side in (0, 1))
    gain = both & (now >= was * (1 + EDGE)) & (now > was)
    lose = both & (now <= was * (1 - EDGE)) & (now < was)
    found = {}
    for number, name in enumerate(names):
        inside = place == number
        people = int(inside.sum())
        if not people:
            continue
        sums = [one[..., inside].sum(axis=-1) for one in (gross, paid, rises, left)]
        found[name] = Lot(
            people,
            gain[:, inside].sum(axis=-1),
            lose[:, inside].sum(axis=-1),
            sums[0] / np.maximum(sums[1], 1) / FEN,
            sums[2] / (people * replicates),
            sums[3] / (people * replicates),
        )
    return found


def _places(run: Run, dimension: str) -> tuple[list[str], np.ndarray]:
    """Names of the groups, and (slots,) the number of each one's group at the start."""
    people = run.people
    slots = len(people)
    unit, post = people.slots.unit[:slots], people.slots.post[:slots]
    if dimension == "all":
        return ["all"], np.zeros(slots, np.int64)
    if dimension == "unit":
        return list(people.units.codes), unit
    if dimension == "subdistrict":
        return sorted({code[:STREET_DIGITS] for code in people.units.codes}), people.units.subdistrict[unit]
    if dimension == "post":
        return ["", *(one.label for one in Post)], post
    day = year_start(people.year + 1)
    start, tier = people.start, people.found["tier"]
    cells = np.array(
        [cell_of(int(start[W.SEX, at]), int(start[W.BIRTH, at]), day, int(tier[at])) for at in range(slots)],
        np.int64,
    )
    return {
        "sex": ([one.label for one in Sex], cells // (AGES * TIERS)),
        "age": (list(AGE_BANDS), cells // TIERS % AGES),
        "tier": ([one.label for one in Tier], cells % TIERS),
    }[dimension]
