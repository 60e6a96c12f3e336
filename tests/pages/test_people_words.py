"""What pages of people and organisations say beside the facts: names of former organisations, certificates run out, places to choose."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from qinglan.apps.people.actions import certificates, organisations
from qinglan.apps.people.models import CertificateLevel, RoleGrant
from tests import cast as casting

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(cast: casting.Cast, client: Any) -> Any:
    client.force_login(cast.users["district_a"])
    return client


def text(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_merge_is_told_in_the_names_of_then(cast: casting.Cast, officer: Any) -> None:
    organisations.rename(code="990101001002", name="甲一西南社区", on=date(2024, 3, 1), by=None)
    organisations.merge(
        codes=["990101001001", "990101001002"], into="990101001001", on=date(2025, 5, 1), by=None, name="甲一大社区"
    )
    page = text(officer.get("/organisations/990101001/").content.decode())
    assert "甲一西南社区 990101001002 → 甲一大社区 990101001001" in page
    assert "甲一东社区 990101001001 → 甲一大社区 990101001001" in page
    assert "甲一西社区 → 甲一西南社区 990101001002" in page


@pytest.mark.parametrize(("left", "marked"), [(-1, True), (0, False), (400, False)])
def test_certificate_whose_registration_has_run_out_is_marked(
    left: int, marked: bool, cast: casting.Cast, officer: Any
) -> None:
    """The day written is the last one of the registration."""
    worker, until = cast.people["worker_a"], timezone.localdate() + timedelta(days=left)
    held = certificates.add(
        person=worker, level=CertificateLevel.JUNIOR, number="990101000123", issued=date(2020, 6, 1), by=None
    )
    certificates.renew(certificate=held, registered_until=until, by=None)
    page = text(officer.get(f"/people/{worker.pk}/").content.decode())
    assert f"登记至 {until}" in page
    assert ("登记已过期" in page) == marked


def offered(client: Any) -> set[str]:
    page = client.get("/people/").content.decode()
    places = re.search(r'<select name="org".*?</select>', page, re.S)
    assert places
    return set(re.findall(r'value="(\d+)"', places[0]))


def test_list_of_people_offers_the_places_where_the_user_sees_people(cast: casting.Cast, client: Any) -> None:
    """An administrator keeps all organisations; her list of people offers only where she is an officer too."""
    admin = cast.users["administrator"]
    client.force_login(admin)
    assert offered(client) == set()
    RoleGrant.objects.create(
        user=admin, role="district_officer", org_code="990101", span=cast.users["district_a"].grants.get().span
    )
    own = {code for code in casting.ORGANISATIONS if code.startswith("990101")}
    assert offered(client) == own
    client.force_login(cast.users["district_a"])
    assert offered(client) == own
    client.force_login(cast.users["secretary_a"])
    assert offered(client) == {"990101001001"}


def test_navigation_has_no_mark_that_nobody_explains(officer: Any) -> None:
    assert "评·酬" not in officer.get("/people/").content.decode()
