"""Cards of a district: one to be mended, a draft, a released version."""

from datetime import date
from typing import Any
from unittest.mock import patch

from django.utils import timezone

from qinglan.apps.assistant.actions import cards
from qinglan.apps.assistant.models import CardVersion, Evaluation
from qinglan.apps.assistant.queries import measuring
from qinglan.core.retrieval import shipped
from qinglan.core.retrieval.cards import WAYS, Card
from tests.factories.decisions import deciders


def shipped_card(key: str = "35") -> Card:
    return next(one for one in shipped.cards() if one.key == key)


def mended(key: str = "35", **changes: Any) -> Card:
    """A shipped card with other words."""
    changes = changes or {"answer": "这是甲区自己的说法：年满八十周岁的老人可以领高龄津贴，标准以本区公布的为准。"}
    return Card.model_validate(shipped_card(key).model_dump() | changes)


def new_card(about: str = "共享菜园", **changes: Any) -> Card:
    """A card of a district's own that has no number yet."""
    asked = {way: [f"{about}{label}怎么报名"] for way, label in WAYS.items()}
    asked["plain"] = [f"{about}怎么报名", f"{about}在哪里", f"谁能种{about}"]
    plain = {
        "items": ["N0"], "title": f"{about}怎么报名", "audience": "resident", "kind": "answer",
        "answer": f"{about}由社区组织居民认领，每年春天报名，先到先得，具体地块以社区公布的为准。",
        "next": "带身份证到社区居委会登记。", "decides": "社区居民委员会", "accepts": "社区居民委员会", "helps": "",
        "basis": "社区公告", "checked": "2026-11-01", "questions": asked,
    }  # fmt: skip
    return Card.model_validate(plain | changes)


def drafted(card: Card | None = None, district: str = "990101", since: date | None = None, **more: Any) -> CardVersion:
    """A draft by the district's first officer, measured beside the cards of now."""
    made = cards.draft(
        district=district, card=card or mended(), since=since or timezone.localdate(), by=deciders(district)[0], **more
    )
    measured(made)
    return made


def measured(version: CardVersion) -> Evaluation:
    """That the version was measured, without asking anything: release asks only whether."""
    mark = measuring.fingerprint(measuring.cards_with(version, timezone.localdate()))
    return Evaluation.objects.create(
        org_code=version.org_code, name="x", questions=[], draft=version, cards=mark, state="done",
        outcome={"shares": [], "came": [], "before": {"shares": [], "came": []}, "residents": {"linked": 0, "now": 0, "before": 0},
                 "median_ms": 0, "p95_ms": 0},
    )  # fmt: skip


def submitted(card: Card | None = None, district: str = "990101", **more: Any) -> CardVersion:
    return cards.submit(version=drafted(card, district, **more), by=deciders(district)[0])


def released(card: Card | None = None, district: str = "990101", **more: Any) -> CardVersion:
    """A version released by the district's second officer."""
    return cards.release(version=submitted(card, district, **more), by=deciders(district)[1])


def outgrown(key: str = "35", district: str = "990101", card: Card | None = None, **then: Any) -> CardVersion:
    """A version in force, written when the program's card still said `then` (other words for its next step, where nothing is given)."""
    older = mended(key, **(then or {"next": "请到社区问。"}))
    with patch.object(shipped, "cards", return_value=[older if one.key == key else one for one in shipped.cards()]):
        row = drafted(card or Card.model_validate(older.model_dump() | {"fee": "本区不收费"}), district)
    measured(row)
    cards.submit(version=row, by=deciders(district)[0])
    return cards.release(version=row, by=deciders(district)[1])
