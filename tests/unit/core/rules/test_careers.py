"""Retirement, ladders, promotion, exits: bounds and orders that hold for every person, and rows of the published table."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qinglan.core.frame.codes import Certificate, Education, Post
from qinglan.core.frame.missing import MISSING, Reason, missing
from qinglan.core.frame.units import days
from qinglan.core.packs.loading import load
from qinglan.core.packs.pack import PackOnDate
from qinglan.core.rules import exits, honours, ladders, leaving, requirements, retirement, rotation
from qinglan.core.rules.compiling import plain
from qinglan.core.rules.numbers import add_months, whole_months
from qinglan.core.rules.registry import ITEMS

NO_POST = missing(Reason.NO_POST)
AS_OF = days(date(2025, 12, 31))
PACK: PackOnDate = load("taoyuan", ITEMS).on(date(2025, 12, 31))
births = st.dates(date(1955, 1, 1), date(2007, 12, 31)).map(days)
entries = st.dates(date(1975, 1, 1), date(2025, 12, 31)).map(days)
quick = settings(max_examples=150, deadline=None)


def retire(kind: int, birth: int, on: int = AS_OF) -> retirement.Steps:
    return plain(retirement.kernel)(retirement.Inputs(MISSING, kind, birth, MISSING, on), retirement.tables(PACK))


@pytest.mark.parametrize(
    ("kind", "birth", "years", "months"),
    [
        (1, (1964, 12), 60, 0), (1, (1965, 1), 60, 1), (1, (1965, 4), 60, 1), (1, (1965, 5), 60, 2),
        (1, (1976, 8), 62, 11), (1, (1976, 9), 63, 0), (1, (2000, 1), 63, 0),
        (2, (1969, 12), 55, 0), (2, (1970, 1), 55, 1), (2, (1970, 5), 55, 2), (2, (1981, 9), 58, 0),
        (3, (1974, 12), 50, 0), (3, (1975, 1), 50, 1), (3, (1975, 2), 50, 1), (3, (1975, 3), 50, 2),
        (3, (1984, 10), 54, 11), (3, (1984, 11), 55, 0), (3, (1999, 1), 55, 0),
    ],
)  # fmt: skip
def test_rows_of_the_published_table(kind: int, birth: tuple[int, int], years: int, months: int) -> None:
    """The decision's annexed tables give the age by month of birth."""
    assert retire(kind, days(date(*birth, 15))).retirement_age == years * 12 + months


@given(st.integers(1, 3), births, births)
@quick
def test_who_is_born_later_never_retires_earlier(kind: int, one: int, other: int) -> None:
    early, late = sorted((one, other))
    first, second = retire(kind, early), retire(kind, late)
    assert first.retirement_date <= second.retirement_date
    assert first.months_to_retirement <= second.months_to_retirement
    assert 0 <= first.retirement_delay <= (60 if kind == 3 else 36)
    assert first.retirement_date_before <= first.retirement_earliest <= first.retirement_date
    assert first.retirement_date <= first.retirement_latest
    assert first.retirement_reached == 0 or first.months_to_retirement == 0


@given(st.dates(date(1950, 1, 1), date(2050, 12, 31)).map(days), st.integers(0, 1_200))
@quick
def test_adding_months_and_counting_them_agree(day: int, months: int) -> None:
    assert whole_months(day, add_months(day, months)) == months
    assert whole_months(day, add_months(day, months) - 1) < months or months == 0


def eighteen(post: int, entry: int, education: int, degree: int, certificate: int) -> ladders.EighteenSteps:
    facts = ladders.EighteenInputs(post, entry, MISSING, education, degree, certificate, AS_OF)
    return plain(ladders.eighteen_kernel)(facts, ladders.eighteen_tables(PACK))


@given(
    st.sampled_from([int(one) for one in Post]), entries, entries,
    st.sampled_from([int(one) for one in Education]), st.integers(0, 1), st.sampled_from([int(one) for one in Certificate]),
)  # fmt: skip
@quick
def test_eighteen_grades_stay_in_their_band_and_rise_with_service_and_degree(
    post: int, one: int, other: int, education: int, degree: int, certificate: int
) -> None:
    longer, shorter = sorted((one, other))
    high, low = (eighteen(post, entry, education, degree, certificate) for entry in (longer, shorter))
    assert high.eighteen_start <= low.eighteen_grade <= high.eighteen_grade <= high.eighteen_top
    assert high.eighteen_top - high.eighteen_start == 11  # each band has twelve grades
    if certificate:
        assert eighteen(post, longer, education, degree, certificate - 1).eighteen_grade <= high.eighteen_grade


facts = st.builds(
    requirements.Inputs,
    district=st.just(1), ladder_profile=st.just(1), ladder_grade_now=st.integers(1, 8),
    ladder_next_grade=st.integers(2, 9), ladder_months=st.integers(0, 60), eighteen_grade=st.just(MISSING),
    entry_date=entries, as_of=st.just(AS_OF), exit_reason=st.sampled_from([MISSING, 0, 1]),
    post=st.sampled_from([NO_POST, 1, 7]),
    certificate=st.sampled_from([MISSING, 0, 1, 2, 3]), grade=st.sampled_from([MISSING, 1, 2, 3, 4]),
    last_grade=st.sampled_from([MISSING, 1, 2, 3, 4]), excellent_years=st.sampled_from([MISSING, 0, 2, 5]),
    composite=st.sampled_from([MISSING, 6_000, 7_500, 8_999, 9_000]),
)  # fmt: skip


@given(facts)
@quick
def test_eligible_means_that_nothing_is_missing_and_better_never_hurts(x: requirements.Inputs) -> None:
    tables = requirements.tables(PACK)
    steps = plain(requirements.kernel)(x, tables)
    met = [getattr(steps, name) for name in steps._fields if name.startswith("met_")]
    assert steps.conditions_missing == met.count(0)
    assert steps.promotion_ranked == int(all(met) and x.exit_reason != 1 and x.post != NO_POST)
    without = x.post == NO_POST and x.exit_reason != 1
    assert steps.ladder_eligible == (missing(Reason.NOT_APPLICABLE) if without else steps.promotion_ranked)
    better = x._replace(grade=1, last_grade=1, composite=10_000, certificate=3, ladder_months=x.ladder_months + 12)
    assert plain(requirements.kernel)(better, tables).conditions_missing <= steps.conditions_missing


def sever(entry: int, wage: int) -> leaving.SeveranceSteps:
    x = leaving.SeveranceInputs(5, 0, entry, AS_OF, wage, wage)
    return plain(leaving.severance_kernel)(x, leaving.severance_tables(PACK))


@given(entries, entries, st.integers(100_000, 5_000_000))
@quick
def test_severance_never_falls_with_service_and_is_capped_only_above_three_times(
    one: int, other: int, wage: int
) -> None:
    longer, shorter = sorted((one, other))
    high, low = sever(longer, wage), sever(shorter, wage)
    assert low.severance_amount <= high.severance_amount
    assert low.severance_months >= 1  # whoever worked a day has half a month
    over = wage > high.severance_wage_line
    assert high.severance_over_line == over
    assert high.severance_wage == min(wage, high.severance_wage_line)
    assert high.severance_months == (min(24, high.severance_months_full) if over else high.severance_months_full)
    assert 0 <= 2 * high.severance_amount - high.severance_wage * high.severance_months <= 1


@given(st.integers(0, 4), st.integers(0, 4), st.integers(0, 1), st.integers(0, 1), st.integers(0, 1), st.integers(0, 1))
@quick
def test_no_ending_without_two_unfit_years_remedy_and_freedom_of_bars(
    grade: int, last: int, remedied: int, elected: int, probation: int, barred: int
) -> None:
    x = exits.Inputs(grade or MISSING, last or MISSING, remedied, elected, probation, barred, 3)
    steps = plain(exits.kernel)(x, exits.tables(PACK))
    lawful = grade == 4 and last == 4 and remedied == 1 and not (elected or probation or barred)
    assert (steps.unfit_proposal == 5) == lawful
    assert (steps.unfit_proposal == 0) == (grade != 4)
    if grade == 4 and elected:
        assert steps.unfit_proposal == 7


@given(st.lists(st.integers(0, 400), min_size=3, max_size=3))
@quick
def test_medal_months_are_the_sum_of_the_stretches(stretches: list[int]) -> None:
    now, earlier, recognised = stretches
    entry = add_months(AS_OF + 1, -now)
    tables = honours.Tables(360, 1, 1)
    steps = plain(honours.kernel)(honours.Inputs(entry, earlier, recognised, AS_OF), tables)
    assert steps.medal_months == now + earlier + recognised
    assert steps.medal_due == int(steps.medal_months >= 360)


@given(
    st.sampled_from([NO_POST, 7]), st.integers(0, 1), st.integers(0, 1), st.integers(0, 1),
    st.sampled_from([MISSING, 0, 23, 24, 300]), entries,
)  # fmt: skip
@quick
def test_the_excluded_are_neither_counted_nor_candidates(
    post: int, elected: int, probation: int, protected: int, left: int, since: int
) -> None:
    x = rotation.Inputs(MISSING, post, elected, probation, protected, left, since, since, days(date(2025, 1, 1)), AS_OF)
    steps = plain(rotation.kernel)(x, rotation.tables(PACK))
    excluded = bool(post == NO_POST or elected or probation or protected or (MISSING < left < 24))
    assert steps.rotation_counted == int(not excluded)
    assert 0 <= steps.rotation_ranked <= steps.rotation_counted
    assert steps.rotation_candidate == (missing(Reason.NOT_APPLICABLE) if post == NO_POST else steps.rotation_ranked)
