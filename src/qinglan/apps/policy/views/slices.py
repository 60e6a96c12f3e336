"""The people, and the units, behind one number of the cockpit: as many rows as the number says."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from qinglan.apps.base.models import is_within
from qinglan.apps.base.tables import page_of, workbook
from qinglan.apps.people.models import Person
from qinglan.apps.people.queries import organisations as places
from qinglan.apps.people.queries.people import search
from qinglan.apps.policy import permissions
from qinglan.apps.policy.models import Run
from qinglan.apps.policy.queries import results as queries
from qinglan.apps.policy.queries import slices
from qinglan.apps.policy.tables import ResultTable, UnitTable
from qinglan.core.frame.codes import Colour

MOST_DIGITS = 15
LEVELS = {"6": "区", "9": "街道", "12": "社区"}


def _run(request: HttpRequest) -> Run:
    number = request.GET.get("run", "")
    if not (number.isascii() and number.isdecimal() and len(number) <= MOST_DIGITS):
        raise Http404
    return permissions.get_run_for(request.user, int(number))


def _place(request: HttpRequest, names: dict[str, str]) -> str:
    """The organisation asked for, if the user may see any of it; "" for all of hers."""
    code = request.GET.get("org", "")
    if not code:
        return ""
    if not any(is_within(one, code) for one, _ in permissions.in_scope(request.user, names)):
        raise Http404
    return code


@login_required
@never_cache
@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """The results of a run in all slices that the address asks for."""
    run = _run(request)
    names = places.names_in_year(run.org_code, run.year)
    org, asked, word = _place(request, names), slices.asked(request.GET), request.GET.get("q", "").strip()
    rows = slices.narrowed(permissions.results_for(request.user).filter(run=run), run, asked)
    exact = bool(org) and request.GET.get("exact") == "1"  # its own people, not those of the organisations below
    if org:
        rows = rows.filter(org_code=org) if exact else rows.within(org)  # type: ignore[attr-defined]
    if word:
        rows = rows.filter(person__in=search(Person.objects.all(), word).order_by().values("pk"))
    rows = queries.with_leaving(queries.with_grade_score(rows.select_related("person"), run), run)
    table = page_of(
        request, ResultTable(rows.defer("frame", "steps", "months", "segments"), names=names, request=request)
    )
    said = [f"{names.get(org, org)}{'（本级）' if exact else ''}"] if org else []
    said += [f"{slices.WAYS[key].label}：{slices.WAYS[key].label_of(number)}" for key, number in asked.items()]
    if request.GET.get("export"):
        return workbook(
            table, f"{run.year}年度名单", f"{run.get_state_display()}；{'；'.join(said)}；{len(table.rows)} 人"
        )
    context: dict[str, Any] = {
        "run": run,
        "table": table,
        "said": said,
        "q": word,
        "title": "名单",
        "kept": _kept(request),
    }
    return render(request, "policy/slice.html", context)


@login_required
@never_cache
@require_GET
def units(request: HttpRequest) -> HttpResponse:
    """The units of a run of one colour (0: none) and level (digits of the code), within the user's scope."""
    run = _run(request)
    names = places.names_in_year(run.org_code, run.year)
    org = _place(request, names)
    rows = permissions.units_for(request.user).filter(run=run)
    said = [names.get(org, org)] if org else []
    if org:
        rows = rows.within(org)  # type: ignore[attr-defined]
    if (level := request.GET.get("level", "")) in LEVELS:
        rows = rows.filter(org_code__regex=rf"^.{{{level}}}$")
        said.append(LEVELS[level])
    colour = request.GET.get("colour", "")
    if colour == "0":
        rows = rows.filter(colour=None)
        said.append("没有颜色")
    elif colour in map(str, map(int, Colour)):
        rows = rows.filter(colour=int(colour))
        said.append(f"{Colour.labels()[int(colour)]}色")
    table = page_of(request, UnitTable(rows.defer("frame", "steps"), names=names, request=request))
    if request.GET.get("export"):
        return workbook(
            table, f"{run.year}单位名单", f"{run.get_state_display()}；{'；'.join(said)}；{len(table.rows)} 个单位"
        )
    return render(request, "policy/slice.html", {"run": run, "table": table, "said": said, "title": "单位"})


def _kept(request: HttpRequest) -> list[tuple[str, str]]:
    """What a search within the list keeps of the address."""
    return [(key, str(request.GET[key])) for key in request.GET if key in (*slices.WAYS, "run", "org", "exact")]
