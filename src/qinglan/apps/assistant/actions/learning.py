"""What residents asked is learnt from or left: a group that is not for the community is grouped no more.

That a draft was made of a question is noted by actions.cards.draft (`Question.settled`).
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from qinglan.apps.assistant import permissions
from qinglan.apps.assistant.models import Question
from qinglan.apps.audit.actions import record


@transaction.atomic
def leave(*, district: str, numbers: list[int], by: Any) -> int:
    """This will take questions of the district out of what is to be learnt, for good; how many.

    Their vector is thrown away: without it a question has no meaning that could be compared. It goes with its talk after the set days.
    """
    if district not in permissions.districts_to_keep(by):
        raise PermissionDenied("整理居民提问由维护知识卡的区级管理员办理。")
    rows = permissions.questions_for(by).filter(
        pk__in=numbers, talk__org_code__startswith=district, settled=None, vector__isnull=False
    )
    with record("assistant.learn.leave", by=by, org_code=district) as entry:
        count = Question.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).update(vector=None)
        entry.after = {"questions": count}
    return count
