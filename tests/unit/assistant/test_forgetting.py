"""What was typed is forgotten after the set days; what somebody waits for is not; counts stay; erasing a person empties hers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from tests import cast as casting
from tests.unit.assistant.test_handing import PLACE, asked

from qinglan.apps.assistant import tasks
from qinglan.apps.assistant.actions import asking, forgetting, handing
from qinglan.apps.assistant.models import HandOver, Question, Talk, Tally
from qinglan.apps.assistant.states import Channel, Closing, Handing
from qinglan.apps.audit.models import AuditEvent
from qinglan.apps.erasure.actions.emptying import empty_rows
from qinglan.apps.erasure.queries import hers
from qinglan.apps.people.queries.everything import everything

NOW = timezone.now() + timedelta(days=365)


def begun(days: float, place: str = PLACE) -> Talk:
    """A talk begun so many days before NOW."""
    talk = asking.begin(channel=Channel.PAGE, place=place)
    Talk.objects.filter(pk=talk.pk).update(began_at=NOW - timedelta(days=days))
    return talk


def ended(row: HandOver, days: float, by: Any) -> HandOver:
    """Taken and answered, so many days before NOW."""
    handing.answer(hand_over=handing.take(hand_over=row, by=by), text="已上门", by=by)
    HandOver.objects.filter(pk=row.pk).update(ended_at=NOW - timedelta(days=days))
    return row


def test_a_talk_is_forgotten_after_the_set_days_and_not_before(cast, settings):
    settings.ASSISTANT_DAYS = 30
    old, young = begun(30.1), begun(29.9)
    asked(old), asked(young)
    assert forgetting.forget(now=NOW) == (1, 0)
    assert set(Talk.objects.all()) == {young}
    assert Question.objects.get().talk == young


def test_a_talk_that_somebody_waits_for_stays(cast):
    waiting, taken, done = begun(90), begun(90), begun(90)
    handing.hand_over(question=asked(waiting))
    handing.take(hand_over=handing.hand_over(question=asked(taken)), by=cast.users["worker_a"])
    ended(handing.hand_over(question=asked(done)), days=1, by=cast.users["worker_a"])
    forgetting.forget(now=NOW)
    assert set(Talk.objects.all()) == {waiting, taken}
    row = HandOver.objects.get(state=Handing.ANSWERED)  # its answer is young: the row stays, without its talk
    assert (row.talk, row.question, row.answer, row.forgotten) == (None, None, "已上门", False)


def test_an_emptied_hand_over_says_when_and_by_whom_and_nothing_else(cast):
    talk = begun(90)
    asked(talk, "我丈夫打我")
    row = ended(
        handing.hand_over(question=asked(talk), note="三楼", by=cast.users["worker_a"]), 31, cast.users["secretary_a"]
    )
    assert forgetting.forget(now=NOW) == (1, 1)
    row.refresh_from_db()
    assert (row.text, row.note, row.told, row.answer, row.asked_by, row.forgotten) == ("", "", [], "", None, True)
    assert (row.state, row.answered_by_name) == (Handing.ANSWERED, "secretary_a")
    assert not any(word in str(HandOver.objects.values().get()) for word in ("漏水", "打我", "三楼", "上门"))
    assert forgetting.forget(now=NOW) == (0, 0)


def test_counts_stay_and_the_log_says_how_many(cast):
    talk = begun(90)
    row = asked(talk)
    asking._count(row, timezone.localdate(), asked=1)
    before = list(Tally.objects.values_list("day", "org_code", "asked"))
    forgetting.forget(now=NOW)
    assert list(Tally.objects.values_list("day", "org_code", "asked")) == before != []
    event = AuditEvent.objects.get(action="assistant.forget")
    assert event.after == {"talks": 1, "hand_overs": 0}


def test_the_nightly_job_forgets(cast, monkeypatch):
    begun(90)
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    tasks.forget(timestamp=0)
    assert not Talk.objects.exists()


# --- whose they are -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def hers_and_others(cast: casting.Cast) -> tuple[HandOver, HandOver]:
    """A question of the worker's own that the secretary answers; a resident's that the worker answers."""
    own = handing.hand_over(question=asked(begun(1), "我的值班费"), note="我的补充", by=cast.users["worker_a"])
    residents = handing.hand_over(question=asked(begun(1), "居民的私事"))
    return ended(own, 1, cast.users["secretary_a"]), ended(residents, 1, cast.users["worker_a"])


def test_all_about_her_holds_what_she_asked_and_not_what_she_answered(cast, hers_and_others):
    found = str([one.as_dicts() for one in everything(cast.people["worker_a"])])
    assert "我的值班费" in found
    assert "居民的私事" not in found


def test_erasing_her_empties_what_she_asked_and_not_what_she_answered(cast, hers_and_others):
    own, residents = hers_and_others
    whole = hers.whole(cast.people["worker_a"])
    rows = whole.rows
    assert rows[HandOver] == {own.pk}
    assert not rows.keys() & {Talk, Question}
    empty_rows(whole, rows)
    own.refresh_from_db()
    residents.refresh_from_db()
    assert "值班费" not in str(HandOver.objects.filter(pk=own.pk).values().get())
    assert own.told == []
    assert residents.text == "居民的私事"


def test_closed_ones_are_emptied_too(cast):
    row = handing.close(
        hand_over=handing.hand_over(question=asked(begun(90))), reason=Closing.TWICE, by=cast.users["worker_a"]
    )
    HandOver.objects.filter(pk=row.pk).update(ended_at=NOW - timedelta(days=40))
    assert forgetting.forget(now=NOW) == (1, 1)
    row.refresh_from_db()
    assert (row.answer, row.forgotten) == ("", True)
