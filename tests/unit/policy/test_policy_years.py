"""A district's year through the database: drafts, what is stored and read back, two at once, a merge, two districts."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from tests.factories import organisation, posted

from qinglan.apps.base.models import span
from qinglan.apps.facts.actions import recording
from qinglan.apps.people.actions import organisations
from qinglan.apps.people.models import Employment, GradeHolding, Person, Posting, PostKind
from qinglan.apps.people.queries.organisations import totals
from qinglan.apps.policy.actions import adoption, years
from qinglan.apps.policy.models import PersonResult, Run, UnitResult
from qinglan.apps.policy.queries import packs, records, results
from qinglan.core.frame.missing import MISSING
from qinglan.core.year.computing import compute_year

DISTRICT, OTHER = "990101", "990102"
EAST, WEST, ABROAD = "990101001001", "990101001002", "990102001001"
POSTS = (PostKind.SECRETARY_DIRECTOR, PostKind.DEPUTY_SECRETARY, PostKind.COMMITTEE, PostKind.WORKER, PostKind.GRID)


def settle() -> None:
    """Two districts, three communities, five people each, graded and scored in 2025; 桃源区's pack adopted."""
    for code in ("99", "9901", DISTRICT, "990101001", EAST, WEST, OTHER, "990102001", ABROAD):
        organisation(code)
    for code in (EAST, WEST, ABROAD):
        people = [posted(code, post, birth=date(1980, 3, 1 + at)) for at, post in enumerate(POSTS)]
        GradeHolding.objects.bulk_create(
            GradeHolding(person=one, ladder="五级九档", grade=1 + at, span=span(date(2022, 1, 1)))
            for at, one in enumerate(people)
        )
        rows = [
            {
                "person_id": one.pk, "org_code": code, "valid_on": date(2025, 12, 10), "recorder": "测试",
                "evidence": "测试", "source": source, "score": 7_000 + 500 * at + 10 * source, "ballots": 60,
                "favourable": None,
            }
            for at, one in enumerate(people)
            for source in (1, 2, 3, 4)
        ]  # fmt: skip
        recording.record_many(kind="scores", rows=rows, by=None, org_code=code[:6])
    for district in (DISTRICT, OTHER):
        adoption.adopt(district=district, pack="taoyuan", since=date(2020, 1, 1), by=None)


@pytest.fixture(scope="module")
def module_place(module_db: None, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        settle()


@pytest.fixture
def place(module_place: None, db: None) -> None:
    """A district with its people, once for the module."""


def compute(district: str = DISTRICT, year: int = 2025) -> Run:
    return years.compute(district=district, year=year, by=None)


def test_the_run_is_what_the_rules_say_of_the_records(place: None) -> None:
    run = compute()
    pack = packs.pack_for(DISTRICT, date(2025, 12, 31))
    given = records.records_for(DISTRICT, 2025, pack.on(date(2025, 12, 31))["train.annual_days.hours_per_day"])
    year = compute_year(given, 2025, pack, records.figures_for(DISTRICT, 2025))
    stored = {one.person_id: one for one in PersonResult.objects.filter(run=run).select_related("run")}
    assert sorted(stored) == year.frame.people.tolist()
    for row, person in enumerate(year.frame.people.tolist()):
        one = stored[person]
        assert one.org_code == year.frame.organisations[row]
        assert one.frame == [int(values[row]) for values in year.frame.columns.values()]
        steps = results.year_steps(one)
        assert list(steps) == [*year.person, *year.pay_year]
        for family, columns in {**year.person, **year.pay_year}.items():
            assert steps[family] == {name: int(values[row]) for name, values in columns.items()}, family
        for month in (1, 6, 12):
            wanted = {f: {n: int(v[month - 1, row]) for n, v in c.items()} for f, c in year.months.items()}
            assert results.month_steps(one, month) == wanted
        assert one.net == int(year.pay.months["net_pay"][:, row].sum())
        assert one.score == int(year.step("composite")[row])


def test_segments_are_read_back_by_month(place: None) -> None:
    someone = Posting.objects.within(EAST).get(kind=PostKind.WORKER).person
    Posting.objects.filter(person=someone).update(span=span(date(2020, 1, 1), date(2025, 5, 12)))
    Posting.objects.create(
        person=someone, org_code=WEST, kind=PostKind.COMMITTEE, elected=True, span=span(date(2025, 5, 12))
    )
    one = PersonResult.objects.select_related("run").get(run=compute(), person=someone)
    assert [since for since, _ in results.segment_steps(one, 5)] == [date(2025, 5, 1), date(2025, 5, 12)]
    assert [since for since, _ in results.segment_steps(one, 6)] == [date(2025, 6, 1)]
    days = [families["pay.prorating"]["segment_days"] for _, families in results.segment_steps(one, 5)]
    assert sum(days) == results.segment_steps(one, 5)[0][1]["pay.prorating"]["month_full_days"]
    parts = sum(families["pay.three_plus_x"]["segment_basic"] for _, families in results.segment_steps(one, 5))
    gross = results.month_steps(one, 5)["pay.gross"]
    assert 0 < parts <= gross["regular_pay"]


def test_computing_again_gives_the_same_and_keeps_the_run_before(place: None) -> None:
    first, second = compute(), compute()
    first.refresh_from_db()
    assert (first.state, second.state) == (Run.State.REPLACED, Run.State.DRAFT)
    assert (first.inputs_hash, first.results_hash) == (second.inputs_hash, second.results_hash)
    assert PersonResult.objects.filter(run=first).count() == PersonResult.objects.filter(run=second).count() == 10
    Employment.objects.filter(person__org_code=WEST).update(recognised_months=30)
    third = compute()
    assert third.inputs_hash != second.inputs_hash
    assert Run.objects.filter(state=Run.State.DRAFT).get() == third


def test_results_cannot_be_changed(place: None) -> None:
    compute()
    with pytest.raises(DatabaseError), transaction.atomic():
        PersonResult.objects.update(net=1)
    with pytest.raises(DatabaseError), transaction.atomic():
        UnitResult.objects.all().delete()


def test_without_a_pack_nothing_is_computed_and_the_sentence_says_what_to_do(db: None) -> None:
    with pytest.raises(ValidationError, match="政策包"):
        compute()
    assert not Run.objects.exists()


def test_a_year_with_a_month_that_could_not_be_paid_has_no_sum(place: None) -> None:
    """Without a grade from July on, the year's pay is not the sum of six months."""
    someone = Posting.objects.within(EAST).get(kind=PostKind.WORKER).person
    GradeHolding.objects.filter(person=someone).update(span=span(date(2022, 1, 1), date(2025, 7, 1)))
    run = compute()
    assert PersonResult.objects.get(run=run, person=someone).net is None
    assert {one["key"]: one["people"] for one in run.exceptions}["unpaid_month"] == [someone.pk]


def test_two_districts_never_meet(place: None) -> None:
    """Who moves to another district in mid-year is paid by each for its own months; neither sees the other's."""
    mover = Posting.objects.within(EAST).get(kind=PostKind.GRID).person
    Posting.objects.filter(person=mover).update(span=span(date(2020, 1, 1), date(2025, 7, 1)))
    Posting.objects.create(person=mover, org_code=ABROAD, kind=PostKind.GRID, span=span(date(2025, 7, 1)))
    here, there = compute(), compute(OTHER)
    for run, months in ((here, range(1, 7)), (there, range(7, 13))):
        assert all(one.org_code.startswith(run.org_code) for one in run.results.all())
        assert all(one.org_code.startswith(run.org_code) for one in run.units.all())
        one = PersonResult.objects.select_related("run").get(run=run, person=mover)
        paid = [month for month in range(1, 13) if results.month_steps(one, month)["pay.net"]["net_pay"] > MISSING]
        assert paid == list(months)
    left = dict(zip(here.frame_columns, PersonResult.objects.get(run=here, person=mover).frame, strict=True))
    assert left["employed_days"] == 181
    came = dict(zip(there.frame_columns, PersonResult.objects.get(run=there, person=mover).frame, strict=True))
    assert came["recognised_months"] == (date(2025, 7, 1) - date(2020, 1, 1)).days * 12 // 365


def test_a_merge_in_mid_year_keeps_results_where_they_were_and_totals_agree(place: None) -> None:
    """2024 was computed by the old tree, 2025 by the new; sums by either tree are the same."""
    for year in (2024, 2025):
        compute(year=year)
    before = {run.pk: dict(run.results.values_list("person_id", "org_code")) for run in Run.objects.all()}
    organisations.merge(codes=[EAST, WEST], into=EAST, on=date(2025, 7, 1), by=None, name="并后社区")
    assert {run.pk: dict(run.results.values_list("person_id", "org_code")) for run in Run.objects.all()} == before
    after = compute()
    assert set(after.results.values_list("org_code", flat=True)) == {EAST}

    def net(run: Run) -> dict[tuple[str, date], int]:
        sums: dict[tuple[str, date], int] = {}
        for code, amount in run.results.values_list("org_code", "net"):
            key = (code, date(run.year, 12, 31) if run == after else date(2024, 12, 31))
            sums[key] = sums.get(key, 0) + amount
        return sums

    old = Run.objects.get(year=2024)
    new_tree, old_tree = totals(net(old), date(2025, 12, 31)), totals(net(old), date(2024, 12, 31))
    assert set(new_tree) == {EAST}
    assert set(old_tree) == {EAST, WEST}
    assert sum(new_tree.values()) == sum(old_tree.values()) == sum(net(old).values())
    assert totals(net(after), date(2025, 12, 31)) == {EAST: sum(net(after).values())}
    # Seen from before the merge, what was recorded after it belongs to what both stood under.
    assert totals(net(after), date(2024, 12, 31)) == {"990101001": sum(net(after).values())}


@pytest.mark.django_db(transaction=True)
def test_two_computations_at_once_leave_one_draft() -> None:
    settle()
    barrier = Barrier(2)

    def one(_: int) -> Run:
        try:
            barrier.wait(120)
            return compute()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(one, range(2)))
    assert Run.objects.filter(state=Run.State.DRAFT).count() == 1
    assert Run.objects.filter(state=Run.State.REPLACED).count() == 1
    assert made[0].results_hash == made[1].results_hash
    assert PersonResult.objects.count() == 20


def test_facts_of_a_merged_duplicate_count_with_the_record_kept(place: None) -> None:
    kept, dropped = Posting.objects.within(EAST).order_by("pk").values_list("person", flat=True)[:2]
    for person, day in ((kept, 1), (dropped, 2)):
        row = {
            "person_id": person, "org_code": EAST, "valid_on": date(2025, 3, day), "kind": "annual", "course": "课",
            "hours": 800, "days": None, "recorder": "测试", "evidence": "测试",
        }  # fmt: skip
        recording.record_many(kind="training", rows=[row], by=None, org_code=DISTRICT)
    apart = records.records_for(DISTRICT, 2025, 800)["training"]
    assert sorted(apart["person"]) == sorted([kept, dropped])
    Person.objects.filter(pk=dropped).update(merged_into=kept)
    together = records.records_for(DISTRICT, 2025, 800)["training"]
    assert together["person"].to_list() == [kept, kept]
    assert together["hours"].sum() == 1_600


def test_days_of_training_are_hours_by_the_pack_rounded_half_up(place: None) -> None:
    person = Posting.objects.within(EAST).order_by("pk").values_list("person", flat=True)[0]
    row = {
        "person_id": person, "org_code": EAST, "valid_on": date(2025, 3, 1), "kind": "annual", "course": "课",
        "hours": None, "days": 101, "recorder": "测试", "evidence": "测试",
    }  # fmt: skip
    recording.record_many(kind="training", rows=[row], by=None, org_code=DISTRICT)
    assert records.records_for(DISTRICT, 2025, 750)["training"]["hours"].to_list() == [758]  # 1.01 × 7.5 = 7.575


def test_the_fingerprint_of_inputs_knows_what_the_district_says(place: None) -> None:
    first = compute()
    again = compute()
    assert (first.inputs_hash, first.results_hash) == (again.inputs_hash, again.results_hash)
    row = {
        "person_id": None, "org_code": DISTRICT, "valid_on": date(2025, 12, 31), "name": "illness_budget", "amount": 1,
        "recorder": "测试", "evidence": "测试",
    }  # fmt: skip
    recording.record_many(kind="figures", rows=[row], by=None, org_code=DISTRICT)
    changed = compute()
    assert changed.inputs_hash != first.inputs_hash
    assert changed.results_hash != first.results_hash
