"""Ask for an erasure, confirm it by another person, or refuse it. Nothing is emptied here: that is the owner's (carrying)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django import app as jobs

from qinglan.apps.audit.actions import record
from qinglan.apps.erasure.models import MOST_REASON, Erasure
from qinglan.apps.erasure.permissions import others_who_confirm
from qinglan.apps.erasure.queries import conditions, hers
from qinglan.apps.erasure.queries.needles import needles_of
from qinglan.apps.erasure.states import Ground
from qinglan.apps.notices.actions import tell
from qinglan.apps.people.models import Person
from qinglan.apps.people.permissions import ERASE_PEOPLE, check
from qinglan.apps.people.queries.handed import refuse_handed

State = Erasure.State


def _text(text: str, what: str) -> str:
    text = text.strip()
    if not text:
        raise ValidationError(f"请写明{what}。")
    if len(text) > MOST_REASON:
        raise ValidationError(f"{what}太长，请不超过 {MOST_REASON} 字。")
    return text


def _refuse_own(by: Any, person: Person) -> None:
    if by.person_id is not None and by.person_id in [one.pk for one in hers.records_of(person)]:
        raise PermissionDenied("不能办理本人的删除，请由另外两位区级管理员办理。")


def _name(by: Any) -> str:
    return by.get_full_name() or by.get_username()


@transaction.atomic
def ask(*, person: Person, ground: str, reason: str, by: Any) -> Erasure:
    """This will ask that a person be erased. ValidationError when something stands against it, or the reason names her."""
    check(by, ERASE_PEOPLE, person.org_code)
    person = Person.objects.select_for_update().get(pk=person.pk)
    _refuse_own(by, person)
    if ground not in Ground.values:
        raise ValidationError("请选择依据。")
    reason = _text(reason, "理由")
    if needles_of(hers.whole(person)).found_in(reason):
        raise ValidationError("理由会一直保留，请不要写姓名、证件号、电话或账号名，可写“本人书面申请，编号…”。")
    conditions.refuse(person, ground, timezone.localdate())
    erasure = Erasure(
        person=person, org_code=person.org_code, ground=ground, reason=reason, asked_by_id=by.pk, asked_by_name=_name(by)
    )  # fmt: skip
    with record("erasure.ask", by=by, target=person, org_code=person.org_code) as entry:
        try:
            with transaction.atomic():
                erasure.save(force_insert=True)
        except IntegrityError:
            raise ValidationError("这个人的删除申请已经提出，正等另一人确认。") from None
        entry.after = {"number": erasure.pk}
    tell(
        users=others_who_confirm(erasure, by),
        text="有一份删除个人信息的申请，等您核对、确认。",
        key=f"erasure.ask {erasure.pk}",
        link=reverse("erasure:erasure", args=[erasure.pk]),
    )
    erasure.refresh_from_db()
    return erasure


@transaction.atomic
def confirm(*, erasure: Erasure, by: Any) -> Erasure:
    """This will confirm an erasure; it is then carried out and cannot be taken back. The same person again: the same answer.

    PermissionDenied for who asked, for herself, and where one of the two has lately had the other's password;
    ValidationError when something stands against it by now."""
    erasure = Erasure.objects.select_for_update(of=("self",)).select_related("person").get(pk=erasure.pk)
    check(by, ERASE_PEOPLE, erasure.org_code)
    if erasure.state in (State.CONFIRMED, State.DONE) and erasure.confirmed_by_id == by.pk:
        return erasure
    if erasure.state != State.ASKED:
        raise ValidationError(f"这份申请现在是「{erasure.get_state_display()}」，不能确认；请刷新页面看看是谁办的。")
    if erasure.asked_by_id == by.pk:
        raise PermissionDenied("这份申请是您提出的，须由另一人确认。")
    _refuse_own(by, erasure.person)
    refuse_handed(by, [erasure.asked_by_id], who="申请人", otherwise="请由另一位区级管理员确认。")
    conditions.refuse(erasure.person, erasure.ground, timezone.localdate())
    with record("erasure.confirm", by=by, target=erasure.person, org_code=erasure.org_code) as entry:
        erasure.state, erasure.confirmed_by_id, erasure.confirmed_by_name = State.CONFIRMED, by.pk, _name(by)
        erasure.confirmed_at = timezone.now()
        erasure.save(update_fields=["state", "confirmed_by_id", "confirmed_by_name", "confirmed_at"])
        entry.after = {"number": erasure.pk}
    jobs.configure_task("erasure.carry_out", queue="erasure").defer(timestamp=0)
    return erasure


@transaction.atomic
def drop(*, erasure: Erasure, note: str, by: Any) -> Erasure:
    """This will refuse an erasure that waits for its confirmation, or take one's own request back. ValidationError without why."""
    erasure = Erasure.objects.select_for_update(of=("self",)).select_related("person").get(pk=erasure.pk)
    check(by, ERASE_PEOPLE, erasure.org_code)
    _refuse_own(by, erasure.person)
    if erasure.state != State.ASKED:
        raise ValidationError(f"这份申请现在是「{erasure.get_state_display()}」，不能改为不删除。")
    note = _text(note, "原因")
    if needles_of(hers.whole(erasure.person)).found_in(note):
        raise ValidationError("原因会一直保留，请不要写姓名、证件号、电话或账号名。")
    with record("erasure.drop", by=by, target=erasure.person, org_code=erasure.org_code) as entry:
        erasure.state, erasure.note = State.DROPPED, note
        erasure.save(update_fields=["state", "note"])
        entry.after = {"number": erasure.pk}
    return erasure
