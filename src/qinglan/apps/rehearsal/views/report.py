"""What leaves the house: the printed report, and the scenario as a file to keep and to begin from."""

from __future__ import annotations

from urllib.parse import quote

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from qinglan.apps.base.printing import CannotPrint, pdf
from qinglan.apps.rehearsal import permissions
from qinglan.apps.rehearsal.queries import scenario_files
from qinglan.apps.rehearsal.queries.reporting import printed
from qinglan.apps.rehearsal.views.reading import names_of


@login_required
@never_cache
@require_GET
def report(request: HttpRequest, rehearsal_id: int) -> HttpResponse:
    """The report as PDF."""
    one = permissions.get_rehearsal_for(request.user, rehearsal_id)
    if not one.detail:
        messages.error(request, f"这次推演{one.get_state_display()}，算完以后才有报告。")
        return redirect("rehearsal:rehearsal", one.pk)
    try:
        content = pdf("rehearsal", printed(one, names_of(one), timezone.localdate()))
    except CannotPrint as error:
        messages.error(request, f"报告没有做出来。{error}")
        return redirect("rehearsal:rehearsal", one.pk)
    return _file(content, "application/pdf", f"推演报告-{one.name}.pdf")


@login_required
@never_cache
@require_GET
def scenario(request: HttpRequest, rehearsal_id: int) -> HttpResponse:
    """The candidate's scenario as `qinglan twin` reads it; `side=base`: the baseline's."""
    one = permissions.get_rehearsal_for(request.user, rehearsal_id)
    base = request.GET.get("side") == "base"
    text = scenario_files.written(one, base)
    return _file(text.encode(), "application/yaml", f"推演情景-{'现行' if base else one.name}.yaml")


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    return answer
