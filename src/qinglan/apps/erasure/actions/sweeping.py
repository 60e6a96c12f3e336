"""Find what names the erased in any text, list or JSON of any table, and take it out.

The columns are read from the database's catalogue, so that a table of a library's or a column of tomorrow is swept too. What is
public (names of organisations, packs) is not: it names nobody, and a place may be called as she was.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pgtrigger
from django.apps import apps
from django.db import connection, models

from qinglan.apps.base.models import Privacy, SealedTextField, class_of
from qinglan.apps.erasure.actions.emptying import Counts, note, why
from qinglan.apps.erasure.queries.fates import coded_fields, has_table, is_ours
from qinglan.apps.erasure.queries.hers import Whole
from qinglan.apps.erasure.queries.needles import Needles

# The chain holds digests and keys; the others belong to Django and hold no person.
NOT_SWEPT = frozenset(
    {
        "audit_chainlink",
        "audit_chainpending",
        "django_migrations",
        "django_content_type",
        "auth_permission",
        "policy_packtext",
    }
)
KINDS = ("text", "varchar", "jsonb", "json", "_text", "_varchar")
MOST_LEFT = 200
Column = tuple[str, str, int]  # name, type, letters at most (0: any number)


def sweep(of: Whole, needles: Needles) -> tuple[Counts, list[list[str]]]:
    """This will replace every mention of her; (table -> rows changed, [[table, key], ...] where words may still name her)."""
    counts: Counts = {}
    left: list[list[str]] = []
    if not needles:
        return counts, left
    tables = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True) if has_table(model)}
    coded = coded_fields()
    for table, key, columns in _tables(tables):
        changed = []
        for name, row in _mentions(table, key, columns, needles):
            fresh = {
                one: _fitted(one, needles.in_value(row[one[0]], named=_named(tables.get(table), one[0]), coded=coded))
                for one in columns
            }
            fresh = {one: value for one, value in fresh.items() if value != row[one[0]]}
            if fresh:
                _write(table, key, name, fresh)
                changed.append(name)
            if any(needles.speaks(_text(fresh.get(one, row[one[0]]))) for one in columns):
                left.append([table, str(name)])
        if changed:
            counts[table] = len(changed)
            if table in tables and key == str(tables[table]._meta.pk.column):
                note(tables[table], changed, why(of))
    return counts, left[:MOST_LEFT]


def _tables(known: dict[str, type[models.Model]]) -> Iterator[tuple[str, str, list[Column]]]:
    """(table, column of its key, columns of words) of each table that has any."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, a.attname, t.typname, greatest(a.atttypmod - 4, 0),"
            " (SELECT k.attname FROM pg_index i JOIN pg_attribute k ON k.attrelid = c.oid AND k.attnum = i.indkey[0]"
            "  WHERE i.indrelid = c.oid AND i.indisprimary AND i.indnkeyatts = 1)"
            " FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
            " JOIN pg_type t ON t.oid = a.atttypid"
            " WHERE n.nspname = 'public' AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND t.typname = ANY(%s)"
            " ORDER BY c.relname, a.attnum",
            [list(KINDS)],
        )
        rows = cursor.fetchall()
    found: dict[tuple[str, str], list[Column]] = {}
    for table, column, kind, letters, key in rows:
        if table not in NOT_SWEPT and not _public(known.get(table), column):
            found.setdefault((table, key or "ctid"), []).append((column, kind, letters))
    for (table, key), columns in found.items():
        if kept := [one for one in columns if one[0] != key]:
            yield table, key, kept


def _public(model: type[models.Model] | None, column: str) -> bool:
    """Whether a column is public, or sealed (what is sealed is opened elsewhere)."""
    if model is None or not model.__module__.startswith("qinglan.apps."):
        return False
    for one in model._meta.concrete_fields:
        if str(one.column) == column:
            return isinstance(one, SealedTextField) or class_of(model, one.name) == Privacy.PUBLIC
    return False


def _named(model: type[models.Model] | None, column: str) -> bool:
    """Whether names of accounts stand in a column: in those of ours that are about people, and are no word of a list."""
    if model is None or not is_ours(model):
        return False
    one = next((one for one in model._meta.concrete_fields if str(one.column) == column), None)
    return one is not None and not one.choices and class_of(model, one.name) >= Privacy.PERSONAL


def _mentions(table: str, key: str, columns: list[Column], needles: Needles) -> list[tuple[Any, dict[str, Any]]]:
    """(key, values) of the rows in which any column holds any of it."""
    quote = connection.ops.quote_name
    listed = ", ".join(
        f"{quote(name)}::text" if kind in ("jsonb", "json") else quote(name) for name, kind, _ in columns
    )
    held = " OR ".join(f"{quote(name)}::text ~* %s" for name, _, _ in columns)
    own = "ctid::text" if key == "ctid" else quote(key)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {own}, {listed} FROM {quote(table)} WHERE {held}", [needles.pattern() for _ in columns])
        rows = cursor.fetchall()
    return [
        (name, {one[0]: _read(one, value) for one, value in zip(columns, values, strict=True)})
        for name, *values in rows
    ]


def _read(one: Column, value: Any) -> Any:
    return json.loads(value) if one[1] in ("jsonb", "json") and isinstance(value, str) else value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _fitted(one: Column, value: Any) -> Any:
    """A text as long as its column allows."""
    letters = one[2]
    if not letters:
        return value
    return [part[:letters] for part in value] if isinstance(value, list) else value[:letters] if value else value


def _write(table: str, key: str, name: Any, fresh: dict[Column, Any]) -> None:
    quote = connection.ops.quote_name
    sets = ", ".join(
        f"{quote(column)} = %s{'::' + kind if kind in ('jsonb', 'json') else ''}" for column, kind, _ in fresh
    )
    values = [
        json.dumps(value, ensure_ascii=False) if one[1] in ("jsonb", "json") else value for one, value in fresh.items()
    ]
    own = "ctid = %s::tid" if key == "ctid" else f"{quote(key)} = %s"
    with pgtrigger.ignore(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {quote(table)} SET {sets} WHERE {own}", [*values, name])
