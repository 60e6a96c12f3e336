"""A card that a district kept under an earlier program is still read: every shape that was ever kept, and none of a later program."""

import copy
from typing import Any

import pytest
from tests.factories.cards import drafted, shipped_card

from qinglan.apps.assistant.models import CardVersion
from qinglan.apps.assistant.queries import card_content
from qinglan.apps.assistant.queries.cards import card_of
from qinglan.apps.assistant.queries.knowledge import with_versions
from qinglan.core.retrieval.cards import WAYS

# As they were kept, to the letter: never mended when Card changes (then a step of card_content.STEPS is missing).
OLD: dict[int, dict[str, Any]] = {
    1: {
        "items": ["35"], "part": 1, "title": "高龄津贴怎么领", "audience": "resident", "kind": "answer",
        "answer": "这是甲区自己的说法：年满八十周岁的老人可以领高龄津贴，标准以本区公布的为准。", "next": "请到社区登记。",
        "decides": "民政局", "accepts": "街道办事处", "helps": "", "materials": ["身份证"], "limit": "", "fee": "",
        "law": [{"name": "老年人权益保障法", "articles": ["33"]}], "basis": "问题清单 35",
        "city": [{"name": "gaoling_age", "label": "高龄津贴从几岁起发", "unit": "岁"}], "must_not": "", "emergency": [],
        "changed": "", "from_pack": "", "checked": "2026-11-01", "questions": {way: [f"高龄津贴{way}"] for way in WAYS},
    },
}  # fmt: skip
OLD[2] = {"schema": 2, "card": OLD[1], "shipped": OLD[1]}


def test_there_is_an_old_content_of_every_shape():
    assert sorted(OLD) == list(range(1, card_content.SCHEMA + 1))
    assert sorted(card_content.STEPS) == list(range(1, card_content.SCHEMA))


@pytest.mark.parametrize("number", sorted(OLD))
def test_every_shape_that_was_kept_is_read(number):
    before = copy.deepcopy(OLD[number])
    found = card_content.read(OLD[number])
    assert found.card.title == "高龄津贴怎么领"
    assert (found.card.law[0].name, found.card.city[0].unit) == ("老年人权益保障法", "岁")
    assert (found.shipped is None) == (number == 1), "the first shape did not keep what the program's card said"
    assert before == OLD[number], "nothing is written into what was kept"


def test_what_is_kept_now_is_read_as_it_was():
    card, given = shipped_card("35"), shipped_card("36")
    assert card_content.read(card_content.dumped(card, given)) == card_content.Content(card, given)
    assert card_content.read(card_content.dumped(card, None)) == card_content.Content(card, None)


@pytest.mark.parametrize("number", [card_content.SCHEMA + 1, 0, "2"])
def test_a_content_of_a_later_program_is_not_guessed_at(number):
    with pytest.raises(card_content.ContentError, match="较新"):
        card_content.read(OLD[2] | {"schema": number})


@pytest.mark.django_db
def test_an_old_row_answers(cast):
    kept = drafted()
    row = CardVersion(org_code=kept.org_code, key="35", content=OLD[1])
    assert card_of(row).next == "请到社区登记。"
    assert next(one for one in with_versions([row]) if one.key == "35").next == "请到社区登记。"
    assert kept.content["schema"] == card_content.SCHEMA
