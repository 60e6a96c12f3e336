"""Pay as people read it: the months, one month with its slips, a slip with every step, one's own slips; computing and closing."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from qinglan.apps.base.printing import CannotPrint, pdf
from qinglan.apps.base.tables import page_of, workbook
from qinglan.apps.pay import actions, permissions, queries
from qinglan.apps.pay.forms import CloseForm, MonthForm, SlipFilter
from qinglan.apps.pay.models import PayMonth, PaySlip
from qinglan.apps.pay.states import State
from qinglan.apps.pay.tables import MonthTable, OwnTable, SlipTable
from qinglan.apps.people.permissions import VIEW_PAY, check_anywhere, codes_for
from qinglan.apps.people.queries import organisations as places
from qinglan.apps.people.views.frame import refused
from qinglan.apps.policy.permissions import in_scope_of
from qinglan.apps.policy.queries import paying
from qinglan.apps.policy.queries.results import pairs
from qinglan.apps.policy.queries.rules import outdated

FIGURES = (("应发", "gross"), ("代扣", "deductions"), ("个税", "tax"), ("实发", "net"))


@login_required
@require_GET
def months(request: HttpRequest) -> HttpResponse:
    """The months of the districts in scope, with the form that computes the next."""
    if not codes_for(request.user, VIEW_PAY) and getattr(request.user, "person_id", None):
        return redirect("pay:own")
    check_anywhere(request.user, VIEW_PAY)
    whole = [code for code in codes_for(request.user, VIEW_PAY) if len(code) == permissions.DISTRICT_DIGITS]
    shown = permissions.months_for(request.user).standing()
    rows = queries.with_sums(shown) if whole else shown
    hidden = () if whole else ("sum_gross", "late", "sum_arrears", "sum_net", "sum_cost", "people")
    table = page_of(request, MonthTable(rows, request=request, exclude=hidden))
    if request.GET.get("export"):
        return workbook(table, "工资月份")
    return render(request, "pay/months.html", {"table": table, "form": _month_form(request)})


def _month_form(request: HttpRequest, data: Any = None) -> MonthForm | None:
    districts = permissions.districts_to_pay(request.user)
    if not districts:
        return None
    following = queries.next_month(districts[0], timezone.localdate()) if len(districts) == 1 else None
    names = places.names(districts, timezone.localdate())
    return MonthForm(data, districts={code: names.get(code, code) for code in districts}, following=following)


@login_required
@require_POST
def compute(request: HttpRequest) -> HttpResponse:
    """Compute a month of the user's district."""
    form = _month_form(request, request.POST)
    if form is None:
        raise PermissionDenied("计算月度工资由区级管理员办理。")
    if not form.is_valid():
        messages.error(request, "；".join(str(error) for errors in form.errors.values() for error in errors))
        return redirect("pay:months")
    year, month = form.cleaned_data["month"]
    district = form.cleaned_data.get("district") or permissions.districts_to_pay(request.user)[0]
    try:
        made = actions.compute(district=district, year=year, month=month, by=request.user)
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
        return redirect("pay:months")
    messages.success(request, f"已算出 {year} 年 {month} 月 {made.people} 人的工资，请由另一人核对后关账。")
    return redirect("pay:month", made.pk)


@login_required
@require_GET
def month(request: HttpRequest, month_id: int) -> HttpResponse:
    """One month: sums and exceptions, the slips in scope, who computed and who closed it."""
    found = permissions.get_month_for(request.user, month_id)
    names = places.names_in_year(found.org_code, found.year)
    mine = permissions.slips_for(request.user).filter(month=found)
    chosen = SlipFilter(
        request.GET,
        queryset=queries.slips(found).filter(pk__in=mine.values("pk")),
        month=found,
        organisations=in_scope_of(request.user, VIEW_PAY, names),
    )
    table = page_of(request, SlipTable(chosen.qs, names=names, request=request))
    if request.GET.get("export"):
        note = f"{found}，{found.get_state_display()}，政策包「{found.pack_title}」{found.pack_version}，{len(table.rows)} 人"
        return workbook(table, f"{found.year}年{found.month}月工资", note)
    whole = permissions.sees_whole_district(request.user, found.org_code)
    context = {
        "month": found,
        "closing": getattr(found, "closing", None),
        "table": table,
        "filter": chosen,
        "whole": whole,
        "sums": queries.sums(found) if whole else None,
        "exceptions": [{**one, "count": len(one["people"])} for one in found.exceptions] if whole else [],
        "open": found.state == State.OPEN,
        "why_not": _why_not(request, found),
        "may_close": permissions.may_close_some(request.user, found),
    }
    return render(request, "pay/month.html", context)


def _why_not(request: HttpRequest, found: PayMonth) -> str:
    """Why this user does not close the month; empty when she may."""
    try:
        permissions.check_may_close(request.user, found)
    except PermissionDenied as error:
        return str(error)
    return ""


@login_required
@require_POST
def close(request: HttpRequest, month_id: int) -> HttpResponse:
    """Close a month."""
    found = permissions.get_month_for(request.user, month_id)
    form = CloseForm(request.POST)
    try:
        if not form.is_valid():
            raise ValidationError("说明不超过 500 字。")
        actions.close(month=found, by=request.user, note=form.cleaned_data["note"])
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
    except PermissionDenied as error:
        refused(request)
        messages.error(request, str(error))
    else:
        messages.success(request, f"{found.year} 年 {found.month} 月已关账，本人可以看到自己的工资条。")
    return redirect("pay:month", found.pk)


@login_required
@require_GET
def slip(request: HttpRequest, slip_id: int) -> HttpResponse:
    """A slip with every step, what earlier months still owed, and what it was worked out from."""
    found = permissions.get_slip_for(request.user, slip_id)
    return render(request, "pay/slip.html", _read(found))


@login_required
@never_cache
@require_GET
def slip_pdf(request: HttpRequest, slip_id: int) -> HttpResponse:
    """The slip as PDF."""
    found = permissions.get_slip_for(request.user, slip_id)
    of = found.month
    place = places.names_in_year(of.org_code, of.year).get(found.org_code, found.org_code)
    try:
        content = pdf("slip", queries.printed(found, place))
    except CannotPrint as error:
        messages.error(request, f"工资条没有做出来。{error}")
        return redirect("pay:slip", found.pk)
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = (
        f"attachment; filename*=UTF-8''{quote(f'{of.year}年{of.month}月工资条-{found.person.name}')}.pdf"
    )
    return answer


def _read(found: PaySlip) -> dict[str, Any]:
    of = found.month
    last = paying.last_day(of.year, of.month)
    stretches = paying.segments_of(of.pack_text_id, of.segment_columns, found.segments, of.rule_versions)
    earlier = paying.late_of(of.arrears_columns, found.late)
    return {
        "slip": found,
        "month": of,
        "place": places.names_in_year(of.org_code, of.year).get(found.org_code, found.org_code),
        "figures": [(label, getattr(found, name)) for label, name in FIGURES],
        "stretches": [(since, parts) for since, parts in stretches if (since.year, since.month) == (of.year, of.month)],
        "late": [
            (one, [(since, parts) for since, parts in stretches if (since.year, since.month) == (one.year, one.month)])
            for one in earlier
        ],
        "parts": paying.parts_of(of.pack_text_id, last, pairs(of.step_columns, found.steps), of.rule_versions),
        "outdated": outdated(of.rule_versions),
        "inputs": paying.inputs_in_words(of.frame_columns, found.frame),
    }


@login_required
@require_GET
def own(request: HttpRequest) -> HttpResponse:
    """One's own slips."""
    table = page_of(request, OwnTable(permissions.own_slips(request.user).select_related("month"), request=request))
    if request.GET.get("export"):
        return workbook(table, "我的工资条")
    return render(request, "pay/own.html", {"table": table})
