"""Addresses of other systems that are told of events, and the log of what each was told."""

from __future__ import annotations

import uuid

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from qinglan.apps.base.models import OrgCodeField, Privacy, ScopedQuerySet, SealedTextField


class Event(models.TextChoices):
    """What other systems can be told of. No event carries a name, an ID number or a figure: who wants them asks the API."""

    RUN_PUBLISHED = "run.published", "年度结果公布"
    RUN_AMENDED = "run.amended", "年度结果被更正"
    PACK_ADOPTED = "pack.adopted", "政策包选用"
    IMPORT_FINISHED = "import.finished", "导入完成"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), append_only=True, exclude=["secret"])
class Webhook(models.Model):
    """One address, told of some kinds of event that happen within `org_code`; `secret` signs what it is sent."""

    privacy = {
        "id": Privacy.INTERNAL,
        "org_code": Privacy.INTERNAL,
        "name": Privacy.INTERNAL,
        "url": Privacy.INTERNAL,
        "wanted": Privacy.INTERNAL,
        "secret": Privacy.SENSITIVE,
        "by_id": Privacy.INTERNAL,
        "created_at": Privacy.INTERNAL,
        "stopped_at": Privacy.INTERNAL,
    }

    org_code = OrgCodeField("范围")
    name = models.CharField("用途", max_length=60)
    url = models.CharField("地址", max_length=300)
    wanted = ArrayField(models.CharField(max_length=30), verbose_name="事件")
    secret = SealedTextField("签名密钥", purpose="exchange.webhook")
    by_id = models.BigIntegerField("建立人编号")
    created_at = models.DateTimeField("建立时间", db_default=Now())
    stopped_at = models.DateTimeField("停用时间", null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "事件通知地址"
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["org_code"], name="exchange_webhook_scope")]
        constraints = [
            models.CheckConstraint(condition=Q(org_code__regex=r"^[0-9]{6}"), name="exchange_webhook_in_district"),
            models.CheckConstraint(condition=~Q(name="") & ~Q(url=""), name="exchange_webhook_named"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.url}"

    def words(self) -> list[str]:
        known = dict(Event.choices)
        return [str(known.get(one, one)) for one in self.wanted]


class Delivery(models.Model):
    """One event to be told to one address, until it was taken or given up."""

    class State(models.TextChoices):
        WAITING = "waiting", "待送达"
        DELIVERED = "delivered", "已送达"
        GIVEN_UP = "given_up", "未送达，已停止重试"

    privacy = {
        "id": Privacy.INTERNAL,
        "uid": Privacy.INTERNAL,
        "webhook": Privacy.INTERNAL,
        "org_code": Privacy.INTERNAL,
        "event": Privacy.INTERNAL,
        "payload": Privacy.INTERNAL,
        "state": Privacy.INTERNAL,
        "attempts": Privacy.INTERNAL,
        "answer": Privacy.INTERNAL,
        "problem": Privacy.INTERNAL,
        "created_at": Privacy.INTERNAL,
        "tried_at": Privacy.INTERNAL,
    }

    uid = models.UUIDField("事件编号", default=uuid.uuid4, unique=True)
    webhook = models.ForeignKey(Webhook, models.PROTECT, related_name="deliveries", verbose_name="地址")
    org_code = OrgCodeField("机构代码")
    event = models.CharField("事件", max_length=30)
    payload = models.JSONField("内容")
    state = models.CharField("状态", max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    answer = models.PositiveSmallIntegerField("对方答复", null=True)
    problem = models.CharField("问题", max_length=200, blank=True)
    created_at = models.DateTimeField("时间", db_default=Now())
    tried_at = models.DateTimeField("最近一次", null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "事件送达记录"
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["org_code", "-created_at"], name="exchange_delivery_scope")]

    def __str__(self) -> str:
        return f"{self.event} {self.get_state_display()}"

    def event_word(self) -> str:
        return str(dict(Event.choices).get(self.event, self.event))
