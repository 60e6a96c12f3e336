"""Who signs has proved a second factor: the account must have one, and the session must have been opened with it."""

import base64
import hmac
import re
import struct
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings as site
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.test import Client
from tests.cast import PASSWORD, Cast

from qinglan.apps.people.models import Organisation
from qinglan.apps.people.permissions import CLOSE_PAY, PUBLISH_YEAR, SIGN_YEAR, VIEW_RESULTS, check, limit
from qinglan.apps.people.queries import second_factor

pytestmark = pytest.mark.django_db
DISTRICT = "990101"


def code_now(secret: str, at: float) -> str:
    """RFC 6238 by hand: what the app on a phone would show at the moment `at`."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, struct.pack(">Q", int(at // 30)), "sha1")
    at_ = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at_ : at_ + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


@pytest.fixture(autouse=True)
def required(settings: Any, db: None) -> None:
    settings.SECOND_FACTOR = "on"
    cache.clear()


def sign_in(client: Client, name: str) -> Any:
    return client.post("/accounts/login/", {"login": name, "password": PASSWORD})


def enrol(client: Client) -> str:
    """Set up an authenticator app through the pages, which ask for the password once more; its secret."""
    assert client.get("/accounts/2fa/totp/activate/").url.startswith("/accounts/reauthenticate/")
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get("/accounts/2fa/totp/activate/")
    assert page.status_code == 200
    secret = page.context["form"].secret
    done = client.post("/accounts/2fa/totp/activate/", {"code": code_now(secret, time.time())})
    assert done.status_code == 302, done.content.decode()
    return str(secret)


@pytest.mark.parametrize("capability", [SIGN_YEAR, PUBLISH_YEAR, CLOSE_PAY])
def test_without_one_nothing_is_signed_and_the_sentence_says_where_to_go(cast: Cast, capability: str) -> None:
    with pytest.raises(PermissionDenied, match="两步验证与通行密钥"):
        check(cast.users["district_a"], capability, DISTRICT)
    check(cast.users["district_a"], VIEW_RESULTS, DISTRICT)  # looking needs none
    check(None, capability, DISTRICT)  # nor does the system itself


def test_the_setting_says_where_it_is_asked_for(cast: Cast, settings: Any) -> None:
    settings.SECOND_FACTOR = "auto"
    assert not second_factor.needed_in("990101001001")  # a fictional district
    Organisation.objects.filter(code=DISTRICT).update(synthetic=False)
    assert second_factor.needed_in(DISTRICT)
    assert second_factor.needed_in("110101")  # one that nobody knows
    settings.SECOND_FACTOR = "off"
    assert not second_factor.needed_in(DISTRICT)
    assert site.MFA_ADAPTER == "qinglan.config.accounts.SealedFactors"


def test_a_session_must_have_been_opened_with_it(cast: Cast, client: Client) -> None:
    officer = cast.users["district_a"]
    assert sign_in(client, "district_a").url == "/"
    secret = enrol(client)
    officer.second_factor_seen = False
    with pytest.raises(PermissionDenied, match="重新登录"):
        check(officer, SIGN_YEAR, DISTRICT)

    fresh = Client()
    asked = sign_in(fresh, "district_a")
    assert asked.url == "/accounts/2fa/authenticate/"
    assert fresh.get("/people/").status_code == 302  # the password alone opens nothing any more
    wrong = fresh.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert wrong.status_code == 200
    cache.clear()  # the same code is not taken twice
    assert fresh.post("/accounts/2fa/authenticate/", {"code": code_now(secret, time.time())}).status_code == 302
    seen = fresh.get("/people/")
    assert seen.status_code == 200
    assert seen.wsgi_request.user.second_factor_seen is True
    check(seen.wsgi_request.user, SIGN_YEAR, DISTRICT)
    stale = client.get("/people/").wsgi_request.user  # the session from before it was set up
    assert stale.second_factor_seen is False
    with pytest.raises(PermissionDenied, match="重新登录"):
        check(stale, SIGN_YEAR, DISTRICT)


def test_a_token_signs_nothing_even_for_one_who_has_a_second_factor(cast: Cast) -> None:
    officer = cast.users["district_a"]
    Authenticator.objects.create(user=officer, type=Authenticator.Type.TOTP, data={})
    check(officer, SIGN_YEAR, DISTRICT)
    limit(officer, DISTRICT)  # what the API makes of a token's owner
    check(officer, VIEW_RESULTS, DISTRICT)
    with pytest.raises(PermissionDenied, match="不能用接口令牌"):
        check(officer, SIGN_YEAR, DISTRICT)


def test_the_secret_is_sealed_at_rest(cast: Cast, client: Client) -> None:
    sign_in(client, "district_a")
    secret = enrol(client)
    kept = str(Authenticator.objects.get(type=Authenticator.Type.TOTP).data)
    assert secret not in kept
    assert "A256GCM:" in kept


def test_the_pages_speak_chinese(cast: Cast, client: Client) -> None:
    sign_in(client, "district_a")
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    for address in ("/accounts/2fa/", "/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/add/"):
        page = client.get(address)
        assert page.status_code == 200, address
        words = re.sub(r"<(script|style|svg)\b.*?</\1>|<[^>]+>", " ", page.content.decode(), flags=re.S)
        left = set(re.findall(r"[A-Za-z]{4,}", words)) - {"district"} - {page.context.get("secret", "")}
        assert not {word for word in left if word.islower() or word.istitle()}, (address, left)
