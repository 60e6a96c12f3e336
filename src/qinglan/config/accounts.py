"""How accounts come about and begin: an administrator opens them; whoever was handed a password first chooses her own."""

from collections.abc import Callable

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse


class ClosedDoor(DefaultAccountAdapter):
    """The sign-up page says whom to ask; a password that its owner chose is hers."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        user.password_temporary = False  # type: ignore[attr-defined]
        super().set_password(user, password)


class OwnPasswordFirst:
    """Middleware: with a password that somebody else handed out one can choose another or leave, nothing more."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and request.user.password_temporary:
            change = reverse("account_change_password")
            if request.path not in {change, reverse("account_logout")}:
                return redirect(change)
        return self.get_response(request)
