"""The audit page: actions, looks at full numbers, refusals, and how the chain stands. Read only.

It stands here and not in `audit`, because scope and names are asked of accounts and organisations, which stand above it.
"""

from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from qinglan.apps.audit import queries as log
from qinglan.apps.audit.forms import EventFilterForm, LookFilterForm
from qinglan.apps.audit.models import AccessDenied, AccessRecord, AuditEvent
from qinglan.apps.audit.models.words import words_of
from qinglan.apps.audit.queries import chain, page
from qinglan.apps.audit.tables import DeniedTable, EventTable, LookTable
from qinglan.apps.base.tables import page_of, workbook
from qinglan.apps.people.forms.fields import place_choices
from qinglan.apps.people.models import Organisation, Person
from qinglan.apps.people.permissions import (
    GRANT_ROLES,
    IMPORT_FACTS,
    VIEW_AUDIT,
    VIEW_CLAIMS,
    VIEW_PAY,
    VIEW_PEOPLE,
    VIEW_RESULTS,
    accounts_within,
    can,
    check_anywhere,
    codes_for,
    people_for,
)
from qinglan.apps.people.queries import organisations as organisation_queries

_PATH = [("总览", "/"), ("审计", "/audit/")]
TABS = (("people:log", "操作记录"), ("people:log-looks", "谁看过完整证件号"), ("people:log-denied", "被拒绝的访问"))

# Where the page of a thing stands and what one needs to open it: an event leads there for whoever may.
TARGETS = {
    "policy.run": ("policy:run", VIEW_RESULTS),
    "pay.paymonth": ("pay:month", VIEW_PAY),
    "people.person": ("people:person", VIEW_PEOPLE),
    "people.user": ("people:account", GRANT_ROLES),
    "rights.claim": ("rights:claim", VIEW_CLAIMS),
    "rights.proposal": ("rights:proposal", VIEW_CLAIMS),
    "facts.importbatch": ("facts:import", IMPORT_FACTS),
}


def _page_of_target(user: Any, one: AuditEvent) -> str:
    """The address of the page of what the action was about; nothing where `user` may not go."""
    name, capability = TARGETS.get(one.target_type, ("", ""))
    if not name or not one.target_key.isdigit() or not can(user, capability, one.org_code):
        return ""
    if name == "people:person" and not people_for(user).filter(pk=int(one.target_key)).exists():
        return ""  # merged or erased since, or gone to another place
    return reverse(name, args=[int(one.target_key)])


def _places(user: Any, on: date) -> list[tuple[str, str]]:
    found = Organisation.objects.as_of(on).within_any(codes_for(user, VIEW_AUDIT)).order_by("code")
    return place_choices(found.only("code", "name"), "全部")


def _seen(user: Any, model: Any) -> Any:
    codes = codes_for(user, VIEW_AUDIT)
    return log.seen_from(codes, model, accounts_within(codes))


def _page(request: HttpRequest, table: Any, form: Any, name: str, view: str) -> HttpResponse:
    """The list, or all of it as a workbook."""
    on = timezone.localdate()
    if request.GET.get("export") == "xlsx":
        table.order_by = request.GET.getlist(table.prefixed_order_by_field) or "-at"
        table.names = {code: label.strip("　") for code, label in form.fields["org"].choices if code}
        return workbook(table, f"{name}{on:%Y%m%d}", note=f"{name}，导出于 {on}。")
    page_of(request, table)
    shown = [row.record for row in table.paginated_rows]
    table.names = organisation_queries.names({row.org_code for row in shown if row.org_code}, on)
    if isinstance(table, LookTable):
        table.people = dict(Person.objects.filter(pk__in={row.person_id for row in shown}).values_list("pk", "name"))
    # Each row against the chain on demand only: in a long chain that takes its time.
    proof = page.prove(type(shown[0]), [row.pk for row in shown]) if "prove" in request.GET and shown else None
    again = request.GET.copy()
    again["prove"] = "1"
    asked = any(form.cleaned_data.values()) if form.is_valid() else False
    context = {
        "table": table, "form": form, "asked": asked, "kind": name, "path": [*_PATH[:1], ("审计", "")],
        "tabs": [{"url": reverse(one), "label": label, "here": one == view} for one, label in TABS],
        "chain": {"head": chain.head(), "waiting": chain.waiting(), "checked": page.last_check()} if view == "people:log" else None,
        "proof": proof, "prove_url": f"?{again.urlencode()}" if shown else "",
    }  # fmt: skip
    return render(request, "audit/log.html", context)


@login_required
@never_cache
@require_GET
def events(request: HttpRequest) -> HttpResponse:
    """Who did what."""
    check_anywhere(request.user, VIEW_AUDIT)
    form = EventFilterForm(request.GET, places=_places(request.user, timezone.localdate()))
    asked = form.cleaned_data if form.is_valid() else {}
    found = log.filtered(
        _seen(request.user, AuditEvent),
        text=asked.get("q", ""),
        **{key: asked.get(key, "") for key in ("who", "action", "target", "org")},
    )
    found = log.within_days(found, asked.get("since"), asked.get("until")).defer("before", "after")
    return _page(request, EventTable(found, names={}, request=request), form, "操作记录", "people:log")


@login_required
@never_cache
@require_GET
def event(request: HttpRequest, event_id: int) -> HttpResponse:
    """One action: what stood before and after."""
    check_anywhere(request.user, VIEW_AUDIT)
    one = get_object_or_404(_seen(request.user, AuditEvent), pk=event_id)
    names = organisation_queries.names({one.org_code} if one.org_code else set(), timezone.localdate())
    rows = log.differences(one)
    context = {
        "event": one, "words": words_of(one.action), "kind": log.target_word(one.target_type),
        "rows": rows, "changed": [row for row in rows if row["changed"]],
        "same_rows": [row for row in rows if not row["changed"]], "place": names.get(one.org_code, one.org_code),
        "same": f"{reverse('people:log')}?target={one.target_type}:{one.target_key}" if one.target_key else "",
        "page": _page_of_target(request.user, one), "proof": page.prove(AuditEvent, [one.pk]),
        "path": [*_PATH, (words_of(one.action), "")],
    }  # fmt: skip
    return render(request, "audit/event.html", context)


@login_required
@never_cache
@require_GET
def looks(request: HttpRequest) -> HttpResponse:
    """Who saw a full ID number or phone, of whom, why."""
    check_anywhere(request.user, VIEW_AUDIT)
    form = LookFilterForm(request.GET, places=_places(request.user, timezone.localdate()))
    asked = form.cleaned_data if form.is_valid() else {}
    found = log.by_person(_seen(request.user, AccessRecord), text=asked.get("q", ""), org=asked.get("org", ""))
    found = log.within_days(found, asked.get("since"), asked.get("until"))
    people: dict[int, str] = {}
    if request.GET.get("export") == "xlsx":
        people = dict(Person.objects.filter(pk__in=found.values("person_id")).values_list("pk", "name"))
    table = LookTable(found, names={}, people=people, request=request)
    return _page(request, table, form, "查看记录", "people:log-looks")


@login_required
@never_cache
@require_GET
def denied(request: HttpRequest) -> HttpResponse:
    """Who asked for what was not hers."""
    check_anywhere(request.user, VIEW_AUDIT)
    form = LookFilterForm(request.GET, places=_places(request.user, timezone.localdate()))
    asked = form.cleaned_data if form.is_valid() else {}
    found = log.by_person(_seen(request.user, AccessDenied), text=asked.get("q", ""), org=asked.get("org", ""))
    found = log.within_days(found, asked.get("since"), asked.get("until"))
    table = DeniedTable(found, names={}, request=request)
    return _page(request, table, form, "拒绝记录", "people:log-denied")
