"""A rephrased answer: what stands in no card is found, however it is written; a card's own text is always faithful."""

import pytest

from qinglan.core.retrieval.faithful import faithful, number, numbers
from qinglan.core.retrieval.shipped import cards

CARD = next(card for card in cards() if card.key == "35")
PLAIN = "高龄津贴是发给80周岁以上低收入老年人的，每月多少由各地定。请家里人带上老人的居民身份证到街道的受理窗口申请。"


@pytest.mark.parametrize("card", cards(), ids=lambda card: card.key + str(card.part))
def test_a_cards_own_text_says_nothing_new(card):
    assert faithful(f"{card.answer} {card.next}", [card]) == []


@pytest.mark.parametrize(
    ("text", "figures"),
    [("十五", "15"), ("三千六百", "3600"), ("一万零五十", "10050"), ("二〇二六", "2026"),
     ("两百", "200"), ("3,600.00", "3600"),
     ("三点五", "3.5"), ("廿", "20"), ("半", "0.5"), ("十", "10"), ("一百二十", "120"), ("07", "7")],
)  # fmt: skip
def test_numbers_are_compared_as_numbers(text, figures):
    assert number(text) == figures


def test_words_with_a_numeral_in_them_are_no_numbers():
    assert numbers("统一规定不一样，请一次性告知，万一十分着急就找老百姓") == set()


def test_a_faithful_rephrasing_passes():
    assert faithful(PLAIN, [CARD]) == []
    assert faithful(PLAIN.replace("80周岁", "八十周岁"), [CARD]) == []


@pytest.mark.parametrize(
    ("lie", "kind"),
    [
        ("每月发500元。", "数字 500"), ("每月发五百元。", "数字 500"), ("每月发伍佰元，即５００元。", "数字 500"),
        ("满七十岁就能领。", "数字 70"),
        ("依据《养老服务条例》。", "法律 《养老服务条例》"), ("依据养老服务条例的规定。", "法律"), ("见《老年人权益保障法》第99条。", "第99条"),
        ("见第九十九条。", "第九十九条"), ("请找税务局。", "单位"), ("详见 http://evil.example", "网址"),
        ("2025年3月1日起实行。", "数字 2025"), ("补一半。", "数字 0.5"),
    ],
)  # fmt: skip
def test_a_lie_is_found(lie, kind):
    assert any(one.startswith(kind) for one in faithful(PLAIN + lie, [CARD])), faithful(PLAIN + lie, [CARD])
