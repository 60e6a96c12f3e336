"""The header words that a district adds to ours: what its offices call a column."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from qinglan.apps.audit.actions import record, snapshot
from qinglan.apps.facts.actions.reading import TITLES
from qinglan.apps.facts.models import HeaderWord
from qinglan.apps.people.actions import ActionError
from qinglan.apps.people.permissions import IMPORT_FACTS, check
from qinglan.core.intake import layout_of
from qinglan.core.intake.header import tidy_header
from qinglan.core.intake.model import MARK_HEADER

LONGEST = 40


@transaction.atomic
def add(*, district: str, kind: str, field: str, word: str, by: Any) -> HeaderWord:
    """This will have a header word mean a field in files of a kind, from now on. ActionError when it cannot."""
    check(by, IMPORT_FACTS, district)
    text = tidy_header(word)
    if kind not in TITLES or field not in {one.key for one in layout_of(kind).fields}:
        raise ActionError("请选择种类和它的一个字段。")
    if not text or len(text) > LONGEST:
        raise ActionError(f"表头词请填 1 到 {LONGEST} 个字。")
    if _unusable(text):
        raise ActionError(f"「{word}」不能用作表头词。")
    other = HeaderWord.objects.filter(org_code=district, kind=kind, word=text).first()
    if other is not None:
        label = layout_of(kind).field(other.field).label
        raise ActionError(f"「{text}」已经对应〈{label}〉，要改请先删去原来的。")
    with record("facts.words.add", by=by, org_code=district) as entry:
        row = HeaderWord.objects.create(
            org_code=district, kind=kind, field=field, word=text,
            by_name=(by.get_full_name() or by.get_username()) if by is not None else "系统",
        )  # fmt: skip
        entry.target, entry.after = row, snapshot(row)
    return row


def _unusable(text: str) -> bool:
    """Our own column of marks, and bare numbers, say nothing of a column."""
    return text == tidy_header(MARK_HEADER) or text.isdecimal()


@transaction.atomic
def learn(*, district: str, kind: str, words: Iterable[tuple[str, str]], by: Any) -> int:
    """This will keep (header word, field) pairs that an officer mapped by hand; those that cannot be kept are left. How many."""
    check(by, IMPORT_FACTS, district)
    known = set(HeaderWord.objects.filter(org_code=district, kind=kind).values_list("word", flat=True))
    kept = 0
    for word, field in words:
        text = tidy_header(word)
        if text and len(text) <= LONGEST and not _unusable(text) and text not in known:
            add(district=district, kind=kind, field=field, word=word, by=by)
            known.add(text)
            kept += 1
    return kept


@transaction.atomic
def remove(*, word: HeaderWord, by: Any) -> None:
    """This will forget a header word of a district."""
    check(by, IMPORT_FACTS, word.org_code)
    with record("facts.words.remove", by=by, target=word, org_code=word.org_code, before=snapshot(word)):
        word.delete()
