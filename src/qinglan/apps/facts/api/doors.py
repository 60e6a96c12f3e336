"""List, read, record, supersede and withdraw facts: the same getters and actions as the pages and the import of files."""

import calendar
from datetime import date, datetime
from typing import Annotated, Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema
from pydantic import ConfigDict, StringConstraints
from pydantic import ValidationError as Invalid

from qinglan.apps.base.api import (
    ApiError,
    Asked,
    Day,
    DistrictCode,
    Id,
    Moment,
    OrgCode,
    Paged,
    answers,
    page,
)
from qinglan.apps.exchange.api import once
from qinglan.apps.facts import permissions, queries
from qinglan.apps.facts.actions import imports, recording
from qinglan.apps.facts.api.kinds import AT_MONTH_END, SAID, AnySaid, KindName, line
from qinglan.apps.facts.models import Fact
from qinglan.apps.people.permissions import IMPORT_FACTS, can, people_for

router = Router(tags=["事实"])
MOST_AT_ONCE = 500


class FactOut(Schema):
    """One fact. `said` holds the fields of its kind; person null = of the unit `org_code`."""

    id: int
    kind: KindName
    person_id: int | None
    org_code: str
    valid_on: date
    said: AnySaid
    recorder: str
    evidence: str
    recorded_at: datetime
    withdrawn: bool
    supersedes: int | None
    reason: str


class Facts(Paged):
    items: list[FactOut]


class FactWithHistory(FactOut):
    """All that was recorded of the same happening, the oldest first; the last one holds."""

    history: list[FactOut]


class AskedFacts(Asked):
    """`as_known`: what was known at a moment (now); `since`, `until`: days on which it happened, both included."""

    org: OrgCode | None = None
    person: Id | None = None
    since: Day | None = None
    until: Day | None = None
    as_known: Moment | None = None


def _fact(kind: str, one: Fact) -> dict[str, Any]:
    schema = SAID[kind]
    said = {name: getattr(one, name) for name in schema.model_fields}
    fields = ("id", "person_id", "org_code", "valid_on", "recorder", "evidence", "recorded_at", "withdrawn", "reason")
    return {name: getattr(one, name) for name in fields} | {
        "kind": kind,
        "supersedes": one.supersedes_id,  # type: ignore[attr-defined]
        "said": schema.model_construct(**said),  # kept facts are told as they are, also what is refused today
    }


@router.get("/{kind}", response=answers(Facts), summary="事实列表", url_name="facts")
def list_facts(request: HttpRequest, kind: KindName, asked: Query[AskedFacts]) -> dict[str, Any]:
    """The facts of one kind that hold, within the token's scope, the newest first."""
    rows = permissions.facts_for(request.user, kind).current(as_known=asked.as_known)
    if asked.org:
        rows = rows.within(asked.org)
    if asked.person:
        rows = rows.filter(person=asked.person)
    if asked.since:
        rows = rows.filter(valid_on__gte=asked.since)
    if asked.until:
        rows = rows.filter(valid_on__lte=asked.until)
    return page(rows.order_by("-valid_on", "-pk"), asked, lambda one: _fact(kind, one))


@router.get("/{kind}/{fact_id}", response=answers(FactWithHistory), summary="一条事实", url_name="fact")
def one_fact(request: HttpRequest, kind: KindName, fact_id: Id) -> dict[str, Any]:
    """One fact, with everything recorded of the same happening."""
    one = permissions.get_fact_for(request.user, kind, fact_id)
    return _fact(kind, one) | {"history": [_fact(kind, row) for row in queries.history_of(one)]}


class FactIn(Schema):
    """One happening: of a person, or (scores) of the unit `org_code`, or (figures) of the whole district.

    Where a person's fact happened is where she stands, as with imported files.
    """

    model_config = ConfigDict(extra="forbid")

    person_id: Id | None = None
    org_code: OrgCode | None = None
    valid_on: Day
    evidence: line(300, 1)  # type: ignore[valid-type]
    recorder: line(60, 1)  # type: ignore[valid-type]
    said: dict[Annotated[str, StringConstraints(max_length=40)], Any]


class Recording(Schema):
    """Facts of one kind and one district, recorded all together or not at all."""

    model_config = ConfigDict(extra="forbid")

    kind: KindName
    district: DistrictCode
    facts: Annotated[list[FactIn], Field(min_length=1, max_length=MOST_AT_ONCE)]


class Recorded(Schema):
    """What became of each fact, in the order given: added, corrected, restored or unchanged."""

    kind: KindName
    outcomes: list[str]


@router.post("", response=answers(Recorded, 201), summary="登记事实", url_name="record-facts")
@once()
def record_facts(request: HttpRequest, body: Recording) -> Recorded:
    """Record facts. One said again is left alone, one said differently supersedes the earlier: nothing is overwritten."""
    people = _people(request.user, body)
    rows = [_row(request.user, body, place, one, people) for place, one in enumerate(body.facts)]
    if body.kind == "openings":
        months = queries.months_employed({row["person_id"]: row["valid_on"] for row in rows})
        for row in rows:
            row["months_employed"] = months[row["person_id"]]
    outcomes = recording.record_many(kind=body.kind, rows=rows, by=request.user, org_code=body.district)
    if body.kind == "exams":
        imports.certificates_of(rows=rows, by=request.user)
    return Recorded(kind=body.kind, outcomes=list(outcomes))


def _people(user: Any, body: Recording) -> dict[int, str]:
    """Person -> where she stands, of those whom the user may record facts of."""
    wanted = {one.person_id for one in body.facts if one.person_id}
    people = people_for(user, IMPORT_FACTS).within(body.district).filter(pk__in=wanted)  # type: ignore[attr-defined]
    return dict(people.values_list("pk", "org_code"))


def _row(user: Any, body: Recording, place: int, one: FactIn, people: dict[int, str]) -> dict[str, Any]:
    where = f"facts.{place}"
    day = one.valid_on
    if body.kind in AT_MONTH_END:
        day = day.replace(day=calendar.monthrange(day.year, day.month)[1])
    elif day > timezone.localdate():
        raise ApiError(422, "invalid", "发生日期不能在今天之后。", f"{where}.valid_on")
    subject, org_code = _subject(user, body, where, one, people)
    said = _said(body.kind, one.said, f"{where}.said")
    return {
        "person_id": subject, "org_code": org_code, "valid_on": day, "recorder": one.recorder, "evidence": one.evidence,
        "sheet_row": "", **said,
    }  # fmt: skip


def _subject(user: Any, body: Recording, where: str, one: FactIn, people: dict[int, str]) -> tuple[int | None, str]:
    """(person or None, place) of a fact. What is out of scope is answered as what does not exist."""
    if body.kind == "figures":
        permissions.check_district(user, body.district)
        if one.person_id is not None or one.org_code not in (None, body.district):
            raise ApiError(422, "invalid", "全区预算数属于全区，不写人员和机构。", where)
        return None, body.district
    if one.person_id is None:
        if body.kind != "scores" or one.org_code is None or not one.org_code.startswith(body.district):
            raise ApiError(422, "invalid", "请写明人员（评价得分也可以写本区的机构代码）。", f"{where}.person_id")
        if not can(user, IMPORT_FACTS, one.org_code):
            raise ApiError(404, "not_found", "没有这个机构，或不在您的管理范围内。", f"{where}.org_code")
        return None, one.org_code
    if one.org_code is not None:
        raise ApiError(422, "invalid", "个人的事实记在本人所在的机构，请不要写机构代码。", f"{where}.org_code")
    if one.person_id not in people:
        raise ApiError(404, "not_found", "没有这个人，或不在您的管理范围内。", f"{where}.person_id")
    return one.person_id, people[one.person_id]


def _said(kind: str, said: dict[str, Any], where: str) -> dict[str, Any]:
    try:
        return SAID[kind].model_validate(said).model_dump()
    except Invalid as error:
        first = error.errors()[0]
        field = ".".join([where, *(str(part) for part in first["loc"])])
        message = first["msg"].removeprefix("Value error, ")
        raise ApiError(422, "invalid", f"「{field}」不合要求：{message}", field) from None


class Reason(Schema):
    """Why; it stays in the history."""

    model_config = ConfigDict(extra="forbid")

    reason: line(300, 1)  # type: ignore[valid-type]


class Correction(Reason):
    """The fields to change, in the units of the kind; evidence and recorder stay unless given."""

    said: dict[Annotated[str, StringConstraints(max_length=40)], Any] = {}
    evidence: line(300, 1) | None = None  # type: ignore[valid-type]
    recorder: line(60, 1) | None = None  # type: ignore[valid-type]


class Superseded(Schema):
    """The new fact, which holds now, and the one that it supersedes."""

    id: int
    supersedes: int


@router.post(
    "/{kind}/{fact_id}/supersede", response=answers(Superseded, 201), summary="更正事实", url_name="supersede-fact"
)
@once()
def supersede_fact(request: HttpRequest, kind: KindName, fact_id: Id, body: Correction) -> Superseded:
    """Say what it should be and why; the fact as it was stays. What it is about (person, day, course) cannot be corrected."""
    one = _correctable(request.user, kind, fact_id)
    fixed = sorted(set(body.said) - set(one.VALUES))
    if fixed:
        changeable = "、".join(one.VALUES)
        raise ApiError(422, "invalid", f"能更正的只有：{changeable}；别的请撤销后重新登记。", f"said.{fixed[0]}")
    kept = {name: getattr(one, name) for name in SAID[kind].model_fields}
    whole = _said(kind, kept | body.said, "said")
    values = {name: whole[name] for name in body.said}
    values |= {name: said for name in ("evidence", "recorder") if (said := getattr(body, name)) is not None}
    made = recording.correct(fact=one, by=request.user, reason=body.reason, **values)
    return Superseded(id=made.pk, supersedes=one.pk)


@router.post(
    "/{kind}/{fact_id}/withdraw", response=answers(Superseded, 201), summary="撤销事实", url_name="withdraw-fact"
)
@once()
def withdraw_fact(request: HttpRequest, kind: KindName, fact_id: Id, body: Reason) -> Superseded:
    """Say that it did not happen, and why."""
    one = _correctable(request.user, kind, fact_id)
    made = recording.withdraw(fact=one, by=request.user, reason=body.reason)
    return Superseded(id=made.pk, supersedes=one.pk)


def _correctable(user: Any, kind: str, fact_id: int) -> Any:
    one = permissions.get_fact_for(user, kind, fact_id)
    if not permissions.may_correct(user, one):
        raise PermissionDenied("您没有更正或撤销这条记录的权限，请联系所在街道或区级管理员。")
    return one
