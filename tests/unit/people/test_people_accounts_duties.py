"""三员: of system, security and audit; nobody is two of them, nor one of them and anything else. Nobody grants herself."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import product
from threading import Barrier

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from tests.cast import TODAY, Cast
from tests.factories import organisation

from qinglan.apps.base.models import span
from qinglan.apps.people.actions import ActionError, organisations, roles
from qinglan.apps.people.models import ADMINISTRATORS, Level, Organisation, Role, RoleGrant, User
from qinglan.apps.people.permissions import CAPABILITIES, GRANT_ROLES, VIEW_AUDIT, codes_for, people_for

DISTRICT = "990101"
PLACES = {Level.DISTRICT: "990101", Level.SUBDISTRICT: "990101001", Level.COMMUNITY: "990101001001"}


def place_of(role: Role) -> str:
    """A place where this role can be held."""
    return next(code for level, code in PLACES.items() if level in roles.LEVELS[role])


@pytest.fixture
def someone(cast: Cast) -> User:
    return cast.users["nobody"]


def give(user: User, role: Role, since: date = TODAY, until: date | None = None) -> RoleGrant:
    return roles.grant(user=user, role=role, org_code=place_of(role), since=since, until=until, by=None)


@pytest.mark.django_db
@pytest.mark.parametrize(("first", "second"), [pair for pair in product(ADMINISTRATORS, Role) if pair[0] != pair[1]])
def test_no_administrator_is_anything_else(someone: User, first: Role, second: Role) -> None:
    give(someone, first)
    with pytest.raises(ActionError, match="互不兼任") as refused:
        give(someone, second)
    assert refused.value.field == "role"
    RoleGrant.objects.filter(user=someone).delete()
    for pair in ((second, first), (first, second)):  # and the database by itself, in either order
        rows = [RoleGrant(user=someone, role=one, org_code=place_of(one), span=span(TODAY)) for one in pair]
        with pytest.raises(IntegrityError, match="duties that must be apart"), transaction.atomic():
            RoleGrant.objects.bulk_create(rows)


@pytest.mark.django_db
def test_other_roles_go_together_and_duties_may_follow_each_other(someone: User) -> None:
    give(someone, Role.DISTRICT_OFFICER, until=date(2026, 7, 1))
    give(someone, Role.AUDITOR, until=date(2026, 7, 1))
    give(someone, Role.AUDIT_ADMIN, since=date(2026, 7, 1))
    with pytest.raises(IntegrityError, match="duties that must be apart"), transaction.atomic():
        RoleGrant.objects.filter(role=Role.AUDITOR).update(span=span(TODAY, date(2026, 7, 2)))


@pytest.mark.django_db
def test_the_first_administrator_is_none_of_the_three(cast: Cast) -> None:
    with pytest.raises(ActionError, match="另开账号"):
        give(cast.users["administrator"], Role.AUDIT_ADMIN)


@pytest.mark.django_db(transaction=True)
def test_two_duties_granted_at_once_leave_one() -> None:
    assert race() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_and_the_trigger_both_would_stand() -> None:
    """The control: the same race without what guards it."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE people_rolegrant DISABLE TRIGGER USER")
    try:
        assert race(guarded=False) == 2
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE people_rolegrant ENABLE TRIGGER USER")


def race(guarded: bool = True) -> int:
    """Two administrators grant one account two duties at the same moment; how many stand."""
    organisation(DISTRICT)
    user = User.objects.create(username="both")
    barrier, between = Barrier(2), Barrier(2)

    def one(role: Role) -> None:
        try:
            barrier.wait(120)
            if guarded:
                roles.grant(user=user, role=role, org_code=DISTRICT, since=TODAY, by=None)
                return
            with transaction.atomic():
                assert not RoleGrant.objects.filter(user=user).exists()
                between.wait(120)
                RoleGrant.objects.create(user=user, role=role, org_code=DISTRICT, span=span(TODAY))
        except (ActionError, IntegrityError):
            pass
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(one, (Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)))
    return RoleGrant.objects.filter(user=user).count()


@pytest.mark.django_db
def test_nobody_grants_herself(cast: Cast) -> None:
    for name in ("district_a", "security_a"):
        user = cast.users[name]
        with pytest.raises(ActionError, match="不能给自己授予角色"):
            roles.grant(user=user, role=Role.ASSESSOR, org_code=DISTRICT, since=TODAY, by=user)


@pytest.mark.django_db
def test_each_of_the_three_does_her_own_and_no_more(cast: Cast) -> None:
    system, security, audit = (cast.users[name] for name in ("system_a", "security_a", "audit_a"))
    organisations.rename(code="990101001002", name="甲一新社区", on=TODAY, by=system)
    assert Organisation.objects.filter(code="990101001002", name="甲一新社区").exists()
    granted = roles.grant(user=cast.users["nobody"], role=Role.MENTOR, org_code=DISTRICT, since=TODAY, by=security)
    assert granted.role == Role.MENTOR
    with pytest.raises(PermissionDenied):
        roles.grant(user=cast.users["nobody"], role=Role.MENTOR, org_code="990102", since=TODAY, by=security)
    for user in (system, audit):
        with pytest.raises(PermissionDenied):
            roles.grant(user=cast.users["nobody"], role=Role.ASSESSOR, org_code=DISTRICT, since=TODAY, by=user)
    for user in (security, audit):
        with pytest.raises(PermissionDenied):
            organisations.rename(code="990101001002", name="别的", on=TODAY, by=user)
    assert codes_for(audit, VIEW_AUDIT) == [DISTRICT]
    for user in (system, security, audit):
        assert not people_for(user).exists()


def test_no_capability_but_looking_at_the_tree_is_shared() -> None:
    for one, other in product(ADMINISTRATORS, ADMINISTRATORS):
        if one != other:
            assert CAPABILITIES[one] & CAPABILITIES[other] == {"view_organisations"}
    assert GRANT_ROLES in CAPABILITIES[Role.SECURITY_ADMIN]
