"""Compute a month's pay, and close it. A closed month never changes; what changes later is paid as arrears (ADR 0010)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from qinglan.apps.audit.actions import record
from qinglan.apps.base.actions import copy_text
from qinglan.apps.notices import actions as notices
from qinglan.apps.notices.queries import holders
from qinglan.apps.pay import queries
from qinglan.apps.pay.models import PayClosing, PayMonth, PayMonthInput, PaySlip
from qinglan.apps.pay.permissions import check_may_close
from qinglan.apps.pay.states import State
from qinglan.apps.people.models import User
from qinglan.apps.people.permissions import CLOSE_PAY, COMPUTE_PAY, check
from qinglan.apps.policy.actions.years import text_of
from qinglan.apps.policy.queries import paying

TOO_LONG = 500
COLUMNS = ("month_id", "person_id", "org_code", "frame", "steps", "segments", "late", *paying.SUMMARY)


@transaction.atomic
def compute(*, district: str, year: int, month: int, by: Any) -> PayMonth:
    """This will compute a month's pay from today's facts and what the closed months paid; an open computation of it is replaced.

    Raises ValidationError with a sentence for people: no pack, the month before still open, the month closed already.
    """
    check(by, COMPUTE_PAY, district)
    _one_at_a_time(district)
    today = timezone.localdate()
    if (year, month) > (today.year, today.month):
        raise ValidationError(f"{year} 年 {month} 月还没有到，不能计算；最晚可以算到本月。")
    last = queries.last_closed(district)
    paid, ledger = (queries.paid_by(last), bytes(last.input.ledger)) if last else (None, None)
    try:
        inputs = paying.inputs_for(district, year, month, paid, ledger, queries.closings(district))
        worked = paying.work_out(inputs)
    except paying.CANNOT as error:
        raise ValidationError(str(error)) from None
    with record("pay.compute", by=by, org_code=district) as entry:
        standing = PayMonth.objects.filter(org_code=district, state=State.OPEN)
        standing.update(state=State.REPLACED)
        pack = inputs.pack
        made = PayMonth.objects.create(
            org_code=district, year=year, month=month, pack=pack.name, pack_title=pack.title, pack_version=pack.version,
            pack_text=text_of(district, paying.last_day(year, month)), rule_versions=inputs.versions, people=len(worked.people),
            by_id=getattr(by, "pk", None), by_name=_name(by), **paying.columns_of(worked),
        )  # fmt: skip
        PayMonthInput.objects.create(
            month=made,
            tables=paying.frozen_records(district, inputs),
            ledger=paying.frozen_ledger(inputs),
            tables_hash=paying.tables_hash(inputs),
        )
        copy_text(PaySlip, COLUMNS, _rows(made, paying.slips_of(worked)))
        closers = holders(CLOSE_PAY, district, timezone.localdate()).exclude(pk=made.by_id or 0)
        text = f"{year} 年 {month} 月工资已由{made.by_name}算好，请核对后关账。"
        notices.tell(users=closers, text=text, key=f"pay.computed {made.pk}", link=reverse("pay:month", args=[made.pk]))
        entry.target = made
        entry.after = {"year": year, "month": month, "people": made.people, "results": made.results_hash}
    return made


@transaction.atomic
def close(*, month: PayMonth, by: Any, note: str = "") -> PayMonth:
    """This will close a month: its slips stand for ever and workers read them. Whoever closed it before gets the same answer.

    Raises PermissionDenied for who computed it or is paid by it, ValidationError when it is not open or no longer computes the same.
    """
    note = note.strip()
    if len(note) > TOO_LONG:
        raise ValidationError(f"说明太长，请不超过 {TOO_LONG} 字。")
    _one_at_a_time(month.org_code)
    month = PayMonth.objects.select_for_update().get(pk=month.pk)
    check_may_close(by, month)
    if month.state != State.OPEN:
        closing = getattr(month, "closing", None)
        if closing is not None and closing.by_id == getattr(by, "pk", None):
            return month
        raise ValidationError(
            f"{month.year} 年 {month.month} 月的这份工资现在是「{month.get_state_display()}」，不能关账；请刷新页面。"
        )
    if not month.people:
        raise ValidationError("这个月没有一个人的工资，不能关账；请先导入花名册后重新计算。")
    found = queries.verify(month)
    if found:
        raise ValidationError(f"重新计算与保存的不一致，不能关账：{found[0]}")
    with record("pay.close", by=by, target=month, org_code=month.org_code, before={"state": month.state}) as entry:
        PayClosing.objects.create(month=month, note=note, by_id=getattr(by, "pk", None), by_name=_name(by))
        month.state = State.CLOSED
        month.save(update_fields=["state"])
        text = f"您 {month.year} 年 {month.month} 月的工资条可以看了，每一步都有依据；认为不对的，可以提出异议。"
        notices.tell_each(told=_workers(month), text=text, key=f"pay.closed {month.pk}")
        entry.after = {"state": month.state, "note": note, **queries.sums(month)}
    return month


def _workers(month: PayMonth) -> Iterator[tuple[User, str]]:
    """(account, her slip's page) of everybody paid who has an account."""
    slips = PaySlip.objects.filter(month=month, person__user__is_active=True).select_related("person__user")
    for slip in slips.only("pk", "person__user").iterator():
        yield slip.person.user, reverse("pay:slip", args=[slip.pk])


def _one_at_a_time(district: str) -> None:
    """Months of a district stand on one another: one computation or closing at a time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"pay {district}"])


def _name(by: Any) -> str:
    return "系统" if by is None else by.get_full_name() or by.get_username()


def _text(numbers: list[int]) -> str:
    return "{" + ",".join(map(str, numbers)) + "}"


def _rows(month: PayMonth, slips: Iterator[paying.Slip]) -> Iterator[tuple[Any, ...]]:
    for slip in slips:
        arrays = (slip.frame, slip.steps, slip.segments, slip.arrears)
        yield (month.pk, slip.person, slip.place, *map(_text, arrays), *slip.figures.values())
