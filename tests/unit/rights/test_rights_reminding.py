"""The daily round: told before the term, told again when it is over, terms set once the calendar is known."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qinglan.apps.notices.models import Notice
from qinglan.apps.policy.queries.terms import NotInForce, Terms, terms_for
from qinglan.apps.rights import tasks
from qinglan.apps.rights.actions import claims, reminding
from qinglan.apps.rights.models import Claim
from qinglan.apps.rights.queries import claims as queries
from qinglan.core.packs.loading import load
from qinglan.core.rules.registry import ITEMS

pytestmark = pytest.mark.django_db


PACK = load("taoyuan", ITEMS)


def _told(user, word: str) -> int:
    return Notice.objects.filter(user=user, text__contains=word).count()


def test_reminded_once_before_and_daily_after_the_term(cast, file):
    claim, reviewer = file(), cast.users["district_a"]  # due on 23 June, a Tuesday
    assert reminding.daily(today=date(2026, 6, 16)) == 0
    assert _told(reviewer, "请在 2026-06-23 前答复。") == 0
    for day in (17, 18, 22, 23):  # three working days before: 22, 18, 17 (Dragon Boat from 19 to 21)
        reminding.daily(today=date(2026, 6, day))
    assert _told(reviewer, f"诉求 {claim.number} 请在 2026-06-23 前答复。") == 1
    reminding.daily(today=date(2026, 6, 24))
    reminding.daily(today=date(2026, 6, 24))
    assert _told(reviewer, "已经逾期") == 1
    reminding.daily(today=date(2026, 6, 25))
    assert _told(reviewer, "已经逾期") == 2
    reminding.daily(today=date(2026, 6, 27))  # a Saturday
    assert _told(reviewer, "已经逾期") == 2


def test_the_assignee_is_reminded_and_nobody_once_it_is_answered(cast, file):
    claim, reviewer = file(), cast.users["district_a"]
    claims.assign(claim=claim, to=reviewer, by=reviewer)
    reminding.daily(today=date(2026, 6, 24))
    assert _told(reviewer, "逾期") == 1
    claims.answer(claim=claim, outcome="rejected", reasons="x", by=reviewer)
    assert reminding.daily(today=date(2026, 6, 25)) == 0


def test_terms_are_set_once_the_calendar_is_known(cast, file, monkeypatch):
    claim = file(on=date(2026, 12, 24))
    reminding.daily(today=date(2026, 12, 25))
    claim.refresh_from_db()
    assert claim.due_on is None
    monkeypatch.setattr("qinglan.core.rules.workdays.Workdays.is_working", lambda self, day: day.weekday() < 5)
    reminding.daily(today=date(2026, 12, 28))
    claim.refresh_from_db()
    assert (claim.due_on, claim.hearing_on) == (date(2027, 1, 14), date(2027, 1, 11))


def test_the_job_is_planned_and_runs(cast, file):
    file()
    assert any(one.task.name == "rights.daily" for one in tasks.app.periodic_registry.periodic_tasks.values())
    tasks.daily(timestamp=0)


def test_a_rights_day_gathers_what_earlier_ones_left(cast, file):
    late = file(on=date(2026, 5, 12))  # heard on 10 June
    file(on=date(2026, 6, 11))  # heard on 10 July
    done = file(on=date(2026, 5, 13))
    claims.withdraw(claim=done, by=cast.users["worker_a"])
    assert list(queries.hearing(Claim.objects.all(), date(2026, 6, 10))) == [late]
    assert queries.hearing(Claim.objects.all(), date(2026, 7, 10)).count() == 2


@given(st.dates(date(2024, 1, 1), date(2026, 11, 20)))
def test_terms_over_the_holiday_tables(day: date) -> None:
    """Each answer has its full working days, each hearing is a working day on or after the 10th that was next."""
    terms = Terms(PACK, day)
    due, hearing = terms.due(), terms.hearing()
    assert terms.calendar.count(day + timedelta(days=1), due) == terms.reply_days == 15
    assert terms.calendar.is_working(due)
    assert terms.calendar.is_working(hearing)
    assert day <= hearing
    rest = [hearing - timedelta(days=n) for n in range(1, 12)]
    tenth = next(one for one in [hearing, *rest] if one.day == 10)
    assert not any(terms.calendar.is_working(tenth + timedelta(days=n)) for n in range((hearing - tenth).days))


def test_a_year_without_a_calendar_is_refused_in_words(cast, run):
    with pytest.raises(NotInForce, match="2027"):
        terms_for("990101", date(2027, 1, 4)).due()
