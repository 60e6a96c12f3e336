"""Scope as a truth table: each role against own, sibling and other district; and the sentences of refusal."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone
from tests.cast import ENDED, MEMBERS, PEOPLE, REVEALS, SEES, SINCE, TODAY, Cast

from qinglan.apps.audit.models import AccessRecord
from qinglan.apps.base.models import is_within, next_code, span
from qinglan.apps.people import permissions
from qinglan.apps.people.actions import ActionError, employment, organisations, persons, postings, roles
from qinglan.apps.people.models import ExitReason, PostKind, Role, RoleGrant, User

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", MEMBERS)
def test_each_role_sees_exactly_its_people(cast: Cast, name: str) -> None:
    user = cast.users[name]
    seen = {key for key, person in cast.people.items() if person in permissions.people_for(user)}
    assert seen == SEES[name]
    for key, person in cast.people.items():
        assert permissions.can_view_person(user, person) == (key in SEES[name])
        assert user.has_perm("people.view_person", person) == (key in SEES[name])
        assert user.has_perm("people.reveal_person", person) == (key in REVEALS[name])
        if key in SEES[name]:
            assert permissions.get_person_for(user, person.pk) == person
        else:
            with pytest.raises(Http404):
                permissions.get_person_for(user, person.pk)


@pytest.mark.parametrize("name", MEMBERS)
def test_each_role_reveals_exactly_its_people_and_each_look_is_kept(cast: Cast, name: str) -> None:
    user = cast.users[name]
    for key, person in cast.people.items():
        before = AccessRecord.objects.count()
        if key in REVEALS[name]:
            full = persons.reveal(person=person, field="id_number", reason="核对参保信息", by=user)
            assert full == person.id_number.open()
            look = AccessRecord.objects.latest("id")
            assert (look.by_id, look.person_id, look.field, look.reason) == (
                user.pk,
                person.pk,
                "id_number",
                "核对参保信息",
            )
            assert user.has_perm("people.reveal_person", person)
        else:
            with pytest.raises(PermissionDenied, match="完整身份证号"):
                persons.reveal(person=person, field="id_number", reason="核对参保信息", by=user)
            assert AccessRecord.objects.count() == before


def test_a_look_without_a_reason_is_refused(cast: Cast) -> None:
    with pytest.raises(ActionError, match="须填写理由"):
        persons.reveal(person=cast.people["worker_a"], field="phone", reason=" ", by=cast.users["district_a"])
    assert not AccessRecord.objects.exists()


@pytest.mark.parametrize("name", MEMBERS)
def test_organisations_of_two_districts_never_meet(cast: Cast, name: str) -> None:
    role, code, _ = MEMBERS[name]
    codes = set(permissions.organisations_for(cast.users[name], TODAY).values_list("code", flat=True))
    if name == "administrator":
        assert {"990101", "990102"} <= codes
    elif role is None or name in ENDED:
        assert codes == set()
    else:
        assert code in codes
        assert all(c.startswith(code) for c in codes)


@pytest.mark.parametrize("name", MEMBERS)
def test_changing_people_needs_an_officer_of_the_place(cast: Cast, name: str) -> None:
    for key, person in cast.people.items():
        may = key in SEES[name] and name.startswith(("district", "subdistrict"))
        assert permissions.can_change_person(cast.users[name], person) == may
        if not may:
            with pytest.raises(PermissionDenied):
                persons.update(person=person, by=cast.users[name], today=TODAY, nation="回族")
            with pytest.raises(PermissionDenied):
                postings.assign(
                    person=person,
                    org_code=person.org_code,
                    kind=PostKind.GRID,
                    since=TODAY,
                    by=cast.users[name],
                    today=TODAY,
                )


def test_people_follow_their_posts_and_scope_can_ask_for_a_day(cast: Cast) -> None:
    person, officer = cast.people["worker_a"], cast.users["subdistrict_a"]
    postings.assign(
        person=person,
        org_code="990101002001",
        kind=PostKind.WORKER,
        since=TODAY,
        by=cast.users["district_a"],
        today=TODAY,
    )
    assert person not in permissions.people_for(officer)
    assert person in permissions.people_for(officer, on=TODAY - timedelta(days=1))
    assert person not in permissions.people_for(officer, on=TODAY)


def test_grants_hold_for_their_days_only(cast: Cast) -> None:
    today = timezone.localdate()
    user = User.objects.create(username="late")
    RoleGrant.objects.create(user=user, role=Role.DISTRICT_OFFICER, org_code="990101", span=span(SINCE, today))
    RoleGrant.objects.create(
        user=user, role=Role.DISTRICT_OFFICER, org_code="990102", span=span(today + timedelta(days=1))
    )
    assert not permissions.people_for(user).exists()


def test_inactive_and_anonymous_see_nothing(cast: Cast) -> None:
    user = cast.users["district_a"]
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert not permissions.people_for(User.objects.get(pk=user.pk)).exists()
    assert not permissions.people_for(AnonymousUser()).exists()
    worker = cast.users["worker_a"]
    User.objects.filter(pk=worker.pk).update(is_active=False)
    assert not permissions.people_for(User.objects.get(pk=worker.pk)).exists()


def test_being_administrator_opens_no_person(cast: Cast) -> None:
    admin = cast.users["administrator"]
    assert admin.has_perm("people.view_person") is False
    assert admin.has_perm("people.change_organisation", permissions.organisations_for(admin, TODAY).first())
    assert admin.has_perm("auth.add_group")  # what is not ours stays as Django has it


def test_roles_are_granted_within_scope_at_their_level(cast: Cast) -> None:
    user = User.objects.create(username="new")
    by = cast.users["district_a"]
    with pytest.raises(PermissionDenied):
        roles.grant(user=user, role=Role.DISTRICT_OFFICER, org_code="990102", since=SINCE, by=by)
    with pytest.raises(ActionError, match="街道一级"):
        roles.grant(user=user, role=Role.SUBDISTRICT_OFFICER, org_code="990101", since=SINCE, by=by)
    grant = roles.grant(user=user, role=Role.SUBDISTRICT_OFFICER, org_code="990101002", since=SINCE, by=by)
    assert set(permissions.people_for(user)) == {cast.people["sibling_a"]}
    roles.end(grant=grant, on=timezone.localdate(), by=by)
    assert not permissions.people_for(User.objects.get(pk=user.pk)).exists()


def test_leaving_ends_roles_too(cast: Cast) -> None:
    employment.end(
        person=cast.people["secretary_a"], last_day=TODAY, reason=ExitReason.RETIRED, by=cast.users["district_a"]
    )
    user = User.objects.get(username="secretary_a")
    assert set(permissions.people_for(user)) == {cast.people["secretary_a"]}  # herself alone


def test_only_district_officers_and_administrators_change_organisations(cast: Cast) -> None:
    for name in MEMBERS:
        may = name in ("district_a", "system_a", "administrator")
        assert permissions.can(cast.users[name], permissions.CHANGE_ORGANISATIONS, "990101001001") == may
    with pytest.raises(PermissionDenied, match="区级管理员"):
        organisations.rename(code="990101001001", name="新名", on=date(2026, 7, 1), by=cast.users["subdistrict_a"])


@pytest.mark.parametrize(
    ("prefix", "end"), [("99", "9:"), ("990101", "990102"), ("420109", "42010:"), ("990101B", "990101C")]
)
def test_next_code(prefix: str, end: str) -> None:
    assert next_code(prefix) == end
    assert is_within(prefix, prefix)
    assert is_within(prefix + "999", prefix)
    assert is_within(prefix + "B999", prefix)
    assert not is_within(end, prefix)


def test_the_cast_is_complete() -> None:
    assert set(SEES) == set(REVEALS) == set(MEMBERS)
    assert set().union(*SEES.values()) == set(PEOPLE)
