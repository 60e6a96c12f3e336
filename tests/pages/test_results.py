"""The year's results page by page: each role sees the results of her own people, and only district officers may compute."""

from datetime import date

import pytest

from qinglan.apps.policy.actions import adoption, years
from qinglan.apps.policy.models import PackAdoption, PersonResult, Run, UnitResult
from tests import cast as casting
from tests.factories import published

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", [one for one in casting.MEMBERS if not one.startswith("district")])
def test_computing_is_for_district_officers(name, cast, client):
    client.force_login(cast.users[name])
    assert client.post("/results/compute/", {"year": "2025"}).status_code == 403
    assert not Run.objects.exists()


@pytest.mark.parametrize("name", [one for one in casting.MEMBERS if not one.startswith(("district", "administrator"))])
def test_adopting_is_for_district_officers_and_the_administrator(name, cast, client):
    client.force_login(cast.users[name])
    assert client.post("/packs/adopt/", {"pack": "taoyuan", "year": "2025"}).status_code == 403
    assert not PackAdoption.objects.exists()


@pytest.mark.slow
def test_results_open_for_whom_they_concern(cast, client):
    for district in ("990101", "990102"):
        adoption.adopt(district=district, pack="taoyuan", since=date(2020, 1, 1), by=None)
        published(years.compute(district=district, year=2025, by=None))
    results = {one.person_id: one for one in PersonResult.objects.all()}
    assert len(results) == len(cast.people)
    for name, user in cast.users.items():
        client.force_login(user)
        for whose, person in cast.people.items():
            wanted = 200 if whose in casting.SEES_RESULTS[name] else 404
            result = results[person.pk].pk
            for address in (
                f"/results/{result}/",
                f"/results/{result}/pay/",
                f"/results/{result}/pay/1/",
                f"/results/people/{person.pk}/",
            ):
                assert client.get(address).status_code == wanted, f"{name} {whose} {address}"
        seen_units = {
            one.pk for one in UnitResult.objects.all() if client.get(f"/results/units/{one.pk}/").status_code == 200
        }
        other = "990102" if name.endswith("_a") else "990101"
        if name.endswith(("_a", "_b")):
            assert not seen_units & set(UnitResult.objects.within(other).values_list("pk", flat=True)), name
