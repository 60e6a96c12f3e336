"""Where two people must act, nobody acts twice through an account that she lately opened or handed the password of: years, months of
pay, packs (of proposals: test_rights_proposals; of erasures: erasure/test_deciding). The control of each is the same move once nothing was handed lately."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from tests.factories import deciders
from tests.pages.world import rehearsed
from tests.unit.rights.conftest import DISTRICT, officer

from qinglan.apps.audit.models import AuditEvent
from qinglan.apps.base.models import ReleaseState
from qinglan.apps.pay import actions as paying
from qinglan.apps.pay.models import PayMonth
from qinglan.apps.people.actions import roles
from qinglan.apps.people.models import Role, User
from qinglan.apps.people.queries import handed
from qinglan.apps.policy.actions import adoption, decisions, releases, years
from qinglan.apps.policy.models import Run
from qinglan.apps.policy.permissions import release_moves
from qinglan.apps.policy.queries import review
from qinglan.apps.rehearsal.actions import adopting

pytestmark = pytest.mark.django_db
SAID = "重设过密码"


def opened(by: User, role: Role = Role.DISTRICT_OFFICER) -> User:
    """An account that `by` opens now."""
    user, _ = roles.open_with_password(
        username="opened", name="新管理员", since=date(2020, 1, 1), by=by, role=role, org_code=DISTRICT
    )
    return user


@pytest.fixture
def days_pass(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """days_pass(): what was handed out till now counts no more. The log cannot be set back, so the span is."""
    return lambda: monkeypatch.setattr(handed, "HANDED", timedelta(days=-1))


@pytest.fixture
def district(cast: Any) -> tuple[User, User]:
    """Who prepares and who decides, where a pack is in force."""
    adoption.adopt(district=DISTRICT, pack="taoyuan", since=date(2020, 1, 1), by=None)
    preparer, decider, _ = deciders(DISTRICT)
    return preparer, decider


def signable(preparer: User, reviewer: User) -> Run:
    run = decisions.submit(run=years.compute(district=DISTRICT, year=2025, by=None), by=preparer)
    rows = list(review.items(run).values_list("pk", flat=True))
    decisions.mark(run=run, items=rows, fine=True, comment="", by=reviewer)
    return run


def test_a_year_is_not_signed_by_an_account_that_its_preparer_opened(
    district: tuple[User, User], days_pass: Callable[[], None]
) -> None:
    preparer, reviewer = district
    run = signable(preparer, reviewer)
    made = opened(preparer)
    with pytest.raises(PermissionDenied, match=SAID):
        decisions.sign(run=run, by=made)
    days_pass()
    assert decisions.sign(run=run, by=made).state == Run.State.SIGNED


def test_a_year_is_not_published_by_who_handed_its_reviewer_a_password(
    district: tuple[User, User], days_pass: Callable[[], None]
) -> None:
    preparer, reviewer = district
    run = decisions.sign(run=signable(preparer, reviewer), by=reviewer)
    publisher = deciders(DISTRICT)[2]
    roles.hand_out_password(user=reviewer, by=publisher)
    with pytest.raises(PermissionDenied, match=SAID):
        decisions.publish(run=run, by=publisher)
    days_pass()
    assert decisions.publish(run=run, by=publisher).state == Run.State.PUBLISHED


def test_accounts_that_an_administrator_opened_for_both_may_decide(district: tuple[User, User]) -> None:
    """A small district at its set-up: one account opens all others, and prepares nothing."""
    preparer, reviewer = district
    run = signable(preparer, reviewer)
    for one in (preparer, reviewer):
        roles.hand_out_password(user=one, by=User.objects.get(username="administrator"))
    assert decisions.sign(run=run, by=reviewer).state == Run.State.SIGNED


def test_a_month_is_not_closed_by_an_account_that_its_preparer_opened(
    district: tuple[User, User], days_pass: Callable[[], None]
) -> None:
    preparer, _ = district
    month = paying.compute(district=DISTRICT, year=2025, month=1, by=preparer)
    made = opened(preparer, Role.FINANCE)
    with pytest.raises(PermissionDenied, match=SAID):
        paying.close(month=month, by=made)
    days_pass()
    assert paying.close(month=month, by=made).state == PayMonth.State.CLOSED


def test_a_pack_is_not_released_by_an_account_that_its_preparer_opened(
    district: tuple[User, User], days_pass: Callable[[], None]
) -> None:
    preparer, _ = district
    row = releases.propose(district=DISTRICT, pack="blueprint", since=date(2027, 1, 1), by=preparer)
    row = releases.submit(release=row, by=preparer)
    made = opened(preparer)
    assert SAID in {one["move"]: one["why_not"] for one in release_moves(made, row)}["release"]
    with pytest.raises(PermissionDenied, match=SAID):
        releases.release(release=row, by=made)
    days_pass()
    assert releases.release(release=row, by=made).state == ReleaseState.RELEASED


def test_a_rehearsal_s_values_are_not_released_by_an_account_that_its_preparer_opened(
    district: tuple[User, User], days_pass: Callable[[], None]
) -> None:
    """The draft that is made of a rehearsal goes the way of every proposal."""
    preparer, _ = district
    lived = rehearsed(years.compute(district=DISTRICT, year=2025, by=None), "done")
    row = adopting.adopt(
        rehearsal=lived, title="提高津贴", version="2", setting="会议纪要（测试）", since=date(2026, 1, 1), by=preparer
    )
    row = releases.submit(release=row, by=preparer)
    with pytest.raises(PermissionDenied, match="由另一人发布"):
        releases.release(release=row, by=preparer)
    made = opened(preparer)
    with pytest.raises(PermissionDenied, match=SAID):
        releases.release(release=row, by=made)
    days_pass()
    assert releases.release(release=row, by=made).state == ReleaseState.RELEASED


def test_what_the_terminal_handed_out_was_nobodys(cast: Any) -> None:
    user = officer("somebody")
    roles.hand_out_password(user=user, by=None)
    assert AuditEvent.objects.filter(action="roles.hand_out_password", target_key=str(user.pk)).exists()
    assert not handed.handed_between(user, [None])
    assert not handed.handed_between(user, [deciders(DISTRICT)[0].pk])
