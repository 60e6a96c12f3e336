"""A published year of 甲区 with a worker's result, and a claim about a figure of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import count
from typing import Any

import pytest
from tests.factories import published

from qinglan.apps.base.models import span
from qinglan.apps.people.models import Role, RoleGrant, User
from qinglan.apps.policy.actions import adoption, years
from qinglan.apps.policy.models import PersonResult, Run
from qinglan.apps.rights.actions import claims
from qinglan.apps.rights.models import Claim

DISTRICT = "990101"
FAMILY, STEP = "assess.four_in_one", "composite"
DAY = date(2026, 6, 1)
_serial = count(1)


def officer(name: str, code: str = DISTRICT, role: Role = Role.DISTRICT_OFFICER) -> User:
    """Another account with a role."""
    user = User.objects.create(username=f"{name}_{next(_serial)}", last_name=name)
    RoleGrant.objects.create(user=user, role=role, org_code=code, span=span(date(2020, 1, 1)))
    return user


@pytest.fixture(scope="module")
def module_run(module_cast: Any, django_db_blocker: Any) -> Run:
    """The published year, computed once for the module."""
    with django_db_blocker.unblock():
        adoption.adopt(district=DISTRICT, pack="taoyuan", since=date(2020, 1, 1), by=None)
        return published(years.compute(district=DISTRICT, year=2025, by=None))


@pytest.fixture
def run(cast: Any, module_run: Run) -> Run:
    return Run.objects.get(pk=module_run.pk)


@pytest.fixture
def result(cast: Any, run: Run) -> PersonResult:
    """The worker's year."""
    return PersonResult.objects.select_related("run", "person").get(run=run, person=cast.people["worker_a"])


@pytest.fixture
def objection(result: PersonResult) -> claims.Objection:
    return claims.Objection(result, FAMILY, STEP)


@pytest.fixture
def file(cast: Any, objection: claims.Objection) -> Callable[..., Claim]:
    """file(): the worker objects to her composite score; any argument otherwise."""

    def make(**more: Any) -> Claim:
        user = more.get("by", cast.users["worker_a"])
        given = {
            "person": cast.people["worker_a"],
            "text": "少算了一次群众评议",
            "key": f"key-{next(_serial)}",
            "on": DAY,
            "by": user,
            "objection": objection,
        }
        return claims.file(**(given | more))

    return make
