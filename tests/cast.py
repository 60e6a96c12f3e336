"""The fixed cast of all access tests: two fictional districts that must never meet, and one of each role.

    99 虚构省 · 9901 虚构市
    990101 甲区: 990101001 (communities …001, …002), 990101002 (community …001)
    990102 乙区: 990102001 (community …001)

Everybody is synthetic. A page test walks MEMBERS and asks of each page what SEES says.
"""

import functools
from dataclasses import dataclass, field
from datetime import date

from django.conf import settings
from django.contrib.auth.hashers import make_password

from qinglan.apps.base.models import span
from qinglan.apps.people.models import Person, PostKind, Role, RoleGrant, User
from tests.factories import organisation, posted

SINCE = date(2020, 1, 1)
ENDED = {"former_a": date(2025, 1, 1)}  # account -> the first day on which it had its role no more
TODAY = date(2026, 6, 1)  # for actions that ask for the day
PASSWORD = "cast-password-1"

ORGANISATIONS = {
    "99": "虚构省",
    "9901": "虚构市",
    "990101": "甲区",
    "990101001": "甲一街道",
    "990101001001": "甲一东社区",
    "990101001002": "甲一西社区",
    "990101002": "甲二街道",
    "990101002001": "甲二社区",
    "990102": "乙区",
    "990102001": "乙一街道",
    "990102001001": "乙一社区",
}

# One worker a community, and the secretary of the first one.
PEOPLE = {
    "secretary_a": ("990101001001", PostKind.SECRETARY_DIRECTOR, "单红"),
    "worker_a": ("990101001001", PostKind.WORKER, "仇芳"),
    "colleague_a": ("990101001001", PostKind.GRID, "王芳"),
    "neighbour_a": ("990101001002", PostKind.WORKER, "李娜"),  # same sub-district, other community
    "sibling_a": ("990101002001", PostKind.WORKER, "张敏"),  # other sub-district
    "worker_b": ("990102001001", PostKind.WORKER, "陈静"),  # other district
    "secretary_b": ("990102001001", PostKind.SECRETARY_DIRECTOR, "杨洋"),
}

# Account -> (role, organisation, own record or None)
MEMBERS: dict[str, tuple[Role | None, str, str | None]] = {
    "district_a": (Role.DISTRICT_OFFICER, "990101", None),
    "district_b": (Role.DISTRICT_OFFICER, "990102", None),
    "subdistrict_a": (Role.SUBDISTRICT_OFFICER, "990101001", None),
    "subdistrict_a2": (Role.SUBDISTRICT_OFFICER, "990101002", None),
    "subdistrict_b": (Role.SUBDISTRICT_OFFICER, "990102001", None),
    "secretary_a": (Role.COMMUNITY_SECRETARY, "990101001001", "secretary_a"),
    "secretary_b": (Role.COMMUNITY_SECRETARY, "990102001001", "secretary_b"),
    "worker_a": (Role.WORKER, "990101001001", "worker_a"),
    "worker_b": (Role.WORKER, "990102001001", "worker_b"),
    "mentor_a": (Role.MENTOR, "990101001", None),
    "assessor_a": (Role.ASSESSOR, "990101", None),
    "resident_a": (Role.RESIDENT, "990101001001", None),
    "finance_a": (Role.FINANCE, "990101", None),
    "auditor_a": (Role.AUDITOR, "990101", None),
    "system_a": (Role.SYSTEM_ADMIN, "990101", None),  # 三员
    "security_a": (Role.SECURITY_ADMIN, "990101", None),
    "audit_a": (Role.AUDIT_ADMIN, "990101", None),
    "former_a": (Role.SUBDISTRICT_OFFICER, "990101001", None),  # until ENDED
    "nobody": (None, "", None),  # an account without any role
    "administrator": (None, "", None),  # keeps accounts and organisations, sees no people
}

# Account -> the people whom it sees: the truth table of scope.
SEES: dict[str, set[str]] = {
    "district_a": {"secretary_a", "worker_a", "colleague_a", "neighbour_a", "sibling_a"},
    "district_b": {"worker_b", "secretary_b"},
    "subdistrict_a": {"secretary_a", "worker_a", "colleague_a", "neighbour_a"},
    "subdistrict_a2": {"sibling_a"},
    "subdistrict_b": {"worker_b", "secretary_b"},
    "secretary_a": {"secretary_a", "worker_a", "colleague_a"},
    "secretary_b": {"worker_b", "secretary_b"},
    "worker_a": {"worker_a"},
    "worker_b": {"worker_b"},
    "mentor_a": set(),  # whom she is paired with, by the pairing; none here
    "assessor_a": set(),
    "resident_a": set(),
    "finance_a": {"secretary_a", "worker_a", "colleague_a", "neighbour_a", "sibling_a"},
    "auditor_a": {"secretary_a", "worker_a", "colleague_a", "neighbour_a", "sibling_a"},
    "system_a": set(),
    "security_a": set(),
    "audit_a": set(),
    "former_a": set(),
    "nobody": set(),
    "administrator": set(),
}

# Account -> the people whose results of a year it sees: money's keeper sees people and pay, not grades.
SEES_RESULTS: dict[str, set[str]] = SEES | {"finance_a": set()}

# Account -> the people whose full ID number it may see (each look recorded).
REVEALS: dict[str, set[str]] = {
    name: SEES[name] if name.startswith(("district", "subdistrict")) else set() for name in MEMBERS
}


@dataclass
class Cast:
    """The built cast: users and people by the names above."""

    users: dict[str, User] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)


@functools.cache
def _hashed(hashers: tuple[str, ...]) -> str:
    """The cast's one password, hashed once a run for each setting of `hashers`: hashing is slow on purpose."""
    return make_password(PASSWORD)


def build() -> Cast:
    """Put the cast into the database."""
    cast = Cast()
    for code, name in ORGANISATIONS.items():
        organisation(code, name)
    for name, (code, kind, full_name) in PEOPLE.items():
        cast.people[name] = posted(code, kind, SINCE, name=full_name)
    for name, (role, code, own) in MEMBERS.items():
        user = User(username=name, last_name=name, person=cast.people[own] if own else None)
        user.is_superuser = name == "administrator"
        user.password = _hashed(tuple(settings.PASSWORD_HASHERS))
        user.save()
        if role is not None:
            RoleGrant.objects.create(user=user, role=role, org_code=code, span=span(SINCE, ENDED.get(name)))
        cast.users[name] = user
    return cast
