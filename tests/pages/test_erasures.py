"""The pages of erasures: asked by one, confirmed by another, what goes and what stays is told, nothing is done before."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from qinglan.apps.base.models import span
from qinglan.apps.erasure.actions import carrying
from qinglan.apps.erasure.models import Erasure
from qinglan.apps.notices.models import Notice
from qinglan.apps.people.models import Employment, ExitReason, Person, Posting
from tests.cast import Cast
from tests.factories import deciders, posted

pytestmark = pytest.mark.django_db


@pytest.fixture
def gone(cast: Cast) -> Person:
    """Somebody who left 2012."""
    someone = posted("990101001001", name="慕容旧人")
    Employment.objects.filter(person=someone).update(
        span=span(date(2010, 1, 1), date(2012, 1, 1)), exit_reason=ExitReason.RETIRED
    )
    Posting.objects.filter(person=someone).update(span=span(date(2010, 1, 1), date(2012, 1, 1)))
    return someone


@pytest.fixture(autouse=True)
def aside(settings: Any, tmp_path: Any) -> None:
    settings.QINGLAN_ERASED = tmp_path / "erased.jsonl"


def text(answer: Any) -> str:
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_empty_list_says_what_to_do(officer: Client) -> None:
    assert "没有删除个人信息的申请" in text(officer.get("/erasures/"))


def test_the_request_tells_what_stands_against_it_what_goes_and_what_stays(
    officer: Client, gone: Person, cast: Cast
) -> None:
    page = text(officer.get(f"/people/{gone.pk}/erase/"))
    assert "都已满足" in page
    assert "清空：姓名、拼音" in page
    assert "保留：性别" in page
    assert f"/people/{gone.pk}/erase/" in text(officer.get(f"/people/{gone.pk}/"))
    here = text(officer.get(f"/people/{cast.people['worker_a'].pk}/erase/"))
    assert "还有没结束的用工或任职" in here
    refused = text(
        officer.post(f"/people/{cast.people['worker_a'].pk}/erase/", {"ground": "other", "reason": "书面申请"})
    )
    assert "已经离任：还有没结束的用工或任职" in refused
    assert not Erasure.objects.exists()


def test_one_asks_another_confirms_and_the_page_tells_what_was_done(officer: Client, gone: Person) -> None:
    address = f"/people/{gone.pk}/erase/"
    assert "请不要写姓名" in text(officer.post(address, {"ground": "expired", "reason": "慕容旧人本人申请"}))
    officer.post(address, {"ground": "expired", "reason": "本人书面申请，第 7 号"})
    erasure = Erasure.objects.get()
    page = f"/erasures/{erasure.pk}/"
    assert "须由另一位区级管理员确认" in text(officer.get(page))
    assert "须由另一人确认" in text(officer.post(f"{page}confirm/", follow=True))
    assert erasure.state == Erasure.State.ASKED
    second = Client()
    second.force_login(deciders("990101")[0])
    assert Notice.objects.filter(user=deciders("990101")[0], link=page).count() <= 1  # made after the request
    assert "确认删除" in text(second.get(page))
    assert "已确认" in text(second.post(f"{page}confirm/", follow=True))
    assert ProcrastinateJob.objects.filter(task_name="erasure.carry_out").exists()
    assert Person.objects.get(pk=gone.pk).name == "慕容旧人"  # the site itself may not: the owner's process does it
    carrying.all_that_is_due()
    done = text(second.get(page))
    assert "慕容旧人" not in done
    assert "清空了什么" in done
    assert second.get(f"/people/{gone.pk}/").status_code == 404
    assert "慕容旧人" not in text(second.get("/erasures/?state=done"))
    assert "已删除" in text(second.get(f"/erasures/?q={erasure.pk}"))


def test_a_refused_request_changes_nothing(officer: Client, gone: Person) -> None:
    officer.post(f"/people/{gone.pk}/erase/", {"ground": "expired", "reason": "保存期满"})
    erasure = Erasure.objects.get()
    assert "请写明原因" in text(officer.post(f"/erasures/{erasure.pk}/drop/", {"note": " "}, follow=True))
    officer.post(f"/erasures/{erasure.pk}/drop/", {"note": "仍在诉讼，须保存"})
    erasure.refresh_from_db()
    assert (erasure.state, erasure.note) == (Erasure.State.DROPPED, "仍在诉讼，须保存")
    assert Person.objects.get(pk=gone.pk).erased_at is None
    assert officer.get("/erasures/?export=xlsx").status_code == 200
