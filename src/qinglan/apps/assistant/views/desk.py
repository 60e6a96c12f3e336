"""The desk: questions that wait for a person; taken, put back, answered, closed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from qinglan.apps.assistant import permissions
from qinglan.apps.assistant.actions import handing
from qinglan.apps.assistant.forms.desk import CloseForm, DeskForm, HandAnswerForm, PutBackForm
from qinglan.apps.assistant.models import HandOver
from qinglan.apps.assistant.queries import desk as queries
from qinglan.apps.assistant.states import HANDING_STEPS, Handing, HandingMove
from qinglan.apps.assistant.tables.desk import HandOverTable
from qinglan.apps.base.tables import page_of, workbook
from qinglan.apps.people.permissions import KEEP_CARDS, can
from qinglan.apps.people.queries.organisations import names
from qinglan.apps.people.views.frame import attempt


@login_required
@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """What waits in the places for which she answers, with filters and export."""
    if not permissions.can_answer(request.user):
        raise PermissionDenied("居民提问由社区、街道和区里的工作人员答复；您没有这个权限。")
    now, today = timezone.now(), timezone.localdate()
    rows = permissions.hand_overs_for(request.user)
    places = queries.places_of(rows, today)
    chosen = DeskForm(request.GET, places=places, user=request.user)
    table = HandOverTable(queries.for_list(chosen.narrow(rows)), names=dict(places), now=now, request=request)
    table = page_of(request, table)
    if request.GET.get("export"):
        return workbook(table, "转人工的提问", f"截至 {today.isoformat()}")
    context = {"table": table, "chosen": chosen, "path": [("总览", "/"), ("居民提问", "")]}
    return render(request, "assistant/desk.html", context)


@login_required
@never_cache
@require_GET
def hand_over(request: HttpRequest, hand_over_id: int) -> HttpResponse:
    """One of them: the talk, what the assistant thought of, and what she may do."""
    return _page(request, permissions.get_hand_over_for(request.user, hand_over_id))


@login_required
@require_POST
def take(request: HttpRequest, hand_over_id: int) -> HttpResponse:
    """I answer this."""
    return _moved(
        request, hand_over_id, lambda row: handing.take(hand_over=row, by=request.user), "已由您接手，请写答复。"
    )


@login_required
@require_POST
def put_back(request: HttpRequest, hand_over_id: int) -> HttpResponse:
    """Others may take it."""
    reason = _chosen(PutBackForm(request.POST))
    return _moved(
        request, hand_over_id, lambda row: handing.put_back(hand_over=row, reason=reason, by=request.user), "已放回，其他人可以接手。"
    )  # fmt: skip


@login_required
@require_POST
def close(request: HttpRequest, hand_over_id: int) -> HttpResponse:
    """End it without an answer."""
    reason = _chosen(CloseForm(request.POST))
    return _moved(
        request, hand_over_id, lambda row: handing.close(hand_over=row, reason=reason, by=request.user), "已关闭，提问的人会看到原因。"
    )  # fmt: skip


@login_required
@never_cache
@require_POST
def answer(request: HttpRequest, hand_over_id: int) -> HttpResponse:
    """Answer it; what is refused comes back with what was typed."""
    row = permissions.get_hand_over_for(request.user, hand_over_id)
    form = HandAnswerForm(request.POST)
    if form.is_valid():
        try:
            handing.answer(hand_over=row, text=form.cleaned_data["text"], by=request.user)
        except ValidationError as error:
            form.add_error("text", error)
        else:
            return _moved(request, hand_over_id, lambda row: None, "已答复，提问的人现在就能看到。")
    row = permissions.get_hand_over_for(request.user, hand_over_id)
    return _page(request, row, form)


def _chosen(form: forms.Form) -> str:
    return str(form.cleaned_data["reason"]) if form.is_valid() else ""


def _moved(request: HttpRequest, number: int, act: Callable[[HandOver], Any], said: str) -> HttpResponse:
    row = permissions.get_hand_over_for(request.user, number)
    attempt(request, lambda: act(row), said)
    return redirect("assistant:hand-over", row.pk)


def _page(request: HttpRequest, row: HandOver, form: HandAnswerForm | None = None) -> HttpResponse:
    user: Any = request.user
    today = timezone.localdate()
    own, mine = row.asked_by_id == user.pk, row.taken_by_id == user.pk
    may = {move for move, (sources, _) in HANDING_STEPS.items() if row.state in sources and not own}
    if row.state == Handing.TAKEN and not mine:
        may -= {HandingMove.ANSWER, HandingMove.CLOSE}
    card = queries.guess(row, today) if row.state in (Handing.WAITING, Handing.TAKEN) else None
    context = {
        "row": row,
        "place": names([row.org_code], today).get(row.org_code, row.org_code),
        "waited": queries.waited(row, timezone.now()),
        "own": own,
        "mine": mine,
        "may": {move.value for move in may},
        "form": form or (HandAnswerForm() if HandingMove.ANSWER in may else None),
        "put_back": PutBackForm(initial={"reason": "" if mine else "away"}) if HandingMove.PUT_BACK in may else None,
        "close": CloseForm() if HandingMove.CLOSE in may else None,
        "reply": row.question.reply if row.question else None,
        "card": card,
        "card_text": queries.as_text(card)[: handing.MOST_ANSWER] if card else "",
        "card_url": _card_url(user, row),
        "path": [("总览", "/"), ("居民提问", reverse("assistant:desk")), (f"编号 {row.pk}", "")],
    }
    return render(request, "assistant/hand_over.html", context)


def _card_url(user: Any, row: HandOver) -> str:
    """Where an answered one becomes a card, for who keeps the cards of the place."""
    if row.state != Handing.ANSWERED or row.forgotten or not can(user, KEEP_CARDS, row.org_code):
        return ""
    try:
        return f"{reverse('assistant:card-new')}?hand_over={row.pk}"
    except NoReverseMatch:
        return ""
