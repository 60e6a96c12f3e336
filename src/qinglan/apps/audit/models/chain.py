"""The hash chain over every row that is only ever added, in any app (ADR 0011).

A trigger on each such table notes what every INSERT wrote (also bulk, raw and COPY) as digests of its rows in `ChainPending`,
within the same transaction and without any lock. The sealer takes those notes in order, hangs each on the hash of the one
before, and keeps them as `ChainLink`. So writers never wait for each other, gaps in ids and late commits do not matter, and
a row is under watch from its first moment, at the latest a minute later (tasks.seal) out of reach of a silent rewrite: the
newest hash is exported to a file outside data folder and backups.
"""

from __future__ import annotations

from collections.abc import Iterator

import pghistory.models
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Now

from qinglan.apps.base.models import Privacy, SealedTextField

from .log import protect

INTERNAL = Privacy.INTERNAL


class Noted(models.Model):
    """Rows of one table that one statement wrote, 1,000 at most: their keys and, in the same order, the SHA-256 of each.

    A digest is that of `ROW(<columns>)::text`; columns that came later do not count, nor do sealed texts with an index (they are
    checked by opening them, so that keys can rotate).
    """

    class Kind(models.TextChoices):
        ROWS = "rows", "写入"
        ADOPTED = "adopted", "接管（写入时还没有哈希链）"
        REWRITTEN = (
            "rewritten",
            "改写（有据可查）",
        )  # e.g. a person erased: replaces what was noted of these keys before

    privacy = {
        "at": INTERNAL, "table_name": INTERNAL, "kind": INTERNAL, "why": INTERNAL,
        "columns": INTERNAL, "keys": INTERNAL, "digests": INTERNAL,
    }  # fmt: skip
    written_by_database = True  # the application may read, never write (config.database)

    at = models.DateTimeField("时间")
    table_name = models.CharField("表", max_length=63)
    kind = models.CharField("种类", max_length=10, choices=Kind)
    why = models.CharField("理由", max_length=200)
    columns = ArrayField(models.CharField(max_length=63), verbose_name="列")
    keys = ArrayField(models.TextField(), verbose_name="主键")
    digests = ArrayField(models.BinaryField(), verbose_name="各行指纹")

    class Meta:
        abstract = True


class ChainPending(Noted):
    """A note that has no place in the chain yet."""

    privacy = {"id": INTERNAL}

    class Meta:
        verbose_name = verbose_name_plural = "待封存的指纹"

    def __str__(self) -> str:
        return f"{self.pk} {self.table_name}"


class ChainLink(Noted):
    """A note in its place. `hash` = SHA-256 of the hash before and everything that the note says (queries.chain.link_hash)."""

    append_only = True
    privacy = {"number": INTERNAL, "hash": INTERNAL}

    number = models.BigIntegerField("序号", primary_key=True)  # 1, 2, 3, ... without a gap
    hash = models.BinaryField("哈希")

    class Meta:
        verbose_name = verbose_name_plural = "哈希链"
        triggers = [protect()]
        indexes = [
            models.Index(fields=["table_name", "number"], name="audit_link_table"),
            GinIndex(fields=["keys"], name="audit_link_keys"),  # a page of the log asks for the links of its rows
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.table_name}"


class ChainCheck(models.Model):
    """One verification of everything by the site itself, at night: how far the chain went and what was found wrong."""

    append_only = True
    privacy = {
        "id": INTERNAL,
        "at": INTERNAL,
        "number": INTERNAL,
        "heads": INTERNAL,
        "wrong": INTERNAL,
        "said": INTERNAL,
    }
    SAID = 50  # sentences kept of one check; the command tells all

    at = models.DateTimeField("时间", db_default=Now())
    number = models.BigIntegerField("核对到第几节")
    heads = models.PositiveIntegerField("比对的链头")
    wrong = models.PositiveIntegerField("不符")
    said = models.JSONField("不符之处", default=list)  # sentences, the first SAID of them

    class Meta:
        verbose_name = verbose_name_plural = "哈希链的核对"
        triggers = [protect()]

    def __str__(self) -> str:
        return f"{self.number} {self.wrong}"


def chained_models() -> Iterator[type[models.Model]]:
    """Every model whose rows are only ever added: marked `append_only = True`, or a history of pghistory's."""
    for model in apps.get_models(include_auto_created=True):
        ours = model._meta.managed and not model._meta.proxy and model is not ChainLink
        if ours and (getattr(model, "append_only", False) or issubclass(model, pghistory.models.Event)):
            yield model


def sealed_columns(model: type[models.Model]) -> list[str]:
    """The columns of encrypted texts with an index beside them, which digests leave out: the index, which does not change when
    keys rotate, is in the digest, and verification compares the two. Other encrypted texts count as they stand."""
    found = [f for f in model._meta.concrete_fields if isinstance(f, SealedTextField) and f.index]
    return sorted(str(field.column) for field in found)


def columns_of(model: type[models.Model]) -> list[str]:
    """The columns that a digest covers, in its order."""
    left_out = set(sealed_columns(model))
    return sorted({str(field.column) for field in model._meta.concrete_fields} - left_out)
