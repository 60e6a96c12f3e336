"""The cast for the page tests, with a password hash that costs nothing: here nobody tests hashing."""

import pytest

from tests import cast as casting


@pytest.fixture(autouse=True)
def cheap_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def cast(db):
    return casting.build()
