"""试算: other values on a real year, compared with it before anybody adopts them. Nothing is stored."""

from __future__ import annotations

from typing import Any

import rules
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from qinglan.apps.base.tables import workbook
from qinglan.apps.people.permissions import ADOPT_PACK, COMPUTE_YEAR, VIEW_RESULTS, can, codes_for
from qinglan.apps.people.queries import organisations as places
from qinglan.apps.policy import permissions
from qinglan.apps.policy.models import PersonResult, Run
from qinglan.apps.policy.queries import rehearsing
from qinglan.apps.policy.queries.rehearsing import COMMUNITY, NotInForce, Outcome, PackError, RuleGone
from qinglan.apps.policy.queries.what_if import Group
from qinglan.apps.policy.states import SHOWN
from qinglan.apps.policy.views.rehearsal_tables import GroupTable, PersonChangeTable, group_rows, person_rows

MOST_DIGITS, DISTRICT_DIGITS = 15, 6
SHOWN_PEOPLE = 20
MOST_BYTES = 200_000


def _districts(user: Any) -> list[str]:
    return sorted({*permissions.districts_to_compute(user), *permissions.districts_to_adopt(user)})


def _runs(user: Any) -> list[Run]:
    """The runs that can be tried on, the newest year first; those that stand for their year and have kept what they were made from."""
    found = Run.objects.filter(
        org_code__in=_districts(user), state__in=SHOWN, input__isnull=False, pack_text__isnull=False
    )
    return list(
        found.order_by("-year", "org_code", "-created_at").defer("exceptions", "month_columns", "segment_columns")
    )


@rules.predicate
def can_rehearse(user: Any) -> bool:
    """May compute a year or take up a pack somewhere. Every page's navigation asks it: no query beside that of the grants."""
    whole = {
        code
        for wanted in (COMPUTE_YEAR, ADOPT_PACK)
        for code in codes_for(user, wanted)
        if len(code) == DISTRICT_DIGITS
    }
    return bool(user.is_active and user.is_superuser) or bool(whole)


rules.set_perm("policy.rehearse", can_rehearse)


def _run(request: HttpRequest, number: str) -> Run:
    if not (number.isascii() and number.isdecimal() and len(number) <= MOST_DIGITS):
        raise Http404
    found = Run.objects.filter(org_code__in=_districts(request.user), input__isnull=False, pack_text__isnull=False)
    return get_object_or_404(found.select_related("pack_text"), pk=int(number))


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def what_if(request: HttpRequest) -> HttpResponse:
    """GET: the form. POST: what the values would have meant; `export` gives its table (groups or people) as a workbook."""
    if not can_rehearse(request.user):
        raise Http404
    if request.method == "POST":
        return _compared(request)
    runs = _runs(request.user)
    asked = request.GET.get("run", "")
    chosen = next((run for run in runs if str(run.pk) == asked), runs[0] if runs else None)
    names = {code: places.names_in_year(code, runs[0].year).get(code, code) for code in {run.org_code for run in runs}}
    context = {
        "runs": [(run, names[run.org_code]) for run in runs],
        "chosen": chosen,
        "items": rehearsing.items_of(chosen) if chosen else [],
        "path": [("政策包", "/packs/"), ("试算", "")],
    }
    return render(request, "policy/what_if.html", context)


@login_required
@never_cache
@require_GET
def row(request: HttpRequest) -> HttpResponse:
    """The fragment of one item to try, filled with its value of now."""
    run = _run(request, request.GET.get("run", ""))
    now = rehearsing.item_now(run, request.GET.get("add", ""))
    if now is None:
        raise Http404
    lines = max(1, min(12, now.text.count("\n") + 1))
    return render(request, "policy/_what_if_row.html", {"run": run, "now": now, "lines": lines})


def _compared(request: HttpRequest) -> HttpResponse:
    run = _run(request, request.POST.get("run", ""))
    try:
        text = _text(request)
        found = rehearsing.outcome(run, text)
    except PackError as error:
        by_file = "file" in request.FILES  # else there are no lines that a reader could look up
        said = [str(one) if by_file else f"{one.wrong}。{one.right}。" for one in error.problems]
        return _answer(request, {"problems": said})
    except (NotInForce, RuleGone) as error:
        return _answer(request, {"problems": [str(error)]})
    except ValueError as error:
        return _answer(request, {"problems": [str(error)]})
    names = places.names_in_year(run.org_code, run.year)
    people = _people(request, run, found)
    note = f"{names.get(run.org_code, run.org_code)} {run.year} 年（{run.get_state_display()}）试算；没有保存"
    if request.POST.get("export") == "people" and people is not None:
        return workbook(
            PersonChangeTable(person_rows(people, names), request=request), f"{run.year}年试算逐人比较", note
        )
    groups, hidden = _groups(found, can(request.user, VIEW_RESULTS, run.org_code))
    if request.POST.get("export"):
        return workbook(GroupTable(group_rows(groups, names), request=request), f"{run.year}年试算比较", note)
    context: dict[str, Any] = {
        "run": run, "found": found, "text": text, "hidden": hidden, "least": settings.LEAST_CELL,
        "groups": group_rows([one for one in groups if one.by != COMMUNITY], names),
        "communities": group_rows([one for one in groups if one.by == COMMUNITY], names),
        "whole": found.groups[0], "people": None if people is None else len(people),
    }  # fmt: skip
    if people is not None:
        rows = person_rows(people, names)
        context["winners"] = [one for one in rows if one["change"] > 0][:SHOWN_PEOPLE]
        context["losers"] = [one for one in reversed(rows) if one["change"] < 0][:SHOWN_PEOPLE]
    return _answer(request, context)


def _text(request: HttpRequest) -> str:
    """The diff that was sent: a text, a file, or rows. ValueError with a sentence when it is none."""
    if "text" in request.POST:
        return request.POST["text"]
    rows = list(zip(*(request.POST.getlist(key) for key in ("item", "since", "value")), strict=False))
    file = request.FILES.get("file")
    if file is None:
        return rehearsing.diff_text(rows)
    if rows:
        raise ValueError("文件和上面逐项填写的只能用一种：请去掉文件，或移走各项。")
    if (file.size or 0) > MOST_BYTES:
        raise ValueError(f"试算文件不超过 {MOST_BYTES // 1000} KB。")
    try:
        return file.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("文件不是 UTF-8 编码的文本，请用 UTF-8 另存后再传。") from None


def _people(request: HttpRequest, run: Run, found: Outcome) -> list[tuple[Any, PersonResult]] | None:
    """(change, stored result) of the changed people whom the reader may see; None for who sees no people of the district."""
    if not can(request.user, VIEW_RESULTS, run.org_code):
        return None
    rows = PersonResult.objects.filter(run=run, person__in=[one.person for one in found.people]).select_related(
        "person"
    )
    by_person = {one.person_id: one for one in rows.defer("frame", "steps", "months", "segments")}
    return [(one, by_person[one.person]) for one in found.people if one.person in by_person]


def _groups(found: Outcome, sees_people: bool) -> tuple[list[Group], int]:
    """The groups to show, and how many are kept back from who may not see people: a way to group that has a small one, whole."""
    if sees_people:
        return found.groups, 0
    few = {group.by for group in found.groups if group.people < settings.LEAST_CELL}
    kept = [group for group in found.groups if group.by not in few]
    return kept, len(found.groups) - len(kept)


def _answer(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    template = "policy/_what_if_outcome.html" if request.headers.get("HX-Request") else "policy/what_if_outcome.html"
    return render(request, template, context)
