"""The district's own header words: look, add, remove."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from qinglan.apps.facts import permissions
from qinglan.apps.facts.actions import words as actions
from qinglan.apps.facts.actions.reading import TITLES
from qinglan.apps.facts.forms import WordForm
from qinglan.apps.facts.models import HeaderWord
from qinglan.apps.facts.views.imports import districts_of
from qinglan.core.intake import layout_of


@login_required
@require_http_methods(["GET", "POST"])
def words(request: HttpRequest) -> HttpResponse:
    """The header words added in the user's districts; a form for another where the district is hers."""
    districts = districts_of(request)
    own = {code: districts[code] for code in permissions.word_districts(request.user)}
    form = WordForm(request.POST or None, districts=own) if own else None
    if request.method == "POST":
        if form is None:
            raise PermissionDenied("表头词由区级管理员维护。")
        if form.is_valid():
            kind, _, field = form.cleaned_data["meaning"].partition(":")
            try:
                actions.add(
                    district=form.cleaned_data["district"], kind=kind, field=field, word=form.cleaned_data["word"],
                    by=request.user,
                )  # fmt: skip
            except ValidationError as error:
                form.add_error("word", error.messages)
            else:
                messages.success(request, "已添加，以后上传的文件会用上。")
                return redirect("facts:words")
    rows = [
        {
            "word": one, "title": TITLES[one.kind], "label": layout_of(one.kind).field(one.field).label,
            "district": districts[one.org_code] if len(districts) > 1 else "", "mine": one.org_code in own,
        }
        for one in HeaderWord.objects.filter(org_code__in=districts)
    ]  # fmt: skip
    return render(request, "facts/words.html", {"form": form, "rows": rows})


@login_required
@require_POST
def remove_word(request: HttpRequest, word_id: int) -> HttpResponse:
    """Forget a header word."""
    actions.remove(word=permissions.get_word_for(request.user, word_id), by=request.user)
    messages.success(request, "已删去。")
    return redirect("facts:words")
