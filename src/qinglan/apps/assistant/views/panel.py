"""The worker's panel: as a page of its own, and as a drawer on every page. The key of her talk is in her session, nowhere else."""

from __future__ import annotations

from typing import Any

from allauth.core import ratelimit
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from qinglan.apps.assistant.actions import asking, handing
from qinglan.apps.assistant.models import Question, Talk
from qinglan.apps.assistant.permissions import talk_of
from qinglan.apps.assistant.queries import panel as queries
from qinglan.apps.assistant.queries.knowledge import warm
from qinglan.apps.assistant.queries.places import Place
from qinglan.apps.assistant.queries.replies import rests
from qinglan.apps.assistant.states import Channel, Thumb
from qinglan.apps.people.models import User

KEY = "assistant_talk"
MOST_DIGITS = 18  # of a row's number
STARTS = ("我的工资怎么算", "一年要学多少学时", "考核结果怎么定", "居民要开无犯罪证明怎么办")


@login_required
@never_cache
@require_GET
def panel(request: HttpRequest) -> HttpResponse:
    """Her talk so far; to htmx the drawer's content, else the page."""
    warm()
    return _page(request)


@login_required
@never_cache
@require_POST
def question(request: HttpRequest) -> HttpResponse:
    """Ask; the first question begins the talk."""
    text = request.POST.get("text", "").replace("\0", "")
    if not ratelimit.consume(request, action="assistant_panel"):
        return _page(
            request, status=429, said="一分钟内问得太多了，请过一分钟再问。您写的话还在，不用重写。", typed=text
        )
    place = queries.place_for(request.user, timezone.localdate())
    talk = _talk(request, place)
    try:
        with transaction.atomic():
            talk = talk or asking.begin(channel=Channel.PANEL, place=place.code)
            row = asking.ask(talk=talk, text=text)
    except ValidationError as error:
        return _page(request, status=422, said="；".join(error.messages), typed=text[: asking.MOST])
    request.session[KEY] = talk.key
    return _turned(request, row)


@login_required
@never_cache
@require_POST
def thumb(request: HttpRequest) -> HttpResponse:
    """Say whether a reply helped."""
    row = _of_her_talk(request)
    if request.POST.get("thumb") not in ("1", "-1"):
        raise Http404
    return _turned(request, asking.rate(question=row, thumb=Thumb(int(request.POST["thumb"]))))


@login_required
@never_cache
@require_POST
def hand_over(request: HttpRequest) -> HttpResponse:
    """Have somebody of her district answer; she is told."""
    user: Any = request.user
    row = _of_her_talk(request)
    if not ratelimit.consume(request, action="assistant_panel_hand_over"):
        return _page(request, status=429, said="一小时内转人工的太多了，请过一会儿再转。")
    place = queries.place_for(user, timezone.localdate())
    note = request.POST.get("note", "").replace("\0", "")
    try:
        handing.hand_over(question=row, note=note, place=place.district, by=user)
    except ValidationError as error:
        return _page(request, status=422, said="；".join(error.messages))
    return _turned(request, row)


@login_required
@require_POST
def again(request: HttpRequest) -> HttpResponse:
    """Begin anew: her session has no key to the old talk any more."""
    request.session.pop(KEY, None)
    return _page(request) if request.htmx else redirect("assistant:panel")  # type: ignore[attr-defined]


def _talk(request: HttpRequest, place: Place) -> Talk | None:
    """The talk of her session; none when she stands in another place since."""
    talk = talk_of(request.session.get(KEY, ""))
    if talk is None or (talk.org_code, talk.channel) != (place.code, Channel.PANEL):
        return None
    return talk


def _of_her_talk(request: HttpRequest) -> Question:
    """The question that a form names, if it is of her talk; else 404."""
    talk = _talk(request, queries.place_for(request.user, timezone.localdate()))
    number = request.POST.get("question", "")
    if talk is None or not (number.isascii() and number.isdigit() and len(number) <= MOST_DIGITS):
        raise Http404
    return get_object_or_404(Question.objects.filter(talk=talk).select_related("talk"), pk=int(number))


def _turns(user: User, talk: Talk | None) -> list[dict[str, Any]]:
    """Questions with replies and hand-overs. Two queries."""
    if talk is None:
        return []
    handed = {one.question_id: one for one in talk.hand_overs.select_related("taken_by")}
    return [_turn(user, row, handed.get(row.pk)) for row in talk.questions.defer("vector")]


def _turn(user: User, row: Question, handed: Any) -> dict[str, Any]:
    return {
        "row": row, "reply": row.reply, "handed": handed, "own_pages": queries.own_pages(user, row.text), "source": rests(row.reply),
    }  # fmt: skip


def _turned(request: HttpRequest, row: Question) -> HttpResponse:
    """What came of it: the turn alone, or the page."""
    if request.htmx:  # type: ignore[attr-defined]
        handed = row.talk.hand_overs.filter(question=row).select_related("taken_by").first()
        return render(request, "assistant/panel/_turn.html", {"turn": _turn(_user(request), row, handed)})
    return redirect("assistant:panel")


def _user(request: HttpRequest) -> User:
    user: Any = request.user
    return user


def _page(request: HttpRequest, status: int = 200, **more: Any) -> HttpResponse:
    """The page, or the drawer's content; what is wrong goes to its own place, with what was typed left where it is."""
    user = _user(request)
    if request.htmx and "said" in more:  # type: ignore[attr-defined]
        answer = render(request, "assistant/panel/_said.html", more)  # htmx shows no answer that is an error
        answer["HX-Retarget"], answer["HX-Reswap"] = "[data-asking] [data-said]", "innerHTML"
        return answer
    place = queries.place_for(user, timezone.localdate())
    context = {
        "place": place,
        "turns": _turns(user, _talk(request, place)),
        "starts": STARTS,
        "most": asking.MOST,
        "most_note": handing.MOST_NOTE,
        "days": settings.ASSISTANT_DAYS,
        **more,
    }
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "assistant/panel/_panel.html", context, status=status)
    context |= {"mine": queries.asked_by(user), "path": [("总览", "/"), ("问答助手", "")]}
    return render(request, "assistant/panel/panel.html", context, status=status)
