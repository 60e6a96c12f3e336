"""What the pack means for the months to come: hours owed, pay expected, a newcomer's pay. All of it by the rule families themselves."""

from datetime import date

import numpy as np

from qinglan.core.frame.missing import MISSING
from qinglan.core.frame.units import days
from qinglan.core.packs.pack import Pack, PackOnDate
from qinglan.core.twin import rules
from qinglan.core.twin.columns import ABSENT, POSTS, W, wide
from qinglan.core.twin.paying import Facts, paid, year_bounds
from qinglan.core.year import order
from qinglan.core.year.running import run

UNRATED = 10_000
LADDER_ROWS = {
    "entry_date": W.ENTRY, "recognised_months": W.RECOGNISED, "education": W.EDUCATION, "has_degree": W.DEGREE,
    "certificate": W.CERTIFICATE, "ladder_grade": W.LADDER_GRADE, "ladder_since": W.LADDER_SINCE, "last_star": W.LAST_STAR,
}  # fmt: skip
NEWCOMER = {"recognised_months": 0, "education": 2, "has_degree": 0, "certificate": 0}


def star_coefficients(on: PackOnDate, star: np.ndarray) -> np.ndarray:
    """The coefficient of a star; of no star on record, one."""
    table = on["pay.star_rating.coefficients"]
    return np.where(star > MISSING, table[np.clip(star, 0, len(table) - 1)], UNRATED)


def expected_gross(pack: Pack, year: int, whole: np.ndarray, post: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Monthly gross expected on 1 January for the whole year, in fen: of who is present (R, slots), of newcomers by post (POSTS,).

    By the star of the year before, whatever year the pack pays stars in: this year's is not known yet. 0 where unknown.
    """
    first, last = year_bounds(year)
    on = pack.on(date(year, 1, 1))
    who, slot = np.nonzero(whole[:, W.PRESENT] == 1)
    here = {name: wide(whole[who, row, slot]) for name, row in LADDER_ROWS.items()} | {"post": post[slot]}
    new = {name: np.full(POSTS - 1, NEWCOMER.get(name, ABSENT), np.int64) for name in LADDER_ROWS}
    new |= {"entry_date": np.full(POSTS - 1, first, np.int64), "post": np.arange(1, POSTS)}
    columns = {name: np.concatenate([values, new[name]]) for name, values in here.items()}
    columns["as_of"] = np.full(len(columns["post"]), first, np.int64)
    ladder = rules.steps(run(rules.only(order.NOW.person_year, rules.LADDERS), columns, on))
    grade = np.where(columns["ladder_grade"] <= MISSING, ladder["ladder_grade_now"], columns["ladder_grade"])
    span = np.full(len(grade), first, np.int64), np.full(len(grade), last, np.int64)
    coefficient = star_coefficients(on, columns["last_star"])
    facts = Facts(*span, columns["post"], grade, columns["certificate"], coefficient)
    monthly = paid(pack, year, facts).year("gross_pay") // 12
    out = np.zeros((len(whole), whole.shape[2]), np.int64)
    out[who, slot] = monthly[: len(who)]
    return out, np.concatenate([np.zeros(1, np.int64), monthly[len(who) :]])


def relative(gross: np.ndarray, market: float) -> np.ndarray:
    """(gross − market) / market; 0 where either is unknown."""
    return np.where(gross > 0, gross / max(market, 1.0) - 1.0, 0.0) if market > 0 else np.zeros(gross.shape)


def required_hours(on: PackOnDate, year: int) -> np.ndarray:
    """Training owed for the whole of a year by post (POSTS,), hundredths; 0 where the pack asks nothing."""
    first, last = year_bounds(year)
    posts = np.arange(1, POSTS)
    columns = {
        "year": np.full(len(posts), year, np.int64),
        "post": posts,
        "employed_days": np.full(len(posts), last - first + 1, np.int64),
        "annual_hours": np.full(len(posts), ABSENT, np.int64),
    }
    owed = rules.steps(run(rules.only(order.NOW.person_year, rules.TRAINING), columns, on))["annual_hours_required"]
    return np.concatenate([np.zeros(1, np.int64), np.where(owed <= MISSING, 0, owed)])


def shadowing(on: PackOnDate) -> float:
    """Hours of shadowing that the pack asks of newcomers; 0 where it asks none."""
    item = "train.shadowing_200h.hours"
    return on[item] / 100 if on.has(item) else 0.0


def first_days(year: int) -> np.ndarray:
    """(13,): days on which the months of a year begin, and the next year."""
    return np.array([days(date(year + month // 12, month % 12 + 1, 1)) for month in range(13)], np.int64)
