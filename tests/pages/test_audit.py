"""The audit page: what happened in one's scope, in words, with what stood before and after; refusals come up there too."""

from io import BytesIO

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from qinglan.apps.audit.actions import denied as denying
from qinglan.apps.audit.actions import saw
from qinglan.apps.audit.actions.checking import check
from qinglan.apps.audit.models import AccessDenied, AuditEvent
from qinglan.apps.people.actions import persons, roles
from qinglan.apps.people.models import Person, Role
from qinglan.apps.people.permissions import CAPABILITIES
from qinglan.apps.people.views.log import TARGETS
from tests.cast import TODAY, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_counts(db: None) -> None:
    cache.clear()


@pytest.fixture
def busy(cast: Cast) -> Cast:
    """Something done in each district."""
    persons.update(
        person=cast.people["worker_a"], by=cast.users["district_a"], today=TODAY, nation="回族", phone="13812345678"
    )
    persons.update(person=cast.people["worker_b"], by=cast.users["district_b"], today=TODAY, nation="满族")
    saw(
        by=cast.users["district_a"],
        person_id=cast.people["worker_a"].pk,
        org_code="990101001001",
        field="phone",
        reason="核对社保",
    )
    return cast


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


@pytest.mark.parametrize("name", ["district_a", "auditor_a", "audit_a"])
def test_the_log_of_ones_own_district(busy: Cast, sign_in, name: str) -> None:
    client = sign_in(name)
    page = text(client, "/audit/")
    assert "修改人员信息" in page
    event = AuditEvent.objects.get(action="persons.update", org_code__startswith="990101")
    other = AuditEvent.objects.get(action="persons.update", org_code__startswith="990102")
    assert f"/audit/{event.pk}/" in page
    assert f"/audit/{other.pk}/" not in page
    assert client.get(f"/audit/{other.pk}/").status_code == 404
    detail = text(client, f"/audit/{event.pk}/")
    assert "<ins>回族</ins>" in detail
    assert "民族" in detail
    assert "13812345678" not in detail


def test_filters_narrow_and_keep_what_was_asked(busy: Cast, sign_in) -> None:
    roles.open_account(username="neu", name="新人", person=busy.people["colleague_a"], by=busy.users["district_a"])
    client = sign_in("district_a")
    assert "开通账号" not in text(client, "/audit/?action=persons.update").split("<tbody>")[1]
    assert "修改人员信息" not in text(client, "/audit/?action=roles.").split("<tbody>")[1]
    assert "修改人员信息" in text(client, "/audit/?q=回族")
    assert "没有符合条件的操作记录" in text(client, "/audit/?q=没有这回事")
    assert "没有符合条件的操作记录" in text(client, "/audit/?who=district_b")
    assert "没有符合条件的操作记录" in text(client, "/audit/?until=2001-01-01")
    person = busy.people["worker_a"]
    assert "修改人员信息" in text(client, f"/audit/?target=people.person:{person.pk}").split("<tbody>")[1]
    assert "没有符合条件的操作记录" in text(client, f"/audit/?target=people.person:{person.pk + 10**6}")


def test_the_workbook_holds_the_same_rows(busy: Cast, sign_in) -> None:
    answer = sign_in("audit_a").get("/audit/?export=xlsx&action=persons.update")
    rows = CalamineWorkbook.from_filelike(BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert [row[1] for row in rows[2:]] == ["修改人员信息"]
    assert "甲一东社区" in rows[2]


def test_who_saw_a_full_number_and_why(busy: Cast, sign_in) -> None:
    page = text(sign_in("audit_a"), "/audit/looks/")
    assert "核对社保" in page
    assert busy.people["worker_a"].name in page
    assert "核对社保" not in text(sign_in("district_b"), "/audit/looks/")


def test_refusals_are_recorded_once_an_address(busy: Cast, sign_in) -> None:
    client = sign_in("secretary_a")
    other = busy.people["worker_b"].pk
    for _ in range(3):
        assert client.get(f"/people/{other}/").status_code == 404
    assert client.get("/audit/").status_code == 403
    assert client.get("/no/such/page/").status_code == 404
    assert client.get("/people/").status_code == 200
    kept = list(AccessDenied.objects.order_by("pk").values_list("by_name", "view", "status", "more", "org_code"))
    assert kept == [
        ("secretary_a", "people:person", 404, 0, "990101001001"),
        ("secretary_a", "people:log", 403, 2, "990101001001"),
    ]
    page = text(sign_in("district_a"), "/audit/denied/")
    assert f"/people/{other}/" in page
    assert "当作不存在" in page
    assert f"/people/{other}/" not in text(sign_in("district_b"), "/audit/denied/")


def test_nobody_floods_the_log_by_asking(busy: Cast, sign_in) -> None:
    client = sign_in("worker_a")
    for n in range(denying.ROWS + 25):
        client.get(f"/people/{10**9 + n}/")
    assert AccessDenied.objects.count() == denying.ROWS
    assert cache.get(f"denied.more.{busy.users['worker_a'].pk}") == 25


def test_nobody_pushes_counts_of_wrong_passwords_out_of_the_cache_by_asking(busy: Cast) -> None:
    """The cache drops entries when it is full: a refusal beyond the limit adds none."""
    about = {"by": busy.users["worker_a"], "org_code": "990101001001", "method": "GET", "view": "people:person"}
    for n in range(denying.ROWS + 25):
        denying.denied(**about, path=f"/people/{10**9 + n}/", status=404)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM qinglan_cache WHERE cache_key LIKE '%denied.%'")
        assert cursor.fetchone() == (denying.ROWS + 2,), "each row's address, the number of rows, the number of others"
    assert settings.CACHES["default"]["OPTIONS"]["MAX_ENTRIES"] >= 100 * denying.ROWS


def test_strangers_leave_no_row(client: Client, db: None) -> None:
    client.get("/people/1/")
    client.get("/no/such/page/")
    assert not AccessDenied.objects.exists()


def test_what_belongs_to_no_place_is_seen_where_its_doer_belongs(cast: Cast, sign_in) -> None:
    roles.open_account(username="outside", name="外来", by=cast.users["district_a"])
    assert AuditEvent.objects.get(action="roles.open_account").org_code == ""
    assert "开通账号" in text(sign_in("audit_a"), "/audit/").split("<tbody>")[1]
    assert "开通账号" not in text(sign_in("district_b"), "/audit/").split("<tbody>")[1]


def test_choices_and_places_stand_in_words(cast: Cast, sign_in) -> None:
    roles.grant(
        user=cast.users["nobody"], role=Role.MENTOR, org_code="990101", since=TODAY, by=cast.users["district_a"]
    )
    event = AuditEvent.objects.get(action="roles.grant")
    page = text(sign_in("audit_a"), f"/audit/{event.pk}/")
    assert "导师" in page
    assert "甲区" in page


@pytest.mark.parametrize(("name", "leads"), [("auditor_a", True), ("district_a", True), ("audit_a", False)])
def test_an_event_leads_to_what_it_was_about_for_whom_may_go_there(busy: Cast, sign_in, name: str, leads: bool) -> None:
    """The audit administrator reads the log, but no people."""
    event = AuditEvent.objects.get(action="persons.update", org_code__startswith="990101")
    page = text(sign_in(name), f"/audit/{event.pk}/")
    assert (f'href="/people/{busy.people["worker_a"].pk}/"' in page) == leads


def test_an_event_leads_nowhere_once_its_person_is_out_of_reach(busy: Cast, sign_in) -> None:
    event = AuditEvent.objects.get(action="persons.update", org_code__startswith="990101")
    gone = busy.people["worker_a"]
    Person.objects.filter(pk=gone.pk).update(erased_at=timezone.now())
    client = sign_in("district_a")
    assert client.get(f"/people/{gone.pk}/").status_code == 404
    assert f'href="/people/{gone.pk}/"' not in text(client, f"/audit/{event.pk}/")


@pytest.mark.parametrize(("name", "capability"), TARGETS.values())
def test_each_page_that_an_event_leads_to_is_there(name: str, capability: str) -> None:
    assert reverse(name, args=[1])
    assert any(capability in held for held in CAPABILITIES.values())


def test_what_did_not_change_is_folded_away(busy: Cast, sign_in) -> None:
    event = AuditEvent.objects.get(action="persons.update", org_code__startswith="990101")
    changed, same = text(sign_in("auditor_a"), f"/audit/{event.pk}/").split("没有变的", 1)
    assert "民族" in changed
    assert "拼音首字母" in same
    assert "merged into" not in same
    assert "Z</td>" not in same, "a moment reads like one"


def test_the_page_tells_of_its_rows_and_of_the_night(busy: Cast, sign_in) -> None:
    client = sign_in("auditor_a")
    assert "还没有做过全部核对" in text(client, "/audit/")
    assert "本页的记录与写入时一致" in text(client, "/audit/?prove=1")
    before = AuditEvent.objects.count()
    check()
    assert "没有不符" in text(client, "/audit/")
    assert AuditEvent.objects.count() == before
