"""Months of pay through the database: computed, closed by another, owed when facts change, verified, never altered."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any

import pgtrigger
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.db.models import F
from tests.factories import deciders, published
from tests.unit.policy.test_policy_years import DISTRICT, EAST, settle

from qinglan.apps.audit.models import AuditEvent
from qinglan.apps.base.models import span
from qinglan.apps.pay import actions, queries
from qinglan.apps.pay.models import PayClosing, PayMonth, PaySlip
from qinglan.apps.people.actions import certificates
from qinglan.apps.people.models import Certificate, Person, Role, RoleGrant, User
from qinglan.apps.policy.actions import years
from qinglan.apps.policy.models import PersonResult
from qinglan.apps.policy.queries import paying

LATE = date(2025, 2, 10)


@pytest.fixture(scope="module")
def module_place(module_db: None, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        settle()


@pytest.fixture
def place(module_place: None, db: None) -> None:
    """A district with its people, once for the module."""


def officer() -> User:
    return deciders(DISTRICT)[0]


def finance() -> User:
    user, made = User.objects.get_or_create(username="finance", defaults={"last_name": "财务"})
    if made:
        RoleGrant.objects.create(user=user, role=Role.FINANCE, org_code=DISTRICT, span=span(date(2020, 1, 1)))
    return user


def pay(month: int, year: int = 2025) -> PayMonth:
    return actions.compute(district=DISTRICT, year=year, month=month, by=officer())


def paid(*months: int, year: int = 2025) -> list[PayMonth]:
    return [actions.close(month=pay(month, year), by=finance()) for month in months]


def worker() -> Person:
    return Person.objects.filter(org_code=EAST).order_by("pk").last()


def certify(person: Person) -> Certificate:
    return certificates.add(person=person, level="middle", issued=LATE, by=None)


def test_months_of_the_year_are_the_year(place: None) -> None:
    run = years.compute(district=DISTRICT, year=2025, by=None)
    paid(*range(1, 13))
    year = {one.person_id: one for one in PersonResult.objects.filter(run=run)}
    for person, result in year.items():
        slips = PaySlip.objects.filter(person=person)
        assert sum(slip.gross for slip in slips) == result.gross > 0
        assert sum(slip.net for slip in slips) == result.net
        assert sum(slip.tax for slip in slips) == result.tax


def test_what_is_recorded_late_is_paid_by_the_next_month_and_told_month_by_month(place: None) -> None:
    paid(1, 2, 3, 4)
    certify(worker())
    may = pay(5)
    (slip,) = may.slips.exclude(arrears=0)
    assert slip.person_id == worker().pk
    late = paying.late_of(may.arrears_columns, slip.late)
    assert [(one.year, one.month) for one in late] == [(2025, 2), (2025, 3), (2025, 4)]
    assert [owed.label for one in late for owed in one.items] == ["职称（资格）津贴"] * 3
    assert sum(one.change for one in late) == slip.arrears > 0
    assert slip.gross == slip.regular + slip.arrears
    since = [day for day, _ in paying.segments_of(may.pack_text_id, may.segment_columns, slip.segments)]
    assert since[0] == date(2025, 2, 1)
    assert LATE in since
    assert since[-1] == date(2025, 5, 1)
    actions.close(month=may, by=finance())
    assert not pay(6).slips.exclude(arrears=0).exists(), "paid once"


def test_an_amended_publication_of_a_paid_year_is_owed_in_the_next(place: None) -> None:
    paid(*range(9, 13))
    published(years.compute(district=DISTRICT, year=2025, by=None))
    assert not pay(1, 2026).slips.exclude(arrears=0).exists()
    certify(worker())
    assert not pay(1, 2026).slips.exclude(arrears=0).exists(), "not before people have published it"
    published(years.compute(district=DISTRICT, year=2025, by=None))
    (slip,) = pay(1, 2026).slips.exclude(arrears=0)
    late = paying.late_of(slip.month.arrears_columns, slip.late)
    assert [(one.year, one.month) for one in late] == [(2025, month) for month in (9, 10, 11, 12)]


def test_a_closed_month_says_for_ever_what_it_said(place: None) -> None:
    january, february = paid(1, 2)
    certify(worker())
    Person.objects.filter(pk=worker().pk).update(name="改名")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM people_gradeholding")
    assert queries.verify(january) == queries.verify(february) == []
    # The control: what an owner of the database changes is found.
    with pgtrigger.ignore("pay.PaySlip:append_only"):
        PaySlip.objects.filter(pk=february.slips.order_by("pk").first().pk).update(net=F("net") + 1)
    assert "实发" in queries.verify(february)[0]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE pay_payslip SET net = 0",
        "DELETE FROM pay_payslip",
        "UPDATE pay_paymonth SET people = 0",
        "UPDATE pay_paymonth SET state = 'open'",
        "DELETE FROM pay_paymonth",
        "UPDATE pay_payclosing SET by_name = ''",
        "DELETE FROM pay_paymonthinput",
    ],
)
def test_the_database_refuses_to_alter_a_closed_month(place: None, statement: str) -> None:
    paid(1)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_who_computed_it_or_is_paid_by_it_does_not_close_it(place: None) -> None:
    month = pay(1)
    with pytest.raises(PermissionDenied, match="另一人"):
        actions.close(month=month, by=officer())
    own = finance()
    own.person = worker()
    own.save()
    with pytest.raises(PermissionDenied, match="本人的工资"):
        actions.close(month=month, by=own)
    with pytest.raises(PermissionDenied):
        actions.close(month=month, by=User.objects.create(username="nobody"))
    month.refresh_from_db()
    assert month.state == "open"
    assert not PayClosing.objects.exists()


def test_a_month_computed_again_replaces_the_open_one_and_a_closed_one_is_not_computed(place: None) -> None:
    first = pay(3)
    second = pay(3)
    first.refresh_from_db()
    assert first.state == "replaced"
    assert second.results_hash == first.results_hash
    with pytest.raises(ValidationError, match="被重新计算取代"):
        actions.close(month=first, by=finance())
    actions.close(month=second, by=finance())
    assert actions.close(month=second, by=finance()).state == "closed", "asked twice, answered the same"
    assert PayClosing.objects.count() == 1
    assert AuditEvent.objects.filter(action="pay.close").count() == 1
    with pytest.raises(ValidationError, match="已经关账"):
        pay(3)
    with pytest.raises(ValidationError, match="接着应计算 2025 年 4 月"):
        pay(6)


def together(work: Callable[[int], Any]) -> list[Any]:
    """What two threads get that begin `work` at once: the answer, or the error."""
    barrier = Barrier(2)

    def one(number: int) -> Any:
        barrier.wait()
        try:
            return work(number)
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(one, range(2)))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False])
def test_two_closings_at_once_close_once(guarded: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    settle()
    month, by = pay(1), finance()
    if not guarded:
        monkeypatch.setattr(actions, "_one_at_a_time", lambda district: None)
        monkeypatch.setattr(PayMonth.objects, "select_for_update", PayMonth.objects.all, raising=False)
    found = together(lambda _: actions.close(month=month, by=by))
    good = [one for one in found if isinstance(one, PayMonth)]
    assert PayClosing.objects.count() == 1, "held by the database in any case"
    assert len(good) == (2 if guarded else 1), found


@pytest.mark.django_db(transaction=True)
def test_two_computations_at_once_leave_one_open() -> None:
    settle()
    by = officer()
    found = together(lambda _: actions.compute(district=DISTRICT, year=2025, month=1, by=by))
    assert sorted(PayMonth.objects.values_list("state", flat=True)) == ["open", "replaced"]
    assert found[0].results_hash == found[1].results_hash
