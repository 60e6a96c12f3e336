"""Who is told of a card on its way: those who may release it, and its maker what became of it."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone

from qinglan.apps.assistant.models import CardVersion
from qinglan.apps.base.models import ReleaseState
from qinglan.apps.notices import actions as notices
from qinglan.apps.notices.queries import holders
from qinglan.apps.people.models import User
from qinglan.apps.people.permissions import RELEASE_CARDS


def tell_of_card(*, row: CardVersion) -> int:
    """This will tell them once a move. Returns how many."""
    what = f"知识卡「{row.title}」第 {row.pk} 版"
    texts = {
        ReleaseState.SUBMITTED: f"{what}已由{row.submitted_by_name}提交，请看过不同之处后发布。",
        ReleaseState.RELEASED: f"{what}已由{row.released_by_name}发布，自 {row.since} 起照它回答。",
        ReleaseState.DRAFT: f"{what}被退回，请看原因，改正后再提交。",
    }
    if row.state not in texts:
        return 0
    makers = [one for one in (row.made_by_id, row.submitted_by_id) if one is not None]
    if row.state == ReleaseState.SUBMITTED:
        users = holders(RELEASE_CARDS, row.org_code, timezone.localdate()).exclude(pk__in=makers)
    else:
        users = User.objects.filter(pk__in=makers)
    key = f"assistant.card {row.pk} {row.state} {row.submitted_at}"
    link = reverse("assistant:card-version", args=[row.pk])
    return notices.tell(users=users, text=texts[ReleaseState(row.state)], key=key, link=link)
