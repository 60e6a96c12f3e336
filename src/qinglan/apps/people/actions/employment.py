"""Begin and end employment; record status periods and grades held."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction

from qinglan.apps.audit.actions import record, snapshot
from qinglan.apps.base.models import span

from ..models import (
    ContractKind,
    Employment,
    ExitReason,
    GradeHolding,
    Person,
    Posting,
    PostKind,
    RoleGrant,
    StatusKind,
    StatusPeriod,
)
from ..permissions import CHANGE_PEOPLE, check
from . import persons, postings
from .errors import ActionError


def _locked(person: Person, by: Any) -> Person:
    person = Person.objects.select_for_update().get(pk=person.pk)
    check(by, CHANGE_PEOPLE, person.org_code)
    return person


@transaction.atomic
def begin(
    *,
    person: Person,
    entry_date: date,
    by: Any,
    employer: str = "",
    recognised_months: int = 0,
    contract: ContractKind | str = "",
    probation_until: date | None = None,
) -> Employment:
    """This will begin an employment; `employer` is the district's code unless told. Refused while another runs."""
    person = _locked(person, by)
    if Employment.objects.filter(person=person, span__overlap=span(entry_date)).exists():
        raise ActionError(f"{person.name}在 {entry_date} 之后已有用工记录，请先办理离任。", "entry_date")
    if probation_until is not None and probation_until < entry_date:
        raise ActionError("试用期截止日期不能早于入职日期。", "probation_until")
    with record("employment.begin", by=by, org_code=person.org_code) as entry:
        row = Employment.objects.create(
            person=person,
            org_code=employer or person.district_code,
            span=span(entry_date),
            recognised_months=recognised_months,
            contract=contract,
            probation_until=probation_until,
        )
        entry.target, entry.after = row, snapshot(row)
    return row


@transaction.atomic
def take_on(
    *,
    org_code: str,
    by: Any,
    today: date,
    entry_date: date | None = None,
    kind: PostKind | str = "",
    contract: ContractKind | str = "",
    **fields: Any,
) -> Person:
    """This will open a record for a person and, given an entry date, begin her employment and her first post that day.

    `fields` as in persons.add. ActionError as there, and as in `begin` and postings.assign."""
    if bool(kind) != bool(entry_date):
        raise ActionError("岗位与入职日期须同时填写，或都留空只建档。", "kind" if entry_date else "entry_date")
    person = persons.add(org_code=org_code, by=by, today=today, **fields)
    if entry_date is not None:
        begin(person=person, entry_date=entry_date, contract=contract, by=by)
        postings.assign(person=person, org_code=org_code, kind=PostKind(kind), since=entry_date, by=by, today=today)
        person.refresh_from_db()
    return person


@transaction.atomic
def end(*, person: Person, last_day: date, reason: ExitReason, by: Any, note: str = "") -> Employment:
    """This will end the running employment after `last_day`, with the posts, status periods and grades that run then;
    her account keeps no roles."""
    person = _locked(person, by)
    row = Employment.objects.select_for_update().filter(person=person, span__upper_inf=True).first()
    if row is None:
        raise ActionError(f"{person.name}没有在用的用工记录，请先登记入职。")
    if last_day < row.span.lower:
        raise ActionError(f"离开日期不能早于入职日期 {row.span.lower}。", "last_day")
    on = date.fromordinal(last_day.toordinal() + 1)
    if Posting.objects.filter(person=person, span__startswith__gte=on).exists():
        raise ActionError(f"{person.name}有 {last_day} 之后开始的任职，请先更正。", "last_day")
    with record("employment.end", by=by, target=row, org_code=person.org_code, before=snapshot(row)) as entry:
        row.span, row.exit_reason, row.exit_note = span(row.span.lower, on), reason, note
        row.save()
        for model in (Posting, StatusPeriod, GradeHolding):
            for running in model.objects.filter(person=person, span__contains=on, span__startswith__lt=on):
                running.span = span(running.span.lower, on)
                running.save(update_fields=["span"])
        for grant in RoleGrant.objects.filter(user__person=person, span__contains=on):
            if grant.span.lower is not None and grant.span.lower >= on:
                grant.delete()
            else:
                grant.span = span(grant.span.lower, on)
                grant.save(update_fields=["span"])
        entry.after = snapshot(row)
    return row


@transaction.atomic
def set_status(
    *,
    person: Person,
    kind: StatusKind,
    since: date,
    by: Any,
    until: date | None = None,
    org_code: str = "",
    note: str = "",
) -> StatusPeriod:
    """This will record a status from `since` up to but without `until`; a running earlier one ends that day."""
    person = _locked(person, by)
    try:
        term = span(since, until)
    except ValueError as error:
        raise ActionError(str(error), "until") from None
    with record("employment.set_status", by=by, org_code=person.org_code) as entry:
        running = StatusPeriod.objects.filter(person=person, span__upper_inf=True, span__startswith__lt=since).first()
        if running is not None:
            entry.before = snapshot(running)
            running.span = span(running.span.lower, since)
            running.save(update_fields=["span"])
        if StatusPeriod.objects.filter(person=person, span__overlap=term).exists():
            raise ActionError(f"{person.name}在这段时间已登记其他状态，请先更正。", "since")
        row = StatusPeriod.objects.create(person=person, kind=kind, span=term, org_code=org_code, note=note)
        entry.target, entry.after = row, snapshot(row)
    return row


@transaction.atomic
def hold_grade(*, person: Person, ladder: str, grade: int, since: date, by: Any, reason: str = "") -> GradeHolding:
    """This will set the grade on a ladder from `since`; the running one ends that day."""
    person = _locked(person, by)
    with record("employment.hold_grade", by=by, org_code=person.org_code) as entry:
        held = GradeHolding.objects.filter(person=person, ladder=ladder)
        running = held.filter(span__upper_inf=True, span__startswith__lt=since).first()
        if running is not None:
            entry.before = snapshot(running)
            running.span = span(running.span.lower, since)
            running.save(update_fields=["span"])
        if held.filter(span__overlap=span(since)).exists():
            raise ActionError(f"{person.name}在 {since} 之后已有这一体系的等级，请先更正。", "since")
        row = GradeHolding.objects.create(person=person, ladder=ladder, grade=grade, span=span(since), reason=reason)
        entry.target, entry.after = row, snapshot(row)
    return row
