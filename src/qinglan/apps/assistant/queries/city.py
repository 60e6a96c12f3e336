"""What varies by city: the fields of all cards of a district, with what it has filled in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from qinglan.apps.assistant.models import CityValue
from qinglan.apps.assistant.queries.cards import cards_on
from qinglan.core.retrieval.cards import Card, CityField


@dataclass(frozen=True)
class Field:
    """A field, the cards (key, title) that name it, and the value that counts on the day. `coming`: one filled in for a later day."""

    name: str
    label: str
    unit: str
    cards: tuple[tuple[str, str], ...]
    value: CityValue | None = None
    coming: CityValue | None = None
    knows: str = ""

    @property
    def text(self) -> str:
        return self.value.text if self.value is not None else ""

    @property
    def said(self) -> str:
        """The value with its unit; "" while there is none."""
        return f"{self.text}{self.unit}" if self.text else ""


def fields(district: str, today: date) -> list[Field]:
    """All fields of the cards that answer in the district today, in the order of the cards."""
    return _filled(cards_on(district, today).values(), district, today)


def fields_of(card: Card, district: str, today: date) -> list[Field]:
    """The fields of one card."""
    return _filled([card], district, today)


def field_of(district: str, name: str, today: date) -> Field | None:
    """One field; None where no card has it."""
    return next((one for one in fields(district, today) if one.name == name), None)


def _filled(cards: Iterable[Card], district: str, today: date) -> list[Field]:
    known: dict[str, tuple[CityField, list[Card]]] = {}
    for card in cards:
        for one in card.city:
            known.setdefault(one.name, (one, []))[1].append(card)
    rows = CityValue.objects.filter(org_code=district, field__in=known).order_by("field", "-since", "-pk")
    now = {one.field: one for one in rows.filter(since__lte=today).distinct("field")}
    later = {one.field: one for one in rows.filter(since__gt=today).distinct("field")}
    return [
        Field(
            name, one.label, one.unit, tuple((card.key, card.title) for card in having), now.get(name), later.get(name),
            having[0].decides or having[0].accepts or "受理窗口",
        )
        for name, (one, having) in known.items()
    ]  # fmt: skip


def history(district: str, name: str) -> QuerySet[CityValue]:
    """All that was ever filled in for a field, newest first."""
    return CityValue.objects.filter(org_code=district, field=name).order_by("-since", "-pk")
