"""Pay on its pages: who sees which slips, who computes and closes, what is owed late, and that a list costs the same for all."""

import io
from datetime import date

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from qinglan.apps.base.models import span
from qinglan.apps.base.templatetags.figures import money
from qinglan.apps.pay import actions
from qinglan.apps.pay.models import PayMonth
from qinglan.apps.people.actions import certificates
from qinglan.apps.people.models import GradeHolding, PostKind, User
from qinglan.apps.policy.actions import adoption
from tests import cast as casting
from tests.factories import deciders, posted
from tests.pages.pdfs import read

pytestmark = pytest.mark.django_db
DISTRICT = "990101"
SEES = {
    "district_a": {"secretary_a", "worker_a", "colleague_a", "neighbour_a", "sibling_a"},
    "finance_a": {"secretary_a", "worker_a", "colleague_a", "neighbour_a", "sibling_a"},
    "auditor_a": {"secretary_a", "worker_a", "colleague_a", "neighbour_a", "sibling_a"},
    "subdistrict_a": {"secretary_a", "worker_a", "colleague_a", "neighbour_a"},
    "subdistrict_a2": {"sibling_a"},
    "secretary_a": {"secretary_a"},
    "worker_a": {"worker_a"},
}


@pytest.fixture(scope="module")
def module_january(module_cast, django_db_blocker) -> int:
    """January 2025 of 甲区, closed, once for the module: everybody has a grade and so a wage."""
    with django_db_blocker.unblock():
        adoption.adopt(district=DISTRICT, pack="taoyuan", since=date(2020, 1, 1), by=None)
        GradeHolding.objects.bulk_create(
            GradeHolding(person=one, ladder="五级九档", grade=2, span=span(date(2022, 1, 1)))
            for one in module_cast.people.values()
        )
        made = actions.compute(district=DISTRICT, year=2025, month=1, by=deciders(DISTRICT)[0])
        return actions.close(month=made, by=module_cast.users["finance_a"]).pk


@pytest.fixture
def january(cast, module_january) -> PayMonth:
    return PayMonth.objects.get(pk=module_january)


@pytest.mark.parametrize("name", casting.MEMBERS)
def test_each_sees_the_slips_of_her_scope_in_list_detail_and_export(name, cast, january, client):
    client.force_login(cast.users[name])
    wanted = SEES.get(name, set())
    seen = set()
    for slip in january.slips.all():
        person = next(key for key, one in cast.people.items() if one.pk == slip.person_id)
        status = client.get(f"/pay/slips/{slip.pk}/").status_code
        assert status == (200 if person in wanted else 404), person
        assert client.get(f"/pay/slips/{slip.pk}/pdf/").status_code == status
        seen |= {person} if status == 200 else set()
    assert seen == wanted
    listed = client.get(f"/pay/months/{january.pk}/")
    officer = name in SEES and not name.startswith(("secretary", "worker"))
    assert listed.status_code == (200 if officer else 404)
    address = f"/pay/months/{january.pk}/?export=xlsx" if officer else "/pay/mine/?export=xlsx"
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(address).content)).active
    text = {str(cell) for row in sheet.iter_rows(values_only=True) for cell in row}
    if officer:
        assert {key for key, one in cast.people.items() if one.name in text} == wanted
    else:
        assert ("2025 年 1 月" in text) == bool(wanted)
    if name.startswith("subdistrict"):
        assert "应发合计" not in listed.content.decode(), "the district's sums are the district's"


def test_an_open_month_is_not_yet_the_worker_s(cast, january, client):
    february = actions.compute(district=DISTRICT, year=2025, month=2, by=cast.users["district_a"])
    client.force_login(cast.users["worker_a"])
    own = february.slips.get(person=cast.people["worker_a"])
    assert client.get(f"/pay/slips/{own.pk}/").status_code == 404
    page = client.get("/pay/mine/").content.decode()
    assert "2025 年 1 月" in page
    assert "2025 年 2 月" not in page


@pytest.mark.parametrize("name", casting.MEMBERS)
def test_only_the_district_computes_and_closes(name, cast, january, client):
    client.force_login(cast.users[name])
    client.post("/pay/compute/", {"month": "2025-02"})
    made = PayMonth.objects.filter(month=2)
    assert made.exists() == (name == "district_a")
    if not made:
        actions.compute(district=DISTRICT, year=2025, month=2, by=deciders(DISTRICT)[0])
    page = client.post(f"/pay/months/{made.get().pk}/close/", follow=True)
    assert (made.get().state == "closed") == (name == "finance_a")
    if name == "district_a":
        assert "须由另一人核对后关账" in page.content.decode()


def test_a_slip_is_printed_with_its_sums_and_what_was_owed(cast, january, client):
    certificates.add(person=cast.people["worker_a"], level="middle", issued=date(2025, 1, 10), by=None)
    february = actions.compute(district=DISTRICT, year=2025, month=2, by=cast.users["district_a"])
    slip = february.slips.get(person=cast.people["worker_a"])
    client.force_login(cast.users["finance_a"])
    answer = client.get(f"/pay/slips/{slip.pk}/pdf/")
    assert answer["Content-Type"] == "application/pdf"
    text = read(answer.content).text
    for said in (slip.person.name, "2025 年 1 月", money(slip.arrears), money(slip.gross), money(slip.net), "未关账"):
        assert said.replace(" ", "") in text.replace(" ", ""), said


def test_what_was_known_late_stands_on_the_slip_with_its_steps(cast, january, client):
    certificates.add(person=cast.people["worker_a"], level="middle", issued=date(2025, 1, 10), by=None)
    february = actions.compute(district=DISTRICT, year=2025, month=2, by=cast.users["district_a"])
    client.force_login(cast.users["finance_a"])
    assert "其中补发（扣回）" in client.get(f"/pay/months/{february.pk}/").content.decode()
    slip = february.slips.get(person=cast.people["worker_a"])
    page = client.get(f"/pay/slips/{slip.pk}/").content.decode()
    assert "2025 年 1 月按现在的事实怎样算" in page
    assert "自 2025-01-10 起的一段" in page or "自 2025年1月10日 起的一段" in page
    assert "职称（资格）津贴" in page
    only = client.get(f"/pay/months/{february.pk}/?only=arrears").content.decode()
    assert cast.people["worker_a"].name in only
    assert cast.people["sibling_a"].name not in only


@pytest.mark.parametrize(
    ("text", "said"), [("2025-13", "请写成"), ("", "必填"), ("1999-12", "2000 年以后"), ("2026-08", "接着应计算")]
)
def test_a_month_that_cannot_be_computed_is_refused_in_a_sentence(text, said, cast, january, client):
    client.force_login(cast.users["district_a"])
    page = client.post("/pay/compute/", {"month": text}, follow=True).content.decode()
    assert said in page
    assert PayMonth.objects.count() == 1


def test_a_list_costs_the_same_for_few_and_for_many(cast, january, client):
    client.force_login(cast.users["district_a"])

    def queries(address: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            client.get(address)
        return len(seen)

    few = queries(f"/pay/months/{january.pk}/"), queries("/pay/")
    for _ in range(12):
        posted("990101001001", PostKind.WORKER, date(2020, 1, 1))
    february = actions.compute(district=DISTRICT, year=2025, month=2, by=User.objects.get(pk=january.by_id))
    assert (queries(f"/pay/months/{february.pk}/"), queries("/pay/")) == few
    shown = client.get("/pay/").context["table"].rows
    assert [row.record.month for row in shown] == [2, 1], "the newest first, sums or not"
