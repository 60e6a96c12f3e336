"""The log: a row with each action, none without; it grows and never changes; private things stay out of it."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, models, transaction
from tests.factories import organisation, posted
from tests.factories.people import id_number

from qinglan.apps.audit.actions import record, saw, snapshot
from qinglan.apps.audit.models import AccessRecord, AuditEvent
from qinglan.apps.audit.queries import events_of, looks_at
from qinglan.apps.base.models import Privacy, SealedTextField, class_of, unclassified
from qinglan.apps.people.actions import persons, postings
from qinglan.apps.people.models import Organisation, Person, PostKind, User

pytestmark = pytest.mark.django_db
CODE = "990101001001"
TODAY = date(2026, 6, 1)


@pytest.fixture
def officer(db: None) -> User:
    return User.objects.create(username="officer", last_name="李", first_name="明", is_superuser=True)


def models_of_ours() -> Iterator[type[models.Model]]:
    """Every model of every app of this project, histories and join tables included."""
    for config in apps.get_app_configs():
        if config.name.startswith("qinglan.apps."):
            yield from config.get_models(include_auto_created=True)


def test_every_field_of_every_model_has_a_privacy_class() -> None:
    ours = [m for m in models_of_ours() if not m._meta.auto_created]
    assert {"people.Person", "people.PersonEvent", "audit.AuditEvent"} <= {m._meta.label for m in ours}
    assert unclassified(ours) == []


def test_what_is_sensitive_is_never_plain_at_rest() -> None:
    for model in models_of_ours():
        if model._meta.auto_created:
            continue
        for field in model._meta.concrete_fields:
            if class_of(model, field.name) is Privacy.SENSITIVE:
                # the content of an imported file is a Sealed token in bytes (facts.actions.imports)
                hashed = field.name.endswith("_index") or field.name in ("password", "content", "digest")
                assert hashed or isinstance(field, SealedTextField), f"{model._meta.label}.{field.name}"


def test_the_walk_finds_what_is_missing_and_what_is_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    declared = {name: c for name, c in Organisation.privacy.items() if name != "name"}
    monkeypatch.setattr(Organisation, "privacy", declared | {"gone": Privacy.PUBLIC})
    assert unclassified([Organisation]) == [
        "people.Organisation.name: no privacy class",
        "people.Organisation.gone: no such field",
    ]
    with pytest.raises(KeyError, match=r"people\.Organisation\.name"):
        class_of(Organisation, "name")


@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_every_append_only_table_refuses_change_by_raw_sql(statement: str, officer: User) -> None:
    tables = [m._meta.db_table for m in models_of_ours() if getattr(m, "append_only", False)]
    assert {"audit_auditevent", "audit_accessrecord"} <= set(tables)
    organisation(CODE)
    persons.add(org_code=CODE, by=None, today=TODAY, name="某", sex="female", birth=date(1990, 1, 2))
    saw(by=officer, person_id=1, org_code=CODE, field="phone", reason="核对")
    for table in ("audit_auditevent", "audit_accessrecord"):
        with (
            pytest.raises(DatabaseError, match="Cannot update or delete"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement.format(table))
    with connection.cursor() as cursor:  # and the others have the same trigger
        cursor.execute(
            "SELECT DISTINCT relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid WHERE tgname LIKE %s",
            ["pgtrigger_append_only_%"],
        )
        assert set(tables) <= {row[0] for row in cursor.fetchall()}


def test_an_action_writes_who_what_before_and_after(officer: User) -> None:
    someone = posted(CODE)
    persons.update(person=someone, by=None, today=TODAY, nation="回族", phone="13812345678")
    event = events_of(someone).get()
    assert (event.action, event.by_id, event.by_name, event.org_code) == ("persons.update", None, "系统", CODE)
    assert (event.before["nation"], event.after["nation"]) == ("", "回族")
    assert event.before["phone_index"] != event.after["phone_index"]
    assert "phone" not in event.after
    assert "13812345678" not in str(event.after)
    assert event.at is not None


def test_history_rows_carry_the_action_and_its_user(officer: User) -> None:
    organisation(CODE)
    someone = posted(CODE)
    with transaction.atomic(), record("test.touch", by=officer, target=someone, org_code=CODE):
        Person.objects.filter(pk=someone.pk).update(nation="壮族")
    event = Person.pgh_event_model.objects.filter(pgh_obj_id=someone.pk).latest("pgh_id")
    assert event.pgh_context.metadata == {"user": officer.pk, "action": "test.touch"}
    assert AuditEvent.objects.get(action="test.touch").by_name == "李明"


def test_what_fails_leaves_no_row(officer: User) -> None:
    def fail() -> None:
        with transaction.atomic(), record("test.fail", by=officer, org_code=CODE):
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fail()
    assert not AuditEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_recorded_action_must_be_atomic() -> None:
    with pytest.raises(RuntimeError, match="must be atomic"), record("test.loose", by=None, org_code=CODE):
        pass
    assert not AuditEvent.objects.exists()


def test_looks_need_a_reason_in_the_database_too(officer: User) -> None:
    with pytest.raises(ValueError, match="理由"):
        saw(by=officer, person_id=1, org_code=CODE, field="phone", reason="  ")
    with pytest.raises(IntegrityError, match="audit_access_reason"), transaction.atomic():
        AccessRecord.objects.create(by_id=1, by_name="x", person_id=1, org_code=CODE, field="phone", reason="")
    saw(by=officer, person_id=7, org_code=CODE, field="phone", reason="核对")
    assert looks_at(7).get().by_name == "李明"


def test_snapshot_keeps_dates_and_ranges_readable() -> None:
    someone = posted(CODE, since=date(2020, 1, 1))
    state: dict[str, Any] = snapshot(someone.postings.get())
    assert state["span"] == ["2020-01-01", None]
    assert snapshot(someone)["birth"] == str(someone.birth)


def test_a_log_outlives_what_it_is_about(officer: User) -> None:
    organisation(CODE)
    someone = persons.add(
        org_code=CODE, by=None, today=TODAY, name="某", sex="female", birth=date(1990, 1, 2), id_number=id_number(3)
    )
    postings.assign(person=someone, org_code=CODE, kind=PostKind.WORKER, since=TODAY, by=None, today=TODAY)
    AuditEvent.objects.filter(org_code=CODE).count()
    someone.postings.all().delete()
    someone.delete()
    assert AuditEvent.objects.within("990101").count() == 2
