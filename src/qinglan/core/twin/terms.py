"""What the pack means for the months to come: hours owed, pay expected, a newcomer's pay. All of it by the rule families themselves."""

from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from qinglan.core.frame.missing import MISSING
from qinglan.core.frame.units import days
from qinglan.core.packs.pack import PackOnDate
from qinglan.core.twin import rules
from qinglan.core.twin.columns import ABSENT, NONE, POSTS, W
from qinglan.core.twin.compiling import compiled
from qinglan.core.twin.paying import YEAR_GROSS, Facts, around, key_of, year_bounds
from qinglan.core.twin.sheets import Desk, Plan, evaluate
from qinglan.core.year import order
from qinglan.core.year.running import run

if TYPE_CHECKING:
    from qinglan.core.twin.laws import Law

UNRATED = 10_000
LADDER_ROWS = {
    "entry_date": W.ENTRY, "recognised_months": W.RECOGNISED, "education": W.EDUCATION, "has_degree": W.DEGREE,
    "certificate": W.CERTIFICATE, "ladder_grade": W.LADDER_GRADE, "ladder_since": W.LADDER_SINCE,
}  # fmt: skip
PLAN = Plan(rules.only(order.NOW.person_year, rules.LADDERS), (*LADDER_ROWS, "post", "as_of"))
STATE_ROWS = np.array(list(LADDER_ROWS.values()), np.int64)
POST, AS_OF, GRADE_NOW = PLAN.row["post"], PLAN.row["as_of"], PLAN.row["ladder_grade_now"]
NEWCOMER = {"recognised_months": 0, "education": 2, "has_degree": 0, "certificate": 0}


@compiled
def ungraded(whole, who):
    """who (people, 2): replicate and slot of those present who have no grade on record. Returns how many."""
    count = 0
    for r in range(whole.shape[0]):
        for s in range(whole.shape[2]):
            if whole[r, W.PRESENT, s] == 1 and whole[r, W.LADDER_GRADE, s] == NONE:
                who[count, 0], who[count, 1] = r, s
                count += 1
    return count


@compiled
def lay_ladder(whole, who, rows, post, day, table):
    """The columns of the ladder's families for those people as of `day`."""
    for n in range(table.shape[1]):
        for column in range(rows.shape[0]):
            value = whole[who[n, 0], rows[column], who[n, 1]]
            table[column, n] = ABSENT if value == NONE else np.int64(value)
        table[POST, n] = post[who[n, 1]]
        table[AS_OF, n] = day


@compiled
def expected_keys(whole, who, graded, post, stars, first, last, keys):
    """keys (R, slots): the pay year of everybody present, −1 of nobody; `graded` (n,) the grades of `who`. Returns whether all fit."""
    at = 0
    fits = True
    for r in range(whole.shape[0]):
        for s in range(whole.shape[2]):
            keys[r, s] = -1
            if whole[r, W.PRESENT, s] != 1:
                continue
            grade = np.int64(whole[r, W.LADDER_GRADE, s])
            if grade == NONE:
                grade = graded[at]
                at += 1
            star = whole[r, W.LAST_STAR, s]
            coefficient = UNRATED if star == NONE else stars[min(max(star, 0), stars.shape[0] - 1)]
            held = np.int64(whole[r, W.CERTIFICATE, s])
            certificate = ABSENT if held == NONE else held
            keys[r, s] = key_of(first, first, last, post[s], grade, certificate, coefficient)
            fits = fits and keys[r, s] >= 0
    return fits


@compiled
def monthly_gross(kinds, amounts, out):
    """out (n,): gross a month of the pay years, 0 of nobody (kind −1)."""
    for n in range(kinds.shape[0]):
        out[n] = amounts[kinds[n], YEAR_GROSS] // 12 if kinds[n] >= 0 else 0


def expected_gross(law: "Law", whole: np.ndarray, post: np.ndarray, desk: Desk) -> np.ndarray:
    """Monthly gross expected on 1 January for the whole year, in fen, of who is present (R, slots). 0 where unknown.

    `law`: laws.Law of the year. By the star of the year before, whatever year the pack pays stars in: this year's is not known yet.
    """
    first, last = year_bounds(law.year)
    who = np.empty((whole.shape[0] * whole.shape[2], 2), np.int64)
    who = who[: ungraded(whole, who)]
    table = desk.sheet(PLAN, len(who))
    lay_ladder(whole, who, STATE_ROWS, post, first, table)
    evaluate(PLAN, table, law.ladder_tables, desk)
    keys = np.empty((whole.shape[0], whole.shape[2]), np.int64)
    if not expected_keys(whole, who, table[GRADE_NOW], post, law.stars, first, last, keys):
        raise ValueError("the facts of pay do not fit one key")
    flat = keys.ravel()
    kinds = law.pays.kinds(flat)
    if ((kinds < 0) & (flat >= 0)).any():
        law.pays.learn(around(np.unique(flat[flat >= 0]), law.stars))
        kinds = law.pays.kinds(flat)
    out = np.empty(len(flat), np.int64)
    monthly_gross(kinds, law.pays.known.amounts, out)
    return out.reshape(keys.shape)


def newcomers_gross(law: "Law", desk: Desk) -> np.ndarray:
    """Monthly gross of a newcomer by post (POSTS,), fen; 0 where unknown."""
    first, last = year_bounds(law.year)
    table = desk.sheet(PLAN, POSTS - 1)
    for name in LADDER_ROWS:
        table[PLAN.row[name]] = NEWCOMER.get(name, ABSENT)
    table[PLAN.row["entry_date"]] = table[AS_OF] = first
    table[POST] = np.arange(1, POSTS)
    evaluate(PLAN, table, law.ladder_tables, desk)
    n = POSTS - 1
    facts = Facts(
        np.full(n, first), np.full(n, last), table[POST].copy(), table[GRADE_NOW].copy(), np.zeros(n, np.int64),
        np.full(n, UNRATED),
    )  # fmt: skip
    paid = law.pays.paid(law.pays.keys(facts))
    return np.concatenate([np.zeros(1, np.int64), paid.months["gross_pay"].sum(axis=0)[paid.kind] // 12])


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
