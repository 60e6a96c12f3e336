"""The workbooks that an office fills in for a study: an invented example with an explanation."""

from __future__ import annotations

from urllib.parse import quote

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from qinglan.apps.rehearsal import permissions
from qinglan.apps.rehearsal.actions.kinds import KINDS
from qinglan.apps.rehearsal.states import Kind

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@login_required
@require_GET
def template(request: HttpRequest, kind: str) -> HttpResponse:
    """The workbook of this kind of study."""
    if not permissions.can_see(request.user) or kind not in Kind.values:
        raise Http404
    blank = KINDS[Kind(kind)].blank
    if blank is None:
        raise Http404
    name, made = blank
    return HttpResponse(
        made(), content_type=XLSX, headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    )
