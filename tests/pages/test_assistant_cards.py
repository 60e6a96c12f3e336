"""The officer's pages of knowledge cards: list, card, draft, two people, files, what varies by city."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from qinglan.core.retrieval import shipped

pytestmark = pytest.mark.django_db
LIST, CARD = "/assistant/cards/", "/assistant/cards/35/"


def text(client: Client, address: str, **more: str) -> str:
    answer = client.get(address, more or None)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def titles(page: str) -> list[str]:
    return re.findall(r'data-label="卡片"><a [^>]+>([^<]+)<', page)


def test_every_card_stands_on_the_list(officer):
    found = [title for page in range(1, 4) for title in titles(text(officer, LIST, per_page="100", page=str(page)))][
        :200
    ]
    assert set(found) == {card.title for card in shipped.cards()}


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ({"q": "35"}, "高龄津贴怎么领"),
        ({"q": "s7"}, next(card.title for card in shipped.cards() if "S7" in card.items)),
        ({"q": "俺爹八十咧"}, "高龄津贴怎么领"),
        ({"q": "老年人权益保障法 低收入老年人"}, "高龄津贴怎么领"),
    ],
)
def test_a_card_is_found_by_number_question_and_text(officer, asked, first):
    assert titles(text(officer, LIST, **asked))[:1] == [first]


def test_filters_narrow_the_list(officer):
    every = {card.title: card for card in shipped.cards()}
    kinds = titles(text(officer, LIST, kind="certificate", per_page="100"))
    assert kinds
    assert {every[title].kind for title in kinds} == {"certificate"}
    varying = titles(text(officer, LIST, show="unfilled", per_page="100"))
    assert set(varying) == {title for title, card in every.items() if card.city}
    workers = titles(text(officer, LIST, audience="worker", per_page="100"))
    assert workers
    assert all(every[title].audience != "resident" for title in workers)
    assert "没有符合条件的卡片" in text(officer, LIST, show="own")
    assert "没有符合条件的卡片" in text(officer, LIST, q="量子力学")
    assert titles(text(officer, LIST, show="nonsense")), "an address that makes no sense shows all"


def test_the_list_is_a_workbook_too(officer):
    answer = officer.get(LIST, {"export": "xlsx", "q": "35"})
    assert answer["Content-Type"].endswith("sheet")
    assert answer.content[:2] == b"PK"


def test_a_card_is_shown_whole_and_as_it_is_read(officer):
    page, card = text(officer, CARD), next(card for card in shipped.cards() if card.key == "35")
    for said in (
        card.answer,
        card.next,
        card.decides,
        *card.asked,
        *map(str, card.law),
        *(one.label for one in card.city),
    ):
        assert said in page
    assert f"请问{card.decides}" in page, "an unfilled field says who knows"


@pytest.mark.parametrize("key", ["120", "120-2"])
def test_the_two_cards_of_one_item_have_a_page_each(officer, key):
    assert f"编号 {key}" in text(officer, f"{LIST}{key}/")


@pytest.mark.parametrize(
    "address", [f"{LIST}999/", f"{LIST}N1/", f"{CARD}?district=990102", f"{LIST}versions/999999999/"]
)
def test_what_there_is_not_is_not_there(officer, address):
    assert officer.get(address).status_code == 404


def test_it_is_for_those_who_keep_cards(sign_in):
    for name in ("subdistrict_a", "worker_a", "auditor_a", "administrator"):
        answer = sign_in(name).get(LIST)
        assert answer.status_code == 403
        assert "区级管理员" in answer.content.decode()


def tomorrow() -> str:
    return (timezone.localdate() + timedelta(days=1)).isoformat()
