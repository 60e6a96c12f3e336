"""Answers kept by the key that the asker made: the same question under the same key is answered as before, for ever."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from qinglan.apps.audit.models import protect
from qinglan.apps.base.models import Privacy, SealedTextField


class StoredAnswer(models.Model):
    """One submission that counted: whose key, what was asked (as a hash), what was answered. Written with its effect."""

    append_only = True
    privacy = {
        "id": Privacy.INTERNAL,
        "by_id": Privacy.INTERNAL,
        "token_id": Privacy.INTERNAL,
        "key": Privacy.INTERNAL,
        "operation": Privacy.INTERNAL,
        "body_hash": Privacy.INTERNAL,
        "status": Privacy.INTERNAL,
        "body": Privacy.INTERNAL,
        "at": Privacy.INTERNAL,
    }

    by_id = models.BigIntegerField("账号")
    token_id = models.BigIntegerField("令牌")
    key = models.CharField("幂等键", max_length=80, db_collation="C")
    operation = models.CharField("操作", max_length=300)  # method and address
    body_hash = models.CharField("内容指纹", max_length=64, db_collation="C")
    status = models.PositiveSmallIntegerField("答复")
    body = models.TextField("答复内容")  # ids, counts and states only: an operation that answers a write names nobody
    at = models.DateTimeField("时间", db_default=Now())

    class Meta:
        verbose_name = verbose_name_plural = "已答复的提交"
        triggers = [protect()]
        constraints = [models.UniqueConstraint(fields=["by_id", "key"], name="exchange_key_once")]

    def __str__(self) -> str:
        return f"{self.by_id} {self.key}"


class KeyConflict(models.Model):
    """A key that came again with something else: refused, and what came is kept (sealed) for a person to look at."""

    append_only = True
    privacy = {
        "id": Privacy.INTERNAL,
        "answer": Privacy.INTERNAL,
        "token_id": Privacy.INTERNAL,
        "operation": Privacy.INTERNAL,
        "body_hash": Privacy.INTERNAL,
        "body": Privacy.SENSITIVE,
        "at": Privacy.INTERNAL,
    }

    answer = models.ForeignKey(StoredAnswer, models.PROTECT, related_name="conflicts", verbose_name="先前的提交")
    token_id = models.BigIntegerField("令牌")
    operation = models.CharField("操作", max_length=300)
    body_hash = models.CharField("内容指纹", max_length=64, db_collation="C")
    body = SealedTextField("内容（加密）", purpose="exchange.conflict", null=True)
    at = models.DateTimeField("时间", db_default=Now())

    class Meta:
        verbose_name = verbose_name_plural = "键相同而内容不同的提交"
        ordering = ["-id"]
        triggers = [protect()]
        constraints = [  # the same wrong thing sent a thousand times is kept once
            models.UniqueConstraint(fields=["answer", "body_hash"], name="exchange_conflict_once")
        ]

    def __str__(self) -> str:
        return f"{self.answer_id} {self.operation}"
