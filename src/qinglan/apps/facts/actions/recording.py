"""Records facts, many at once. A fact said again is left alone; one said differently supersedes; nothing is overwritten."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from django.db import transaction

from qinglan.apps.audit.actions import record
from qinglan.apps.base.actions import copy_in
from qinglan.apps.facts.models import KINDS, Fact, ImportBatch

Outcome = Literal["added", "corrected", "unchanged"]
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


def plan(kind: str, rows: Iterable[Mapping[str, Any]]) -> list[Outcome]:
    """What `record_many` would do with each row, without doing it."""
    return [outcome for outcome, _, _ in _sorted_out(KINDS[kind], list(rows))]


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
    """This will record each row as a fact of `kind` and say per row whether it was added, corrects, or was known.

    Row: person_id (None for a unit), org_code, valid_on, the model's IDENTITY and VALUES fields, recorder, evidence,
    sheet_row. Rows of one call about the same happening follow each other: the later supersedes the earlier.
    """
    model = KINDS[kind]
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
        entry.after = {"kind": kind, **{word: outcomes.count(word) for word in ("added", "corrected", "unchanged")}}
    return outcomes


def _sorted_out(model: type[Fact], rows: Sequence[Mapping[str, Any]]) -> list[tuple[Outcome, dict[str, Any], Any]]:
    """(outcome, row, the fact it would supersede) for each row; a head made by an earlier row stands in `_made`."""
    identities = [identity_of(model, row) for row in rows]
    manager: Any = model._default_manager
    heads_known = manager.filter(identity__in=set(identities), superseded_by__isnull=True)
    known = {fact.identity: fact for fact in heads_known}
    heads: dict[str, tuple[str, Any]] = {key: (fact.digest, fact) for key, fact in known.items()}
    result: list[tuple[Outcome, dict[str, Any], Any]] = []
    for identity, raw in zip(identities, rows, strict=True):
        digest = digest_of(model, raw)
        row = {**raw, "identity": identity, "digest": digest, "_made": []}
        before = heads.get(identity)
        if before is not None and before[0] == digest:
            result.append(("unchanged", row, None))
            continue
        head = before[1] if before else None
        result.append(("corrected" if before else "added", row, head))
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
    """This will add a fact that supersedes `fact` with some values changed. ValueError without a reason or a change."""
    return _superseding(fact, by, reason, values, withdrawn=False)


@transaction.atomic
def withdraw(*, fact: Fact, by: Any, reason: str) -> Fact:
    """This will add a fact that says `fact` did not happen. ValueError without a reason."""
    return _superseding(fact, by, reason, {}, withdrawn=True)


def _superseding(fact: Fact, by: Any, reason: str, values: Mapping[str, Any], *, withdrawn: bool) -> Fact:
    if not reason.strip():
        raise ValueError("更正或撤销须写明理由。")
    model = type(fact)
    row = {name: getattr(fact, name) for name in (*model.IDENTITY, *model.VALUES, *COMMON, "org_code", "valid_on")}
    row |= {"person_id": fact.person_id, "withdrawn": withdrawn, "reason": reason, **values}
    row |= {"identity": fact.identity, "digest": digest_of(model, row)}
    if row["digest"] == fact.digest:
        raise ValueError("更正后的内容与原来相同，没有需要更正的。")
    with record(
        "facts.withdraw" if withdrawn else "facts.correct", by=by, target=fact, org_code=fact.org_code
    ) as entry:
        made = _fact(model, row, fact, by, None, reason)
        made.save(force_insert=True)
        entry.after = {"superseded_by": made.pk, "reason": reason}
    return made
