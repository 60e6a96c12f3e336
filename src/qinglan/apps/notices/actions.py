"""Tell accounts something, note that they read it, send it by e-mail where the site can.

Telling is part of the action that it tells of and has its audit row there; the notices themselves never change, so they are
their own record.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from smtplib import SMTPRecipientsRefused
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django import app as jobs

from qinglan.apps.audit.models import ChainCheck
from qinglan.apps.notices.models import Mail, Notice
from qinglan.apps.notices.queries import readers_of_log
from qinglan.apps.people.models import User

log = logging.getLogger(__name__)
BATCH = 1_000
SILENT = timedelta(hours=26)  # a check comes every 24
SUBJECT = "青蓝：有一条新消息"


@transaction.atomic
def tell(*, users: Iterable[User], text: str, key: str, link: str = "") -> int:
    """This will tell each active account of `users` once; whoever was told of `key` before is left alone. Returns how many were told.

    E-mails are a job of the same transaction: rolled back with it, sent after it, and a mail server that fails undoes nothing.
    """
    return tell_each(told=((user, link) for user in users), text=text, key=key)


@transaction.atomic
def tell_each(*, told: Iterable[tuple[User, str]], text: str, key: str) -> int:
    """This will tell each account the same, with a link of its own: (account, link). As `tell` otherwise."""
    found = {user.pk: (user, link) for user, link in told if user.is_active}
    known = set(Notice.objects.filter(key=key, user__in=found).values_list("user_id", flat=True))
    fresh = [
        Notice(user=user, key=key, text=text, link=link, mail=_mail(user))
        for pk, (user, link) in found.items()
        if pk not in known
    ]
    Notice.objects.bulk_create(fresh, batch_size=BATCH, ignore_conflicts=True)
    if any(one.mail == Mail.WAITING for one in fresh):
        jobs.configure_task("notices.mail", queue="notices").defer(key=key)
    return len(fresh)


def _mail(user: User) -> Mail:
    return Mail.WAITING if settings.NOTICES_BY_MAIL and user.email else Mail.NONE


@transaction.atomic
def tell_of_check(*, now: datetime) -> int:
    """This will tell everybody who reads the log, of whatever district, that the night's check of the chain found something wrong, or
    did not end; nothing when all is well. How many were told."""
    last = ChainCheck.objects.order_by("-pk").first()
    link = reverse("people:log")
    if last is None or now - last.at > SILENT:
        text = "审计记录昨夜的自动核对没有完成，请系统管理员查看后台任务。"
        return tell(users=readers_of_log(), text=text, key=f"audit.silent {now.date()}", link=link)
    if not last.wrong:
        return 0
    text = f"审计记录昨夜的自动核对发现 {last.wrong} 处不符，请打开操作记录查看。"
    return tell(users=readers_of_log(), text=text, key=f"audit.check {last.pk}", link=link)


@transaction.atomic
def read(*, notice: Notice) -> Notice:
    """This will note that a notice was read; the first time counts."""
    now = timezone.now()
    if Notice.objects.filter(pk=notice.pk, read_at__isnull=True).update(read_at=now):
        notice.read_at = now
    return notice


@transaction.atomic
def read_all(*, by: Any) -> int:
    """This will note that the account read all its notices. Returns how many were unread."""
    return Notice.objects.filter(user=by, read_at__isnull=True).update(read_at=timezone.now())


def send(*, key: str) -> int:
    """This will send the waiting e-mails of a happening, each noted as it goes, so that a second try repeats none.

    Raises what the mail server raises (the job then tries again later); an address that is refused is noted and left.
    """
    waiting = Notice.objects.filter(key=key, mail=Mail.WAITING).select_related("user").order_by("pk")
    done = 0
    with get_connection() as server:
        for notice in waiting.iterator(chunk_size=BATCH):
            try:
                EmailMessage(SUBJECT, _words(notice), None, [notice.user.email], connection=server).send()
            except SMTPRecipientsRefused:
                log.warning("the address of account %s was refused", notice.user_id)
                Notice.objects.filter(pk=notice.pk).update(mail=Mail.REFUSED)
            else:
                Notice.objects.filter(pk=notice.pk).update(mail=Mail.SENT)
                done += 1
    return done


def _words(notice: Notice) -> str:
    where = f"\n\n请登录查看：{settings.SITE_ADDRESS}{notice.link or '/notices/'}" if settings.SITE_ADDRESS else ""
    return f"{notice.text}{where}\n\n本邮件由系统发出，请勿回复。"
