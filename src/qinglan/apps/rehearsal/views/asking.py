"""Ask for a rehearsal, have it lived, cancel it, take its values up."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from qinglan.apps.people.queries import organisations as places
from qinglan.apps.people.views.frame import refused
from qinglan.apps.policy.models import Run
from qinglan.apps.policy.queries import rehearsing
from qinglan.apps.policy.queries.rehearsing import PackError
from qinglan.apps.rehearsal import permissions
from qinglan.apps.rehearsal.actions import adopting, making, running
from qinglan.apps.rehearsal.forms import AdoptForm, NewForm
from qinglan.apps.rehearsal.queries import scenarios
from qinglan.core.twin.parameters import Parameter

STREET_DIGITS = 9
PREFIX = "p_"
_PATH = [("推演", "/rehearsals/")]


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Choose place, years, values and assumptions. POST has it lived."""
    if not permissions.can_see(request.user):
        raise Http404
    runs = permissions.runs_for(request.user)
    asked = request.POST if request.method == "POST" else request.GET
    run = next((one for one in runs if str(one.pk) == asked.get("run", "")), None)
    if run is None and request.method == "POST":
        raise Http404
    run = run or (runs[0] if runs else None)
    if run is None:
        return render(request, "rehearsal/new.html", {"path": [*_PATH, ("新的推演", "")]})
    names = places.names_in_year(run.org_code, run.year)
    choices = {code: name for code, name in sorted(names.items()) if len(code) <= STREET_DIGITS}
    choices = {run.org_code: names.get(run.org_code, run.org_code)} | choices
    form = NewForm(request.POST if request.method == "POST" else None, places=choices)
    problems: list[str] = []
    if request.method == "POST":
        made, problems = _made(request, form, run)
        if made is not None:
            messages.success(request, "已开始推演。")
            return redirect("rehearsal:rehearsal", made.pk)
    titles = {one.org_code: names.get(one.org_code, one.org_code) for one in runs}
    context = {
        "form": form, "problems": problems, "run": run, "runs": [(one, titles[one.org_code]) for one in runs],
        "items": rehearsing.items_of(run), "rows": _again(run, request),
        "levers": _fields(scenarios.levers(), request),
        "assumptions": [(group, _fields(ones, request)) for group, ones in scenarios.assumptions()],
        "path": [*_PATH, ("新的推演", "")],
    }  # fmt: skip
    return render(request, "rehearsal/new.html", context, status=422 if problems or form.errors else 200)


def _made(request: HttpRequest, form: NewForm, run: Run) -> tuple[Any, list[str]]:
    """The rehearsal, or what is wrong."""
    parameters, problems = _parameters(request)
    if not form.is_valid() or problems:
        return None, problems
    rows = list(zip(*(request.POST.getlist(key) for key in ("item", "since", "value")), strict=False))
    try:
        return making.make(run=run, rows=rows, parameters=parameters, by=request.user, **form.cleaned_data), []
    except ValidationError as error:
        return None, error.messages


def _parameters(request: HttpRequest) -> tuple[dict[str, float], list[str]]:
    """What differs from the defaults, and which fields hold no number."""
    found: dict[str, float] = {}
    problems = []
    for one in scenarios.parameters():
        raw = request.POST.get(PREFIX + one.name, "").strip()
        if not raw:
            continue
        try:
            value = float(raw)
        except ValueError:
            problems.append(f"「{one.label}」须是一个数，写的是「{raw[:20]}」。")
            continue
        if value != one.default:
            found[one.name] = value
    return found, problems


def _fields(ones: list[Parameter], request: HttpRequest) -> list[dict[str, Any]]:
    """Parameters with what stands in their fields; `name` is the field's."""
    return [
        {
            "name": PREFIX + one.name, "label": one.label, "unit": one.unit, "basis": one.basis, "low": f"{one.low:g}",
            "high": f"{one.high:g}", "default": f"{one.default:g}",
            "value": request.POST.get(PREFIX + one.name, f"{one.default:g}"),
        }
        for one in ones
    ]  # fmt: skip


def _again(run: Run, request: HttpRequest) -> list[dict[str, Any]]:
    """The rows that were sent, so that a mistake costs no other row."""
    rows = []
    for item, since, value in zip(*(request.POST.getlist(key) for key in ("item", "since", "value")), strict=False):
        now = rehearsing.item_now(run, item)
        if now is not None:
            rows.append({"now": now, "since": since, "value": value, "lines": _lines(value)})
    return rows


def _lines(text: str) -> int:
    return max(1, min(12, text.count("\n") + 1))


@login_required
@never_cache
@require_GET
def row(request: HttpRequest) -> HttpResponse:
    """The fragment of one value to change, filled with what it is now, from the first lived year on."""
    runs = permissions.runs_for(request.user)
    run = next((one for one in runs if str(one.pk) == request.GET.get("run", "")), None)
    now = rehearsing.item_now(run, request.GET.get("add", "")) if run else None
    if run is None or now is None:
        raise Http404
    one = {"now": now, "since": f"{run.year + 1}-01-01", "value": now.text, "lines": _lines(now.text)}
    return render(request, "rehearsal/_row.html", {"one": one})


@login_required
@require_POST
def live(request: HttpRequest, rehearsal_id: int) -> HttpResponse:
    """Live it at once, when no worker does."""
    one = permissions.get_rehearsal_for(request.user, rehearsal_id)
    running.live(rehearsal=one, by=request.user)
    return redirect("rehearsal:rehearsal", one.pk)


@login_required
@require_POST
def cancel(request: HttpRequest, rehearsal_id: int) -> HttpResponse:
    """Stop it."""
    one = permissions.get_rehearsal_for(request.user, rehearsal_id)
    try:
        making.cancel(rehearsal=one, by=request.user)
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
    else:
        messages.success(request, "已取消。")
    return redirect("rehearsal:rehearsal", one.pk)


@login_required
@require_http_methods(["GET", "POST"])
def adopt(request: HttpRequest, rehearsal_id: int) -> HttpResponse:
    """Make its values a draft pack for a second person to release."""
    one = permissions.get_rehearsal_for(request.user, rehearsal_id)
    form = AdoptForm(request.POST if request.method == "POST" else None, today=timezone.localdate())
    problems: list[str] = []
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        since = date(said.pop("year"), 1, 1)
        try:
            made = adopting.adopt(rehearsal=one, since=since, by=request.user, **said)
        except PackError as error:
            problems = [f"{problem.wrong}。{problem.right}。" for problem in error.problems]
        except ValidationError as error:
            problems = error.messages
        except PermissionDenied as error:
            refused(request)
            problems = [str(error)]
        else:
            messages.success(request, "已拟成草稿。请看与现行的不同和对本区的影响，再提交，由另一人发布。")
            return redirect("policy:release", made.pk)
    context = {
        "row": one, "form": form, "problems": problems, "diff": scenarios.chosen_of(one).diff_text,
        "path": [*_PATH, (one.name, f"/rehearsals/{one.pk}/"), ("拟为政策包修订", "")],
    }  # fmt: skip
    return render(request, "rehearsal/adopt.html", context, status=422 if problems or form.errors else 200)
