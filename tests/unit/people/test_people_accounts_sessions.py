"""When an account is shut or its password handed out, all its sessions end, wherever they were opened, and for good."""

from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.test import Client
from tests.cast import PASSWORD, Cast

from qinglan.apps.audit.models import AuditEvent
from qinglan.apps.people.actions import roles
from qinglan.apps.people.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(cast: Cast) -> list[Client]:
    """One account signed in at three places."""
    clients = [Client() for _ in range(3)]
    for client in clients:
        client.force_login(cast.users["subdistrict_a"])
        assert client.get("/people/").status_code == 200
    return clients


def all_out(clients: list[Client]) -> bool:
    answers = [client.get("/people/") for client in clients]
    return all(answer.status_code == 302 and answer.url.startswith("/accounts/login/") for answer in answers)


@pytest.mark.parametrize("do", [roles.deactivate, roles.hand_out_password])
def test_every_session_ends(cast: Cast, signed_in: list[Client], do: Callable[..., object]) -> None:
    do(user=cast.users["subdistrict_a"], by=cast.users["district_a"])
    assert all_out(signed_in)


def test_a_session_from_before_does_not_wake_up_with_the_account(cast: Cast, signed_in: list[Client]) -> None:
    for do in (roles.deactivate, roles.reactivate):
        do(user=cast.users["subdistrict_a"], by=cast.users["district_a"])
    assert all_out(signed_in)
    client = Client()
    client.force_login(User.objects.get(username="subdistrict_a"))
    assert client.get("/people/").status_code == 200


def test_without_the_epoch_it_would(cast: Cast, signed_in: list[Client]) -> None:
    """The control: the flag of the account alone does not end a session for good."""
    User.objects.filter(username="subdistrict_a").update(is_active=False)
    User.objects.filter(username="subdistrict_a").update(is_active=True)
    assert not all_out(signed_in)


def test_others_stay_signed_in(cast: Cast, signed_in: list[Client]) -> None:
    other = Client()
    other.force_login(cast.users["subdistrict_a2"])
    roles.deactivate(user=cast.users["subdistrict_a"], by=cast.users["district_a"])
    assert other.get("/people/").status_code == 200


def test_who_comes_in_and_who_is_turned_away_is_recorded(cast: Cast, client: Client) -> None:
    cache.clear()
    client.post("/accounts/login/", {"login": "subdistrict_a", "password": "wrong"})
    client.post("/accounts/login/", {"login": "my-password-by-mistake", "password": "x"})
    client.post("/accounts/login/", {"login": "subdistrict_a", "password": PASSWORD})
    kept = AuditEvent.objects.filter(action__startswith="access.").order_by("pk")
    assert [(one.action, one.org_code) for one in kept] == [
        ("access.login_failed", "990101001"),
        ("access.login_failed", ""),
        ("access.login", "990101001"),
    ]
    assert kept[2].after == {"方式": ["密码"]}
    assert "my-password-by-mistake" not in str([one.after for one in kept])
