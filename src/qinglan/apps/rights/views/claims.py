"""A worker's claims: her list, filing one, one claim with its way and what comes next, her own moves."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from qinglan.apps.base.tables import page_of, workbook
from qinglan.apps.people.models import Person
from qinglan.apps.people.permissions import ANSWER_CLAIMS, IMPORT_FACTS, can
from qinglan.apps.people.views.frame import attempt
from qinglan.apps.rights import permissions
from qinglan.apps.rights.actions import claims as actions
from qinglan.apps.rights.actions import corrections
from qinglan.apps.rights.forms import ClaimForm, CorrectionForm, NoteForm, ObjectionForm
from qinglan.apps.rights.models import Claim, Proposal
from qinglan.apps.rights.queries import claims as queries
from qinglan.apps.rights.queries.figures import amended_result, difference, figure_of
from qinglan.apps.rights.states import CLAIM_STEPS, ClaimMove
from qinglan.apps.rights.tables import ClaimTable, is_overdue
from qinglan.apps.rights.views.trail import trail

MOST_DIGITS = 15


@login_required
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """Her own claims and the proposals about her."""
    rows = queries.for_list(permissions.my_claims(request.user))
    names = queries.names_for(rows.order_by().values_list("org_code", flat=True))
    own = ("person", "org_code", "assigned_to")
    table = page_of(
        request, ClaimTable(rows, names=names, today=timezone.localdate(), request=request, exclude=own)
    )  # fmt: skip
    if request.GET.get("export"):
        return workbook(table, "我的诉求")
    person = request.user.person_id  # type: ignore[union-attr]
    about_me = permissions.proposals_for(request.user).filter(person=person)
    return render(
        request,
        "rights/mine.html",
        {
            "table": table,
            "proposals": about_me,
            "person": person,
            "ways": queries.LAWFUL_WAYS,
            "path": trail("mine"),
        },
    )


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else None


def _objection(request: HttpRequest, person: Person) -> actions.Objection | None:
    """The figure that the address names; None when it names none, Http404 for one that is not there."""
    if "result" not in request.GET:
        return None
    asked = ObjectionForm(request.GET)
    if not asked.is_valid():
        raise Http404
    given: dict[str, Any] = asked.cleaned_data
    result = permissions.get_objectionable_for(request.user, person, given["result"])
    return actions.Objection(result, given["family"], given["step"], given["month"])


@login_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """File a claim: about the figure or the proposal that the address names, or another matter; for herself, or (`person`) by
    an officer for somebody in her care."""
    person = permissions.get_claimant_for(request.user, _number(request, "person"))
    objection = _objection(request, person)
    proposal: Proposal | None = None
    if "proposal" in request.GET:
        proposal = permissions.get_proposal_for(request.user, _number(request, "proposal") or 0)
        if proposal.person_id != person.pk or proposal.state == Proposal.State.OPEN:
            raise Http404
    figure = figure_of(objection.result, objection.family, objection.step, objection.month) if objection else None
    if objection and figure is None:
        raise Http404
    form = ClaimForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            claim = actions.file(
                person=person, text=given["text"], key=given["key"], on=timezone.localdate(), by=request.user,
                objection=objection, proposal=proposal, evidence=given["papers"],
            )  # fmt: skip
        except actions.Conflict as error:
            actions.keep_conflict(claim_key=given["key"], text=given["text"], by=request.user)
            form.add_error(None, error.messages)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, f"已收到，编号 {claim.number}。")
            return redirect("rights:claim", claim.pk)
    herself = person.pk == request.user.person_id  # type: ignore[union-attr]
    context = {
        "form": form, "person": person, "figure": figure, "objection": objection, "proposal": proposal, "herself": herself,
        "path": trail("mine" if herself else "desk", "提出诉求"),
    }  # fmt: skip
    return render(request, "rights/new.html", context)


@login_required
@require_GET
def claim(request: HttpRequest, claim_id: int) -> HttpResponse:
    """One claim: the figure and its steps, its way, the answer, what came of it, and what the reader may do."""
    one = permissions.get_claim_for(request.user, claim_id)
    today = timezone.localdate()
    new_result = amended_result(one)
    after = [step for step in ClaimMove if step in CLAIM_STEPS and one.state in CLAIM_STEPS[step].sources]
    officer = can(request.user, ANSWER_CLAIMS, one.org_code) and not permissions.is_claimant(request.user, one)
    hers = permissions.acts_as_claimant(request.user, one)
    figure = figure_of(one.result, one.family, one.step, one.month) if one.result and one.family else None
    context: dict[str, Any] = {
        "claim": one,
        "figure": figure,
        "place": queries.names_for([one.org_code]).get(one.org_code, one.org_code),
        "overdue": is_overdue(one, today),
        "steps": one.steps.all(),
        "answers": one.answers.all(),
        "files": one.files.defer("content"),
        "next": queries.next_of(one, for_office=not permissions.is_claimant(request.user, one)),
        "ways": queries.LAWFUL_WAYS,
        "corrections": queries.corrections_of(one),
        "difference": difference(one, new_result) if new_result and figure else None,
        "officer": officer,
        "path": trail("mine" if permissions.is_claimant(request.user, one) else "desk", one.number),
        "from_desk": not permissions.is_claimant(request.user, one),
        "hers": hers,
        "may": {str(move) for move in after},
        "note": NoteForm(),
        "until": actions.review_until(one) if one.state == Claim.State.ANSWERED and one.level == 1 else None,
    }
    if officer and ClaimMove.ASSIGN in after:
        context["answerers"] = queries.answerers(one, today)
    answer = one.answers.order_by("-level").first()
    if officer and one.state == Claim.State.ANSWERED and answer is not None and answer.to_correct:
        context |= {
            "correcting": CorrectionForm(facts=queries.corrected_since(one, answer)),
            "wrong": queries.fact_named((answer.fact_kind, answer.fact_id)) if answer.fact_id else None,
            "wrong_kind": answer.fact_kind,
            "may_correct": can(request.user, IMPORT_FACTS, one.org_code),
            "amending": corrections.amending_run(one),
        }
    return render(request, "rights/claim.html", context)


@login_required
@require_GET
def evidence(request: HttpRequest, claim_id: int, file_id: int) -> HttpResponse:
    """A piece of evidence, as a download."""
    one = permissions.get_claim_for(request.user, claim_id)
    found = get_object_or_404(one.files, pk=file_id)
    if not found.content:  # emptied with who handed it in (ADR 0013)
        raise Http404
    answer = HttpResponse(actions.content_of(found), content_type=found.kind)
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=found.name)
    answer["Cache-Control"] = "private, no-store"
    return answer


def _own(request: HttpRequest, claim_id: int) -> Claim:
    """A claim that she filed or that is hers, or 404: an officer who reads it does not make the claimant's moves."""
    one = permissions.get_claim_for(request.user, claim_id)
    if not permissions.acts_as_claimant(request.user, one):
        raise Http404
    return one


def _note_of(request: HttpRequest) -> str:
    form = NoteForm(request.POST)
    return form.cleaned_data["note"] if form.is_valid() else request.POST.get("note", "")


@login_required
@require_POST
def withdraw(request: HttpRequest, claim_id: int) -> HttpResponse:
    """Take a claim back."""
    one, note = _own(request, claim_id), _note_of(request)
    attempt(request, lambda: actions.withdraw(claim=one, by=request.user, note=note), "已撤回。")
    return redirect("rights:claim", one.pk)


@login_required
@require_POST
def review(request: HttpRequest, claim_id: int) -> HttpResponse:
    """Ask for the one re-review."""
    one, note, today = _own(request, claim_id), _note_of(request), timezone.localdate()
    said = "已申请复核，将由另一人办理。"
    attempt(request, lambda: actions.ask_review(claim=one, by=request.user, on=today, note=note), said)
    return redirect("rights:claim", one.pk)


@login_required
@require_POST
def close(request: HttpRequest, claim_id: int) -> HttpResponse:
    """Close an answered claim: the claimant accepts, or an officer after the term."""
    one, note = permissions.get_claim_for(request.user, claim_id), _note_of(request)
    if not permissions.acts_as_claimant(request.user, one) and not can(request.user, ANSWER_CLAIMS, one.org_code):
        raise Http404
    today = timezone.localdate()
    attempt(request, lambda: actions.close(claim=one, by=request.user, on=today, note=note), "已办结。")
    return redirect("rights:claim", one.pk)
