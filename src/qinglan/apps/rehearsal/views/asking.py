"""Ask for a rehearsal, have it lived, cancel it, take its values up."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from qinglan.apps.people.queries import organisations
from qinglan.apps.people.views.frame import attempt, refused
from qinglan.apps.policy.models import PackRelease, Run
from qinglan.apps.policy.queries import rehearsing
from qinglan.apps.policy.queries.rehearsing import PackError
from qinglan.apps.rehearsal import permissions
from qinglan.apps.rehearsal.actions import adopting, making, running
from qinglan.apps.rehearsal.forms import AdoptForm, FileForm, NewForm
from qinglan.apps.rehearsal.queries import calibrated, filling, places, scenario_files, scenarios
from qinglan.apps.rehearsal.queries.bases import packs_of, text_of
from qinglan.apps.rehearsal.queries.filling import BASE, CANDIDATE
from qinglan.core.twin.parameters import LEGEND, Parameter, catalogue

_PATH = [("推演", "/rehearsals/")]
# What officers try first; the rest follows group by group.
COMMON = (
    "pay.cert_allowance.amount", "pay.star_rating.coefficients", "pay.three_plus_x.start_level", "pay.three_plus_x.scale",
    "pay.eight_items.communications", "train.annual_days.days", "assess.jh_grades.excellent_quota",
    "pay.star_rating.five_star_quota", "career.job_requirements.quota", "career.rotation_15.quota", "pay.growth_mechanism.cap",
)  # fmt: skip


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Choose place, years, values and assumptions. POST has it lived. `again`: filled in as an earlier one; an address may fill in
    any field by its name. `own`: the same form with the district's own leaving parameters in it."""
    if not permissions.can_see(request.user):
        raise Http404
    posted = request.method == "POST"
    given: QueryDict = request.POST if posted else request.GET
    if again := "" if posted else request.GET.get("again", ""):
        if not (again.isascii() and again.isdigit()):
            raise Http404
        given = filling.filled_again(permissions.get_rehearsal_for(request.user, int(again)))
    runs = permissions.runs_for(request.user)
    run = next((one for one in runs if str(one.pk) == given.get("run", "")), None)
    if run is None and posted:
        raise Http404
    run = run or (runs[0] if runs else None)
    if run is None:
        return render(request, "rehearsal/new.html", {"path": [*_PATH, ("新的推演", "")]})
    wants_own = "own" in (request.POST if posted else request.GET)
    if wants_own and (own := calibrated.own_of(run)):
        given = calibrated.put(given, own)
    posted = posted and not wants_own
    form = _form(run, given, posted)
    problems: list[str] = []
    if posted:
        made, problems = _made(request, form, run)
        if made is not None:
            messages.success(request, "已开始推演。")
            return redirect("rehearsal:rehearsal", made.pk)
    return _page(request, runs, run, form, given, problems)


@login_required
@never_cache
@require_POST
def from_file(request: HttpRequest) -> HttpResponse:
    """The form filled in from a scenario file; nothing is kept yet."""
    if not permissions.can_see(request.user):
        raise Http404
    runs = permissions.runs_for(request.user)
    run = next((one for one in runs if str(one.pk) == request.POST.get("run", "")), None)
    if run is None:
        raise Http404
    file = FileForm(request.POST, request.FILES)
    problems: list[str] = []
    given = QueryDict(mutable=True)
    if file.is_valid():
        try:
            raw = file.cleaned_data["file"].read(scenario_files.MOST_BYTES + 1)
            given, notes = scenario_files.filled_from_file(raw, run)
        except scenario_files.FileProblem as error:
            problems = error.problems
        else:
            messages.success(request, "已照文件填好，请核对后再推演。")
            for note in notes:
                messages.warning(request, note)
    else:
        problems = [str(one) for one in file.errors.get("file", [])]
    return _page(request, runs, run, _form(run, given, False), given, problems)


def _form(run: Run, given: QueryDict, posted: bool) -> NewForm:
    form = NewForm(given if posted else None, places=places.places_of(run), packs=packs_of(run))
    if not posted:
        form.initial = {name: given[name] for name in form.fields if given.get(name)}
    return form


def _page(
    request: HttpRequest, runs: list[Run], run: Run, form: NewForm, given: QueryDict, problems: list[str]
) -> HttpResponse:
    rows, gone = _rows(run, given)
    problems = [*problems, *gone]
    names = organisations.names_in_year(run.org_code, run.year)
    titles = {one.org_code: names.get(one.org_code, one.org_code) for one in runs}
    context = {
        "form": form, "file": FileForm(), "problems": problems, "run": run, "runs": [(one, titles[one.org_code]) for one in runs],
        "items": _items(run), "rows": rows, "levers": _fields(scenarios.levers(), given),
        "assumptions": [(group, _fields(ones, given)) for group, ones in scenarios.assumptions()],
        "leaving": calibrated.leaving(run, calibrated.own_of(run), _used(given)), "legend": LEGEND,
        "path": [*_PATH, ("新的推演", "")],
    }  # fmt: skip
    return render(request, "rehearsal/new.html", context, status=422 if problems or form.errors else 200)


def _used(given: QueryDict) -> float:
    """The rate of leaving that stands in the form."""
    try:
        return float(given.get(CANDIDATE + calibrated.RATE, ""))
    except ValueError:
        return catalogue()[calibrated.RATE].default


def _items(run: Run) -> list[tuple[str, list[tuple[str, str]]]]:
    """The year's items by group, those asked for most often first."""
    grouped = rehearsing.items_of(run)
    labels = {name: label for _, items in grouped for name, label in items}
    common = [(name, labels[name]) for name in COMMON if name in labels]
    return [("常用", common), *grouped] if common else grouped


def _made(request: HttpRequest, form: NewForm, run: Run) -> tuple[Any, list[str]]:
    """The rehearsal, or what is wrong."""
    levers = [one for one in scenarios.parameters() if one.name in scenarios.LEVERS]
    parameters, problems = _numbers(request.POST, CANDIDATE, scenarios.parameters())
    base, more = _numbers(request.POST, BASE, levers)
    if not form.is_valid() or problems or more:
        return None, problems + more
    said = dict(form.cleaned_data)
    sides = making.Sides(base, text_of(said.pop("base_text")), text_of(said.pop("other_text")))
    try:
        rows = filling.rows_of(request.POST)
        return making.make(run=run, rows=rows, parameters=parameters, sides=sides, by=request.user, **said), []
    except ValidationError as error:
        return None, error.messages


def _numbers(sent: QueryDict, prefix: str, ones: list[Parameter]) -> tuple[dict[str, float], list[str]]:
    """What differs from the defaults, and which fields hold no number."""
    found: dict[str, float] = {}
    problems = []
    for one in ones:
        raw = sent.get(prefix + one.name, "").strip()
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


def _fields(ones: list[Parameter], given: QueryDict) -> list[dict[str, Any]]:
    """Parameters with what stands in their fields; `name` is the field's, `base` that of the baseline."""
    return [
        {
            "name": CANDIDATE + one.name, "base": BASE + one.name, "label": scenarios.titled(one), "basis": one.basis,
            "low": f"{one.low:g}", "high": f"{one.high:g}", "default": f"{one.default:g}",
            "value": given.get(CANDIDATE + one.name, f"{one.default:g}"),
            "base_value": given.get(BASE + one.name, f"{one.default:g}"),
        }
        for one in ones
    ]  # fmt: skip


def _rows(run: Run, given: QueryDict) -> tuple[list[dict[str, Any]], list[str]]:
    """(the rows that were given, so that a mistake costs no other row; what cannot stand in the form)."""
    found: list[dict[str, Any]] = []
    gone = []
    for item, since, value in filling.rows_of(given):
        now = rehearsing.item_now(run, item)
        if now is not None:
            found.append(_row(now, since, value, len(found)))
        else:
            gone.append(f"{run.year} 年的政策包「{run.pack_title}」没有「{item[:60]}」这一项，没有填进表里。")
    return found, gone


def _row(now: Any, since: str, value: str, number: int) -> dict[str, Any]:
    """One value to change: a table of one column has a field for each of its names, any other is edited as it is written."""
    lines = max(1, min(12, value.count("\n") + 1))
    return {
        "now": now,
        "since": since,
        "value": value,
        "cells": filling.cells_of(value),
        "lines": lines,
        "number": number,
    }


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
    number = int(timezone.now().timestamp() * 1000)  # another row of the same item has fields of its own
    one = _row(now, f"{run.year + 1}-01-01", now.text, number)
    return render(request, "rehearsal/_row.html", {"one": one})


@login_required
@require_POST
def warm(request: HttpRequest) -> HttpResponse:
    """Somebody is filling in the form: a worker reads the year's people meanwhile."""
    runs = permissions.runs_for(request.user)
    run = next((one for one in runs if str(one.pk) == request.POST.get("run", "")), None)
    if run is None:
        raise Http404
    making.warm(run=run)
    return HttpResponse(status=204)


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
    attempt(request, lambda: making.cancel(rehearsal=one, by=request.user), "已取消。")
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
    since = form.since(request.GET.get("year", ""))
    pack, tried = scenarios.draft_words(one, since)
    context = {
        "row": one, "form": form, "problems": problems, "since": since, "pack": pack, "tried": tried,
        "release": PackRelease.objects.filter(pk=one.release_id).first() if one.release_id else None,
        "path": [*_PATH, (one.name, f"/rehearsals/{one.pk}/"), ("拟为政策包修订", "")],
    }  # fmt: skip
    return render(request, "rehearsal/adopt.html", context, status=422 if problems or form.errors else 200)
