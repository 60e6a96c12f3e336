"""A year of a district computed whole: the same from the same, whatever the order; nothing missing turned into nought."""

from datetime import date

import numpy as np
import pytest
from tests.unit.core.frame.rows import employment, person, posting, records

from qinglan.core.frame.codes import Star
from qinglan.core.frame.missing import MISSING, Reason, missing
from qinglan.core.frame.records import Records
from qinglan.core.packs.loading import load
from qinglan.core.rules.registry import ITEMS
from qinglan.core.year.computing import Year, compute_year
from qinglan.core.year.exceptions import exceptions

D = date
PACK = load("taoyuan", ITEMS)
# Steps that number groups: the numbers depend on who else is there, the groups do not.
ORDINALS = ("_group",)


def district(code: str, first: int, people: int = 24) -> dict[str, list]:
    """Tables of a small district: two sub-districts, posts 1 to 9, scores that tie, certificates, grades, one opening less."""
    numbers = range(first, first + people)
    where = {n: f"{code}00{1 + n % 2}001" for n in numbers}
    score = {n: 7_000 + 37 * (n % 11) * 10 for n in numbers}
    return {
        "people": [person(n, sex=1 + n % 2, birth=D(1965 + n % 30, 1 + n % 12, 1 + n % 28)) for n in numbers],
        "employments": [employment(D(2012 + n % 12, 1 + n % 12, 1), number=n) for n in numbers],
        "postings": [
            posting(D(2012 + n % 12, 1 + n % 12, 1), number=n, post=1 + n % 9, where=where[n], elected=n % 9 < 6)
            for n in numbers
        ],
        "grades": [{"person": n, "grade": 1 + n % 7, "since": D(2022, 1, 1)} for n in numbers],
        "certificates": [
            {"person": n, "level": 1 + n % 3, "issued": D(2019, 9, 1), "registered_until": D(2026, 8, 31)}
            for n in numbers
            if n % 2
        ],
        "scores": [
            {"person": n, "organisation": where[n], "source": source, "day": D(2025, 12, 10),
             "score": score[n] + 100 * source, "ballots": 60 if source == 1 else None}
            for n in numbers
            for source in (1, 2, 3, 4)
        ],
        "training": [{"person": n, "kind": "annual", "day": D(2025, 5, 1), "hours": 800 * (n % 9)} for n in numbers],
        "awards": [{"person": n, "level": 1 + n % 5, "day": D(2024, 5, 1)} for n in numbers],
    }  # fmt: skip


def together(*parts: dict[str, list]) -> Records:
    return records(**{name: [row for part in parts for row in part[name]] for name in parts[0]})


def steps_of(result: Year) -> dict[str, np.ndarray]:
    """Every stored array by a name of its own."""
    found = {f"{f}.{s}": a for f, steps in {**result.person, **result.pay_year}.items() for s, a in steps.items()}
    found |= {f"{f}.{s}": a.T for f, steps in result.months.items() for s, a in steps.items()}
    return found


@pytest.fixture(scope="module")
def year() -> Year:
    return compute_year(together(district("990101", 1)), 2025, PACK)


def test_it_computes_grades_stars_and_pay_for_everybody(year: Year) -> None:
    for name in ("tier", "composite", "grade", "star", "ladder_grade_now", "retirement_date"):
        assert (year.step(name) > MISSING).all(), name
    assert (year.pay.months["net_pay"] > 0).all()
    assert year.district_frame["headcount"] == 24
    assert year.district_frame["pay_bill"] == year.pay.months["gross_pay"].sum()


def test_pay_adds_up_month_by_month(year: Year) -> None:
    """Net = gross − what is taken off − tax, and the tax withheld to date is the sum of the months."""
    months = year.pay.months
    assert np.array_equal(months["net_pay"], months["gross_pay"] - months["deductions"] - months["tax_due"])
    assert np.array_equal(year.months["pay.income_tax"]["withheld_to_date"], np.cumsum(months["tax_due"], axis=0))


def test_the_same_records_give_the_same_arrays_in_any_order_of_rows(year: Year) -> None:
    tables = district("990101", 1)
    again = compute_year(records(**{name: rows[::-1] for name, rows in tables.items()}), 2025, PACK)
    assert year.frame.organisations == again.frame.organisations
    there, back = steps_of(year), steps_of(again)
    assert there.keys() == back.keys()
    for name, values in there.items():
        assert np.array_equal(values, back[name]), name
    for family, columns in year.segments.items():
        assert all(np.array_equal(values, again.segments[family][name]) for name, values in columns.items()), family


def test_two_districts_apart_are_the_same_as_together(year: Year) -> None:
    other = district("990102", 101, 17)
    both = compute_year(together(district("990101", 1), other), 2025, PACK)
    apart = compute_year(together(other), 2025, PACK)
    first, second, joined = steps_of(year), steps_of(apart), steps_of(both)
    for name, values in joined.items():
        if not name.endswith(ORDINALS):
            assert np.array_equal(values, np.concatenate([first[name], second[name]])), name
    group = joined["assess.jh_grades.score.grade_group"]
    assert not set(group[:24].tolist()) & set(group[24:].tolist())


def test_a_district_with_nobody_is_computed_and_says_nought() -> None:
    empty = compute_year(Records({}), 2025, PACK)
    assert len(empty.frame) == 0
    assert empty.district_frame["headcount"] == 0
    assert exceptions(empty) == []


def found(result: Year) -> dict[str, list[int]]:
    return {str(one["key"]): list(one["people"]) for one in exceptions(result)}


def test_who_lacks_post_grade_and_scores_is_missing_with_reasons_and_listed() -> None:
    """1 has nothing but an employment and a post that ended; 2 all but a grade; 3 came in December; 4 too few ballots."""
    tables = {
        "people": [person(n) for n in (1, 2, 3, 4)],
        "employments": [employment(D(2020, 1, 1), number=n) for n in (1, 2, 4)] + [employment(D(2025, 12, 1), number=3)],
        "postings": [posting(D(2020, 1, 1), D(2025, 3, 1))]
        + [posting(D(2020, 1, 1), number=n) for n in (2, 4)]
        + [posting(D(2025, 12, 1), number=3)],
        "grades": [{"person": n, "grade": 2, "since": D(2020, 1, 1)} for n in (3, 4)],
        "scores": [
            {"person": n, "organisation": "990101001001", "source": source, "day": D(2025, 12, 10), "score": 8_000,
             "ballots": 3 if n == 4 else 60}
            for n in (2, 4)
            for source in (1, 2, 3, 4)
        ],
    }  # fmt: skip
    result = compute_year(records(**tables), 2025, PACK)
    assert found(result) == {
        "no_score": [1],
        "few_ballots": [4],
        "no_post": [1],
        "no_grade": [2],
        "unpaid_month": [1],
    }
    reasons = {missing(reason) for reason in Reason}
    for name in ("composite", "grade", "tier_amount"):
        assert int(result.step(name)[0]) in reasons, name
    assert int(result.step("star")[0]) == Star.NONE
    assert int(result.pay.months["gross_pay"][6, 0]) in reasons
    assert (result.pay.months["net_pay"][:11, 2] == missing(Reason.NOT_APPLICABLE)).all()
    assert result.pay.months["net_pay"][11, 2] > 0


def test_opening_balances_that_do_not_fit_are_listed() -> None:
    """1 and 2 were brought along as of June and May, 3 not at all, 4 came in August."""
    tables = {
        "people": [person(n) for n in (1, 2, 3, 4)],
        "employments": [employment(D(2020, 1, 1), number=n) for n in (1, 2, 3)] + [employment(D(2025, 8, 1), number=4)],
        "postings": [posting(D(2020, 1, 1), number=n) for n in (1, 2, 3)] + [posting(D(2025, 8, 1), number=4)],
        "grades": [{"person": n, "grade": 2, "since": D(2020, 1, 1)} for n in (1, 2, 3, 4)],
        "opening": [{"person": 1, "day": D(2025, 6, 30)}, {"person": 2, "day": D(2025, 5, 31)}],
    }
    listed = found(compute_year(records(**tables), 2025, PACK))
    assert listed["opening_absent"] == [3]
    assert listed["opening_early"] == [2]
