"""What an account is told: one row an account and happening, read once, perhaps sent by e-mail too."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from qinglan.apps.base.models import Privacy
from qinglan.apps.people.models import User

MOST_TEXT, MOST_LINK, MOST_KEY = 300, 300, 120


class Mail(models.TextChoices):
    """Whether the notice goes by e-mail as well."""

    NONE = "", "不发邮件"
    WAITING = "waiting", "等待发送"
    SENT = "sent", "已发送"
    REFUSED = "refused", "对方邮箱拒收"


class Notice(models.Model):
    """A sentence for one account and the page that it leads to. `key` names the happening: nobody is told of it twice.

    What was said never changes; that it was read is written once. Neither holds figures of a person: a notice says that there is
    something to read, the page behind it asks again who may read it.
    """

    privacy = {
        "id": Privacy.INTERNAL,
        "user": Privacy.INTERNAL,
        "key": Privacy.INTERNAL,
        "text": Privacy.PERSONAL,
        "link": Privacy.INTERNAL,
        "created_at": Privacy.INTERNAL,
        "read_at": Privacy.INTERNAL,
        "mail": Privacy.INTERNAL,
    }

    user = models.ForeignKey(User, models.PROTECT, related_name="notices", verbose_name="账号")
    key = models.CharField("事由", max_length=MOST_KEY, db_collation="C")
    text = models.CharField("内容", max_length=MOST_TEXT)
    link = models.CharField("去哪里看", max_length=MOST_LINK, blank=True)
    created_at = models.DateTimeField("时间", db_default=Now())
    read_at = models.DateTimeField("已读时间", null=True)
    mail = models.CharField("邮件", max_length=8, choices=Mail, default=Mail.NONE, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "消息"
        ordering = ["-pk"]
        triggers = [
            pgtrigger.Protect(name="keep", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="said", exclude=["read_at", "mail"]),
            pgtrigger.Protect(
                name="read_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__read_at__isnull=False, old__read_at__df=pgtrigger.F("new__read_at")),
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="notices_newest"),
            models.Index(fields=["user"], condition=Q(read_at__isnull=True), name="notices_unread"),
            models.Index(fields=["key"], condition=Q(mail="waiting"), name="notices_to_mail"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="notices_told_once"),
            # a page of this site and no other
            models.CheckConstraint(
                condition=Q(link="") | Q(link__regex=r"^/([^/\\]|$)"), name="notices_link_is_a_page_of_ours"
            ),
        ]

    def __str__(self) -> str:
        return self.text
