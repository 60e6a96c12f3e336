"""Pages of imports and facts: upload, see what each row would do, confirm, get the marked workbook back."""

from __future__ import annotations

from urllib.parse import quote

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from qinglan.apps.base.tables import page_of, workbook
from qinglan.apps.facts import permissions, queries
from qinglan.apps.facts.actions import imports as actions
from qinglan.apps.facts.forms import MappingForm, UploadForm
from qinglan.apps.facts.models import KINDS, ImportBatch
from qinglan.apps.facts.tables import BatchTable, FactTable
from qinglan.apps.people.permissions import VIEW_PEOPLE, get_person_for, scope_condition
from qinglan.apps.people.queries import organisations as places
from qinglan.core.intake import IntakeError
from qinglan.core.intake import template as template_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS = 50
OUTCOMES = {"refused": "退回", "accepted": "接受", "unchanged": "未变", "skipped": "略过"}


def _districts(request: HttpRequest) -> dict[str, str]:
    codes = permissions.import_districts(request.user)
    names = places.names(codes, timezone.localdate())
    return {code: names.get(code, code) for code in codes}


def _file(data: bytes, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type=XLSX)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response


@login_required
@require_http_methods(["GET", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """Upload a file; the files brought in so far."""
    districts = _districts(request)
    if not districts:
        raise PermissionDenied("您没有导入的权限，请联系所在街道或区级管理员。")
    form = UploadForm(request.POST or None, request.FILES or None, districts=districts)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        batch = actions.submit(
            kind=form.cleaned_data["kind"], filename=file.name, data=file.read(), district=form.cleaned_data["district"],
            today=timezone.localdate(), by=request.user,
        )  # fmt: skip
        return redirect("facts:import", batch.pk)
    rows = permissions.batches_for(request.user).defer("content", "report")
    table = page_of(request, BatchTable(rows, request=request))
    return render(request, "facts/imports.html", {"form": form, "table": table, "kinds": actions.TITLES})


@login_required
@require_GET
def template_file(request: HttpRequest, kind: str) -> HttpResponse:
    """The empty workbook of a kind to fill in."""
    if kind not in actions.TITLES:
        raise Http404
    return _file(template_of(kind), f"{actions.TITLES[kind]}模板.xlsx")


@login_required
@require_GET
def batch(request: HttpRequest, batch_id: int) -> HttpResponse:
    """One file: the sums, and each row with its outcome and reasons."""
    one = permissions.get_batch_for(request.user, batch_id)
    rows = one.report.get("rows", [])
    outcome = request.GET.get("outcome", "refused" if one.refused else "")
    chosen = [row for row in rows if not outcome or row["outcome"] == outcome]
    page = Paginator(chosen, ROWS).get_page(request.GET.get("page"))
    context = {
        "batch": one,
        "title": actions.TITLES[one.kind],
        "page": page,
        "outcome": outcome,
        "outcomes": [(key, label, getattr(one, key)) for key, label in OUTCOMES.items()],
        "labels": OUTCOMES,
        "waiting": one.state == ImportBatch.State.TRIED,
        "unknown": [(sheet["name"], sheet["unknown"]) for sheet in one.report.get("sheets", []) if sheet["unknown"]],
    }
    return render(request, "facts/import.html", context)


@login_required
@require_POST
def apply(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Bring the good rows in."""
    one = permissions.get_batch_for(request.user, batch_id)
    try:
        done = actions.apply(batch=one, today=timezone.localdate(), by=request.user)
    except (ValidationError, IntakeError) as error:
        messages.error(request, "；".join(getattr(error, "messages", [str(error)])))
    else:
        messages.success(
            request, f"已导入 {done.accepted} 行，退回 {done.refused} 行；退回的行可下载标注后的工作簿修改再导入。"
        )
    return redirect("facts:import", one.pk)


@login_required
@require_POST
def give_up(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Drop a file that was only tried."""
    one = permissions.get_batch_for(request.user, batch_id)
    try:
        actions.give_up(batch=one, by=request.user)
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
    else:
        messages.success(request, "已放弃，文件内容已删除，没有导入任何数据。")
    return redirect("facts:imports")


@login_required
@require_GET
def marked(request: HttpRequest, batch_id: int) -> HttpResponse:
    """The same workbook with the refused rows marked."""
    one = permissions.get_batch_for(request.user, batch_id)
    try:
        data = actions.marked(one, by=request.user)
    except (ValidationError, IntakeError) as error:
        messages.error(request, "；".join(getattr(error, "messages", [str(error)])))
        return redirect("facts:import", one.pk)
    stem = one.filename.rsplit(".", 1)[0]
    return _file(data, f"{stem}（已标注）.xlsx")


@login_required
@require_http_methods(["GET", "POST"])
def columns(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Say by hand which column holds what, and try the file again."""
    one = permissions.get_batch_for(request.user, batch_id)
    sheets = one.report.get("sheets", []) if one.report else []
    forms = [
        MappingForm(request.POST or None, kind=one.kind, sheet=sheet, prefix=f"sheet{number}")
        for number, sheet in enumerate(sheets)
    ]
    if request.method == "POST" and all(form.is_valid() for form in forms):
        try:
            again = actions.submit(
                kind=one.kind, filename=one.filename, data=actions.content_of(one), district=one.org_code,
                today=timezone.localdate(), by=request.user, mapping=[form.mapping() for form in forms],
            )  # fmt: skip
        except ValidationError as error:
            messages.error(request, "；".join(error.messages))
            return redirect("facts:import", one.pk)
        return redirect("facts:import", again.pk)
    return render(request, "facts/columns.html", {"batch": one, "forms": forms, "title": actions.TITLES[one.kind]})


@login_required
@require_GET
def facts(request: HttpRequest) -> HttpResponse:
    """Facts of one kind within the user's scope."""
    kind = request.GET.get("kind", "training")
    if kind not in KINDS:
        raise Http404
    rows = KINDS[kind]._default_manager.current().filter(scope_condition(request.user, VIEW_PEOPLE))
    word = request.GET.get("q", "").strip()
    if word:
        rows = rows.filter(person__name__contains=word)
    codes = sorted({code[:6] for code in permissions.import_districts(request.user)})
    names: dict[str, str] = {}
    for code in codes:
        names |= dict(places.choices(code, timezone.localdate()).values_list("code", "name"))
    table = page_of(
        request, FactTable(rows.select_related("person").order_by("-valid_on", "-pk"), names=names, request=request)
    )
    if request.GET.get("export"):
        return workbook(table, str(KINDS[kind]._meta.verbose_name))
    kinds = [(key, str(model._meta.verbose_name)) for key, model in KINDS.items()]
    return render(request, "facts/facts.html", {"table": table, "kind": kind, "kinds": kinds, "q": word})


@login_required
@require_GET
def person_facts(request: HttpRequest, person_id: int) -> HttpResponse:
    """The fragment of a person's page: her facts by kind."""
    person = get_person_for(request.user, person_id)
    return render(request, "facts/_person_facts.html", {"groups": queries.facts_of_person(person)})
