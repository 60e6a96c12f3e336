"""Talks with the assistant, kept some days and without the asker; hand-overs to a person; counts, kept for good.

A talk is reached by its `key` alone, which only the asker's browser has. What was typed is masked before it is kept, and forgotten
after `settings.ASSISTANT_DAYS`.
"""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from qinglan.apps.assistant import states
from qinglan.apps.base.models import OrgCodeField, Privacy, ScopedQuerySet

P, INTERNAL = Privacy.PERSONAL, Privacy.INTERNAL


class Talk(models.Model):
    """One conversation. `org_code`: the place whose code was scanned or whose worker asks; "" where none is known."""

    privacy = {
        "id": INTERNAL,
        "key": INTERNAL,  # random; plain, since it opens no more than what stands in the rows beside it
        "org_code": INTERNAL,
        "channel": INTERNAL,
        "began_at": INTERNAL,
    }

    key = models.CharField("对话钥匙", max_length=43, unique=True, db_collation="C")
    org_code = OrgCodeField("地点", blank=True)
    channel = models.CharField("渠道", max_length=8, choices=states.Channel)
    began_at = models.DateTimeField("开始时间", db_default=Now())

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "对话"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["began_at"], name="assistant_talk_age")]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} {self.pk}"


class Question(models.Model):
    """One question of a talk and the reply that was shown (queries.replies.as_data), exactly as shown.

    `card_key`, `card_title`, `version`: the card that it rests on and its version ("" without). `vector`: as core.retrieval.vectors keeps
    it, for finding questions that mean the same; none where a rule decided, or when it was put aside (actions.learning).
    `settled`: the card version that was made of it.
    """

    privacy = {
        "id": INTERNAL,
        "talk": INTERNAL,
        "text": P,
        "outcome": INTERNAL,
        "card_key": INTERNAL,
        "card_title": INTERNAL,
        "version": INTERNAL,
        "reply": P,
        "thumb": INTERNAL,
        "vector": INTERNAL,
        "settled": INTERNAL,
        "at": INTERNAL,
    }

    talk = models.ForeignKey(Talk, models.CASCADE, related_name="questions", verbose_name="对话")
    text = models.CharField("问题", max_length=1000)
    outcome = models.CharField("结果", max_length=12, choices=states.Outcome)
    card_key = models.CharField("卡片编号", max_length=12, blank=True, db_collation="C")
    card_title = models.CharField("卡片", max_length=30, blank=True)
    version = models.CharField("版本", max_length=20, blank=True)
    reply = models.JSONField("答复")
    thumb = models.SmallIntegerField("评价", choices=states.Thumb, default=states.Thumb.NONE)
    vector = models.BinaryField("向量", max_length=4096, null=True)
    settled = models.ForeignKey(
        "CardVersion", models.SET_NULL, null=True, related_name="questions", verbose_name="已写进的卡片版本"
    )
    at = models.DateTimeField("时间", db_default=Now())

    class Meta:
        verbose_name = verbose_name_plural = "问题"
        ordering = ["pk"]
        indexes = [models.Index(fields=["at"], name="assistant_question_age")]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} {self.pk}"


class HandOver(models.Model):
    """A question that a person is to answer. `told`: the talk so far as [[question, reply text], …].

    `asked_by` is set only where a signed-in worker asks for an answer of her own. Everything said is forgotten `settings.ASSISTANT_DAYS`
    after the end; the row's times and state stay.
    """

    State = states.Handing

    privacy = {
        "id": INTERNAL,
        "talk": INTERNAL,
        "question": INTERNAL,
        "org_code": INTERNAL,
        "state": INTERNAL,
        "text": P,
        "told": P,
        "note": P,
        "asked_by": P,
        "asked_at": INTERNAL,
        "taken_by": INTERNAL,
        "taken_at": INTERNAL,
        "answer": P,
        "answered_by_id": INTERNAL,
        "answered_by_name": P,
        "ended_at": INTERNAL,
        "forgotten": INTERNAL,
    }

    talk = models.ForeignKey(Talk, models.SET_NULL, null=True, related_name="hand_overs", verbose_name="对话")
    question = models.ForeignKey(Question, models.SET_NULL, null=True, related_name="+", verbose_name="问题")
    org_code = OrgCodeField("地点")
    state = models.CharField("状态", max_length=8, choices=states.Handing, default=states.Handing.WAITING)
    text = models.CharField("问题", max_length=1000, blank=True)
    told = models.JSONField("此前的对话", default=list)
    note = models.CharField("补充", max_length=300, blank=True)
    asked_by = models.ForeignKey("people.User", models.SET_NULL, null=True, related_name="+", verbose_name="提问账号")
    asked_at = models.DateTimeField("转来时间", db_default=Now())
    taken_by = models.ForeignKey("people.User", models.SET_NULL, null=True, related_name="+", verbose_name="接手人")
    taken_at = models.DateTimeField("接手时间", null=True)
    answer = models.TextField("答复", max_length=1000, blank=True)
    answered_by_id = models.BigIntegerField("答复账号", null=True)
    answered_by_name = models.CharField("答复人", max_length=150, blank=True)
    ended_at = models.DateTimeField("办结时间", null=True)
    forgotten = models.BooleanField("内容已清除", default=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "转人工"
        ordering = ["-pk"]
        triggers = [
            pgtrigger.Protect(name="keep", operation=pgtrigger.Delete),
            pgtrigger.FSM(name="states", field="state", transitions=states.HANDING_TRANSITIONS),
        ]
        indexes = [models.Index(fields=["org_code", "state", "-id"], name="assistant_handing_scope")]
        constraints = [
            models.UniqueConstraint(fields=["question"], name="assistant_handed_once"),
            models.CheckConstraint(
                condition=~Q(state="answered") | Q(forgotten=True) | ~Q(answer=""),
                name="assistant_answer_says_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()} {self.pk}"


class Tally(models.Model):
    """How often a card was the outcome on a day: counts alone, nobody in them."""

    privacy = {
        "id": INTERNAL,
        "day": INTERNAL,
        "org_code": INTERNAL,
        "channel": INTERNAL,
        "outcome": INTERNAL,
        "card_key": INTERNAL,
        "asked": INTERNAL,
        "up": INTERNAL,
        "down": INTERNAL,
    }

    day = models.DateField("日期")
    org_code = OrgCodeField("地点", blank=True)
    channel = models.CharField("渠道", max_length=8, choices=states.Channel)
    outcome = models.CharField("结果", max_length=12, choices=states.Outcome)
    card_key = models.CharField("卡片编号", max_length=12, blank=True, db_collation="C")
    asked = models.PositiveIntegerField("次数", default=0)
    up = models.PositiveIntegerField("有帮助", default=0)
    down = models.PositiveIntegerField("没有帮助", default=0)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "提问计数"
        ordering = ["day", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["org_code", "day", "channel", "outcome", "card_key"], name="assistant_tally_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.card_key} {self.asked}"
