"""For the page tests: a password hash that costs nothing (here nobody tests hashing), and the client signed in as one of the cast."""

from collections.abc import Callable, Iterator

import pytest
from django.test import Client, override_settings

from tests import cast as casting


@pytest.fixture(autouse=True, scope="module")
def cheap_passwords() -> Iterator[None]:
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


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
