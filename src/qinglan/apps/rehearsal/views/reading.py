"""The list of rehearsals, one with its bands and differences; how far it is."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from qinglan.apps.base.tables import lines, page_of, workbook
from qinglan.apps.base.views import send_on
from qinglan.apps.facts.queries import worker_seen
from qinglan.apps.people.queries import organisations as places
from qinglan.apps.policy.models import PackRelease
from qinglan.apps.rehearsal import permissions
from qinglan.apps.rehearsal.forms import ListForm
from qinglan.apps.rehearsal.models import Rehearsal
from qinglan.apps.rehearsal.queries import bases, calibrated, grouping, headlines, scenarios, showing
from qinglan.apps.rehearsal.states import WAITING
from qinglan.apps.rehearsal.tables import (
    KINDS,
    AssumptionTable,
    GroupYears,
    MonthTable,
    RehearsalTable,
    WinnerYears,
    YearTable,
)
from qinglan.core.twin.parameters import LEGEND

_PATH = [("推演", "/rehearsals/")]
DISTRICT_DIGITS = 6


@login_required
@never_cache
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """The rehearsals of the districts in scope, the newest first."""
    if not permissions.can_see(request.user):
        raise Http404
    rows = permissions.rehearsals_for(request.user).defer("outcome", "detail", "scenario")
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
    """One rehearsal: what was changed, bands of both, differences by year, the assumptions. `export`: everything as a workbook."""
    one = permissions.get_rehearsal_for(request.user, rehearsal_id)
    found = one.found
    if request.GET.get("export") and found:
        return _book(one)
    chosen, texts = scenarios.chosen_of(one), scenarios.texts_of(one)
    waits = one.state in WAITING
    context: dict[str, Any] = {
        "row": one, "kind": KINDS.get(Rehearsal.State(one.state), "plain"), "found": found, "waits": waits,
        "place": names_of(one).get(one.org_code, one.org_code), "chosen": chosen, "packs": bases.named(one, texts),
        "tried": [*scenarios.diff_words(chosen, one.run, texts), *scenarios.lever_words(chosen)],
        "assumptions": showing.assumption_rows(chosen), "note": showing.NO_FORECAST,
        "job": showing.progress_of(one) if waits else None,
        "stalled": waits and not worker_seen(), "may_adopt": permissions.may_adopt(request.user, one),
        "release": PackRelease.objects.filter(pk=one.release_id).first() if one.release_id else None,
        "leaving": calibrated.of_rehearsal(one), "legend": LEGEND,
        "detailed": one.detail is not None, "path": [*_PATH, (one.name, "")],
    }  # fmt: skip
    if found:
        context["charts"] = list(showing.charts(found))
        context["headlines"] = headlines.last_year(found)
        context["totals"] = headlines.all_years(found)
        context["differences"] = showing.differences(found)
    if one.more:
        context["winners"] = grouping.winner_words(one.more, found["years"])
    return render(request, "rehearsal/rehearsal.html", context)


def _book(one: Rehearsal) -> HttpResponse:
    found, detail = one.found, one.more
    names = names_of(one)
    assumed = [
        {"group": group, **row} for group, rows in showing.assumption_rows(scenarios.chosen_of(one)) for row in rows
    ]
    more: list[tuple[str, Any]] = []
    if detail:
        more += [
            ("逐月", lines(MonthTable, showing.month_rows(found["years"], detail["months"]))),
            ("分组", lines(GroupYears, grouping.all_rows(detail, found["years"], names))),
            ("得失", lines(WinnerYears, grouping.all_winners(detail, found["years"], names))),
        ]
    more.append(("假设", lines(AssumptionTable, assumed)))
    return workbook(lines(YearTable, showing.year_rows(found)), f"推演{one.pk}结果", note_of(one) + LEGEND, more)


def names_of(one: Rehearsal) -> dict[str, str]:
    """{code: name} of the places of the rehearsal's district in its year."""
    return places.names_in_year(one.org_code[:DISTRICT_DIGITS], one.year)


def note_of(one: Rehearsal) -> str:
    """The line above every table that leaves the house."""
    place = names_of(one).get(one.org_code, one.org_code)
    return f"{one.name}：{place}，{one.year} 年末起，{one.done} 次。{showing.NO_FORECAST}"


@login_required
@never_cache
@require_GET
def progress(request: HttpRequest, rehearsal_id: int) -> HttpResponse:
    """What a waiting page asks every second: the bar again, or the whole page anew when the first band is there or it has ended."""
    one = permissions.get_rehearsal_for(request.user, rehearsal_id, "outcome", "detail")
    first = request.GET.get("seen", "") != "1" and one.done > 0
    if one.state not in WAITING or first:
        return send_on(request, reverse("rehearsal:rehearsal", args=[one.pk]))
    if one.state == Rehearsal.State.QUEUED and not worker_seen():
        return render(request, "rehearsal/_stalled.html", {"row": one})
    return render(request, "base/_progress.html", {"job": showing.progress_of(one)})
