"""A question goes to a person and comes back: once, to those of the place, with nobody's words in the log."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from tests import cast as casting

from qinglan.apps.assistant import tasks
from qinglan.apps.assistant.actions import asking, handing, telling
from qinglan.apps.assistant.models import HandOver, Question, Talk
from qinglan.apps.assistant.permissions import hand_overs_for
from qinglan.apps.assistant.states import CLOSED_SAYS, Channel, Closing, Handing, Outcome, PutBack
from qinglan.apps.audit.models import AuditEvent
from qinglan.apps.notices.models import Notice
from qinglan.apps.people.models import RoleGrant

PLACE = "990101001001"
SAID = "楼上漏水没人管"


def asked(talk: Talk, text: str = SAID, reply: str = "可以先联系物业。") -> Question:
    """A question as the assistant keeps it, without asking it: nothing here hangs on what it knows."""
    return Question.objects.create(
        talk=talk, text=text, outcome=Outcome.HANDED_OVER, reply={"text": reply, "outcome": "handed_over"}
    )


@pytest.fixture
def talk(cast: casting.Cast) -> Talk:
    return asking.begin(channel=Channel.PAGE, place=PLACE)


@pytest.fixture
def waiting(talk: Talk) -> HandOver:
    asked(talk, "物业电话是多少", "请看小区公告栏。")
    return handing.hand_over(question=asked(talk), note="三天了")


@pytest.fixture
def taken(cast: casting.Cast, waiting: HandOver) -> HandOver:
    return handing.take(hand_over=waiting, by=cast.users["worker_a"])


def test_it_goes_to_the_place_of_the_talk_with_what_was_said_before(waiting):
    assert (waiting.org_code, waiting.state, waiting.text, waiting.note) == (PLACE, Handing.WAITING, SAID, "三天了")
    assert waiting.told == [["物业电话是多少", "请看小区公告栏。"]]
    assert waiting.asked_by is None


def test_a_question_is_handed_over_once(talk):
    question = asked(talk)
    first = handing.hand_over(question=question)
    assert handing.hand_over(question=question, note="再说一次").pk == first.pk
    assert HandOver.objects.count() == AuditEvent.objects.filter(action="assistant.hand_over").count() == 1


def test_personal_numbers_in_the_note_are_masked(talk):
    row = handing.hand_over(question=asked(talk), note="我的身份证 990101199003071234，电话13900001234")
    assert "9901011990" not in row.note
    assert "13900001234" not in row.note
    assert "〔已隐去〕" in row.note


def test_a_note_of_300_characters_is_enough(talk):
    assert handing.hand_over(question=asked(talk), note="长" * 300).note == "长" * 300
    with pytest.raises(ValidationError, match="300"):
        handing.hand_over(question=asked(talk), note="长" * 301)


def test_without_a_place_one_must_be_chosen(cast):
    question = asked(asking.begin(channel=Channel.PAGE))
    with pytest.raises(ValidationError, match="请先选择"):
        handing.hand_over(question=question)
    with pytest.raises(ValidationError, match="没有找到"):
        handing.hand_over(question=question, place="990199")
    assert handing.hand_over(question=question, place="990101").org_code == "990101"


def test_where_nobody_answers_it_is_said_at_once(cast):
    RoleGrant.objects.filter(org_code__startswith="990102").delete()
    question = asked(asking.begin(channel=Channel.PAGE, place="990102001001"))
    with pytest.raises(ValidationError, match="12345"):
        handing.hand_over(question=question)
    assert not HandOver.objects.exists()


def test_one_talk_cannot_fill_the_queue(talk):
    for _ in range(handing.MOST_OPEN):
        handing.hand_over(question=asked(talk))
    with pytest.raises(ValidationError, match="等答复以后"):
        handing.hand_over(question=asked(talk))


def test_who_sees_it_is_who_answers_there(cast, waiting):
    seeing = {name for name, user in cast.users.items() if hand_overs_for(user).exists()}
    assert seeing == {"district_a", "subdistrict_a", "secretary_a", "worker_a"}
    for name in set(cast.users) - seeing:
        with pytest.raises(PermissionDenied):
            handing.take(hand_over=waiting, by=cast.users[name])


def test_taken_answered_and_read(cast, taken):
    worker = cast.users["worker_a"]
    row = handing.answer(hand_over=taken, text=" 已联系楼上住户，\r\n明天上门。 ", by=worker)
    assert (row.state, row.answer) == (Handing.ANSWERED, "已联系楼上住户，\n明天上门。")
    assert (row.answered_by_id, row.answered_by_name) == (worker.pk, "worker_a")
    assert row.ended_at
    assert handing.answer(hand_over=row, text="已联系楼上住户，\n明天上门。", by=worker).pk == row.pk
    with pytest.raises(ValidationError, match="worker_a已经答复了"):
        handing.answer(hand_over=row, text="另一个答复", by=worker)
    assert AuditEvent.objects.filter(action="assistant.answer").count() == 1


def test_the_second_reads_who_was_first(cast, taken):
    with pytest.raises(ValidationError, match="worker_a已经先接手了"):
        handing.take(hand_over=taken, by=cast.users["secretary_a"])
    with pytest.raises(ValidationError, match="worker_a已经先接手了"):
        handing.answer(hand_over=taken, text="我来答", by=cast.users["secretary_a"])
    with pytest.raises(ValidationError, match="worker_a正在处理"):
        handing.close(hand_over=taken, reason=Closing.TOLD, by=cast.users["secretary_a"])
    assert handing.take(hand_over=taken, by=cast.users["worker_a"]).taken_by == cast.users["worker_a"]


def test_nobody_answers_what_nobody_took(cast, waiting):
    with pytest.raises(ValidationError, match="请先接手"):
        handing.answer(hand_over=waiting, text="答复", by=cast.users["worker_a"])


@pytest.mark.parametrize("text", ["", "  ", "长" * 1001, "请打 13900001234", "您的证件 990101199003071234 已登记"])
def test_answers_that_are_refused(cast, taken, text):
    with pytest.raises(ValidationError):
        handing.answer(hand_over=taken, text=text, by=cast.users["worker_a"])
    taken.refresh_from_db()
    assert (taken.state, taken.answer) == (Handing.TAKEN, "")


def test_an_answer_of_1000_characters_with_the_office_telephone(cast, taken):
    text = ("座机 0512-88990101。" + "长" * 1000)[:1000]
    assert handing.answer(hand_over=taken, text=text, by=cast.users["worker_a"]).answer == text


def test_put_back_is_for_others_to_take(cast, taken):
    secretary = cast.users["secretary_a"]
    with pytest.raises(ValidationError, match="请选一个"):
        handing.put_back(hand_over=taken, reason="随便写", by=cast.users["worker_a"])
    with pytest.raises(ValidationError, match="不在岗"):
        handing.put_back(hand_over=taken, reason=PutBack.NOT_MINE, by=secretary)
    row = handing.put_back(hand_over=taken, reason=PutBack.AWAY, by=secretary)
    assert (row.state, row.taken_by, row.taken_at) == (Handing.WAITING, None, None)
    assert handing.take(hand_over=row, by=secretary).taken_by == secretary
    assert AuditEvent.objects.get(action="assistant.put_back").after == {"state": "waiting", "reason": "接手的人不在岗"}


def test_closed_the_asker_reads_why(cast, waiting):
    row = handing.close(hand_over=waiting, reason=Closing.OUTSIDE, by=cast.users["secretary_a"])
    assert (row.state, row.answer) == (Handing.CLOSED, CLOSED_SAYS[Closing.OUTSIDE])
    with pytest.raises(ValidationError, match="secretary_a已经关闭"):
        handing.take(hand_over=row, by=cast.users["worker_a"])


def test_nobody_answers_herself(cast, talk):
    worker = cast.users["worker_a"]
    row = handing.hand_over(question=asked(talk), by=worker)
    assert row.asked_by == worker
    with pytest.raises(PermissionDenied, match="其他人"):
        handing.take(hand_over=row, by=worker)
    assert handing.take(hand_over=row, by=cast.users["secretary_a"]).state == Handing.TAKEN


def test_no_word_of_it_is_in_the_log(cast, talk):
    row = handing.hand_over(question=asked(talk), note="机密的补充")
    row = handing.take(hand_over=row, by=cast.users["worker_a"])
    row = handing.put_back(hand_over=row, reason=PutBack.NO_TIME, by=cast.users["worker_a"])
    row = handing.take(hand_over=row, by=cast.users["worker_a"])
    handing.answer(hand_over=row, text="机密的答复", by=cast.users["worker_a"])
    events = AuditEvent.objects.filter(action__startswith="assistant.")
    assert [one.action.partition(".")[2] for one in events.order_by("pk")] == [
        "hand_over", "take", "put_back", "take", "answer",
    ]  # fmt: skip
    written = str(list(events.values()))
    assert not any(word in written for word in (SAID, "机密", "可以先联系物业"))


def test_those_who_let_askers_wait_a_day_are_reminded_once_a_day(cast, talk):
    rows = [handing.hand_over(question=asked(talk)) for _ in range(3)]
    handing.take(hand_over=rows[2], by=cast.users["worker_a"])
    now = timezone.now()
    HandOver.objects.filter(pk__in=[rows[0].pk, rows[2].pk]).update(asked_at=now - timedelta(hours=25))
    tasks.remind(timestamp=0)
    tasks.remind(timestamp=0)
    told = Notice.objects.filter(key__startswith="assistant.late")
    assert {one.user.username for one in told} == {"secretary_a", "worker_a"}
    assert {(one.text, one.link) for one in told} == {
        ("甲一东社区有 1 条提问等了一天以上还没有人接手，请接手答复。", "/assistant/desk/?state=waiting")
    }
    assert telling.remind(now=now + timedelta(days=1)) == 2
    assert any(one.task.name == "assistant.remind" for one in tasks.app.periodic_registry.periodic_tasks.values())
