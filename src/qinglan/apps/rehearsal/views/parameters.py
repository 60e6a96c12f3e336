"""The behavioural parameters: name, default, range, and where each is from."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from qinglan.apps.base.tables import page_of, workbook
from qinglan.apps.rehearsal import permissions
from qinglan.apps.rehearsal.forms import ParameterForm
from qinglan.apps.rehearsal.queries import scenarios
from qinglan.apps.rehearsal.tables import ParameterTable
from qinglan.core.twin.parameters import LEGEND

_PATH = [("推演", "/rehearsals/")]


@login_required
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """All of them, searched by name, code and source."""
    if not permissions.can_see(request.user):
        raise Http404
    chosen = ParameterForm(request.GET)
    said = chosen.cleaned_data if chosen.is_valid() else {"q": "", "basis": ""}
    text = said["q"].strip().lower()
    rows = [
        {
            "group": one.group, "label": scenarios.titled(one), "name": one.name, "default": one.default,
            "range": f"{one.low:g}–{one.high:g}", "kind": "做法" if one.name in scenarios.LEVERS else "假设", "basis": one.basis,
        }
        for one in scenarios.parameters()
        if (not said["basis"] or one.assumed == (said["basis"] == "assumed"))
        and text in f"{one.group} {one.label} {one.name} {one.basis}".lower()
    ]  # fmt: skip
    table = page_of(request, ParameterTable(rows, request=request))
    if request.GET.get("export"):
        return workbook(table, "行为参数", LEGEND)
    context = {"table": table, "chosen": chosen, "legend": LEGEND, "path": [*_PATH, ("行为参数", "")]}
    return render(request, "rehearsal/parameters.html", context)
