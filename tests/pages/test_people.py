"""What the pages of people and organisations say."""

from datetime import date
from io import BytesIO

import pytest
from python_calamine import load_workbook

from qinglan.apps.audit.models import AccessRecord
from qinglan.apps.people.actions import organisations as organisation_actions
from qinglan.apps.people.models import Certificate, CertificateLevel
from tests import cast as casting

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(cast, client):
    client.force_login(cast.users["district_a"])
    return client


def _named(page: str, cast: casting.Cast) -> set[str]:
    return {one for one, person in cast.people.items() if f'href="/people/{person.pk}/"' in page}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("q=仇", {"worker_a"}),
        ("q=qiufang", {"worker_a"}),
        ("q=qf", {"worker_a"}),
        ("q=990101002", {"sibling_a"}),
        ("org=990101001001", {"secretary_a", "worker_a", "colleague_a"}),
        ("post=grid", {"colleague_a"}),
        ("certificate=middle", {"sibling_a"}),
        ("q=没有这个人", set()),
    ],
)
def test_list_is_narrowed(asked, found, cast, officer):
    Certificate.objects.create(person=cast.people["sibling_a"], level=CertificateLevel.MIDDLE)
    assert _named(officer.get(f"/people/?{asked}").content.decode(), cast) == found


def test_whole_id_number_finds_its_person_and_stays_masked(cast, officer):
    number = cast.people["worker_a"].id_number.open()
    page = officer.get("/people/", {"q": number}).content.decode()
    assert _named(page, cast) == {"worker_a"}
    person = officer.get(f"/people/{cast.people['worker_a'].pk}/").content.decode()
    assert number not in person
    assert f"{number[:3]}***********{number[-4:]}" in person


def test_organisation_of_another_district_cannot_be_asked_for(cast, officer):
    page = officer.get("/people/?org=990102").content.decode()
    assert "990102" not in {
        person.org_code[:6] for person in cast.people.values() if f'href="/people/{person.pk}/"' in page
    }


def test_export_holds_the_list_as_text(cast, officer):
    answer = officer.get("/people/?org=990101001001&export=xlsx&sort=name")
    rows = load_workbook(BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    head = rows[1]
    assert head[:4] == ["姓名", "性别", "出生日期", "身份证号"]
    assert [row[0] for row in rows[2:]] == ["仇芳", "单红", "王芳"]  # by pinyin: qiu, shan, wang
    assert all(isinstance(row[3], str) and "***" in row[3] for row in rows[2:])


def test_reveal_shows_the_number_and_records_the_look(cast, officer):
    someone = cast.people["worker_a"]
    answer = officer.post(f"/people/{someone.pk}/reveal/id_number/", {"reason": "核对社保"})
    assert someone.id_number.open() in answer.content.decode()
    look = AccessRecord.objects.get()
    assert (look.person_id, look.field, look.reason) == (someone.pk, "id_number", "核对社保")


def test_reveal_without_a_reason_shows_nothing(cast, officer):
    someone = cast.people["worker_a"]
    answer = officer.post(f"/people/{someone.pk}/reveal/id_number/", {"reason": " "})
    assert someone.id_number.open() not in answer.content.decode()
    assert not AccessRecord.objects.exists()


@pytest.mark.parametrize("name", sorted(casting.MEMBERS))
def test_reveal_is_for_those_who_may(name, cast, client):
    client.force_login(cast.users[name])
    for one, person in cast.people.items():
        number = person.phone.open()
        shown = number in client.post(f"/people/{person.pk}/reveal/phone/", {"reason": "联系本人"}).content.decode()
        assert shown == (one in casting.REVEALS[name]), one


def test_reveal_refuses_a_get_and_an_unknown_field(cast, officer):
    someone = cast.people["worker_a"].pk
    assert officer.get(f"/people/{someone}/reveal/id_number/").status_code == 405
    assert officer.post(f"/people/{someone}/reveal/password/", {"reason": "x"}).status_code == 404


def test_home_counts_and_links(cast, officer):
    page = officer.get("/").content.decode()
    assert 'href="/people/?org=990101001">4</a>' in page
    assert 'href="/people/?org=990101002">1</a>' in page
    assert 'href="/people/?post=grid">1</a>' in page


def test_tree_shows_headcounts_and_loads_children(cast, officer):
    page = officer.get("/organisations/").content.decode()
    assert "甲区" in page
    assert 'hx-get="/organisations/990101001/branches/"' in page
    assert "甲一东社区" not in page
    assert "甲一东社区" in officer.get("/organisations/990101001/branches/").content.decode()


def test_organisation_tells_its_history(cast, officer):
    organisation_actions.rename(
        code="990101001001",
        name="甲一新东社区",
        on=date(2025, 7, 1),
        note="区发〔2025〕1号",
        by=cast.users["district_a"],
    )
    page = officer.get("/organisations/990101001001/").content.decode()
    assert "更名" in page
    assert "甲一东社区" in page
    assert "区发〔2025〕1号" in page
