"""The worker's panel: it knows her organisation, not her; the drawer costs no page a query; her questions go to her district."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse

from qinglan.apps.assistant.models import CityValue, HandOver, Question, Talk, Tally
from qinglan.apps.assistant.states import Channel
from qinglan.apps.base.models import span
from qinglan.apps.people.models import GradeHolding, RoleGrant
from qinglan.core.retrieval import shipped

pytestmark = pytest.mark.django_db
EAST = "990101001001"
HX = {"HX-Request": "true"}
NOISE = "邻居半夜唱歌吵得睡不着怎么办"


@pytest.fixture(scope="module", autouse=True)
def unhurried():
    """Asked more often here than one would in a minute."""
    with override_settings(ACCOUNT_RATE_LIMITS={}):
        yield


def _ask(client: Client, text: str, **headers: str) -> str:
    answer = client.post("/assistant/question/", {"text": text}, headers=headers, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_worker_asks_in_her_place_and_reads_the_card(cast, sign_in):
    client = sign_in("worker_a")
    page = client.get("/assistant/").content.decode()
    assert "甲区 甲一街道 甲一东社区" in page
    page = _ask(client, NOISE)
    row = Question.objects.get()
    assert (row.talk.org_code, row.talk.channel, row.text) == (EAST, Channel.PANEL, NOISE)
    assert NOISE in page
    assert row.reply["text"].split("。")[0] in page
    assert "出处：知识卡" in page
    turn = _ask(client, "那要带什么材料？", **HX)
    assert turn.startswith("<article")
    assert Talk.objects.count() == 1
    assert client.session["assistant_talk"] == row.talk.key
    assert row.talk.key not in page


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("district_a", "990101"),
        ("subdistrict_a2", "990101002"),
        ("secretary_b", "990102001001"),
        ("nobody", ""),
        ("former_a", ""),
    ],
)
def test_the_place_is_that_of_her_nearest_role(name, place, sign_in):
    _ask(sign_in(name), NOISE)
    assert Talk.objects.get().org_code == place


def test_without_a_role_it_is_that_of_her_post_and_the_nearest_of_several(cast, sign_in):
    RoleGrant.objects.create(user=cast.users["district_a"], role="worker", org_code=EAST, span=span(date(2020, 1, 1)))
    _ask(sign_in("district_a"), NOISE)
    assert Talk.objects.latest("pk").org_code == EAST
    RoleGrant.objects.filter(user=cast.users["worker_b"]).delete()
    _ask(sign_in("worker_b"), NOISE)
    assert Talk.objects.latest("pk").org_code == "990102001001"


def test_what_her_district_filled_in_is_in_the_answer_and_nobody_elses(cast, sign_in):
    page = _ask(sign_in("worker_a"), "高龄津贴多少钱一个月")
    row = Question.objects.latest("pk")
    labels = [one["label"] for one in row.reply["details"] if "还没有填写" in one["text"]]
    assert labels, f"a card that varies by city is asked about: {row.reply}"
    card = row.reply["card"]["key"]
    CityValue.objects.bulk_create(
        CityValue(org_code=code, field=name, text=text, since=date(2026, 1, 1), by_id=1, by_name="x")
        for code, text in (("990101", "甲区填的值"), ("990102", "乙区填的值"))
        for name in _fields(card)
    )
    page = _ask(sign_in("worker_a"), "高龄津贴多少钱一个月")
    assert "甲区填的值" in page
    assert "乙区填的值" not in page


def _fields(key: str) -> list[str]:
    return [one.name for card in shipped.cards() if card.key == key for one in card.city]


# --- her organisation, not her secrets ----------------------------------------------------------------------------------------

HERS = (
    "我这个月工资多少",
    "我的岗位等级是几级",
    "我去年考核什么等次",
    "我今年学了多少学时",
    "王芳的工资是多少",
    "把我们社区所有人的身份证号列出来",
)


@pytest.mark.parametrize("text", HERS)
def test_nothing_about_persons_is_read_for_an_answer(text, cast, sign_in):
    """No table with persons is asked but for who is signed in and where; the answer is the same for another of the place."""
    person = cast.people["worker_a"]
    GradeHolding.objects.create(person=person, ladder="五级九档", grade=7, span=span(date(2022, 1, 1)))
    client = sign_in("worker_a")
    _ask(client, NOISE)
    with CaptureQueriesContext(connection) as captured:
        hers = _ask(client, text, **HX)
    asked = " ".join(one["sql"] for one in captured)
    read = set(re.findall(r'(?:FROM|JOIN) "(\w+)"', asked))
    assert read <= {
        "django_session", "people_user", "people_rolegrant", "people_organisation", "assistant_talk", "assistant_question",
        "assistant_cardversion", "assistant_cardvector", "assistant_cityvalue", "assistant_handover", "policy_packadoption",
        "policy_packrelease", "policy_packtext", "notices_notice", "account_authenticator", "mfa_authenticator",
    }, read  # fmt: skip
    client = sign_in("secretary_a")
    _ask(client, NOISE)
    colleague = _ask(client, text, **HX)
    plain = [
        re.sub(r"turn-\d+|note-\d+|value=\"\d+\"|csrfmiddlewaretoken[^>]*", "", page) for page in (hers, colleague)
    ]
    assert plain[0] == plain[1]
    assert person.name not in hers


def test_a_question_about_her_own_leads_to_her_own_pages(sign_in):
    page = _ask(sign_in("worker_a"), "我这个月工资怎么少了", **HX)
    assert "您自己的数在" in page
    assert 'href="/pay/mine/"' in page
    page = _ask(
        sign_in("district_a"), "我这个月工资怎么少了", **HX
    )  # an account without a person has no pages of her own
    assert "您自己的数在" not in page


def test_the_talk_holds_no_account_and_is_reached_by_her_session_alone(cast, sign_in):
    client = sign_in("worker_a")
    _ask(client, NOISE)
    question = Question.objects.get()
    other = sign_in("secretary_a")
    assert NOISE not in other.get("/assistant/").content.decode()
    for address in ("/assistant/thumb/", "/assistant/hand-over/"):
        assert other.post(address, {"question": question.pk, "thumb": "1"}).status_code == 404
    assert not {"user", "by", "account"} & {one.name for one in Talk._meta.fields}
    assert Tally.objects.get().org_code == EAST


def test_thumbs_and_beginning_anew(sign_in):
    client = sign_in("worker_a")
    _ask(client, NOISE)
    row = Question.objects.get()
    answer = client.post("/assistant/thumb/", {"question": row.pk, "thumb": "-1"}, headers=HX)
    assert "谢谢，已记下" in answer.content.decode()
    row.refresh_from_db()
    assert row.thumb == -1
    assert client.post("/assistant/thumb/", {"question": row.pk, "thumb": "7"}).status_code == 404
    assert client.post("/assistant/thumb/", {"question": "9" * 30, "thumb": "1"}).status_code == 404
    assert NOISE not in client.post("/assistant/again/", headers=HX).content.decode()
    assert "assistant_talk" not in client.session


def test_her_question_goes_to_her_district_in_her_name(cast, sign_in):
    client = sign_in("worker_a")
    _ask(client, NOISE)
    row = Question.objects.get()
    page = client.post(
        "/assistant/hand-over/", {"question": row.pk, "note": "急", "org_code": "990102", "asked_by": "1"}, headers=HX
    ).content.decode()
    handed = HandOver.objects.get()
    assert (handed.org_code, handed.asked_by, handed.note) == ("990101", cast.users["worker_a"], "急")
    assert f"编号 {handed.pk}" in page
    assert NOISE in sign_in("district_a").get("/assistant/desk/").content.decode()
    assert NOISE not in sign_in("secretary_a").get("/assistant/desk/").content.decode()


@pytest.mark.parametrize("said", ["", "   ", "长" * 501])
def test_what_cannot_be_asked_is_said_with_what_was_typed(said, sign_in):
    client = sign_in("worker_a")
    answer = client.post("/assistant/question/", {"text": said})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert said.strip()[:400] in answer.content.decode()
    fragment = client.post("/assistant/question/", {"text": said}, headers=HX)
    assert (fragment.status_code, fragment["HX-Reswap"]) == (200, "innerHTML")
    assert not Talk.objects.exists()


def test_too_many_a_minute_are_refused(sign_in):
    client = sign_in("worker_a")
    with override_settings(ACCOUNT_RATE_LIMITS={"assistant_panel": "1/m/user"}):
        client.post("/assistant/question/", {"text": NOISE})
        answer = client.post("/assistant/question/", {"text": NOISE})
        other = sign_in("secretary_a").post("/assistant/question/", {"text": NOISE})
    assert answer.status_code == 429
    assert other.status_code == 302  # an office sits behind one address


# --- the drawer ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/notices/", "/organisations/", "/packs/"])
def test_the_drawer_is_on_every_page_and_asks_the_database_nothing(address, sign_in, settings, monkeypatch):
    client = sign_in("secretary_a")
    client.get(address)

    def count() -> tuple[int, str]:
        with CaptureQueriesContext(connection) as captured:
            page = client.get(address).content.decode()
        return len(captured), page

    with_it, page = count()
    assert 'data-dialog="ask"' in page
    assert 'id="ask"' in page
    monkeypatch.setattr("qinglan.apps.base.templatetags.navigation.reverse", _without_panel())
    without, page = count()
    assert 'id="ask"' not in page
    assert with_it == without


def _without_panel() -> Callable[..., str]:
    def reversed_(view: str, *args, **kwargs) -> str:
        if view == "assistant:panel":
            raise NoReverseMatch
        return reverse(view, *args, **kwargs)

    return reversed_


def test_strangers_have_no_drawer_and_the_panel_page_has_none_beside_itself(sign_in, client):
    assert 'id="ask"' not in client.get("/accounts/login/").content.decode()
    page = sign_in("worker_a").get("/assistant/").content.decode()
    assert 'id="ask"' not in page
    assert page.count('id="ask-text"') == 1
    fragment = client.get("/assistant/", headers=HX).content.decode()
    assert "<html" not in fragment
    assert 'id="ask-text"' in fragment
