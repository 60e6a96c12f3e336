"""The pages of evaluations: the list, asking for one, what came of it with its progress."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models.fields.json import KeyTransform
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from qinglan.apps.assistant import permissions
from qinglan.apps.assistant.actions import evaluating
from qinglan.apps.assistant.forms.evaluations import EvaluationListForm, LineForm, SetForm
from qinglan.apps.assistant.models import CardVersion, Evaluation
from qinglan.apps.assistant.queries import measuring
from qinglan.apps.assistant.queries.measuring import WAITING
from qinglan.apps.assistant.states import Measuring
from qinglan.apps.assistant.tables.evaluations import STATES, EvaluationTable, LineTable
from qinglan.apps.assistant.views.frame import districts_of, number_in
from qinglan.apps.base.tables import page_of, workbook
from qinglan.apps.base.templatetags.figures import moment
from qinglan.apps.base.views import send_on
from qinglan.apps.facts.queries import worker_seen
from qinglan.apps.people.queries.organisations import names
from qinglan.apps.people.views.frame import attempt
from qinglan.core.retrieval.evaluating import COLUMNS, TARGET

_PATH = [("总览", "/"), ("助手评测", "/assistant/evaluations/")]


@login_required
@never_cache
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """The evaluations of her districts, the newest first."""
    districts_of(request)
    rows = permissions.evaluations_for(request.user).defer("questions", "outcome").select_related("draft")
    rows = rows.annotate(shares=KeyTransform("shares", "outcome"), size=measuring.SIZE)
    chosen = EvaluationListForm(request.GET)
    if chosen.is_valid():
        said = chosen.cleaned_data
        rows = rows.filter(name__contains=said["q"].strip()) if said["q"].strip() else rows
        rows = rows.filter(draft__isnull=said["of"] == "now") if said["of"] else rows
        rows = rows.filter(state=said["state"]) if said["state"] else rows
    table = page_of(request, EvaluationTable(rows, request=request))
    if request.GET.get("export"):
        return workbook(table, "助手评测", f"截至 {timezone.localdate().isoformat()}")
    context = {"table": table, "chosen": chosen, "path": [_PATH[0], (_PATH[1][0], "")]}
    return render(request, "assistant/evaluations/list.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Choose or bring in a set of questions; `draft`: the card version to measure. POST has it asked."""
    asked = request.POST if request.method == "POST" else request.GET
    districts, draft, today = districts_of(request), _draft(request, asked.get("draft", "")), timezone.localdate()
    district = draft.org_code if draft else asked.get("district", "") or next(iter(districts))
    if district not in districts:
        raise Http404
    cards = measuring.cards_with(draft, today) if draft else measuring.cards_of(district, today)
    form = SetForm(
        request.POST if request.method == "POST" else None, request.FILES or None, district=district, cards=cards,
        initial={"chosen": asked.get("chosen", "development")},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            made = evaluating.make(
                district=district, name=said["set"], questions=said["questions"], draft=draft, by=request.user
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, "已开始评测。")
            return redirect("assistant:evaluation", made.pk)
    context = {
        "form": form, "draft": draft, "district": district, "path": [*_PATH, ("新的评测", "")],
        "districts": list(districts.items()),
    }  # fmt: skip
    return render(request, "assistant/evaluations/new.html", context, status=422 if form.errors else 200)


def _draft(request: HttpRequest, number: str) -> CardVersion | None:
    if not number:
        return None
    found = number_in(number)
    if found is None:
        raise Http404
    return permissions.get_version_for(request.user, found)


@login_required
@require_GET
def sample(request: HttpRequest) -> HttpResponse:
    """The development set as a workbook: what a file of questions looks like."""
    districts_of(request)
    rows = [COLUMNS, *([one.question, one.expected, one.city, one.context] for one in measuring.development())]
    return workbook(rows, "开发集")


@login_required
@never_cache
@require_GET
def evaluation(request: HttpRequest, evaluation_id: int) -> HttpResponse:
    """What came of one evaluation, misses first, beside the target and the earlier ones of the same set. `export`: its questions."""
    row = permissions.get_evaluation_for(request.user, evaluation_id)
    waits = row.state in WAITING
    context: dict[str, Any] = {
        "row": row, "colour": STATES[Measuring(row.state)], "waits": waits, "job": progress_of(row) if waits else None,
        "stalled": _stalled(row), "at_once": row.total <= evaluating.MOST_AT_ONCE, "found": row.outcome, "path": [*_PATH, (row.name, "")],
        "place": names([row.org_code], timezone.localdate()).get(row.org_code, row.org_code),
    }  # fmt: skip
    context["again"] = measuring.newest_of(row)
    if row.outcome:
        table, chosen, every = _lines(request, row)
        if request.GET.get("export"):
            note = f"{row.name}，{moment(row.ended_at)}评测；目标 {TARGET:.0%}（assistant.ai98）"
            return workbook(table, f"评测{row.pk}", note)
        context |= {"table": table, "chosen": chosen, **_figures(row, every)}
    return render(request, "assistant/evaluations/evaluation.html", context)


def _lines(request: HttpRequest, row: Evaluation) -> tuple[LineTable, LineForm, list[measuring.Line]]:
    every = measuring.lines(row)
    drafted = row.draft is not None
    chosen = LineForm(request.GET, drafted=drafted)
    said = chosen.cleaned_data if chosen.is_valid() else {}
    show, words = said.get("show", ""), said.get("q", "").strip()
    rows = every
    if show in measuring.CHANGES:
        rows = [one for one in rows if one.change == show]
    elif show != "all":
        rows = [one for one in rows if not one.right or one.change]
    if words:
        rows = [one for one in rows if words in one.question or words in one.context]
    today = timezone.localdate()
    cards = measuring.cards_with(row.draft, today) if row.draft else measuring.cards_of(row.org_code, today)
    table = LineTable(rows, titles=measuring.titles_of(cards), drafted=drafted, request=request)
    return page_of(request, table), chosen, every


def _figures(row: Evaluation, every: list[measuring.Line]) -> dict[str, Any]:
    """What the page tells of all its questions."""
    counts = {change: sum(one.change == change for one in every) for change in measuring.CHANGES}
    series, outcome = measuring.earlier(row), row.outcome or {}
    before = outcome["before"]
    was = {one.label: one for one in measuring.figures(before)} if before else {}
    aimed = [label for label in measuring.AIMED if measuring.shares_of(outcome)[label].all]  # of what was asked
    return {
        "figures": [(one, was.get(one.label)) for one in measuring.figures(outcome) if one.share.all], "target": f"{TARGET:.0%}", "counts": counts,
        "size": len(every), "misses": sum(not one.right for one in every), "changed": sum(counts.values()),
        "earlier": [(one, [each for each in measuring.figures({"shares": one.shares}) if each.label in aimed]) for one in series],
        "chart": measuring.over_time(series) if len(series) > 1 else None, "aimed": aimed,
    }  # fmt: skip


def _stalled(row: Evaluation) -> bool:
    return row.state == Measuring.QUEUED and not worker_seen()


def progress_of(row: Evaluation) -> dict[str, Any]:
    """The job as the progress bar reads it."""
    return {
        "label": "正在评测" if row.state == Measuring.RUNNING else "等待后台评测", "done": row.done, "total": row.total,
        "state": "running", "message": "可以离开本页，问完以后再来看。", "url": reverse("assistant:evaluation-progress", args=[row.pk]),
    }  # fmt: skip


@login_required
@never_cache
@require_GET
def progress(request: HttpRequest, evaluation_id: int) -> HttpResponse:
    """What a waiting page asks every second: the bar again, or the page anew when it has ended."""
    row = permissions.get_evaluation_for(request.user, evaluation_id)
    if row.state not in WAITING:
        return send_on(request, reverse("assistant:evaluation", args=[row.pk]))
    if _stalled(row):
        context = {"row": row, "at_once": row.total <= evaluating.MOST_AT_ONCE}
        return render(request, "assistant/evaluations/_stalled.html", context)
    return render(request, "base/_progress.html", {"job": progress_of(row)})


@login_required
@require_POST
def carry_out(request: HttpRequest, evaluation_id: int) -> HttpResponse:
    """Ask it all at once, when nobody works on background jobs; a large set is left to them."""
    row = permissions.get_evaluation_for(request.user, evaluation_id)
    if row.total > evaluating.MOST_AT_ONCE:
        messages.error(request, "问题太多，要由后台来问；请等管理员启动后台。")
    else:
        evaluating.carry_out(evaluation=row, by=request.user)
    return redirect("assistant:evaluation", row.pk)


@login_required
@require_POST
def cancel(request: HttpRequest, evaluation_id: int) -> HttpResponse:
    """Stop it."""
    row = permissions.get_evaluation_for(request.user, evaluation_id)
    attempt(request, lambda: evaluating.cancel(evaluation=row, by=request.user), "已取消。")
    return redirect("assistant:evaluation", row.pk)
