"""How accounts come about: an administrator opens them; nobody signs up by herself."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedDoor(DefaultAccountAdapter):
    """The sign-up page says whom to ask."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
