"""Which pack a district goes by, and the texts of packs that runs were computed by."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models.functions import Now

from qinglan.apps.audit.models import protect
from qinglan.apps.base.models import OrgCodeField, Privacy, Releasable, ScopedQuerySet, release_triggers

INTERNAL = Privacy.INTERNAL


@pghistory.track(pghistory.InsertEvent(), append_only=True)
class PackAdoption(models.Model):
    """A district goes by a pack from a day on. Only grows: a later adoption replaces an earlier one from its day."""

    append_only = True
    privacy = {
        "id": INTERNAL,
        "org_code": Privacy.PUBLIC,
        "pack": Privacy.PUBLIC,
        "title": Privacy.PUBLIC,
        "text": INTERNAL,
        "since": Privacy.PUBLIC,
        "by_id": INTERNAL,
        "recorded_at": INTERNAL,
    }

    org_code = OrgCodeField("区代码")
    pack = models.CharField("政策包", max_length=64)
    title = models.CharField("名称", max_length=120, blank=True)
    # as it was on that day, so that a later release of the system prices nothing anew; null: adopted before texts were kept
    text = models.ForeignKey("PackText", models.PROTECT, null=True, related_name="+", verbose_name="原文")
    since = models.DateField("自")
    by_id = models.BigIntegerField("操作账号", null=True)
    recorded_at = models.DateTimeField("记录时间", db_default=Now())

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "采用的政策包"
        ordering = ["org_code", "since", "id"]
        triggers = [protect()]
        indexes = [models.Index(fields=["org_code", "-since"], name="policy_adoption")]

    def __str__(self) -> str:
        return f"{self.org_code} {self.pack}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), append_only=True)
class PackRelease(Releasable):
    """A pack that a district wants to go by: uploaded or shipped, checked, seen for its effects, released by a second person."""

    privacy = {
        "id": INTERNAL,
        "org_code": Privacy.PUBLIC,
        "pack": Privacy.PUBLIC,
        "title": Privacy.PUBLIC,
        "version": Privacy.PUBLIC,
        "text": INTERNAL,
        "shipped": INTERNAL,
        "file_name": INTERNAL,
        "effects": INTERNAL,
    }

    org_code = OrgCodeField("区代码")
    pack = models.CharField("政策包", max_length=64)
    title = models.CharField("名称", max_length=120)
    version = models.CharField("版本", max_length=40)
    text = models.ForeignKey("PackText", models.PROTECT, related_name="+", verbose_name="原文")
    shipped = models.BooleanField("随系统提供")
    file_name = models.CharField("上传的文件", max_length=200, blank=True)
    effects = models.JSONField(
        "对本区的影响", null=True
    )  # as seen when it was submitted; null: no year to compare with

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "政策包发布"
        ordering = ["-pk"]
        triggers = release_triggers("effects")
        indexes = [models.Index(fields=["org_code", "-id"], name="policy_release_scope")]

    def __str__(self) -> str:
        return f"{self.org_code} {self.title} {self.version}"


class PackText(models.Model):
    """The files of a pack and of all that it inherits, as they were when a run was computed. Once a content."""

    append_only = True
    privacy = {
        "id": INTERNAL,
        "digest": INTERNAL,
        "name": Privacy.PUBLIC,
        "files": Privacy.PUBLIC,
        "recorded_at": INTERNAL,
    }

    digest = models.CharField("内容指纹", max_length=64, unique=True)
    name = models.CharField("政策包", max_length=60)
    files = models.JSONField("文件")  # {"pack/file.yaml": text}
    recorded_at = models.DateTimeField("记录时间", db_default=Now())

    class Meta:
        verbose_name = verbose_name_plural = "政策包原文"
        triggers = [protect()]

    def __str__(self) -> str:
        return f"{self.name} {self.digest[:8]}"
