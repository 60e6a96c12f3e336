"""Every number, law and article of every reply stands in its card, its refusal, the district's values or its pack; with controls."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from tests.unit.core.retrieval.grounds import told, unfounded

from qinglan.core.retrieval.cards import PACK_PARTS, Card
from qinglan.core.retrieval.deciding import Answerer, City, Outcome, Reply, Turn, Value
from qinglan.core.retrieval.evaluating import read_questions
from qinglan.core.retrieval.shipped import DEVELOPMENT, VECTORS, answerer, cards
from qinglan.core.retrieval.vectors import Store

DAY = date(2026, 11, 22)
SETS = Path(__file__).parents[3] / "data" / "assistant"
FILLED = City(
    "桃源区",
    {
        field.name: Value(f"{at}7.5", date(2025, 3, 1 + at % 28))
        for at, card in enumerate(cards())
        for field in card.city
    },
)
PACK = {
    part: f"本区：{at}31 元（《桃源区办法》第{at + 3}条，自2024年2月9日起）。" for at, part in enumerate(PACK_PARTS)
}


def replies(step: int) -> Iterator[Reply]:
    """Every `step`-th question of every set (never the held-out ones), with and without a district."""
    asked = [
        (one.question, one.context)
        for file in (DEVELOPMENT, SETS / "training.csv", SETS / "dialogues.csv")
        for one in read_questions(file.read_text(encoding="utf-8"), cards())
    ]
    for name in ("turns.csv", "turns_training.csv", "injections.csv"):
        with (SETS / name).open(encoding="utf-8", newline="") as file:
            asked += [(row["question"], row.get("context", "")) for row in csv.DictReader(file)]
    for at, (question, context) in enumerate(asked[::step]):
        city = FILLED if at % 2 else None
        before: tuple[Turn, ...] = ()
        if context:
            first = answerer().ask(context, today=DAY, city=city)
            before = (Turn(first.question, first.card.title if first.card else ""),)
        yield answerer().ask(question, today=DAY, city=city, before=before, pack=PACK if at % 3 else None)


class Stored:
    """The encoder of the house that looks first among the stored vectors: the cards' own questions need no model."""

    def __init__(self) -> None:
        self.model = answerer().encoder
        self.name, self.size = self.model.name, self.model.size
        self.store = Store.read(VECTORS, self.model)

    def vectors(self, texts: list[str]) -> np.ndarray:
        return self.store.vectors(texts, self.model)


@cache
def quick() -> Answerer:
    return replace(answerer(), encoder=Stored())


def of_a_card(card: Card, city: City | None, today: date) -> Reply:
    """What the card says when one of its own questions is asked; the first that is not taken for another's."""
    for question in card.asked:
        reply = quick().ask(question, today=today, city=city, pack=PACK)
        if (
            reply.card == card
            and reply.asks != "choice"
            and not (reply.outcome is Outcome.HANDED_OVER and card.kind != "handover")
        ):
            return reply
    raise AssertionError(f"{card.title}：没有一种问法问得到它")


def test_every_card():
    for at, card in enumerate(cards()):
        reply = of_a_card(card, FILLED if at % 2 else None, date(2028, 1, 1))
        assert unfounded(reply, FILLED, PACK) == [], card.title
        assert any("已超过一年" in text for _, text in reply.lines)


def test_some_questions_of_every_set():
    found = [(reply.question, unfounded(reply, FILLED, PACK)) for reply in replies(43)]
    assert len(found) > 25
    assert [one for one in found if one[1]] == []


@pytest.mark.slow
def test_all_questions_of_every_set():
    found = [(reply.question, unfounded(reply, FILLED, PACK)) for reply in replies(1)]
    assert [one for one in found if one[1]] == []


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ("每月发777元", "777"),
        ("依据《虚构法》", "《虚构法》"),
        ("见《老年人权益保障法》第9999条", "《老年人权益保障法》第9999条"),
        ("比例3.25", "3.25"),
    ],
)
def test_the_control_what_stands_nowhere_is_found(more, found):
    card = next(one for one in cards() if one.key == "35")
    reply = of_a_card(card, None, DAY)
    assert unfounded(reply) == []
    assert found in unfounded(replace(reply, text=reply.text + more))
    assert found in unfounded(replace(reply, lines=(*reply.lines, ("说明", more))))


def test_the_control_a_value_of_another_card_is_found():
    card = next(one for one in cards() if one.key == "35")
    reply = of_a_card(card, FILLED, DAY)
    assert unfounded(reply, FILLED) == []
    assert unfounded(reply, None) != [], "without the district's values its numbers stand nowhere"
    other = next(one for one in cards() if one.city and one.key != "35")
    value = FILLED.values[other.city[0].name]
    assert unfounded(replace(reply, text=reply.text + value.text), FILLED) == [value.text]


CITY_CARDS = [card for card in cards() if card.city]


def test_every_card_that_varies_by_city_asks_shows_or_says_who_knows():
    assert len(CITY_CARDS) > 30
    empty = City("柳林区")
    for card in CITY_CARDS:
        asked = of_a_card(card, None, DAY)
        assert asked.asks == "city", card.title
        assert not any("填写" in text for _, text in asked.lines), card.title
        shown = dict(of_a_card(card, FILLED, DAY).lines)
        unknown = of_a_card(card, empty, DAY)
        assert not shown.get("asks"), card.title
        assert unknown.asks == "", "the place is known; it asks no more"
        for field in card.city:
            value = FILLED.values[field.name]
            day = f"{value.since.year}年{value.since.month}月{value.since.day}日"
            assert shown[field.label].startswith(f"{value.text}{field.unit}"), card.title
            assert f"桃源区填写，{day}" in shown[field.label]
            who = dict(unknown.lines)[field.label]
            assert "柳林区还没有填写" in who
            assert (card.decides or card.accepts or "受理窗口") in who
            assert value.text not in told(unknown), "nothing of another district"


def test_a_question_for_a_figure_that_varies_asks_before_it_answers():
    """Where nothing but the figure is wanted, the place comes first."""
    wanted = {"高龄津贴每月多少钱": "35", "低保标准是多少": "24", "养狗登记要交多少钱": "100"}
    for question, key in wanted.items():
        reply = answerer().ask(question, today=DAY)
        assert (reply.outcome, reply.card.key if reply.card else "") == (Outcome.ASKS, key), question
        assert reply.text.startswith("各地不一样，请问您在哪个市、哪个区？")
