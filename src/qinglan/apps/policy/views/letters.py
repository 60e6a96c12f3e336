"""Letters of result as PDF: one person's, and those of an organisation as one zip."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from qinglan.apps.base.models import code_range, is_within
from qinglan.apps.base.printing import CannotPrint, pdf
from qinglan.apps.base.printing.bundle import zipped
from qinglan.apps.policy import permissions
from qinglan.apps.policy.models import PersonResult, Run
from qinglan.apps.policy.queries.letters import Letters

CHUNK = 200
SUBDISTRICT_DIGITS = 9
FAILED = "没有做出的通知书.txt"


@login_required
@never_cache
@require_GET
def letter(request: HttpRequest, result_id: int) -> HttpResponse:
    """The letter of one decided result; before publication there is none."""
    one = permissions.get_result_for(request.user, result_id)
    if one.run.state not in permissions.PUBLIC:
        raise Http404
    try:
        content = pdf("letter", Letters(one.run).data(one))
    except CannotPrint as error:
        messages.error(request, f"通知书没有做出来。{error}")
        return redirect("policy:result", one.pk)
    return _file(
        HttpResponse(content, content_type="application/pdf"), f"{one.run.year}年度结果通知书-{one.person.name}.pdf"
    )


@login_required
@never_cache
@require_GET
def letters(request: HttpRequest, run_id: int) -> HttpResponseBase:
    """The organisations of a decided run with their letters; ?org= gives one organisation's as a zip, sent while it is made."""
    run = permissions.get_run_for(request.user, run_id)
    if run.state not in permissions.PUBLIC:
        raise Http404
    made = Letters(run)
    offered = permissions.in_scope(request.user, made.names)
    mine = permissions.results_for(request.user).filter(run=run)
    org = request.GET.get("org")
    if org is None:
        codes = list(mine.order_by().values_list("org_code", flat=True))
        rows = [
            (code, name, sum(is_within(one, code) for one in codes))
            for code, name in offered
            if _offered(code, offered)
        ]
        return render(request, "policy/letters.html", {"run": run, "rows": [row for row in rows if row[2]]})
    if org not in dict(offered):
        raise Http404
    inside = mine.filter(code_range(org)).order_by("org_code", "person_id")
    chosen = list(inside.values_list("pk", flat=True))
    answer = StreamingHttpResponse(zipped(_files(made, run, chosen)), content_type="application/zip")
    return _file(answer, f"{run.year}年度结果通知书-{made.names[org]}.zip")


def _offered(code: str, offered: list[tuple[str, str]]) -> bool:
    """Sub-districts; for who sees but communities, those."""
    return len(code) == max(SUBDISTRICT_DIGITS, min(len(one) for one, _ in offered))


def _files(made: Letters, run: Run, chosen: list[int]) -> Iterator[tuple[str, bytes]]:
    """(name in the zip, PDF) of each result; at last a list of those that could not be printed, if any."""
    failed: list[str] = []
    for start in range(0, len(chosen), CHUNK):
        rows = PersonResult.objects.filter(pk__in=chosen[start : start + CHUNK]).select_related("person")
        for row in rows.defer("months", "segments").order_by("org_code", "person_id"):
            row.run = run
            try:
                content = pdf("letter", made.data(row))
            except CannotPrint as error:
                failed.append(f"{row.person.name}（编号 {row.pk}）：{error}")
                continue
            yield (
                f"{_plain(made.names.get(row.org_code, row.org_code))}/{_plain(row.person.name)}-{row.pk}.pdf",
                content,
            )
    if failed:
        yield FAILED, "\n".join(failed).encode("utf-8-sig")


def _plain(name: str) -> str:
    """A name without what a file system takes for a path."""
    return re.sub(r'[\\/:*?"<>|\x00-\x1f.]', "_", name) or "_"


def _file(answer: Any, name: str) -> Any:
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return answer
