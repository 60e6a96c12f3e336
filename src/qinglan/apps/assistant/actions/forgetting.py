"""Forget what was typed: talks and the texts of hand-overs after the set days. Counts stay."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from qinglan.apps.assistant.models import HandOver, Talk
from qinglan.apps.assistant.states import OPEN
from qinglan.apps.audit.actions import record

BATCH = 1_000


@transaction.atomic
def forget(*, now: datetime, by: Any = None) -> tuple[int, int]:
    """This will delete talks begun longer ago than `settings.ASSISTANT_DAYS`, and empty hand-overs that ended as long ago.

    A talk of which a hand-over still waits is kept until that has ended. (talks, hand-overs).
    """
    before = now - timedelta(days=settings.ASSISTANT_DAYS)
    waiting = HandOver.objects.filter(state__in=OPEN, talk__isnull=False).values("talk")
    with record("assistant.forget", by=by) as entry:
        talks = Talk.objects.filter(began_at__lt=before).exclude(pk__in=waiting)
        count = talks.count()
        talks.delete()
        emptied = HandOver.objects.filter(ended_at__lt=before, forgotten=False).update(
            text="", told=[], note="", answer="", asked_by=None, forgotten=True
        )
        entry.after = {"talks": count, "hand_overs": emptied}
    return count, emptied
