"""A rehearsal by group: one measure in one year, and who wins and who loses."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from qinglan.apps.base.tables import page_of, workbook
from qinglan.apps.rehearsal import permissions
from qinglan.apps.rehearsal.forms import GroupForm, WinnerForm
from qinglan.apps.rehearsal.models import Rehearsal
from qinglan.apps.rehearsal.queries import grouping, showing
from qinglan.apps.rehearsal.queries.measures import measures_of
from qinglan.apps.rehearsal.tables import GroupTable, WinnerTable
from qinglan.apps.rehearsal.views.reading import names_of, note_of

_PATH = [("推演", "/rehearsals/")]


@login_required
@never_cache
@require_GET
def groups(request: HttpRequest, rehearsal_id: int) -> HttpResponse:
    """One measure by one way to group, in one year; groups that are too small are not there."""
    one = permissions.get_rehearsal_for(request.user, rehearsal_id)
    if not one.detail:
        return redirect("rehearsal:rehearsal", one.pk)
    years = one.found["years"]
    usual = {"by": "subdistrict", "of": "stability", "year": str(years[-1]), "q": ""}
    form, said = _asked(GroupForm({**usual, **request.GET.dict()}, years=years), usual)
    if said["of"] not in {measure.name for measure in measures_of(said["by"])}:
        said["of"] = "heads"  # an empty post has no sex, age or tier
        form = GroupForm({**usual, **said, "year": str(said["year"])}, years=years)
    names, at = names_of(one), years.index(said["year"])
    table = page_of(
        request,
        GroupTable(
            grouping.group_rows(one.more, said["by"], said["of"], at, names, said["q"].strip()), request=request
        ),
    )
    title = f"{showing.MEASURES[said['of']]}，按{showing.DIMENSIONS[said['by']]}"
    if request.GET.get("export"):
        return workbook(table, f"推演{one.pk}分组结果", f"{title}，{said['year']} 年。{note_of(one)}")
    chart = grouping.group_chart(one.more, years, said["by"], said["of"], at, names)
    context = {**_common(one, form), "table": table, "title": title, "year": said["year"], "chart": chart,
        "hidden": one.more["hidden"].get(said["by"], 0), "path": _path(one, "分组"),
    }  # fmt: skip
    return render(request, "rehearsal/groups.html", context)


@login_required
@never_cache
@require_GET
def winners(request: HttpRequest, rehearsal_id: int) -> HttpResponse:
    """How those of the start fare, by group, up to the end of one year."""
    one = permissions.get_rehearsal_for(request.user, rehearsal_id)
    if not one.detail:
        return redirect("rehearsal:rehearsal", one.pk)
    years = one.found["years"]
    usual = {"by": "tier", "year": str(years[-1]), "q": ""}
    form, said = _asked(WinnerForm({**usual, **request.GET.dict()}, years=years), usual)
    rows = grouping.winner_rows(one.more, said["by"], years.index(said["year"]), names_of(one), said["q"].strip())
    table = page_of(request, WinnerTable(rows, request=request))
    if request.GET.get("export"):
        return workbook(table, f"推演{one.pk}得失", f"到 {said['year']} 年末。{note_of(one)}")
    context = {**_common(one, form), "table": table, "year": said["year"], "path": _path(one, "得失"),
        "words": grouping.winner_words(one.more, years),
    }  # fmt: skip
    return render(request, "rehearsal/winners.html", context)


def _asked(form: Any, usual: dict[str, str]) -> tuple[forms.Form, dict[str, Any]]:
    """The form and what it asks for; an address that asks for what is not there asks for the usual."""
    if not form.is_valid():
        form = type(form)(usual, years=[year for year, _ in form.fields["year"].choices])
        form.full_clean()
    return form, dict(form.cleaned_data)


def _common(one: Rehearsal, form: forms.Form) -> dict[str, Any]:
    return {"row": one, "chosen": form, "least": settings.LEAST_CELL, "note": showing.NO_FORECAST}


def _path(one: Rehearsal, last: str) -> list[tuple[str, str]]:
    return [*_PATH, (one.name, reverse("rehearsal:rehearsal", args=[one.pk])), (last, "")]
