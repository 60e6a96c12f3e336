"""One file that was brought in: who, when, what it was, and how each of its rows ended; and a district's own header words."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from qinglan.apps.base.models import OrgCodeField, Privacy, ScopedQuerySet


class ImportBatch(models.Model):
    """A file read: first a dry run (`tried`), then perhaps `applied` in one transaction. `unclear`: a sheet's columns must be
    told first. `failed`: refused whole, its content not kept.

    The file itself is kept sealed (it holds ID numbers), so that the marked workbook can be made again, until it is given up or,
    once applied, its content dropped; the report keeps row numbers, outcomes and reasons without ID numbers.
    """

    class State(models.TextChoices):
        READING = "reading", "正在核对"
        TRIED = "tried", "已核对，待确认"
        UNCLEAR = "unclear", "列待对应"
        APPLIED = "applied", "已导入"
        FAILED = "failed", "未能读取"
        GIVEN_UP = "given_up", "已放弃"

    privacy = {
        "id": Privacy.INTERNAL,
        "org_code": Privacy.INTERNAL,
        "kind": Privacy.INTERNAL,
        "filename": Privacy.INTERNAL,
        "sha256": Privacy.INTERNAL,
        "content": Privacy.SENSITIVE,
        "mapping": Privacy.INTERNAL,
        "state": Privacy.INTERNAL,
        "by_id": Privacy.INTERNAL,
        "by_name": Privacy.PERSONAL,
        "created_at": Privacy.INTERNAL,
        "applied_at": Privacy.INTERNAL,
        "read": Privacy.INTERNAL,
        "accepted": Privacy.INTERNAL,
        "unchanged": Privacy.INTERNAL,
        "refused": Privacy.INTERNAL,
        "skipped": Privacy.INTERNAL,
        "report": Privacy.PERSONAL,
        "message": Privacy.INTERNAL,
    }

    org_code = OrgCodeField("区代码")
    kind = models.CharField("种类", max_length=20)
    filename = models.CharField("文件名", max_length=200)
    sha256 = models.CharField("文件指纹", max_length=64)
    content = models.BinaryField("文件（加密）", null=True)
    mapping = models.JSONField("手工对应的列", default=list)
    state = models.CharField("状态", max_length=10, choices=State, default=State.READING)
    by_id = models.BigIntegerField("操作账号", null=True)
    by_name = models.CharField("操作人", max_length=150, blank=True)
    created_at = models.DateTimeField("时间", db_default=Now())
    applied_at = models.DateTimeField("导入时间", null=True)
    read = models.PositiveIntegerField("读到行数", default=0)
    accepted = models.PositiveIntegerField("接受", default=0)
    unchanged = models.PositiveIntegerField("未变", default=0)
    refused = models.PositiveIntegerField("退回", default=0)
    skipped = models.PositiveIntegerField("略过", default=0)
    report = models.JSONField("逐行结果", default=dict)
    message = models.TextField("说明", blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "导入批次"
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["org_code", "-created_at"], name="facts_batch_scope")]
        constraints = [
            models.CheckConstraint(
                condition=Q(read=F("accepted") + F("unchanged") + F("refused") + F("skipped")),
                name="facts_batch_adds_up",
                violation_error_message="读到的行数必须等于接受、未变、退回、略过之和。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.filename} {self.get_state_display()}"


class HeaderWord(models.Model):
    """A word that offices of a district write above a column, and the field that it means, for one kind of file."""

    privacy = {
        "id": Privacy.INTERNAL,
        "org_code": Privacy.INTERNAL,
        "kind": Privacy.INTERNAL,
        "field": Privacy.INTERNAL,
        "word": Privacy.INTERNAL,
        "by_name": Privacy.PERSONAL,
        "created_at": Privacy.INTERNAL,
    }

    org_code = OrgCodeField("区代码")
    kind = models.CharField("种类", max_length=20)
    field = models.CharField("字段", max_length=40)
    word = models.CharField("表头词", max_length=40)
    by_name = models.CharField("添加人", max_length=150, blank=True)
    created_at = models.DateTimeField("添加时间", db_default=Now())

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "表头词"
        ordering = ["kind", "field", "word"]
        constraints = [
            models.UniqueConstraint(
                fields=["org_code", "kind", "word"],
                name="facts_word_once",
                violation_error_message="这个表头词已经有了对应，请先删去原来的。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.word} → {self.field}"
