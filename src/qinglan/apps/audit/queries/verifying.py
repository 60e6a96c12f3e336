"""Proves that every row which only grows is as it was written, or says which one is not and how.

Four questions, each in sentences for people: is the chain itself whole (computed anew here, link by link), do the exported
heads stand in it, does each row have the digest that was noted of it and each note its row, and is each row with a history
as its last history row says. Sealed texts are opened and compared with their index.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pghistory
import pghistory.models
from django.apps import apps
from django.db import connection, models

from qinglan.apps.base.models import KeyringError, Sealed, SealedTextField, blind_index

from ..models import ChainLink, ChainPending, chained_models, columns_of, sealed_columns
from .chain import START, Head, link_hash, set_plain_text

SHOWN = 200  # differing rows named for each table


def verify(heads: Iterable[Head] = ()) -> Iterator[str]:
    """What is wrong, one sentence each; nothing = whole. To be read within one transaction (repeatable read, if others
    write meanwhile)."""
    set_plain_text()
    yield from links(heads)
    yield from tables_without_trigger()
    there = set(connection.introspection.table_names())
    for model in chained_models():
        if model._meta.db_table in there:
            yield from rows(model)
        else:
            yield f"没有表 {_named(model)}：还没有更新到本版（请运行 qinglan migrate），或被删除。"
    for event in history_models():
        if {event._meta.db_table, event.pgh_tracked_model._meta.db_table} <= there:  # type: ignore[attr-defined]
            yield from live_rows(event)
    for model in apps.get_models():
        if model._meta.managed and not model._meta.proxy and model._meta.db_table in there:
            yield from sealed_texts(model)


def links(heads: Iterable[Head] = ()) -> Iterator[str]:
    """The chain by itself: numbers without a gap, each hash from the one before; and the heads exported from it."""
    wanted: dict[int, list[Head]] = {}
    for one in heads:
        wanted.setdefault(one.number, []).append(one)
    previous, number = START, 0
    for link in ChainLink.objects.order_by("number").iterator(chunk_size=500):
        number += 1
        if link.number != number:
            yield f"哈希链缺少第 {number} 节{f'至第 {link.number - 1} 节' if link.number - 1 > number else ''}：被删除。"
            number = link.number
        elif bytes(link.hash) != link_hash(previous, link):
            yield f"哈希链第 {number} 节（表 {link.table_name}，{link.at:%Y-%m-%d %H:%M}）被改动，或次序被调换。"
        previous = bytes(link.hash)
        for one in wanted.pop(number, ()):
            if one.hash != previous.hex():
                yield f"哈希链第 {number} 节与 {one.at} 导出的链头不同：此前的链被整体改写。"
    if wanted:
        first = wanted[min(wanted)][0]
        yield f"哈希链只到第 {number} 节，而 {first.at} 已导出过第 {first.number} 节：链尾被截去。"


def tables_without_trigger() -> Iterator[str]:
    """Tables whose inserts go unnoticed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
            " WHERE tgname = 'audit_chain' AND tgenabled IN ('O', 'A')"
        )
        watched = {table for (table,) in cursor.fetchall()}
    for model in chained_models():
        if model._meta.db_table not in watched:
            yield f"表 {_named(model)} 的哈希链触发器被停用或删除；请运行 qinglan migrate。"


def _named(model: type[models.Model]) -> str:
    tracked = getattr(model, "pgh_tracked_model", None)
    if tracked is not None and issubclass(model, pghistory.models.Event):
        return f"{tracked._meta.verbose_name}的历史（{model._meta.db_table}）"
    return f"{model._meta.verbose_name}（{model._meta.db_table}）"


_NOTED = """
    SELECT u.key, u.digest, l.columns, l.number,
           row_number() OVER (PARTITION BY u.key ORDER BY l.number DESC NULLS FIRST, l.id DESC) AS latest,
           count(*) FILTER (WHERE l.kind <> 'rewritten') OVER (PARTITION BY u.key) AS times
    FROM (SELECT number, 0 AS id, columns, keys, digests, kind FROM audit_chainlink WHERE table_name = %(table)s{only_links}
          UNION ALL
          SELECT NULL, id, columns, keys, digests, kind FROM audit_chainpending
          WHERE table_name = %(table)s{only_links}) AS l,
         unnest(l.keys, l.digests) AS u(key, digest){only_keys}
"""


def rows(model: type[models.Model], keys: Sequence[Any] | None = None) -> Iterator[str]:
    """The rows of one table against what was noted of them; `keys`: these rows alone."""
    quote = connection.ops.quote_name
    table, key = model._meta.db_table, str(model._meta.pk.column)
    present = set(columns_of(model)) | set(sealed_columns(model))
    values: dict[str, Any] = {"table": table, "only": None if keys is None else [str(one) for one in keys]}
    mine = "" if keys is None else " AND keys && %(only)s::text[]"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT columns, sum(cardinality(keys)) FROM ("
            f"SELECT columns, keys FROM audit_chainlink WHERE table_name = %(table)s{mine} UNION ALL"
            f" SELECT columns, keys FROM audit_chainpending WHERE table_name = %(table)s{mine}) AS l GROUP BY columns",
            values,
        )
        shapes = [(list(columns), int(n)) for columns, n in cursor.fetchall()]
    cases = []
    for at, (columns, count) in enumerate(shapes):
        if not set(columns) <= present:
            gone = "、".join(sorted(set(columns) - present))
            yield f"表 {_named(model)} 已没有列 {gone}，{count} 行无法核对；改表时须先登记（audit.actions.chain.rewritten）。"
            continue
        listed = ", ".join(f"t.{quote(column)}" for column in columns)
        cases.append(f"WHEN %(shape{at})s::text[] THEN sha256(convert_to(ROW({listed})::text, 'UTF8'))")
        values[f"shape{at}"] = columns
    digest = f"CASE n.columns::text[] {' '.join(cases)} ELSE n.digest END" if cases else "NULL::bytea"
    noted = _NOTED.format(only_links=mine, only_keys="" if keys is None else " WHERE u.key = ANY (%(only)s::text[])")
    live, kind = quote(table), model._meta.pk.rel_db_type(connection)
    if keys is not None:  # by the key as it is, not as text: so its index is used
        live = f"(SELECT * FROM {live} WHERE {quote(key)} = ANY (%(only)s::{kind}[]))"
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH noted AS ({noted}) SELECT coalesce(n.key, t.{quote(key)}::text), n.number, n.times,"
            f" n.key IS NULL, t.{quote(key)} IS NULL"
            f" FROM (SELECT * FROM noted WHERE latest = 1) AS n FULL JOIN {live} AS t ON t.{quote(key)}::text = n.key"
            f" WHERE n.key IS NULL OR n.times > 1 OR (t.{quote(key)} IS NULL AND n.digest <> ''::bytea)"
            f" OR (t.{quote(key)} IS NOT NULL AND n.digest IS DISTINCT FROM {digest})"
            f" ORDER BY n.number LIMIT {SHOWN + 1}",
            values,
        )
        found = cursor.fetchall()
    for name, number, times, inserted, removed in found[:SHOWN]:
        where = f"第 {number} 节" if number else "尚未封存"
        if inserted:
            yield f"表 {_named(model)} 第 {name} 行不在哈希链里：被绕过系统插入。"
        elif removed:
            yield f"表 {_named(model)} 第 {name} 行（{where}）被删除。"
        elif times > 1:
            yield f"表 {_named(model)} 第 {name} 行在哈希链里出现 {times} 次：被删去又重写。"
        else:
            yield f"表 {_named(model)} 第 {name} 行（{where}）被改动。"
    if len(found) > SHOWN:
        yield f"表 {_named(model)} 还有更多不符的行，未逐一列出。"


def history_models() -> Iterator[type[models.Model]]:
    """The histories whose last row is the row in use: they begin with its insertion. (That of the country's organisations
    keeps what went, not what came.)"""
    for model in apps.get_models():
        if issubclass(model, pghistory.models.Event) and model._meta.managed:
            trackers: Sequence[Any] = model.pgh_trackers or ()
            if any(isinstance(one, pghistory.InsertEvent) for one in trackers):
                yield model


def live_rows(event: type[models.Model]) -> Iterator[str]:
    """Rows in use against the last of their history: what was changed with the triggers off shows here."""
    tracked: type[models.Model] = event.pgh_tracked_model  # type: ignore[attr-defined]
    quote = connection.ops.quote_name
    mine = {str(field.column) for field in event._meta.concrete_fields}
    columns = [column for column in columns_of(tracked) if column in mine]
    key = quote(str(tracked._meta.pk.column))
    ours = ", ".join(f"t.{quote(column)}" for column in columns)
    theirs = ", ".join(f"e.{quote(column)}" for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT coalesce(e.pgh_obj_id, t.{key})::text, e.pgh_obj_id IS NULL, t.{key} IS NULL"
            f" FROM (SELECT DISTINCT ON (pgh_obj_id) * FROM {quote(event._meta.db_table)} ORDER BY pgh_obj_id, pgh_id DESC) AS e"
            f" FULL JOIN {quote(tracked._meta.db_table)} AS t ON t.{key} = e.pgh_obj_id"
            f" WHERE e.pgh_obj_id IS NULL OR (t.{key} IS NULL AND e.pgh_label <> 'delete')"
            f" OR (t.{key} IS NOT NULL AND (e.pgh_label = 'delete' OR ROW({ours})::text <> ROW({theirs})::text))"
            f" LIMIT {SHOWN}"
        )
        found = cursor.fetchall()
    for name, unknown, gone in found:
        said = (
            "没有历史记录：被绕过系统写入"
            if unknown
            else "被绕过系统删除"
            if gone
            else "与它最后一条历史不同：被绕过系统改动"
        )
        yield f"表 {_named(tracked)} 第 {name} 行{said}。"


def sealed_texts(model: type[models.Model]) -> Iterator[str]:
    """Encrypted texts that do not open, or are not those that the index beside them was made of."""
    for field in model._meta.concrete_fields:
        if not isinstance(field, SealedTextField):
            continue
        columns = ["pk", field.attname, *([field.index] if field.index else [])]
        filled = model._base_manager.exclude(**{f"{field.attname}__isnull": True, **_empty(field)})
        for pk, token, *index in filled.values_list(*columns).iterator(chunk_size=2000):
            if not _opens(token, field, index):
                yield f"表 {_named(model)} 第 {pk} 行的{field.verbose_name}密文被改动或调换。"


def _empty(field: SealedTextField) -> dict[str, Any]:
    return {f"{field.index}__isnull": True} if field.index else {}


def _opens(token: Sealed | None, field: SealedTextField, index: list[str | None]) -> bool:
    if token is None:
        return not field.index or index == [None]
    body = token.token.rsplit(":", 1)[-1]
    try:
        if base64.urlsafe_b64encode(base64.urlsafe_b64decode(body)).decode() != body:
            return False  # what base64 itself would overlook
        text = token.open()
    except (KeyringError, ValueError):
        return False
    return not field.index or index == [blind_index(text, field.purpose)]


def on_purpose() -> list[tuple[str, str, int, str]]:
    """What was rewritten or adopted with a note: (kind in words, table, rows, why), for people to judge."""
    found = []
    for model in (ChainLink, ChainPending):
        notes = model.objects.exclude(kind=ChainLink.Kind.ROWS)
        found += [(note.get_kind_display(), note.table_name, len(note.keys), note.why) for note in notes]
    return found
