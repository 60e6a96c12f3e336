"""Proposals that end or lower somebody: whom the rules name, the checklist of the law, hearing, confirming by another."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from qinglan.apps.base.tables import page_of, workbook
from qinglan.apps.people.permissions import CHANGE_PEOPLE, PUBLISH_YEAR, VIEW_CLAIMS, can, codes_for, scope_condition
from qinglan.apps.people.views.frame import attempt
from qinglan.apps.policy.models import PersonResult
from qinglan.apps.rights import permissions
from qinglan.apps.rights.actions import proposals as actions
from qinglan.apps.rights.forms import ProposalFilterForm, TickForm, WordsForm
from qinglan.apps.rights.models import Proposal, ProposalKind
from qinglan.apps.rights.queries import claims as claim_queries
from qinglan.apps.rights.queries import conditions
from qinglan.apps.rights.queries import proposals as queries
from qinglan.apps.rights.states import PROPOSAL_STEPS, PROPOSED, ProposalMove
from qinglan.apps.rights.tables import ProposalTable
from qinglan.apps.rights.views.trail import trail

MOST_SHOWN = 50  # candidates on the page; the rest come up as these are handled


@login_required
@require_GET
def proposals(request: HttpRequest) -> HttpResponse:
    """Whom published years propose to end or lower, and the proposals taken up."""
    if not codes_for(request.user, VIEW_CLAIMS):
        raise Http404
    chosen = ProposalFilterForm(request.GET)
    rows = chosen.narrow(permissions.proposals_for(request.user)).select_related("person")
    names = claim_queries.names_for(rows.order_by().values_list("org_code", flat=True))
    table = page_of(request, ProposalTable(rows, names=names, request=request))
    if request.GET.get("export"):
        return workbook(table, "处置建议")
    run = queries.published_runs(request.user).first()
    found = queries.candidates(request.user, run) if run else []
    context = {
        "table": table,
        "chosen": chosen,
        "run": run,
        "candidates": [(row, kind, kind.label) for row, kind in found[:MOST_SHOWN]],
        "count": len(found),
        "may_propose": bool(codes_for(request.user, CHANGE_PEOPLE)),
        "path": trail("proposals"),
    }
    return render(request, "rights/proposals.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest, result_id: int, kind: str) -> HttpResponse:
    """Take up what a published result proposes, with reasons."""
    own = request.user.person_id  # type: ignore[union-attr]
    rows = PersonResult.objects.filter(scope_condition(request.user, CHANGE_PEOPLE)).exclude(person=own)
    result = get_object_or_404(rows.select_related("run", "person"), pk=result_id)
    ground = queries.ground_of(result, kind)
    if ground is None or result.run.state != result.run.State.PUBLISHED:
        raise Http404
    form = WordsForm(request.POST or None)
    form.fields["text"].label = "拟议理由"
    if request.method == "POST" and form.is_valid():
        made: list[Proposal] = []
        done = attempt(
            request,
            lambda: made.append(
                actions.propose(
                    result=result, kind=kind, reasons=form.cleaned_data["text"], on=timezone.localdate(), by=request.user
                )
            ),
            "已拟议。请核对前提，再告知本人。",
        )  # fmt: skip
        if done:
            return redirect("rights:proposal", made[0].pk)
    context = {
        "form": form, "result": result, "kind": ProposalKind(kind).label, "said": ground[1],
        "path": trail("proposals", "拟议"),
    }  # fmt: skip
    return render(request, "rights/propose.html", context)


@login_required
@require_GET
def proposal(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """One proposal: the figures it stands on, the checklist, its way, and what the reader may do."""
    one = permissions.get_proposal_for(request.user, proposal_id)
    herself = one.person_id == request.user.person_id  # type: ignore[union-attr]
    lines = conditions.checklist(one, timezone.localdate())
    after = {str(move) for move, step in PROPOSAL_STEPS.items() if one.state in step.sources}
    handles = not herself and can(request.user, CHANGE_PEOPLE, one.org_code)
    decides = not herself and one.by_id != request.user.pk and can(request.user, PUBLISH_YEAR, one.org_code)
    why_not = _why_not(request, one) if decides else ""
    decides = decides and not why_not
    context = {
        "proposal": one,
        "herself": herself,
        "handles": handles,
        "decides": decides,
        "why_not": why_not,
        "path": trail("mine" if herself else "proposals", one.number),
        "drops": decides or one.by_id == request.user.pk,
        "may": after,
        "lines": lines,
        "left": sum(line.open for line in lines),
        "ticks": (handles or decides) and one.state in PROPOSED,
        "steps": one.steps.all(),
        "claims": one.claims.all() if herself or handles or decides else [],
        "place": claim_queries.names_for([one.org_code]).get(one.org_code, one.org_code),
        "ways": claim_queries.LAWFUL_WAYS,
    }
    return render(request, "rights/proposal.html", context)


def _why_not(request: HttpRequest, one: Proposal) -> str:
    """Why this user does not decide on the proposal; empty when she may."""
    try:
        permissions.check_confirm(request.user, one)
    except PermissionDenied as error:
        return str(error)
    return ""


SAID = {
    ProposalMove.INFORM: "已告知本人，请听取陈述。",
    ProposalMove.HEAR: "陈述已记下。",
    ProposalMove.CONFIRM: "已确认。系统不自动办理任何手续，请依法由人办理。",
    ProposalMove.DROP: "已记为不采纳。",
    ProposalMove.REVOKE: "已撤销。",
}


@login_required
@require_POST
def move(request: HttpRequest, proposal_id: int, move: str) -> HttpResponse:
    """Make one move of a proposal."""
    one = permissions.get_proposal_for(request.user, proposal_id)
    herself = one.person_id == request.user.person_id  # type: ignore[union-attr]
    if move not in SAID or not (
        (herself and move == ProposalMove.HEAR) or can(request.user, CHANGE_PEOPLE, one.org_code)
    ):
        raise Http404
    text, today = request.POST.get("text", ""), timezone.localdate()
    works: dict[str, Callable[[], object]] = {
        ProposalMove.INFORM: lambda: actions.inform(proposal=one, by=request.user),
        ProposalMove.HEAR: lambda: actions.hear(proposal=one, by=request.user, text=text),
        ProposalMove.CONFIRM: lambda: actions.confirm(proposal=one, by=request.user, on=today, note=text),
        ProposalMove.DROP: lambda: actions.drop(proposal=one, by=request.user, note=text),
        ProposalMove.REVOKE: lambda: actions.revoke(proposal=one, by=request.user, note=text),
    }
    attempt(request, works[move], SAID[ProposalMove(move)])
    return redirect("rights:proposal", one.pk)


@login_required
@require_POST
def tick(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """Answer a precondition that no record answers."""
    one = permissions.get_proposal_for(request.user, proposal_id)
    if not can(request.user, CHANGE_PEOPLE, one.org_code):
        raise Http404
    form = TickForm(request.POST)
    valid = form.is_valid()
    given = form.cleaned_data if valid else {"condition": "", "met": False, "note": ""}
    today = timezone.localdate()
    attempt(request, lambda: actions.tick(proposal=one, on=today, by=request.user, **given), "已记下。")
    return redirect("rights:proposal", one.pk)
