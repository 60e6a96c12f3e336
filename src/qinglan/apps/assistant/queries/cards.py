"""The cards of a district as an officer keeps them: what stands today, what waits, all versions of one, where they differ from one
another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from django.db.models import QuerySet

from qinglan.apps.assistant.models import CardVersion, CityValue
from qinglan.apps.assistant.queries import card_content
from qinglan.apps.assistant.queries.knowledge import in_force
from qinglan.apps.assistant.queries.updates import taken_over
from qinglan.apps.base.models import ReleaseState
from qinglan.core.retrieval import shipped
from qinglan.core.retrieval.cards import Card
from qinglan.core.retrieval.deciding import OLD

OPEN = (ReleaseState.DRAFT, ReleaseState.SUBMITTED)
NEW = "N"  # begins the key of a district's own new card


@dataclass(frozen=True)
class Standing:
    """One key of a district. `card`: what answers today, else what the newest version says; `own`: the version in force; `filled`: names
    of its city fields that have a value; `waiting`: its open versions, newest first."""

    key: str
    card: Card
    own: CardVersion | None
    shipped: Card | None
    filled: frozenset[str] = frozenset()
    waiting: tuple[CardVersion, ...] = field(default=())

    @property
    def retired(self) -> bool:
        return self.own is not None and self.own.retired

    @property
    def answers(self) -> bool:
        """Whether it answers today."""
        return not self.retired and (self.own is not None or self.shipped is not None)

    @property
    def origin(self) -> str:
        """Whose text it is, in words."""
        if self.retired:
            return "已停用"
        if self.own is not None:
            return "本区改过" if self.shipped is not None else "本区新增"
        return "随系统" if self.shipped is not None else "尚未生效"

    @property
    def mark(self) -> str:
        """What stands today, so that a draft can say what it was made from: a version's number or a shipped text's fingerprint."""
        if self.own is not None:
            return str(self.own.pk)
        return self.shipped.digest[:12] if self.shipped is not None else ""

    @cached_property
    def seen(self) -> Card | None:
        """What the program's card of this key said when the version in force was written; without one, what it says. None: not known."""
        return card_content.read(self.own.content).shipped if self.own is not None else self.shipped

    @cached_property
    def updated(self) -> bool:
        """Whether the program's card was changed since in a way that the district's does not have; that it was checked again is none."""
        if self.own is None or self.retired or self.shipped is None:
            return False
        taken = taken_over(self.seen, self.card, self.shipped)
        return taken.model_copy(update={"checked": self.card.checked}) != self.card

    @property
    def unfilled(self) -> int:
        return sum(one.name not in self.filled for one in self.card.city)

    @cached_property
    def text(self) -> str:
        """All its words, for searching."""
        card = self.card
        laws = " ".join(map(str, card.law))
        parts = (card.title, card.answer, card.next, card.decides, card.accepts, card.must_not, laws, *card.materials)
        return " ".join((*parts, *card.asked)).lower()

    def old(self, today: date) -> bool:
        return (today - self.card.checked).days > OLD

    def numbered(self, words: str) -> bool:
        """Whether it is the card of this number."""
        return words.upper() in (self.key, *self.card.items)


def by_key(cards: Iterable[Card]) -> dict[str, Card]:
    return {card.key: card for card in cards}


def standings(district: str, today: date) -> list[Standing]:
    """Every key of the district: shipped ones in the order of the files, then its own."""
    own = CardVersion.objects.in_bulk([number for _, number in in_force(district, today)])
    standing = {one.key: one for one in own.values()}
    waiting: dict[str, list[CardVersion]] = {}
    for one in CardVersion.objects.filter(org_code=district, state__in=OPEN).order_by("-pk"):
        waiting.setdefault(one.key, []).append(one)
    coming = CardVersion.objects.filter(org_code=district, state=ReleaseState.RELEASED, since__gt=today)
    for one in coming.order_by("-pk"):
        waiting.setdefault(one.key, []).append(one)
    given = by_key(shipped.cards())
    filled = filled_fields(district, today)
    keys = [*given, *sorted({*standing, *waiting} - given.keys(), key=_place)]
    return [_standing(key, standing.get(key), given.get(key), waiting.get(key, []), filled) for key in keys]


def standing_of(district: str, key: str, today: date) -> Standing | None:
    """One key of the district; None where it has no such card."""
    number = dict(in_force(district, today)).get(key)
    own = CardVersion.objects.get(pk=number) if number else None
    rows = CardVersion.objects.filter(org_code=district, key=key)
    waiting = [one for one in rows.order_by("-pk") if one.state in OPEN or _coming(one, today)]
    given = by_key(shipped.cards()).get(key)
    if own is None and given is None and not waiting:
        last = rows.first()
        if last is None:
            return None
        return Standing(key, card_of(last), None, None, filled_fields(district, today))
    return _standing(key, own, given, waiting, filled_fields(district, today))


def _coming(one: CardVersion, today: date) -> bool:
    return one.state == ReleaseState.RELEASED and one.since > today


def _standing(
    key: str, own: CardVersion | None, given: Card | None, waiting: list[CardVersion], filled: frozenset[str]
) -> Standing:
    card = card_of(own) if own is not None else given if given is not None else card_of(waiting[0])
    return Standing(key, card, own, given, filled, tuple(waiting))


def _place(key: str) -> tuple[str, int]:
    """N2 before N10."""
    digits = "".join(one for one in key if one.isdigit())
    return key[:1], int(digits or 0)


def card_of(version: CardVersion) -> Card:
    """What a version says."""
    return card_content.read(version.content).card


def filled_fields(district: str, today: date) -> frozenset[str]:
    """Names of the fields that have a value in the district on that day."""
    rows = (
        CityValue.objects.filter(org_code=district, since__lte=today)
        .order_by("field", "-since", "-pk").distinct("field").values_list("field", "text")
    )  # fmt: skip
    return frozenset(name for name, text in rows if text)


def versions_of(district: str, key: str) -> QuerySet[CardVersion]:
    """All versions of a key, newest first."""
    return CardVersion.objects.filter(org_code=district, key=key).order_by("-pk")


def next_key(district: str) -> str:
    """The first number that no new card of the district has had."""
    keys = CardVersion.objects.filter(org_code=district, key__startswith=NEW).values_list("key", flat=True).distinct()
    return f"{NEW}{max((_place(one)[1] for one in keys), default=0) + 1}"


def overtaken(version: CardVersion) -> CardVersion | None:
    """The version of the same key that was released after this one had been written: releasing this one would undo it."""
    later = CardVersion.objects.filter(org_code=version.org_code, key=version.key, state=ReleaseState.RELEASED)
    return later.filter(released_at__gt=version.made_at).exclude(pk=version.pk).order_by("-released_at").first()


def cards_on(district: str, on: date, *, without: str = "") -> dict[str, Card]:
    """The cards that answer on a day by their key; `without` this key."""
    cards = by_key(shipped.cards())
    for one in CardVersion.objects.filter(pk__in=[number for _, number in in_force(district, on)]):
        cards.pop(one.key, None)
        if not one.retired:
            cards[one.key] = card_of(one)
    cards.pop(without, None)
    return cards


def later_days(district: str, since: date) -> list[date]:
    """`since` and the days after it on which another released version begins."""
    rows = CardVersion.objects.filter(org_code=district, state=ReleaseState.RELEASED, since__gt=since)
    return [since, *sorted(set(rows.values_list("since", flat=True)))]


def narrowed(rows: Iterable[Standing], given: Mapping[str, str], today: date) -> list[Standing]:
    """The rows that a filter asks for: q, audience, kind, show. A card of the number asked for stands first."""
    found = [one for one in rows if _fits(one, given, today)]
    words = given.get("q", "").strip().lower()
    return sorted(found, key=lambda one: not one.numbered(words)) if words else found


def _fits(one: Standing, given: Mapping[str, str], today: date) -> bool:
    words = given.get("q", "").strip().lower()
    if words and not one.numbered(words) and not all(word in one.text for word in words.split()):
        return False
    audience = given.get("audience", "")
    if audience and one.card.audience not in (audience, "both"):
        return False
    if given.get("kind") and one.card.kind != given["kind"]:
        return False
    shows = {
        "": True,
        "unfilled": one.unfilled > 0 and one.answers,
        "old": one.old(today),
        "own": one.own is not None and not one.retired,
        "updated": one.updated,
        "waiting": bool(one.waiting),
        "retired": one.retired,
    }
    return shows[given.get("show", "")]
