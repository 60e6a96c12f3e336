"""Whose pay a user may read, and the getters that are the only way to it."""

from __future__ import annotations

from typing import Any

import rules
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404

from qinglan.apps.pay.models import PayMonth, PayMonthQuerySet, PaySlip
from qinglan.apps.people.permissions import CLOSE_PAY, COMPUTE_PAY, VIEW_PAY, can, check, codes_for, scope_condition
from qinglan.apps.people.queries.handed import refuse_handed

DISTRICT_DIGITS = 6


def slips_for(user: Any) -> QuerySet[PaySlip]:
    """Slips of the people in scope (where they stood), and her own once the month is closed."""
    mine = _own(user) & Q(month__state=PayMonth.State.CLOSED)
    return PaySlip.objects.filter(scope_condition(user, VIEW_PAY) | mine)


def _own(user: Any) -> Q:
    """Hers, those of a duplicate record that was merged into hers included."""
    own = getattr(user, "person_id", None)
    return Q(person_id=own) | Q(person__merged_into_id=own) if own else Q(pk__in=[])


def get_slip_for(user: Any, slip_id: int) -> PaySlip:
    """One slip with its month and person, or 404."""
    return get_object_or_404(slips_for(user).select_related("month", "person"), pk=slip_id)


def own_slips(user: Any) -> QuerySet[PaySlip]:
    """Her own slips of closed months, newest first."""
    slips = PaySlip.objects.filter(_own(user), month__state=PayMonth.State.CLOSED)
    return slips.order_by("-month__year", "-month__month")


def months_for(user: Any) -> PayMonthQuerySet:
    """Months of the districts in which the user may see any pay."""
    districts = {code[:DISTRICT_DIGITS] for code in codes_for(user, VIEW_PAY)}
    return PayMonth.objects.filter(org_code__in=districts)


def get_month_for(user: Any, month_id: int) -> PayMonth:
    return get_object_or_404(months_for(user), pk=month_id)


def districts_to_pay(user: Any) -> list[str]:
    """The districts whose months the user may compute."""
    return [code for code in codes_for(user, COMPUTE_PAY) if len(code) == DISTRICT_DIGITS]


def sees_whole_district(user: Any, district: str) -> bool:
    return can(user, VIEW_PAY, district)


def check_may_close(user: Any, month: PayMonth) -> None:
    """Raise PermissionDenied unless the user closes months here, did not compute this one (nor had a
    password in common with who did), and is not paid by it."""
    check(user, CLOSE_PAY, month.org_code)
    if user is not None and month.by_id == user.pk:
        raise PermissionDenied("这个月的工资是您计算的，须由另一人核对后关账。")
    refuse_handed(user, [month.by_id], who="计算的人", otherwise="须由另一人核对后关账。")
    if user is not None and user.person_id and PaySlip.objects.filter(_own(user), month=month).exists():
        raise PermissionDenied("这个月里有您本人的工资，须由其他人关账。")


def may_close_some(user: Any, month: PayMonth) -> bool:
    """Whether closing months of this district is among the user's duties at all."""
    return can(user, CLOSE_PAY, month.org_code)


@rules.predicate
def can_see_pay(user: Any) -> bool:
    """Has pay to look after: what the navigation asks."""
    return bool(codes_for(user, VIEW_PAY))


rules.set_perm("pay.see", can_see_pay)
