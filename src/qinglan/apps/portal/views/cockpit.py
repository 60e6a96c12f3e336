"""The cockpit of a district: its figures on one page, on paper, as a workbook, and on the wall."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from qinglan.apps.base.tables import workbook
from qinglan.apps.people.queries import organisations as places
from qinglan.apps.policy.permissions import in_scope, runs_for
from qinglan.apps.portal.permissions import can_open_cockpit
from qinglan.apps.portal.queries.cockpit import HEADS, chosen_run, cockpit
from qinglan.apps.portal.tables import FigureTable, figures_of


@login_required
@never_cache
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """?district= and ?year= choose the run, ?org= narrows it; ?wall=1 shows nothing but the figures, ?export=xlsx gives them."""
    if not can_open_cockpit(request.user):
        raise Http404
    run = chosen_run(request.user, request.GET.get("year", ""), request.GET.get("district", ""))
    if run is None:
        return render(request, "portal/cockpit_empty.html", {})
    names = places.names_in_year(run.org_code, run.year)
    offered = in_scope(request.user, names)
    org = request.GET.get("org", "")
    if org and org not in dict(offered):
        raise Http404
    shown = cockpit(request.user, run, names, org)
    if request.GET.get("export"):
        note = (
            f"{shown.place}；{run.year} 年度（{run.get_state_display()}）；政策包「{run.pack_title}」{run.pack_version}"
        )
        return workbook(FigureTable(figures_of(shown), request=request), f"{run.year}年度全区概况", note)
    shortest = min(len(code) for code, _ in offered)
    years = (
        runs_for(request.user).shown().filter(org_code=run.org_code).order_by("-year").values_list("year", flat=True)
    )
    return render(
        request,
        "portal/wall.html" if request.GET.get("wall") else "portal/cockpit.html",
        {
            "shown": shown,
            "run": run,
            "org": org,
            "heads": HEADS,
            "least": settings.LEAST_CELL,
            "years": list(years.distinct()),
            "organisations": [(code, f"{'　' * ((len(code) - shortest) // 3)}{name}") for code, name in offered],
            "path": [("总览", "/"), ("全区概况", "")],
        },
    )
