"""What a page of the log can prove at once: that the rows on it are as they were written, and their links hang in the chain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction

from ..models import ChainCheck, ChainLink, ChainPending
from .chain import START, link_hash, set_plain_text
from .verifying import rows


@dataclass(frozen=True)
class Proof:
    """What was found of some rows of the log."""

    count: int  # rows looked at
    wrong: list[str]  # sentences; empty = all as written
    links: list[int]  # the links that hold them, in order
    waiting: bool  # some are noted but not sealed yet


def prove(model: type[models.Model], keys: Sequence[Any]) -> Proof:
    """Hold these rows of `model` against the chain. It reads only; whole tables are the nightly check's and the command's."""
    texts = [str(one) for one in keys]
    with transaction.atomic():
        set_plain_text()  # for this transaction alone
        wrong = list(rows(model, texts))
        about = {"table_name": model._meta.db_table, "keys__overlap": texts}
        links = list(ChainLink.objects.filter(**about).order_by("number"))
        before = dict(
            ChainLink.objects.filter(number__in=[link.number - 1 for link in links]).values_list("number", "hash")
        )
        waiting = ChainPending.objects.filter(**about).exists()
    for link in links:
        previous = START if link.number == 1 else bytes(before.get(link.number - 1, b""))
        if bytes(link.hash) != link_hash(previous, link):
            wrong.append(f"哈希链第 {link.number} 节被改动，或它前面的一节被改动、删除。")
    return Proof(len(texts), wrong, [link.number for link in links], waiting)


def last_check() -> ChainCheck | None:
    """The site's newest verification of everything; None before the first night."""
    return ChainCheck.objects.order_by("-id").first()
