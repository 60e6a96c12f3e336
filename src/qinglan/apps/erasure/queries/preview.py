"""What an erasure would empty and what stays, table by table, in the words of the page."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.db import models

from qinglan.apps.erasure.queries.fates import OF_OTHERS, REMOVED, emptied, followed, is_ours, kept
from qinglan.apps.erasure.queries.hers import Whole, is_history
from qinglan.apps.people.models import Person

_UNIT = re.compile(r"（(百分之一|分|加密)）$")  # how a number is stored is nothing to readers


def table_words(model: type[models.Model]) -> str:
    """A table's name on pages; that of a history by what it follows."""
    followed_name = str(followed(model)._meta.verbose_name)
    return f"{followed_name}（历史）" if is_history(model) else followed_name


@dataclass(frozen=True)
class Part:
    """One table: its name, how many rows of hers, the fields that are emptied, those that stay; `whole`: the rows go entirely."""

    name: str
    rows: int
    emptied: str
    kept: str
    whole: bool = False


def _words(model: type[models.Model], names: list[str]) -> str:
    labels = [_UNIT.sub("", str(one.verbose_name)) for one in model._meta.concrete_fields if one.attname in names]
    return "、".join(dict.fromkeys(label for label in labels if "索引" not in label))


def parts(of: Whole) -> list[Part]:
    """Every table with personal fields in rows of hers; her own record first. Histories go with the table that they follow."""
    found = []
    for model, keys in sorted(of.rows.items(), key=lambda one: (one[0] is not Person, one[0]._meta.label)):
        name = str(model._meta.verbose_name)
        if model._meta.label in REMOVED:
            found.append(Part(name, len(keys), "", "", whole=True))
        elif is_ours(model) and not is_history(model):
            gone = _words(model, list(emptied(model)))
            stay = _words(model, [one.name for one, reason in kept(model) if reason != OF_OTHERS])
            if gone or stay:
                found.append(Part(name, len(keys), gone, stay))
    return found
