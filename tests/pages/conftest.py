"""For the page tests: a password hash that costs nothing (here nobody tests hashing), the client signed in as one of the cast,
and cheap refusals for those who ask for thousands."""

import copy
import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.core.cache import cache
from django.test import Client, override_settings
from django.utils import timezone

from qinglan.apps.exchange.actions import tokens
from qinglan.apps.exchange.models import Scope
from qinglan.apps.people import permissions
from qinglan.apps.people.models import User
from tests import cast as casting


@pytest.fixture(autouse=True, scope="module")
def cheap_passwords() -> Iterator[None]:
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(scope="module")
def cheap_refusals(django_db_setup: None) -> Iterator[None]:
    """For tables that are refused thousands of times: the caches in which refusals are counted and sessions found are in
    memory, and a refusal's page is one line."""
    kept = {"MAX_ENTRIES": 1_000_000}  # nothing falls out while it is counted
    backend = "django.core.cache.backends.locmem.LocMemCache"
    caches = {name: {"BACKEND": backend, "LOCATION": name, "OPTIONS": kept} for name in ("default", "sessions")}
    # the real page says nothing of what was asked (test_permission_table: test_the_page_of_what_is_not_there_says_nothing)
    bare = ("django.template.loaders.locmem.Loader", {"403.html": "{{ exception }}", "404.html": "nothing here"})
    templates = copy.deepcopy(settings.TEMPLATES)
    templates[0]["OPTIONS"]["loaders"] = [bare, *templates[0]["OPTIONS"]["loaders"]]
    sessions = {"SESSION_ENGINE": "django.contrib.sessions.backends.cache", "SESSION_CACHE_ALIAS": "sessions"}
    logging.disable(logging.WARNING)  # refusals are told otherwise
    with override_settings(CACHES=caches, TEMPLATES=templates, **sessions):
        yield
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def kept_accounts(django_db_setup: None) -> Iterator[dict[int, User]]:
    """For tables that ask thousands of times and change no account: each is read once, with its grants; a request gets a copy.
    Give the accounts kept; a test that plays with them empties it."""
    kept: dict[int, User] = {}

    def get_user(self: ModelBackend, user_id: int) -> User | None:
        if user_id not in kept and (found := reading(self, user_id)) is not None:
            permissions.grants_of(found)
            kept[user_id] = found
        if user_id not in kept:
            return None
        user = User()
        user.__dict__.update(kept[user_id].__dict__)
        return user

    reading, ModelBackend.get_user = ModelBackend.get_user, get_user
    yield kept
    ModelBackend.get_user = reading


@pytest.fixture
def sign_in(cast: casting.Cast, client: Client) -> Callable[[str], Client]:
    """Sign in: sign_in("district_a") gives the client."""

    def as_user(name: str) -> Client:
        client.force_login(cast.users[name])
        return client

    return as_user


@pytest.fixture
def officer(sign_in: Callable[[str], Client]) -> Client:
    """The client of 甲区's district officer."""
    return sign_in("district_a")


@pytest.fixture
def resident(cast: casting.Cast, client: Client) -> Client:
    """Somebody with a telephone and no account; nobody has asked from her address yet."""
    cache.clear()
    return client


@pytest.fixture
def token(cast: casting.Cast) -> Callable[..., str]:
    """token("district_a") makes a token of that account, for all its roles and everything, and gives its secret."""

    def make(name: str, scopes: Sequence[str] = tuple(Scope.values), org_code: str = "") -> str:
        today = timezone.localdate()
        code = org_code or casting.MEMBERS[name][1]
        until = today + timedelta(days=30)
        user = cast.users[name]
        return tokens.make(name="测试", scopes=scopes, org_code=code, expires_on=until, today=today, by=user)[1]

    return make


@pytest.fixture
def system(token: Callable[..., str]) -> Callable[..., Client]:
    """Another system: system("district_a") gives a client that shows such a token and nothing else."""

    def as_owner(name: str, **more: Any) -> Client:
        return Client(headers={"Authorization": f"Bearer {token(name, **more)}"})

    return as_owner
