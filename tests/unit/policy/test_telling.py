"""What the assistant says of a district's pack: only what stands in it, and another value says another sentence."""

import dataclasses
import re
from datetime import date

import pytest

from qinglan.apps.policy.models import PackAdoption
from qinglan.apps.policy.queries.packs import pack
from qinglan.apps.policy.queries.telling import LONGEST, PARTS, pack_words, words_of
from qinglan.core.packs.loading import shipped
from qinglan.core.packs.pack import Pack
from qinglan.core.retrieval.cards import PACK_PARTS
from qinglan.core.rules.registry import ITEMS

ON = date(2026, 11, 22)
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
DISTRICTS = [name for name in shipped() if name != "national"]


def plain(number: str) -> str:
    number = number.replace(",", "")
    return number.rstrip("0").rstrip(".") if "." in number else number


def numbers_of(one: Pack, items: tuple[str, ...]) -> set[str]:
    """Every number that the pack's own pages say of these items, with its sources and days."""
    said = []
    for item in items:
        entry = one.entries.get(item)
        dated = entry.on(ON) if entry else None
        if entry and dated:
            said += [
                entry.item.label,
                dated.since.strftime("%Y %-m %-d"),
                str(dated.source),
                *map(str, dated.sources.values()),
            ]
            said += [word for line in entry.item.shape.say(dated.value) for word in line]
    return {plain(number) for number in NUMBER.findall(" ".join(said))}


def test_the_parts_are_those_of_the_cards_and_name_items_that_exist():
    assert set(PARTS) == set(PACK_PARTS)
    assert {item for items in PARTS.values() for item in items} <= set(ITEMS)


@pytest.mark.parametrize("name", DISTRICTS)
def test_every_number_stands_in_the_pack(name):
    one = pack(name)
    words = words_of(one, ON)
    assert set(words) == set(PACK_PARTS), "each part has something to say in every shipped pack of a district"
    for part, text in words.items():
        assert 0 < len(text) <= LONGEST
        assert {plain(number) for number in NUMBER.findall(text)} <= numbers_of(one, PARTS[part]), (part, text)
        assert "自" in text
        assert "日起" in text


def changed(one: Pack, item: str, value: object) -> Pack:
    entry = one.entries[item]
    last = dataclasses.replace(entry.values[-1], value=value)
    return dataclasses.replace(
        one, entries={**one.entries, item: dataclasses.replace(entry, values=(*entry.values[:-1], last))}
    )


def test_another_value_says_another_sentence_and_a_missing_item_is_left_out():
    one = pack("taoyuan")
    item = "budget.illness.per_head"
    other = changed(one, item, one.entries[item].item.shape.adapter.validate_python("3456.00"))
    assert "2,000 元" in words_of(one, ON)["care_fund"]
    assert "3,456 元" in words_of(other, ON)["care_fund"]
    assert "3456" not in {*numbers_of(one, PARTS["care_fund"])}, "the control: the walk above would see it"
    without = dataclasses.replace(
        one, entries={key: entry for key, entry in one.entries.items() if key not in PARTS["care_fund"]}
    )
    assert "care_fund" not in words_of(without, ON)
    assert words_of(one, date(1970, 1, 1)) == {}


def test_of_the_pack_in_force_with_one_query(db, django_assert_num_queries):
    PackAdoption.objects.create(org_code="990101", pack="taoyuan", since=date(2025, 1, 1), by_id=1)
    PackAdoption.objects.create(org_code="990101", pack="xuhui", since=date(2026, 6, 1), by_id=1)
    pack_words("990101", ON)
    with django_assert_num_queries(1):
        now = pack_words("990101", ON)
    assert now == words_of(pack("xuhui"), ON)
    assert pack_words("990101", date(2026, 5, 31)) == words_of(pack("taoyuan"), date(2026, 5, 31))
    assert pack_words("990101", date(2024, 12, 31)) == {}
    assert pack_words("110101", ON) == {}
