"""The permission table: every route × method × account × subject. What is out of sight does not exist, strangers are sent away,
whatever is refused changes nothing and is written down. The routes and who sees what are in routes.py, what they lead to in
world.py, what is posted in writes.py; lists are in table.py.

CI asks every denied cell by GET, HEAD and POST and the other methods for the nearest and the farthest subject; `slow` asks
them for all.
"""

import copy
import json
import logging
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client, override_settings
from django.urls import resolve

from qinglan.apps.audit.models import AccessDenied
from qinglan.apps.people.models import Role, RoleGrant
from tests.pages import world as world_of
from tests.pages import writes
from tests.pages.routes import ACCOUNTS, ELSEWHERE, FOR_ALL, METHODS, SIGHT, SUBJECTS, Route, routes
from tests.pages.table import ELSEWHERE as PAGES_ELSEWHERE
from tests.pages.table import PAGES
from tests.pages.world import World, absent

pytestmark = pytest.mark.django_db

ROUTES = routes()
SEEN = [route for route in ROUTES if route.view in SIGHT]
PUBLIC = {"api:openapi-json", "api:api-root", "portal:setup"}  # the description of the API; the first start, once
DENIED = {403, 404, 405}
LOGGED = {403, 404}
# Written by a refusal itself: the session, the log of refusals, the chain's note of that row, a token's last use.
LOGS = ("django_session", "audit_accessdenied", "audit_chainpending", "exchange_tokenuse", "qinglan_cache")
LOGGED_LOOKS = {"facts:marked"}  # gives full ID numbers away, which the log says
SLOW_TO_MAKE = {"policy:letter", "pay:slip-pdf"}  # typst: one PDF will do
REAL_PAGES = copy.deepcopy(settings.TEMPLATES)
LOOKING = ("district_a", "secretary_a", "worker_a", "auditor_a", "security_a", "administrator")  # each sees other pages
# On some addresses GET has one name and POST another.
POSTED = {"api:decisions": "decide-run"}


@pytest.fixture(scope="module", autouse=True)
def quick(django_db_setup) -> Iterator[None]:
    """The log of refusals counts in a cache: here one in memory. Tokens may call as often as the table asks."""
    kept = {"MAX_ENTRIES": 1_000_000}  # nothing falls out while it is counted
    memory = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": kept}}
    # a refusal's page in one line: the real one says nothing of what was asked (test_the_page_of_what_is_not_there_says_nothing)
    bare = ("django.template.loaders.locmem.Loader", {"403.html": "{{ exception }}", "404.html": "nothing here"})
    templates = copy.deepcopy(settings.TEMPLATES)
    templates[0]["OPTIONS"]["loaders"] = [bare, *templates[0]["OPTIONS"]["loaders"]]
    logging.disable(logging.WARNING)  # thousands of refusals are told otherwise
    with override_settings(CACHES=memory, API_CALLS_A_MINUTE=10_000_000, TEMPLATES=templates):
        yield
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def module_world(module_cast, django_db_blocker) -> World:
    with django_db_blocker.unblock(), override_settings(WEBHOOK_HOSTS=["127.0.0.1"]):
        return world_of.build(module_cast)


@pytest.fixture(scope="module")
def module_clients(module_world, django_db_blocker) -> dict[str, tuple[Client, Client | None]]:
    """Account -> (the browser in which it is signed in, the system that shows its token)."""
    found: dict[str, tuple[Client, Client | None]] = {}
    handler = Client().handler  # one for all: each would read the static files anew
    for name in ACCOUNTS:
        browser = Client()
        browser.handler = handler
        with django_db_blocker.unblock():
            browser.force_login(module_world.cast.users[name])
        system = None
        if name in module_world.secrets:
            system = Client(headers={"Authorization": f"Bearer {module_world.secrets[name]}"})
            system.handler = handler
        found[name] = browser, system
    return found


@pytest.fixture
def ask(module_clients, db) -> Callable[..., Any]:
    """ask(name, route, method, address, data) by the account's browser, or its token where the route is of the API."""

    def asked(name: str, route: Route, method: str, address: str, data: Any = None) -> Any:
        browser, system = module_clients[name]
        if not route.view.startswith("api:"):
            return browser.post(address, data) if method == "post" else getattr(browser, method)(address)
        return None if system is None else through(system, route, method, address, data)

    return asked


def through(system: Client, route: Route, method: str, address: str, data: Any = None) -> Any:
    if method == "post":
        headers = {"Idempotency-Key": f"key-{route.view[4:]}"}
        return system.post(address, json.dumps(data or {}), "application/json", headers=headers)
    return getattr(system, method)(address)


def written() -> dict[str, int]:
    """Table -> rows written so far in this transaction, also those taken back again; logs left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables"
            " WHERE n_tup_ins + n_tup_upd + n_tup_del > 0 AND NOT relname = ANY(%s)",
            [list(LOGS)],
        )
        return dict(cursor.fetchall())


def said(answer: Any) -> tuple[int, bytes]:
    """Status and content, without what differs from one page to the next: the token of forms."""
    return answer.status_code, re.sub(rb'(X-CSRFToken&quot;|X-CSRFToken"): "[^"]+"|value="\w{64}"', b"", answer.content)


def test_every_route_is_in_the_table() -> None:
    """A view that takes parameters has a row in SIGHT, FOR_ALL or ELSEWHERE; one without is in table.py or of the API."""
    in_table = {page.view for page in PAGES} | set(PAGES_ELSEWHERE)
    missing = [
        route.view
        for route in ROUTES
        if route.view not in SIGHT.keys() | FOR_ALL | ELSEWHERE.keys()
        and (route.params or not (route.view in in_table or route.view.startswith("api:")))
    ]
    assert missing == [], "views without a row: say in tests/pages/routes.py who sees what their address names"
    known = {route.view for route in ROUTES}
    assert set(SIGHT) | FOR_ALL <= known, "rows of views that do not exist"


def test_the_table_knows_each_parameter(module_world) -> None:
    for route in SEEN:
        for subject in SUBJECTS:
            assert route.address(module_world.of(route, subject))


def refusals(world: World, since: int) -> dict[int, int]:
    """Account -> refusals written down after the row `since`, and those that are only counted so far."""
    found: Counter[int] = Counter()
    for by, more in AccessDenied.objects.filter(pk__gt=since).values_list("by_id", "more"):
        found[by] += 1 + more
    for user in world.cast.users.values():
        found[user.pk] += cache.get(f"denied.more.{user.pk}", 0)
    return found


def last_refusal() -> int:
    return AccessDenied.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def posted_to(route: Route, values: dict[str, Any]) -> Any:
    """What is posted to a route: sound, so that a door left open would really write."""
    name = POSTED.get(route.view, route.view.removeprefix("api:"))
    if route.view.startswith("api:"):
        return writes.body_of(name, values) if name in writes.API else None
    write = writes.of(route.view)
    return write and writes.sent(write.data, values)


def _cells(route: Route, world: World, subjects: tuple[str, ...]) -> Iterator[tuple[str, str, str, Any]]:
    """(account, subject, address, what is posted) of all that is out of sight; an address that stands for several subjects once."""
    for name in ACCOUNTS:
        seen = set()
        for subject in subjects:
            if not SIGHT[route.view](name, subject):
                values = world.of(route, subject)
                address = route.address(values)
                if address not in seen:
                    yield name, subject, address, posted_to(route, values)
                seen.add(address)


def _probe(route: Route, methods: tuple[str, ...], subjects: tuple[str, ...], world: World, ask: Any) -> int:
    """Ask what is out of sight; how many cells there were."""
    nothing: dict[tuple[str, str], tuple[int, bytes]] = {}
    refused: set[str] = set()  # methods that the route does not take: said before anything is looked up, so asked once
    told: Counter[int] = Counter()
    cells, before, since = 0, written(), last_refusal()
    logged = refusals(world, since)
    for name, subject, address, data in _cells(route, world, subjects):
        for method in methods:
            if method in refused:
                continue
            answer = ask(name, route, method, address, data)
            if answer is None:  # no role, no token
                continue
            cells += 1
            told[world.cast.users[name].pk] += answer.status_code in LOGGED
            if (name, method) not in nothing:
                other = ask(name, route, method, route.address(absent(route)), data)
                told[world.cast.users[name].pk] += other.status_code in LOGGED
                nothing[name, method] = said(other)
            cell = f"{name} {method} {address} ({subject})"
            assert answer.status_code in DENIED, f"{cell}: {answer.status_code}"
            assert said(answer) == nothing[name, method], f"{cell}: not answered like what there is not"
            if answer.status_code == 405:
                refused.add(method)
    assert written() == before, f"{route.view}: a refusal changed rows"
    now = refusals(world, since)
    missing = {pk: (count, now[pk] - logged[pk]) for pk, count in told.items() if now[pk] - logged[pk] != count}
    assert not missing, f"{route.view}: refusals that are not in the log, by account: {missing}"
    return cells


@pytest.mark.parametrize("route", SEEN, ids=lambda route: route.view)
def test_what_is_out_of_sight_does_not_exist(route, module_world, ask) -> None:
    assert _probe(route, ("get", "head", "post"), SUBJECTS, module_world, ask) > 0
    _probe(route, METHODS[2:], (SUBJECTS[0], SUBJECTS[-1]), module_world, ask)


@pytest.mark.slow
@pytest.mark.parametrize("route", SEEN, ids=lambda route: route.view)
def test_what_is_out_of_sight_does_not_exist_by_any_method(route, module_world, ask) -> None:
    assert _probe(route, METHODS, SUBJECTS, module_world, ask) > 0


@pytest.mark.parametrize("route", SEEN, ids=lambda route: route.view)
def test_one_who_sees_it_finds_it(route, module_world, ask) -> None:
    """The denied cells mean something: for the first who sees it the same address is there."""
    subject = "worker_a"
    names = [name for name in ACCOUNTS if SIGHT[route.view](name, subject)]
    assert names, "nobody sees it: the row is wrong"
    names = names[:1] if route.view in SLOW_TO_MAKE else names
    answers = [ask(name, route, "get", route.address(module_world.of(route, subject))) for name in names]
    found = [answer.status_code for answer in answers if answer is not None]
    assert found
    # GET of what is only posted to is 405 for who sees it; a page may tell some who see it why they may not (403)
    assert found[0] in (200, 302, 405), found
    assert 404 not in found, dict(zip(names, found, strict=False))


def _refused(
    names: Iterator[str], route: Route, address: str, data: Callable[[], Any], world: World, ask: Any,
    quiet: tuple[str, ...] = (),
) -> None:  # fmt: skip
    """Nothing comes of what these accounts post, and each refusal is in the log (`quiet`: no refusal)."""
    before, since = written(), last_refusal()
    logged, asked = refusals(world, since), []
    for name in names:
        answer = ask(name, route, "post", address, data())
        if answer is not None:
            assert answer.status_code in DENIED | {200, 302}, name
            asked += [] if name in quiet else [name]
    assert written() == before, "somebody wrote who may not"
    now = refusals(world, since)
    silent = [name for name in asked if now[world.cast.users[name].pk] - logged[world.cast.users[name].pk] != 1]
    assert not silent, "refused, and not in the log"


@pytest.mark.parametrize("write", writes.WRITES, ids=lambda write: write.name)
def test_who_may_not_write_writes_nothing(write, module_world, ask) -> None:
    """Also who sees it: a sound form from everybody who is not named in writes.py."""
    route = next(one for one in ROUTES if one.view == write.view)
    values = write.values(module_world)
    names = (name for name in ACCOUNTS if name not in write.may)
    address, quiet = write.address(route, values), write.asked_again
    _refused(names, route, address, lambda: writes.sent(write.data, values), module_world, ask, quiet)


@pytest.mark.parametrize("name", writes.API)
def test_who_may_not_write_by_the_api_writes_nothing(name, module_world, ask) -> None:
    route = next(one for one in ROUTES if one.view == f"api:{name}")
    values = module_world.of(route, "worker_a")
    names = (one for one in ACCOUNTS if one not in writes.API[name][1])
    _refused(names, route, route.address(values), lambda: writes.body_of(name, values), module_world, ask)


@pytest.mark.parametrize("route", [route for route in ROUTES if route.view not in PUBLIC], ids=lambda route: route.view)
def test_strangers_are_sent_away(route, module_world, client) -> None:
    values = (
        module_world.values["worker_a"] | absent(route)
        if route.view not in SIGHT
        else module_world.of(route, "worker_a")
    )
    address, before = route.address(values), written()
    for method in METHODS:
        answer = (
            through(client, route, method, address)
            if route.view.startswith("api:")
            else getattr(client, method)(address)
        )
        if route.view.startswith("api:"):
            assert answer.status_code in (401, 405), f"{method} {address}"
        else:
            wanted = (
                (404, 405) if route.view.startswith("base:") else (302, 405)
            )  # for builders only; a method that no page takes
            assert answer.status_code in wanted, f"{method} {address}: {answer.status_code}"
            assert answer.status_code != 302 or answer.url.startswith("/accounts/login/")
    assert written() == before


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.view)
def test_looking_changes_nothing(route, module_world, ask) -> None:
    """GET, HEAD and OPTIONS by every account that is let in, and each method that no page takes, write no row but logs."""
    subjects = ("worker_a",) if route.params else ("",)
    before = written()
    for subject in subjects:
        values = module_world.of(route, subject) if route.view in SIGHT.keys() | FOR_ALL else absent(route)
        address = route.address(values)
        for name in LOOKING:
            for method in ("get", "head", "options") if name == "district_a" else ("get",):
                ask(name, route, method, address)
        for method in ("put", "patch", "delete"):
            answer = ask("district_a", route, method, address)
            assert answer.status_code in DENIED | {302, 200} if route.view in PUBLIC else DENIED, f"{method} {address}"
    after = written()
    if route.view in LOGGED_LOOKS:
        after["audit_auditevent"] = before.get("audit_auditevent", 0)
    assert after == before, {table: count for table, count in after.items() if before.get(table) != count}


def test_the_page_of_what_is_not_there_says_nothing(cast, client) -> None:
    """Absent and out of sight, on the real page: the same to the last letter."""
    client.force_login(cast.users["subdistrict_a"])
    with override_settings(TEMPLATES=REAL_PAGES):
        pages = [said(client.get(f"/people/{number}/")) for number in (world_of.ABSENT, cast.people["worker_b"].pk)]
    assert pages[0] == pages[1]
    assert "找不到这一页" in pages[0][1].decode()


@pytest.mark.parametrize("route", SEEN, ids=lambda route: route.view)
def test_a_refusal_is_logged(route, module_world, ask) -> None:
    """With the page, the account and the answer, on every route; how many there are, _probe counts."""
    name, _, address, data = next(_cells(route, module_world, ("worker_b",)))
    cache.clear()  # what was asked a moment ago is counted only
    answer = ask(name, route, "get", address)
    if answer.status_code == 405:  # only posted to
        answer = ask(name, route, "post", address, data)
    row = AccessDenied.objects.latest("pk")
    user = module_world.cast.users[name]
    assert (row.by_id, row.view, row.status) == (user.pk, resolve(address).view_name, answer.status_code)


def test_a_silent_refusal_would_be_found(module_world, ask, monkeypatch) -> None:
    """The control: were one refusal not written down, the table would say so."""
    route = next(one for one in ROUTES if one.view == "rights:claim")
    monkeypatch.setattr("qinglan.config.security.denied", lambda **about: None)
    with pytest.raises(AssertionError, match="not in the log"):
        _probe(route, ("get",), SUBJECTS, module_world, ask)


def test_a_hole_would_be_found(module_world, ask, monkeypatch) -> None:
    """The control: were a getter to let everybody in, the table would say so."""
    route = next(one for one in ROUTES if one.view == "people:person")
    monkeypatch.setattr("qinglan.apps.people.permissions._limited", lambda user, grants: everywhere())
    for user in module_world.cast.users.values():
        user.__dict__.pop("_grants_in_force", None)
    with pytest.raises(AssertionError, match="200"):
        _probe(route, ("get",), SUBJECTS, module_world, ask)


def everywhere() -> list[Any]:
    return [RoleGrant(role=Role.DISTRICT_OFFICER, org_code=code) for code in ("990101", "990102")]
