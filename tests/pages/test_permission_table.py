"""The permission table: every route × method × account × subject. What is out of sight does not exist, strangers are sent away,
whatever is refused changes nothing and is written down. The routes and who sees what are in routes.py, what they lead to in
world.py, what is posted in writes.py; lists are in table.py.

CI asks every denied cell by GET, or by POST where the route takes nothing else, and the other methods (POST and HEAD among them) for
the nearest and the farthest subject; `slow` asks them for all.
"""

import ast
import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.test import Client, override_settings
from django.urls import resolve

from qinglan import apps
from qinglan.apps.audit.models import AccessDenied
from qinglan.apps.people.models import Role, RoleGrant, User
from tests.pages import world as world_of
from tests.pages import writes
from tests.pages.probing import DENIED, cells, nothing_comes_of, probe, said, through, written
from tests.pages.routes import ACCOUNTS, ELSEWHERE, FOR_ALL, METHODS, SIGHT, SUBJECTS, Route, routes
from tests.pages.table import ELSEWHERE as PAGES_ELSEWHERE
from tests.pages.table import PAGES
from tests.pages.table import PUBLIC as FOR_STRANGERS
from tests.pages.world import World, absent

pytestmark = pytest.mark.django_db

APPS = Path(apps.__file__).parent
ROUTES = routes()
SEEN = [route for route in ROUTES if route.view in SIGHT]
# The description of the API; the first start, once; where residents ask.
PUBLIC = {"api:openapi-json", "api:api-root", "portal:setup"} | FOR_STRANGERS
LOGGED_LOOKS = {"facts:marked"}  # gives full ID numbers away, which the log says
SLOW_TO_MAKE = {"policy:letter", "pay:slip-pdf"}  # typst: one PDF will do
IDLE = {"notices:read-all"}  # who has no notice reads none
REAL_PAGES = copy.deepcopy(settings.TEMPLATES)
LOOKING = ("district_a", "secretary_a", "worker_a", "auditor_a", "security_a", "administrator")  # each sees other pages
FIRST = ("district_a", "worker_a", "administrator")  # the widest, the narrowest, and who keeps accounts


@pytest.fixture(scope="module", autouse=True)
def quick(cheap_refusals: None, kept_accounts: dict[int, User]) -> Iterator[None]:
    """Tokens may call as often as the table asks."""
    with override_settings(API_CALLS_A_MINUTE=10_000_000, WEBHOOK_HOSTS=["127.0.0.1"]):
        yield


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


@pytest.mark.parametrize("route", SEEN, ids=lambda route: route.view)
def test_what_is_out_of_sight_does_not_exist(route, module_world, ask) -> None:
    _, _, address, data = next(cells(route, module_world, SUBJECTS))
    looked_at = ask("district_a", route, "get", address, data)
    mainly = "post" if looked_at is not None and looked_at.status_code == 405 else "get"
    assert probe(route, (mainly,), SUBJECTS, module_world, ask) > 0
    others = tuple(method for method in METHODS if method != mainly)
    probe(route, others, (SUBJECTS[0], SUBJECTS[-1]), module_world, ask)


@pytest.mark.slow
@pytest.mark.parametrize("route", SEEN, ids=lambda route: route.view)
def test_what_is_out_of_sight_does_not_exist_by_any_method(route, module_world, ask) -> None:
    assert probe(route, METHODS, SUBJECTS, module_world, ask, all_of_them=True) > 0


@pytest.mark.parametrize("route", SEEN, ids=lambda route: route.view)
def test_one_who_sees_it_finds_it(route, module_world, ask) -> None:
    """The denied cells mean something: for the first who sees it the same address is there."""
    _found("worker_a", route, module_world, ask)


@pytest.mark.slow
@pytest.mark.parametrize("route", SEEN, ids=lambda route: route.view)
def test_everybody_who_sees_somebody_finds_her(route, module_world, ask) -> None:
    for subject in SUBJECTS:
        _found(subject, route, module_world, ask)


def _found(subject: str, route: Route, module_world: World, ask: Any) -> None:
    names = [name for name in ACCOUNTS if SIGHT[route.view](name, subject)]
    assert names, "nobody sees it: the row is wrong"
    names = names[:1] if route.view in SLOW_TO_MAKE else names
    answers = [ask(name, route, "get", route.address(module_world.of(route, subject))) for name in names]
    found = [answer.status_code for answer in answers if answer is not None]
    assert found
    # GET of what is only posted to is 405 for who sees it; a page may tell some who see it why they may not (403)
    assert found[0] in (200, 302, 405), found
    assert 404 not in found, dict(zip(names, found, strict=False))


@pytest.mark.parametrize("write", writes.WRITES, ids=lambda write: write.name)
def test_who_may_not_write_writes_nothing(write, module_world, ask) -> None:
    """Also who sees it: a sound form from everybody who is not named in writes.py."""
    route = next(one for one in ROUTES if one.view == write.view)
    values = write.values(module_world)
    names = (name for name in ACCOUNTS if name not in write.may)
    address, quiet = write.address(route, values), write.asked_again
    nothing_comes_of(names, route, address, lambda: writes.sent(write.data, values), module_world, ask, quiet)


@pytest.mark.slow
@pytest.mark.parametrize("write", writes.WRITES, ids=lambda write: write.name)
def test_everybody_who_may_write_writes(write, module_world, ask) -> None:
    """CI tries the first of them (test_mass_assignment)."""
    route = next(one for one in ROUTES if one.view == write.view)
    for name in write.may:
        with transaction.atomic():
            values = write.values(module_world)
            data, before = writes.sent(write.data, values), written()
            ask(name, route, "post", write.address(route, values), data)
            assert written() != before or write.view in IDLE, f"{name} wrote nothing"
            transaction.set_rollback(True)


@pytest.mark.parametrize("name", writes.API)
def test_who_may_not_write_by_the_api_writes_nothing(name, module_world, ask) -> None:
    route = next(one for one in ROUTES if one.view == f"api:{name}")
    values = module_world.of(route, "worker_a")
    names = (one for one in ACCOUNTS if one not in writes.API[name][1])
    nothing_comes_of(names, route, route.address(values), lambda: writes.body_of(name, values), module_world, ask)


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


@pytest.mark.parametrize("view", sorted(FOR_STRANGERS))
def test_what_is_public_sends_nobody_to_sign_in(view, module_world, client) -> None:
    """The control: a page that asks for an account cannot hide among the public ones, where strangers would not be asked."""
    _open(next(one for one in ROUTES if one.view == view), module_world, client)


def test_a_page_hidden_among_the_public_ones_would_be_found(module_world, client) -> None:
    with pytest.raises(AssertionError, match="accounts/login"):
        _open(next(one for one in ROUTES if one.view == "rights:mine"), module_world, client)


def _open(route: Route, world: World, client: Client) -> None:
    for method in ("get", "post"):
        answer = getattr(client, method)(route.address(world.of(route, "worker_a")))
        assert not getattr(answer, "url", "").startswith("/accounts/login"), f"{route.view} sends to accounts/login"
        assert answer.status_code < 500


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.view)
def test_looking_changes_nothing(route, module_world, ask) -> None:
    """GET, HEAD and OPTIONS, and each method that no page takes, write no row but logs; the slow run has everybody look who is let in."""
    _look(FIRST, route, module_world, ask)


@pytest.mark.slow
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.view)
def test_nobodys_looking_changes_anything(route, module_world, ask) -> None:
    _look(LOOKING, route, module_world, ask)


def _look(names: tuple[str, ...], route: Route, module_world: World, ask: Any) -> None:
    subjects = ("worker_a",) if route.params else ("",)
    before = written()
    for subject in subjects:
        values = module_world.of(route, subject) if route.view in SIGHT.keys() | FOR_ALL else absent(route)
        address = route.address(values)
        for name in names if route.view not in PUBLIC else names[:1]:
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
    name, _, address, data = next(cells(route, module_world, ("worker_b",)))
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
        probe(route, ("get",), SUBJECTS, module_world, ask)


def test_a_refusal_in_words_is_marked() -> None:
    """A view that tells a PermissionDenied on its page has it written down (people.views.frame.refused)."""
    silent = []
    for path in sorted(APPS.glob("*/views*")):
        for file in [path] if path.is_file() else sorted(path.glob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ExceptHandler) and "PermissionDenied" in ast.unparse(node.type or node):
                    told = any("refused(request)" in ast.unparse(one) for one in node.body)
                    silent += [] if told or _only_asks(node) else [f"{file.relative_to(APPS)}:{node.lineno}"]
    assert not silent, "call refused(request), or let it rise"


def _only_asks(handler: ast.ExceptHandler) -> bool:
    """Whether the sentence is only shown beside a button that is not offered."""
    return isinstance(handler.body[0], ast.Return)


def test_a_hole_would_be_found(module_world, ask, monkeypatch, kept_accounts) -> None:
    """The control: were a getter to let everybody in, the table would say so."""
    route = next(one for one in ROUTES if one.view == "people:person")
    monkeypatch.setattr("qinglan.apps.people.permissions._limited", lambda user, grants: everywhere())
    kept_accounts.clear()
    for user in module_world.cast.users.values():
        user.__dict__.pop("_grants_in_force", None)
    with pytest.raises(AssertionError, match="200"):
        probe(route, ("get",), SUBJECTS, module_world, ask)
    kept_accounts.clear()


def everywhere() -> list[Any]:
    return [RoleGrant(role=Role.DISTRICT_OFFICER, org_code=code) for code in ("990101", "990102")]
