"""The pages of erasures: the list, the request with what would go and what stays, the confirmation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from qinglan.apps.base.tables import page_of, workbook
from qinglan.apps.erasure import permissions
from qinglan.apps.erasure.actions import asking
from qinglan.apps.erasure.forms import AskForm, ChosenForm
from qinglan.apps.erasure.models import Erasure
from qinglan.apps.erasure.queries import conditions, hers, preview
from qinglan.apps.erasure.states import OPEN, Ground, Move
from qinglan.apps.erasure.tables import ErasureTable
from qinglan.apps.people.permissions import ERASE_PEOPLE, check_anywhere
from qinglan.apps.people.queries import organisations as organisation_queries
from qinglan.apps.people.views.frame import refused

_PATH = [("总览", "/"), ("个人信息删除", "/erasures/")]


@login_required
@never_cache
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """The erasures of the districts in scope."""
    check_anywhere(request.user, ERASE_PEOPLE)
    rows = permissions.erasures_for(request.user)
    chosen = ChosenForm(request.GET)
    if chosen.is_valid():
        text, state = chosen.cleaned_data["q"].strip(), chosen.cleaned_data["state"]
        if state:
            rows = rows.filter(state=state)
        if text.isdigit() and len(text) < 19:
            rows = rows.filter(Q(pk=int(text)) | Q(person=int(text)))
        elif text:
            rows = rows.filter(person__name__contains=text)
    today = timezone.localdate()
    names = organisation_queries.names(set(rows.order_by().values_list("org_code", flat=True)), today)
    table = page_of(request, ErasureTable(rows, names=names, request=request))
    if request.GET.get("export"):
        return workbook(table, "个人信息删除", f"截至 {today.isoformat()}")
    return render(
        request, "erasure/list.html", {"table": table, "chosen": chosen, "path": [_PATH[0], (_PATH[1][0], "")]}
    )


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, person_id: int) -> HttpResponse:
    """The request for one person: what stands against it, what would go, what stays and why."""
    person = permissions.get_person_to_erase(request.user, person_id)
    form = AskForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = asking.ask(person=person, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, "申请已提出，等另一位区级管理员确认。")
            return redirect("erasure:erasure", made.pk)
    ground = form.data.get("ground", Ground.EXPIRED) if form.is_bound else Ground.EXPIRED
    any_ground = conditions.conditions(
        person, Ground.OTHER, timezone.localdate()
    )  # the term of keeping is for EXPIRED alone
    context = {
        "never": not all(one.met for one in any_ground),
        "person": person, "form": form, "open": Erasure.objects.filter(person=person, state__in=OPEN).first(),
        **_told(person, ground if ground in Ground.values else Ground.EXPIRED),
        "path": [*_PATH, (person.name, reverse("people:person", args=[person.pk])), ("申请删除", "")],
    }  # fmt: skip
    return render(request, "erasure/ask.html", context)


def _told(person: Any, ground: str) -> dict[str, Any]:
    of = hers.whole(person)
    found = conditions.conditions(person, ground, timezone.localdate())
    return {
        "conditions": found, "unmet": sum(not one.met for one in found), "parts": preview.parts(of),
        "records": [one.pk for one in of.persons], "accounts": [one.pk for one in of.accounts],
    }  # fmt: skip


@login_required
@never_cache
@require_GET
def erasure(request: HttpRequest, erasure_id: int) -> HttpResponse:
    """One erasure: while it waits, what the other person needs to decide; afterwards what was done."""
    one = permissions.get_erasure_for(request.user, erasure_id)
    waits = one.state == Erasure.State.ASKED
    tables = {model._meta.db_table: preview.table_words(model) for model in apps.get_models(include_auto_created=True)}
    context = {
        "erasure": one, "waits": waits, "mine": one.asked_by_id == request.user.pk,
        "counts": [(tables.get(name, name), rows) for name, rows in one.counts.items()],
        "left": [(tables.get(name, name), key) for name, key in one.left],
        **(_told(one.person, one.ground) if waits else {}),
        "path": [*_PATH, (f"第 {one.pk} 号", "")],
    }  # fmt: skip
    return render(request, "erasure/erasure.html", context)


@login_required
@never_cache
@require_POST
def move(request: HttpRequest, erasure_id: int, move: str) -> HttpResponse:
    """Confirm it, or refuse it."""
    one = permissions.get_erasure_for(request.user, erasure_id)
    moves: dict[str, tuple[Callable[[], Any], str]] = {
        Move.CONFIRM: (lambda: asking.confirm(erasure=one, by=request.user), "已确认，后台正在删除，请稍后刷新。"),
        Move.DROP: (
            lambda: asking.drop(erasure=one, note=request.POST.get("note", ""), by=request.user),
            "已记为不删除，没有改动任何数据。",
        ),
    }
    if move not in moves:
        raise Http404
    act, said = moves[move]
    try:
        act()
    except ValidationError as error:
        for sentence in error.messages:
            messages.error(request, sentence)
    except PermissionDenied as error:
        refused(request)
        messages.error(request, str(error))
    else:
        messages.success(request, said)
    return redirect("erasure:erasure", one.pk)
