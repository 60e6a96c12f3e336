"""An account reads its own notices and nobody else's."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from qinglan.apps.notices.models import Notice


def notices_for(user: Any) -> QuerySet[Notice]:
    return Notice.objects.filter(user=user)


def get_notice_for(user: Any, notice_id: int) -> Notice:
    """One notice of the account, or 404."""
    return get_object_or_404(notices_for(user), pk=notice_id)
