"""Deciding on a year: the review desk, its marks, and the moves from draft to publication."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from qinglan.apps.base.tables import page_of, workbook
from qinglan.apps.people.permissions import SIGN_YEAR, check
from qinglan.apps.people.queries import organisations as places
from qinglan.apps.people.views.frame import attempt, refused
from qinglan.apps.policy import permissions
from qinglan.apps.policy.actions import decisions
from qinglan.apps.policy.forms import DecisionForm, MarkForm, ReviewFilterForm
from qinglan.apps.policy.models import PersonResult, Run
from qinglan.apps.policy.queries import differences as comparing
from qinglan.apps.policy.queries import review as queries
from qinglan.apps.policy.states import Move, State
from qinglan.apps.policy.tables import DifferenceTable, ReviewTable

ACTIONS: Mapping[Move, Callable[..., Run]] = {
    Move.SUBMIT: decisions.submit,
    Move.RETURN: decisions.send_back,
    Move.SIGN: decisions.sign,
    Move.PUBLISH: decisions.publish,
}
SAID = {
    Move.SUBMIT: "已提交审核，请另一人复核并签署。",
    Move.RETURN: "已退回为草案。",
    Move.SIGN: "已签署，金额不再变动；请第三人公布。",
    Move.PUBLISH: "已公布，本人可以看到自己的结果。",
}


@login_required
@require_POST
def decide(request: HttpRequest, run_id: int) -> HttpResponse:
    """Make one move of a run."""
    run = permissions.get_run_for(request.user, run_id)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        messages.error(request, "请从页面上的按钮办理；说明不超过 500 字。")
        return redirect("policy:run", run.pk)
    move = Move(form.cleaned_data["move"])
    note = form.cleaned_data["note"]
    attempt(request, lambda: ACTIONS[move](run=run, by=request.user, note=note), SAID[move])
    return redirect("policy:run", run.pk)


@login_required
@require_GET
def review(request: HttpRequest, run_id: int) -> HttpResponse:
    """The rows to look at before signing: why each was chosen, what was said of it."""
    run = permissions.get_run_for(request.user, run_id)
    check(request.user, SIGN_YEAR, run.org_code)
    chosen = ReviewFilterForm(request.GET)
    rows = chosen.narrow(queries.items(run))
    names = places.names_in_year(run.org_code, run.year)
    open_ = run.state == State.IN_REVIEW
    table = page_of(request, ReviewTable(rows, names=names, request=request, exclude=() if open_ else ("chosen",)))
    if request.GET.get("export"):
        return workbook(table, f"{run.year}年度复核名单")
    return render(
        request,
        "policy/review.html",
        {
            "run": run,
            "table": table,
            "form": MarkForm(),
            "chosen": chosen,
            "open": open_,
            "left": queries.unmarked(run),
        },
    )


@login_required
@require_GET
def differences(request: HttpRequest, run_id: int, other_id: int) -> HttpResponse:
    """What one run says otherwise than another of the district: person by person, in sum, and where each difference begins."""
    new, old = (permissions.get_run_for(request.user, one) for one in (run_id, other_id))
    if new.org_code != old.org_code:
        raise Http404
    names = places.names_in_year(new.org_code, new.year)
    mine = permissions.results_for(request.user)
    rows = comparing.changed(old, new).filter(pk__in=mine.filter(run=new).values("pk"))
    table = page_of(request, DifferenceTable(rows, names=names, request=request))
    if request.GET.get("export"):
        return workbook(table, f"{new.year}年度差异", f"{old} 与 {new} 的差异")
    table.begin(_causes(old, new, [row.record for row in table.page.object_list]))
    left = comparing.gone(old, new).filter(pk__in=mine.filter(run=old).values("pk"))
    whole = permissions.sees_whole_district(request.user, new.org_code)
    context = {
        "old": old,
        "new": new,
        "table": table,
        "left": left.defer("frame", "steps", "months", "segments"),
        "sums": [comparing.sums(one) for one in (old, new)] if whole else None,
        "packs": old.pack_hash != new.pack_hash,
    }
    return render(request, "policy/differences.html", context)


def _causes(old: Run, new: Run, rows: Sequence[PersonResult]) -> dict[int, list[comparing.Cause]]:
    """What the differences of the rows on this page begin with, by the row's id."""
    before = {
        one.person_id: one for one in PersonResult.objects.filter(run=old, person__in=[r.person_id for r in rows])
    }
    found = {}
    for row in rows:
        row.run = new
        if row.person_id in before:
            before[row.person_id].run = old
            found[row.pk] = comparing.causes(before[row.person_id], row)
    return found


@login_required
@require_POST
def mark(request: HttpRequest, run_id: int) -> HttpResponse:
    """Note on the chosen rows that they are in order, or doubted."""
    run = permissions.get_run_for(request.user, run_id)
    form = MarkForm(request.POST)
    items = [int(one) for one in request.POST.getlist("item") if one.isdecimal() and len(one) < 16]
    if not form.is_valid():
        messages.error(request, "；".join(str(error) for errors in form.errors.values() for error in errors))
    elif not items:
        messages.error(request, "请先在名单里勾选核对过的人。")
    else:
        try:
            count = decisions.mark(run=run, items=items, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            messages.error(request, "；".join(error.messages))
        except PermissionDenied as error:
            refused(request)
            messages.error(request, str(error))
        else:
            messages.success(request, f"已记下 {count} 人的复核意见。")
    answer = redirect("policy:review", run.pk)
    kept = request.POST.get("query", "")
    if kept:
        answer["Location"] += f"?{QueryDict(kept).urlencode()}"
    return answer
