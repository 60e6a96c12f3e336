"""Writes that any app may need: many rows at once by COPY."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import connection, models
from django.db.models import AutoField


def copy_in(model: type[models.Model], rows: Iterable[models.Model]) -> int:
    """This will insert unsaved instances by COPY, some ten times as fast as bulk_create; the number of rows.

    Constraints and triggers hold as ever; columns with a database default are left to it. Primary keys are not read back: for
    rows that nothing in hand will refer to.
    """
    fields: Sequence[models.Field] = [
        field
        for field in model._meta.concrete_fields
        if not isinstance(field, AutoField) and not field.has_db_default()
    ]
    names = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    count = 0
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {connection.ops.quote_name(model._meta.db_table)} ({names}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row([field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields])
            count += 1
    return count


def copy_text(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """This will insert rows of ready values by COPY: for the long arrays of results, where making instances would cost most."""
    names = ", ".join(connection.ops.quote_name(name) for name in columns)
    count = 0
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {connection.ops.quote_name(model._meta.db_table)} ({names}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)
            count += 1
    return count
