"""A district mends a card: drafted, submitted, released by a second person; its vectors are kept so that no web process makes them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import connection, transaction
from django.utils import timezone

from qinglan.apps.assistant.actions.telling_cards import tell_of_card
from qinglan.apps.assistant.models import CardVector, CardVersion, HandOver, Question
from qinglan.apps.assistant.permissions import CARD_NEEDS
from qinglan.apps.assistant.queries import cards as queries
from qinglan.apps.assistant.queries.card_checks import Problem, alone, beside
from qinglan.apps.assistant.queries.card_content import dumped
from qinglan.apps.assistant.queries.measuring import check_measured
from qinglan.apps.assistant.queries.updates import taken_over
from qinglan.apps.audit.actions import record, snapshot
from qinglan.apps.base.models import ReleaseMove, ReleaseState
from qinglan.apps.people.permissions import KEEP_CARDS, check
from qinglan.apps.people.queries.handed import refuse_release
from qinglan.core.retrieval import shipped
from qinglan.core.retrieval.cards import Card
from qinglan.core.retrieval.index import texts
from qinglan.core.retrieval.vectors import Store, mark

NEW_KEY = "N0"  # stands in a card that has no number yet
MOST_DAYS = 366  # ahead, so that a slip in the year is noticed


@transaction.atomic
def draft(
    *, district: str, card: Card, since: date, by: Any, base: str | None = None, retired: bool = False, note: str = "",
    hand_over: HandOver | None = None, questions: Iterable[Question] = (), looked: bool = False,
) -> CardVersion:  # fmt: skip
    """This will keep a card as a draft of the district; her draft of the same card before it is withdrawn.

    `base`: queries.cards.Standing.mark of what it was written from; None asks nothing. A card of key N0 gets the next number.
    `looked`: whether it was written with the update of the program's card before her, which is then settled by its release.
    ValidationError by the card's fields when it may not be kept or says nothing else than what stands.
    """
    check(by, KEEP_CARDS, district)
    _one_at_a_time(district)
    today = timezone.localdate()
    if card.key == NEW_KEY:
        card = card.model_copy(update={"items": (queries.next_key(district), *card.items[1:])})
    one = queries.standing_of(district, card.key, today)
    if one is None and not card.key.startswith(queries.NEW):
        raise ValidationError(f"没有编号 {card.key} 的卡片；新卡片的编号由系统给。")
    if base is not None and base != (one.mark if one else ""):
        raise ValidationError("您打开以后，这张卡片已换了新的版本。您写的都还在，请对照现行的版本改好再存。")
    if not today <= since <= date.fromordinal(today.toordinal() + MOST_DAYS):
        raise ValidationError({"since": "起始日须是今天或以后一年之内。"})
    if not retired:
        _refuse([*alone(card), *beside(card, district, since)])
    settles = looked and one is not None and one.updated
    if one is not None and one.answers and not retired and not settles and _same(card, one.card):
        raise ValidationError("与现行的卡片完全一样，没有要存的改动。")
    if one is not None and one.retired and retired:
        raise ValidationError("这张卡片已经停用。")
    given = None if one is None else one.shipped if settles else one.seen
    before = {"content": dumped(one.card, one.seen)} if one is not None else None
    with record("assistant.card.draft", by=by, org_code=district, before=before) as entry:
        row = CardVersion.objects.create(
            org_code=district, key=card.key, title=card.title, content=dumped(card, given), digest=card.digest,
            retired=retired, since=since, hand_over=hand_over, note=note.strip()[:500], made_at=timezone.now(), **_made(by),
        )  # fmt: skip
        entry.target, entry.after = row, snapshot(row)
    settled = [question.pk for question in questions]
    earlier = CardVersion.objects.filter(
        org_code=district, key=card.key, state=ReleaseState.DRAFT, made_by_id=getattr(by, "pk", None)
    ).exclude(pk=row.pk)
    for old in earlier:
        settled += Question.objects.filter(settled=old).values_list("pk", flat=True)
        _move(old, ReleaseMove.WITHDRAW, by, f"改为第 {row.pk} 版")
    Question.objects.filter(pk__in=settled).update(settled=row)
    return row


def take_over(*, district: str, key: str, by: Any, base: str | None = None) -> CardVersion:
    """This will draft the district's card with what the program's update changed in it. ValidationError when nothing was updated, the
    card may not be kept so, or it would say what it says already."""
    one = _updated(district, key, by)
    card = taken_over(one.seen, one.card, one.shipped) if one.shipped is not None else one.card
    return draft(
        district=district, card=card, since=timezone.localdate(), by=by, base=base, note="取用程序的更新", looked=True
    )


@transaction.atomic
def keep_own(*, district: str, key: str, by: Any, base: str | None = None) -> CardVersion:
    """This will submit that the district's card stays as it is beside the program's update; released, the update is pointed out no
    more. ValidationError when nothing was updated."""
    one = _updated(district, key, by)
    kept = draft(
        district=district, card=one.card, since=timezone.localdate(), by=by, base=base, note="看过程序的更新，仍用本区的", looked=True
    )  # fmt: skip
    return submit(version=kept, by=by, note=kept.note)


def _updated(district: str, key: str, by: Any) -> queries.Standing:
    check(by, KEEP_CARDS, district)
    one = queries.standing_of(district, key, timezone.localdate())
    if one is None or not one.updated:
        raise ValidationError("随程序的这张卡片没有要看的更新，可能别人已经办好了。")
    return one


def retire(*, district: str, key: str, since: date, by: Any, note: str = "") -> CardVersion:
    """This will draft that a card is answered no more from a day on. ValidationError when it does not answer."""
    one = queries.standing_of(district, key, timezone.localdate())
    if one is None or not one.answers:
        raise ValidationError("这张卡片现在不回答，不必停用。")
    return draft(district=district, card=one.card, since=since, by=by, retired=True, note=note)


def submit(*, version: CardVersion, by: Any, note: str = "") -> CardVersion:
    """This will hand a draft to a second person."""
    return _move(version, ReleaseMove.SUBMIT, by, note)


def send_back(*, version: CardVersion, by: Any, note: str) -> CardVersion:
    """This will make it a draft again, for the reason given."""
    return _move(version, ReleaseMove.RETURN, by, note)


def withdraw(*, version: CardVersion, by: Any, note: str = "") -> CardVersion:
    """This will take the draft back for good; the questions that it was to answer are open again."""
    return _move(version, ReleaseMove.WITHDRAW, by, note)


def release(*, version: CardVersion, by: Any, note: str = "") -> CardVersion:
    """This will let the assistant answer by it from its day on: by another person than who made or submitted it, and not by an account
    that one of the two lately opened for the other. Refused when another version came in between, or when nobody has measured this one
    beside the cards that hold now."""
    return _move(version, ReleaseMove.RELEASE, by, note)


@transaction.atomic
def _move(version: CardVersion, move: ReleaseMove, by: Any, note: str) -> CardVersion:
    check(by, CARD_NEEDS[move], version.org_code)
    _one_at_a_time(version.org_code)
    row = CardVersion.objects.select_for_update(of=("self",)).get(pk=version.pk)
    before = {"state": row.state}
    if not row.advance(move, by=by, at=timezone.now(), note=note, apart=refuse_release):
        return row
    if move in (ReleaseMove.SUBMIT, ReleaseMove.RELEASE):
        _check_standing(row)
    if move == ReleaseMove.RELEASE:
        check_measured(row, timezone.localdate())
    with record(f"assistant.card.{move}", by=by, target=row, org_code=row.org_code, before=before) as entry:
        row.save()
        if move == ReleaseMove.RELEASE and not row.retired:
            keep_vectors(queries.card_of(row))
        if move == ReleaseMove.WITHDRAW:
            Question.objects.filter(settled=row).update(settled=None)
        tell_of_card(row=row)
        entry.after = {
            "state": row.state,
            "note": row.note,
            "key": row.key,
            "title": row.title,
            "since": str(row.since),
        }
    return row


def _check_standing(row: CardVersion) -> None:
    """What it was written from still stands, it would come into force, and it still goes with the other cards."""
    later = queries.overtaken(row)
    if later is not None:
        raise ValidationError(
            f"拟稿以后，这张卡片的第 {later.pk} 版已经发布；发布这一版会抹掉它的改动。请撤回，按现行的重新拟稿。"
        )
    ahead = queries.versions_of(row.org_code, row.key).filter(state=ReleaseState.RELEASED, since__gt=row.since).first()
    if ahead is not None:
        raise ValidationError(f"第 {ahead.pk} 版自 {ahead.since} 起，比这一版晚；请按那一天或以后重新拟稿。")
    if not row.retired:
        card = queries.card_of(row)
        found = [*alone(card), *beside(card, row.org_code, max(row.since, timezone.localdate()))]
        if found:
            raise ValidationError([sentence for _, sentence in found])


def keep_vectors(card: Card) -> int:
    """This will keep the vectors of a card's texts that are not kept yet. How many were made."""
    encoder = shipped.answerer().encoder
    store = Store.read(shipped.VECTORS, encoder)
    wanted = store.missing(texts([card], ()))
    marks = {mark(one) for one in wanted}
    kept = CardVector.objects.filter(encoder=encoder.name, mark__in=marks).values_list("mark", flat=True)
    there = {bytes(one) for one in kept}
    new = [one for one in wanted if mark(one) not in there]
    store.vectors(new, encoder)
    made = {mark(one) for one in new}
    CardVector.objects.bulk_create(
        [CardVector(encoder=encoder.name, mark=one, vector=store.known[one].tobytes()) for one in sorted(made)],
        ignore_conflicts=True,
    )
    return len(made)


def _refuse(problems: list[Problem]) -> None:
    if problems:
        by_field: dict[str, list[str]] = {}
        for field, sentence in problems:
            by_field.setdefault(field or NON_FIELD_ERRORS, []).append(sentence)
        raise ValidationError(by_field)


def _same(card: Card, other: Card) -> bool:
    return card.model_dump() == other.model_dump()


def _one_at_a_time(district: str) -> None:
    """Drafts and releases of a district go one after another: the cards that one is held against stay as they are."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"assistant.cards {district}"])


def _made(by: Any) -> dict[str, Any]:
    return {"made_by_id": by.pk, "made_by_name": by.get_full_name() or by.get_username()}
