"""Claims: filed once, withdrawn, assigned to an independent person, answered once, re-reviewed once, closed."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.utils import timezone

from qinglan.apps.audit.actions import record
from qinglan.apps.base.models import Sealed
from qinglan.apps.people.models import Person, User
from qinglan.apps.people.permissions import ANSWER_CLAIMS, CHANGE_PEOPLE, check
from qinglan.apps.policy.models import PersonResult
from qinglan.apps.policy.queries.terms import NotInForce, terms_for
from qinglan.apps.rights import permissions
from qinglan.apps.rights.actions.telling import tell_of_claim
from qinglan.apps.rights.models import Claim, ClaimAnswer, ClaimFile, ClaimKind, ClaimStep, Proposal
from qinglan.apps.rights.queries.figures import figure_of
from qinglan.apps.rights.states import CLAIM_STEPS, ClaimMove, Outcome

PURPOSE = "rights.claim_file"
DISTRICT_DIGITS = 6
MOST_TEXT, MOST_NOTE = 2_000, 500


class Conflict(ValidationError):
    """The same submission came with another content; nothing was written."""


@dataclass(frozen=True)
class Evidence:
    """A file in hand, checked by the form: its name, type and bytes."""

    name: str
    kind: str
    data: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True)
class Objection:
    """The figure objected to: a step of a family in a published result, of one month where `month` is given."""

    result: PersonResult
    family: str
    step: str
    month: int | None = None


@transaction.atomic
def file(
    *,
    person: Person,
    text: str,
    key: str,
    on: date,
    by: Any,
    objection: Objection | None = None,
    proposal: Proposal | None = None,
    evidence: Sequence[Evidence] = (),
) -> Claim:
    """This will take in a claim of `person` on any day: number, terms and hearing day are set, those who assign are told.

    `key` is made by the sender: the same submission twice is one claim and the same answer; with another content it raises
    Conflict. An officer who enters it for her needs to keep her record. ValidationError for a figure that is not there.
    """
    text = text.strip()
    if by.person_id != person.pk:
        check(by, CHANGE_PEOPLE, person.org_code)
    if not text or len(text) > MOST_TEXT:
        raise ValidationError(f"请写明诉求和理由，不超过 {MOST_TEXT} 字。")
    kind = ClaimKind.FIGURE if objection else ClaimKind.PROPOSAL if proposal else ClaimKind.GENERAL
    digest = _digest(kind, person, text, objection, proposal, evidence)
    district = person.org_code[:DISTRICT_DIGITS]
    one_number_at_a_time(district)
    known = Claim.objects.filter(by_id=by.pk, key=key).first()
    if known is not None:
        if known.digest != digest:
            raise Conflict(f"这份表已经提交过，编号 {known.number}，现在的内容与那一次不同。要补充请另提一件。")
        return known
    figure = None
    if objection:
        figure = figure_of(objection.result, objection.family, objection.step, objection.month)
        if figure is None or objection.result.person_id != person.pk:
            raise ValidationError("找不到这个数，请从结果的步骤表里点“有异议”进入。")
    claim = Claim(
        number=next_number(district, on),
        kind=kind,
        person=person,
        org_code=person.org_code,
        result=objection.result if objection else proposal.result if proposal else None,
        family=objection.family if objection else "",
        step=objection.step if objection else "",
        month=objection.month if objection else None,
        figure=figure.label[:200] if figure else "",
        shown=figure.shown[:200] if figure else "",
        proposal=proposal,
        text=text,
        received_on=on,
        by_id=by.pk,
        by_name=name_of(by),
        key=key,
        digest=digest,
    )
    set_terms(claim, on)
    with record("rights.claim.file", by=by, org_code=claim.org_code) as entry:
        claim.save(force_insert=True)
        ClaimFile.objects.bulk_create(_sealed(claim, one) for one in evidence)
        entry.target = claim
        entry.after = {"number": claim.number, "kind": kind, "files": [one.sha256 for one in evidence]}
        step = _step(claim, ClaimMove.FILE, "", by, "")
    tell_of_claim(claim=claim, step=step)
    return claim


def _sealed(claim: Claim, one: Evidence) -> ClaimFile:
    token = Sealed.of(base64.b64encode(one.data).decode(), PURPOSE).token.encode()
    return ClaimFile(
        claim=claim, name=one.name, kind=one.kind, size=len(one.data), sha256=one.sha256, content=token
    )  # fmt: skip


def content_of(one: ClaimFile) -> bytes:
    """A piece of evidence as it was handed in."""
    return base64.b64decode(Sealed(bytes(one.content).decode(), PURPOSE).open())


def _digest(kind: str, person: Person, text: str, objection: Any, proposal: Any, evidence: Sequence[Evidence]) -> str:
    about = [objection.result.pk, objection.family, objection.step, objection.month] if objection else []
    parts = [kind, person.pk, text, about, proposal.pk if proposal else None, [one.sha256 for one in evidence]]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


def one_number_at_a_time(district: str) -> None:
    """Wait until nobody else takes a number in this district; held to the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"rights.number {district}"])


def next_number(district: str, on: date, mark: str = "S") -> str:
    """The next number of the district and year: 990101-2026-S0001. Claims are S (诉求), proposals J (建议)."""
    model: Any = Claim if mark == "S" else Proposal
    start = f"{district}-{on.year}-{mark}"
    taken = model.objects.filter(number__startswith=start).values_list("number", flat=True)
    serial = max((int(number.removeprefix(start)) for number in taken), default=0) + 1
    return f"{start}{serial:04d}"


def name_of(by: Any) -> str:
    return by.get_full_name() or by.get_username()


def set_terms(claim: Claim, on: date) -> None:
    """The last day for the answer and the hearing day, counted from `on`; left empty where no calendar or pack says them."""
    claim.due_on = claim.hearing_on = None
    try:
        terms = terms_for(claim.org_code[:DISTRICT_DIGITS], on)
        claim.reply_days = terms.reply_days
    except (ValidationError, KeyError, NotInForce):
        return
    try:
        claim.hearing_on = terms.hearing()
        claim.due_on = terms.due()
    except NotInForce:
        return  # the next year's holidays are not published; the daily job sets them once they are


def _locked(claim: Claim) -> Claim:
    rows = Claim.objects.select_for_update(of=("self",)).select_related(
        "person", "result__run", "proposal", "assigned_to"
    )
    return rows.get(pk=claim.pk)


def _check_from(claim: Claim, move: ClaimMove) -> None:
    if claim.state not in CLAIM_STEPS[move].sources:
        raise ValidationError(
            f"诉求 {claim.number} 现在是「{claim.get_state_display()}」，不能{move.label}；请刷新页面看看是谁办的。"
        )


def _step(claim: Claim, move: ClaimMove, before: str, by: Any, note: str) -> ClaimStep:
    return ClaimStep.objects.create(
        claim=claim,
        move=move,
        state_from=before,
        state_to=claim.state,
        level=claim.level,
        note=note,
        by_id=by.pk,
        by_name=name_of(by),
    )


def move_on(claim: Claim, move: ClaimMove, by: Any, note: str = "", fields: Sequence[str] = ()) -> ClaimStep:
    """The state after `move` with its step, its audit row and its notices; the caller has locked the claim and checked all else."""
    before = claim.state
    claim.state = CLAIM_STEPS[move].target
    with record(
        f"rights.claim.{move}", by=by, target=claim, org_code=claim.org_code, before={"state": before}
    ) as entry:
        claim.save(update_fields=["state", *fields])
        step = _step(claim, move, before, by, note)
        entry.after = {"state": claim.state, "level": claim.level, "note": note}
    tell_of_claim(claim=claim, step=step)
    return step


def _note(text: str) -> str:
    text = text.strip()
    if len(text) > MOST_NOTE:
        raise ValidationError(f"说明太长，请不超过 {MOST_NOTE} 字。")
    return text


@transaction.atomic
def withdraw(*, claim: Claim, by: Any, note: str = "") -> Claim:
    """This will take a claim back that nobody has answered yet."""
    claim = _locked(claim)
    permissions.check_claimant(by, claim)
    if claim.state == Claim.State.WITHDRAWN:
        return claim
    _check_from(claim, ClaimMove.WITHDRAW)
    move_on(claim, ClaimMove.WITHDRAW, by, _note(note))
    return claim


@transaction.atomic
def assign(*, claim: Claim, to: User, by: Any) -> Claim:
    """This will give a claim to an independent person who may answer claims of the place; again, as long as it is not answered."""
    claim = _locked(claim)
    permissions.check_dispatch(by, claim)
    if claim.state == Claim.State.ASSIGNED and claim.assigned_to_id == to.pk:
        return claim
    _check_from(claim, ClaimMove.ASSIGN)
    try:
        check(to, ANSWER_CLAIMS, claim.org_code)
    except PermissionDenied:
        raise ValidationError(f"{name_of(to)} 没有答复这里诉求的权限，请选其他人。") from None
    reason = permissions.reasons_against(claim, [to]).get(to.pk)
    if reason:
        raise ValidationError(f"办理人须与此事无关：{name_of(to)}{reason}，请选其他人。")
    claim.assigned_to = to
    move_on(claim, ClaimMove.ASSIGN, by, f"办理人：{name_of(to)}", ["assigned_to"])
    return claim


@transaction.atomic
def answer(
    *,
    claim: Claim,
    outcome: str,
    reasons: str,
    by: Any,
    to_correct: str = "",
    fact: tuple[str, int] | None = None,
) -> ClaimAnswer:
    """This will answer a claim: upheld, partly or rejected, with reasons, and with what is to be corrected where it is upheld.

    `fact`: (kind, id) of the fact to be corrected. Only the person to whom it was assigned answers, once a level; asked again
    with the same content she gets the same answer.
    """
    claim = _locked(claim)
    permissions.check_independent(by, claim)
    reasons, to_correct = reasons.strip(), _note(to_correct)
    said = (outcome, reasons, to_correct, fact[0] if fact else "", fact[1] if fact else None)
    known = claim.answers.filter(level=claim.level).first()
    again = known is not None and claim.state == Claim.State.ANSWERED and known.by_id == by.pk
    if known is not None and again and known.said == said:
        return known
    _check_from(claim, ClaimMove.ANSWER)
    if claim.assigned_to_id != by.pk:
        raise PermissionDenied("这件诉求没有指派给您，请办理人答复。")
    upheld = outcome in (Outcome.UPHELD, Outcome.PARTLY)
    if outcome not in Outcome or not reasons or len(reasons) > MOST_TEXT:
        raise ValidationError(f"请选结论并写明理由，不超过 {MOST_TEXT} 字。")
    if upheld and claim.kind == ClaimKind.FIGURE and not to_correct:
        raise ValidationError("结论是成立或部分成立的，请写明要更正什么。")
    if not upheld and (to_correct or fact):
        raise ValidationError("结论是不成立的，不能同时要求更正。")
    given = ClaimAnswer.objects.create(
        claim=claim,
        level=claim.level,
        outcome=outcome,
        reasons=reasons,
        to_correct=to_correct,
        fact_kind=said[3],
        fact_id=said[4],
        by_id=by.pk,
        by_name=name_of(by),
    )
    move_on(claim, ClaimMove.ANSWER, by, Outcome(outcome).label)
    return given


@transaction.atomic
def ask_review(*, claim: Claim, by: Any, on: date, note: str) -> Claim:
    """This will let a claim be looked at once more, by another person, for the reason she gives; terms run anew."""
    claim = _locked(claim)
    permissions.check_claimant(by, claim)
    if not _note(note):
        raise ValidationError("请写明为什么不服答复。")
    if claim.level > 1:
        raise ValidationError("复核以一次为限。仍不服的，可以依法申请调解、仲裁或者起诉。")
    _check_from(claim, ClaimMove.REVIEW)
    claim.level, claim.assigned_to = 2, None
    set_terms(claim, on)
    fields = ["level", "assigned_to", "reply_days", "due_on", "hearing_on"]
    move_on(claim, ClaimMove.REVIEW, by, _note(note), fields)
    return claim


def review_until(claim: Claim) -> date | None:
    """The last day for asking for the re-review: as many working days after the answer as an answer may take. None: not known."""
    given = claim.answers.order_by("-level").first()
    if given is None:
        return None
    try:
        return terms_for(claim.org_code[:DISTRICT_DIGITS], timezone.localdate(given.at)).due()
    except (ValidationError, KeyError, NotInForce):
        return None


@transaction.atomic
def close(*, claim: Claim, by: Any, on: date, note: str = "") -> Claim:
    """This will close an answered claim: the claimant whenever she accepts; an officer once the term of the re-review is over.

    What was upheld and calls for a correction closes only when it is corrected.
    """
    claim = _locked(claim)
    if claim.state == Claim.State.CLOSED:
        return claim
    _check_from(claim, ClaimMove.CLOSE)
    given = claim.answers.order_by("-level").first()
    if claim.state == Claim.State.ANSWERED and given is not None and given.to_correct:
        raise ValidationError("答复要求更正的，更正并公布以后才能办结。")
    if not permissions.acts_as_claimant(by, claim):
        permissions.check_dispatch(by, claim)
        until = review_until(claim)
        if claim.level == 1 and (until is None or on <= until):
            wait = f"到 {until.isoformat()} 为止" if until else "期限待放假安排公布后确定"
            raise ValidationError(f"本人还可以申请复核（{wait}），现在由本人接受答复后办结，或等期满。")
    move_on(claim, ClaimMove.CLOSE, by, _note(note))
    return claim


@transaction.atomic
def keep_conflict(*, claim_key: str, text: str, by: Any) -> None:
    """This will keep, for review, that a submission came again with another content."""
    known = Claim.objects.filter(by_id=by.pk, key=claim_key).first()
    with record("rights.claim.conflict", by=by, target=known, org_code=known.org_code if known else "") as entry:
        entry.after = {"text": text[:MOST_TEXT]}
