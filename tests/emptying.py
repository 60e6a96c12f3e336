"""Empties the database after a test that committed: only what holds rows, row by row where there are few.

Django truncates all tables, and for that PostgreSQL makes eight hundred files anew, whatever they held.
"""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

FEW = 3_000  # rows of one table; truncating is quicker for more
PUT_BACK = ("django_content_type", "auth_permission")  # would be put back as they are (post_migrate)


def filled(connection: BaseDatabaseWrapper) -> dict[str, bool]:
    """Table → whether it holds more than a few rows; without those that hold none."""
    kept = {"django_migrations", *PUT_BACK}
    names = [name for name in connection.introspection.django_table_names(only_existing=True) if name not in kept]
    parts = (
        f"SELECT '{name}', (SELECT count(*) FROM (SELECT FROM {connection.ops.quote_name(name)} LIMIT {FEW + 1}) AS counted)"
        for name in names
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM ({' UNION ALL '.join(parts)}) AS found (name, rows) WHERE rows > 0")
        return {name: rows > FEW for name, rows in cursor.fetchall()}


def statements(
    style: Any, connection: BaseDatabaseWrapper, reset_sequences: bool = True, allow_cascade: bool = False
) -> list[str]:
    """In place of django.core.management.sql.sql_flush: the same tables are empty afterwards. Takes what that takes."""
    found = filled(connection)
    if any(found.values()):
        return [f"TRUNCATE {', '.join(map(connection.ops.quote_name, found))} CASCADE"]
    names = [connection.ops.quote_name(name) for name in found]
    return [
        *(
            f"ALTER TABLE {name} DISABLE TRIGGER USER" for name in names
        ),  # those that keep rows from being deleted, or note it
        "SET CONSTRAINTS ALL DEFERRED",
        *(f"DELETE FROM {name}" for name in names),
        "SET CONSTRAINTS ALL IMMEDIATE",  # or the tables could not be altered again
        *(f"ALTER TABLE {name} ENABLE TRIGGER USER" for name in names),
    ]
