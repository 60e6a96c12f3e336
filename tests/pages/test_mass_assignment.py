"""Mass assignment: every write, sent with the name of any field of any model besides its own, does what it did without.

A page reads what its form asks for and nothing else (writes.py says what that is); the API refuses the whole body. Every entry
is seen to write, and all rows of all tables are compared: time, random numbers and sequences are made to stand still.
"""

import inspect
import itertools
import json
import os
import random
import uuid
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pydantic
import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.test import Client, override_settings
from django.utils import timezone

from qinglan.apps.base.models import OrgCodeField, ReleaseMove
from qinglan.apps.facts.api.doors import FactIn
from qinglan.apps.facts.api.kinds import SAID
from qinglan.apps.people.forms.people import SchoolingForm
from qinglan.apps.people.views.editing import CHANGES
from qinglan.apps.people.views.reorganising import STEPS
from qinglan.apps.policy.states import Move
from qinglan.apps.rights.states import ProposalMove
from qinglan.config.api import api
from tests.factories import organisation
from tests.pages import world as world_of
from tests.pages.routes import routes
from tests.pages.world import World, absent
from tests.pages.writes import APART, API, WRITES, Write, body_of, sent

pytestmark = pytest.mark.django_db

MODELS = [model for model in apps.get_models() if model.__module__.startswith("qinglan.") and model._meta.managed]
COLUMNS = [
    (name, field) for model in MODELS for field in model._meta.concrete_fields for name in (field.name, field.attname)
]
ROUTES = routes()
LOGS = {"AccessDenied", "ChainPending", "ChainLink", "TokenUse"}
CLOCK = {
    "date_joined",
    "seconds",
}  # by a clock that was looked up long before the test, and how long a computation took
SETUP = {
    "name": "林晓青", "username": "linxiaoqing", "password": "Taohua-Yuan-2026", "again": "Taohua-Yuan-2026", "district": "another",
    "pack": "jianghan",
}  # fmt: skip


def _wanted(field: models.Field) -> str:
    """A value that a column of this kind would take, and that would do harm."""
    if isinstance(field, OrgCodeField):
        return "990102"
    if field.flatchoices:
        return str(field.flatchoices[-1][0])
    if isinstance(field, models.BooleanField):
        return "on"
    return "1999-12-31" if isinstance(field, models.DateField) else "1"


FIELDS = {name: _wanted(field) for name, field in COLUMNS} | {
    "pk": "1", "by": "1", "user_permissions": "1", "groups": "1", "is_superuser": "on", "is_staff": "on", "is_active": "",
    "password": "x", "code": "990102", "state": "published",
}  # fmt: skip


@pytest.fixture(scope="module")
def module_world(module_cast, django_db_blocker) -> World:
    with django_db_blocker.unblock(), override_settings(WEBHOOK_HOSTS=["127.0.0.1"]):
        return world_of.build(module_cast)


@pytest.fixture
def sign_in(module_world, settings, client) -> Callable[[str], Client]:
    """sign_in(name): the browser of an account in a world of rows."""
    settings.WEBHOOK_HOSTS, settings.API_CALLS_A_MINUTE = ["127.0.0.1"], 1_000_000

    def become(name: str) -> Client:
        client.force_login(module_world.cast.users[name])
        return client

    return become


@pytest.fixture
def desk(sign_in) -> Client:
    """甲区's district officer."""
    return sign_in("district_a")


def state() -> dict[str, str]:
    """A fingerprint of all rows of each of our tables; large texts never leave the server."""
    parts = []
    for model in MODELS:
        if model.__name__ not in LOGS:
            columns = ", ".join(map(_column, (f for f in model._meta.concrete_fields if f.attname not in CLOCK)))
            rows = f'SELECT md5(ROW({columns})::text) AS mark FROM "{model._meta.db_table}"'
            parts.append(f"SELECT '{model.__name__}', md5(string_agg(mark, '' ORDER BY mark)) FROM ({rows}) t")
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        return dict(cursor.fetchall())


def _column(field: models.Field) -> str:
    """The database's own clock goes on: of a moment the year, which is not the one that is sent."""
    if isinstance(field, models.DateTimeField):
        return f'extract(year FROM "{field.column}")'
    if isinstance(field, models.JSONField):
        return f"""regexp_replace("{field.column}"::text, '-\\d\\d-\\d\\d[T ][0-9:.+Z]+', '', 'g')"""
    return f'"{field.column}"'


@pytest.fixture
def again(db, monkeypatch) -> Callable[[], None]:
    """again(): from here on the same ids, moments and random numbers come as they came after the first call."""
    drawn: Iterator[int] = itertools.count()
    moment = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT format('%I.%I', schemaname, sequencename), last_value, start_value FROM pg_sequences")
        places = [(name, last or start, last is not None) for name, last, start in cursor.fetchall()]

    def bytes_of(count: int) -> bytes:
        return random.Random(next(drawn)).randbytes(count)

    monkeypatch.setattr(timezone, "now", lambda: moment)
    monkeypatch.setattr(os, "urandom", bytes_of)
    monkeypatch.setattr(random, "_urandom", bytes_of)

    def start() -> None:
        nonlocal drawn
        drawn = itertools.count()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT setval(name::regclass, last, called) FROM unnest(%s::text[], %s::bigint[], %s::bool[]) t(name, last, called)",
                [list(column) for column in zip(*places, strict=True)],
            )

    return start


def _asked(client: Client, address: str) -> set[str]:
    """The fields of the page's own form: those may be sent."""
    answer = client.get(address)
    form = (answer.context or {}).get("form") if answer.status_code == 200 else None
    return set(form.fields) if form is not None else set()


Outcome = tuple[int, str, dict[str, str], dict[str, str]]


def _post(client: Client, write: Write, world: World, again: Callable[[], None], *, loaded: bool) -> Outcome:
    """(status, where it leads, all rows before, all rows after) of a write, which is taken back; `loaded`: with every field, and the
    rows before, which are the same, are not looked at again."""
    route = next(one for one in ROUTES if one.view == write.view)
    with transaction.atomic():
        again()
        client.cookies.pop("csrftoken", None)  # one is drawn for who has none
        values = write.values(world)
        address, data = write.address(route, values), sent(write.data, values)
        own = _asked(client, address) | set(data)
        more = {name: said for name, said in FIELDS.items() if name not in own} if loaded else {}
        assert not loaded or len(more) > 250
        before = {} if loaded else state()
        answer = client.post(address, more | data)
        after = state()
        transaction.set_rollback(True)
    return answer.status_code, answer.headers.get("Location", ""), before, after


def _check(client: Client, write: Write, world: World, again: Callable[[], None]) -> None:
    status, where, before, plain = _post(client, write, world, again, loaded=False)
    assert status in (200, 302)
    assert plain != before, "the write wrote nothing: what is sent does not suffice"
    loaded = _post(client, write, world, again, loaded=True)
    changed = {name: (plain[name], loaded[3][name]) for name in plain if plain[name] != loaded[3][name]}
    assert not changed, f"a field that the form does not ask for was read: {sorted(changed)}"
    assert loaded[:2] == (status, where)


def test_the_first_run_reads_its_own_fields_only(client, again) -> None:
    """Before there is any account: in an empty database."""
    organisation("42")  # trees are there already
    before, found = state(), []
    for more in ({}, {name: said for name, said in FIELDS.items() if name not in SETUP}):
        with transaction.atomic():
            again()
            found.append((client.post("/setup/", more | SETUP).status_code, state()))
            transaction.set_rollback(True)
        client.cookies.clear()
    assert found[0][0] == 302
    assert found[0][1] != before
    assert found[0] == found[1]


def test_every_writing_page_is_tried(desk, module_world) -> None:
    """What does not answer 405 to a POST takes it."""
    takes = {
        route.view
        for route in routes()
        if not route.view.startswith("api:") and desk.post(route.address(absent(route))).status_code != 405
    }
    assert takes == {one.view for one in WRITES} | set(APART), "say in tests/pages/writes.py what such a page is sent"
    kinds = {one.view: set() for one in WRITES}
    for one in WRITES:
        kinds[one.view] |= {*one.params.values(), one.data.get("move")}
    assert kinds["people:change"] >= set(CHANGES)
    assert kinds["people:reorganise"] >= set(STEPS)
    assert kinds["policy:decide"] >= set(Move.values)
    assert kinds["policy:release-move"] >= set(ReleaseMove.values)
    assert kinds["rights:move"] >= set(ProposalMove.values) - {ProposalMove.PROPOSE}


@pytest.mark.parametrize("write", WRITES, ids=lambda write: write.name)
def test_a_page_reads_its_own_fields_only(write, sign_in, module_world, again) -> None:
    _check(sign_in(write.may[0]), write, module_world, again)


def test_a_form_that_reads_more_would_be_found(sign_in, module_world, again, monkeypatch) -> None:
    """The control: a form that takes a field of another model is caught; as it is it passes (above)."""
    clean = SchoolingForm.clean
    monkeypatch.setattr(SchoolingForm, "clean", lambda form: clean(form) | {"graduated": _day(form.data, clean(form))})
    write = next(one for one in WRITES if one.params == {"what": "schooling"})
    with pytest.raises(AssertionError, match=r"does not ask for was read: .*'Schooling'"):
        _check(sign_in(write.may[0]), write, module_world, again)


def _day(data: Any, asked: dict[str, Any]) -> date:
    return date.fromisoformat(data["received_on"]) if "received_on" in data else asked["graduated"]


def test_trying_values_keeps_nothing(desk, module_world) -> None:
    before = state()
    answer = desk.post("/what-if/", FIELDS | {"run": module_world.values["worker_a"]["run_id"]})
    assert answer.status_code == 200
    assert state() == before


def _operations() -> list[Any]:
    bound = api._get_bound_routers()
    return [one for router in bound for view in router.path_operations.values() for one in view.operations]


def _posts() -> list[tuple[str, str]]:
    """(name, path) of every operation that writes."""
    return [
        (operation.url_name, f"/api/v1{bound.prefix if bound.prefix.startswith('/') else '/' + bound.prefix}{path}")
        for bound in api._get_bound_routers()
        for path, view in bound.path_operations.items()
        for operation in view.operations
        if operation.methods != ["GET"]
    ]


def test_every_write_of_the_api_is_tried() -> None:
    assert {name for name, _ in _posts()} == set(API)


@pytest.mark.parametrize(("name", "path"), _posts())
def test_the_api_refuses_fields_that_it_does_not_know(name: str, path: str, desk: Client, module_world: Any) -> None:
    route = next(one for one in routes() if one.view == f"api:{name}")
    values = module_world.of(route, "worker_a")
    body = body_of(name, values)
    places = [body, *body.get("facts", []), *(fact["said"] for fact in body.get("facts", []))]
    system = Client(headers={"Authorization": f"Bearer {module_world.secrets['district_a']}"})
    before = state()
    for turn, place in enumerate(places):
        known = dict(place)
        more = {field: said for field, said in FIELDS.items() if field not in place}
        unknown = {field for field in more if field not in _fields_at(name, turn)}
        assert len(unknown) > 100
        for fields in (unknown, *({field} for field in SHARP if field in unknown)):
            place |= {field: more[field] for field in fields}
            answer = system.post(
                path.format(**values), json.dumps(body), "application/json",
                headers={"Idempotency-Key": f"key-{uuid.uuid4().hex}"},
            )  # fmt: skip
            assert answer.status_code == 422, f"{fields}: {answer.status_code}"
            place.clear()
            place |= known
        assert _refused(name, turn, known | {field: more[field] for field in unknown}) == unknown
    assert state() == before
    # the control: as it is it goes through; a pack in place of one in force is refused for another reason (a second person)
    headers = {"Idempotency-Key": "key-as-it-is"}
    answer = system.post(path.format(**values), json.dumps(body), "application/json", headers=headers)
    assert answer.status_code == 201 or (name == "adopt-pack" and answer.json()["error"]["code"] == "refused")


SHARP = (
    "id",
    "org_code",
    "state",
    "person_id",
    "by_id",
    "is_superuser",
    "withdrawn",
    "supersedes",
    "run_id",
    "recorded_at",
)


def _schema(name: str, turn: int) -> Any:
    """The schema of the body (0), of one of its facts (1), of what that says (2)."""
    operation = next(one for one in _operations() if one.url_name == name)
    body = inspect.signature(operation.view_func).parameters["body"].annotation
    return (body, FactIn, SAID["training"])[turn]


def _fields_at(name: str, turn: int) -> set[str]:
    return set(_schema(name, turn).model_fields)


def _refused(name: str, turn: int, said: dict[str, Any]) -> set[str]:
    """The fields that the schema refuses for being unknown."""
    with pytest.raises(pydantic.ValidationError) as refusal:
        _schema(name, turn).model_validate(said)
    return {str(one["loc"][0]) for one in refusal.value.errors() if one["type"] == "extra_forbidden"}
