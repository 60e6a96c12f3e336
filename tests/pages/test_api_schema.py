"""Every operation of the API attacked by its own description: never a 5xx, never an answer that is not documented.

CI asks a few dozen cases an operation, the same each time; `slow` asks thousands.
"""

import os
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.test import override_settings
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.pages import world as world_of

pytestmark = pytest.mark.django_db

SCHEMA = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
OPERATIONS = [found.ok() for found in SCHEMA.get_all_operations()]
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
    response_headers_conformance,
]  # fmt: skip
FEW, MANY = 8, int(os.environ.get("QINGLAN_TEST_CASES", "2000"))


@pytest.fixture(scope="module")
def module_world(module_cast, django_db_blocker) -> world_of.World:
    with django_db_blocker.unblock(), override_settings(WEBHOOK_HOSTS=["127.0.0.1"]):
        return world_of.build(module_cast)


def _attack(operation: Any, world: world_of.World, examples: int) -> None:
    """Cases after the description and against it, with ids that there are and that there are not."""
    real = world.values["worker_a"] | {"kind": "training", "name": "taoyuan"}
    headers = {"Authorization": f"Bearer {world.secrets['district_a']}"}
    cases = [operation.as_strategy(generation_mode=mode) for mode in GenerationMode]

    @given(case=st.one_of(cases), there=st.booleans())
    @settings(
        max_examples=examples, derandomize=True, deadline=None, database=None, phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def attack(case: Any, there: bool) -> None:
        if there and case.path_parameters:
            case.path_parameters = {name: real.get(name, value) for name, value in case.path_parameters.items()}
        with transaction.atomic():  # each case meets the same rows
            answer = case.call(headers=headers)
            assert answer.status_code < 500, f"{case.as_curl_command()}: {answer.status_code}"
            case.validate_response(answer, checks=CHECKS)
            transaction.set_rollback(True)

    signals = (request_started, request_finished)
    for signal in signals:  # the connection holds the rows of the test: a request must not end it
        signal.disconnect(close_old_connections)
    try:
        with override_settings(API_CALLS_A_MINUTE=10_000_000):
            attack()
    finally:
        for signal in signals:
            signal.connect(close_old_connections)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.label)
def test_no_operation_breaks_or_answers_otherwise_than_described(operation, module_world, db) -> None:
    _attack(operation, module_world, FEW)


@pytest.mark.slow
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.label)
def test_no_operation_breaks_in_thousands_of_cases(operation, module_world, db) -> None:
    _attack(operation, module_world, MANY)


def test_the_attack_reaches_every_operation() -> None:
    assert len(OPERATIONS) >= 22
