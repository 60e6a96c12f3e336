"""How accounts come about and begin: an administrator opens them; whoever was handed a password first chooses her own.
What a session was opened with, and how the secrets of the second factor are kept."""

from collections.abc import Callable
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from qinglan.apps.base.models import Sealed
from qinglan.apps.people.actions import access
from qinglan.apps.people.queries.sessions import BROWSER, browser_of
from qinglan.config import passwords


class ClosedDoor(DefaultAccountAdapter):
    """The sign-up page says whom to ask; a password that its owner chose is hers."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        user.password_temporary = False  # type: ignore[attr-defined]
        super().set_password(user, password)

    def post_login(self, request: HttpRequest, user: Any, **more: Any) -> HttpResponse:
        methods = [str(one.get("method", "")) for one in get_authentication_records(request, user)]
        access.signed_in(user=user, methods=methods)
        request.session[BROWSER] = browser_of(request.headers.get("User-Agent", ""))  # by which she knows it again
        return super().post_login(request, user, **more)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        access.turned_away(username=str(credentials.get("username", ""))[:150])
        super().authentication_failed(request, **credentials)


class OwnPasswordFirst:
    """Middleware: with a password that somebody else handed out, or that is too old, one can choose another or leave, nothing
    more."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and (request.user.password_temporary or passwords.too_old(request.user)):
            change = reverse("account_change_password")
            if request.path not in {change, reverse("account_logout")}:
                return redirect(change)
        return self.get_response(request)


class SealedFactors(DefaultMFAAdapter):
    """Secrets of authenticator apps and recovery codes are kept sealed by the keys of field encryption."""

    PURPOSE = "mfa.secret"

    def encrypt(self, text: str) -> str:
        return Sealed.of(text, self.PURPOSE).token

    def decrypt(self, encrypted_text: str) -> str:
        return Sealed(encrypted_text, self.PURPOSE).open() if encrypted_text.count(":") == 2 else encrypted_text


class SecondFactorSeen:
    """Middleware: says on the user whether this session was opened with a second factor, for the checks of signatures."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            records = get_authentication_records(request, request.user)
            request.user.second_factor_seen = any(one.get("method") == "mfa" for one in records)
        return self.get_response(request)
