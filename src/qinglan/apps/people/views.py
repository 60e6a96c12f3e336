"""Pages of organisations and people. Each reads through the getters of `permissions`, as of today."""

from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from qinglan.apps.audit import queries as audit
from qinglan.apps.base.tables import page_of, workbook
from qinglan.apps.people.actions import persons as person_actions
from qinglan.apps.people.actions.errors import ActionError
from qinglan.apps.people.forms import PeopleFilterForm, RevealForm
from qinglan.apps.people.models import ChangeKind, Organisation, OrganisationChange, Person, StatusPeriod
from qinglan.apps.people.permissions import (
    REVEAL,
    VIEW_ORGANISATIONS,
    can,
    codes_for,
    get_organisation_for,
    get_person_for,
    organisations_for,
    people_for,
)
from qinglan.apps.people.queries import organisations as organisation_queries
from qinglan.apps.people.queries import people as people_queries
from qinglan.apps.people.tables import PeopleTable

FOUND_AT_MOST = 50
SEALED_FIELDS = {"id_number": "身份证号", "phone": "手机号"}


def crumbs(user: Any, code: str, on: date) -> list[tuple[str, str]]:
    """The way down to `code` as (name, address); organisations above the user's scope are named, not linked."""
    seen = set(
        organisations_for(user, on)
        .filter(code__in=organisation_queries.codes_above(code))
        .values_list("code", flat=True)
    )
    return [
        (one.name, reverse("people:organisation", args=[one.code]) if one.code in seen else "")
        for one in organisation_queries.path(code, on)
        if len(one.code) >= 6
    ]


def _roots(user: Any, on: date) -> QuerySet[Organisation]:
    """Where the user's tree begins: the outermost organisations of her roles; for an administrator the provinces."""
    if user.is_superuser:
        return organisations_for(user, on).filter(parent_code="").order_by("code")
    return organisations_for(user, on).filter(code__in=codes_for(user, VIEW_ORGANISATIONS)).order_by("code")


@login_required
@require_GET
def organisations(request: HttpRequest) -> HttpResponse:
    """The organisation tree from the user's roots; with `q` the organisations that it names."""
    on = timezone.localdate()
    text = request.GET.get("q", "").strip()
    roots = list(_roots(request.user, on))
    context: dict[str, Any] = {"text": text, "path": [("总览", "/"), ("组织", "")]}
    if text:
        found: list[Organisation] = []
        for root in roots:
            found += organisation_queries.find(root.code, text, on)[: FOUND_AT_MOST + 1 - len(found)]
        context |= {"found": found[:FOUND_AT_MOST], "more": len(found) > FOUND_AT_MOST}
    else:
        context["roots"] = [
            {
                "organisation": root,
                "headcount": organisation_queries.headcount(root.code, on),
                "branches": organisation_queries.branches(root.code, on),
            }
            for root in roots[:40]
        ]
    return render(request, "people/organisations.html", context)


@login_required
@require_GET
def branches(request: HttpRequest, code: str) -> HttpResponse:
    """The children of one organisation: a fragment of the tree, loaded when it is opened."""
    on = timezone.localdate()
    one = get_organisation_for(request.user, code, on)
    return render(request, "people/_branches.html", {"branches": organisation_queries.branches(one.code, on)})


@login_required
@require_GET
def organisation(request: HttpRequest, code: str) -> HttpResponse:
    """One organisation: its people counted, its children, its names and changes over time."""
    on = timezone.localdate()
    one = get_organisation_for(request.user, code, on)
    # a rename touches one code alone and has no mapping
    concerned = Q(org_code=code, kind=ChangeKind.RENAME) | Q(mappings__from_code=code) | Q(mappings__to_code=code)
    changes = OrganisationChange.objects.filter(concerned).distinct().prefetch_related("mappings").order_by("-on")
    context = {
        "organisation": one,
        "headcount": organisation_queries.headcount(code, on),
        "branches": organisation_queries.branches(code, on),
        "history": organisation_queries.history(code),
        "changes": changes,
        "path": [("组织", reverse("people:organisations")), *crumbs(request.user, code, on)],
        "on": on,
    }
    return render(request, "people/organisation.html", context)


def _listed(people: QuerySet[Person], on: date) -> QuerySet[Person]:
    standing = Prefetch("statuses", StatusPeriod.objects.filter(span__contains=on), to_attr="standing")
    return people_queries.for_list(people, on).prefetch_related(standing)


@login_required
@never_cache
@require_GET
def persons(request: HttpRequest) -> HttpResponse:
    """The people in the user's scope: searched, filtered, paged; the same list as a workbook (`export=xlsx`)."""
    on = timezone.localdate()
    choices = (
        list(organisations_for(request.user, on).order_by("code").only("code", "name"))
        if codes_for(request.user, VIEW_ORGANISATIONS)
        else []
    )
    form = PeopleFilterForm(request.GET, organisations=choices)
    asked = form.cleaned_data if form.is_valid() else {}
    found = people_queries.filtered(
        people_for(request.user),
        on=on,
        text=asked.get("q", ""),
        org_code=asked.get("org", ""),
        **{key: asked.get(key, "") for key in ("post", "certificate", "education", "party", "status")},
    )
    names = {one.code: one.name for one in choices}
    table = PeopleTable(_listed(found, on), names=names, request=request)
    if request.GET.get("export") == "xlsx":
        table.columns.show("id_number")
        table.order_by = request.GET.getlist(table.prefixed_order_by_field)
        return workbook(table, f"人员名单{on:%Y%m%d}", note=f"截至 {on}；证件号已遮盖，作文本保存。")
    context = {
        "table": page_of(request, table),
        "form": form,
        "asked": any(asked.values()),
        "path": [("总览", "/"), ("人员", "")],
    }
    return render(request, "people/persons.html", context)


@login_required
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """The user's own record."""
    person_id = request.user.person_id  # type: ignore[union-attr]
    if person_id is None:
        raise Http404
    return redirect("people:person", person_id)


def _places(codes: set[str]) -> dict[str, list[Organisation]]:
    """Code -> all its rows over time, so that a post of long ago is shown under the name of then. One query."""
    found: dict[str, list[Organisation]] = {}
    for row in Organisation.objects.filter(code__in=codes).order_by("code", "valid"):
        found.setdefault(row.code, []).append(row)
    return found


def _name_then(places: dict[str, list[Organisation]], code: str, day: date) -> str:
    rows = places.get(code, [])
    for row in rows:
        begun, ended = row.valid.lower, row.valid.upper
        if (begun is None or begun <= day) and (ended is None or day < ended):
            return row.name
    return rows[-1].name if rows else code


@login_required
@never_cache
@require_GET
def person(request: HttpRequest, person_id: int) -> HttpResponse:
    """One person: posts over time, certificates, education, employment, status; other apps' matters as fragments."""
    on = timezone.localdate()
    one = get_person_for(request.user, person_id)
    profile = people_queries.profile(one)
    schoolings = list(one.schoolings.all())
    places = _places({row.org_code for row in (*profile.postings, *profile.employments)} | {one.org_code})
    posts = [
        {
            "row": row,
            "main": row.main,
            "place": _name_then(places, row.org_code, row.span.lower),
            "now": row.span.upper is None or on < row.span.upper,
        }
        for row in profile.postings
    ]
    may_reveal = can(request.user, REVEAL, one.org_code)
    current = next((post for post in posts if post["main"] and post["now"]), None)
    context = {
        "person": one,
        "current": current,
        "place": _name_then(places, one.org_code, on),
        "posts": posts,
        "employments": [
            {"row": row, "place": _name_then(places, row.org_code, row.span.lower)} for row in profile.employments
        ],
        "statuses": profile.statuses,
        "certificates": profile.certificates,
        "schoolings": schoolings,
        "sealed": [
            {"field": field, "label": label, "value": getattr(one, field)} for field, label in SEALED_FIELDS.items()
        ],
        "may_reveal": may_reveal,
        "looks": audit.looks_at(one.pk)[:10] if may_reveal or request.user.person_id == one.pk else [],  # type: ignore[union-attr]
        "reveal_form": RevealForm(),
        "year": on.year,
        "path": [*crumbs(request.user, one.org_code, on), (one.name, "")],
    }
    return render(request, "people/person.html", context)


@login_required
@never_cache
@require_POST
def reveal(request: HttpRequest, person_id: int, field: str) -> HttpResponse:
    """The full ID number or phone for one who may see it; the look is recorded with its reason."""
    if field not in SEALED_FIELDS:
        raise Http404
    one = get_person_for(request.user, person_id)
    form = RevealForm(request.POST)
    context: dict[str, Any] = {"person": one, "field": field, "label": SEALED_FIELDS[field], "form": form}
    if form.is_valid():
        try:
            context["full"] = person_actions.reveal(
                person=one, field=field, reason=form.cleaned_data["reason"], by=request.user
            )
        except ActionError as error:
            form.add_error("reason", error)
    return render(request, "people/_sealed.html", context)
