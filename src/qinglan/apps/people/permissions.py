"""Who may see and do what: roles give capabilities, grants give the range of codes that they hold for.

The getters (`people_for`, `get_person_for`, `organisations_for`) are the only way from a user to rows: what is out of
scope does not exist for her. `can_x` answers, `check_x` raises the sentence that the user reads. Grants are read as of
today, because access is about now; everything else takes its date as an argument.
An administrator (`is_superuser`) keeps accounts and organisations; she sees no people unless a role says so.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import rules
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone

from qinglan.apps.base.models import code_range, is_within

from .models import Organisation, Person, Posting, Role, RoleGrant

VIEW_ORGANISATIONS = "view_organisations"
CHANGE_ORGANISATIONS = "change_organisations"
VIEW_PEOPLE = "view_people"
CHANGE_PEOPLE = "change_people"
IMPORT_ROSTER = "import_roster"
REVEAL = "reveal"
MERGE_PEOPLE = "merge_people"
GRANT_ROLES = "grant_roles"
IMPORT_FACTS = "import_facts"
VIEW_RESULTS = "view_results"
COMPUTE_YEAR = "compute_year"
ADOPT_PACK = "adopt_pack"

CAPABILITIES: dict[str, frozenset[str]] = {
    Role.DISTRICT_OFFICER: frozenset(
        {
            VIEW_ORGANISATIONS,
            CHANGE_ORGANISATIONS,
            VIEW_PEOPLE,
            CHANGE_PEOPLE,
            IMPORT_ROSTER,
            REVEAL,
            MERGE_PEOPLE,
            GRANT_ROLES,
            IMPORT_FACTS,
            VIEW_RESULTS,
            COMPUTE_YEAR,
            ADOPT_PACK,
        }
    ),
    Role.SUBDISTRICT_OFFICER: frozenset(
        {VIEW_ORGANISATIONS, VIEW_PEOPLE, CHANGE_PEOPLE, IMPORT_ROSTER, IMPORT_FACTS, VIEW_RESULTS, REVEAL}
    ),
    Role.COMMUNITY_SECRETARY: frozenset({VIEW_ORGANISATIONS, VIEW_PEOPLE, VIEW_RESULTS}),
    Role.WORKER: frozenset({VIEW_ORGANISATIONS}),  # and her own record, which needs no capability
}
_ADMINISTRATOR = frozenset({VIEW_ORGANISATIONS, CHANGE_ORGANISATIONS, GRANT_ROLES, ADOPT_PACK})

_SENTENCES = {
    VIEW_ORGANISATIONS: "您没有查看该机构的权限。",
    CHANGE_ORGANISATIONS: "您没有变更该机构的权限，机构变更由区级管理员办理。",
    VIEW_PEOPLE: "您没有查看该范围人员的权限。",
    CHANGE_PEOPLE: "您没有修改该范围人员信息的权限，请联系所在街道或区级管理员。",
    IMPORT_ROSTER: "您没有导入该范围花名册的权限，请联系所在街道或区级管理员。",
    REVEAL: "您没有查看完整身份证号或手机号的权限。",
    MERGE_PEOPLE: "合并重复档案须由区级管理员办理。",
    GRANT_ROLES: "您没有在该机构授予角色的权限。",
    IMPORT_FACTS: "您没有导入该范围事实的权限，请联系所在街道或区级管理员。",
    VIEW_RESULTS: "您没有查看该范围年度结果的权限。",
    COMPUTE_YEAR: "计算年度结果由区级管理员办理。",
    ADOPT_PACK: "选用政策包由区级管理员办理。",
}


def grants_of(user: Any) -> list[RoleGrant]:
    """The grants of `user` in force today; read once a request (kept on the user object)."""
    if not user.is_authenticated or not user.is_active:
        return []
    today = timezone.localdate()
    kept: tuple[date, list[RoleGrant]] | None = getattr(user, "_grants_in_force", None)
    if kept is None or kept[0] != today:
        kept = (today, list(RoleGrant.objects.filter(user=user).on(today)))
        user._grants_in_force = kept
    return kept[1]


def forget_grants(user: Any) -> None:
    """Read the grants anew next time: for actions that change them."""
    user.__dict__.pop("_grants_in_force", None)


def codes_for(user: Any, capability: str) -> list[str]:
    """The codes in whose subtrees `user` has the capability, the outermost only."""
    codes = sorted({grant.org_code for grant in grants_of(user) if capability in CAPABILITIES[grant.role]})
    return [code for code in codes if not any(is_within(code, outer) for outer in codes if outer != code)]


def can(user: Any, capability: str, org_code: str) -> bool:
    """Whether `user` may do this at this organisation. A user of None is the system itself."""
    if user is None:
        return True
    if user.is_active and user.is_superuser and capability in _ADMINISTRATOR:
        return True
    return any(is_within(org_code, code) for code in codes_for(user, capability))


def check(user: Any, capability: str, org_code: str) -> None:
    """Raise PermissionDenied with the sentence for people unless `can`."""
    if not can(user, capability, org_code):
        raise PermissionDenied(_SENTENCES[capability])


def check_anywhere(user: Any, capability: str) -> None:
    """Raise PermissionDenied unless `user` has the capability somewhere: for what belongs to no place yet."""
    if user is None or (user.is_active and user.is_superuser and capability in _ADMINISTRATOR):
        return
    if not codes_for(user, capability):
        raise PermissionDenied(_SENTENCES[capability])


def _own(user: Any) -> Q:
    return Q(pk=user.person_id) if user.is_authenticated and user.is_active and user.person_id else Q(pk__in=[])


def people_for(user: Any, capability: str = VIEW_PEOPLE, on: date | None = None) -> QuerySet[Person]:
    """The people whom `user` may see: those of her scope and herself.

    Without `on` scope goes by where people stand now, with `on` by the main posts of that day. Another capability than
    looking leaves herself out: nobody edits or reveals her own record by being its subject.
    """
    people = Person.objects.living_records()
    if on is None:
        inside = people.within_any(codes_for(user, capability))
    else:
        posts = Posting.objects.on(on).main().within_any(codes_for(user, capability))
        inside = people.filter(Exists(posts.filter(person=OuterRef("pk"))))
    if capability != VIEW_PEOPLE or not getattr(user, "person_id", None):
        return inside
    if not codes_for(user, capability):
        return people.filter(_own(user))
    return inside | people.filter(_own(user))


def get_person_for(user: Any, person_id: int, capability: str = VIEW_PEOPLE) -> Person:
    """One person, or 404: what `user` may not see does not exist for her."""
    return get_object_or_404(people_for(user, capability), pk=person_id)


def organisations_for(user: Any, on: date | None = None) -> QuerySet[Organisation]:
    """The organisations that `user` may see: the subtrees of her roles, as of `on` if given."""
    found = Organisation.objects.all() if on is None else Organisation.objects.as_of(on)
    if user.is_authenticated and user.is_active and user.is_superuser:
        return found
    return found.within_any(codes_for(user, VIEW_ORGANISATIONS))


def get_organisation_for(user: Any, code: str, on: date) -> Organisation:
    """One organisation as of `on`, or 404."""
    return get_object_or_404(organisations_for(user, on), code=code)


def scope_condition(user: Any, capability: str, field: str = "org_code") -> Q:
    """The same scope as a condition on any table that carries an organisation's code; no scope, no rows."""
    condition = Q(pk__in=[])
    for code in codes_for(user, capability):
        condition |= code_range(code, field)
    return condition


@rules.predicate
def can_view_person(user: Any, person: Person) -> bool:
    """In scope, or herself."""
    return can(user, VIEW_PEOPLE, person.org_code) or (user.is_active and user.person_id == person.pk)


@rules.predicate
def can_change_person(user: Any, person: Person) -> bool:
    """May edit this record."""
    return can(user, CHANGE_PEOPLE, person.org_code)


@rules.predicate
def can_reveal_person(user: Any, person: Person) -> bool:
    """May see the full ID number and phone; each look is recorded."""
    return can(user, REVEAL, person.org_code)


@rules.predicate
def can_change_organisation(user: Any, organisation: Organisation) -> bool:
    """May rename, merge, split or move it."""
    return can(user, CHANGE_ORGANISATIONS, organisation.code)


@rules.predicate
def can_list_people(user: Any) -> bool:
    """Has people to look after: what the navigation asks before it shows the list."""
    return bool(codes_for(user, VIEW_PEOPLE))


rules.set_perm("people.list_people", can_list_people)
rules.set_perm("people.view_person", can_view_person)
rules.set_perm("people.change_person", can_change_person)
rules.set_perm("people.reveal_person", can_reveal_person)
rules.set_perm("people.change_organisation", can_change_organisation)
