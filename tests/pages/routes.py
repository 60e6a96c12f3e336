"""Every route of the site and of the API, read from the resolver; and who sees what the address of each names.

SIGHT speaks of accounts and subjects (people) of the cast, and of those added here: two who work in a grid. What the addresses
lead to is built in world.py. A view that neither SIGHT nor FOR_ALL nor ELSEWHERE knows fails the build (test_permission_table).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver

from qinglan.apps.people.models import PostKind, Role
from tests import cast as casting
from tests.pages.table import EVERYBODY, PUBLIC

METHODS = ("get", "post", "put", "patch", "delete", "head", "options")
# One whose role reaches no further than her own grid, and the other of that grid.
GRID = "990101001001001"
MEMBERS = casting.MEMBERS | {"gridder_a": (Role.WORKER, GRID, "gridder_a")}
PEOPLE = casting.PEOPLE | {
    "gridder_a": (GRID, PostKind.GRID, "周强"),
    "gridmate_a": (GRID, PostKind.GRID, "吴婷"),
}
ACCOUNTS = (*EVERYBODY, "gridder_a")
# The subject of a route, from the nearest to the farthest of those who look from 甲一东社区.
SUBJECTS = ("worker_a", "gridmate_a", "colleague_a", "neighbour_a", "sibling_a", "worker_b")


def _with_grid(sees: dict[str, set[str]]) -> dict[str, set[str]]:
    """Who sees the community's people sees those of its grid; one who works there sees herself."""
    grid = {"gridder_a", "gridmate_a"}
    return {name: seen | (grid if "colleague_a" in seen else set()) for name, seen in sees.items()} | {
        "gridder_a": {"gridder_a"}
    }


SEES, SEES_RESULTS = _with_grid(casting.SEES), _with_grid(casting.SEES_RESULTS)


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
    return PEOPLE[subject][0]


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


def _own(name: str, subject: str) -> bool:
    return MEMBERS[name][2] == subject


def _pays(*roles: str) -> Seen:
    """Accounts with one of these roles whose scope holds the subject, and herself."""

    def seen(name: str, subject: str) -> bool:
        role, code = _of(name)
        return (role in roles and _place(subject).startswith(code)) or _own(name, subject)

    return seen


def files(name: str, subject: str) -> bool:
    """Who made her claims: herself, or for one without an account the street's officer."""
    return name == (subject if subject in MEMBERS else STREET_OFFICER[_place(subject)[:9]])


def hears(name: str, subject: str) -> bool:
    """Who takes her view down: she herself, or who keeps her record."""
    return _own(name, subject) or writer(name, subject)


slips = _pays("district_officer", "subdistrict_officer", "finance", "auditor")
claims = _pays("district_officer", "subdistrict_officer", "auditor")
pay_months = district("district_officer", "subdistrict_officer", "finance", "auditor")
officer = district("district_officer")
runs = district("district_officer", "subdistrict_officer", "community_secretary", "auditor")
auditors = district("district_officer", "auditor", "audit_admin")


def closes_claims(name: str, subject: str) -> bool:
    return files(name, subject) or officer(name, subject)


def releases(name: str, subject: str) -> bool:
    return name == "administrator" or auditors(name, subject)


def rehearsals(name: str, subject: str) -> bool:
    return name == "administrator" or officer(name, subject)


def keeper(name: str, subject: str) -> bool:
    return name == "administrator" or district("district_officer", "security_admin")(name, subject)


def token_keeper(name: str, subject: str) -> bool:
    """Its owner (the street's officer of the subject) and who keeps accounts."""
    return keeper(name, subject) or name == STREET_OFFICER[_place(subject)[:9]]


def hook_keeper(name: str, subject: str) -> bool:
    return district("district_officer", "security_admin")(name, subject)


def sender(name: str, subject: str) -> bool:
    return name == STREET_OFFICER[_place(subject)[:9]]


def answers(name: str, subject: str) -> bool:
    """Who answers what residents of the subject's place ask."""
    role, code = _of(name)
    may = ("district_officer", "subdistrict_officer", "community_secretary", "worker")
    return role in may and _place(subject).startswith(code)


def receiver(name: str, subject: str) -> bool:
    return name == OWN_ACCOUNT[subject]


def posts_codes(name: str, subject: str) -> bool:
    """Who prints the code to scan of the subject's community: those who answer there. None hangs at a grid."""
    return answers(name, subject) and len(_place(subject)) <= 12


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
    "people:end-sessions": keeper,
    "people:end-grant": keeper,
    "people:compare": officer,
    "people:unmerge": officer,
    "people:everything": hears,
    "people:log-event": auditors,
    "facts:person-facts": person,
    "facts:fact": person,
    "facts:correct": person,
    "facts:withdraw": person,
    "facts:import": officer,
    "facts:progress": officer,
    "facts:check": officer,
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
    "policy:letter": results,
    "policy:letters": runs,
    "policy:release": releases,
    "policy:release-read": releases,
    "policy:release-move": releases,
    "rehearsal:rehearsal": rehearsals,
    "rehearsal:progress": rehearsals,
    "rehearsal:groups": rehearsals,
    "rehearsal:winners": rehearsals,
    "rehearsal:report": rehearsals,
    "rehearsal:scenario": rehearsals,
    "rehearsal:live": rehearsals,
    "rehearsal:cancel": rehearsals,
    "rehearsal:adopt": rehearsals,
    "rehearsal:study": rehearsals,
    "rehearsal:study-progress": rehearsals,
    "rehearsal:study-answer": rehearsals,
    "rehearsal:study-cancel": rehearsals,
    "pay:month": pay_months,
    "pay:close": pay_months,
    "pay:slip": slips,
    "pay:slip-pdf": slips,
    "rights:claim": claims,
    "rights:evidence": claims,
    "rights:withdraw": files,
    "rights:review": files,
    "rights:close": closes_claims,
    "rights:assign": officer,
    "rights:answer": officer,
    "rights:correct": officer,
    "rights:complete": officer,
    "rights:propose": writer,
    "rights:proposal": claims,
    "rights:tick": writer,
    "rights:move": hears,
    "erasure:ask": officer,
    "erasure:erasure": officer,
    "erasure:move": officer,
    "assistant:hand-over": answers,
    "assistant:take": answers,
    "assistant:put-back": answers,
    "assistant:answer": answers,
    "assistant:close": answers,
    "assistant:card": officer,
    "assistant:card-edit": officer,
    "assistant:card-retire": officer,
    "assistant:card-update": officer,
    "assistant:card-yaml": officer,
    "assistant:card-version": officer,
    "assistant:card-move": officer,
    "assistant:city-field": officer,
    "assistant:evaluation": officer,
    "assistant:evaluation-progress": officer,
    "assistant:evaluation-carry-out": officer,
    "assistant:evaluation-cancel": officer,
    "exchange:revoke": token_keeper,
    "exchange:conflict": sender,
    "exchange:stop-webhook": hook_keeper,
    "exchange:again": hook_keeper,
    "notices:open": receiver,
    "assistant:qr-sheet": posts_codes,
    "api:organisation": tree,
    "api:person": person,
    "api:fact": person,
    "api:supersede-fact": person,
    "api:withdraw-fact": person,
    "api:run": runs,
    "api:decisions": runs,
    "api:decide-run": runs,
    "api:result": results,
    "api:pay-slip": slips,
    "api:claim": claims,
    "api:answer-claim": claims,
}
# Same for every account that is signed in: nothing of a person is in the address, nor of a place that not all may open.
FOR_ALL = {"facts:template", "policy:pack", "api:pack", "api:facts"} | (
    PUBLIC - {"assistant:choose"}
)  # its address names nothing
# Views whose rows the world does not build; asked with ids that there are not, and by strangers. Each with where it is tried.
ELSEWHERE = {
    "base:sample-progress": "for builders: test_gallery",
    "rehearsal:study-template": "a blank workbook, named by its kind: table.py says who",
}
# What is the same for every subject.
FIXED: dict[str, dict[str, Any]] = {view: {"place": "990101001001", "question_id": 999_999_999} for view in PUBLIC} | {
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
    "rights:propose": {"kind": "end"},
    "rights:move": {"move": "hear"},
    "erasure:move": {"move": "drop"},
}
# Where a parameter stands for another row than it does elsewhere: one on which the move can be made.
INSTEAD = {
    "people:compare": {"first_id": "person_id", "second_id": "twin_id"},
    "policy:decide": {"run_id": "other_id"},
    "policy:review": {"run_id": "reviewed_id"},
    "policy:mark": {"run_id": "reviewed_id"},
    "rehearsal:adopt": {"rehearsal_id": "lived_id"},
    "rehearsal:groups": {"rehearsal_id": "lived_id"},
    "rehearsal:winners": {"rehearsal_id": "lived_id"},
    "rehearsal:report": {"rehearsal_id": "lived_id"},
    "pay:close": {"month_id": "open_month_id"},
    "assistant:qr-sheet": {"place": "code"},
    "facts:forget": {"batch_id": "applied_id"},
    "rights:propose": {"kind": "proposable"},
    "rights:answer": {"claim_id": "assigned_id"},
    "rights:review": {"claim_id": "answered_id"},
    "rights:close": {"claim_id": "answered_id"},
    "rights:correct": {"claim_id": "upheld_id"},
    "rights:complete": {"claim_id": "upheld_id"},
    "assistant:put-back": {"hand_over_id": "taken_id"},
    "assistant:answer": {"hand_over_id": "taken_id"},
    "api:decisions": {"run_id": "other_id"},
    "api:decide-run": {"run_id": "other_id"},
    "api:answer-claim": {"claim_id": "assigned_id"},
}
