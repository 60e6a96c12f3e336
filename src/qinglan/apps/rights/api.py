"""Claims as JSON: the same getters and actions as the pages. Evidence is handed in at the site, where it is read and sealed."""

import hashlib
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from qinglan.apps.base.api import ApiError, Asked, Id, OrgCode, Paged, answers, page, writable
from qinglan.apps.exchange.api import once
from qinglan.apps.people.permissions import ANSWER_CLAIMS, check
from qinglan.apps.rights import permissions
from qinglan.apps.rights.actions import claims as actions
from qinglan.apps.rights.models import Claim, ClaimKind, Proposal
from qinglan.apps.rights.queries import claims as queries
from qinglan.apps.rights.states import WAITING, ClaimMove, Outcome
from qinglan.apps.rights.states import Claim as State

router = Router(tags=["诉求"])


def _text(most: int, least: int = 0) -> Any:
    """A text of so many characters that a database keeps."""
    return Annotated[
        str,
        StringConstraints(min_length=least, max_length=most, strip_whitespace=True),
        AfterValidator(writable),
    ]


class Which(StrEnum):
    """`readable`: all that one may read; `mine`: one's own; `to_answer`: assigned to the asker and not answered yet."""

    READABLE = "readable"
    MINE = "mine"
    TO_ANSWER = "to_answer"


class ClaimOut(Schema):
    """A claim in short. `due_on` and `hearing_on` are null while the holidays of those days are not published; `overdue`: not
    answered although the term is over."""

    id: int
    number: str
    kind: ClaimKind
    state: State
    level: int
    person_id: int
    person_name: str
    org_code: str
    received_on: date
    due_on: date | None
    hearing_on: date | None
    overdue: bool
    result_id: int | None
    figure: str
    shown: str


class Claims(Paged):
    items: list[ClaimOut]


class AskedClaims(Asked):
    which: Which = Which.READABLE
    state: State | None = None
    org: OrgCode | None = None
    overdue: bool | None = None


class ClaimStepOut(Schema):
    """One step of its way."""

    move: ClaimMove
    state_to: State
    level: int
    note: str
    by_name: str
    at: datetime


class AnswerOut(Schema):
    """What was found, at the first look (level 1) or the second."""

    level: int
    outcome: Outcome
    reasons: str
    to_correct: str
    by_name: str
    at: datetime


class PaperOut(Schema):
    """A piece of evidence by its name; the site hands it out."""

    name: str
    kind: str
    size: int
    sha256: str


class ClaimWithWay(ClaimOut):
    """All of a claim; `next` says in words what comes now."""

    text: str
    family: str
    step: str
    month: int | None
    proposal_id: int | None
    next: str
    steps: list[ClaimStepOut]
    answers: list[AnswerOut]
    evidence: list[PaperOut]


_SHORT = (
    "id", "number", "kind", "state", "level", "person_id", "org_code", "received_on", "due_on", "hearing_on", "result_id",
    "figure", "shown",
)  # fmt: skip


def _claim(one: Claim) -> dict[str, Any]:
    late = one.state in WAITING and one.due_on is not None and one.due_on < timezone.localdate()
    return {name: getattr(one, name) for name in _SHORT} | {"person_name": one.person.name, "overdue": late}


def _whole(one: Claim) -> dict[str, Any]:
    return _claim(one) | {
        "text": one.text,
        "family": one.family,
        "step": one.step,
        "month": one.month,
        "proposal_id": one.proposal_id,
        "next": queries.next_of(one),
        "steps": list(one.steps.all()),
        "answers": list(one.answers.order_by("level")),
        "evidence": list(one.files.defer("content")),
    }


@router.get("", response=answers(Claims), summary="诉求列表", url_name="claims")
def list_claims(request: HttpRequest, asked: Query[AskedClaims]) -> dict[str, Any]:
    """Claims that one may read, those that wait for an answer first, the nearest term in front."""
    user: Any = request.user
    rows = permissions.my_claims(user) if asked.which == Which.MINE else permissions.claims_for(user)
    if asked.which == Which.TO_ANSWER:
        rows = rows.filter(assigned_to=user.pk, state=State.ASSIGNED)
    if asked.state:
        rows = rows.filter(state=asked.state)
    if asked.org:
        rows = rows.within(asked.org)  # type: ignore[attr-defined]
    if asked.overdue is not None:
        late = {"state__in": WAITING, "due_on__lt": timezone.localdate()}
        rows = rows.filter(**late) if asked.overdue else rows.exclude(**late)
    return page(queries.owed_first(queries.for_list(rows)), asked, _claim)


@router.get("/{claim_id}", response=answers(ClaimWithWay), summary="一件诉求", url_name="claim")
def one_claim(request: HttpRequest, claim_id: Id) -> dict[str, Any]:
    """One claim with its way and its answers."""
    return _whole(permissions.get_claim_for(request.user, claim_id))


class ObjectionIn(Schema):
    """The figure objected to: a step of a family of a published result, of one month of it where `month` is given."""

    model_config = ConfigDict(extra="forbid")

    result_id: Id
    family: _text(80, 1)  # type: ignore[valid-type]
    step: _text(80, 1)  # type: ignore[valid-type]
    month: Annotated[int, Field(ge=1, le=12)] | None = None


class ClaimIn(Schema):
    """A claim about a figure (`objection`), about a proposal that was told to her (`proposal_id`), or about another matter
    (neither). Without `person_id` one's own; with it, by an officer for somebody in her care."""

    model_config = ConfigDict(extra="forbid")

    text: _text(actions.MOST_TEXT, 1)  # type: ignore[valid-type]
    person_id: Id | None = None
    objection: ObjectionIn | None = None
    proposal_id: Id | None = None


class ClaimState(Schema):
    """A claim after a move."""

    id: int
    number: str
    state: State
    level: int
    due_on: date | None
    hearing_on: date | None


def _state(one: Claim) -> ClaimState:
    return ClaimState(
        id=one.pk, number=one.number, state=State(one.state), level=one.level, due_on=one.due_on,
        hearing_on=one.hearing_on,
    )  # fmt: skip


@router.post("", response=answers(ClaimState, 201), summary="提出诉求", url_name="file-claim")
@once()
def file_claim(request: HttpRequest, body: ClaimIn) -> ClaimState:
    """Hand in a claim, on any day; number and terms come back. The same key again is the same claim."""
    user: Any = request.user
    if body.objection and body.proposal_id:
        raise ApiError(422, "invalid", "一件诉求只能针对一个数或一件处置建议。", "proposal_id")
    person = permissions.get_claimant_for(user, body.person_id)
    objection, proposal = None, None
    if body.objection:
        given = body.objection
        result = permissions.get_objectionable_for(user, person, given.result_id)
        objection = actions.Objection(result, given.family, given.step, given.month)
    elif body.proposal_id:
        proposal = permissions.get_proposal_for(user, body.proposal_id)
        if proposal.person_id != person.pk or proposal.state == Proposal.State.OPEN:
            raise ApiError(404, "not_found", "没有这件处置建议，或不在您的范围内。", "proposal_id")
    key = hashlib.sha256(f"api {request.headers['Idempotency-Key']}".encode()).hexdigest()
    return _state(
        actions.file(
            person=person, text=body.text, key=key, on=timezone.localdate(), by=user, objection=objection, proposal=proposal
        )
    )  # fmt: skip


class FactNamed(Schema):
    """A fact by its kind and id, as the API of facts names it."""

    model_config = ConfigDict(extra="forbid")

    kind: _text(20, 1)  # type: ignore[valid-type]
    id: Id


class AnswerIn(Schema):
    """What was found. `to_correct` (and `fact`, where it is one of hers of that year) when it is upheld or partly so."""

    model_config = ConfigDict(extra="forbid")

    outcome: Outcome
    reasons: _text(actions.MOST_TEXT, 1)  # type: ignore[valid-type]
    to_correct: _text(actions.MOST_NOTE) = ""  # type: ignore[valid-type]
    fact: FactNamed | None = None


@router.post("/{claim_id}/answer", response=answers(ClaimState, 201), summary="答复诉求", url_name="answer-claim")
@once()
def answer_claim(request: HttpRequest, claim_id: Id, body: AnswerIn) -> ClaimState:
    """Answer a claim that was assigned to the asker, who took no part in what it is about."""
    one = permissions.get_claim_for(request.user, claim_id)
    check(request.user, ANSWER_CLAIMS, one.org_code)
    fact = (body.fact.kind, body.fact.id) if body.fact else None
    if fact and f"{fact[0]}:{fact[1]}" not in dict(queries.facts_of(one)):
        raise ApiError(422, "invalid", "要更正的事实应是本人那一年的记录。", "fact")
    actions.answer(
        claim=one, outcome=body.outcome, reasons=body.reasons, to_correct=body.to_correct, fact=fact, by=request.user
    )
    return _state(permissions.get_claim_for(request.user, one.pk))
