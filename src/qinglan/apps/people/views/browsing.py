"""Looking at organisations and people. Each page reads through the getters of `permissions`, as of today."""

from datetime import date, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch, QuerySet
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
from qinglan.apps.people.forms.browsing import PeopleFilterForm, RevealForm
from qinglan.apps.people.models import Organisation, OrganisationChange, Person, StatusPeriod, User
from qinglan.apps.people.permissions import (
    CHANGE_ORGANISATIONS,
    CHANGE_PEOPLE,
    ERASE_PEOPLE,
    GRANT_ROLES,
    MERGE_PEOPLE,
    REVEAL,
    VIEW_ORGANISATIONS,
    can,
    codes_for,
    get_organisation_for,
    get_person_for,
    organisations_for,
    people_for,
    places_of_people_for,
)
from qinglan.apps.people.queries import organisations as organisation_queries
from qinglan.apps.people.queries import people as people_queries
from qinglan.apps.people.tables import PeopleTable
from qinglan.apps.people.views.frame import crumbs
from qinglan.apps.people.views.reorganising import STEPS

FOUND_AT_MOST = 50
CHANGES_AT_MOST = 30
SEALED_FIELDS = {"id_number": "身份证号", "phone": "手机号"}


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
    one = organisations_for(request.user, on).filter(code=code).first()
    standing = one is not None
    if one is None:  # closed, or not yet there: its history stays readable
        one = organisations_for(request.user).filter(code=code).order_by("-valid").first()
        if one is None:
            raise Http404
    may_change = standing and can(request.user, CHANGE_ORGANISATIONS, code)
    changes = list(organisation_queries.changes(code)[:CHANGES_AT_MOST])
    context = {
        "organisation": one,
        "headcount": organisation_queries.headcount(code, on),
        "branches": organisation_queries.branches(code, on),
        "history": organisation_queries.history(code),
        "changes": _in_names(changes),
        "standing": standing,
        "steps": [(what, step.title) for what, step in STEPS.items() if one.level in step.levels] if may_change else [],
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
    choices = list(places_of_people_for(request.user, on).order_by("code").only("code", "name"))
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
        "may_add": bool(codes_for(request.user, CHANGE_PEOPLE)),
        "may_merge": bool(codes_for(request.user, MERGE_PEOPLE)),
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


def _in_names(changes: list[OrganisationChange]) -> list[dict[str, Any]]:
    """Each change with its organisations as they were called: before it where they went from, after it where they went to."""
    pairs = {one.pk: [(row.from_code, row.to_code) for row in one.mappings.all()] for one in changes}
    codes = {code for found in pairs.values() for pair in found for code in pair} | {one.org_code for one in changes}
    places = _places(codes)
    return [
        {
            "row": one,
            "before": _name_then(places, one.org_code, one.on - timedelta(days=1)),
            "name": _name_then(places, one.org_code, one.on),
            "moves": [
                {
                    "from": _name_then(places, old, one.on - timedelta(days=1)), "from_code": old,
                    "to": _name_then(places, new, one.on), "to_code": new,
                }
                for old, new in pairs[one.pk]
            ],
        }
        for one in changes
    ]  # fmt: skip


@login_required
@never_cache
@require_GET
def person(request: HttpRequest, person_id: int) -> HttpResponse:
    """One person: posts over time, certificates, education, employment, status; other apps' matters as fragments."""
    on = timezone.localdate()
    one = get_person_for(request.user, person_id)
    profile = people_queries.profile(one)
    schoolings = list(one.schoolings.all())
    codes = {row.org_code for row in profile.postings} | {row.org_code for row in profile.employments}
    places = _places(codes | {one.org_code})
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
    may_change, may_grant = can(request.user, CHANGE_PEOPLE, one.org_code), can(request.user, GRANT_ROLES, one.org_code)
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
        "on": on,
        "schoolings": schoolings,
        "grades": list(one.grades.order_by("-span")),
        "sealed": [
            {"field": field, "label": label, "value": getattr(one, field)} for field, label in SEALED_FIELDS.items()
        ],
        "may_reveal": may_reveal,
        "may_change": may_change,
        "employed": any(row.span.upper is None for row in profile.employments),
        "account": User.objects.filter(person=one).first() if may_grant else None,
        "may_grant": may_grant,
        "may_erase": can(request.user, ERASE_PEOPLE, one.org_code),
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
