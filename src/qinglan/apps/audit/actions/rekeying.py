"""Change the keys of field encryption: everything sealed anew under another key, in batches that may be cut off anywhere.

Runs as the tables' owner, with the triggers of history and append-only tables off for these updates alone: what a row says does
not change. Rows of chained tables whose digest covers the changed column are noted as rewritten, with the reason.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pgtrigger
from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction

from qinglan.apps.base.models import KeyFingerprint, KeyringError, Sealed, SealedTextField, keyring, settle_keys
from qinglan.apps.base.models import keyfile as files
from qinglan.apps.base.models.keys import KeyRetirement, fingerprint
from qinglan.apps.base.models.sealed import ALGORITHM, blind_index

from ..models import chained_models, columns_of
from .chain import rewritten
from .log import record

BATCH = 500
WHY = "更换加密密钥"


@dataclass(frozen=True)
class Place:
    """A column that holds sealed tokens: as text, as bytes, or as texts within JSON."""

    model: type[models.Model]
    column: str
    purpose: str
    kind: str = "text"


def places(more: Sequence[Place] = ()) -> list[Place]:
    """Every sealed field of every model, and what the caller knows beside them."""
    found = [
        Place(model, str(field.column), field.purpose)
        for model in apps.get_models()
        if model._meta.managed and not model._meta.proxy
        for field in model._meta.concrete_fields
        if isinstance(field, SealedTextField)
    ]
    return [*found, *more]


def _old(place: Place, current: str) -> str:
    """The condition "sealed, and not (only) under the current key"."""
    column = connection.ops.quote_name(place.column)
    if place.kind == "bytes":
        return f"position('{ALGORITHM}:'::bytea IN {column}) = 1 AND position('{ALGORITHM}:{current}:'::bytea IN {column}) <> 1"
    if place.kind == "json":
        return f"replace({column}::text, '{ALGORITHM}:{current}:', '') LIKE '%%{ALGORITHM}:%%'"
    return f"{column} IS NOT NULL AND {column} NOT LIKE '{ALGORITHM}:{current}:%%'"


def remaining(where: Sequence[Place]) -> int:
    """How many values are sealed under another key than the current one."""
    current, total = keyring().current, 0
    with connection.cursor() as cursor:
        for place in where:
            table = connection.ops.quote_name(place.model._meta.db_table)
            cursor.execute(f"SELECT count(*) FROM {table} WHERE {_old(place, current)}", [])
            total += cursor.fetchone()[0]
    return total


def _resealed(value: Any, place: Place) -> Any:
    if isinstance(value, bytes | memoryview):
        return _resealed(bytes(value).decode(), place).encode()
    if isinstance(value, dict):
        return {key: _resealed(one, place) for key, one in value.items()}
    if isinstance(value, list):
        return [_resealed(one, place) for one in value]
    if isinstance(value, str) and value.startswith(f"{ALGORITHM}:"):
        return Sealed.of(Sealed(value, place.purpose).open(), place.purpose).token
    return value


def _batch(place: Place, current: str) -> int:
    """One transaction: some values of one column. A value that somebody changed meanwhile is left to the next batch."""
    quote = connection.ops.quote_name
    table, key, column = quote(place.model._meta.db_table), quote(str(place.model._meta.pk.column)), quote(place.column)
    with transaction.atomic(), pgtrigger.ignore(), connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {key}, {column} FROM {table} WHERE {_old(place, current)} LIMIT {BATCH} FOR UPDATE SKIP LOCKED", []
        )
        rows = cursor.fetchall()
        for name, value in rows:
            held = json.loads(value) if place.kind == "json" and isinstance(value, str) else value
            fresh = _resealed(held, place)
            cursor.execute(
                f"UPDATE {table} SET {column} = %s WHERE {key} = %s",
                [json.dumps(fresh) if place.kind == "json" else fresh, name],
            )
        if rows and place.model in set(chained_models()) and place.column in columns_of(place.model):
            rewritten(place.model, [name for name, _ in rows], WHY)
    return len(rows)


def rotate(where: Sequence[Place], tell: Callable[[int], None] = lambda done: None) -> str:
    """This will make a new key, seal everything under it, and return its id; the old one stays in the file.

    Cut off and called again, it goes on with the key that it had begun with. `tell` hears how many are done."""
    path = Path(settings.QINGLAN_KEYS)
    settle_keys()
    if not remaining(where):
        data = files.read(path)
        key_id = files.fresh_id("k")
        data["keys"][key_id] = files.fresh_key()
        data["current"] = key_id
        files.write(path, data)
        settle_keys()
    current, done = keyring().current, 0
    for place in where:
        while moved := _batch(place, current):
            done += moved
            tell(done)
    if left := remaining(where):
        raise KeyringError(f"还有 {left} 处正被别的操作占用，没有换成；请再运行一次。")
    with transaction.atomic(), record("keys.rotate", by=None) as entry:
        entry.after = {"密钥": current, "重新加密": done}
    return current


def reindex() -> str:
    """This will make a new index key and all look-up marks with it, in one transaction; the new key's id. Stop the site first: a
    process that had computed a mark with the old key would write it after us."""
    path = Path(settings.QINGLAN_KEYS)
    ring = settle_keys()
    if ring.index_next is None:
        data = files.read(path)
        data["index_next"] = {"id": files.fresh_id("index-"), "key": files.fresh_key()}
        files.write(path, data)
        ring = settle_keys()
    assert ring.index_next is not None
    key_id, key = ring.index_next
    done = 0
    with transaction.atomic(), pgtrigger.ignore(), record("keys.rotate", by=None) as entry:
        for model, field in _indexed():
            done += _reindex_table(model, field, key)
        KeyFingerprint.objects.create(key_id=key_id, fingerprint=fingerprint(key))
        KeyRetirement.objects.create(key_id=ring.index_id)
        entry.after = {"检索密钥": key_id, "重做检索标记": done}
    settle_keys()  # the file goes over, as it would at the next start if we were cut off here
    return key_id


def _indexed() -> Iterator[tuple[type[models.Model], SealedTextField]]:
    for model in apps.get_models():
        if model._meta.managed and not model._meta.proxy:
            for field in model._meta.concrete_fields:
                if isinstance(field, SealedTextField) and field.index:
                    yield model, field


def _reindex_table(model: type[models.Model], field: SealedTextField, key: bytes) -> int:
    quote = connection.ops.quote_name
    table, pk = quote(model._meta.db_table), quote(str(model._meta.pk.column))
    marked: Any = model._meta.get_field(field.index)
    mark = quote(str(marked.column))
    filled = list(model._base_manager.exclude(**{f"{field.attname}__isnull": True}).values_list("pk", field.attname))
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
        for at in range(0, len(filled), BATCH):
            part = filled[at : at + BATCH]
            marks = [blind_index(token.open(), field.purpose, key) for _, token in part]
            cursor.execute(
                f"UPDATE {table} AS t SET {mark} = n.mark FROM unnest(%s::text[], %s::text[]) AS n(key, mark)"
                f" WHERE t.{pk}::text = n.key",
                [[str(name) for name, _ in part], marks],
            )
    if model in set(chained_models()):
        rewritten(model, [name for name, _ in filled], "更换检索密钥")
    return len(filled)


def unneeded() -> list[str]:
    """Keys of the file, besides the current one, under which no value of any column of the database is sealed."""
    ring = keyring()
    return [key_id for key_id in ring.keys if key_id != ring.current and not _used(key_id)]


def _used(key_id: str) -> bool:
    """Whether any text, JSON or bytes in any table speaks of this key: a search through everything, whoever wrote it."""
    mark = f"{ALGORITHM}:{key_id}:"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, a.attname, t.typname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
            " JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_type t ON t.oid = a.atttypid"
            " WHERE n.nspname = 'public' AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped"
            " AND t.typname IN ('text', 'varchar', 'jsonb', 'bytea')"
        )
        for table, column, kind in cursor.fetchall():
            name = connection.ops.quote_name(column)
            found = f"position(%s::bytea IN {name}) > 0" if kind == "bytea" else f"position(%s IN {name}::text) > 0"
            cursor.execute(
                f"SELECT EXISTS (SELECT 1 FROM {connection.ops.quote_name(table)} WHERE {found})",
                [mark.encode() if kind == "bytea" else mark],
            )
            if cursor.fetchone()[0]:
                return True
    return False


def retire(aside: Path) -> list[str]:
    """This will take the keys that nothing needs any more out of the key file, into `aside`, which belongs to the old backups.

    Their ids; KeyringError when `aside` exists."""
    ids = unneeded()
    if not ids:
        return []
    path = Path(settings.QINGLAN_KEYS)
    data = files.read(path)
    if not files.create(aside, {"keys": {key_id: data["keys"][key_id] for key_id in ids}}):
        raise KeyringError(f"{aside} 已经存在，没有覆盖；请换一个文件名。")
    with transaction.atomic(), record("keys.retire", by=None) as entry:
        KeyRetirement.objects.bulk_create([KeyRetirement(key_id=key_id) for key_id in ids], ignore_conflicts=True)
        entry.after = {"停用": ids}
    for key_id in ids:
        del data["keys"][key_id]
    files.write(path, data)
    return ids


def bring_back(aside: Path) -> list[str]:
    """This will put keys that were taken aside back into the key file: before an old backup is opened. Their ids."""
    path = Path(settings.QINGLAN_KEYS)
    try:
        kept = files.read(aside)["keys"]
        data = files.read(path)
    except (OSError, ValueError, KeyError):
        raise KeyringError(f"{aside} 不是取出的密钥文件，或 {path} 读不到。") from None
    added = [key_id for key_id in kept if key_id not in data["keys"]]
    data["keys"] |= {key_id: kept[key_id] for key_id in added}
    files.write(path, data)
    return added
