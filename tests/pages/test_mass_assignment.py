"""Mass assignment: every write of the API, sent with the name of any field of any model besides its own, is refused whole."""

import inspect
import json
import uuid
from typing import Any

import pydantic
import pytest
from django.apps import apps
from django.db import connection
from django.test import Client, override_settings

from qinglan.apps.facts.api.doors import FactIn
from qinglan.apps.facts.api.kinds import SAID
from qinglan.config.api import api
from tests.pages import world as world_of

pytestmark = pytest.mark.django_db

MODELS = [
    model for model in apps.get_models() if model.__module__.startswith("qinglan.") and "Event" not in model.__name__
]
FIELDS = sorted(
    {name for model in MODELS for field in model._meta.concrete_fields for name in (field.name, field.attname)}
    | {"pk", "by", "user_permissions", "groups", "is_superuser", "is_staff", "password", "csrfmiddlewaretoken2"}
)
# What no two runs have alike: keys, moments, random numbers, sealed texts, and what says whose turn it was.
NEVER_ALIKE = {
    "id", "at", "created_at", "recorded_at", "revoked_at", "tried_at", "read_at", "last_login", "date_joined", "password",
    "prefix", "digest", "secret", "uid", "seconds", "id_number", "phone", "body", "session_key", "stopped_at", "applied_at",
}  # fmt: skip
BULKY = {"PersonResult", "UnitResult", "RunInput", "PackText"}  # the database itself refuses to change the first four
LOGS = {"AuditEvent", "AccessDenied", "ChainPending", "ChainLink", "TokenUse"}
HOSTILE = {
    "org_code": "990102",
    "code": "990102",
    "is_superuser": "on",
    "is_staff": "on",
    "is_active": "",
    "state": "published",
}


@pytest.fixture(scope="module")
def module_world(module_cast, django_db_blocker) -> world_of.World:
    with django_db_blocker.unblock(), override_settings(WEBHOOK_HOSTS=["127.0.0.1"]):
        return world_of.build(module_cast)


@pytest.fixture
def desk(module_world, settings, client) -> Client:
    """甲区's district officer, in a world of rows."""
    settings.WEBHOOK_HOSTS, settings.API_CALLS_A_MINUTE = ["127.0.0.1"], 1_000_000
    client.force_login(module_world.cast.users["district_a"])
    return client


def state() -> dict[str, str]:
    """A fingerprint of all rows of each of our tables, without what differs each time; large texts never leave the server."""
    parts = []
    for model in MODELS:
        if model.__name__ in LOGS | BULKY or not model._meta.managed:
            continue
        names = [str(field.column) for field in model._meta.concrete_fields if field.attname not in NEVER_ALIKE]
        columns = ", ".join(f'"{name}"' for name in names)
        rows = f'SELECT md5(ROW({columns})::text) AS mark FROM "{model._meta.db_table}"'
        parts.append(
            f"SELECT '{model.__name__}', md5(coalesce(string_agg(mark, '' ORDER BY mark), '')) FROM ({rows}) t"
        )
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        return dict(cursor.fetchall())


BODIES: dict[str, dict[str, Any]] = {
    "record-facts": {
        "kind": "training", "district": "990101",
        "facts": [{
            "person_id": 0, "valid_on": "2025-06-13", "evidence": "签到表", "recorder": "李四",
            "said": {"kind": "annual", "course": "社区治理实务", "hours": 800},
        }],
    },
    "supersede-fact": {"reason": "漏记", "said": {"hours": 900}},
    "withdraw-fact": {"reason": "没有参加"},
    "compute-run": {"district": "990101", "year": 2023},
    "decide-run": {"move": "submit", "note": "请复核"},
    "adopt-pack": {"district": "990101", "pack": "taoyuan", "since": "2027-01-01"},
    "pay-compute": {"district": "990101", "year": 2025, "month": 2},
}  # fmt: skip


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
    assert {name for name, _ in _posts()} == set(BODIES)


@pytest.mark.parametrize(("name", "path"), _posts())
def test_the_api_refuses_fields_that_it_does_not_know(name: str, path: str, desk: Client, module_world: Any) -> None:
    values = module_world.values["worker_a"] | {
        "kind": "training",
        "run_id": module_world.values["worker_a"]["other_id"],
    }
    body = json.loads(json.dumps(BODIES[name]))
    for fact in body.get("facts", []):
        fact["person_id"] = values["person_id"]
    places = [body, *body.get("facts", []), *(fact["said"] for fact in body.get("facts", []))]
    system = Client(headers={"Authorization": f"Bearer {module_world.secrets['district_a']}"})
    before = state()
    for turn, place in enumerate(places):
        known = dict(place)
        more = {field: HOSTILE.get(field, 1) for field in FIELDS if field not in place}
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
