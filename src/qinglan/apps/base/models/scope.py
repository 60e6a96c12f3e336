"""Scope by organisation code: the code is the path, so a subtree is one range of it (design §3.9).

Codes compare by bytes (collation "C"), digits before letters, so `code >= p AND code < next(p)` is the whole subtree of
`p`, bodies with letters in their codes included (docs/adr/0004-organisation-codes.md).
"""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Q


def next_code(prefix: str) -> str:
    """The first code after the subtree of `prefix`: its last character raised by one ("4201" -> "4202", "19" -> "1:")."""
    if not prefix or not prefix.isascii():
        raise ValueError(f"not an organisation code: {prefix!r}")
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)


def code_range(prefix: str, field: str = "org_code") -> Q:
    """The condition "stands in the subtree of `prefix`" on `field`."""
    return Q(**{f"{field}__gte": prefix, f"{field}__lt": next_code(prefix)})


def is_within(code: str, prefix: str) -> bool:
    """Whether `code` stands in the subtree of `prefix`: the same question as `code_range`, asked of one row in hand."""
    return bool(prefix) and prefix <= code < next_code(prefix)


class ScopedQuerySet(models.QuerySet):
    """Rows that carry an organisation's code in `scope_field` (a model may name another)."""

    def _scope_field(self) -> str:
        return getattr(self.model, "scope_field", "org_code")

    def within(self, prefix: str) -> Self:
        """Only rows of the subtree of `prefix`; one index range scan."""
        return self.filter(code_range(prefix, self._scope_field()))

    def within_any(self, prefixes: list[str]) -> Self:
        """Only rows of one of the subtrees; no prefix, no rows."""
        if not prefixes:
            return self.none()
        condition = Q()
        for prefix in prefixes:
            condition |= code_range(prefix, self._scope_field())
        return self.filter(condition)


class OrgCodeField(models.CharField):
    """An organisation's code, compared by bytes."""

    description = "organisation code"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 24)
        kwargs.setdefault("db_collation", "C")
        super().__init__(*args, **kwargs)
