"""Assign people to posts and end posts."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction

from qinglan.apps.audit.actions import record, snapshot
from qinglan.apps.base.models import span

from ..models import Organisation, Person, Posting, PostKind, Track
from ..permissions import CHANGE_PEOPLE, check
from .errors import ActionError


@transaction.atomic
def assign(
    *,
    person: Person,
    org_code: str,
    kind: PostKind,
    since: date,
    by: Any,
    today: date,
    until: date | None = None,
    main: bool = True,
    elected: bool | None = None,
    track: Track = Track.MANAGEMENT,
    source: str = "",
    title: str = "",
) -> Posting:
    """This will put a person in a post from `since` (up to but without `until`).

    A running main post that began earlier ends on the day before; one that would overlap otherwise is refused. The
    person's place follows at once when the post has begun by `today`, else on its day (persons.settle). `title`: the post
    as written, where the list of kinds has no word.
    """
    person = Person.objects.select_for_update().get(pk=person.pk)
    check(by, CHANGE_PEOPLE, person.org_code)
    check(by, CHANGE_PEOPLE, org_code)
    if org_code[:6] != person.district_code:
        raise ActionError("调往外区须先在本区办理离任，再由对方区办理入职。", "org_code")
    if not Organisation.objects.as_of(since).filter(code=org_code).exists():
        raise ActionError(f"{since} 没有代码为 {org_code} 的机构，请核对代码和日期。", "org_code")
    try:
        term = span(since, until)
    except ValueError as error:
        raise ActionError(str(error), "until") from None
    with record("postings.assign", by=by, org_code=org_code) as entry:
        if main:
            entry.before = _end_running(person, since)
            if Posting.objects.main().filter(person=person, span__overlap=term).exists():
                raise ActionError(f"{person.name}在这段时间已有主岗任职，请先调整原任职的起止日期。", "since")
        post = Posting.objects.create(
            person=person,
            org_code=org_code,
            kind=kind,
            title=title,
            main=main,
            elected=PostKind(kind).elected if elected is None else elected,
            track=track,
            span=term,
            source=source,
        )
        if main and since <= today and (until is None or until > today):
            person.org_code = org_code
            person.save(update_fields=["org_code"])
        entry.target, entry.after = post, snapshot(post)
    return post


def _end_running(person: Person, since: date) -> dict[str, Any] | None:
    running = Posting.objects.main().filter(person=person, span__upper_inf=True, span__startswith__lt=since).first()
    if running is None:
        return None
    before = snapshot(running)
    running.span = span(running.span.lower, since)
    running.save(update_fields=["span"])
    return before


@transaction.atomic
def end(*, posting: Posting, on: date, by: Any) -> Posting:
    """This will end a post on `on`, the first day no longer in it."""
    posting = Posting.objects.select_for_update().get(pk=posting.pk)
    check(by, CHANGE_PEOPLE, posting.org_code)
    if on <= posting.span.lower:
        raise ActionError(f"结束日期须晚于任职开始日期 {posting.span.lower}。", "on")
    if posting.span.upper is not None and posting.span.upper < on:
        raise ActionError("这一任职已经结束。")
    with record("postings.end", by=by, target=posting, org_code=posting.org_code, before=snapshot(posting)) as entry:
        posting.span = span(posting.span.lower, on)
        posting.save(update_fields=["span"])
        entry.after = snapshot(posting)
    return posting
