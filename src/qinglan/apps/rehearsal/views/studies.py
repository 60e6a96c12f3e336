"""The pages of studies: the list, asking one of any kind, its answer with its progress."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from qinglan.apps.base.tables import page_of, workbook
from qinglan.apps.base.views import send_on
from qinglan.apps.facts.queries import worker_seen
from qinglan.apps.people.queries import organisations
from qinglan.apps.people.views.frame import attempt
from qinglan.apps.policy.models import Run
from qinglan.apps.rehearsal import permissions
from qinglan.apps.rehearsal.actions import studying
from qinglan.apps.rehearsal.actions.kinds import KINDS
from qinglan.apps.rehearsal.actions.kinds.shape import StudyForm, StudyKind
from qinglan.apps.rehearsal.forms import StudyListForm
from qinglan.apps.rehearsal.models import Study
from qinglan.apps.rehearsal.queries import places, showing
from qinglan.apps.rehearsal.states import WAITING, Kind, State
from qinglan.apps.rehearsal.tables import KINDS as COLOURS
from qinglan.apps.rehearsal.tables import StudyTable

_PATH = [("专题研究", "/studies/")]
DISTRICT_DIGITS = 6


@login_required
@never_cache
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """The studies of the districts in scope, the newest first."""
    if not permissions.can_see(request.user):
        raise Http404
    rows = permissions.studies_for(request.user).defer("outcome", "inputs")
    chosen = StudyListForm(request.GET)
    if chosen.is_valid():
        said = chosen.cleaned_data
        rows = rows.filter(name__contains=said["q"].strip()) if said["q"].strip() else rows
        rows = rows.filter(**{key: said[key] for key in ("kind", "state") if said[key]})
    names = organisations.names(set(rows.order_by().values_list("org_code", flat=True)), timezone.localdate())
    table = page_of(request, StudyTable(rows, names=names, request=request))
    if request.GET.get("export"):
        return workbook(table, "专题研究", f"截至 {timezone.localdate().isoformat()}")
    context = {"table": table, "chosen": chosen, "kinds": list(KINDS.values()), "path": [("专题研究", "")]}
    return render(request, "rehearsal/studies/list.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Ask a study of one `kind`; the address may bring values of its fields along. POST has it answered."""
    asked = request.POST if request.method == "POST" else request.GET
    if not permissions.can_see(request.user) or asked.get("kind") not in KINDS:
        raise Http404
    one = KINDS[Kind(asked["kind"])]
    runs = permissions.runs_for(request.user)
    run = next((each for each in runs if str(each.pk) == asked.get("run", "")), None)
    if run is None and request.method == "POST":
        raise Http404
    run = run or (runs[0] if runs else None)
    context: dict[str, Any] = {"kind": one, "run": run, "path": [*_PATH, (one.label, "")]}
    if run is None:
        return render(request, "rehearsal/studies/new.html", context)
    form = _form(request, one, run)
    problems: list[str] = []
    if request.method == "POST" and form.is_valid():
        try:
            made = _made(request, one, run, form)
        except ValidationError as error:
            problems = error.messages
        else:
            messages.success(request, "已开始计算。")
            return redirect("rehearsal:study", made.pk)
    names = organisations.names({each.org_code for each in runs}, timezone.localdate())
    context |= {
        "form": form, "problems": problems,
        "runs": [(each, names.get(each.org_code, each.org_code)) for each in runs],
    }  # fmt: skip
    return render(request, "rehearsal/studies/new.html", context, status=422 if problems or form.errors else 200)


def _form(request: HttpRequest, one: StudyKind, run: Run) -> StudyForm:
    given: dict[str, Any] = {"places": places.places_of(run), "run": run}
    if request.method == "POST":
        return one.form(request.POST, request.FILES, **given)
    return one.form(initial={"name": one.label, **request.GET.dict()}, **given)


def _made(request: HttpRequest, one: StudyKind, run: Run, form: StudyForm) -> Study:
    """Raises ValidationError, also what `inputs` finds wrong."""
    said = form.cleaned_data
    return studying.make(
        kind=one.kind, run=run, place=said["place"], name=said["name"], inputs=form.inputs(), by=request.user
    )  # fmt: skip


@login_required
@never_cache
@require_GET
def study(request: HttpRequest, study_id: int) -> HttpResponse:
    """One study: what was asked and what came out. `export`: its rows."""
    one = permissions.get_study_for(request.user, study_id)
    kind = KINDS[Kind(one.kind)]
    names = organisations.names_in_year(one.org_code[:DISTRICT_DIGITS], one.year or timezone.localdate().year)
    place = names.get(one.org_code, one.org_code)
    if request.GET.get("export") and one.outcome:
        note = f"{one.name}：{place}。{showing.NO_FORECAST}"
        return workbook(kind.table(one), f"{kind.label}{one.pk}", note)
    waits = one.state in WAITING
    context: dict[str, Any] = {
        "row": one, "kind": kind, "colour": COLOURS.get(State(one.state), "plain"), "place": place, "waits": waits,
        "found": one.outcome, "names": names, "note": showing.NO_FORECAST, "job": progress_of(one) if waits else None,
        "stalled": waits and not worker_seen(), "path": [*_PATH, (one.name, "")],
    }  # fmt: skip
    if one.outcome:
        context |= kind.shown(one)
    return render(request, kind.template, context)


def progress_of(row: Study) -> dict[str, Any]:
    """The job as the progress bar reads it."""
    seen = "?seen=1" if row.outcome else ""
    return {
        "label": "正在计算" if row.state == State.RUNNING else "等待后台计算", "done": row.done, "total": row.total,
        "state": "running", "message": "可以离开本页，算完以后再来看。第一次要先编译，可能多等半分钟。",
        "url": reverse("rehearsal:study-progress", args=[row.pk]) + seen,
    }  # fmt: skip


@login_required
@never_cache
@require_GET
def progress(request: HttpRequest, study_id: int) -> HttpResponse:
    """What a waiting page asks every second: the bar again, or the page anew when something is known or it has ended."""
    one = permissions.get_study_for(request.user, study_id)
    first = request.GET.get("seen", "") != "1" and one.outcome is not None
    if one.state not in WAITING or first:
        return send_on(request, reverse("rehearsal:study", args=[one.pk]))
    if one.state == State.QUEUED and not worker_seen():
        return render(request, "rehearsal/studies/_stalled.html", {"row": one})
    return render(request, "base/_progress.html", {"job": progress_of(one)})


@login_required
@require_POST
def answer(request: HttpRequest, study_id: int) -> HttpResponse:
    """Answer it at once, when no worker does."""
    one = permissions.get_study_for(request.user, study_id)
    studying.answer(study=one, by=request.user)
    return redirect("rehearsal:study", one.pk)


@login_required
@require_POST
def cancel(request: HttpRequest, study_id: int) -> HttpResponse:
    """Stop it."""
    one = permissions.get_study_for(request.user, study_id)
    attempt(request, lambda: studying.cancel(study=one, by=request.user), "已取消。")
    return redirect("rehearsal:study", one.pk)
