"""Who may see and do what: roles give capabilities, grants give the range of codes that they hold for.

The getters (`people_for`, `get_person_for`, `organisations_for`) are the only way from a user to rows: what is out of
scope does not exist for her. `can_x` answers, `check_x` raises the sentence that the user reads. Grants are read as of
today, because access is about now; everything else takes its date as an argument.
An administrator (`is_superuser`) keeps accounts and organisations; she sees no people unless a role says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import rules
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone

from qinglan.apps.base.models import code_range, is_within

from .models import Organisation, Person, Posting, Role, RoleGrant, User
from .queries import second_factor

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
SIGN_YEAR = "sign_year"
PUBLISH_YEAR = "publish_year"
RELEASE_PACK = "release_pack"
VIEW_PAY = "view_pay"
COMPUTE_PAY = "compute_pay"
CLOSE_PAY = "close_pay"
VIEW_CLAIMS = "view_claims"
ANSWER_CLAIMS = "answer_claims"
VIEW_AUDIT = "view_audit"
ERASE_PEOPLE = "erase_people"
KEEP_CARDS = "keep_cards"
RELEASE_CARDS = "release_cards"
ANSWER_QUESTIONS = "answer_questions"

# What counts as a signature: made only by who has proved a second factor (queries.second_factor says where).
SIGNED = frozenset({SIGN_YEAR, PUBLISH_YEAR, CLOSE_PAY, RELEASE_PACK, RELEASE_CARDS, ERASE_PEOPLE})

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
            SIGN_YEAR,
            PUBLISH_YEAR,
            RELEASE_PACK,
            VIEW_PAY,
            COMPUTE_PAY,
            CLOSE_PAY,
            VIEW_CLAIMS,
            ANSWER_CLAIMS,
            VIEW_AUDIT,
            ERASE_PEOPLE,
            KEEP_CARDS,
            RELEASE_CARDS,
            ANSWER_QUESTIONS,
        }
    ),
    Role.SUBDISTRICT_OFFICER: frozenset(
        {
            VIEW_ORGANISATIONS,
            VIEW_PEOPLE,
            CHANGE_PEOPLE,
            IMPORT_ROSTER,
            IMPORT_FACTS,
            VIEW_RESULTS,
            REVEAL,
            VIEW_PAY,
            VIEW_CLAIMS,
            ANSWER_QUESTIONS,
        }
    ),
    Role.COMMUNITY_SECRETARY: frozenset({VIEW_ORGANISATIONS, VIEW_PEOPLE, VIEW_RESULTS, ANSWER_QUESTIONS}),
    Role.WORKER: frozenset({VIEW_ORGANISATIONS, ANSWER_QUESTIONS}),  # and her own record, which needs no capability
    Role.MENTOR: frozenset({VIEW_ORGANISATIONS}),  # sees whom she is paired with, by the pairing
    Role.ASSESSOR: frozenset({VIEW_ORGANISATIONS}),  # sees whom she is to assess, by the ballot
    Role.RESIDENT: frozenset({VIEW_ORGANISATIONS}),
    Role.FINANCE: frozenset({VIEW_ORGANISATIONS, VIEW_PEOPLE, VIEW_PAY, CLOSE_PAY}),
    Role.AUDITOR: frozenset({VIEW_ORGANISATIONS, VIEW_PEOPLE, VIEW_RESULTS, VIEW_PAY, VIEW_CLAIMS, VIEW_AUDIT}),
    # 三员: none sees people or results, and nobody holds two of them.
    Role.SYSTEM_ADMIN: frozenset({VIEW_ORGANISATIONS, CHANGE_ORGANISATIONS}),
    Role.SECURITY_ADMIN: frozenset({VIEW_ORGANISATIONS, GRANT_ROLES}),
    Role.AUDIT_ADMIN: frozenset({VIEW_ORGANISATIONS, VIEW_AUDIT}),
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
    SIGN_YEAR: "审核和签署年度结果由区级管理员办理。",
    PUBLISH_YEAR: "公布年度结果由区级管理员办理。",
    RELEASE_PACK: "发布政策包由区级管理员办理。",
    VIEW_PAY: "您没有查看该范围工资的权限。",
    COMPUTE_PAY: "计算月度工资由区级管理员办理。",
    CLOSE_PAY: "月度工资关账由区级管理员或财务办理。",
    VIEW_CLAIMS: "您没有查看该范围诉求的权限。",
    ANSWER_CLAIMS: "答复诉求由区级管理员办理。",
    VIEW_AUDIT: "您没有查看操作记录的权限。",
    ERASE_PEOPLE: "删除个人信息由区级管理员办理。",
    KEEP_CARDS: "维护知识卡由区级管理员办理。",
    RELEASE_CARDS: "发布知识卡由区级管理员办理。",
    ANSWER_QUESTIONS: "您没有答复该社区居民提问的权限。",
}


def grants_of(user: Any) -> list[RoleGrant]:
    """The grants of `user` in force today; read once a request (kept on the user object)."""
    if not user.is_authenticated or not user.is_active:
        return []
    today = timezone.localdate()
    kept: tuple[date, list[RoleGrant]] | None = getattr(user, "_grants_in_force", None)
    if kept is None or kept[0] != today:
        kept = (today, _limited(user, RoleGrant.objects.filter(user=user).on(today)))
        user._grants_in_force = kept
    return kept[1]


def _limited(user: Any, grants: Iterable[RoleGrant]) -> list[RoleGrant]:
    """The grants as far as they lie in the limit that `limit` set; all of them without one."""
    code = getattr(user, "_limit", "")
    if not code:
        return list(grants)
    found = []
    for grant in grants:
        if is_within(code, grant.org_code):
            grant.org_code = code  # in memory only
        if is_within(grant.org_code, code):
            found.append(grant)
    return found


def limit(user: Any, org_code: str) -> None:
    """Let this account object stand for no more than the roles within `org_code`, for as long as it lives: what a token
    gives away of its owner. An administrator's rights beyond roles are not given away at all."""
    user._limit, user.is_superuser, user.is_staff = org_code, False, False
    forget_grants(user)


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
    """Raise PermissionDenied with the sentence for people unless `can`; for what is signed, also without a second factor."""
    if not can(user, capability, org_code):
        raise PermissionDenied(_SENTENCES[capability])
    if capability in SIGNED and user is not None and second_factor.needed_in(org_code):
        missing = second_factor.lacking(user)
        if missing:
            raise PermissionDenied(missing)


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
    people = Person.objects.living_records().filter(erased_at__isnull=True)
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


def get_person_to_open_for(user: Any, person_id: int) -> Person:
    """The person for whom `user` may open an account, or 404: of her scope for accounts, and one whom she may see. Who keeps
    accounts but no people (the security administrator) would else read names off by number; the office opens those."""
    return get_object_or_404(people_for(user).filter(pk__in=people_for(user, GRANT_ROLES)), pk=person_id)


def organisations_for(user: Any, on: date | None = None) -> QuerySet[Organisation]:
    """The organisations that `user` may see: the subtrees of her roles, as of `on` if given."""
    found = Organisation.objects.all() if on is None else Organisation.objects.as_of(on)
    if user.is_authenticated and user.is_active and user.is_superuser:
        return found
    return found.within_any(codes_for(user, VIEW_ORGANISATIONS))


def places_of_people_for(user: Any, on: date) -> QuerySet[Organisation]:
    """The organisations in which `user` sees people, as of `on`: what a list of people can be narrowed by.

    An administrator keeps the organisations of every district; that is another matter.
    """
    codes = codes_for(user, VIEW_PEOPLE) or codes_for(user, VIEW_ORGANISATIONS)
    return Organisation.objects.as_of(on).within_any(codes)


def get_organisation_for(user: Any, code: str, on: date) -> Organisation:
    """One organisation as of `on`, or 404."""
    return get_object_or_404(organisations_for(user, on), code=code)


def accounts_for(user: Any) -> QuerySet[User]:
    """The accounts that `user` looks after: of people in her scope, and those that have or had a role in it. An
    administrator keeps them all."""
    if user.is_authenticated and user.is_active and user.is_superuser:
        return User.objects.all()
    codes = codes_for(user, GRANT_ROLES)
    if not codes:
        return User.objects.none()
    return accounts_within(codes)


def accounts_within(codes: list[str]) -> QuerySet[User]:
    """The accounts that belong to the subtrees: with a role there, at any time, or of a person there."""
    here = RoleGrant.objects.within_any(codes).filter(user=OuterRef("pk"))
    return User.objects.filter(Q(person__in=Person.objects.within_any(codes)) | Exists(here))


def get_account_for(user: Any, user_id: int) -> User:
    """One account, or 404."""
    return get_object_or_404(accounts_for(user), pk=user_id)


def get_grant_for(user: Any, grant_id: int) -> RoleGrant:
    """One grant of a role within the scope of `user`, or 404."""
    grants = RoleGrant.objects.select_related("user")
    if not (user.is_active and user.is_superuser):
        grants = grants.within_any(codes_for(user, GRANT_ROLES))
    return get_object_or_404(grants, pk=grant_id)


def can_keep_account(user: Any, account: User) -> bool:
    """Whether `user` may hand out a password for the account or shut it. Who could do that for an account with rights
    elsewhere would have those rights: so only when nothing of it lies, or ever lay, outside her scope."""
    if user is None or (user.is_active and user.is_superuser):
        return True
    if account.is_superuser or not codes_for(user, GRANT_ROLES):
        return False
    codes = [grant.org_code for grant in account.grants.all()]
    if account.person is not None:
        codes.append(account.person.org_code)
    return bool(codes) and all(can(user, GRANT_ROLES, code) for code in codes)


def check_keep_account(user: Any, account: User) -> None:
    """Raise PermissionDenied with the sentence for people unless `can_keep_account`."""
    if not can_keep_account(user, account):
        raise PermissionDenied("这个账号属于系统管理员，或在您的辖区之外还有角色，请由系统管理员办理。")


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


@rules.predicate
def can_keep_accounts(user: Any) -> bool:
    """Keeps accounts: an administrator, or who may grant roles somewhere."""
    return bool(user.is_active and user.is_superuser) or bool(codes_for(user, GRANT_ROLES))


@rules.predicate
def can_view_log(user: Any) -> bool:
    """May read the log somewhere."""
    return bool(codes_for(user, VIEW_AUDIT))


rules.set_perm("people.view_log", can_view_log)
rules.set_perm("people.keep_accounts", can_keep_accounts)
rules.set_perm("people.list_people", can_list_people)
rules.set_perm("people.view_person", can_view_person)
rules.set_perm("people.change_person", can_change_person)
rules.set_perm("people.reveal_person", can_reveal_person)
rules.set_perm("people.change_organisation", can_change_organisation)
