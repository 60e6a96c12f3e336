"""The officers' side of claims: the desk, the rights day, assigning, answering, noting corrections."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from qinglan.apps.base.tables import page_of, workbook
from qinglan.apps.people.models import User
from qinglan.apps.people.permissions import ANSWER_CLAIMS, VIEW_CLAIMS, can, codes_for
from qinglan.apps.people.views.frame import attempt
from qinglan.apps.policy.queries.terms import NotInForce, terms_for
from qinglan.apps.rights import permissions
from qinglan.apps.rights.actions import claims as actions
from qinglan.apps.rights.actions import corrections
from qinglan.apps.rights.forms import AnswerForm, AssignForm, CorrectionForm, DeskForm
from qinglan.apps.rights.models import Claim
from qinglan.apps.rights.queries import claims as queries
from qinglan.apps.rights.queries.figures import figure_of
from qinglan.apps.rights.tables import ClaimTable
from qinglan.apps.rights.views.trail import trail

DISTRICT_DIGITS = 6


def _reader(request: HttpRequest) -> list[str]:
    """The codes whose claims the user reads; 404 for who reads none."""
    codes = codes_for(request.user, VIEW_CLAIMS)
    if not codes:
        raise Http404
    return codes


@login_required
@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """Claims of the places in scope, with filters and export."""
    _reader(request)
    today = timezone.localdate()
    rows = queries.owed_first(queries.for_list(permissions.claims_for(request.user)))
    places = queries.places_of(rows)
    chosen = DeskForm(request.GET, places=places, today=today)
    table = page_of(request, ClaimTable(chosen.narrow(rows), names=dict(places), today=today, request=request))
    if request.GET.get("export"):
        return workbook(table, "诉求", f"截至 {today.isoformat()}")
    return render(request, "rights/desk.html", {"table": table, "chosen": chosen, "path": trail("desk")})


def _day_asked(request: HttpRequest, district: str, today: date) -> tuple[date | None, str]:
    """The rights day to show, or the sentence why it is not known."""
    try:
        return date.fromisoformat(request.GET.get("on", "")), ""
    except ValueError:
        pass
    try:
        return terms_for(district, today).hearing(), ""
    except (ValidationError, NotInForce, KeyError) as error:
        return None, "；".join(error.messages) if isinstance(error, ValidationError) else str(error)


@login_required
@require_GET
def day(request: HttpRequest) -> HttpResponse:
    """The list for the coming rights day: what was gathered for it, and what earlier ones left; to print and to take along."""
    district = _reader(request)[0][:DISTRICT_DIGITS]
    today = timezone.localdate()
    on, unknown = _day_asked(request, district, today)
    rows = queries.for_list(permissions.claims_for(request.user))
    rows = queries.hearing(rows, on) if on else rows.none()
    names = queries.names_for(rows.order_by().values_list("org_code", flat=True))
    table = page_of(request, ClaimTable(rows, names=names, today=today, request=request))
    if request.GET.get("export"):
        return workbook(table, f"权益保护日{on or ''}", f"{on or ''} 集中听取，共 {len(table.rows)} 件")
    return render(
        request, "rights/day.html", {"table": table, "on": on, "unknown": unknown, "path": trail("desk", "权益保护日")}
    )


def _officer(request: HttpRequest, claim_id: int) -> Claim:
    """A claim of a place whose claims she may answer, or 404."""
    one = permissions.get_claim_for(request.user, claim_id)
    if not can(request.user, ANSWER_CLAIMS, one.org_code):
        raise Http404
    return one


@login_required
@require_POST
def assign(request: HttpRequest, claim_id: int) -> HttpResponse:
    """Say who answers."""
    one = _officer(request, claim_id)
    people = [(row.user.pk, row.name) for row in queries.answerers(one, timezone.localdate())]
    form = AssignForm(request.POST, people=people)
    if not form.is_valid():
        attempt(request, lambda: _refuse("请选一位办理人。"), "")
    else:
        to = get_object_or_404(User, pk=form.cleaned_data["to"])
        attempt(request, lambda: actions.assign(claim=one, to=to, by=request.user), "已指派，办理人已收到消息。")
    return redirect("rights:claim", one.pk)


def _refuse(sentence: str) -> None:
    raise ValidationError(sentence)


@login_required
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, claim_id: int) -> HttpResponse:
    """Answer a claim that was assigned to the user."""
    one = _officer(request, claim_id)
    permissions.check_independent(request.user, one)
    form = AnswerForm(request.POST or None, facts=queries.facts_of(one))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        done = attempt(
            request,
            lambda: actions.answer(
                claim=one, outcome=given["outcome"], reasons=given["reasons"], to_correct=given["to_correct"],
                fact=form.chosen_fact(), by=request.user,
            ),
            "已答复，本人已收到消息。",
        )  # fmt: skip
        if done:
            return redirect("rights:claim", one.pk)
    figure = figure_of(one.result, one.family, one.step, one.month) if one.result and one.family else None
    path = trail("desk", (one.number, reverse("rights:claim", args=[one.pk])), "答复")
    return render(request, "rights/answer.html", {"claim": one, "form": form, "figure": figure, "path": path})


@login_required
@require_POST
def correct(request: HttpRequest, claim_id: int) -> HttpResponse:
    """Note what was corrected."""
    one = _officer(request, claim_id)
    given = one.answers.order_by("-level").first()
    if given is None:
        raise Http404
    form = CorrectionForm(request.POST, facts=queries.corrected_since(one, given))
    if not form.is_valid():
        attempt(request, lambda: _refuse("请从名单里选更正过的记录，或写明改了什么。"), "")
    else:
        fact, note = queries.fact_named(form.chosen_fact()), form.cleaned_data["note"]
        said = "已登记。年度结果重新计算、审核、公布以后，再记为已更正。"
        attempt(request, lambda: corrections.link_correction(claim=one, by=request.user, fact=fact, note=note), said)
    return redirect("rights:claim", one.pk)


@login_required
@require_POST
def complete(request: HttpRequest, claim_id: int) -> HttpResponse:
    """Say that the correction is through."""
    one = _officer(request, claim_id)
    attempt(request, lambda: corrections.complete(claim=one, by=request.user), "已记为更正，本人已收到消息。")
    return redirect("rights:claim", one.pk)
