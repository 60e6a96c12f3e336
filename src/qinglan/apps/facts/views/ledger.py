"""Facts: the list of a kind, one fact with its history, its correction and withdrawal, and a person's facts."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from qinglan.apps.base.tables import page_of, workbook
from qinglan.apps.facts import permissions, queries
from qinglan.apps.facts.actions import recording
from qinglan.apps.facts.forms import CorrectionForm, ReasonForm
from qinglan.apps.facts.models import KINDS
from qinglan.apps.facts.tables import FactTable
from qinglan.apps.people.models import Person, User
from qinglan.apps.people.permissions import get_person_for
from qinglan.apps.people.queries import organisations as places
from qinglan.apps.people.queries.people import search


@login_required
@require_GET
def facts(request: HttpRequest) -> HttpResponse:
    """Facts of one kind within the user's scope."""
    kind = request.GET.get("kind", "training")
    rows = permissions.facts_for(request.user, kind).current()
    word = request.GET.get("q", "").strip()
    if word:
        rows = rows.filter(person__in=search(Person.objects.all(), word))
    units = rows.filter(person=None).order_by().values_list("org_code", flat=True).distinct()
    names = places.names(units, timezone.localdate())
    rows = rows.select_related("person").order_by("-valid_on", "-pk")
    table = page_of(request, FactTable(rows, kind=kind, names=names, request=request))
    if request.GET.get("export"):
        return workbook(table, str(KINDS[kind]._meta.verbose_name))
    kinds = [(key, str(KINDS[key]._meta.verbose_name)) for key in permissions.kinds_seen(request.user)]
    may_import = bool(permissions.import_districts(request.user))
    return render(
        request, "facts/facts.html", {"table": table, "kind": kind, "kinds": kinds, "q": word, "may_import": may_import}
    )


def _context(request: HttpRequest, kind: str, fact: Any) -> dict[str, Any]:
    history = queries.history_of(fact)
    head = history[-1]
    users = User.objects.filter(pk__in={one.by_id for one in history if one.by_id})
    accounts = {user.pk: user.get_full_name() or user.get_username() for user in users}
    who = fact.person.name if fact.person_id else places.names([fact.org_code], timezone.localdate()).get(fact.org_code)
    return {
        "fact": fact, "head": head, "kind": kind, "title": str(KINDS[kind]._meta.verbose_name),
        "who": who or fact.org_code, "may_correct": permissions.may_correct(request.user, head),
        "history": [(one, accounts.get(one.by_id or 0) or "系统") for one in reversed(history)],
        "batch_open": fact.batch_id and permissions.batches_for(request.user).filter(pk=fact.batch_id).exists(),
    }  # fmt: skip


@login_required
@require_GET
def fact(request: HttpRequest, kind: str, fact_id: int) -> HttpResponse:
    """One fact: what is known, what it was before, who recorded each and by what evidence."""
    one = permissions.get_fact_for(request.user, kind, fact_id)
    return render(request, "facts/fact.html", _context(request, kind, one) | {"reason": ReasonForm()})


@login_required
@require_http_methods(["GET", "POST"])
def correct(request: HttpRequest, kind: str, fact_id: int) -> HttpResponse:
    """Say what it should be and why; the fact as it was stays."""
    one = permissions.get_fact_for(request.user, kind, fact_id)
    if not permissions.may_correct(request.user, one):
        raise PermissionDenied("您没有更正这条记录的权限，请联系所在街道或区级管理员。")
    form = CorrectionForm(request.POST or None, fact=one)
    if request.method == "POST" and form.is_valid():
        try:
            made = recording.correct(fact=one, by=request.user, reason=form.cleaned_data["reason"], **form.values())
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, "已更正，原来的记录留在历史里。")
            return redirect("facts:fact", kind, made.pk)
    return render(request, "facts/correct.html", _context(request, kind, one) | {"form": form})


@login_required
@require_POST
def withdraw(request: HttpRequest, kind: str, fact_id: int) -> HttpResponse:
    """Say that it did not happen, and why."""
    one = permissions.get_fact_for(request.user, kind, fact_id)
    if not permissions.may_correct(request.user, one):
        raise PermissionDenied("您没有撤销这条记录的权限，请联系所在街道或区级管理员。")
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return render(request, "facts/fact.html", _context(request, kind, one) | {"reason": form})
    try:
        made = recording.withdraw(fact=one, by=request.user, reason=form.cleaned_data["reason"])
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
        return redirect("facts:fact", kind, one.pk)
    messages.success(request, "已撤销，记录留在历史里，不再参加计算。")
    return redirect("facts:fact", kind, made.pk)


@login_required
@require_GET
def person_facts(request: HttpRequest, person_id: int) -> HttpResponse:
    """The fragment of a person's page: her facts by kind."""
    person = get_person_for(request.user, person_id)
    groups = queries.facts_of_person(person, lambda kind: permissions.person_facts_for(request.user, kind))
    return render(request, "facts/_person_facts.html", {"groups": groups})
