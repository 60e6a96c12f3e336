"""Records that may be one person: the list, two side by side, the merge and its undoing."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from qinglan.apps.base.tables import page_of
from qinglan.apps.people.actions import persons
from qinglan.apps.people.forms.fields import SureForm
from qinglan.apps.people.forms.people import MergeForm
from qinglan.apps.people.models import Person, PersonMerge
from qinglan.apps.people.permissions import MERGE_PEOPLE, check_anywhere, codes_for, get_person_for, people_for
from qinglan.apps.people.queries import organisations as organisation_queries
from qinglan.apps.people.queries import people as people_queries
from qinglan.apps.people.tables import DuplicateTable, MergeTable
from qinglan.apps.people.views.frame import done

_PATH = [("总览", "/"), ("人员", "/people/")]


def _merges(user: Any) -> Any:
    return PersonMerge.objects.within_any(codes_for(user, MERGE_PEOPLE)).select_related("kept", "dropped")


@login_required
@never_cache
@require_GET
def duplicates(request: HttpRequest) -> HttpResponse:
    """Suspected duplicates in scope, and the merges done, which can be undone."""
    check_anywhere(request.user, MERGE_PEOPLE)
    groups = people_queries.duplicates(people_for(request.user, MERGE_PEOPLE))
    # a third record of the same person comes up again once the first two are one
    rows = [{"first": group[0], "second": group[1], "records": len(group)} for group in groups]
    codes = {one.org_code for row in rows for one in (row["first"], row["second"])}  # type: ignore[attr-defined]
    names = organisation_queries.names(codes, timezone.localdate())
    context = {
        "table": page_of(request, DuplicateTable(rows, names=names, request=request)),
        "merges": page_of(request, MergeTable(_merges(request.user).order_by("-at"), prefix="m-", request=request)),
        "found": bool(rows),
        "path": [*_PATH, ("疑似重复", "")],
    }
    return render(request, "people/duplicates.html", context)


def _beside(pair: list[Person]) -> list[tuple[str, list[str]]]:
    """(label, the two values in words) of what tells two records apart."""
    profiles = [people_queries.profile(one) for one in pair]
    names = organisation_queries.names({one.org_code for one in pair}, timezone.localdate())
    return [
        ("姓名", [one.name for one in pair]),
        ("性别", [one.get_sex_display() for one in pair]),
        ("出生日期", [str(one.birth) for one in pair]),
        ("身份证号", [one.id_number.masked() if one.id_number else "—" for one in pair]),
        ("手机号", [one.phone.masked() if one.phone else "—" for one in pair]),
        ("所在机构", [names.get(one.org_code, one.org_code) for one in pair]),
        ("政治面貌", [one.get_party_display() or "—" for one in pair]),
        ("最高学历", [one.get_education_display() or "—" for one in pair]),
        ("建档时间", [f"{timezone.localtime(one.created_at):%Y-%m-%d}" for one in pair]),
        ("任职", [f"{len(one.postings)} 条" for one in profiles]),
        ("用工", [f"{len(one.employments)} 条" for one in profiles]),
        ("证书", ["、".join(c.get_level_display() for c in one.certificates) or "—" for one in profiles]),
    ]


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def compare(request: HttpRequest, first_id: int, second_id: int) -> HttpResponse:
    """Two records side by side; the merge keeps one of them."""
    pair = [get_person_for(request.user, pk, MERGE_PEOPLE) for pk in (first_id, second_id)]
    if pair[0].pk == pair[1].pk:
        raise Http404
    # the record with the ID number stays as a rule: its fields are those that remain
    fuller = max(pair, key=lambda one: (bool(one.id_number), bool(one.phone), -one.pk))
    form = MergeForm(request.POST or None, pair=pair, initial={"kept": fuller.pk})

    def merge(kept: int, reason: str) -> None:
        stays, goes = pair if kept == pair[0].pk else reversed(pair)
        persons.merge(kept=stays, dropped=goes, reason=reason, by=request.user)

    if done(form, merge):
        messages.success(request, "两份档案已合并；如有误，可在下方“已合并”里撤销。")
        return redirect("people:duplicates")
    context = {
        "form": form,
        "pair": pair,
        "rows": _beside(pair),
        "path": [*_PATH, ("疑似重复", reverse("people:duplicates")), ("比对", "")],
    }
    return render(request, "people/compare.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def unmerge(request: HttpRequest, merge_id: int) -> HttpResponse:
    """The undoing of a merge, asked once more."""
    merge = get_object_or_404(_merges(request.user), pk=merge_id)
    form = SureForm(request.POST if request.method == "POST" else None)
    if done(form, lambda: persons.unmerge(merge=merge, by=request.user)):
        messages.success(request, "已撤销合并，两份档案各归其位。")
        return redirect("people:duplicates")
    back = reverse("people:duplicates")
    context = {
        "form": form,
        "title": "撤销合并",
        "lead": f"{merge.dropped.name}：档案 {merge.dropped_id} 将从档案 {merge.kept_id} 里分出来，移过去的记录移回。",
        "button": "撤销合并",
        "back": back,
        "path": [*_PATH, ("疑似重复", back), ("撤销合并", "")],
    }
    return render(request, "people/form.html", context)
