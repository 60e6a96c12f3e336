"""A district's own versions of cards, released by a second person; what it fills in where the answer varies by city."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models.functions import Now

from qinglan.apps.audit.models import protect
from qinglan.apps.base.models import OrgCodeField, Privacy, Releasable, ScopedQuerySet, release_triggers

INTERNAL, PUBLIC = Privacy.INTERNAL, Privacy.PUBLIC


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), append_only=True)
class CardVersion(Releasable):
    """One version of a card for a district: from `since` on it stands in the place of the shipped card of the same key, or is a new one.

    `content`: the card as core.retrieval.cards.Card dumps it. `retired`: from that day the card is answered no more. Never changed: a
    mended draft is a new row, and the draft before it is withdrawn. Where it came from: `hand_over`, the answered hand-over, and
    `questions`, those that residents asked and that it is to answer.
    """

    privacy = {
        "id": INTERNAL,
        "org_code": PUBLIC,
        "key": PUBLIC,
        "title": PUBLIC,
        "content": PUBLIC,
        "digest": PUBLIC,
        "retired": PUBLIC,
        "hand_over": INTERNAL,
    }

    org_code = OrgCodeField("区代码")
    key = models.CharField("卡片编号", max_length=12, db_collation="C")
    title = models.CharField("标题", max_length=30)
    content = models.JSONField("内容")
    digest = models.CharField("内容指纹", max_length=64)
    retired = models.BooleanField("停用", default=False)
    hand_over = models.ForeignKey(
        "HandOver", models.SET_NULL, null=True, related_name="drafts", verbose_name="由哪次人工答复而来"
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "知识卡版本"
        ordering = ["-pk"]
        triggers = release_triggers("hand_over")
        indexes = [
            models.Index(fields=["org_code", "state", "key", "-since"], name="assistant_card_in_force"),
        ]

    def __str__(self) -> str:
        return f"{self.title}（第 {self.pk} 版）"


class CityValue(models.Model):
    """What a district says of a field that varies by city, from a day on, and where that is written. Only grows; the newest counts.

    An empty `text` takes the value back: the answer then says who knows.
    """

    append_only = True
    privacy = {
        "id": INTERNAL,
        "org_code": PUBLIC,
        "field": PUBLIC,
        "text": PUBLIC,
        "since": PUBLIC,
        "source": PUBLIC,
        "by_id": INTERNAL,
        "by_name": Privacy.PERSONAL,
        "at": INTERNAL,
    }

    org_code = OrgCodeField("区代码")
    field = models.CharField("字段", max_length=40, db_collation="C")
    text = models.CharField("本区的值", max_length=60, blank=True)
    since = models.DateField("自哪天起")
    source = models.CharField("依据", max_length=120, blank=True)
    by_id = models.BigIntegerField("填写账号")
    by_name = models.CharField("填写人", max_length=150)
    at = models.DateTimeField("填写时间", db_default=Now())

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "因地而异的值"
        ordering = ["org_code", "field", "-since", "-pk"]
        triggers = [protect()]
        indexes = [models.Index(fields=["org_code", "field", "-since", "-id"], name="assistant_city_value")]

    def __str__(self) -> str:
        return f"{self.field}：{self.text}"


class CardVector(models.Model):
    """The stored vector of a text of a released card (core.retrieval.vectors), so that no web process has to make it anew."""

    privacy = {"id": INTERNAL, "encoder": INTERNAL, "mark": INTERNAL, "vector": INTERNAL}

    encoder = models.CharField("编码器", max_length=60)
    mark = models.BinaryField("文字指纹", max_length=16)
    vector = models.BinaryField("向量", max_length=4096)

    class Meta:
        verbose_name = verbose_name_plural = "卡片文字的向量"
        constraints = [models.UniqueConstraint(fields=["encoder", "mark"], name="assistant_vector_once")]

    def __str__(self) -> str:
        return f"{self.encoder} {bytes(self.mark).hex()[:8]}"
