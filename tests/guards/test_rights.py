"""What the application's database role may not do: alter anything, or change a row that is only ever added."""

from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection
from psycopg import errors, sql

from qinglan import server
from qinglan.config import database

pytestmark = pytest.mark.django_db


@pytest.fixture
def application() -> Iterator[psycopg.Connection]:
    """A connection of its own to the test database, as the application's role."""
    known = connection.get_connection_params()
    own = server.connection("app")
    options = {
        "host": own["HOST"], "port": own["PORT"] or None, "user": own["USER"], "password": own.get("PASSWORD") or None,
        "dbname": known["dbname"],
    }  # fmt: skip
    with psycopg.connect(**options, autocommit=True) as link:
        if own["USER"] != database.application_role():  # the address given is the owner's: the role is put on
            link.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(server.APP)))
        yield link


def tables(link: psycopg.Connection) -> list[str]:
    return [row[0] for row in link.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]


def test_application_may_not_create_or_drop_or_alter(application: psycopg.Connection) -> None:
    for statement in (
        "CREATE TABLE intruder (n int)",
        "CREATE FUNCTION intruder() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE SCHEMA intruder",
        "CREATE ROLE intruder",
        "ALTER SYSTEM SET fsync = off",
        "COPY django_migrations TO PROGRAM 'true'",
        "SELECT pg_read_file('postgresql.conf')",
        "INSERT INTO django_migrations (app, name, applied) VALUES ('x', 'y', now())",
    ):
        with pytest.raises(errors.InsufficientPrivilege):
            application.execute(statement)
    for table in tables(application):
        name = sql.Identifier(table)
        for verb in (
            "ALTER TABLE {} ADD COLUMN intruder int",
            "DROP TABLE {}",
            "TRUNCATE {}",
            "ALTER TABLE {} DISABLE TRIGGER ALL",
        ):
            with pytest.raises(errors.InsufficientPrivilege):
                application.execute(sql.SQL(verb).format(name))


def test_application_reads_every_table(application: psycopg.Connection) -> None:
    names = tables(application)
    assert len(names) > 20
    for table in names:
        application.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(sql.Identifier(table)))


def test_append_only_rows_cannot_be_changed_or_deleted(application: psycopg.Connection) -> None:
    models = list(database.append_only_models())
    assert models, "no table is append-only: the marks are lost"
    for model in models:
        table = sql.Identifier(model._meta.db_table)
        column = sql.Identifier(model._meta.pk.column)
        application.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(table))
        for statement in (sql.SQL("UPDATE {t} SET {c} = {c}"), sql.SQL("DELETE FROM {t}")):
            with pytest.raises(errors.InsufficientPrivilege):
                application.execute(statement.format(t=table, c=column))


def test_rights_are_as_verified_in_service() -> None:
    assert database.problems() == []


def test_a_right_too_many_is_noticed() -> None:
    model = next(database.append_only_models())
    with connection.cursor() as cursor:
        role, table = sql.Identifier(database.application_role()), sql.Identifier(model._meta.db_table)
        cursor.execute(sql.SQL("GRANT DELETE ON {} TO {}").format(table, role))
        assert any(model._meta.db_table in problem for problem in database.problems())


def test_old_server_is_refused_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "OLDEST", 990000)
    with pytest.raises(server.ServerError, match="需要 99 或更新"):
        database.check_version()
