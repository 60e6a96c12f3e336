"""The bell and the page of notices: one's own only, read by a click, and what the steps of a year tell whom."""

import io
from datetime import date

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from qinglan.apps.notices import actions
from qinglan.apps.notices.models import Notice
from qinglan.apps.policy.actions import adoption, decisions, years
from qinglan.apps.policy.models import PersonResult, Run
from qinglan.apps.policy.queries import review
from tests.factories import deciders

pytestmark = pytest.mark.django_db
DISTRICT = "990101"


def _tell(cast, name: str, n: int = 1, link: str = "/organisations/") -> None:
    for i in range(n):
        actions.tell(users=[cast.users[name]], text=f"第 {i} 件事", key=f"test {i}", link=link)


def test_the_bell_counts_what_is_unread(cast, sign_in):
    _tell(cast, "worker_a", 3)
    page = sign_in("worker_a").get("/organisations/").content.decode()
    assert "消息，3 条未读" in page
    assert "条未读" not in sign_in("worker_b").get("/organisations/").content.decode()
    _tell(cast, "worker_a", 120)
    assert "99+" in sign_in("worker_a").get("/organisations/").content.decode()


def test_the_bell_costs_a_page_one_query_and_a_fragment_none(cast, officer):
    def bells(address: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert officer.get(address).status_code == 200
        return sum("notices_notice" in query["sql"] for query in captured)

    assert bells("/organisations/") == 1
    assert bells(f"/facts/people/{cast.people['worker_a'].pk}/") == 0


def test_a_notice_is_opened_by_a_post_and_leads_on(cast, sign_in):
    _tell(cast, "worker_a")
    notice = Notice.objects.get()
    client = sign_in("worker_a")
    address = f"/notices/{notice.pk}/open/"
    assert f'action="{address}"' in client.get("/notices/").content.decode()
    assert client.get(address).status_code == 405
    assert client.post(address).url == "/organisations/"
    notice.refresh_from_db()
    assert notice.read_at is not None
    assert "第 0 件事" not in client.get("/notices/?state=unread").content.decode()


def test_others_notices_do_not_exist(cast, sign_in):
    _tell(cast, "worker_a")
    notice = Notice.objects.get()
    for name in ("district_a", "administrator", "worker_b", "nobody"):
        client = sign_in(name)
        assert client.post(f"/notices/{notice.pk}/open/").status_code == 404
        assert "第 0 件事" not in client.get("/notices/").content.decode()
        client.post("/notices/read/")
    notice.refresh_from_db()
    assert notice.read_at is None


def test_all_are_read_at_once_and_the_list_is_paged_searched_and_exported(cast, sign_in):
    _tell(cast, "worker_a", 60)
    client = sign_in("worker_a")
    page = client.get("/notices/").content.decode()
    assert "共 60 条，第 1 / 3 页" in page
    assert client.get("/notices/?q=第 59 件").content.decode().count("/open/") == 1
    book = openpyxl.load_workbook(io.BytesIO(client.get("/notices/?export=xlsx").content))
    assert len(list(book.active.iter_rows())) == 61
    assert "60 条消息记为已读" in client.post("/notices/read/", follow=True).content.decode()
    assert not Notice.objects.filter(read_at__isnull=True).exists()
    assert "没有未读的消息" in client.post("/notices/read/", follow=True).content.decode()
    assert "没有消息" in client.get("/notices/?state=unread").content.decode()


@pytest.fixture
def run(cast, monkeypatch) -> Run:
    adoption.adopt(district=DISTRICT, pack="taoyuan", since=date(2020, 1, 1), by=None)
    return years.compute(district=DISTRICT, year=2025, by=None)


def _told(user) -> list[str]:
    return list(Notice.objects.filter(user=user).order_by("pk").values_list("text", flat=True))


def test_each_step_of_a_year_tells_those_who_take_the_next(cast, run):
    preparer, reviewer, publisher = deciders(DISTRICT)
    decisions.submit(run=run, by=preparer)
    assert not _told(preparer)
    assert "提交审核" in _told(reviewer)[-1]
    assert not _told(cast.users["district_b"])
    decisions.send_back(run=run, by=reviewer, note="再看")
    assert "退回" in _told(preparer)[-1]
    decisions.submit(run=run, by=preparer)
    decisions.mark(
        run=run, items=list(review.items(run).values_list("pk", flat=True)), fine=True, comment="", by=reviewer
    )
    decisions.sign(run=run, by=reviewer)
    assert "签署" in _told(publisher)[-1]
    assert not any("签署，请核对" in text for text in _told(reviewer) + _told(preparer))
    decisions.publish(run=run, by=publisher)
    assert "已公布" in _told(cast.users["worker_a"])[-1]
    assert not _told(cast.users["worker_b"])
    own = PersonResult.objects.get(run=run, person=cast.people["worker_a"])
    assert Notice.objects.get(user=cast.users["worker_a"]).link == f"/results/{own.pk}/"
    before = Notice.objects.count()
    decisions.publish(run=run, by=publisher)  # asked twice: one effect
    assert Notice.objects.count() == before


def test_a_corrected_publication_says_so(cast, run):
    preparer, reviewer, publisher = deciders(DISTRICT)
    for one in (run, None):
        one = one or years.compute(district=DISTRICT, year=2025, by=None)
        decisions.submit(run=one, by=preparer)
        items = list(review.items(one).values_list("pk", flat=True))
        decisions.mark(run=one, items=items, fine=True, comment="", by=reviewer)
        decisions.sign(run=one, by=reviewer)
        decisions.publish(run=one, by=publisher)
    told = _told(cast.users["worker_a"])
    assert ["更正" in text for text in told] == [False, True]
