"""The list of rehearsals, one with its bands and differences, its groups; how far it is."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from qinglan.apps.base.tables import page_of, workbook
from qinglan.apps.facts.queries import worker_seen
from qinglan.apps.people.queries import organisations as places
from qinglan.apps.rehearsal import permissions
from qinglan.apps.rehearsal.forms import GroupForm, ListForm
from qinglan.apps.rehearsal.models import Rehearsal
from qinglan.apps.rehearsal.queries import scenarios, showing
from qinglan.apps.rehearsal.states import WAITING
from qinglan.apps.rehearsal.tables import KINDS, GroupTable, MonthTable, RehearsalTable, YearTable

_PATH = [("推演", "/rehearsals/")]
DISTRICT_DIGITS = 6


@login_required
@never_cache
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """The rehearsals of the districts in scope, the newest first."""
    if not permissions.can_see(request.user):
        raise Http404
    rows = permissions.rehearsals_for(request.user).defer("outcome", "scenario")
    chosen = ListForm(request.GET)
    if chosen.is_valid():
        text, state = chosen.cleaned_data["q"].strip(), chosen.cleaned_data["state"]
        rows = rows.filter(name__contains=text) if text else rows
        rows = rows.filter(state=state) if state else rows
    names = places.names(set(rows.order_by().values_list("org_code", flat=True)), timezone.localdate())
    table = page_of(request, RehearsalTable(rows, names=names, request=request))
    if request.GET.get("export"):
        return workbook(table, "推演", f"截至 {timezone.localdate().isoformat()}")
    return render(request, "rehearsal/list.html", {"table": table, "chosen": chosen, "path": [("推演", "")]})


@login_required
@never_cache
@require_GET
def rehearsal(request: HttpRequest, rehearsal_id: int) -> HttpResponse:
    """One rehearsal: what was changed, bands of both, differences by year, the assumptions. `export`: the figures by year, or by month."""
    one = permissions.get_rehearsal_for(request.user, rehearsal_id)
    found = one.outcome
    if request.GET.get("export") == "months" and found:
        return workbook(MonthTable(showing.month_rows(found), request=request), f"推演{one.pk}逐月结果", _note(one))
    if request.GET.get("export") and found:
        return workbook(YearTable(showing.year_rows(found), request=request), f"推演{one.pk}逐年结果", _note(one))
    chosen = scenarios.chosen_of(one)
    waits = one.state in WAITING
    context: dict[str, Any] = {
        "row": one, "kind": KINDS.get(Rehearsal.State(one.state), "plain"), "found": found, "waits": waits,
        "place": _names(one).get(one.org_code, one.org_code), "chosen": chosen,
        "tried": [*scenarios.diff_words(chosen, one.run), *scenarios.lever_words(chosen)],
        "assumptions": showing.assumption_rows(chosen), "note": showing.NO_FORECAST,
        "job": showing.progress_of(one) if waits else None,
        "stalled": waits and not worker_seen(), "may_adopt": permissions.may_adopt(request.user, one),
        "path": [*_PATH, (one.name, "")],
    }  # fmt: skip
    if found:
        context["charts"] = list(showing.charts(found))
        context["differences"] = showing.differences(found)
    return render(request, "rehearsal/rehearsal.html", context)


def _names(one: Rehearsal) -> dict[str, str]:
    return places.names_in_year(one.org_code[:DISTRICT_DIGITS], one.year)


def _note(one: Rehearsal) -> str:
    return f"{one.name}：{_names(one).get(one.org_code, one.org_code)}，{one.year} 年末起，{one.done} 次。{showing.NO_FORECAST}"


@login_required
@never_cache
@require_GET
def progress(request: HttpRequest, rehearsal_id: int) -> HttpResponse:
    """What a waiting page asks every second: the bar again, or the whole page anew when the first band is there or it has ended."""
    one = permissions.get_rehearsal_for(request.user, rehearsal_id)
    first = request.GET.get("seen", "") != "1" and one.done > 0
    if one.state not in WAITING or first:
        if not request.headers.get("HX-Request"):
            return redirect("rehearsal:rehearsal", one.pk)
        response = HttpResponse()
        response["HX-Redirect"] = reverse("rehearsal:rehearsal", args=[one.pk])
        return response
    if one.state == Rehearsal.State.QUEUED and not worker_seen():
        return render(request, "rehearsal/_stalled.html", {"row": one})
    return render(request, "base/_progress.html", {"job": showing.progress_of(one)})


@login_required
@never_cache
@require_GET
def groups(request: HttpRequest, rehearsal_id: int) -> HttpResponse:
    """One measure by one way to group, in the last year; groups that are too small are not there."""
    one = permissions.get_rehearsal_for(request.user, rehearsal_id)
    found = one.outcome
    if not found:
        return redirect("rehearsal:rehearsal", one.pk)
    chosen = GroupForm(request.GET if request.GET.get("by") else {"by": "subdistrict", "of": "stability"})
    said = chosen.cleaned_data if chosen.is_valid() else {"by": "subdistrict", "of": "stability"}
    names = _names(one)
    rows = showing.group_rows(found, said["by"], said["of"], names)
    table = page_of(request, GroupTable(rows, request=request))
    title = f"{showing.MEASURES[said['of']]}，按{showing.DIMENSIONS[said['by']]}"
    if request.GET.get("export"):
        return workbook(table, f"推演{one.pk}分组结果", f"{title}，{found['years'][-1]} 年。{_note(one)}")
    context = {
        "row": one, "found": found, "chosen": chosen, "table": table, "title": title, "year": found["years"][-1],
        "hidden": found["hidden"].get(said["by"], 0), "least": settings.LEAST_CELL, "note": showing.NO_FORECAST,
        "path": [*_PATH, (one.name, reverse("rehearsal:rehearsal", args=[one.pk])), ("分组", "")],
    }  # fmt: skip
    return render(request, "rehearsal/groups.html", context)
