"""The doors by which a resident comes in: which place, page or kiosk, and the cookie that holds the key of her talk there.

The key is in no address and on no page: who has the browser has the talk. Without a hand-over the cookie goes with the browser's
session; with one it stays as long as the talk, so that the answer is found again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from qinglan.apps.assistant.models import Talk
from qinglan.apps.assistant.permissions import talk_of
from qinglan.apps.assistant.queries.places import Place, place_of
from qinglan.apps.assistant.states import Channel

ANYWHERE = "anywhere"  # instead of a code in the address
COOKIE_PATH = "/ask/"
LONGEST_KEY = 43
KIOSK_SECONDS = 60  # without a touch, and the page begins anew
KIOSK_FORGETS = timedelta(
    minutes=5
)  # should the page not have done so: a talk that nobody went on with is not shown again


@dataclass(frozen=True)
class Door:
    """`place` without a code: none is known."""

    place: Place
    channel: Channel

    @property
    def word(self) -> str:
        """The place as it stands in addresses."""
        return self.place.code or ANYWHERE

    @property
    def kiosk(self) -> bool:
        return self.channel == Channel.KIOSK

    @property
    def cookie(self) -> str:
        return f"ql_{'kiosk' if self.kiosk else 'talk'}_{self.word}"

    @property
    def urls(self) -> dict[str, str]:
        """The addresses of this door by their names in templates."""
        names = {
            one: f"assistant:{'kiosk-' if self.kiosk else 'resident-'}{one}" for one in ("question", "thumb", "again")
        }
        names["home"] = "assistant:kiosk" if self.kiosk else "assistant:resident"
        names |= {} if self.kiosk else {"hand_over": "assistant:resident-hand-over"}
        return {one: reverse(view, args=[self.word]) for one, view in names.items()}

    def talk(self, request: HttpRequest) -> Talk | None:
        """The talk that this browser has here."""
        key = request.COOKIES.get(self.cookie, "")
        talk = talk_of(key) if len(key) <= LONGEST_KEY and key.isascii() else None
        if talk is None or (talk.org_code, talk.channel) != (self.place.code, self.channel):
            return None
        return None if self.kiosk and _left(talk) else talk

    def keep(self, answer: HttpResponse, talk: Talk) -> HttpResponse:
        """Let the browser have the key."""
        days = settings.ASSISTANT_DAYS if not self.kiosk and talk.hand_overs.exists() else None
        answer.set_cookie(
            self.cookie, talk.key, max_age=timedelta(days=days) if days else None, path=COOKIE_PATH, httponly=True,
            samesite="Lax", secure=settings.SESSION_COOKIE_SECURE,
        )  # fmt: skip
        return answer

    def forget(self, answer: HttpResponse) -> HttpResponse:
        """Take the key from the browser."""
        answer.delete_cookie(self.cookie, path=COOKIE_PATH, samesite="Lax")
        return answer


def _left(talk: Talk) -> bool:
    last = talk.questions.order_by("-pk").values_list("at", flat=True).first()
    return (last or talk.began_at) < timezone.now() - KIOSK_FORGETS


def door(word: str, channel: Channel = Channel.PAGE) -> Door:
    """The door of an address, or 404: no kiosk stands nowhere."""
    if word == ANYWHERE and channel != Channel.KIOSK:
        return Door(Place(), channel)
    place = place_of(word, timezone.localdate())
    if place is None:
        raise Http404
    return Door(place, channel)
