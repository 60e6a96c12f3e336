"""Who is told what: once each, in the same transaction as what it tells of, by e-mail without harm when the mail server fails."""

import socket
import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.db import DatabaseError, connection, transaction
from django.db.utils import IntegrityError
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from tests import cast as casting

from qinglan.apps.audit.models import ChainCheck
from qinglan.apps.notices import actions, queries, tasks
from qinglan.apps.notices.models import Mail, Notice
from qinglan.apps.people.models import User
from qinglan.apps.people.permissions import ANSWER_CLAIMS, IMPORT_FACTS, SIGN_YEAR

pytestmark = pytest.mark.django_db


@pytest.fixture
def mailing(settings):
    settings.NOTICES_BY_MAIL, settings.SITE_ADDRESS = True, "https://ql.example.gov.cn"


def _tell(*users, key="k 1", link="/results/") -> int:
    return actions.tell(users=users, text="结果已公布", key=key, link=link)


def test_told_twice_is_told_once(cast):
    worker, other = cast.users["worker_a"], cast.users["worker_b"]
    assert _tell(worker) == 1
    assert _tell(worker, other) == 1
    assert _tell(worker, key="k 2") == 1
    assert list(Notice.objects.filter(user=worker).values_list("key", flat=True)) == ["k 2", "k 1"]
    assert queries.unread(worker) == 2


def test_closed_accounts_are_told_nothing(cast):
    gone = cast.users["worker_a"]
    gone.is_active = False
    assert _tell(gone) == 0


def test_a_notice_goes_with_what_it_tells_of(cast, mailing):
    User.objects.filter(pk=cast.users["worker_a"].pk).update(email="a@example.org")
    told = User.objects.get(pk=cast.users["worker_a"].pk)
    with transaction.atomic():
        _tell(told)
        assert ProcrastinateJob.objects.filter(task_name="notices.mail").exists()
        transaction.set_rollback(True)
    assert not Notice.objects.exists()
    assert not ProcrastinateJob.objects.filter(task_name="notices.mail").exists()


def test_nothing_is_mailed_unless_the_site_and_the_account_have_mail(cast, settings, mailing):
    told = cast.users["worker_a"]
    _tell(told)  # no address
    settings.NOTICES_BY_MAIL, told.email = False, "a@example.org"
    _tell(told, key="k 2")
    assert set(Notice.objects.values_list("mail", flat=True)) == {Mail.NONE}
    assert not ProcrastinateJob.objects.exists()


def test_mail_names_the_page_and_goes_once(cast, mailing):
    told = cast.users["worker_a"]
    told.email = "a@example.org"
    told.save()
    _tell(told)
    job = ProcrastinateJob.objects.get(task_name="notices.mail")
    assert job.args == {"key": "k 1"}
    tasks.mail(**job.args)
    tasks.mail(**job.args)
    assert [one.to for one in mail.outbox] == [["a@example.org"]]
    assert "https://ql.example.gov.cn/results/" in mail.outbox[0].body
    assert Notice.objects.get().mail == Mail.SENT


def test_a_failing_mail_server_undoes_nothing_and_is_tried_again(cast, settings, mailing):
    with socket.socket() as free:  # a port on which nobody listens
        free.bind(("127.0.0.1", 0))
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free.getsockname()[1]
    settings.EMAIL_BACKEND, settings.EMAIL_USE_TLS = "django.core.mail.backends.smtp.EmailBackend", False
    told = cast.users["worker_a"]
    told.email = "a@example.org"
    told.save()
    _tell(told)
    with pytest.raises(ConnectionRefusedError):
        tasks.mail(key="k 1")
    assert Notice.objects.get().mail == Mail.WAITING
    assert tasks.mail.retry_strategy.max_attempts == 8
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    tasks.mail(key="k 1")
    assert len(mail.outbox) == 1


def test_the_database_keeps_what_was_said(cast):
    _tell(cast.users["worker_a"])
    notice = actions.read(notice=Notice.objects.get())
    first = notice.read_at
    actions.read(notice=notice)
    assert Notice.objects.get().read_at == first
    for change in ({"text": "别的"}, {"user": cast.users["worker_b"]}, {"read_at": None}, {"link": "/"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Notice.objects.update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        Notice.objects.all().delete()


@pytest.mark.parametrize(
    "link", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "javascript:x"]
)
def test_a_link_leads_to_this_site_only(link, cast):
    with pytest.raises(IntegrityError), transaction.atomic():
        _tell(cast.users["worker_a"], link=link)


@pytest.mark.parametrize(
    ("capability", "code", "found"),
    [
        (SIGN_YEAR, "990101", {"district_a"}),
        (ANSWER_CLAIMS, "990101001001", {"district_a"}),
        (IMPORT_FACTS, "990101001001", {"district_a", "subdistrict_a"}),
        (IMPORT_FACTS, "990102", {"district_b"}),
    ],
)
def test_holders_are_those_whose_scope_it_is(capability, code, found, cast):
    names = {user.username for user in queries.holders(capability, code, casting.TODAY)}
    assert names & set(casting.MEMBERS) == found


def test_who_lost_the_role_or_the_account_is_no_holder(cast):
    User.objects.filter(pk=cast.users["district_a"].pk).update(is_active=False)
    assert not queries.holders(SIGN_YEAR, "990101", casting.TODAY).exists()
    assert not queries.holders(SIGN_YEAR, "990102", casting.SINCE.replace(year=2019)).exists()


@pytest.mark.django_db(transaction=True)
def test_told_by_two_at_once_is_told_once():
    user = User.objects.create(username="one")
    start = threading.Barrier(2)
    told = []

    def go() -> None:
        try:
            with transaction.atomic():
                start.wait(120)
                told.append(_tell(user))
        finally:
            connection.close()

    threads = [threading.Thread(target=go) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(120)
    assert len(told) == 2
    assert Notice.objects.count() == 1


def test_readers_of_the_log_are_told_when_the_nightly_check_found_something_or_did_not_end(cast) -> None:
    now = timezone.now()
    readers = {cast.users[name].pk for name in ("district_a", "district_b", "auditor_a", "audit_a")}
    good = ChainCheck.objects.create(number=1, heads=1, wrong=0, at=now)
    assert actions.tell_of_check(now=now) == 0
    bad = ChainCheck.objects.create(number=1, heads=1, wrong=3, said=["第 1 节不符"], at=now)
    assert actions.tell_of_check(now=now) == len(readers)
    assert actions.tell_of_check(now=now) == 0  # once
    told = Notice.objects.filter(key=f"audit.check {bad.pk}")
    assert {one.user_id for one in told} == readers
    assert all("3 处不符" in one.text for one in told)
    assert actions.tell_of_check(now=good.at + timedelta(hours=30)) == len(readers)
    assert Notice.objects.filter(key__startswith="audit.silent").count() == len(readers)
