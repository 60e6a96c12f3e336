"""What the owner of a copied database could do to it, drawn at random: to any table that only grows, and to the chain."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import DatabaseError, connection, transaction

from qinglan.apps.audit.models import ChainLink, chained_models
from qinglan.apps.audit.queries.chain import START, link_hash

T = TypeVar("T")

HISTORIED = ("people_person", "people_rolegrant", "policy_run")  # tables in use, with a history

# A value that is another one, for each type of column.
OTHER = {
    "text": "coalesce({c}, '') || 'x'",
    "character varying": "reverse(coalesce({c}, 'ab')) || 'x'",
    "bigint": "coalesce({c}, 0) + 1",
    "integer": "coalesce({c}, 0) + 1",
    "smallint": "coalesce({c}, 0) + 1",
    "double precision": "coalesce({c}, 0) + 0.000001",
    "boolean": "NOT coalesce({c}, false)",
    "date": "coalesce({c}, '2026-01-01') + 1",
    "timestamp with time zone": "coalesce({c}, now()) + interval '1 microsecond'",
    "jsonb": "jsonb_build_array({c})",
    "bytea": "coalesce({c}, '') || '\\x00'",
    "daterange": "CASE WHEN {c} = '[2001-01-01,)' THEN '[2001-01-02,)' ELSE '[2001-01-01,)' END::daterange",
    "uuid": "gen_random_uuid()",
}


@contextmanager
def tampered(do: Callable[[], T]) -> Iterator[T]:
    """Do it as the owner, with every trigger off and on again afterwards, so that no guard is left off as a trace; constraints
    hold. What follows sees the database like that; then all of it is rolled back."""
    names = [*(model._meta.db_table for model in chained_models()), "audit_chainlink", *HISTORIED]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    frame = transaction.atomic()
    frame.__enter__()
    try:
        with connection.cursor() as cursor:
            cursor.execute(";".join(f'ALTER TABLE "{name}" DISABLE TRIGGER USER' for name in names))
            done = do()
            cursor.execute(";".join(f'ALTER TABLE "{name}" ENABLE TRIGGER USER' for name in names))
        yield done
    finally:
        transaction.set_rollback(True)
        frame.__exit__(None, None, None)


class Tamperer:
    """Does one thing at random; `once` says what it did. Statements that a constraint refuses are drawn anew."""

    def __init__(self, choice: random.Random) -> None:
        self.choice = choice

    def _ask(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else [(cursor.rowcount,)]

    def _filled(self) -> list[Any]:
        return [m for m in chained_models() if self._ask(f'SELECT EXISTS (SELECT 1 FROM "{m._meta.db_table}")')[0][0]]

    def _columns(self, table: str) -> list[tuple[str, str]]:
        return self._ask(
            "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
            " AND NOT attisdropped AND attgenerated = ''",
            f'"{table}"',
        )

    def once(self) -> str:
        for _ in range(200):
            kind = self.choice.choice(
                ["update", "update", "delete", "insert", "swap", "truncate_tail", "rewrite_chain", "link_change"]
            )
            try:
                with transaction.atomic():
                    done: str | None = getattr(self, f"_{kind}")()
            except DatabaseError:
                done = None  # a constraint refused it: that row is safe from this one
            if done:
                return done
        raise AssertionError("nothing could be tampered with: too few rows")

    def _row(self) -> tuple[str, str, Any]:
        model = self.choice.choice(self._filled())
        table, key = model._meta.db_table, model._meta.pk.column
        keys = self._ask(f'SELECT "{key}" FROM "{table}" ORDER BY 1')
        return table, key, self.choice.choice(keys)[0]

    def _update(self) -> str | None:
        table, key, which = self._row()
        column, kind = self.choice.choice(self._columns(table))
        shape = OTHER.get(kind) or ("array_append({c}, NULL)" if kind.endswith("[]") else "")
        if not shape or (column in {"id_number", "phone"} and self._empty(table, key, which, column)):
            return None
        value = shape.format(c=f'"{column}"')
        changed = self._ask(f'UPDATE "{table}" SET "{column}" = {value} WHERE "{key}" = %s', which)[0][0]
        return f"update {table}.{column} of {which}" if changed else None

    def _empty(self, table: str, key: str, which: Any, column: str) -> bool:
        return bool(self._ask(f'SELECT "{column}" IS NULL FROM "{table}" WHERE "{key}" = %s', which)[0][0])

    def _delete(self) -> str | None:
        table, key, which = self._row()
        return (
            f"delete {table} {which}" if self._ask(f'DELETE FROM "{table}" WHERE "{key}" = %s', which)[0][0] else None
        )

    def _insert(self) -> str | None:
        table, key, which = self._row()
        if dict(self._columns(table))[key] not in {"bigint", "integer"}:
            return None
        names = [name for name, _ in self._columns(table)]
        listed = ", ".join(f'"{name}"' for name in names)
        values = ", ".join(
            f'(SELECT max("{key}") + 7 FROM "{table}")' if name == key else f'"{name}"' for name in names
        )
        self._ask(f'INSERT INTO "{table}" ({listed}) SELECT {values} FROM "{table}" WHERE "{key}" = %s', which)
        return f"insert {table} like {which}"

    def _swap(self) -> str | None:
        """All that two rows say, exchanged."""
        table, key, one = self._row()
        other = self.choice.choice(self._ask(f'SELECT "{key}" FROM "{table}"'))[0]
        names = [f'"{name}"' for name, _ in self._columns(table) if name != key]
        differ = self._ask(
            f'SELECT count(DISTINCT ROW({", ".join(names)})::text) FROM "{table}" WHERE "{key}" = ANY (%s)',
            [one, other],
        )[0][0]
        if differ < 2:
            return None
        sets = ", ".join(f"{name} = o.{name}" for name in names)
        self._ask(
            f'UPDATE "{table}" AS t SET {sets} FROM (SELECT * FROM "{table}" WHERE "{key}" = ANY (%s)) AS o'
            f' WHERE t."{key}" = ANY (%s) AND o."{key}" <> t."{key}"',
            [one, other],
            [one, other],
        )
        return f"swap {table} {one} {other}"

    def _truncate_tail(self) -> str | None:
        """The last links go, and every row that they speak of, so that the rest is whole in itself."""
        last = ChainLink.objects.order_by("-number")[0].number
        first = self.choice.randint(max(1, last - 5), last)
        keys = {model._meta.db_table: model._meta.pk.column for model in chained_models()}
        for source in (ChainLink.objects.filter(number__gte=first), None):
            if source is None:
                self._ask("DELETE FROM audit_chainpending")
                continue
            for link in source:
                key = keys[link.table_name]
                self._ask(f'DELETE FROM "{link.table_name}" WHERE "{key}"::text = ANY (%s)', link.keys)
        self._ask("DELETE FROM audit_chainlink WHERE number >= %s", first)
        return f"truncate-tail from {first}"

    def _rewrite_chain(self) -> str | None:
        """A row changed, then every digest and hash made anew."""
        done = self._update()
        if done is None or "id_number" in done or "phone" in done.split(" of ")[0].rsplit(".", 1)[1:]:
            return None
        self.rewrite_all()
        return f"rewrite-chain after {done}"

    def rewrite_all(self) -> None:
        """Make the chain anew over the rows as they are, consistent in itself (and one word of its own, at least)."""
        previous = START
        for link in list(ChainLink.objects.order_by("number")):
            if link.number == 1:
                link.why = "forged"
            previous = link_hash(previous, link)
            self._ask(
                "UPDATE audit_chainlink SET why = %s, hash = %s WHERE number = %s", link.why, previous, link.number
            )

    def _link_change(self) -> str | None:
        number = self.choice.randint(1, ChainLink.objects.count())
        column = self.choice.choice(
            ["at", "table_name", "kind", "why", "columns", "keys", "digests", "hash", "number", ""]
        )
        if not column:
            self._ask("DELETE FROM audit_chainlink WHERE number = %s", number)
            return f"link {number} removed"
        kind = dict(self._columns("audit_chainlink"))[column]
        value = "array_cat({c}, {c})" if kind.endswith("[]") else OTHER[kind]
        self._ask(f'UPDATE audit_chainlink SET "{column}" = {value.format(c=column)} WHERE number = %s', number)
        return f"link {number}.{column}"
