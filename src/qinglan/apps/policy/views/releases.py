"""A pack on its way: upload and check, what it says otherwise, what it would change, submit, release by a second person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from qinglan.apps.base.models import ReleaseMove
from qinglan.apps.people.queries import organisations as places
from qinglan.apps.people.views.frame import refused
from qinglan.apps.policy import permissions
from qinglan.apps.policy.actions import releases
from qinglan.apps.policy.forms import PackUploadForm, ReleaseForm
from qinglan.apps.policy.models import PackRelease
from qinglan.apps.policy.queries import packs
from qinglan.apps.policy.queries import releases as queries
from qinglan.core.packs.errors import PackError

ACTIONS: Mapping[ReleaseMove, Callable[..., PackRelease]] = {
    ReleaseMove.SUBMIT: releases.submit,
    ReleaseMove.RETURN: releases.send_back,
    ReleaseMove.RELEASE: releases.release,
    ReleaseMove.WITHDRAW: releases.withdraw,
}
SAID = {
    ReleaseMove.SUBMIT: "已提交，请另一人看过影响后发布。",
    ReleaseMove.RETURN: "已退回为草稿。",
    ReleaseMove.RELEASE: "已发布，自起始日起按它计算；已经算好的草案不变，需要时重新计算；已关账的月份不改，差额在下一个月补发或扣回。",
    ReleaseMove.WITHDRAW: "已撤回。",
}


@login_required
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Send a pack in; what does not pass the check is listed by file and line, and nothing is kept."""
    districts = permissions.districts_to_adopt(request.user)
    if not districts:
        raise PermissionDenied("上传政策包由区级管理员办理。")
    today = timezone.localdate()
    names = places.names(districts, today)
    known = {code: names.get(code, code) for code in districts}
    form = PackUploadForm(request.POST or None, request.FILES or None, districts=known, today=today)
    problems: list[Any] = []
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            made = releases.upload(
                district=form.cleaned_data.get("district") or districts[0], file_name=file.name, raw=file.read(),
                title=form.cleaned_data["title"], version=form.cleaned_data["version"],
                since=date(form.cleaned_data["year"], 1, 1), by=request.user,
            )  # fmt: skip
        except PackError as error:
            problems = error.problems
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, "检查通过，已存为草稿。请看与现行的不同和对本区的影响，再提交。")
            return redirect("policy:release", made.pk)
    status = 422 if problems or form.errors else 200
    return render(request, "policy/upload.html", {"form": form, "problems": problems}, status=status)


@login_required
@require_GET
def release(request: HttpRequest, release_id: int) -> HttpResponse:
    """One proposal: what it says otherwise than the pack in force, what it would change, who did what."""
    row = permissions.get_release_for(request.user, release_id)
    context: dict[str, Any] = {
        "row": row,
        "place": places.names([row.org_code], timezone.localdate()).get(row.org_code, row.org_code),
        "in_force": queries.in_force(row) if row.state != "released" else None,
        "rows": queries.compared(row) if row.state in ("draft", "submitted") else [],
        "sees": permissions.sees_whole_district(request.user, row.org_code),
        "effects": _effects(request, row),
        "moves": permissions.release_moves(request.user, row),
    }
    effects = context["effects"]
    if effects and "groups" in effects:
        names = places.names_in_year(row.org_code, effects["year"])
        context["groups"] = [{**one, "name": names.get(one["name"], one["name"])} for one in effects["groups"]]
    return render(request, "policy/release.html", context)


def _effects(request: HttpRequest, row: PackRelease) -> Any:
    """What it would change: for those who read the district's results. A draft's is worked out when it is looked at."""
    if not permissions.sees_whole_district(request.user, row.org_code):
        return None
    return row.effects if row.state != "draft" else queries.effects(row)


@login_required
@require_GET
def read(request: HttpRequest, release_id: int) -> HttpResponse:
    """The proposed pack in words as of a day."""
    row = permissions.get_release_for(request.user, release_id)
    try:
        day = date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        day = max(row.since, timezone.localdate())
    one, words = queries.pack_of(row), request.GET.get("q", "").strip()
    context = {
        "pack": one,
        "inherits": packs.titles_of(one.inherits),
        "day": day,
        "groups": packs.in_words(one, day, words),
        "days": one.change_days(),
        "q": words,
    }
    return render(request, "policy/pack.html", context)


@login_required
@require_POST
def move(request: HttpRequest, release_id: int) -> HttpResponse:
    """Make one move of a proposal."""
    row = permissions.get_release_for(request.user, release_id)
    form = ReleaseForm(request.POST)
    if not form.is_valid():
        messages.error(request, "请从页面上的按钮办理；说明不超过 500 字。")
        return redirect("policy:release", row.pk)
    asked = ReleaseMove(form.cleaned_data["move"])
    try:
        ACTIONS[asked](release=row, by=request.user, note=form.cleaned_data["note"])
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
    except PermissionDenied as error:
        refused(request)
        messages.error(request, str(error))
    else:
        messages.success(request, SAID[asked])
    return redirect("policy:release", row.pk)
