"""Who has no account is no danger: another's talk stays shut, what is typed stays text, a crowd behind one address does not shut the
door on those who only look."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape

import pytest
from django.conf import settings
from django.test import Client, override_settings

from qinglan.apps.assistant.actions import asking, handing
from qinglan.apps.assistant.models import HandOver, Question, Talk
from qinglan.apps.assistant.states import Channel
from tests.pages.residents import AT, EAST, HTMX, KIOSK, NOISE, ask, key_of

pytestmark = pytest.mark.django_db
POSTS = [f"{AT}{one}/" for one in ("question", "here", "thumb", "hand-over", "again")]
POSTS += [f"{KIOSK}{one}/" for one in ("question", "thumb", "again")]


class TestKey:
    def test_it_cannot_be_guessed_and_is_in_no_address_and_on_no_page(self, resident):
        keys = {asking.begin(channel=Channel.PAGE).key for _ in range(50)}
        assert len(keys) == 50
        assert {len(key) for key in keys} == {32}, "24 random bytes"
        for at in (AT, "/ask/anywhere/"):
            answer = resident.post(f"{at}question/", {"text": NOISE})
            key = key_of(resident, at.split("/")[2])
            page = resident.get(at).content.decode()
            assert Talk.objects.filter(key=key).exists()
            assert key not in page + answer.url

    def test_the_cookie_is_out_of_reach_of_scripts_and_goes_with_the_browser(self, resident):
        ask(resident, NOISE)
        cookie = resident.cookies[f"ql_talk_{EAST}"]
        assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["max-age"]) == (True, "Lax", "/ask/", "")
        with override_settings(SESSION_COOKIE_SECURE=True):
            ask(resident, NOISE)
        assert resident.cookies[f"ql_talk_{EAST}"]["secure"]

    def test_another_talks_key_opens_nothing_of_it(self, resident):
        """By place, by channel, by question: what a form names must be of the talk whose key the browser has."""
        ask(resident, NOISE)
        hers, stranger = Question.objects.get(), Client()
        for at in (AT, "/ask/990101/", "/ask/anywhere/"):
            for key in (key_of(resident)[:-1], "x" * 32, "", str(hers.talk_id), "é", "x" * 5000):
                stranger.cookies.clear()
                stranger.cookies[f"ql_talk_{at.split('/')[2]}"] = key
                assert 'class="turn' not in stranger.get(at).content.decode()
        stranger.cookies.clear()
        stranger.cookies["ql_talk_990101001002"] = key_of(resident)
        assert 'class="turn' not in stranger.get("/ask/990101001002/").content.decode()
        stranger.cookies[f"ql_kiosk_{EAST}"] = key_of(resident)
        assert 'class="turn' not in stranger.get(KIOSK).content.decode()
        ask(stranger, "低保到哪里申请")
        for name, more in (("thumb", {"thumb": "1"}), ("hand-over", {"note": "x"})):
            for number in (hers.pk, 0, 999_999_999, 10**30, "x", "", "٣"):
                answer = stranger.post(f"{AT}{name}/", {"question": number} | more)
                assert answer.status_code == 404, (name, number)
        assert stranger.get(f"{AT}handed/{hers.pk}/").status_code == 404
        assert not HandOver.objects.exists()
        hers.refresh_from_db()
        assert hers.thumb == 0
        # the control: with her key it is hers
        stranger.cookies[f"ql_talk_{EAST}"] = key_of(resident)
        assert NOISE in stranger.get(AT).content.decode().replace(f"例如：{NOISE}", "")


class TestHarm:
    @pytest.mark.parametrize(
        "text",
        [
            "<script>alert(1)</script>居住证怎么办",
            '"><img src=x onerror=alert(1)>低保',
            "{{ 7|add:7 }}{% load x %}养老",
        ],
    )
    def test_what_is_typed_is_text(self, text, resident):
        page = ask(resident, text)
        fragment = resident.post(f"{AT}question/", {"text": text}, headers=HTMX).content.decode()
        too_long = resident.post(f"{AT}question/", {"text": text + "问" * 500}).content.decode()
        for said in (page, fragment, too_long):
            assert "<script>alert" not in said
            assert "<img src=x" not in said
            assert text in unescape(said)

    def test_what_a_person_answers_is_text_too(self, resident, cast):
        ask(resident, NOISE)
        row = handing.take(hand_over=handing.hand_over(question=Question.objects.get()), by=cast.users["worker_a"])
        handing.answer(hand_over=row, text="<script>alert(1)</script>\n请来社区", by=cast.users["worker_a"])
        page = resident.get(AT).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page

    @pytest.mark.parametrize("address", POSTS)
    def test_looking_at_what_is_posted_to_is_refused(self, address, resident):
        for method in ("get", "put", "delete"):
            assert getattr(resident, method)(address).status_code == 405

    def test_the_pages_take_no_post(self, resident):
        for address in ("/ask/", AT, KIOSK, f"{AT}handed/1/"):
            assert resident.post(address).status_code == 405

    @pytest.mark.parametrize("address", POSTS)
    def test_another_site_cannot_make_a_browser_ask(self, address, cast):
        strict = Client(enforce_csrf_checks=True)
        assert strict.post(address, {"text": NOISE}).status_code == 403
        assert not Talk.objects.exists()
        # the control: with the token of the page it goes through to the view
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', strict.get(AT).content.decode())
        assert token
        assert strict.post(address, {"text": NOISE, "csrfmiddlewaretoken": token[1]}).status_code in (302, 404)

    def test_no_script_and_no_other_site_is_on_the_page(self, resident):
        page = ask(resident, NOISE)
        assert re.findall(r"<script(?! src=\"/static/)", page) == []
        assert re.findall(r' on\w+="', page) == []
        assert re.findall(r'(?:src|href|action)="(?!/|#|\?|tel:)', page) == []


class TestLimits:
    @pytest.fixture(autouse=True)
    def few(self) -> Iterator[None]:
        with override_settings(ACCOUNT_RATE_LIMITS={"assistant_ask": "3/m/ip", "assistant_hand_over": "2/h/ip"}):
            yield

    def test_a_crowd_behind_one_address_waits_and_goes_on_looking(self, resident):
        clients = [Client() for _ in range(5)]
        found = [one.post(f"{AT}question/", {"text": "低保到哪里申请"}) for one in clients]
        assert [one.status_code for one in found] == [302, 302, 302, 429, 429]
        assert found[-1]["Retry-After"] == "60"
        page = found[-1].content.decode()
        assert "过一分钟再问" in page
        assert "低保到哪里申请</textarea>" in page, "what was typed stays"
        assert 'class="turn' in clients[0].get(AT).content.decode()
        for at in (AT, "/ask/", KIOSK):
            assert clients[-1].get(at).status_code == 200
        assert clients[0].post(f"{AT}again/").status_code == 302
        fragment = clients[-1].post(f"{AT}question/", {"text": "x"}, headers=HTMX)
        assert (fragment.status_code, fragment["HX-Retarget"], fragment["Retry-After"]) == (429, "#said", "60")
        assert "<html" not in fragment.content.decode()
        # the control: it goes by address
        assert Client(REMOTE_ADDR="203.0.113.9").post(f"{AT}question/", {"text": NOISE}).status_code == 302
        assert Talk.objects.count() == 4

    def test_persons_are_not_drowned_in_hand_overs(self, resident):
        ask(resident, NOISE)
        ask(resident, "低保到哪里申请")
        ask(resident, "办居住证要带什么")
        rows = list(Question.objects.all())
        codes = [resident.post(f"{AT}hand-over/", {"question": row.pk}).status_code for row in rows]
        assert codes == [302, 302, 429]
        refused = resident.post(f"{AT}hand-over/", {"question": rows[2].pk}, headers=HTMX)
        assert refused["Retry-After"] == "3600"
        assert "转人工的太多了" in refused.content.decode()
        assert HandOver.objects.count() == 2

    def test_who_waits_in_vain_for_the_counting_itself_is_not_one_too_many(self, resident, monkeypatch):
        others = iter([False, True])  # somebody else counts, and is done at the second look

        @contextmanager
        def held(key: str) -> Iterator[bool]:
            yield next(others, True)

        monkeypatch.setattr("allauth.core.internal.ratelimit.cache_lock", held)
        assert resident.post(f"{AT}question/", {"text": NOISE}).status_code == 302
        assert next(others, "used up") == "used up"

    @override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=1)
    def test_behind_a_proxy_it_goes_by_the_address_before_it(self, resident):
        def code(said: str) -> int:
            return resident.post(f"{AT}question/", {"text": NOISE}, headers={"X-Forwarded-For": said}).status_code

        assert [code(f"9.9.9.9, 203.0.113.{n}") for n in (1, 1, 1, 1, 2)] == [302, 302, 302, 429, 302]


def test_the_rate_is_that_of_the_settings():
    assert settings.ACCOUNT_RATE_LIMITS["assistant_ask"] == f"{settings.ASSISTANT_RATE}/m/ip"
    assert settings.ACCOUNT_RATE_LIMITS["assistant_hand_over"] == "10/h/ip"
