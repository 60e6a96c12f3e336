"""A district's own cards: drafted and checked, released by another person, in force from their day, never in another district."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone
from tests.factories import deciders
from tests.factories.cards import drafted, measured, mended, new_card, released, shipped_card, submitted

from qinglan import __version__
from qinglan.apps.assistant.actions import cards
from qinglan.apps.assistant.models import CardVector, CardVersion, Question, Talk
from qinglan.apps.assistant.permissions import card_moves
from qinglan.apps.assistant.queries import card_words
from qinglan.apps.assistant.queries import cards as queries
from qinglan.apps.assistant.queries.card_checks import alone, read
from qinglan.apps.assistant.queries.knowledge import in_force, known, with_versions
from qinglan.apps.audit.models import AuditEvent
from qinglan.apps.base.models import ReleaseState
from qinglan.apps.notices.models import Notice
from qinglan.apps.people.actions import roles
from qinglan.apps.people.models import Role
from qinglan.apps.people.queries import handed
from qinglan.core.retrieval import shipped
from qinglan.core.retrieval.index import texts
from qinglan.core.retrieval.vectors import Store

pytestmark = pytest.mark.django_db
A, B = "990101", "990102"


def today() -> date:
    return timezone.localdate()


def said(error: pytest.ExceptionInfo) -> str:
    value = error.value
    return "；".join(value.messages) if isinstance(value, ValidationError) else str(value)


def standing(key: str = "35", district: str = A, on: date | None = None) -> queries.Standing:
    found = queries.standing_of(district, key, on or today())
    assert found is not None
    return found


def test_a_draft_answers_nothing_until_another_person_releases_it(cast):
    row = drafted()
    assert standing().origin == "随系统"
    assert standing().waiting == (row,)
    with pytest.raises(ValidationError, match="不能发布"):
        cards.release(version=row, by=deciders(A)[1])
    cards.submit(version=row, by=deciders(A)[0])
    with pytest.raises(PermissionDenied, match="须由另一人发布"):
        cards.release(version=row, by=deciders(A)[0])
    assert in_force(A, today()) == []
    cards.release(version=row, by=deciders(A)[1])
    assert standing().own == row
    assert standing().origin == "本区改过"
    assert standing(district=B).origin == "随系统", "another district goes on as before"
    assert in_force(A, today()) == [("35", row.pk)]
    assert in_force(B, today()) == []


def test_the_first_question_after_the_release_is_answered_by_it(cast):
    question, card = "高龄津贴怎么申请", mended()
    before = known(A, today()).answerer.ask(question, today=today())
    assert before.card is not None
    assert before.card.answer == shipped_card().answer
    row = released(card)
    assert known(A, today()).versions == {"35": (row.pk, row.since)}
    day = f"{row.since:%Y年%-m月%-d日}"
    assert known(A, today()).called(card) == f"本区第 {row.pk} 版，{day}起"
    assert (
        known(B, today()).called(shipped_card())
        == f"随系统 {__version__} 版，{shipped_card().checked:%Y年%-m月%-d日}核对"
    )
    after, elsewhere = (known(code, today()).answerer.ask(question, today=today()) for code in (A, B))
    assert after.card is not None
    assert after.card.answer == card.answer
    assert elsewhere.card is not None
    assert elsewhere.card.answer == shipped_card().answer


def test_it_holds_from_its_day(cast):
    row = released(since=today() + timedelta(days=3))
    assert standing().own is None
    assert standing().waiting == (row,)
    assert standing(on=today() + timedelta(days=3)).own == row


def test_vectors_of_new_texts_are_kept_with_the_release(cast):
    card = new_card()
    encoder = shipped.answerer().encoder
    missing = Store.read(shipped.VECTORS, encoder).missing(texts([card], ()))
    assert missing
    submitted(card)
    assert not CardVector.objects.exists()
    released(new_card("共享雨伞"))
    assert CardVector.objects.count() == len(missing), "as many texts, none of them shipped"
    assert cards.keep_vectors(new_card("共享雨伞")) == 0


def test_a_new_card_gets_the_next_number_of_its_district(cast):
    first, second, other = drafted(new_card("甲")), drafted(new_card("乙")), drafted(new_card("丙"), B)
    assert [first.key, second.key, other.key] == ["N1", "N2", "N1"]
    assert queries.card_of(first).items == ("N1",)
    assert standing("N1").origin == "尚未生效"
    assert queries.standing_of(B, "N2", today()) is None


def test_a_new_draft_withdraws_her_earlier_one_and_nobody_elses(cast):
    mine, again = drafted(), drafted(mended(next="先打电话问街道。"))
    theirs = cards.draft(district=A, card=mended(fee="不收费"), since=today(), by=deciders(A)[2])
    states = dict(CardVersion.objects.values_list("pk", "state"))
    assert states == {mine.pk: "withdrawn", again.pk: "draft", theirs.pk: "draft"}


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"title": "低保怎么申请", "items": ["N0"]}, None, ""),  # the control: nothing wrong with it
        ({"title": shipped_card("36").title}, "title", "标题不能重复"),
        ({"questions": {**shipped_card().questions, "plain": shipped_card("36").questions["plain"]}}, "questions", "只能属于一张卡片"),
        ({"city": [{"name": "gaoling_age", "label": "别的名称", "unit": ""}, {"name": "x1", "label": "甲", "unit": ""}]}, None, ""),
        ({"next": "请回拨622202100112345678901。"}, "next", "身份证号或账号"),
        ({"helps": "社区\u202e助帮"}, "helps", "看不见的字符"),
        ({"decides": "民政局" * 100}, "decides", "太长"),
        ({"materials": ["证" * 200]}, "materials", "不超过"),
        ({"questions": {**shipped_card().questions, "word": ["津" * 300]}}, "questions", "太长"),
    ],
)  # fmt: skip
def test_what_may_not_be_kept_is_said_at_its_field(cast, changes, field, sentence):
    card = new_card(title=changes["title"]) if "items" in changes else mended(**changes)
    if field is None:
        assert drafted(card).state == ReleaseState.DRAFT
        return
    with pytest.raises(ValidationError) as error:
        drafted(card)
    assert sentence in "".join(error.value.message_dict[field])
    assert not CardVersion.objects.exists()


def test_two_labels_of_one_city_field_are_refused(cast):
    field = shipped_card().city[0]
    other = new_card(city=[{"name": field.name, "label": "别的名称", "unit": ""}])
    with pytest.raises(ValidationError) as error:
        drafted(other)
    assert "名称不同" in "".join(error.value.message_dict["city"])


def test_a_question_that_another_release_took_meanwhile_is_refused_at_release(cast):
    first, second = new_card("甲"), new_card("乙")
    second = second.model_copy(update={"questions": second.questions | {"word": ("花园",)}})
    first = first.model_copy(update={"questions": first.questions | {"word": ("花园",)}})
    waiting = submitted(first)
    released(second)
    with pytest.raises(ValidationError, match="只能属于一张卡片"):
        cards.release(version=waiting, by=deciders(A)[1])


def test_a_question_is_held_against_what_begins_later_too(cast):
    later = new_card("甲")
    released(later, since=today() + timedelta(days=30))
    clash = new_card("乙")
    clash = clash.model_copy(update={"questions": clash.questions | {"word": (later.questions["plain"][0],)}})
    with pytest.raises(ValidationError, match="只能属于一张卡片"):
        drafted(clash)


def test_a_draft_of_an_older_version_is_refused(cast):
    stale = submitted()
    newer = released(mended(fee="不收费"))
    with pytest.raises(ValidationError, match=f"第 {newer.pk} 版已经发布"):
        cards.release(version=stale, by=deciders(A)[1])
    base = standing().mark
    assert base == str(newer.pk)
    with pytest.raises(ValidationError, match="已换了新的版本"):
        drafted(base=shipped_card().digest[:12])
    drafted(mended(limit="十五天"), base=base)


def test_a_release_asks_that_somebody_has_seen_what_it_wins_and_loses(cast):
    first, second = deciders(A)[:2]
    row = cards.submit(version=cards.draft(district=A, card=mended(), since=today(), by=first), by=first)
    with pytest.raises(ValidationError, match="点「评测这份草稿」"):
        cards.release(version=row, by=second)
    measured(row)
    assert cards.release(version=row, by=second).state == ReleaseState.RELEASED
    late = submitted(mended(fee="不收费"))
    released(new_card())
    with pytest.raises(ValidationError, match="照现在的知识卡评测过"):
        cards.release(version=late, by=second)


def test_what_would_never_come_into_force_is_refused(cast):
    waiting = submitted()
    CardVersion.objects.filter(pk=waiting.pk)
    released(mended(fee="不收费"), since=today() + timedelta(days=9))
    late = drafted(mended(limit="十五天"))
    with pytest.raises(ValidationError, match="比这一版晚"):
        cards.submit(version=late, by=deciders(A)[0])


@pytest.mark.parametrize("days", [-1, 400])
def test_the_first_day_is_near(cast, days):
    with pytest.raises(ValidationError, match="今天或以后一年之内"):
        drafted(since=today() + timedelta(days=days))


def test_what_says_nothing_else_is_no_draft(cast):
    with pytest.raises(ValidationError, match="完全一样"):
        drafted(shipped_card())


def test_a_card_is_retired_and_brought_back_by_two(cast):
    first, second = deciders(A)[:2]
    row = cards.retire(district=A, key="35", since=today(), by=first, note="本区不办")
    measured(row)
    assert standing().answers
    cards.release(version=cards.submit(version=row, by=first), by=second)
    assert standing().origin == "已停用"
    assert not standing().answers
    assert "35" not in {card.key for card in with_versions([row])}
    with pytest.raises(ValidationError, match="不必停用"):
        cards.retire(district=A, key="35", since=today(), by=first)
    back = released(shipped_card())
    assert standing().own == back
    assert standing().answers


def test_neither_of_two_cards_of_one_item_is_lost(cast):
    """The control of the key: with one key for both, the second would stand in for the first."""
    released()
    there = [card.key for card in with_versions(CardVersion.objects.all()) if card.items == ("120",)]
    assert there == ["120", "120-2"]


def test_who_lately_handed_a_password_is_no_second_person(cast, monkeypatch):
    first = deciders(A)[0]
    opened, _ = roles.open_with_password(
        username="opened", name="新管理员", since=date(2020, 1, 1), by=first, role=Role.DISTRICT_OFFICER, org_code=A
    )
    row = submitted()
    with pytest.raises(PermissionDenied, match="重设过密码"):
        cards.release(version=row, by=opened)
    assert any("重设过密码" in one["why_not"] for one in card_moves(opened, row))
    monkeypatch.setattr(handed, "HANDED", timedelta(days=-1))
    assert cards.release(version=row, by=opened).state == ReleaseState.RELEASED


@pytest.mark.parametrize("name", ["district_b", "subdistrict_a", "worker_a", "auditor_a", "administrator", "nobody"])
def test_only_the_districts_officer_keeps_and_releases(cast, name):
    row, user = submitted(), cast.users[name]
    acts: list[Callable[[], Any]] = [
        lambda: cards.draft(district=A, card=mended(fee="不收费"), since=today(), by=user),
        lambda: cards.release(version=row, by=user),
        lambda: cards.send_back(version=row, by=user, note="再改"),
        lambda: cards.withdraw(version=row, by=user),
    ]
    for act in acts:
        with pytest.raises(PermissionDenied):
            act()
    assert card_moves(user, row) == []


def test_the_second_factor_is_asked_for_a_release(cast, settings):
    row = submitted()
    settings.SECOND_FACTOR = "on"
    with pytest.raises(PermissionDenied, match="两步验证"):
        cards.release(version=row, by=deciders(A)[1])


def test_return_asks_why_and_tells_the_maker(cast):
    row, (first, second) = submitted(), deciders(A)[:2]
    with pytest.raises(ValidationError, match="退回的原因"):
        cards.send_back(version=row, by=second, note=" ")
    assert cards.send_back(version=row, by=second, note="写明窗口").state == ReleaseState.DRAFT
    assert "被退回" in Notice.objects.filter(user=first).latest("pk").text
    cards.submit(version=row, by=first)
    assert "请看过不同之处后发布" in Notice.objects.filter(user=second).latest("pk").text
    assert not Notice.objects.filter(user=first, text__contains="请看过").exists()


def test_every_step_is_in_the_log_with_before_and_after(cast):
    row = released()
    found = {one.action: one for one in AuditEvent.objects.filter(action__startswith="assistant.card.")}
    assert set(found) == {"assistant.card.draft", "assistant.card.submit", "assistant.card.release"}
    made = found["assistant.card.draft"]
    assert made.before["content"]["card"]["answer"] == shipped_card().answer
    assert made.after["content"]["card"]["answer"] == mended().answer
    assert made.after["digest"] == row.digest
    let = found["assistant.card.release"]
    assert let.before == {"state": "submitted"}
    assert let.after["state"] == "released"
    assert let.after["key"] == "35"
    assert {one.org_code for one in found.values()} == {A}
    assert let.target_key == str(row.pk)


def test_what_a_version_says_never_changes(cast):
    row = released()
    for change in ({"content": {}}, {"since": today()}, {"key": "36"}, {"retired": True}, {"state": "draft"}):
        change = {name: value + timedelta(days=1) if name == "since" else value for name, value in change.items()}
        with pytest.raises(DatabaseError), transaction.atomic():
            CardVersion.objects.filter(pk=row.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        row.delete()


def test_questions_that_a_draft_is_to_answer_go_with_it(cast):
    talk = Talk.objects.create(key="k", channel="page", org_code="990101001001")
    asked = [Question.objects.create(talk=talk, text=f"菜园{n}", outcome="refused", reply={}) for n in range(2)]
    first = drafted(new_card(), questions=asked)
    again = drafted(new_card(items=["N1"], fee="不收费"))
    assert set(again.questions.all()) == set(asked)
    assert not first.questions.exists()
    cards.withdraw(version=again, by=deciders(A)[0])
    assert Question.objects.filter(settled__isnull=True).count() == 2


def test_differences_are_said_in_words():
    changed = mended(
        fee="不收费", kind="handover", law=(), questions={**shipped_card().questions, "word": ("老人钱呀",)}
    )
    found = {one.label: one for one in card_words.compared(shipped_card(), changed)}
    assert found["费用"].before == ()
    assert found["费用"].after == ("不收费",)
    assert found["类型"].after == ("转人工",)
    assert found["依据"].before == ("《老年人权益保障法》第33条",)
    assert found["问法：一个词"].after == ("老人钱呀",)
    assert set(found["问法：一个词"].before) == set(shipped_card().questions["word"])
    assert card_words.compared(changed, changed) == []


def test_what_core_says_of_a_card_stands_at_its_field():
    plain = shipped_card().model_dump()
    spoilt = plain | {
        "title": "短" * 40,
        "kind": "poem",
        "law": [{"name": "民法典", "articles": ["十"]}],
        "questions": {"plain": ["甲"]},
    }
    problems = read(spoilt)[1]
    assert {field for field, _ in problems} == {"title", "kind", "law"}
    problems = read(plain | {"questions": {"plain": ["甲"]}, "kind": "handover"})[1]
    assert {field for field, _ in problems} == {"questions", "law"}
    assert not any("questions" in sentence or "law " in sentence for _, sentence in problems)
    assert read(plain) == (shipped_card(), [])
    assert list(alone(shipped_card())) == []


def test_every_shipped_card_could_be_kept_by_a_district():
    assert {card.key: list(alone(card)) for card in shipped.cards() if list(alone(card))} == {}
