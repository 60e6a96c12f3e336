"""The desk: who sees what waits, taking and answering by page, what is refused, what the asker gets back."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from qinglan.apps.assistant.actions import asking, handing
from qinglan.apps.assistant.models import HandOver, Question
from qinglan.apps.assistant.states import CLOSED_SAYS, Channel, Closing, Handing, Outcome
from qinglan.apps.notices.models import Notice
from qinglan.apps.people.models import RoleGrant
from tests import cast as casting

pytestmark = pytest.mark.django_db
EAST, WEST = "990101001001", "990101001002"
Wait = Callable[..., HandOver]


@pytest.fixture
def wait(cast: casting.Cast) -> Wait:
    """wait(text, place, by=None): a question that waits for a person there, the assistant having thought of the card on noise."""

    def make(text: str = "邻居半夜唱歌", place: str = EAST, note: str = "", by: str = "") -> HandOver:
        talk = asking.begin(channel=Channel.PANEL if by else Channel.PAGE, place=place)
        question = Question.objects.create(
            talk=talk, text=text, outcome=Outcome.HANDED_OVER, card_key="108", card_title="邻居噪声",
            reply={"text": "这个问题我没有把握。", "outcome": "handed_over"},
        )  # fmt: skip
        return handing.hand_over(question=question, note=note, by=cast.users[by] if by else None)

    return make


def test_the_desk_shows_each_what_waits_in_her_places(wait, sign_in):
    east, west, far = wait("东边的事"), wait("西边的事", WEST), wait("乙区的事", "990102001001")

    def shown(name: str) -> set[int]:
        page = sign_in(name).get("/assistant/desk/").content.decode()
        return {one.pk for one in (east, west, far) if one.text in page}

    assert shown("worker_a") == shown("secretary_a") == {east.pk}
    assert shown("subdistrict_a") == shown("district_a") == {east.pk, west.pk}
    assert shown("subdistrict_a2") == set()
    assert shown("worker_b") == {far.pk}
    assert "没有转人工的提问" in sign_in("subdistrict_a2").get("/assistant/desk/").content.decode()


def test_only_steps_that_were_made_are_listed(wait, sign_in, cast):
    row = wait()
    client = sign_in("worker_a")
    page = client.get(f"/assistant/desk/{row.pk}/").content.decode()
    assert "还没有人接手" in page
    assert "<dt>接手</dt>" not in page
    handing.close(hand_over=row, reason="told", by=cast.users["worker_a"])
    page = client.get(f"/assistant/desk/{row.pk}/").content.decode()
    assert "<dt>已关闭</dt>" in page
    assert "<dd>—" not in page


@pytest.mark.parametrize("name", ["mentor_a", "assessor_a", "finance_a", "auditor_a", "resident_a", "nobody"])
def test_who_answers_nowhere_has_no_desk(name, wait, sign_in):
    row = wait()
    client = sign_in(name)
    assert client.get("/assistant/desk/").status_code == 403
    assert client.get(f"/assistant/desk/{row.pk}/").status_code == 404
    assert client.post(f"/assistant/desk/{row.pk}/take/").status_code == 404
    assert "/assistant/desk/" not in client.get("/assistant/").content.decode()


def test_the_list_narrows_and_what_waits_longest_comes_first(cast, wait, sign_in):
    old, new, taken, done = wait("旧的漏水"), wait("新的噪声"), wait("已接手的"), wait("办完的")
    HandOver.objects.filter(pk=old.pk).update(asked_at=timezone.now() - timedelta(days=2, hours=1))
    handing.take(hand_over=taken, by=cast.users["worker_a"])
    handing.close(hand_over=done, reason=Closing.TOLD, by=cast.users["worker_a"])
    client = sign_in("worker_a")

    def shown(query: str) -> list[str]:
        page = client.get(f"/assistant/desk/{query}").content.decode()
        found = [one for one in (old, new, taken, done) if one.text in page]
        return [one.text for one in sorted(found, key=lambda one: page.index(one.text))]

    assert shown("") == ["旧的漏水", "新的噪声", "已接手的", "办完的"]
    assert shown("?state=open") == ["旧的漏水", "新的噪声", "已接手的"]
    assert shown("?state=mine") == shown("?state=taken") == ["已接手的"]
    assert shown("?state=closed") == ["办完的"]
    assert shown("?q=漏水") == shown(f"?q={old.pk}&state=waiting") == ["旧的漏水"]
    assert shown(f"?org={WEST}") == [
        "旧的漏水",
        "新的噪声",
        "已接手的",
        "办完的",
    ]  # not one of the places: as if not asked
    assert shown("?q=没有这样的字") == []
    page = client.get("/assistant/desk/").content.decode()
    assert "2 天" in page
    assert page.count("超过一天") == 1
    assert "worker_a" in page


def test_the_list_is_exported_and_its_queries_do_not_grow(wait, sign_in):
    wait("=1+1 这样的字")
    client = sign_in("district_a")
    client.get("/assistant/desk/")

    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/assistant/desk/").status_code == 200
        return len(captured)

    few = count()
    for n in range(30):
        wait(f"第 {n} 件", (EAST, WEST)[n % 2])
    assert count() == few
    assert "第 2 页" in client.get("/assistant/desk/?page=2").content.decode().replace("第 2 / 2 页", "第 2 页")
    answer = client.get("/assistant/desk/?export=xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert sheet["B2"].value == "问题"
    assert sheet.max_row == 2 + 31
    assert {cell.value for cell in sheet["B"]} >= {"=1+1 这样的字", "第 29 件"}
    assert all(cell.data_type == "s" for cell in sheet["B"][1:])


def _press(client: Client, row: HandOver, move: str, **data: str) -> str:
    """The page after the button."""
    answer = client.post(f"/assistant/desk/{row.pk}/{move}/", data, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_taken_and_answered_by_page(cast, wait, sign_in):
    row = wait("楼上半夜唱歌", note="<b>已经三天</b>")
    client = sign_in("worker_a")
    page = client.get(f"/assistant/desk/{row.pk}/").content.decode()
    assert "楼上半夜唱歌" in page
    assert "&lt;b&gt;已经三天" in page
    assert "这个问题我没有把握" in page
    assert 'name="text"' not in page.split('id="ask"')[0]  # nothing to answer before it is taken
    page = _press(client, row, "take")
    assert "已由您接手" in page
    assert 'data-from="card-text"' in page
    assert "助手猜的知识卡" in page
    page = _press(client, row, "answer", text="今天晚上网格员上门劝说。")
    assert "已答复" in page
    assert "今天晚上网格员上门劝说" in page
    assert "写成知识卡" not in page  # she keeps no cards
    row.refresh_from_db()
    assert (row.state, row.answer, row.answered_by_id) == (
        Handing.ANSWERED, "今天晚上网格员上门劝说。", cast.users["worker_a"].pk,
    )  # fmt: skip


def test_a_number_in_the_answer_is_refused_and_what_was_typed_stays(wait, sign_in):
    row = wait()
    client = sign_in("worker_a")
    _press(client, row, "take")
    answer = client.post(f"/assistant/desk/{row.pk}/answer/", {"text": "请打我手机 13900001234"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "身份证号、手机号或银行卡号" in page
    assert "请打我手机 13900001234" in page
    row.refresh_from_db()
    assert (row.state, row.answer) == (Handing.TAKEN, "")


def test_who_comes_second_reads_who_was_first(wait, sign_in):
    row = wait()
    _press(sign_in("worker_a"), row, "take")
    client = sign_in("secretary_a")
    assert "已由worker_a接手" in client.get(f"/assistant/desk/{row.pk}/").content.decode()
    assert "worker_a已经先接手了" in _press(client, row, "take")
    answer = client.post(f"/assistant/desk/{row.pk}/answer/", {"text": "我来答"})
    assert "worker_a已经先接手了" in answer.content.decode()
    assert "我来答" in answer.content.decode()  # what she typed is not lost
    row.refresh_from_db()
    assert row.answer == ""
    assert "已放回" in _press(client, row, "put-back", reason="away")
    assert "请选一个放回的理由" in _press(client, _taken_again(client, row), "put-back", reason="随便")


def _taken_again(client: Client, row: HandOver) -> HandOver:
    _press(client, row, "take")
    return row


def test_closed_with_a_reason_that_the_asker_reads(wait, sign_in):
    row = wait()
    client = sign_in("secretary_a")
    assert "请选一个关闭的理由" in _press(client, row, "close")
    assert "已关闭" in _press(client, row, "close", reason="outside")
    row.refresh_from_db()
    assert row.answer == CLOSED_SAYS[Closing.OUTSIDE]


def test_those_nearest_are_told_and_nothing_of_the_question(cast, wait):
    row = wait("我丈夫打我")
    told = Notice.objects.filter(key=f"assistant.hand_over {row.pk}")
    assert {one.user.username for one in told} == {"secretary_a", "worker_a"}
    assert not any("丈夫" in one.text for one in told)
    assert {one.link for one in told} == {f"/assistant/desk/{row.pk}/"}
    RoleGrant.objects.filter(org_code=EAST).delete()
    again = wait("又一件")
    assert set(
        Notice.objects.filter(key=f"assistant.hand_over {again.pk}").values_list("user__username", flat=True)
    ) == {"subdistrict_a"}


def test_a_worker_who_asked_is_told_and_does_not_answer_herself(cast, wait, sign_in):
    row = wait("值班费怎么算", by="worker_a")
    assert not Notice.objects.filter(user=cast.users["worker_a"]).exists()
    page = sign_in("worker_a").get(f"/assistant/desk/{row.pk}/").content.decode()
    assert "由其他人接手" in page
    assert f"/assistant/desk/{row.pk}/take/" not in page
    client = sign_in("secretary_a")
    assert "工作人员 worker_a 问" in client.get(f"/assistant/desk/{row.pk}/").content.decode()
    _press(client, row, "take")
    _press(client, row, "answer", text="按值班表补休。")
    notice = Notice.objects.get(user=cast.users["worker_a"])
    assert "已答复" in notice.text
    assert "补休" not in notice.text
    assert notice.link == f"/assistant/#asked-{row.pk}"
    assert "按值班表补休" in sign_in("worker_a").get("/assistant/").content.decode()


def test_what_is_forgotten_shows_times_alone(cast, wait, sign_in):
    row = wait("要忘记的话")
    handing.close(hand_over=row, reason=Closing.TOLD, by=cast.users["worker_a"])
    HandOver.objects.filter(pk=row.pk).update(text="", note="", told=[], answer="", forgotten=True)
    client = sign_in("worker_a")
    assert "已清除" in client.get("/assistant/desk/").content.decode()
    assert "只留下时间和状态" in client.get(f"/assistant/desk/{row.pk}/").content.decode()


def test_who_keeps_the_cards_makes_one_of_an_answer(cast, wait, sign_in):
    row = wait()
    client = sign_in("district_a")
    assert "写成知识卡" not in client.get(f"/assistant/desk/{row.pk}/").content.decode()
    _press(client, row, "take")
    page = _press(client, row, "answer", text="今天上门。")
    address = f"/assistant/cards/new/?hand_over={row.pk}"
    assert f'href="{address}"' in page
    assert client.get(address).status_code == 200
    HandOver.objects.filter(pk=row.pk).update(forgotten=True)
    assert address not in client.get(f"/assistant/desk/{row.pk}/").content.decode()
