"""A resident and the assistant: the page of her talk, asking, saying whether it helped, going to a person, beginning anew.

No account is asked for. Every form works without a script: it posts and is sent back to the page; with htmx only what is new is
sent. What cannot be done is said in a sentence, with what was typed left where it was.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_GET, require_POST

from qinglan.apps.assistant.actions import asking, handing
from qinglan.apps.assistant.models import HandOver, Question, Talk
from qinglan.apps.assistant.queries.common import common, groups, titles
from qinglan.apps.assistant.queries.knowledge import warm
from qinglan.apps.assistant.queries.places import below, place_of
from qinglan.apps.assistant.queries.replies import rests
from qinglan.apps.assistant.states import OPEN, Channel, Thumb
from qinglan.apps.assistant.views import limits
from qinglan.apps.assistant.views.doors import ANYWHERE, KIOSK_SECONDS, Door, door
from qinglan.core.retrieval.deciding import LABELS

MOST_DIGITS = 18  # of a row's number


@require_GET
def choose(request: HttpRequest) -> HttpResponse:
    """Where do you live? Down to a district, further if one likes; or ask without saying."""
    inside = request.GET.get("in", "")
    return _private(_choice(request, inside if inside.isascii() and inside.isdigit() and len(inside) <= 12 else ""))


@require_GET
def talk(request: HttpRequest, place: str, channel: Channel = Channel.PAGE) -> HttpResponse:
    """The talk so far, or what one may begin with. An address that is no place (an old sheet on a wall) leads to the choice of one."""
    warm()
    try:
        here = door(place, channel)
    except Http404:
        return _private(_choice(request, "", lost=True))
    return _page(request, here)


@require_POST
def question(request: HttpRequest, place: str, channel: Channel = Channel.PAGE) -> HttpResponse:
    """Ask; the first question begins the talk."""
    here = door(place, channel)
    text = request.POST.get("text", "").replace("\0", "")
    if limits.too_many(request, limits.ASK):
        return limits.refused(_said(request, here, limits.SAYS[limits.ASK], text), limits.ASK)
    talk = here.talk(request)
    try:
        with transaction.atomic():
            talk = talk or asking.begin(channel=channel, place=here.place.code)
            row = asking.ask(talk=talk, text=text)
    except ValidationError as error:
        return _said(request, here, "；".join(error.messages), text, status=422)
    return here.keep(_turn(request, here, row), talk)


@require_POST
def here(request: HttpRequest, place: str) -> HttpResponse:
    """Go on at a place with a talk that began without one; what hung on the place is asked again."""
    to, anywhere = door(place), door(ANYWHERE)
    talk = anywhere.talk(request)
    if talk is None or not to.place.code:
        return redirect(to.urls["home"])
    if limits.too_many(request, limits.ASK):
        return limits.refused(_said(request, anywhere, limits.SAYS[limits.ASK]), limits.ASK)
    last = talk.questions.order_by("-pk").first()
    with transaction.atomic():
        talk = asking.settle(talk=talk, place=to.place.code)
        if last is not None and last.reply.get("asks") == "city":
            asking.ask(talk=talk, text=last.text)
    return anywhere.forget(to.keep(redirect(to.urls["home"] + "#last"), talk))


@require_POST
def thumb(request: HttpRequest, place: str, channel: Channel = Channel.PAGE) -> HttpResponse:
    """Say whether a reply helped; the last word counts."""
    here = door(place, channel)
    row = _of_her_talk(request, here)
    if request.POST.get("thumb") not in ("1", "-1"):
        raise Http404
    row = asking.rate(question=row, thumb=Thumb(int(request.POST["thumb"])))
    if request.htmx:  # type: ignore[attr-defined]
        return _private(render(request, "assistant/resident/_thumbs.html", {"door": here, "turn": {"row": row}}))
    return redirect(f"{here.urls['home']}#turn-{row.pk}")


@require_POST
def hand_over(request: HttpRequest, place: str) -> HttpResponse:
    """Have a person of the place answer."""
    here = door(place)
    row = _of_her_talk(request, here)
    note = request.POST.get("note", "").replace("\0", "")
    if limits.too_many(request, limits.HAND_OVER):
        return limits.refused(_said(request, here, limits.SAYS[limits.HAND_OVER]), limits.HAND_OVER)
    try:
        handed = handing.hand_over(question=row, note=note)
    except ValidationError as error:
        return _said(request, here, "；".join(error.messages), status=422)
    if request.htmx:  # type: ignore[attr-defined]
        return here.keep(
            _private(render(request, "assistant/resident/_handed.html", _one(here, row, handed))), row.talk
        )
    return here.keep(redirect(f"{here.urls['home']}#turn-{row.pk}"), row.talk)


@require_GET
def handed(request: HttpRequest, place: str, question_id: int) -> HttpResponse:
    """How far her hand-over is: asked again and again while it waits."""
    here = door(place)
    talk = here.talk(request)
    if talk is None or question_id >= 10**MOST_DIGITS:
        raise Http404
    row = get_object_or_404(Question.objects.filter(talk=talk), pk=question_id)
    found = get_object_or_404(HandOver, question=row)
    return _private(render(request, "assistant/resident/_handed.html", _one(here, row, found)))


@require_POST
def again(request: HttpRequest, place: str, channel: Channel = Channel.PAGE) -> HttpResponse:
    """Begin anew: this browser has no key to the old talk any more."""
    here = door(place, channel)
    return here.forget(redirect(here.urls["home"]))


def _choice(request: HttpRequest, inside: str, lost: bool = False) -> HttpResponse:
    """The places below `inside`; `lost`: she came to one that is not there."""
    today = timezone.localdate()
    anywhere = door(ANYWHERE)
    talk = anywhere.talk(request)
    context = {
        "door": anywhere,
        "here": place_of(inside, today),
        "inside": inside,
        "places": below(inside, today),
        "going_on": talk is not None and talk.questions.exists(),
        "lost": lost,
    }
    return render(request, "assistant/resident/choose.html", context, status=404 if lost else 200)


def _of_her_talk(request: HttpRequest, here: Door) -> Question:
    """The question that a form names, if it is of the talk that this browser has the key of; else 404."""
    talk, number = here.talk(request), request.POST.get("question", "")
    if talk is None or not (number.isascii() and number.isdigit() and len(number) <= MOST_DIGITS):
        raise Http404
    return get_object_or_404(Question.objects.filter(talk=talk).select_related("talk"), pk=int(number))


def _one(here: Door, row: Question, handed: HandOver | None = None) -> dict[str, Any]:
    told = any(one["label"] == LABELS["law"] for one in row.reply.get("details", ()))  # among the lines already
    waits = handed is not None and handed.state in OPEN
    return {
        "door": here,
        "turn": {
            "row": row, "reply": row.reply, "handed": handed, "waits": waits, "law_told": told, "source": rests(row.reply),
        },
        "most_note": handing.MOST_NOTE,
    }  # fmt: skip


def _turns(here: Door, talk: Talk | None) -> list[dict[str, Any]]:
    """All questions of a talk with their replies and hand-overs. Two queries."""
    if talk is None:
        return []
    rows = list(talk.questions.defer("vector"))
    handed = {one.question_id: one for one in talk.hand_overs.all()}
    return [_one(here, row, handed.get(row.pk))["turn"] for row in rows]


def _turn(request: HttpRequest, here: Door, row: Question) -> HttpResponse:
    """What comes of a question: the new turn alone, or the page with all of them."""
    if request.htmx:  # type: ignore[attr-defined]
        return _private(render(request, "assistant/resident/_turn.html", _one(here, row)))
    return redirect(here.urls["home"] + "#last")


def _said(request: HttpRequest, here: Door, sentence: str, typed: str = "", status: int = 200) -> HttpResponse:
    """What could not be done, with what was typed."""
    if request.htmx:  # type: ignore[attr-defined]
        answer = _private(render(request, "assistant/resident/_said.html", {"said": sentence}))
        answer["HX-Retarget"], answer["HX-Reswap"] = "#said", "innerHTML"
    else:
        answer = _page(request, here, said=sentence, typed=typed[: asking.MOST])
    answer.status_code = status
    return answer


def _page(request: HttpRequest, here: Door, **more: Any) -> HttpResponse:
    today = timezone.localdate()
    turns = _turns(here, here.talk(request))
    known = {} if turns else titles(here.place.district, today)  # only who has not asked yet is offered questions
    context = {
        "door": here,
        "turns": turns,
        "common": common(here.place.district, today, known) if known else [],
        "groups": groups(known),
        "most": asking.MOST,
        "most_note": handing.MOST_NOTE,
        "days": settings.ASSISTANT_DAYS,
        "seconds": KIOSK_SECONDS,
        **more,
    }
    return _private(render(request, f"assistant/resident/{'kiosk' if here.kiosk else 'talk'}.html", context))


def _private(answer: HttpResponse) -> HttpResponse:
    """What somebody asked stays in no cache of a browser or a proxy, not even behind the button "back"."""
    add_never_cache_headers(answer)
    return answer
