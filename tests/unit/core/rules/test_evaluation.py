"""Scores, grades, stars, hours and units: bounds, orders and sums that hold for every person and unit."""

from datetime import date
from fractions import Fraction

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from qinglan.core.frame.missing import MISSING, Reason, missing
from qinglan.core.frame.units import days
from qinglan.core.packs.loading import load
from qinglan.core.packs.pack import PackOnDate
from qinglan.core.rules import abilities, exams, grades, hours, scores, stars, unit_outcomes, workload
from qinglan.core.rules.compiling import plain
from qinglan.core.rules.families import Family, compute
from qinglan.core.rules.groups import compute_groups
from qinglan.core.rules.registry import ITEMS

PACK: PackOnDate = load("taoyuan", ITEMS).on(date(2025, 12, 31))
score = st.integers(0, 10_000)
maybe = st.one_of(score, st.just(MISSING))
dates = st.dates(date(2000, 1, 1), date(2035, 12, 31)).map(days)
quick = settings(max_examples=150, deadline=None)


def steps(family: Family, *values: int) -> object:
    return plain(family.kernel)(family.inputs(*values), family.tables(PACK))


@given(maybe, st.integers(0, 100), st.tuples(maybe, maybe, maybe))
@quick
def test_a_composite_lies_between_its_parts(residents: int, ballots: int, others: tuple[int, int, int]) -> None:
    found = steps(scores.FAMILY, residents, ballots, *others)
    parts = [one for one in (found.part_residents, *others) if one > MISSING]
    if parts:
        assert min(parts) <= found.composite <= max(parts)
        assert found.reweighted == int(len(parts) < 4)
    else:
        assert found.composite <= MISSING


@given(score, score, score, score, st.integers(0, 10_000))
@quick
def test_a_better_part_never_lowers_the_composite(one: int, two: int, three: int, four: int, better: int) -> None:
    low = steps(scores.FAMILY, one, 30, two, three, four).composite
    high = steps(scores.FAMILY, one, 30, max(two, better), three, four).composite
    assert low <= high


@given(st.tuples(maybe, st.one_of(st.integers(0, 100), st.just(MISSING)), maybe, maybe, maybe))
@quick
def test_units_and_persons_are_weighed_alike(values: tuple[int, ...]) -> None:
    assert tuple(steps(scores.FAMILY, *values)) == tuple(steps(scores.UNIT_FAMILY, *values))


people = st.lists(st.tuples(st.integers(1, 3), score, st.integers(150, 365)), min_size=1, max_size=40)


@given(people, st.sampled_from(["taoyuan", "jianghan"]))
@quick
def test_the_quota_on_excellent_is_never_exceeded(rows: list[tuple[int, int, int]], name: str) -> None:
    pack = load_once(name)
    absent = np.full(len(rows), MISSING, np.int64)
    frame = dict.fromkeys(grades.ScoreInputs._fields, absent)
    columns = np.array(rows, np.int64).T
    frame |= {"composite": columns[1], "employed_days": columns[2], "subdistrict": columns[0]}
    frame |= {"district": np.ones(len(rows), np.int64), "organisation": columns[0]}
    frame |= compute(grades.SCORE, frame, grades.SCORE.tables(pack), interpreted=True)
    frame |= compute_groups(grades.QUOTA, frame, grades.QUOTA.quota(pack))
    frame |= compute(grades.FAMILY, frame, grades.FAMILY.tables(pack), interpreted=True)
    for group in set(frame["grade_group"].tolist()):
        inside = frame["grade_group"] == group
        excellent = inside & (frame["grade"] == 1)
        assert excellent.sum() <= frame["excellent_capacity"][inside][0]
        # Nobody with a lower score is excellent where a higher one is not.
        lost = inside & (frame["moved_by_quota"] == 1)
        if excellent.any() and lost.any():
            assert frame["grade_score"][excellent].min() > frame["grade_score"][lost].max()
    assert set(frame["grade"][frame["moved_by_quota"] == 1].tolist()) <= {2}
    assert (frame["grade"][frame["graded"] == 0] <= MISSING).all()


def load_once(name: str) -> PackOnDate:
    if name not in PACKS:
        PACKS[name] = load(name, ITEMS).on(date(2025, 12, 31))
    return PACKS[name]


PACKS = {"taoyuan": PACK}


@given(maybe, st.integers(0, 1))
@quick
def test_stars_multiply_one_part_only_and_never_reduce_pay(composite: int, place: int) -> None:
    rated = steps(stars.SCORE, composite, 1, 2, 3)
    found = steps(stars.FAMILY, rated.star_by_score, place)
    assert 10_000 <= found.star_coefficient <= 18_000
    assert found.performance_coefficient * found.whole_pay_coefficient == found.star_coefficient * 10_000
    assert found.star <= rated.star_by_score


@given(st.integers(1, 365), st.integers(0, 6_000))
@quick
def test_hours_of_two_parts_of_a_year_make_the_whole(first: int, done: int) -> None:
    whole = steps(hours.ANNUAL_FAMILY, 2025, 7, 365, done).annual_hours_required
    one = steps(hours.ANNUAL_FAMILY, 2025, 7, first, done)
    other = steps(hours.ANNUAL_FAMILY, 2025, 7, 365 - first, done)
    assert abs(one.annual_hours_required + other.annual_hours_required - whole) <= 1
    assert one.annual_met == int(done >= one.annual_hours_required)
    assert one.annual_shortfall == max(0, one.annual_hours_required - done)


@given(dates, dates, st.integers(0, 30_000), st.one_of(dates, st.just(MISSING)))
@quick
def test_a_duty_is_open_until_its_last_day(entry: int, as_of: int, done: int, reached: int) -> None:
    found = steps(hours.SHADOWING_FAMILY, entry, as_of, done, reached)
    if found.shadowing_bound and done < 20_000:
        assert found.shadowing_state == (3 if as_of > found.shadowing_deadline else 1)
        assert found.shadowing_shortfall == 20_000 - done
    if found.shadowing_bound and done >= 20_000:
        assert found.shadowing_state == (4 if reached > found.shadowing_deadline else 2)
    assert 181 <= found.shadowing_deadline - entry <= 184


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))
@quick
def test_stability_is_one_less_the_share_of_leavers(start: int, end: int, left: int, sent: int, promoted: int) -> None:
    assume(start + end > 0)
    found = steps(unit_outcomes.STABILITY_FAMILY, start, end, left, sent, promoted, 0)
    exact = 1 - Fraction(2 * (left + sent), start + end)
    assert abs(Fraction(found.stability, 10_000) - exact) <= Fraction(1, 20_000)
    assert found.stability_reached == int(exact >= Fraction(85, 100))
    assert found.stability == steps(unit_outcomes.STABILITY_FAMILY, start, end, left, sent, 0, 9).stability


@given(maybe, st.sampled_from([1, 2, 3, MISSING]))
@quick
def test_only_yellow_after_yellow_or_red_asks_for_anything(composite: int, last: int) -> None:
    found = steps(unit_outcomes.TRAFFIC_LIGHT, composite, last)
    if composite <= MISSING:
        assert found.colour <= MISSING
    elif composite < 6_000:
        assert (found.colour, found.unit_action) == (3, 2)
    elif composite < 8_000:
        assert (found.colour, found.unit_action) == (2, 1 if last == 2 else 0)
    else:
        assert (found.colour, found.unit_action) == (1, 0)


@given(st.lists(maybe, min_size=24, max_size=24))
@quick
def test_failed_months_are_counted_over_twelve_months(months: list[int]) -> None:
    found = steps(workload.MONTHLY_FAMILY, *months)
    failed = [index for index, one in enumerate(months) if MISSING < one < 6_000]
    this_year = [index for index in failed if index >= 12]
    assert found.months_failed == len(this_year)
    windows = [sum(1 for other in failed if index - 12 < other <= index) for index in this_year]
    assert found.monthly_action == (2 if max(windows, default=0) >= 3 else 1 if max(windows, default=0) == 2 else 0)


@given(st.one_of(st.integers(0, 2_000), st.just(MISSING)), maybe)
@quick
def test_volume_never_counts_without_quality(volume: int, quality: int) -> None:
    found = steps(workload.VOLUME_FAMILY, volume, quality)
    if found.volume_counted > 0:
        assert quality >= 6_000
        assert found.volume_counted == volume


@given(maybe, st.integers(0, 600), maybe, st.integers(1, 365), st.integers(1, 365))
@quick
def test_a_longer_stay_never_pays_less(composite: int, volume: int, quality: int, one: int, other: int) -> None:
    short, long = sorted((one, other))
    tier = steps(workload.TIER_FAMILY, 2025, composite, MISSING, quality, short)
    same = steps(workload.TIER_FAMILY, 2025, composite, MISSING, quality, long)
    assert tier.pay_tier == same.pay_tier
    assert tier.tier_amount <= same.tier_amount or tier.tier_amount <= MISSING
    assert steps(workload.TIER_FAMILY, 2025, composite, volume, quality, long).volume_points <= 10_000


@given(st.integers(0, 3), st.lists(maybe, min_size=6, max_size=6))
@quick
def test_gaps_lift_ratings_exactly_to_the_floor(tier: int, ratings: list[int]) -> None:
    found = steps(abilities.FAMILY, *ratings, tier)
    floors, gaps = found[2:8], found[8:14]
    for rating, floor, gap in zip(ratings, floors, gaps, strict=True):
        if floor > MISSING and rating > MISSING:
            assert gap == max(0, floor - rating)
        else:
            assert gap <= MISSING
    assert found.abilities_required == 2 * tier
    assert found.abilities_met <= found.abilities_rated <= found.abilities_required


@given(st.integers(1, 5), st.integers(0, 1), st.integers(0, 1), st.integers(0, 30))
@quick
def test_more_schooling_or_more_years_never_takes_eligibility_away(
    education: int, major: int, degree: int, years: int
) -> None:
    def eligible(education: int, years: int) -> tuple[int, ...]:
        return steps(exams.ELIGIBILITY, 2025, education, major, degree, 0, missing(Reason.NOT_APPLICABLE), years)[1:4]

    now = eligible(education, years)
    assert all(more >= one for one, more in zip(now, eligible(education, years + 1), strict=True))
    # A level of schooling that the law treats by another row may ask more years only where the major differs.
    assert all(more >= one for one, more in zip(now, eligible(min(5, education + 1), years), strict=True))


@given(st.integers(1, 4))
@quick
def test_a_pack_may_let_the_star_multiply_the_whole_pay(star: int) -> None:
    tables = stars.FAMILY.tables(PACK)._replace(base=2)
    found = plain(stars.kernel)(stars.Inputs(star, 0), tables)
    assert found.whole_pay_coefficient == found.star_coefficient > found.performance_coefficient == 10_000
