"""Who is told of a hand-over. The words hold nothing of the question: that stands behind the link."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from qinglan.apps.assistant.models import HandOver
from qinglan.apps.assistant.queries.desk import LATE, nearest
from qinglan.apps.assistant.states import Handing
from qinglan.apps.notices import actions as notices
from qinglan.apps.people.models import User
from qinglan.apps.people.queries.organisations import names


def tell_of_new(*, hand_over: HandOver) -> int:
    """This will tell those who answer in the place, or where nobody there has an account those of the next place above. How many."""
    today = timezone.localdate()
    place = names([hand_over.org_code], today).get(hand_over.org_code, "")
    who = "工作人员" if hand_over.asked_by_id else "居民"
    return notices.tell(
        users=[user for user in nearest(hand_over.org_code, today) if user.pk != hand_over.asked_by_id],
        text=f"{place}有一条{who}提问等人答复（编号 {hand_over.pk}），请接手。",
        key=f"assistant.hand_over {hand_over.pk}",
        link=reverse("assistant:hand-over", args=[hand_over.pk]),
    )


def tell_of_end(*, hand_over: HandOver) -> int:
    """This will tell the signed-in worker who asked; a resident finds the answer in her talk."""
    if hand_over.asked_by_id is None:
        return 0
    return notices.tell(
        users=User.objects.filter(pk=hand_over.asked_by_id),
        text=f"您转人工的提问（编号 {hand_over.pk}）{hand_over.get_state_display()}，请查看。",
        key=f"assistant.ended {hand_over.pk}",
        link=f"{reverse('assistant:panel')}#asked-{hand_over.pk}",
    )


@transaction.atomic
def remind(*, now: datetime) -> int:
    """This will tell those who answer how many in their place nobody has taken for more than a day; once a day. How many were told."""
    today = timezone.localdate(now)
    waiting = HandOver.objects.filter(state=Handing.WAITING, asked_at__lt=now - LATE).values_list("org_code", flat=True)
    late = Counter(waiting.order_by())
    known = names(late, today)
    return sum(
        notices.tell(
            users=nearest(code, today),
            text=f"{known.get(code, '')}有 {count} 条提问等了一天以上还没有人接手，请接手答复。",
            key=f"assistant.late {today} {code}",
            link=f"{reverse('assistant:desk')}?state=waiting",
        )
        for code, count in sorted(late.items())
    )
