"""Files: upload, see what each row would do, tell columns by hand, confirm, get the marked workbook back."""

from __future__ import annotations

from urllib.parse import quote

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from qinglan.apps.base.tables import page_of
from qinglan.apps.base.views import send_on
from qinglan.apps.facts import permissions, queries
from qinglan.apps.facts.actions import imports as actions
from qinglan.apps.facts.actions import reading, words
from qinglan.apps.facts.forms import MappingForm, UploadForm
from qinglan.apps.facts.models import FIGURES, ImportBatch
from qinglan.apps.facts.tables import STATE_KINDS, BatchTable
from qinglan.apps.people.models import User
from qinglan.apps.people.queries import organisations as places
from qinglan.core.intake import IntakeError
from qinglan.core.intake import template as template_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS = 50
OUTCOMES = {"refused": "退回", "accepted": "接受", "unchanged": "未变", "skipped": "略过"}
BADGES = {"refused": "bad", "accepted": "good", "unchanged": "plain", "skipped": "plain"}


def districts_of(request: HttpRequest) -> dict[str, str]:
    """Code -> name of the districts that the user may bring files of. PermissionDenied when there is none."""
    codes = permissions.import_districts(request.user)
    if not codes:
        raise PermissionDenied("您没有导入的权限，请联系所在街道或区级管理员。")
    names = places.names(codes, timezone.localdate())
    return {code: names.get(code, code) for code in codes}


def _kinds(request: HttpRequest) -> dict[str, str]:
    """The kinds of file that the user may bring in: what is said of a whole district is for those whose it is whole."""
    whole = bool(permissions.word_districts(request.user))
    return {kind: title for kind, title in actions.TITLES.items() if whole or kind != reading.FIGURES}


def _file(data: bytes, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type=XLSX)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response


def _say(request: HttpRequest, error: Exception) -> None:
    messages.error(request, "；".join(getattr(error, "messages", [str(error)])))


@login_required
@require_http_methods(["GET", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """Upload a file; the files brought in so far."""
    districts = districts_of(request)
    kinds = _kinds(request)
    form = UploadForm(request.POST or None, request.FILES or None, districts=districts, kinds=kinds)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        batch = actions.submit(
            kind=form.cleaned_data["kind"], filename=file.name, data=file.read(), district=form.cleaned_data["district"],
            today=timezone.localdate(), by=request.user,
        )  # fmt: skip
        return redirect("facts:import", batch.pk)
    rows = permissions.batches_for(request.user).defer("content", "report")
    table = page_of(request, BatchTable(rows, request=request))
    return render(request, "facts/imports.html", {"form": form, "table": table, "kinds": kinds})


@login_required
@require_GET
def template_file(request: HttpRequest, kind: str) -> HttpResponse:
    """The empty workbook of a kind to fill in."""
    if kind not in actions.TITLES:
        raise Http404
    return _file(
        template_of(kind, tuple(FIGURES.values()) if kind == reading.FIGURES else ()),
        f"{actions.TITLES[kind]}模板.xlsx",
    )


def _job(one: ImportBatch) -> dict[str, object]:
    return {
        "label": "正在核对这个文件", "done": 0, "total": 0, "state": "running", "message": one.message,
        "url": reverse("facts:progress", args=[one.pk]),
    }  # fmt: skip


@login_required
@require_GET
def progress(request: HttpRequest, batch_id: int) -> HttpResponse:
    """What a waiting page asks every second: the same again, or the whole page anew once the file is checked. It only tells.

    When nobody works on background jobs any more, it says so and offers to have the work done at once (`check`).
    """
    one = permissions.get_batch_for(request.user, batch_id)
    if one.state == ImportBatch.State.READING:
        if queries.worker_seen():
            return render(request, "base/_progress.html", {"job": _job(one)})
        return render(request, "facts/_stalled.html", {"batch": one})
    return send_on(request, reverse("facts:import", args=[one.pk]))


@login_required
@require_POST
def check(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Do the dry run that no worker does, as the one who brought the file in."""
    one = permissions.get_batch_for(request.user, batch_id)
    owner = User.objects.filter(pk=one.by_id).first() if one.by_id else None
    actions.check_now(batch=one, today=timezone.localdate(), by=owner or request.user)
    return redirect("facts:import", one.pk)


@login_required
@require_GET
def batch(request: HttpRequest, batch_id: int) -> HttpResponse:
    """One file: the sums, and each row with its outcome and reasons."""
    one = permissions.get_batch_for(request.user, batch_id)
    rows = one.report.get("rows", [])
    outcome = request.GET.get("outcome", "refused" if one.refused else "")
    chosen = [row for row in rows if not outcome or row["outcome"] == outcome]
    page = Paginator(chosen, ROWS).get_page(request.GET.get("page"))
    states = ImportBatch.State
    context = {
        "batch": one,
        "badge_kind": STATE_KINDS[one.state],
        "title": actions.TITLES[one.kind],
        "who": "项目" if one.kind == reading.FIGURES else "姓名",
        "page": page,
        "rows": [(row, OUTCOMES[row["outcome"]], BADGES[row["outcome"]]) for row in page],
        "outcome": outcome,
        "outcomes": [(key, label, getattr(one, key), f"?outcome={key}") for key, label in OUTCOMES.items()],
        "waiting": one.state == states.TRIED,
        "droppable": one.state == states.APPLIED and one.kept,  # type: ignore[attr-defined]
        "open": one.state in (states.TRIED, states.UNCLEAR),
        "shown": one.state in (states.TRIED, states.UNCLEAR, states.APPLIED),
        "job": _job(one) if one.state == states.READING else None,
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
        _say(request, error)
    else:
        rest = "退回的行可下载标注后的工作簿，改好后整个文件再导入一次。" if done.refused else ""
        messages.success(
            request, f"已导入 {done.accepted} 行，未变 {done.unchanged} 行，退回 {done.refused} 行。{rest}"
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
        _say(request, error)
        return redirect("facts:import", one.pk)
    messages.success(request, "已放弃，文件内容已删除，没有导入任何数据。")
    return redirect("facts:imports")


@login_required
@require_POST
def forget(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Delete the content of a file that was brought in."""
    one = permissions.get_batch_for(request.user, batch_id)
    try:
        actions.forget(batch=one, today=timezone.localdate(), by=request.user)
    except ValidationError as error:
        _say(request, error)
    else:
        messages.success(request, "文件内容已删除；行数和逐行结果仍然保留。")
    return redirect("facts:import", one.pk)


@login_required
@require_GET
def marked(request: HttpRequest, batch_id: int) -> HttpResponse:
    """The same workbook with the refused rows marked."""
    one = permissions.get_batch_for(request.user, batch_id)
    try:
        data = actions.marked(batch=one, by=request.user)
    except (ValidationError, IntakeError) as error:
        _say(request, error)
        return redirect("facts:import", one.pk)
    stem = one.filename.rsplit(".", 1)[0].removesuffix("（已标注）")
    return _file(data, f"{stem}（已标注）.xlsx")


@login_required
@require_http_methods(["GET", "POST"])
def columns(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Say by hand which row is the header and which column holds what, and try the file again."""
    one = permissions.get_batch_for(request.user, batch_id)
    if one.state not in (ImportBatch.State.TRIED, ImportBatch.State.UNCLEAR):
        messages.error(request, f"这个文件的状态是「{one.get_state_display()}」，不能再对应列。")
        return redirect("facts:import", one.pk)
    found = {sheet["name"]: sheet for sheet in one.report.get("sheets", [])}
    sheets = actions.preview(one)
    forms = [
        MappingForm(
            request.POST or None, kind=one.kind, name=sheet["name"], letters=sheet["letters"],
            sheet=found.get(sheet["name"]), prefix=f"sheet{number}",
        )
        for number, sheet in enumerate(sheets)
    ]  # fmt: skip
    may_keep = one.org_code in permissions.word_districts(request.user)
    valid = [form.is_valid() for form in forms]  # all of them, so that each shows what is wrong with it
    if request.method == "POST" and all(valid):
        try:
            again = actions.remap(
                batch=one, mapping=[form.mapping() for form in forms], today=timezone.localdate(), by=request.user
            )
        except (ValidationError, IntakeError) as error:
            _say(request, error)
            return redirect("facts:import", one.pk)
        if may_keep and request.POST.get("keep"):
            told = _words_told(forms, again)
            kept = words.learn(district=one.org_code, kind=one.kind, words=told, by=request.user)
            if kept:
                messages.success(request, f"记住了 {kept} 个表头词，以后本区的文件会自己认出来。")
        return redirect("facts:import", again.pk)
    context = {
        "batch": one, "title": actions.TITLES[one.kind], "may_keep": may_keep,
        "sheets": list(zip(forms, sheets, strict=True)),
    }  # fmt: skip
    return render(request, "facts/columns.html", context)


def _words_told(forms: list[MappingForm], again: ImportBatch) -> list[tuple[str, str]]:
    """(header word, field) of the columns that the officer told and that the header alone had not."""
    headers = {sheet["name"]: sheet["headers"] for sheet in again.report.get("sheets", [])}
    return [
        (word, field)
        for form in forms
        for letter, field in form.chosen().items()
        if field and form.known.get(letter) != field and (word := headers.get(form.name, {}).get(letter))
    ]
