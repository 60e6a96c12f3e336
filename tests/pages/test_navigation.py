"""The navigation: one place marked in each row, and what stands under a place shown only there, to whom may see it."""

import re
from typing import Any

import pytest

FIRST, SECOND = 'aria-label="主导航"', 'aria-label="本部分"'


def row(page: str, mark: str) -> list[tuple[str, bool]]:
    """(word, marked) of the links in the row that carries `mark`."""
    found = re.search(rf"<nav[^>]*{mark}.*?</nav>", page, re.DOTALL)
    links = re.findall(r"<a href=[^>]*?( aria-current=\"page\")?>(.*?)</a>", found[0], re.DOTALL) if found else []
    return [(re.sub(r"<.*?>", "", text, flags=re.DOTALL).strip(), bool(here)) for here, text in links]


@pytest.mark.parametrize(("address", "word"), [("/assistant/cards/", "知识卡"), ("/assistant/", "问答助手")])
def test_the_page_is_marked_once_in_each_row(cast: Any, sign_in: Any, address: str, word: str) -> None:
    page = sign_in("district_a").get(address).content.decode()
    assert [text for text, here in row(page, FIRST) if here] == ["问答助手"]
    assert [text for text, here in row(page, SECOND) if here] == [word]


def test_the_second_row_holds_what_one_may_see(cast: Any, sign_in: Any) -> None:
    worker = [text for text, _ in row(sign_in("worker_a").get("/assistant/").content.decode(), SECOND)]
    assert worker == ["问答助手", "居民提问", "二维码"]
    finance = sign_in("finance_a").get("/assistant/").content.decode()
    assert row(finance, FIRST)
    assert row(finance, SECOND) == []  # one entry alone is no row


def test_elsewhere_there_is_one_row_and_nothing_of_the_second_in_it(cast: Any, sign_in: Any) -> None:
    page = sign_in("district_a").get("/organisations/").content.decode()
    assert row(page, SECOND) == []
    assert "知识卡" not in [text for text, _ in row(page, FIRST)]
