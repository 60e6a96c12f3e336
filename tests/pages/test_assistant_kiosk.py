"""The kiosk, which forgets by itself and leads nowhere else; the sheet with the code to scan."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import qrcode
from django.test import Client, override_settings
from django.utils import timezone
from qrcode.image.svg import SvgImage

from qinglan.apps.assistant.models import Question
from qinglan.apps.assistant.states import Channel
from qinglan.core.retrieval import shipped
from tests.factories.cards import mended, new_card, released, shipped_card
from tests.pages.residents import AT, EAST, KIOSK, NOISE, unsure
from tests.pages.residents import ask as ask_at

pytestmark = pytest.mark.django_db


def ask(client: Client, text: str) -> str:
    return ask_at(client, text, KIOSK)


class TestKiosk:
    def test_nothing_on_it_leads_away(self, resident):
        ask(resident, "我家煤气味很大怎么办")
        for page in (resident.get(KIOSK).content.decode(), Client().get(KIOSK).content.decode()):
            body = page[page.index("<body") :]
            ways = re.findall(r'(?:href|action|hx-post|hx-get)="([^"]*)"', body)
            assert ways
            assert [way for way in ways if not way.startswith((KIOSK, "#", "/static/qinglan/icons.svg"))] == []
            assert "tel:" not in body
        assert "119" in resident.get(KIOSK).content.decode()

    def test_it_shows_all_groups_and_their_questions(self, resident):
        page = resident.get(KIOSK).content.decode()
        known = [card.title for card in shipped.cards() if card.audience != "worker"]
        assert page.count("<details") >= 15
        assert [title for title in known if f'value="{title}"' not in page] == []

    def test_a_districts_own_cards_are_offered_there_and_only_there(self, resident):
        made, renamed = released(new_card()), released(mended("35", title="高龄老人的津贴怎么领"))
        titles = {place: _offered(resident, f"/ask/{place}/kiosk/") for place in ("990101", EAST, "990102")}
        old = shipped_card("35").title
        for place in ("990101", EAST):
            assert {made.title, renamed.title} <= titles[place]
            assert old not in titles[place]
        assert old in titles["990102"]
        assert not {made.title, renamed.title} & titles["990102"]
        page = resident.get(KIOSK).content.decode()
        assert page.index("本区的其他问题") < page.index(f'value="{made.title}"')

    def test_it_forgets_at_the_end_and_shows_the_next_nothing(self, resident):
        ask(resident, NOISE)
        cookie = resident.cookies[f"ql_kiosk_{EAST}"]
        assert (cookie["max-age"], cookie["httponly"]) == ("", True)
        assert resident.post(f"{KIOSK}again/").url == KIOSK
        assert resident.cookies[f"ql_kiosk_{EAST}"].value == ""
        assert 'class="turn' not in resident.get(KIOSK).content.decode()

    def test_one_that_was_left_is_not_shown_again_even_if_the_screen_failed_to_reset(self, resident):
        assert 'class="turn' in ask(resident, NOISE)
        Question.objects.update(at=timezone.now() - timedelta(minutes=6))
        assert 'class="turn' not in resident.get(KIOSK).content.decode()

    def test_it_has_no_way_to_a_person_whose_answer_would_find_nobody(self, resident):
        unsure(resident, EAST, Channel.KIOSK)
        page = resident.get(KIOSK).content.decode()
        assert "hand-over" not in page[page.index("<main") :]
        assert "请直接问窗口的工作人员" in page

    def test_it_says_after_how_long_it_begins_anew(self, resident):
        page = resident.get(KIOSK).content.decode()
        assert 'data-kiosk="60"' in page
        assert "我还在看" in page


def _offered(client: Client, address: str) -> set[str]:
    return set(re.findall(r'name="text" value="([^"]+)"', client.get(address).content.decode()))


class TestSheets:
    @override_settings(SITE_ADDRESS="https://ql.example.gov.cn")
    def test_a_sheet_holds_the_address_of_its_place(self, sign_in):
        page = sign_in("worker_a").get(f"/assistant/qr/{EAST}/").content.decode()
        assert f"https://ql.example.gov.cn{AT}</p>" in page
        assert "甲一东社区" in page
        assert "别的手机打不开" not in page
        assert _modules(page) == _wanted(f"https://ql.example.gov.cn{AT}")

    def test_without_a_set_address_it_is_that_of_the_page(self, sign_in):
        page = sign_in("worker_a").get(f"/assistant/qr/{EAST}/", headers={"host": "localhost"}).content.decode()
        assert f"http://localhost{AT}</p>" in page
        assert "别的手机打不开" in page

    def test_below_each_has_a_page(self, sign_in):
        page = sign_in("subdistrict_a").get("/assistant/qr/990101001/?below=1").content.decode()
        assert page.count('class="ql-sheet"') == 2

    def test_the_list_finds_by_name_and_by_code(self, sign_in):
        client = sign_in("district_a")

        def places(text: str) -> set[str]:
            return set(
                re.findall(r'href="/assistant/qr/(\d+)/"', client.get("/assistant/qr/", {"q": text}).content.decode())
            )

        assert places("") == {"990101", "990101001", EAST, "990101001002", "990101002", "990101002001"}
        assert places("东社区") == {EAST}
        assert places("990101002") == {"990101002", "990101002001"}
        assert places("乙") == places("没有") == set()


def _modules(page: str) -> set[tuple[int, int]]:
    """The dark modules that the drawing on the page paints."""
    path = re.search(r'fill="#000" d="([^"]+)"', page)
    assert path
    runs = re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", path[1])
    assert "".join(f"M{x} {y}h{n}v1h-{n}z" for x, y, n in runs) == path[1]
    return {(int(x) + i, int(y)) for x, y, n in runs for i in range(int(n))}


def _wanted(text: str) -> set[tuple[int, int]]:
    """The same from the library's own SVG writer, whose module of ten units is a millimetre."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4, image_factory=SvgImage)
    code.add_data(text)
    drawn = code.make_image().to_string().decode()
    return {(int(x), int(y)) for x, y in re.findall(r'x="(\d+)mm" y="(\d+)mm"', drawn)}
