"""Keep the chain: put its triggers on every table that only grows, seal what they noted, export the newest hash.

The functions live in the database, so that raw writes, bulk writes and COPY are seen too. They run with the rights of the
tables' owner: the application itself can neither write nor remove a note.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from django.db import connection, models, transaction

from ..models import ChainPending, chained_models, columns_of, sealed_columns
from ..queries.chain import PLAIN_TEXT, set_plain_text

TRIGGER = "audit_chain"
BLOCK = 1000  # rows a note
_SETTINGS = " ".join(f"SET {name} = '{value}'" for name, value in PLAIN_TEXT.items())
_RIGHTS = "SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"

FUNCTIONS = f"""
CREATE OR REPLACE FUNCTION public.audit_chain_rows() RETURNS trigger LANGUAGE plpgsql {_RIGHTS} {_SETTINGS} AS $body$
DECLARE
  names text[];
  listed text;
BEGIN
  -- TG_ARGV: the key's column, then those left out. Columns are read now, as a migration may have just changed them.
  SELECT array_agg(attname::text ORDER BY attname COLLATE "C"),
         string_agg(format('fresh.%I', attname), ', ' ORDER BY attname COLLATE "C")
    INTO names, listed FROM pg_attribute
    WHERE attrelid = TG_RELID AND attnum > 0 AND NOT attisdropped AND attname <> ALL (TG_ARGV[1:]);
  EXECUTE format(
    'INSERT INTO public.audit_chainpending (at, table_name, kind, why, columns, keys, digests)
     SELECT clock_timestamp(), %L, ''rows'', '''', %L::text[], array_agg(key ORDER BY n), array_agg(digest ORDER BY n)
     FROM (SELECT fresh.%I::text AS key, sha256(convert_to(ROW(%s)::text, ''UTF8'')) AS digest, row_number() OVER () AS n
           FROM fresh) AS one GROUP BY (n - 1) / {BLOCK}',
    TG_TABLE_NAME, names, TG_ARGV[0], listed);
  RETURN NULL;
END $body$;

CREATE OR REPLACE FUNCTION public.audit_chain_seal(most integer) RETURNS integer LANGUAGE plpgsql {_RIGHTS} AS $body$
DECLARE
  last_number bigint;
  last_hash bytea;
  note record;
  sealed integer := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('qinglan audit chain', 0));  -- one sealer; writers are not concerned
  SELECT number, hash INTO last_number, last_hash FROM public.audit_chainlink ORDER BY number DESC LIMIT 1;
  IF NOT FOUND THEN
    last_number := 0;
    last_hash := sha256('qinglan');
  END IF;
  FOR note IN
    WITH gone AS (
      DELETE FROM public.audit_chainpending
      WHERE id IN (SELECT id FROM public.audit_chainpending ORDER BY id LIMIT most) RETURNING *)
    SELECT * FROM gone ORDER BY id
  LOOP
    last_number := last_number + 1;
    last_hash := sha256(last_hash || convert_to(concat_ws(E'\\x1e', last_number,
      (extract(epoch FROM note.at) * 1000000)::bigint, note.table_name, note.kind, note.why,
      array_to_string(note.columns, E'\\x1f'), array_to_string(note.keys, E'\\x1f'),
      (SELECT string_agg(encode(digest, 'hex'), E'\\x1f' ORDER BY n) FROM unnest(note.digests) WITH ORDINALITY AS d(digest, n))
    ), 'UTF8'));
    INSERT INTO public.audit_chainlink (number, at, table_name, kind, why, columns, keys, digests, hash) VALUES
      (last_number, note.at, note.table_name, note.kind, note.why, note.columns, note.keys, note.digests, last_hash);
    sealed := sealed + 1;
  END LOOP;
  RETURN sealed;
END $body$;
"""


def install() -> None:
    """This will put the chain's trigger on every table that only grows and has none yet (as the owner, after migrating).

    Rows that such a table holds already are adopted: noted as they are now, marked so.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('public.audit_chainpending') IS NULL")
        if cursor.fetchone()[0]:
            return  # a restored backup older than the chain: the next migration brings it
        cursor.execute(FUNCTIONS)
        cursor.execute(
            "SELECT relname, tgargs FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid WHERE tgname = %s",
            [TRIGGER],
        )
        have = {table: bytes(arguments) for table, arguments in cursor.fetchall()}
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        there = {table for (table,) in cursor.fetchall()}
    for model in chained_models():
        table = model._meta.db_table
        arguments = [str(model._meta.pk.column), *sealed_columns(model)]
        wanted = b"".join(one.encode() + b"\0" for one in arguments)
        if table not in there or have.get(table) == wanted:
            continue
        with transaction.atomic(), connection.cursor() as cursor:
            if table not in have:
                _note(model, ChainPending.Kind.ADOPTED, "装上哈希链时已有的行", None)
            listed = ", ".join("'" + one.replace("'", "''") + "'" for one in arguments)
            cursor.execute(
                f"CREATE OR REPLACE TRIGGER {TRIGGER} AFTER INSERT ON {connection.ops.quote_name(table)}"
                " REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT"
                f" EXECUTE FUNCTION public.audit_chain_rows({listed})"
            )


def _note(model: type[models.Model], kind: str, why: str, keys: list[str] | None) -> None:
    """Note rows as they are now; `keys` None = all."""
    set_plain_text()
    quote = connection.ops.quote_name
    columns = columns_of(model)
    listed = ", ".join(f"t.{quote(column)}" for column in columns)
    key = quote(str(model._meta.pk.column))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_chainpending (at, table_name, kind, why, columns, keys, digests)"
            " SELECT clock_timestamp(), %s, %s, %s, %s, array_agg(key ORDER BY n), array_agg(digest ORDER BY n)"
            f" FROM (SELECT t.{key}::text AS key, sha256(convert_to(ROW({listed})::text, 'UTF8')) AS digest,"
            f" row_number() OVER (ORDER BY t.{key}) AS n FROM {quote(model._meta.db_table)} AS t"
            + (f" WHERE t.{key}::text = ANY (%s)" if keys is not None else "")
            + f") AS one GROUP BY (n - 1) / {BLOCK}",
            [model._meta.db_table, kind, why, columns, *([keys] if keys is not None else [])],
        )


def rewritten(model: type[models.Model], keys: list[Any], why: str) -> None:
    """This will note that the owner rewrote these rows on purpose (a person erased, a column renamed): from now on they are
    as they are. Each such note is shown by every verification. Rows that are gone are noted as gone."""
    if not why.strip():
        raise ValueError("改写只增表须写明理由。")
    texts = [str(key) for key in keys]
    _note(model, ChainPending.Kind.REWRITTEN, why, texts)
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_chainpending (at, table_name, kind, why, columns, keys, digests)"
            " SELECT clock_timestamp(), %s, %s, %s, %s, array_agg(gone.name), array_agg(''::bytea) FROM unnest(%s::text[]) AS gone (name)"
            f" WHERE NOT EXISTS (SELECT 1 FROM {quote(model._meta.db_table)} AS t WHERE t.{quote(str(model._meta.pk.column))}"
            "::text = gone.name) HAVING count(*) > 0",
            [model._meta.db_table, ChainPending.Kind.REWRITTEN, why, columns_of(model), texts],
        )


def seal() -> int:
    """This will hang all notes in the chain, 500 a transaction; how many. Waits for another sealer, never for writers."""
    total = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT public.audit_chain_seal(500)")
            done: int = cursor.fetchone()[0]
        total += done
        if done < 500:
            return total


def append_line(path: Path, line: dict[str, Any]) -> None:
    """Add one line to the file of exported heads and have it on disk before we go on. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(json.dumps(line) + "\n")
        file.flush()
        os.fsync(file.fileno())
