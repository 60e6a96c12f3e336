"""Asks a route in every way for everybody, and looks whether a refusal is one: like what there is not, nothing written, in the log."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.test import Client

from qinglan.apps.audit.models import AccessDenied
from tests.pages import writes
from tests.pages.routes import ACCOUNTS, SIGHT, Route
from tests.pages.world import World, absent

DENIED = {403, 404, 405}
LOGGED = {403, 404}
# Written by a refusal itself: the session, the log of refusals, the chain's note of that row, a token's last use.
LOGS = ("django_session", "audit_accessdenied", "audit_chainpending", "exchange_tokenuse", "qinglan_cache")
# On some addresses GET has one name and POST another.
POSTED = {"api:decisions": "decide-run"}


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


def cells(route: Route, world: World, subjects: tuple[str, ...]) -> Iterator[tuple[str, str, str, Any]]:
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


def probe(
    route: Route, methods: tuple[str, ...], subjects: tuple[str, ...], world: World, ask: Any, *, all_of_them: bool = False
) -> int:  # fmt: skip
    """Ask what is out of sight; how many cells there were. `all_of_them`: again, what the route does not take at all."""
    nothing: dict[tuple[str, str], tuple[int, bytes]] = {}
    refused: set[str] = set()  # methods that the route does not take: said before anything is looked up, so asked once
    told: Counter[int] = Counter()
    count, before, since = 0, written(), last_refusal()
    logged = refusals(world, since)
    for name, subject, address, data in cells(route, world, subjects):
        for method in methods:
            if method in refused and not all_of_them:
                continue
            answer = ask(name, route, method, address, data)
            if answer is None:  # no role, no token
                continue
            count += 1
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
    missing = {pk: (asked, now[pk] - logged[pk]) for pk, asked in told.items() if now[pk] - logged[pk] != asked}
    assert not missing, f"{route.view}: refusals that are not in the log, by account: {missing}"
    return count


def nothing_comes_of(
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
