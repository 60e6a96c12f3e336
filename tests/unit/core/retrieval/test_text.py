"""Text as the index reads it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qinglan.core.retrieval.text import LONGEST, grams, normalise, sounds, spelled, split_pinyin, syllables


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("高龄津贴８０岁？", "高龄津贴80岁?"),
        ("  WiFi\t密码\n", "wifi 密码"),
        ("高\u200b龄\u202e津贴\x00", "高龄津贴"),
        ("ＧＡＯＬＩＮＧ", "gaoling"),
        ("", ""),
    ],
)
def test_one_writing_of_each_text(raw, plain):
    assert normalise(raw) == plain


@given(st.text(max_size=3_000))
def test_normalising_twice_changes_nothing_and_never_fails(text):
    once = normalise(text)
    assert normalise(once)[:LONGEST] == once[:LONGEST]
    assert isinstance(grams(once), list)
    assert isinstance(sounds(once), list)


def test_pairs_are_of_characters_that_stand_together():
    assert grams("低保 80岁") == ["低", "保", "低保", "80", "岁"]


def test_what_sounds_the_same_is_the_same():
    assert sounds("高龄津贴") == sounds("gaoling jintie") == sounds("高岭津帖")
    assert sounds("居住证") == sounds("ju zu zen"), "zh/z and eng/en are not told apart by many speakers"
    assert sounds("高龄津贴") != sounds("高温津贴")


@given(st.lists(st.sampled_from(sorted(syllables())), min_size=1, max_size=8))
def test_letters_fall_into_no_more_syllables_than_they_were_made_of(parts):
    found = split_pinyin("".join(parts))
    assert "".join(found) == "".join(parts)
    assert 1 <= len(found) <= len(parts)


@pytest.mark.parametrize(
    ("text", "is_so"),
    [("dibao zenme shenqing", True), ("ju zhu zheng 多久", True), ("wifi密码", False), ("低保怎么办", False), ("hello", False), ("app", False)],
)  # fmt: skip
def test_pinyin_is_known_from_other_letters(text, is_so):
    assert spelled(text) is is_so
