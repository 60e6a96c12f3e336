"""The profile of graded protection: each number as set or by the profile, and what it does at the door."""

import os
import re
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from tests.cast import PASSWORD, Cast

from qinglan.apps.people.actions import roles
from qinglan.apps.people.models import FormerPassword, User
from qinglan.config import mlps
from qinglan.config.environment import FOR_PEOPLE
from qinglan.config.passwords import too_old

ASK = "from django.conf import settings as s; print(s.PASSWORD_CLASSES, s.PASSWORD_DAYS,\
 s.PASSWORD_HISTORY, s.SESSION_COOKIE_AGE, s.SESSION_SAVE_EVERY_REQUEST, s.ACCOUNT_RATE_LIMITS['login_failed'],\
 s.AUTH_PASSWORD_VALIDATORS[1]['OPTIONS']['min_length'])"


def settings_under(**variables: str) -> str:
    """What a fresh process reads; its last line if it refuses to start."""
    environment = {name: value for name, value in os.environ.items() if name not in mlps.SETTINGS} | variables
    done = subprocess.run([sys.executable, "-c", ASK], env=environment, capture_output=True, text=True, timeout=300)
    return (done.stdout or done.stderr).strip().splitlines()[-1]


def test_the_profile_is_off_by_default_and_sets_all_when_on() -> None:
    assert settings_under() == "0 0 0 43200 False 30/5m/ip,5/5m/key 8"
    assert settings_under(QINGLAN_PROFILE="mlps") == "3 90 5 1800 True 30/30m/ip,5/30m/key 10"
    assert settings_under(QINGLAN_PROFILE="mlps", QINGLAN_PASSWORD_DAYS="180").startswith("3 180 5 ")


def test_what_is_out_of_bounds_keeps_the_site_from_starting() -> None:
    assert "QINGLAN_PASSWORD_LENGTH 应在 8 到 64 之间" in settings_under(QINGLAN_PASSWORD_LENGTH="4")
    assert "应为整数" in settings_under(QINGLAN_IDLE_MINUTES="半小时")
    assert "QINGLAN_PROFILE 应为" in settings_under(QINGLAN_PROFILE="level3")


def test_every_number_is_documented_with_its_source() -> None:
    for name, one in mlps.SETTINGS.items():
        assert one.source in FOR_PEOPLE[name].chinese
        assert one.least <= one.plain <= one.most
        assert one.least <= one.mlps <= one.most


@pytest.fixture
def strict(settings: Any, db: None) -> None:
    settings.PASSWORD_CLASSES, settings.PASSWORD_HISTORY, settings.PASSWORD_DAYS = 3, 3, 90
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()


@pytest.mark.parametrize(
    ("password", "fine"),
    [("correct-horse-battery", False), ("Correct-horse", True), ("长长的密码Aa9", True), ("AAAAbbbbCCCC", False)],
)
def test_kinds_of_characters(strict: None, password: str, fine: bool) -> None:
    if fine:
        validate_password(password)
        return
    with pytest.raises(ValidationError, match="至少 3 类"):
        validate_password(password)


def test_the_last_passwords_are_refused_and_older_ones_not(strict: None) -> None:
    user = User.objects.create(username="neu")
    for n in range(4):
        user.set_password(f"Passwort-{n}")
        user.save()
    for n in (1, 2, 3):
        with pytest.raises(ValidationError, match="最近 3 次"):
            validate_password(f"Passwort-{n}", user)
    validate_password("Passwort-0", user)
    assert "Passwort" not in "".join(FormerPassword.objects.values_list("password", flat=True))


def test_an_old_password_lets_one_do_nothing_but_change_it(
    strict: None, cast: Cast, client: Client, settings: Any
) -> None:
    user = cast.users["subdistrict_a"]
    User.objects.filter(pk=user.pk).update(password_changed_at=timezone.now() - timedelta(days=91))
    client.force_login(user)
    assert client.get("/people/").url == "/accounts/password/change/"
    settings.PASSWORD_DAYS = 0
    assert client.get("/people/").status_code == 200
    settings.PASSWORD_DAYS = 90
    user.set_password("Neu-und-gut-1")
    user.save()
    client.force_login(user)
    assert client.get("/people/").status_code == 200


def test_a_handed_out_password_counts_as_new(strict: None, cast: Cast) -> None:
    user = cast.users["subdistrict_a"]
    User.objects.filter(pk=user.pk).update(password_changed_at=timezone.now() - timedelta(days=91))
    assert too_old(User.objects.get(pk=user.pk))
    roles.hand_out_password(user=user, by=cast.users["district_a"])
    assert not too_old(User.objects.get(pk=user.pk))


def test_too_many_failures_shut_the_door(cast: Cast, client: Client, settings: Any, db: None) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "30/5m/ip,3/5m/key"}
    cache.clear()
    for _ in range(3):
        client.post("/accounts/login/", {"login": "district_a", "password": "wrong"})
    shut = client.post("/accounts/login/", {"login": "district_a", "password": PASSWORD})
    assert shut.status_code in {200, 429}
    assert client.get("/people/").status_code == 302
    assert re.search("太多|过多|稍后", shut.content.decode())
