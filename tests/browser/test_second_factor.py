"""A passkey in a real browser, by its virtual authenticator: set up, then signed in with alone; what is signed asks for it."""

from collections.abc import Callable

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import PermissionDenied
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from qinglan.apps.people.models import User
from qinglan.apps.people.permissions import SIGN_YEAR, check
from tests import cast as casting

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def cast(transactional_db: None) -> casting.Cast:
    return casting.build()


def sign_in(page: Page, name: str) -> None:
    page.goto("/accounts/login/")
    page.fill("input[name=login]", name)
    page.fill("input[name=password]", casting.PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("button", name="账号菜单")).to_be_visible()


def test_a_passkey_is_set_up_and_signs_in_alone(
    cast: casting.Cast,
    live_server: LiveServer,
    open_page: Callable[..., Page],
    check_access: Callable[[Page], None],
    settings: object,
) -> None:
    settings.SECOND_FACTOR = "on"  # type: ignore[attr-defined]
    officer = cast.users["district_a"]
    with pytest.raises(PermissionDenied, match="两步验证"):
        check(officer, SIGN_YEAR, "990101")
    page = open_page("/accounts/login/")
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    device = devices.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})["authenticatorId"]
    sign_in(page, "district_a")
    page.goto("/accounts/2fa/")
    check_access(page)
    page.goto("/accounts/2fa/webauthn/add/")
    page.fill("input[name=password]", casting.PASSWORD)  # once more: the door asks who sits there
    page.locator("main button[type=submit]").click()
    expect(page.locator("#mfa_webauthn_add")).to_be_visible()
    check_access(page)
    page.fill("input[name=name]", "办公室电脑")
    page.check("input[name=passwordless]")
    page.click("#mfa_webauthn_add")
    expect(page.get_by_text("恢复代码").first).to_be_visible()
    kept = devices.send("WebAuthn.getCredentials", {"authenticatorId": device})["credentials"]
    assert len(kept) == 1

    page.context.clear_cookies()
    page.goto("/accounts/login/")
    page.click("#passkey_login")
    expect(page.get_by_role("button", name="账号菜单")).to_be_visible()
    assert "district_a" in page.locator(".ql-user").inner_text()
    key = next(one["value"] for one in page.context.cookies() if one["name"] == "sessionid")
    how = [one["method"] for one in SessionStore(key)["account_authentication_methods"]]
    assert how == ["mfa"]  # without a password, and what the check of a signature asks the session for
    check(User.objects.get(pk=officer.pk), SIGN_YEAR, "990101")
