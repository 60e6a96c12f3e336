"""Packs in words: what a district goes by, every value with its source, two packs side by side."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from qinglan.apps.base.tables import page_of
from qinglan.apps.people.permissions import VIEW_ORGANISATIONS, codes_for
from qinglan.apps.people.queries import organisations as places
from qinglan.apps.policy import permissions
from qinglan.apps.policy.actions import adoption, releases
from qinglan.apps.policy.forms import AdoptForm
from qinglan.apps.policy.queries import packs as queries
from qinglan.apps.policy.tables import ReleaseTable
from qinglan.core.packs.errors import PackError
from qinglan.core.packs.loading import shipped


def _day(request: HttpRequest) -> date:
    """The day the page is asked for; today when none is given or it cannot be read."""
    try:
        return date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return timezone.localdate()


@login_required
@require_GET
def packs(request: HttpRequest) -> HttpResponse:
    """The packs there are, and which of them the user's districts go by."""
    adoptable = permissions.districts_to_adopt(request.user)
    districts = sorted({*adoptable, *(code[:6] for code in codes_for(request.user, VIEW_ORGANISATIONS))})
    in_force = queries.shipped_in_force(districts, _day(request))
    rows = [{"pack": one, "ours": one.name in in_force} for one in map(queries.pack, shipped())]
    names = places.names(adoptable, timezone.localdate())
    context = {
        "rows": rows,
        "adoptable": adoptable,
        "form": _form(request, adoptable, names),
        "adoptions": [(names.get(one.org_code, one.org_code), one) for one in queries.adoptions(adoptable)],
        "own": queries.own_in_force(districts, _day(request)),
        "newer": queries.newer_shipped(districts, _day(request)),
        "titles": queries.titles(),
        "table": page_of(request, ReleaseTable(permissions.releases_for(request.user), request=request))
        if adoptable
        else None,
    }
    return render(request, "policy/packs.html", context)


def _form(request: HttpRequest, districts: list[str], names: dict[str, str]) -> AdoptForm:
    choices = {name: title for name, title in queries.titles().items() if name != "national"}
    known = {code: names.get(code, code) for code in districts}
    return AdoptForm(request.POST or None, packs=choices, districts=known, today=timezone.localdate())


@login_required
@require_POST
def adopt(request: HttpRequest) -> HttpResponse:
    """Let a district of the user go by a pack from a day on."""
    districts = permissions.districts_to_adopt(request.user)
    if not districts:
        raise PermissionDenied("选用政策包由区级管理员办理。")
    names = places.names(districts, timezone.localdate())
    form = _form(request, districts, names)
    if not form.is_valid():
        several = "区、" if len(districts) > 1 else ""
        messages.error(request, f"请选择{several}政策包和起始年份。")
        return redirect("policy:packs")
    since, name = date(form.cleaned_data["year"], 1, 1), form.cleaned_data["pack"]
    for district in [form.cleaned_data["district"]] if "district" in form.cleaned_data else districts:
        place, title = names.get(district, district), queries.titles()[name]
        try:
            if queries.adoption_for(district, since) is None:
                adoption.adopt(district=district, pack=name, since=since, by=request.user)
                messages.success(
                    request, f"{place}自 {since} 起按「{title}」计算；已经算好的草案不变，需要时重新计算。"
                )
            else:
                releases.propose(district=district, pack=name, since=since, by=request.user)
                messages.success(
                    request, f"{place}已有政策包，「{title}」已存为草稿：看过不同和影响后提交，由另一人发布。"
                )
        except PackError as error:
            messages.error(request, f"这个政策包不能用：{error}")
        except ValidationError as error:
            messages.error(request, "；".join(error.messages))
    return redirect("policy:packs")


@login_required
@require_GET
def pack(request: HttpRequest, name: str) -> HttpResponse:
    """One pack in words as of a day."""
    if name not in shipped():
        raise Http404
    day = _day(request)
    one = queries.pack(name)
    context: dict[str, Any] = {
        "pack": one,
        "inherits": queries.titles_of(one.inherits),
        "day": day,
        "groups": queries.in_words(one, day, request.GET.get("q", "").strip()),
        "days": one.change_days(),
        "q": request.GET.get("q", ""),
    }
    return render(request, "policy/pack.html", context)


@login_required
@require_GET
def compare(request: HttpRequest) -> HttpResponse:
    """Two packs side by side as of a day: only what differs."""
    names = shipped()
    left, right = request.GET.get("left", "blueprint"), request.GET.get("right", "taoyuan")
    if left not in names or right not in names:
        raise Http404
    day = _day(request)
    rows = queries.differences(queries.pack(left), queries.pack(right), day)
    titles = queries.titles()
    context = {
        "packs": [(name, titles.get(name, name)) for name in names],
        "left": left, "right": right, "left_title": titles.get(left, left), "right_title": titles.get(right, right),
        "day": day, "rows": rows,
    }  # fmt: skip
    return render(request, "policy/compare.html", context)
