"""What the database stores of runs and of months of pay, held against the independent recomputation number by number."""

import random
from collections.abc import Iterator
from datetime import date

import pgtrigger
import pytest
from django.db.models import F

from qinglan.apps.base.models import span
from qinglan.apps.facts.actions import recording
from qinglan.apps.pay.models import PaySlip
from qinglan.apps.people.actions import certificates
from qinglan.apps.people.models import (
    Employment,
    GradeHolding,
    Person,
    Posting,
    PostKind,
    StatusPeriod,
)
from qinglan.apps.policy.actions import years
from qinglan.apps.policy.models import PersonResult, Run
from qinglan.core.frame.month import SEGMENT
from tests.factories import posted, published
from tests.recompute import holding, pack, paymonth, year
from tests.unit.pay.test_pay_months import certify, paid, pay, worker
from tests.unit.policy.test_policy_years import DISTRICT, EAST, WEST, settle

TEXT = {"recorder": "测试", "evidence": "测试"}


def awkward() -> None:
    """Into the two communities of `settle`: changes in mid-month, leavers, two posts, leave, missing and equal scores, balances."""
    chance = random.Random(7)
    people = list(Person.objects.filter(org_code__startswith=DISTRICT).order_by("pk"))
    mover, leaver, nursing, unscored, opened, uncertain = people[:6]
    Posting.objects.filter(person=mover).update(span=span(date(2020, 1, 1), date(2025, 5, 13)))
    Posting.objects.create(
        person=mover, org_code=WEST, kind=PostKind.COMMITTEE, elected=True, span=span(date(2025, 5, 13))
    )
    Posting.objects.create(person=mover, org_code=EAST, kind=PostKind.WORKER, main=False, span=span(date(2025, 6, 1)))
    Employment.objects.filter(person=leaver).update(
        span=span(date(2020, 1, 1), date(2025, 8, 20)), exit_reason="voluntary"
    )
    StatusPeriod.objects.create(person=nursing, kind="maternity", span=span(date(2025, 10, 1), date(2026, 3, 9)))
    GradeHolding.objects.filter(person=uncertain).delete()
    Employment.objects.filter(person=uncertain).update(recognised_months=31)
    certificates.add(person=mover, level="middle", issued=date(2025, 3, 17), by=None)
    certificates.add(person=opened, level="junior", issued=None, by=None)
    late = posted(WEST, PostKind.WORKER, since=date(2025, 9, 22), birth=date(1969, 2, 28))
    GradeHolding.objects.create(person=late, ladder="五级九档", grade=2, span=span(date(2025, 11, 5)))
    rows = []
    for one in people:
        for month in range(1, 13):
            if one != unscored and chance.random() < 0.8:
                rows.append(
                    fact(
                        one,
                        date(2025, month, 20),
                        source=10,
                        score=chance.choice([5_900, 8_800]),
                        ballots=None,
                        favourable=None,
                    )
                )
    recording.record_many(kind="scores", rows=rows, by=None, org_code=DISTRICT)
    training = [
        fact(one, date(2025, 4, 2), kind="annual", course="合成课程", hours=4_000, days=None) for one in people[::2]
    ]
    recording.record_many(kind="training", rows=training, by=None, org_code=DISTRICT)
    balance = {
        "income": 4_000_000, "special_deductions": 400_000, "additional_deductions": 0, "tax_withheld": 11, "months_employed": 6,
        "training_hours": None, "onboarding_hours": 100, "shadowing_hours": None, "service_months": 70, "ladder_grade": None,
        "additional_monthly": 100_000,
    }  # fmt: skip
    recording.record_many(
        kind="openings", rows=[fact(opened, date(2025, 6, 30), **balance)], by=None, org_code=DISTRICT
    )


def fact(person: Person, day: date, **more: object) -> dict[str, object]:
    return {"person_id": person.pk, "org_code": person.org_code, "valid_on": day, **TEXT, **more}


@pytest.fixture
def place(db: None) -> None:
    settle()
    awkward()


def of_run(run: Run) -> list[str]:
    """Every stored number that is not recomputed; the fingerprints too."""
    assert run.pack_text is not None
    text = pack.read(run.pack_text.files, run.pack_text.name)
    mine = year.compute(bytes(run.input.tables), run.year, text)
    found = list(holding.stored_differences(run, mine))
    steps = (run.step_columns, run.month_columns, run.segment_columns, run.unit_columns)
    if holding.inputs_hash(mine, run.input.columns, run.pack_hash) != run.inputs_hash:
        found.append("inputs_hash")
    if holding.results_hash(mine, *steps) != run.results_hash:
        found.append("results_hash")
    return found


def of_month(month) -> Iterator[str]:  # type: ignore[no-untyped-def]
    text = pack.read(month.pack_text.files, month.pack_text.name)
    kept = month.input
    mine = paymonth.compute(bytes(kept.tables), bytes(kept.ledger), month.year, month.month, text)
    yield from paymonth.stored_differences(month, mine)
    segments = [name for name in SEGMENT if name != "segment_person"]
    if paymonth.inputs_hash(mine, month.frame_columns, segments, month.pack_hash) != month.inputs_hash:
        yield "inputs_hash"
    if paymonth.results_hash(mine, month.step_columns, month.segment_columns) != month.results_hash:
        yield "results_hash"


def test_every_stored_number_of_two_years_is_recomputed(place: None) -> None:
    """The second stands on the first: last year's grades, stars and colours, and the district's bill of last year."""
    before = published(years.compute(district=DISTRICT, year=2025, by=None))
    after = years.compute(district=DISTRICT, year=2026, by=None)
    assert of_run(before) == of_run(after) == []
    # The control: an owner of the database changes one number.
    with pgtrigger.ignore("policy.PersonResult:append_only"):
        PersonResult.objects.filter(pk=before.results.order_by("person_id").first().pk).update(net=F("net") + 1)
    (said,) = of_run(before)
    assert "figures, net" in said


def test_every_stored_number_of_months_of_pay_is_recomputed(place: None) -> None:
    """Months of one year with arrears for what was recorded late, a leaver, a balance brought along; then the next year's first."""
    closed = paid(7, 8)
    certify(worker())
    Posting.objects.filter(person=Person.objects.filter(org_code=EAST).first(), org_code=WEST).update(
        kind=PostKind.DEPUTY_DIRECTOR
    )
    closed += paid(9, 10, 11, 12)
    published(years.compute(district=DISTRICT, year=2025, by=None))
    certificates.add(
        person=Person.objects.filter(org_code=WEST).first(), level="middle", issued=date(2025, 8, 8), by=None
    )
    published(years.compute(district=DISTRICT, year=2025, by=None))
    closed.append(pay(1, 2026))
    found = {f"{one.year}-{one.month}": list(of_month(one)) for one in closed}
    assert found == {f"{one.year}-{one.month}": [] for one in closed}
    with pgtrigger.ignore("pay.PaySlip:append_only"):  # the control
        PaySlip.objects.filter(pk=closed[0].slips.first().pk).update(net=F("net") + 1)
    assert len(list(of_month(closed[0]))) == 1
    assert [one.slips.exclude(arrears=0).exists() for one in closed] == [False, False, True, False, False, False, True]
