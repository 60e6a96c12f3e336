"""Organisations and people as JSON: the same getters and queries as the pages. ID numbers and phones are always masked."""

from datetime import date
from typing import Any

from django.db.models import Prefetch
from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema

from qinglan.apps.base.api import Asked, Day, Id, OrgCode, Paged, Word, answers, page, since_until
from qinglan.apps.base.templatetags.figures import masked
from qinglan.apps.people.models import (
    CertificateLevel,
    EducationLevel,
    Level,
    Organisation,
    OrganisationKind,
    Party,
    Person,
    PostKind,
    StatusKind,
    StatusPeriod,
)
from qinglan.apps.people.permissions import get_person_for, organisations_for, people_for
from qinglan.apps.people.queries import people as queries

organisations = Router(tags=["组织"])
people = Router(tags=["人员"])


class OrganisationOut(Schema):
    """One organisation under one name: `since` null = since before our records, `until` null = still."""

    code: str
    name: str
    short_name: str
    level: Level
    kind: OrganisationKind
    parent_code: str
    since: date | None
    until: date | None
    synthetic: bool


class Organisations(Paged):
    items: list[OrganisationOut]


class AskedOrganisations(Asked):
    """`on`: the tree as of a day (today); `under`: this organisation and all below; `q`: part of a name."""

    on: Day | None = None
    under: OrgCode | None = None
    level: Level | None = None
    q: Word = ""


def _organisation(one: Organisation) -> dict[str, Any]:
    fields = ("code", "name", "short_name", "level", "kind", "parent_code", "synthetic")
    return {name: getattr(one, name) for name in fields} | since_until(one.valid)


@organisations.get("", response=answers(Organisations), summary="组织列表", url_name="organisations")
def list_organisations(request: HttpRequest, asked: Query[AskedOrganisations]) -> dict[str, Any]:
    """The organisations within the token's scope, in the order of the tree."""
    rows = organisations_for(request.user, asked.on or timezone.localdate())
    if asked.under:
        rows = rows.within(asked.under)  # type: ignore[attr-defined]
    if asked.level:
        rows = rows.filter(level=asked.level)
    if asked.q:
        rows = rows.filter(name__contains=asked.q)
    return page(rows.order_by("code"), asked, _organisation)


@organisations.get("/{code}", response=answers(OrganisationOut), summary="一个组织", url_name="organisation")
def one_organisation(request: HttpRequest, code: OrgCode, on: Day | None = None) -> dict[str, Any]:
    """One organisation as of a day (today)."""
    one = organisations_for(request.user, on or timezone.localdate()).filter(code=code).first()
    if one is None:
        raise Http404
    return _organisation(one)


class PostOut(Schema):
    org_code: str
    kind: PostKind
    title: str
    main: bool
    since: date | None
    until: date | None


class CertificateOut(Schema):
    level: CertificateLevel
    issued: date | None


class PersonOut(Schema):
    """One person. ID number and phone show their first and last digits alone; the full ones are on the page, for a reason."""

    id: int
    name: str
    org_code: str
    sex: str
    birth: date
    education: EducationLevel | None
    party: Party | None
    id_number: str
    phone: str
    posts: list[PostOut]
    certificates: list[CertificateOut]
    statuses: list[StatusKind]
    synthetic: bool


class People(Paged):
    items: list[PersonOut]


class AskedPeople(Asked):
    """The filters of the page: `org` with all below; `q`: name, pinyin, code, or a whole ID number or phone."""

    on: Day | None = None
    org: OrgCode | None = None
    q: Word = ""
    post: PostKind | None = None
    certificate: CertificateLevel | None = None
    education: EducationLevel | None = None
    party: Party | None = None
    status: StatusKind | None = None


def _person(one: Person) -> dict[str, Any]:
    fields = ("id", "name", "org_code", "sex", "birth", "synthetic")
    return {name: getattr(one, name) for name in fields} | {
        "education": one.education or None,
        "party": one.party or None,
        "id_number": masked(one.id_number),
        "phone": masked(one.phone),
        "posts": [
            {name: getattr(post, name) for name in ("org_code", "kind", "title", "main")} | since_until(post.span)
            for post in one.main_posts  # type: ignore[attr-defined]
        ],
        "certificates": [{"level": row.level, "issued": row.issued} for row in one.certificates.all()],
        "statuses": [row.kind for row in one.standing],  # type: ignore[attr-defined]
    }


def _with_what_is_shown(rows: Any, on: date) -> Any:
    standing = Prefetch("statuses", StatusPeriod.objects.filter(span__contains=on), to_attr="standing")
    return queries.for_list(rows, on).prefetch_related(standing)


@people.get("", response=answers(People), summary="人员列表", url_name="people")
def list_people(request: HttpRequest, asked: Query[AskedPeople]) -> dict[str, Any]:
    """The people within the token's scope; post and status as of `on` (today)."""
    on = asked.on or timezone.localdate()
    rows = queries.filtered(
        people_for(request.user), on=on, text=asked.q, org_code=asked.org or "", post=asked.post or "",
        certificate=asked.certificate or "", education=asked.education or "", party=asked.party or "",
        status=asked.status or "",
    )  # fmt: skip
    return page(_with_what_is_shown(rows.order_by("org_code", "pk"), on), asked, _person)


@people.get("/{person_id}", response=answers(PersonOut), summary="一个人员", url_name="person")
def one_person(request: HttpRequest, person_id: Id, on: Day | None = None) -> dict[str, Any]:
    """One person, her main post and status as of `on` (today)."""
    one = get_person_for(request.user, person_id)
    return _person(_with_what_is_shown(people_for(request.user).filter(pk=one.pk), on or timezone.localdate()).get())
