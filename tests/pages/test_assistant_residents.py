"""Residents and the assistant, without an account: asking, following up, danger, the city, going to a person, the kiosk; and what
must not come of it: somebody else's talk, a number kept, a script run, a door held open by a crowd."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from qinglan.apps.assistant.actions import asking, handing
from qinglan.apps.assistant.models import CityValue, HandOver, Question, Talk, Tally
from qinglan.apps.assistant.queries.common import USUAL
from qinglan.apps.assistant.states import Channel, Handing, Outcome
from qinglan.apps.base.models import span
from qinglan.apps.people.models import Organisation
from qinglan.core.retrieval import shipped
from tests.pages.residents import AT, EAST, FOLLOW_UP, HTMX, NOISE, ask, first_of, key_of, unsure

pytestmark = pytest.mark.django_db
CITY = "高龄津贴每月多少钱"


class TestTalk:
    def test_an_answer_says_its_card_its_version_and_its_law(self, resident):
        page = ask(resident, NOISE)
        row = Question.objects.get()
        assert (row.outcome, row.card_key, row.talk.org_code, row.talk.channel) == ("answered", "108", EAST, "page")
        assert NOISE in page
        assert row.card_title in page
        assert row.reply["card"]["called"] in page
        assert row.version not in page, "a fingerprint says nothing to a resident"
        for said in (*row.reply["citations"], *(one["text"] for one in row.reply["details"])):
            assert said in unescape(page)
        assert Tally.objects.get().asked == 1

    def test_a_card_that_is_only_guessed_at_is_no_source(self, resident):
        row = unsure(resident, EAST)
        card = {"title": "公共照明坏了找谁", "checked": "2026-11-01", "called": "本区第 7 版，2026年11月1日起"}
        for choices, source in (([], True), (["公共照明坏了找谁"], False)):
            Question.objects.filter(pk=row.pk).update(reply=row.reply | {"card": card, "choices": choices})
            assert ("出处：知识卡“公共照明坏了找谁”（本区第 7 版" in resident.get(AT).content.decode()) == source

    def test_with_htmx_only_what_is_new_is_sent(self, resident):
        ask(resident, NOISE)
        answer = resident.post(f"{AT}question/", {"text": FOLLOW_UP}, headers=HTMX)
        said = answer.content.decode()
        assert said.count('class="turn') == 1
        assert NOISE not in said
        assert "<html" not in said

    def test_a_follow_up_hangs_on_the_card_before_and_puts_first_what_it_asks(self, resident):
        ask(resident, NOISE)
        ask(resident, FOLLOW_UP)
        last = Question.objects.latest("pk")
        assert last.card_key == "108"
        assert first_of(last.reply) == "材料"

    def test_numbers_that_only_the_card_names_do_not_alarm(self, resident):
        page = ask(resident, "消防通道被车堵了找谁管")
        row = Question.objects.get()
        assert (row.reply["emergency"][0]["number"], row.reply["danger"]) == ("119", False)
        assert 'href="tel:119"' in page
        assert 'class="danger"' not in page

    def test_danger_stands_before_the_text_as_numbers_to_call(self, resident):
        page = ask(resident, "我家煤气味很大怎么办")
        reply = page[page.index('class="reply"') :]
        assert 0 < reply.index('href="tel:119"') < reply.index("data-speech")
        assert 'class="danger" role="alert"' in reply

    def test_choices_are_buttons_that_ask_that_card(self, resident):
        talk = asking.begin(channel=Channel.PAGE, place=EAST)
        titles = [card.title for card in shipped.cards()[:2]]
        reply = {"text": "您想问的是", "choices": titles, "asks": "choice"}
        Question.objects.create(talk=talk, text="社保", outcome=Outcome.ASKS, reply=reply)
        resident.cookies[f"ql_talk_{EAST}"] = talk.key
        page = resident.get(AT).content.decode()
        for title in titles:
            assert f'<button type="submit" name="text" value="{title}"' in page
        ask(resident, titles[1])
        assert talk.questions.latest("pk").card_title == titles[1]

    def test_a_number_that_was_typed_is_nowhere(self, resident):
        number = "110101199003077719"
        page = ask(resident, f"我的身份证{number}丢了去哪补办")
        assert number not in page
        assert "号码已经隐去" in page
        assert number not in repr(list(Question.objects.values()))

    @pytest.mark.parametrize(
        ("text", "said"), [("", "请写下您想问的事"), (" \0\n ", "请写下"), ("问" * 501, "问题太长")]
    )
    def test_what_cannot_be_asked_is_said_with_what_was_typed(self, text, said, resident):
        answer = resident.post(f"{AT}question/", {"text": text})
        assert answer.status_code == 422
        assert said in answer.content.decode()
        assert not Talk.objects.exists(), "a talk without a question"
        fragment = resident.post(f"{AT}question/", {"text": text}, headers=HTMX)
        assert (fragment.status_code, fragment["HX-Retarget"]) == (422, "#said")
        assert said in fragment.content.decode()

    def test_beginning_anew_takes_the_key_from_the_browser(self, resident):
        ask(resident, NOISE)
        key = key_of(resident)
        assert resident.post(f"{AT}again/").url == AT
        assert key_of(resident) == ""
        assert NOISE not in resident.get(AT).content.decode().replace(f"例如：{NOISE}", "")
        assert Talk.objects.filter(key=key).exists(), "it is forgotten with the others, not now"

    def test_a_forgotten_talk_is_a_fresh_page(self, resident):
        ask(resident, NOISE)
        Talk.objects.all().delete()
        page = resident.get(AT).content.decode()
        assert 'class="turn' not in page
        assert "大家常问" in page

    def test_nothing_of_it_stays_in_a_cache(self, resident):
        assert "no-store" in resident.get(AT)["Cache-Control"]
        assert "no-store" in resident.post(f"{AT}question/", {"text": NOISE}, headers=HTMX)["Cache-Control"]

    def test_thumbs_count_once_and_the_last_word_holds(self, resident):
        ask(resident, NOISE)
        row = Question.objects.get()
        for thumb, counts in (("1", (1, 0)), ("1", (1, 0)), ("-1", (0, 1))):
            answer = resident.post(f"{AT}thumb/", {"question": row.pk, "thumb": thumb})
            assert answer.url == f"{AT}#turn-{row.pk}"
            assert Tally.objects.values_list("up", "down").get() == counts
        fragment = resident.post(f"{AT}thumb/", {"question": row.pk, "thumb": "-1"}, headers=HTMX).content.decode()
        assert "谢谢" in fragment
        for wrong in ("0", "5", "", "x"):
            assert resident.post(f"{AT}thumb/", {"question": row.pk, "thumb": wrong}).status_code == 404

    def test_the_number_of_queries_does_not_grow_with_the_talk(self, resident):
        def queries() -> int:
            with CaptureQueriesContext(connection) as captured:
                assert resident.get(AT).status_code == 200
            return len(captured)

        ask(resident, NOISE)
        few = queries()
        talk = Talk.objects.get()
        row = Question.objects.get()
        for _ in range(12):
            row.pk = None
            row.save(force_insert=True)
        for one in talk.questions.all()[:4]:
            handing.hand_over(question=one)
        assert queries() == few
        assert few <= 6


class TestFirstScreen:
    def test_it_offers_the_usual_questions_until_enough_were_asked(self, resident):
        titles = {card.key: card.title for card in shipped.cards()}

        def offered() -> list[str]:
            page = resident.get(AT).content.decode()
            return re.findall(
                r'value="([^"]+)" class="choice"', page[page.index('id="common"') : page.index('id="by-group"')]
            )

        assert offered() == [titles[key] for key in USUAL]
        day, far = timezone.localdate(), timezone.localdate() - timedelta(days=400)
        rows = [
            ("990101002", "54", 19, day),
            (EAST, "87", 1, day),
            ("990102", "13", 500, day),
            (EAST, "14", 500, far),
            (EAST, "W4", 90, day),
        ]
        for place, key, asked, on in rows:
            Tally.objects.create(day=on, org_code=place, channel="page", outcome="answered", card_key=key, asked=asked)
        assert offered()[:3] == [titles["54"], titles["87"], titles[USUAL[0]]]
        Tally.objects.filter(card_key="87").delete()
        assert offered()[0] == titles[USUAL[0]], "one below the least"

    def test_it_says_what_it_is_and_how_long_things_are_kept(self, resident):
        page = resident.get(AT).content.decode()
        for said in (
            "不要写身份证号",
            f"最多保存 {settings.ASSISTANT_DAYS} 天",
            "自动答复",
            'href="tel:110"',
            'href="tel:120"',
        ):
            assert said in page
        assert "甲区 甲一街道 甲一东社区" in page

    def test_no_card_for_workers_is_offered(self, resident):
        page = resident.get(AT).content.decode()
        workers = [card.title for card in shipped.cards() if card.audience == "worker"]
        assert workers
        assert not [title for title in workers if title in page]

    @pytest.mark.parametrize(
        "place",
        ["990199", "9901", "99", "0", "99010100100100", "990101001001001", "990101B001", "ANYWHERE", "anywhere2", "%3Cscript%3E", "990101٠٠١"],
    )  # fmt: skip
    def test_a_place_that_there_is_not_is_not_there(self, place, resident):
        for at in (f"/ask/{place}/", f"/ask/{place}/kiosk/"):
            answer = resident.get(at)
            assert answer.status_code == 404
            assert b"<script>" not in answer.content
        if (
            place.isalnum() and place.isascii()
        ):  # an old sheet on a wall leads on to the choice, not to the staff's page
            page = resident.get(f"/ask/{place}/").content.decode()
            assert "没有找到这个地方" in page
            assert 'href="/ask/anywhere/"' in page

    def test_a_closed_place_is_not_there(self, resident):
        assert resident.get(AT).status_code == 200
        Organisation.objects.filter(code=EAST).update(valid=span(date(2000, 1, 1), date(2020, 1, 1)))
        assert resident.get(AT).status_code == 404
        assert resident.post(f"{AT}question/", {"text": NOISE}).status_code == 404


class TestWhere:
    def test_one_goes_down_to_the_district_and_further(self, resident):
        page = resident.get("/ask/").content.decode()
        assert "甲区" in page, "levels with a single choice are passed"
        assert "乙区" in page
        page = resident.get("/ask/?in=990101").content.decode()
        assert 'href="/ask/990101/"' in page
        assert "甲一街道" in page
        for odd in ("x", "<script>", "9" * 13, "990199", "٩٩"):
            answer = resident.get("/ask/", {"in": odd})
            assert answer.status_code == 200
            assert b"<script>x" not in answer.content
            assert odd == "990199" or odd.encode() not in answer.content or odd == "x"

    def test_a_question_that_hangs_on_the_city_asks_for_it_and_goes_on_there(self, resident):
        field = next(card for card in shipped.cards() if card.key == "35").city[0]
        CityValue.objects.create(
            org_code="990101",
            field=field.name,
            text="每月100元起",
            since=date(2026, 1, 1),
            source="文件",
            by_id=1,
            by_name="某",
        )
        page = ask(resident, CITY, "/ask/anywhere/")
        first = Question.objects.get()
        assert first.reply["asks"] == "city"
        assert 'href="/ask/"' in page
        assert 'action="/ask/990101/here/"' in resident.get("/ask/?in=990101").content.decode()
        assert resident.post("/ask/990101/here/").url == "/ask/990101/#last"
        page = resident.get("/ask/990101/").content.decode()
        assert "每月100元起" in page
        assert "甲区填写，2026年1月1日" in page
        assert Question.objects.latest("pk").talk == first.talk
        assert first.talk.__class__.objects.get().org_code == "990101"
        assert key_of(resident, "anywhere") == ""
        # what was liked without a place may be disliked at one
        for thumb in ("1", "-1"):
            assert resident.post("/ask/990101/thumb/", {"question": first.pk, "thumb": thumb}).status_code == 302

    def test_without_a_talk_there_is_nothing_to_go_on_with(self, resident):
        assert resident.post("/ask/990101/here/").url == "/ask/990101/"
        assert resident.post("/ask/anywhere/here/").url == "/ask/anywhere/"
        assert not Talk.objects.exists()

    def test_a_talk_with_a_place_cannot_be_taken_elsewhere(self, resident):
        ask(resident, NOISE)
        resident.cookies["ql_talk_anywhere"] = key_of(resident)
        resident.post("/ask/990102/here/")
        assert Talk.objects.get().org_code == EAST


class TestHandOver:
    @pytest.fixture
    def handed(self, resident) -> HandOver:
        ask(resident, NOISE)
        answer = resident.post(
            f"{AT}hand-over/", {"question": Question.objects.get().pk, "note": "在 3 栋，电话13800138000"}
        )
        assert answer.status_code == 302
        return HandOver.objects.get()

    def poll(self, client: Client, row: HandOver) -> str:
        answer = client.get(f"{AT}handed/{row.question_id}/", headers=HTMX)
        assert answer.status_code == 200
        return answer.content.decode()

    def test_the_answer_of_a_person_comes_back_into_the_talk(self, handed, resident, cast):
        assert (handed.org_code, handed.asked_by, handed.note) == (EAST, None, "在 3 栋，电话〔已隐去〕")
        worker, page = cast.users["worker_a"], resident.get(AT).content.decode()
        assert f"编号 {handed.pk}" in page
        waiting = self.poll(resident, handed)
        assert "等人接手" in waiting
        assert "hx-trigger" in waiting
        handing.take(hand_over=handed, by=worker)
        assert "正在办" in self.poll(resident, handed)
        handing.answer(hand_over=handed, text="明天上午我们去敲门。", by=worker)
        told = self.poll(resident, handed)
        assert "明天上午我们去敲门。" in told
        assert "hx-trigger" not in told, "nothing waits any more: it is not asked again"
        assert worker.last_name not in told, "the answer is the place's, not a person's"
        assert "明天上午我们去敲门。" in resident.get(AT).content.decode()

    def test_one_that_was_closed_says_why(self, handed, resident, cast):
        handing.close(hand_over=handed, reason="unclear", by=cast.users["worker_a"])
        handed.refresh_from_db()
        told = self.poll(resident, handed)
        assert handed.answer in told
        assert "hx-trigger" not in told

    def test_the_browser_keeps_the_key_until_the_talk_is_forgotten(self, handed, resident):
        assert resident.cookies[f"ql_talk_{EAST}"]["max-age"] == settings.ASSISTANT_DAYS * 86_400
        ask(resident, FOLLOW_UP)
        assert resident.cookies[f"ql_talk_{EAST}"]["max-age"] == settings.ASSISTANT_DAYS * 86_400

    def test_twice_is_once(self, handed, resident):
        fragment = resident.post(f"{AT}hand-over/", {"question": handed.question_id}, headers=HTMX)
        assert f"编号 {handed.pk}" in fragment.content.decode()
        assert HandOver.objects.count() == 1

    def test_without_a_place_one_is_asked_for_it(self, resident):
        row = unsure(resident, "anywhere")
        assert "选择所在的区，再转给工作人员" in resident.get("/ask/anywhere/").content.decode()
        refused = resident.post("/ask/anywhere/hand-over/", {"question": row.pk})
        assert refused.status_code == 422
        assert "请先选择" in refused.content.decode()

    def test_where_nobody_answers_it_says_so(self, resident, cast):
        for user in cast.users.values():
            user.grants.all().delete()
        ask(resident, NOISE)
        refused = resident.post(f"{AT}hand-over/", {"question": Question.objects.get().pk})
        assert refused.status_code == 422
        assert "还没有开通人工答复" in refused.content.decode()

    def test_a_forgotten_answer_says_so(self, handed, resident, cast):
        HandOver.objects.filter(pk=handed.pk).update(state=Handing.TAKEN)
        HandOver.objects.filter(pk=handed.pk).update(state=Handing.ANSWERED, forgotten=True, ended_at=timezone.now())
        assert "已过保存期" in self.poll(resident, handed)
