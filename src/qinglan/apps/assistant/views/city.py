"""What varies by city: the list, one field with its history, the workbook that an officer fills in."""

from __future__ import annotations

import base64
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from qinglan.apps.assistant.actions import city as actions
from qinglan.apps.assistant.forms.city import CityFileForm, CityFilterForm, CityValueForm
from qinglan.apps.assistant.queries import city as queries
from qinglan.apps.assistant.tables.city import CityTable
from qinglan.apps.assistant.views.frame import district_of, districts_of, trail
from qinglan.apps.base.tables import page_of, workbook
from qinglan.core.intake.model import Reason

SHEET = "本区的值"
OUTCOMES = {"accepted": "填好", "unchanged": "与现行的相同", "skipped": "没有填，略过", "refused": "退回"}


@login_required
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Every field of the district's cards; its export is the workbook to fill in."""
    districts = districts_of(request)
    district, today = district_of(request, districts), timezone.localdate()
    rows = queries.fields(district, today)
    chosen = CityFilterForm(request.GET)
    table = CityTable(chosen.narrow(rows), district=district, back=request.GET.urlencode(), request=request)
    table = page_of(request, table)
    if request.GET.get("export"):
        note = f"{districts[district]}，{today.isoformat()}。只填“本区的值”“自哪天起”“依据”三列；不知道的留空；“字段”一列请不要改。"
        table.columns.show("name")
        return workbook(table, f"因地而异的内容 {districts[district]}", note)
    filled = sum(bool(one.text) for one in rows)
    context = {
        "table": table, "chosen": chosen, "district": district, "place": districts[district], "filled": filled,
        "unfilled": len(rows) - filled, "file": CityFileForm(), "districts": districts,
        "path": trail(district, "因地而异的内容"),
    }  # fmt: skip
    return render(request, "assistant/city.html", context)


def _list(district: str, back: str = "") -> str:
    return f"{reverse('assistant:city')}?{back or f'district={district}'}"


@login_required
@require_http_methods(["GET", "POST"])
def field(request: HttpRequest, field: str) -> HttpResponse:
    """One field: fill it in, and what it was before."""
    districts = districts_of(request)
    district, today = district_of(request, districts), timezone.localdate()
    one = queries.field_of(district, field, today)
    if one is None:
        raise Http404
    initial = {
        "text": one.text,
        "since": one.value.since if one.value else None,
        "source": one.value.source if one.value else "",
    }
    form = CityValueForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = actions.fill(
                district=district, field=one.name, text=given["text"], since=given["since"], source=given["source"],
                by=request.user,
            )  # fmt: skip
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(request, f"{one.label}：{_told(made)}")
            return redirect(_list(district, given["back"]))
    context = {
        "one": one, "form": form, "district": district, "place": districts[district],
        "rows": queries.history(district, one.name),
        "path": trail(district, ("因地而异的内容", _list(district)), one.label),
    }  # fmt: skip
    return render(request, "assistant/city_field.html", context, status=422 if form.errors else 200)


def _wrong(reason: Reason) -> str:
    """What is wrong with a cell, its column by the head that she knows."""
    head = next((word for word, key in actions.COLUMNS.items() if key == reason.field), "")
    return f"{head}（{reason.column} 列）：{reason.message}"


def _told(made: Any) -> str:
    if made is None:
        return "与现行的相同，没有改。"
    return "已填写，助手从起始日起这样回答。" if made.text else "已收回，助手会说该问谁。"


@login_required
@require_http_methods(["POST"])
def file(request: HttpRequest) -> HttpResponse:
    """Bring a filled-in workbook in: the good rows are kept, the refused ones come back marked in the same workbook."""
    districts = districts_of(request)
    district = district_of(request, districts)
    form = CityFileForm(request.POST, request.FILES)
    brought, name = None, ""
    if form.is_valid():
        given = form.cleaned_data["file"]
        name = given.name[:200]
        try:
            brought = actions.bring_in(district=district, filename=name, data=given.read(), by=request.user)
        except ValidationError as error:
            form.add_error("file", error)
    context: dict[str, Any] = {
        "form": form, "district": district, "place": districts[district], "name": name,
        "path": trail(district, ("因地而异的内容", _list(district)), "导入"),
    }  # fmt: skip
    if brought is not None:
        counts = brought.report.counts()
        context |= {
            "counts": [(label, counts[key]) for key, label in OUTCOMES.items()],
            "refused": [
                (row, "；".join(map(_wrong, row.reasons))) for row in brought.report.rows if row.outcome == "refused"
            ],
            "marked": base64.b64encode(brought.marked).decode() if brought.marked else "",
            "marked_name": f"{name.rsplit('.', 1)[0].removesuffix('（已标注）')}（已标注）.xlsx",
        }  # fmt: skip
    return render(request, "assistant/city_file.html", context, status=422 if form.errors else 200)
