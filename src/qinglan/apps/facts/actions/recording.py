"""Records facts, many at once. A fact said again is left alone; one said differently supersedes; nothing is overwritten."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from django.db import connection, transaction

from qinglan.apps.audit.actions import plain, record
from qinglan.apps.base.actions import copy_in
from qinglan.apps.facts.models import KINDS, Fact, ImportBatch
from qinglan.apps.people.actions import ActionError
from qinglan.apps.people.permissions import IMPORT_FACTS, check

Outcome = Literal["added", "corrected", "restored", "unchanged"]
COMMON = ("recorder", "evidence", "sheet_row")


def identity_of(model: type[Fact], row: Mapping[str, Any]) -> str:
    """Which happening a row is about: kind, person (or unit), and the model's identity fields."""
    subject = f"person {row['person_id']}" if row.get("person_id") else f"unit {row['org_code']}"
    return _hash([model._meta.model_name, subject, *(row[name] for name in model.IDENTITY)])


def digest_of(model: type[Fact], row: Mapping[str, Any]) -> str:
    """What a row says of it: the values and the evidence."""
    fields = [*(row.get(name) for name in model.VALUES), row.get("evidence", ""), bool(row.get("withdrawn"))]
    return _hash(fields)


def _hash(parts: Sequence[Any]) -> str:
    text = json.dumps([None if part is None else str(part) for part in parts], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def one_at_a_time(district: str) -> None:
    """Wait until nobody else writes facts of this district; held to the end of the transaction.

    Two who bring the same file in at once then see each other's rows instead of meeting at the unique index.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"facts {district[:6]}"])


def plan(kind: str, rows: Iterable[Mapping[str, Any]]) -> list[Outcome]:
    """What `record_many` would do with each row, without doing it."""
    return [outcome for outcome, _ in foresee(kind, rows)]


def foresee(kind: str, rows: Iterable[Mapping[str, Any]]) -> list[tuple[Outcome, Fact | None]]:
    """(what `record_many` would do, the recorded fact that it would supersede) for each row, without doing it."""
    planned = _sorted_out(KINDS[kind], list(rows))
    return [(outcome, None if isinstance(head, list) else head) for outcome, _, head in planned]


@transaction.atomic
def record_many(
    *,
    kind: str,
    rows: Sequence[Mapping[str, Any]],
    by: Any,
    org_code: str,
    batch: ImportBatch | None = None,
    reason: str = "",
) -> list[Outcome]:
    """This will record each row as a fact of `kind` and say per row: added, corrected, restored (it had been withdrawn) or known.

    Row: person_id (None for a unit), org_code, valid_on, the model's IDENTITY and VALUES fields, recorder, evidence,
    sheet_row. Rows of one call about the same happening follow each other: the later supersedes the earlier.
    """
    model = KINDS[kind]
    one_at_a_time(org_code)
    with record("facts.record_many", by=by, target=batch, org_code=org_code) as entry:
        outcomes: list[Outcome] = []
        fresh: list[Fact] = []
        chained: list[Fact] = []
        for outcome, row, head in _sorted_out(model, rows):
            outcomes.append(outcome)
            if outcome == "unchanged":
                continue
            fact = _fact(model, row, head, by, batch, reason)
            (chained if isinstance(head, list) else fresh).append(fact)
            row["_made"].append(fact)
        if chained:
            model._default_manager.bulk_create(fresh, batch_size=2000)
        else:
            copy_in(model, fresh)
        for fact in chained:  # one after the other: each needs the key of the one before it
            fact.supersedes = fact.supersedes
            fact.save(force_insert=True)
        words: tuple[Outcome, ...] = ("added", "corrected", "restored", "unchanged")
        entry.after = {"kind": kind, **{word: outcomes.count(word) for word in words}}
    return outcomes


def _sorted_out(model: type[Fact], rows: Sequence[Mapping[str, Any]]) -> list[tuple[Outcome, dict[str, Any], Any]]:
    """(outcome, row, the fact it would supersede) for each row; a head made by an earlier row stands in `_made`."""
    identities = [identity_of(model, row) for row in rows]
    manager: Any = model._default_manager
    heads_known = manager.filter(identity__in=set(identities), superseded_by__isnull=True)
    known = {fact.identity: fact for fact in heads_known}
    heads: dict[str, tuple[str, Any]] = {key: (fact.digest, fact) for key, fact in known.items()}
    withdrawn = {key for key, fact in known.items() if fact.withdrawn}
    result: list[tuple[Outcome, dict[str, Any], Any]] = []
    for identity, raw in zip(identities, rows, strict=True):
        digest = digest_of(model, raw)
        row = {**raw, "identity": identity, "digest": digest, "_made": []}
        before = heads.get(identity)
        if before is not None and before[0] == digest:
            result.append(("unchanged", row, None))
            continue
        head = before[1] if before else None
        again: Outcome = "restored" if identity in withdrawn else "corrected"
        result.append((again if before else "added", row, head))
        withdrawn.discard(identity)
        heads[identity] = (digest, row["_made"])
    return result


def _fact(model: Any, row: Mapping[str, Any], head: Any, by: Any, batch: Any, reason: str) -> Fact:
    before = head[0] if isinstance(head, list) else head
    return model(
        person_id=row.get("person_id"),
        org_code=row["org_code"],
        valid_on=row["valid_on"],
        by_id=getattr(by, "pk", None),
        batch=batch,
        identity=row["identity"],
        digest=row["digest"],
        supersedes=before,
        withdrawn=bool(row.get("withdrawn")),
        reason=row.get("reason", reason),
        **{name: row.get(name, "") for name in COMMON},
        **{name: row[name] for name in dict.fromkeys((*model.IDENTITY, *model.VALUES)) if name != "valid_on"},
    )


@transaction.atomic
def correct(*, fact: Fact, by: Any, reason: str, **values: Any) -> Fact:
    """This will add a fact that supersedes `fact` with some values changed.

    ActionError without a reason or a change, or when `fact` no longer holds. What the fact is about (person, day, course …)
    cannot be corrected: such a fact is withdrawn and the right one recorded, or it would stand under a wrong identity.
    """
    fixed = sorted(set(values) - {*type(fact).VALUES, "evidence", "recorder"})
    if fixed:
        raise TypeError(f"not a value of {type(fact).__name__}: {', '.join(fixed)}")
    return _superseding(fact, by, reason, values, withdrawn=False)


@transaction.atomic
def withdraw(*, fact: Fact, by: Any, reason: str) -> Fact:
    """This will add a fact that says `fact` did not happen. ActionError without a reason, or when it no longer holds."""
    return _superseding(fact, by, reason, {}, withdrawn=True)


def _superseding(fact: Fact, by: Any, reason: str, values: Mapping[str, Any], *, withdrawn: bool) -> Fact:
    check(by, IMPORT_FACTS, fact.org_code)
    if not reason.strip():
        raise ActionError("更正或撤销须写明理由。")
    model: Any = type(fact)
    one_at_a_time(fact.org_code)
    if model._default_manager.filter(supersedes=fact.pk).exists():
        raise ActionError("这条记录已经被更正或撤销过，请在最新的一条上操作。")
    if withdrawn and fact.withdrawn:
        raise ActionError("这条记录已经撤销了。")
    row = {name: getattr(fact, name) for name in (*model.IDENTITY, *model.VALUES, *COMMON, "org_code", "valid_on")}
    row |= {"person_id": fact.person_id, "withdrawn": withdrawn, "reason": reason.strip(), **values}
    row |= {"identity": fact.identity, "digest": digest_of(model, row)}
    if not withdrawn and not fact.withdrawn and all(row[name] == getattr(fact, name) for name in values):
        raise ActionError("更正后的内容与原来相同，没有需要更正的。")
    action = "facts.withdraw" if withdrawn else "facts.correct"
    before = {name: plain(getattr(fact, name)) for name in values}
    with record(action, by=by, target=fact, org_code=fact.org_code, before=before) as entry:
        made = _fact(model, row, fact, by, None, row["reason"])
        made.save(force_insert=True)
        after = {name: plain(value) for name, value in values.items()}
        entry.after = {**after, "superseded_by": made.pk, "reason": made.reason}
    return made
