"""我的成长: a worker reads her own decided years, and this year's learning as it stands; nobody else's, and no draft."""

import html
import re
from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from qinglan.apps.facts.actions import recording
from qinglan.apps.people.models import Certificate, CertificateLevel, Person
from qinglan.apps.policy.actions import adoption, years
from qinglan.apps.policy.models import PersonResult, Run
from qinglan.apps.policy.queries import growing
from qinglan.apps.policy.queries.reading import Reading
from tests import cast as casting
from tests.factories import published

pytestmark = pytest.mark.django_db
DISTRICT = "990101"
SignIn = Callable[[str], Client]


@pytest.fixture
def pack(cast: casting.Cast) -> None:
    adoption.adopt(district=DISTRICT, pack="taoyuan", since=date(2020, 1, 1), by=None)


@pytest.fixture
def run(cast: casting.Cast, pack: None) -> Run:
    """2025 of 甲区, published."""
    return published(years.compute(district=DISTRICT, year=2025, by=None))


def _train(person: Person, day: date, hours: int, kind: str = "annual") -> None:
    about = {"person_id": person.pk, "org_code": person.org_code, "valid_on": day}
    row = about | {"kind": kind, "course": "社区治理实务", "hours": hours, "days": None}
    recording.record_many(kind="training", rows=[row], by=None, org_code=DISTRICT)


def _main(page: str) -> str:
    return page.split('id="main"')[1].split("</main>")[0]


def test_only_a_decided_year_is_shown(cast: casting.Cast, pack: None, sign_in: SignIn) -> None:
    draft = years.compute(district=DISTRICT, year=2025, by=None)
    own = PersonResult.objects.get(run=draft, person=cast.people["worker_a"])
    client = sign_in("worker_a")
    page = client.get("/me/").content.decode()
    assert "还没有公布的年度结果" in page
    assert f"/results/{own.pk}/" not in page
    published(draft)
    page = client.get("/me/").content.decode()
    assert f'href="/results/{own.pk}/"' in page
    assert "还没有公布的年度结果" not in page


def test_every_link_opens_and_none_leads_to_somebody_else(cast: casting.Cast, run: Run, sign_in: SignIn) -> None:
    client = sign_in("worker_a")
    own = PersonResult.objects.get(run=run, person=cast.people["worker_a"]).pk
    others = set(PersonResult.objects.exclude(pk=own).values_list("pk", flat=True))
    links = {
        html.unescape(one) for one in re.findall(r'href="(/[^"#]*)["#]', _main(client.get("/me/").content.decode()))
    }
    asked = {int(number) for link in links for number in re.findall(r"^/results/(\d+)/", link)}
    assert asked == {own}
    assert not asked & others
    families = {link.split("/why/")[1].rstrip("/") for link in links if "/why/" in link}
    assert {"assess.jh_grades", "assess.four_in_one", "pay.star_rating", "career.five_rank_nine_grade"} <= families
    objecting = {link for link in links if link.startswith("/rights/new/?")}
    assert len(objecting) == 4
    assert all(f"result={own}&family=" in link for link in objecting)
    for link in links:
        assert client.get(link).status_code == 200, link


def test_home_leads_a_worker_here(cast: casting.Cast, sign_in: SignIn) -> None:
    assert sign_in("worker_a").get("/").url == "/me/"


def test_years_stand_side_by_side_and_a_corrected_one_is_named(cast: casting.Cast, run: Run, sign_in: SignIn) -> None:
    published(years.compute(district=DISTRICT, year=2024, by=None))
    _train(cast.people["worker_a"], date(2025, 3, 4), 4_000)
    again = published(years.compute(district=DISTRICT, year=2025, by=None))
    client = sign_in("worker_a")
    page = _main(client.get("/me/").content.decode())
    assert page.count("已被更正") == 1
    own = {row.run_id: row.pk for row in PersonResult.objects.filter(person=cast.people["worker_a"])}
    assert len(own) == 3
    assert all(f'href="/results/{pk}/"' in page for pk in own.values())
    primary = r'btn btn-primary" href="/results/(\d+)/"'
    assert re.findall(primary, page) == [str(own[again.pk])]
    earlier = _main(client.get("/me/?year=2024").content.decode())
    assert re.findall(primary, earlier) == [str(own[Run.objects.get(year=2024).pk])]
    for nonsense in ("1999", "x", "９"):
        assert re.findall(primary, _main(client.get(f"/me/?year={nonsense}").content.decode())) == [str(own[again.pk])]


def test_this_years_learning_is_what_the_year_would_say(cast: casting.Cast, pack: None, sign_in: SignIn) -> None:
    """The same kernels and facts as the whole year's: asked, had and missing are equal; more hours, less missing."""
    person, on = cast.people["worker_a"], timezone.localdate()
    for day in (None, on, date(on.year, 1, 5)):
        if day:
            _train(person, day, 800)
        draft = years.compute(district=DISTRICT, year=on.year, by=None)
        stored = {one.family: one for one in Reading(PersonResult.objects.get(run=draft, person=person)).ledgers()}
        duties = {one.ledger.family: one for one in growing.duties(person, on)}
        assert duties.keys() == stored.keys()
        told = duties["train.annual_days"].ledger
        assert (told.had, told.asked, told.short) == (
            stored["train.annual_days"].had,
            stored["train.annual_days"].asked,
            stored["train.annual_days"].short,
        )
    assert duties["train.annual_days"].percent == 40
    page = _main(sign_in("worker_a").get("/me/").content.decode())
    assert "已有 16.00 学时，还差 <strong>24.00 学时</strong>" in page


def test_a_term_still_open_is_not_called_overdue(cast: casting.Cast, pack: None) -> None:
    """A year is judged by its last day; she reads how it stands today."""
    person = cast.people["worker_a"]
    employment = person.employments.get()
    employment.span = type(employment.span)(date(2026, 10, 1), None)
    employment.save()
    states = {one.ledger.family: one for one in growing.duties(person, date(2026, 10, 20))}
    assert states["train.onboarding_30h"].ledger.state != "逾期"
    assert states["train.onboarding_30h"].until is not None
    late = {one.ledger.family: one for one in growing.duties(person, date(2027, 3, 1))}
    assert states["train.onboarding_30h"].ledger.state != late["train.onboarding_30h"].ledger.state


def test_without_a_pack_there_are_no_duties(cast: casting.Cast) -> None:
    assert growing.duties(cast.people["worker_a"], timezone.localdate()) == []


def test_certificates_say_until_when(cast: casting.Cast, sign_in: SignIn) -> None:
    person, on = cast.people["worker_a"], timezone.localdate()
    Certificate.objects.create(
        person=person, level=CertificateLevel.JUNIOR, issued=date(2019, 9, 1), registered_until=date(2022, 9, 1)
    )
    client = sign_in("worker_a")
    assert "已过期，请再登记" in client.get("/me/").content.decode()
    Certificate.objects.update(registered_until=date(on.year + 2, 1, 31))
    page = client.get("/me/").content.decode()
    assert f"登记有效至 {on.year + 2}-01-31" in page
    assert "已过期" not in page


def test_queries_do_not_grow_with_years_and_facts(cast: casting.Cast, run: Run, sign_in: SignIn) -> None:
    client = sign_in("worker_a")
    client.get("/me/")  # whatever is read once a process is read now

    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/me/").status_code == 200
        return len(captured)

    few = count()
    for year in (2023, 2024):
        published(years.compute(district=DISTRICT, year=year, by=None))
    for day in range(1, 20):
        _train(cast.people["worker_a"], date(2026, 3, day), 400)
    assert count() == few
