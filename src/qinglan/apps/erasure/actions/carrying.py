"""Carry an erasure out, as the tables' owner: the list outside first, then everything in one transaction.

A power cut between the two leaves a line whose people are not erased yet; the next start finds and does it. Doing it twice changes
nothing more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from qinglan.apps.audit.actions import record
from qinglan.apps.base.models import span
from qinglan.apps.erasure.actions import emptying, files, listing, sweeping
from qinglan.apps.erasure.actions.emptying import Counts
from qinglan.apps.erasure.actions.listing import Line
from qinglan.apps.erasure.models import MOST_REASON, Erasure
from qinglan.apps.erasure.queries import conditions, hers
from qinglan.apps.erasure.queries.hers import Rows, Whole
from qinglan.apps.erasure.queries.needles import Needles, needles_of
from qinglan.apps.notices import actions as notices
from qinglan.apps.people.models import Employment, ExitReason, Person, Posting, StatusPeriod, User

State = Erasure.State
AGAIN = "恢复备份以后，按已删除人员的名单再次删除"
Step = Callable[[Whole, Rows, Needles], Counts]

# In this order, after her account is closed. Each can be left out by a test, to see that it would be missed.
STEPS: dict[str, Step] = {
    "rows": lambda of, rows, needles: emptying.empty_rows(of, rows),
    "signatures": lambda of, rows, needles: emptying.unsign(of, rows),
    "log": lambda of, rows, needles: emptying.empty_log(of, rows),
    "files": lambda of, rows, needles: files.drop_files(of, needles),
}


def _erase(persons: list[Person], also: Sequence[User] = ()) -> tuple[Counts, list[list[str]]]:
    """Take everything that says who these records are out of the database; within a transaction."""
    of = hers.of_records(persons, also)
    needles = needles_of(of)
    counts: Counts = dict(emptying.close_account(of))
    emptying.mark_erased(of)
    rows = hers.of_records(persons, also).rows  # with what history has just written
    for step in STEPS.values():
        for table, number in step(of, rows, needles).items():
            counts[table] = counts.get(table, 0) + number
    swept, left = sweeping.sweep(of, needles)
    for table, number in swept.items():
        counts[table] = counts.get(table, 0) + number
    return {table: number for table, number in sorted(counts.items()) if number}, left


def line_of(erasure: Erasure, persons: Sequence[Person], accounts: Sequence[User]) -> Line:
    """What the list says of an erasure."""
    return Line(
        tuple((one.pk, one.created_at) for one in persons),
        tuple((one.pk, one.date_joined) for one in accounts),
        erasure.org_code, erasure.ground, erasure.asked_by_id, erasure.confirmed_by_id, erasure.confirmed_at or timezone.now(),
        conditions.left_on(hers.of_records(list(persons))), _exit_of(persons),
    )  # fmt: skip


def _exit_of(persons: Sequence[Person]) -> str:
    """Why she went: of her last employment, "" without one."""
    spells = Employment.objects.filter(person__in=[one.pk for one in persons]).order_by("-span")
    return spells.values_list("exit_reason", flat=True).first() or ""


def _leave_again(persons: Sequence[Person], line: Line) -> None:
    """End what a backup from before her last day holds as running: nobody could do it afterwards, her record is out of reach."""
    if line.left is None:
        return
    until = line.left + timedelta(days=1)
    for model in (Posting, Employment, StatusPeriod):
        for row in model._default_manager.filter(person__in=persons, span__upper_inf=True, span__startswith__lt=until):
            row.span = span(row.span.lower, until)
            if isinstance(row, Employment):
                row.exit_reason = line.exit or ExitReason.TRANSFERRED
            row.save()


@transaction.atomic
def carry_out(*, erasure: Erasure) -> Erasure:
    """This will erase who a confirmed erasure is about; once done it stays so. The line in the list comes first.

    ValidationError when it is not confirmed, or when something stands against it meanwhile."""
    erasure = Erasure.objects.select_for_update().get(pk=erasure.pk)
    if erasure.state == State.DONE:
        return erasure
    if erasure.state != State.CONFIRMED:
        raise ValidationError(f"这份申请现在是「{erasure.get_state_display()}」，不能删除。")
    list(Person.objects.select_for_update().filter(pk__in=[one.pk for one in hers.records_of(erasure.person)]))
    conditions.refuse(erasure.person, erasure.ground, timezone.localdate())
    persons = hers.records_of(erasure.person)
    of = hers.of_records(persons)
    listing.add(line_of(erasure, persons, of.accounts))
    with record("erasure.carry_out", by=None, target=erasure.person, org_code=erasure.org_code) as entry:
        erasure.counts, erasure.left = _erase(persons)
        erasure.state, erasure.done_at, erasure.held = State.DONE, timezone.now(), ""
        erasure.save(update_fields=["counts", "left", "state", "done_at", "held"])
        entry.after = {"number": erasure.pk, "persons": of.person_ids, "rows": sum(erasure.counts.values())}
    erasure.refresh_from_db()
    return erasure


def waiting() -> list[Line]:
    """The lines of the list whose people this database still knows: after a restore, or cut off between list and database."""
    return [line for line in listing.read() if _living(line)]


def came_back() -> list[Line]:
    """The waiting lines of people whom a backup brought back. Where this database still has the erasure as confirmed, it was cut off
    before it ended: its conditions count once more, and the site may run meanwhile."""
    return [line for line in waiting() if _confirmed(_living(line)) is None]


def _confirmed(persons: Sequence[Person]) -> Erasure | None:
    return Erasure.objects.filter(person__in=persons, state=State.CONFIRMED).select_related("person").first()


def _living(line: Line) -> list[Person]:
    """The records of a line that are these people and not erased, the kept one first. A number made at another moment is
    somebody else's."""
    made: dict[int, datetime] = dict(line.persons)
    order = {number: at for at, (number, _) in enumerate(line.persons)}
    known = Person.objects.filter(pk__in=made, erased_at__isnull=True)
    return sorted((one for one in known if one.created_at == made[one.pk]), key=lambda one: order[one.pk])


def _accounts(line: Line) -> list[User]:
    """The accounts of a line; in an old backup they may not be linked to her record yet."""
    made: dict[int, datetime] = dict(line.accounts)
    return [one for one in User.objects.filter(pk__in=made) if one.date_joined == made[one.pk]]


@transaction.atomic
def again(*, line: Line) -> bool:
    """This will erase once more who stands in a line of the list and came back with a backup; whether there was anybody.

    As the system: two people decided it before, their numbers stand in the line. ValidationError when it was only cut off and
    something stands against it meanwhile: she may work here again."""
    persons = _living(line)
    if not persons:
        return False
    for one in list(persons):  # what was merged in that backup goes with it
        persons += [more for more in hers.records_of(one) if more.pk not in {known.pk for known in persons}]
    list(Person.objects.select_for_update().filter(pk__in=[one.pk for one in persons]))
    first = persons[0]
    erasure = _confirmed(persons)
    if erasure is not None:
        conditions.refuse(erasure.person, erasure.ground, timezone.localdate())
    for other in Erasure.objects.filter(person__in=persons, state=State.ASKED):
        other.state, other.note = State.DROPPED, AGAIN
        other.save(update_fields=["state", "note"])
    with record("erasure.again", by=None, target=first, org_code=first.org_code) as entry:
        if erasure is None:
            erasure = Erasure(
                person=first, org_code=first.org_code, ground=line.ground, reason=AGAIN, again=True, state=State.CONFIRMED,
                asked_by_id=line.asked_by, asked_by_name=_account(line.asked_by), confirmed_by_id=line.confirmed_by,
                confirmed_by_name=_account(line.confirmed_by), confirmed_at=line.at,
            )  # fmt: skip
            erasure.save(force_insert=True)
        _leave_again(persons, line)
        erasure.counts, erasure.left = _erase(persons, _accounts(line))
        erasure.state, erasure.done_at, erasure.held = State.DONE, timezone.now(), ""
        erasure.save(update_fields=["counts", "left", "state", "done_at", "held"])
        entry.after = {
            "number": erasure.pk,
            "persons": [one.pk for one in persons],
            "rows": sum(erasure.counts.values()),
        }
    return True


def _account(number: int | None) -> str:
    return "系统" if number is None else f"账号 {number}"


def all_that_is_due(tell: Callable[[str], Any] = lambda sentence: None) -> int:
    """This will carry out what is confirmed and do again what the list says; how many people. Each in a transaction of its own.

    What cannot be done is told and left; it stays confirmed."""
    done = 0
    for line in waiting():
        try:
            done += again(line=line)
        except ValidationError as refused:
            tell(f"名单上的一次删除没有执行：{'；'.join(refused.messages)}")
            confirmed = _confirmed(_living(line))
            if confirmed is not None:
                hold(erasure=confirmed, why="；".join(refused.messages))
    for erasure in Erasure.objects.filter(state=State.CONFIRMED).order_by("pk"):
        try:
            carry_out(erasure=erasure)
            done += 1
        except ValidationError as refused:
            tell(f"删除申请 {erasure.pk} 没有执行：{'；'.join(refused.messages)}")
            hold(erasure=erasure, why="；".join(refused.messages))
    if done and not connection.in_atomic_block:
        _vacuum()
    return done


@transaction.atomic
def hold(*, erasure: Erasure, why: str) -> None:
    """This will keep why a confirmed erasure was not carried out and tell the two who decided it, once for each reason."""
    why = why[:MOST_REASON]
    if erasure.held == why:
        return
    with record("erasure.hold", by=None, target=erasure.person, org_code=erasure.org_code) as entry:
        erasure.held = why
        erasure.save(update_fields=["held"])
        entry.after = {"number": erasure.pk, "held": why}
    notices.tell(
        users=User.objects.filter(pk__in=[erasure.asked_by_id, erasure.confirmed_by_id]),
        text=f"已确认的第 {erasure.pk} 号删除没有执行，请看原因。",
        key=f"erasure.held {erasure.pk} {hashlib.sha256(why.encode()).hexdigest()[:12]}",
        link=reverse("erasure:erasure", args=[erasure.pk]),
    )


def _vacuum() -> None:
    """Have PostgreSQL overwrite the space of the old rows, which until then lie unread in its files, and sample its columns
    anew: its statistics hold values as they were, names too."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


def relist() -> int:
    """This will write into the list whom this database holds as erased and the list does not name: a restore is about to take
    the database away, and with it the last that knows of them. How many lines."""
    added = 0
    unknown = set(missing())
    for erasure in Erasure.objects.filter(state=State.DONE, person__in=unknown).select_related("person").order_by("pk"):
        persons = hers.records_of(erasure.person)
        listing.add(line_of(erasure, persons, hers.of_records(persons).accounts))
        added += 1
    return added


def missing() -> list[int]:
    """Records that this database holds as erased and the list does not name: the list was lost, or is another one."""
    listed = {number for line in listing.read() for number, _ in line.persons}
    return sorted(set(Person.objects.filter(erased_at__isnull=False).values_list("pk", flat=True)) - listed)
