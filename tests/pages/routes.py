"""Every route of the site and of the API, read from the resolver, and a world of rows in which each of them leads somewhere.

The world stands in both districts of the cast. For each subject (a person) it names what the parameters of a route stand for;
SIGHT says who sees that. A route that neither WORLD nor ELSEWHERE knows fails the build (test_permission_table).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver
from django.utils import timezone

from qinglan.apps.exchange.actions import answers, tokens, webhooks
from qinglan.apps.exchange.models import Delivery, KeyConflict, Scope, StoredAnswer, Token
from qinglan.apps.facts.actions import imports, recording
from qinglan.apps.facts.models import HeaderWord, ImportBatch, TrainingRecord
from qinglan.apps.notices.models import Notice
from qinglan.apps.people.models import Certificate, CertificateLevel, Posting, Role, RoleGrant
from qinglan.apps.policy.actions import adoption, years
from qinglan.apps.policy.models import PersonResult, Run, UnitResult
from tests import cast as casting
from tests.cast import MEMBERS, SEES, SEES_RESULTS, Cast
from tests.factories import published
from tests.unit.facts.workbooks import book

ABSENT = 999_999_999
HEAD = ["身份证号码", "姓名", "所属社区", "培训日期", "培训课程", "培训类别", "学时", "佐证材料", "记录人"]
METHODS = ("get", "post", "put", "patch", "delete", "head", "options")
# The subject of a route, from the nearest to the farthest of those who look from 甲一东社区.
SUBJECTS = ("worker_a", "colleague_a", "neighbour_a", "sibling_a", "worker_b")


@dataclass(frozen=True)
class Route:
    """`view` with its namespace, `pattern` as Django writes it, `params` in order."""

    view: str
    pattern: str
    params: tuple[str, ...]

    def address(self, values: dict[str, Any]) -> str:
        """The address with these values; KeyError names a parameter that the world does not know."""
        return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(values[found[1]]), self.pattern)


def routes() -> list[Route]:
    """All routes of ours: those with a namespace. The library's own (accounts/) have tests of their own."""
    return sorted(set(_walk(get_resolver(), "", "")), key=lambda route: (route.view, route.pattern))


def _walk(resolver: URLResolver, prefix: str, namespace: str) -> list[Route]:
    found = []
    for one in resolver.url_patterns:
        pattern = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            found += _walk(one, pattern, f"{one.namespace}:" if one.namespace else namespace)
        elif isinstance(one, URLPattern) and namespace:
            params = tuple(re.findall(r"<(?:\w+:)?(\w+)>", pattern))
            found.append(Route(f"{namespace}{one.name}", pattern, params))
    return found


Seen = Callable[[str, str], bool]


def _of(name: str) -> tuple[str, str]:
    """(role, code) of an account while it has one."""
    role, code, _ = MEMBERS[name]
    return ("", "") if role is None or name in casting.ENDED else (str(role), code)


def _place(subject: str) -> str:
    return casting.PEOPLE[subject][0]


def person(name: str, subject: str) -> bool:
    return subject in SEES[name]


def results(name: str, subject: str) -> bool:
    return subject in SEES_RESULTS[name]


def writer(name: str, subject: str) -> bool:
    """Who changes a person's record: the officers of her place."""
    role, code = _of(name)
    return role in ("district_officer", "subdistrict_officer") and _place(subject).startswith(code)


def tree(name: str, subject: str) -> bool:
    """Who reads the organisation of the subject's community."""
    code = _of(name)[1]
    return name == "administrator" or (bool(code) and _place(subject).startswith(code))


def district(*roles: str) -> Seen:
    """Accounts with one of these roles anywhere in the subject's district."""

    def seen(name: str, subject: str) -> bool:
        role, code = _of(name)
        return role in roles and code[:6] == _place(subject)[:6]

    return seen


def units(name: str, subject: str) -> bool:
    role, code = _of(name)
    reads = role in ("district_officer", "subdistrict_officer", "community_secretary", "auditor")
    return reads and _place(subject).startswith(code)


officer = district("district_officer")
runs = district("district_officer", "subdistrict_officer", "community_secretary", "auditor")
auditors = district("district_officer", "auditor", "audit_admin")


def keeper(name: str, subject: str) -> bool:
    return name == "administrator" or district("district_officer", "security_admin")(name, subject)


def token_keeper(name: str, subject: str) -> bool:
    """Its owner (the street's officer of the subject) and who keeps accounts."""
    return keeper(name, subject) or name == STREET_OFFICER[_place(subject)[:9]]


def hook_keeper(name: str, subject: str) -> bool:
    return district("district_officer", "security_admin")(name, subject)


def sender(name: str, subject: str) -> bool:
    return name == STREET_OFFICER[_place(subject)[:9]]


def receiver(name: str, subject: str) -> bool:
    return name == OWN_ACCOUNT[subject]


# Whose notice stands for a subject who has no account of her own: another's.
OWN_ACCOUNT = {subject: subject if subject in MEMBERS else "secretary_a" for subject in SUBJECTS}
STREET_OFFICER = {"990101001": "subdistrict_a", "990101002": "subdistrict_a2", "990102001": "subdistrict_b"}
# View -> who sees what its address names. Views without parameters are in table.py; what is public to all accounts is not here.
SIGHT: dict[str, Seen] = {
    "people:organisation": tree,
    "people:branches": tree,
    "people:reorganise": tree,
    "people:person": person,
    "people:reveal": person,
    "people:change": writer,
    "people:end-post": writer,
    "people:renew": writer,
    "people:account": keeper,
    "people:password": keeper,
    "people:grant": keeper,
    "people:deactivate": keeper,
    "people:reactivate": keeper,
    "people:end-grant": keeper,
    "facts:person-facts": person,
    "facts:fact": person,
    "facts:correct": person,
    "facts:withdraw": person,
    "facts:import": officer,
    "facts:progress": officer,
    "facts:apply": officer,
    "facts:give-up": officer,
    "facts:forget": officer,
    "facts:marked": officer,
    "facts:columns": officer,
    "facts:remove-word": officer,
    "policy:run": runs,
    "policy:decide": runs,
    "policy:review": runs,
    "policy:mark": runs,
    "policy:differences": runs,
    "policy:person-results": results,
    "policy:unit": units,
    "policy:result": results,
    "policy:why": results,
    "policy:pay": results,
    "policy:month": results,
    "exchange:revoke": token_keeper,
    "exchange:conflict": sender,
    "exchange:stop-webhook": hook_keeper,
    "exchange:again": hook_keeper,
    "notices:open": receiver,
    "api:organisation": tree,
    "api:person": person,
    "api:fact": person,
    "api:supersede-fact": person,
    "api:withdraw-fact": person,
    "api:run": runs,
    "api:decisions": runs,
    "api:decide-run": runs,
    "api:result": results,
}
# Same for every account that is signed in: nothing of a person or a place is in the address.
FOR_ALL = {"facts:template", "policy:pack", "api:pack", "api:facts"}
# Views whose rows the world does not build; asked with ids that there are not, and by strangers. Each with where it is tried.
ELSEWHERE = {
    "people:compare": "two records that may be one: table.py and test_editing",
    "people:unmerge": "test_editing",
    "policy:letter": "a PDF a cell is slow: test_letters",
    "policy:letters": "test_letters",
    "policy:release": "test_releases",
    "policy:release-read": "test_releases",
    "policy:release-move": "test_releases",
    "people:everything": "a zip a cell: test_everything",
    "people:log-event": "rows of the log itself: test_audit_log_page",
    "pay:month": "test_pay",
    "pay:close": "test_pay",
    "pay:slip": "test_pay",
    "pay:slip-pdf": "test_pay",
    "api:pay-month": "test_pay_api",
    "api:pay-slip": "test_pay_api",
    "base:sample-progress": "for builders: test_gallery",
    **{
        f"rights:{view}": "test_rights"
        for view in (
            "claim", "evidence", "withdraw", "review", "close", "assign", "answer", "correct", "complete", "propose", "proposal",
            "tick", "move",
        )
    },
}  # fmt: skip
# What is the same for every subject.
FIXED: dict[str, dict[str, Any]] = {
    "people:reorganise": {"what": "rename"},
    "people:change": {"what": "fields"},
    "people:reveal": {"field": "id_number"},
    "facts:template": {"kind": "training"},
    "facts:fact": {"kind": "training"},
    "facts:correct": {"kind": "training"},
    "facts:withdraw": {"kind": "training"},
    "policy:why": {"family": "assess.four_in_one"},
    "policy:month": {"month": 3},
    "policy:pack": {"name": "taoyuan"},
    "api:pack": {"name": "taoyuan"},
    "api:facts": {"kind": "training"},
    "api:fact": {"kind": "training"},
    "api:supersede-fact": {"kind": "training"},
    "api:withdraw-fact": {"kind": "training"},
    "rights:propose": {"kind": "x"},
    "rights:move": {"move": "x"},
}


@dataclass
class World:
    """`values[subject][parameter]`, and the secrets of tokens by account."""

    cast: Cast
    values: dict[str, dict[str, Any]]
    secrets: dict[str, str]

    def of(self, route: Route, subject: str) -> dict[str, Any]:
        return self.values[subject] | FIXED.get(route.view, {})


def absent(route: Route) -> dict[str, Any]:
    """Values that stand for nothing, of the same shape."""
    values: dict[str, Any] = dict.fromkeys(route.params, ABSENT) | FIXED.get(route.view, {})
    if "code" in values:
        values["code"] = "990199"
    if "other_id" in values:
        values["other_id"] = ABSENT - 1
    return values


def build(cast: Cast) -> World:
    """Rows of every kind in both districts; the cast must be in the database already."""
    values: dict[str, dict[str, Any]] = {}
    for code, chief in (("990101", "district_a"), ("990102", "district_b")):
        _district(cast, code, chief)
    secrets = {name: _token(cast, name) for name in MEMBERS if _of(name)[0]}
    for subject in SUBJECTS:
        values[subject] = _subject(cast, subject)
    return World(cast, values, secrets)


def _district(cast: Cast, code: str, chief: str) -> None:
    adoption.adopt(district=code, pack="taoyuan", since=date(2020, 1, 1), by=None)
    published(years.compute(district=code, year=2025, by=None))
    years.compute(district=code, year=2024, by=None)
    imports.submit(
        kind="training", filename="培训.xlsx", data=book(HEAD), district=code, today=casting.TODAY, by=cast.users[chief]
    )  # fmt: skip
    HeaderWord.objects.create(org_code=code, kind="training", field="course", word="课目")
    row, _ = webhooks.register(
        name="协同平台", url="http://127.0.0.1:9/", events=["run.published"], org_code=code, by=cast.users[chief]
    )
    webhooks.announce(event="run.published", org_code=code, run=1)
    Delivery.objects.filter(webhook=row).update(state=Delivery.State.GIVEN_UP)


def _token(cast: Cast, name: str) -> str:
    today = timezone.localdate()
    return tokens.make(
        name="测试", scopes=Scope.values, org_code=MEMBERS[name][1], expires_on=today + timedelta(days=30), today=today,
        by=cast.users[name],
    )[1]  # fmt: skip


def _subject(cast: Cast, subject: str) -> dict[str, Any]:
    one, code = cast.people[subject], _place(subject)
    row = {
        "person_id": one.pk, "org_code": code, "valid_on": date(2025, 6, 12), "kind": "annual", "course": "社区治理实务",
        "hours": 800, "days": None, "recorder": "李四", "evidence": "签到表", "sheet_row": "",
    }  # fmt: skip
    recording.record_many(kind="training", rows=[row], by=None, org_code=code[:6])
    mark = Certificate.objects.create(person=one, level=CertificateLevel.JUNIOR)
    street = cast.users[STREET_OFFICER[code[:9]]]
    own = cast.users[OWN_ACCOUNT[subject]]
    told = Notice.objects.create(user=own, key=f"world {subject}", text="有一条消息", link="/")
    grant = RoleGrant.objects.filter(org_code__startswith=code[:6], role=Role.WORKER).first()
    run = Run.objects.get(org_code=code[:6], year=2025)
    assert grant is not None
    return {
        "person_id": one.pk,
        "code": code,
        "user_id": grant.user_id,
        "grant_id": grant.pk,
        "posting_id": Posting.objects.get(person=one).pk,
        "certificate_id": mark.pk,
        "fact_id": TrainingRecord.objects.get(person=one).pk,
        "batch_id": ImportBatch.objects.get(org_code=code[:6]).pk,
        "word_id": HeaderWord.objects.get(org_code=code[:6]).pk,
        "run_id": run.pk,
        "other_id": Run.objects.get(org_code=code[:6], year=2024).pk,
        "unit_id": UnitResult.objects.get(run=run, org_code=code).pk,
        "result_id": PersonResult.objects.get(run=run, person=one).pk,
        "token_id": Token.objects.get(user=street).pk,
        "conflict_id": _conflict(street, code),
        "webhook_id": Delivery.objects.get(org_code=code[:6]).webhook_id,
        "delivery_id": Delivery.objects.get(org_code=code[:6]).pk,
        "notice_id": told.pk,
    }


def _conflict(by: Any, code: str) -> int:
    token = Token.objects.get(user=by)
    kept, _ = StoredAnswer.objects.get_or_create(
        by_id=by.pk, key="key-0001",
        defaults={"token_id": token.pk, "operation": "POST /x", "body_hash": "x", "status": 201, "body": "{}"},
    )  # fmt: skip
    made, _ = KeyConflict.objects.get_or_create(
        answer=kept, body_hash=answers.body_hash(b"{}"),
        defaults={"token_id": token.pk, "operation": "POST /x", "body": "{}"},
    )  # fmt: skip
    return made.pk
