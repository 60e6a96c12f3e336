"""Cards: the shipped ones are whole; a wrong one is refused with what is wrong and how to mend it."""

import copy
import re

import pytest
import yaml

from qinglan.core.retrieval.cards import LEAST_QUESTIONS, WAYS, CardError, read_card, read_cards
from qinglan.core.retrieval.shipped import CARDS, cards, refusals

EXPECTED = {*map(str, range(1, 121)), *(f"S{n}" for n in range(1, 21)), *(f"W{n}" for n in range(1, 25))}


def plain() -> dict:
    """A shipped card as plain data, to be spoilt."""
    file = sorted(CARDS.glob("*.yaml"))[0]
    return yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)[0]


def test_every_item_has_its_card():
    found = [item for card in cards() for item in card.items]
    assert set(found) == EXPECTED
    assert found.count("120") == 2, "volunteers and emergencies"
    assert len(found) == len(EXPECTED) + 1, "no other item stands on two cards"


def test_each_card_knows_how_people_ask():
    for card in cards():
        assert len(set(card.asked)) >= LEAST_QUESTIONS, card.title
        assert all(card.questions[way] for way in WAYS), card.title


def test_the_twenty_certificates_are_refused_and_nothing_else():
    forbidden = {item for card in cards() if card.kind == "certificate" for item in card.items if item.startswith("S")}
    assert forbidden == {f"S{n}" for n in range(1, 21)}


def test_hand_over_cards_name_no_figure_of_their_own():
    for card in cards():
        if card.kind == "handover":
            assert not re.findall(r"\d+(?:元|天|年|岁|%)", card.answer), card.title


def test_no_question_is_both_refused_and_answered():
    asked = {one for card in cards() for one in card.asked}
    assert not asked & {one for kind in refusals() for one in kind.questions}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"answer": None}, "answer"),
        ({"answer": "短"}, "太短"),
        ({"colour": "red"}, "不认识"),
        ({"kind": "poem"}, "没有“poem”这个选项"),
        ({"law": [{"name": "民法典", "articles": ["第十条"]}]}, "格式不对"),
        ({"law": [{"name": "民法典", "articles": [10]}]}, "请加引号"),
        ({"emergency": ["911"]}, "不在紧急电话表里"),
        ({"from_pack": "bonus"}, "from_pack 没有“bonus”"),
        ({"checked": "someday"}, "checked"),
        ({"questions": {"plain": ["怎么办"]}}, "缺少问法"),
        ({"answer": "请把身份证号11010519491231002X告诉我们，我们就替您查一查能不能领。"}, "像有身份证号"),
    ],
)
def test_a_wrong_card_is_refused_by_field(change, said):
    raw = plain() | change
    if change.get("answer", "") is None:
        del raw["answer"]
    with pytest.raises(CardError) as error:
        read_card(raw, "a.yaml 第 1 张")
    assert all(one.startswith("a.yaml 第 1 张：") for one in error.value.problems)
    assert said in str(error.value)


def test_a_question_belongs_to_one_card(tmp_path):
    first = plain()
    second = copy.deepcopy(first) | {"title": "另一张卡片", "items": ["2"]}
    (tmp_path / "a.yaml").write_text(yaml.safe_dump([first], allow_unicode=True), encoding="utf-8")
    assert len(read_cards(tmp_path)) == 1, "the control: alone it is taken"
    (tmp_path / "b.yaml").write_text(yaml.safe_dump([second], allow_unicode=True), encoding="utf-8")
    with pytest.raises(CardError, match="一种问法只能属于一张卡片"):
        read_cards(tmp_path)


def test_a_file_that_is_no_yaml_is_named(tmp_path):
    (tmp_path / "broken.yaml").write_text("- items: [", encoding="utf-8")
    with pytest.raises(CardError, match=r"broken\.yaml：不是有效的 YAML"):
        read_cards(tmp_path)
