"""What a resident sees before asking anything: the questions most asked here, and all that the cards answer, by group."""

from __future__ import annotations

import re
from datetime import date, timedelta

from django.db.models import Sum

from qinglan.apps.assistant.models import CardVersion, Tally
from qinglan.apps.assistant.queries.knowledge import in_force
from qinglan.apps.assistant.states import Outcome
from qinglan.core.retrieval import shipped

NUMBER = re.compile(r"(\d{1,3})(?!\d)")  # an item's key begins with it
DAYS = 90  # counted back
LEAST = 20  # questions counted before the counts say more than chance
SHOWN = 6
# The groups of the shared specification (questions.md) by the numbers of their items.
GROUPS = (
    ("社保退休", 1, 14), ("医保看病", 15, 23), ("低保救助", 24, 33), ("老人", 34, 43), ("残疾人", 44, 50),
    ("生育孩子", 51, 61), ("户口、居住证", 62, 71), ("住房", 72, 76), ("就业、工资", 77, 82), ("退役军人", 83, 86),
    ("结婚、家庭", 87, 95), ("丧事", 96, 99), ("养狗", 100, 102), ("物业、邻里", 103, 112), ("法律、调解", 113, 118),
    ("党员、志愿、应急", 119, 120),
)  # fmt: skip
CERTIFICATES, OTHERS = "开证明", "本区的其他问题"
# Shown while little has been asked: what people come to a community desk for.
USUAL = ("35", "25", "57", "63", "108", "S1")


def titles(district: str, on: date) -> dict[str, str]:
    """Card key -> title of all that is there for residents in the district on a day, in the order of the cards. Two queries."""
    found = {card.key: card.title for card in shipped.cards() if card.audience != "worker"}
    numbers = [number for _, number in in_force(district, on)]
    rows = CardVersion.objects.filter(pk__in=numbers).values_list("key", "title", "retired", "content__audience")
    for key, title, retired, audience in rows if numbers else ():
        found.pop(key, None) if retired or audience == "worker" else found.__setitem__(key, title)
    return found


def common(district: str, on: date, known: dict[str, str]) -> list[str]:
    """Titles of the cards that answered most of what was asked in the district in the last days; the usual ones first of all while
    little has been asked. `known`: as `titles` gives it. One query."""
    most: list[str] = []
    if district:
        rows = (
            Tally.objects.within(district)
            .filter(day__gt=on - timedelta(days=DAYS), outcome=Outcome.ANSWERED)
            .exclude(card_key="").order_by().values("card_key").annotate(times=Sum("asked"))
            .order_by("-times", "card_key").values_list("card_key", "times")[: 4 * SHOWN]
        )  # fmt: skip
        counted = [(key, times) for key, times in rows if key in known]
        if sum(times for _, times in counted) >= LEAST:
            most = [key for key, _ in counted]
    keys = list(dict.fromkeys([*most, *(key for key in USUAL if key in known)]))
    return [known[key] for key in keys[:SHOWN]]


def groups(known: dict[str, str]) -> list[tuple[str, list[str]]]:
    """(group, titles) of all cards for residents."""
    found: dict[str, list[str]] = {name: [] for name in (*(one[0] for one in GROUPS), CERTIFICATES, OTHERS)}
    for key, title in known.items():
        found[_group(key)].append(title)
    return [(name, some) for name, some in found.items() if some]


def _group(key: str) -> str:
    number = NUMBER.match(key)
    if number:
        return next((name for name, first, last in GROUPS if first <= int(number[1]) <= last), OTHERS)
    return CERTIFICATES if key.startswith("S") else OTHERS
