"""Hand a question over to a person, take it, put it back, answer it, close it.

Each move locks the row, so that of two people one is first and the other reads who. The log says who did what and when; no word of
the talk, the note or the answer stands in it (ADR 0016).
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from qinglan.apps.assistant.actions.telling import tell_of_end, tell_of_new
from qinglan.apps.assistant.models import HandOver, Question
from qinglan.apps.assistant.states import CLOSED_SAYS, HANDING_STEPS, OPEN, Closing, Handing, HandingMove, PutBack
from qinglan.apps.audit.actions import record
from qinglan.apps.notices.queries import holders
from qinglan.apps.people.permissions import ANSWER_QUESTIONS, check
from qinglan.apps.people.queries.organisations import names
from qinglan.core.retrieval.guarding import guard

DISTRICT_DIGITS = 6
MOST_NOTE, MOST_ANSWER = 300, 1_000
MOST_OPEN = 5  # of one talk at a time
MOST_TOLD = 20  # earlier turns that go along


@transaction.atomic
def hand_over(*, question: Question, note: str = "", place: str = "", by: Any = None) -> HandOver:
    """This will put a question with its talk into the queue of a place: `place` where it is given, else the talk's own.

    Once a question: asked again it gives the same. `by`: the signed-in worker who asks for an answer of her own. ValidationError for
    a note that is too long, a talk without a place, a place where nobody answers, too many open hand-overs of one talk.
    """
    question = Question.objects.select_for_update(of=("self",)).select_related("talk").get(pk=question.pk)
    known = HandOver.objects.filter(question=question).first()
    if known is not None:
        return known
    talk = question.talk
    note = " ".join(note.split())
    if len(note) > MOST_NOTE:
        raise ValidationError(f"补充说明太长，请不超过 {MOST_NOTE} 字。")
    place = _place(place or talk.org_code, by)
    if talk.hand_overs.filter(state__in=OPEN).count() >= MOST_OPEN:
        raise ValidationError(f"您已有 {MOST_OPEN} 个问题在等人答复，请等答复以后再转。")
    before = talk.questions.filter(pk__lt=question.pk).order_by("-pk")[:MOST_TOLD]
    with record("assistant.hand_over", by=by, org_code=place) as entry:
        row = HandOver.objects.create(
            talk=talk, question=question, org_code=place, text=question.text, note=guard(note).text[:MOST_NOTE],
            told=[[one.text, one.reply.get("text", "")] for one in reversed(before)], asked_by=by,
        )  # fmt: skip
        entry.target, entry.after = row, {"state": str(row.state)}
    tell_of_new(hand_over=row)
    return row


def _place(code: str, by: Any) -> str:
    """The place if it is one today and somebody other than the asker answers there or above it."""
    today = timezone.localdate()
    if len(code) < DISTRICT_DIGITS:
        raise ValidationError("请先选择您所在的区、街道或社区，才能转给那里的工作人员。")
    name = names([code], today).get(code)
    if name is None:
        raise ValidationError("没有找到这个社区，请重新选择，或扫社区里张贴的二维码。")
    others = holders(ANSWER_QUESTIONS, code, today)
    if not (others.exclude(pk=by.pk) if by else others).exists():
        raise ValidationError(f"{name}还没有开通人工答复，请到社区服务站当面问，或拨打 12345。")
    return code


def _locked(row: HandOver) -> HandOver:
    """Without joins: after waiting for the lock PostgreSQL reads the row anew, but not what was joined to it."""
    return HandOver.objects.select_for_update().get(pk=row.pk)


def name_of(user: Any) -> str:
    """As colleagues read it."""
    return user.get_full_name() or user.get_username() if user else ""


def _check(row: HandOver, move: HandingMove, by: Any) -> None:
    """The right, the state, and that nobody answers herself; the sentence says who was first."""
    check(by, ANSWER_QUESTIONS, row.org_code)
    if row.asked_by_id == by.pk:
        raise PermissionDenied("这是您自己转来的问题，由其他人接手和答复。")
    if row.state in HANDING_STEPS[move][0]:
        return
    if row.state == Handing.TAKEN:
        raise ValidationError(f"{name_of(row.taken_by) or '别人'}已经先接手了，由接手的人答复；需要换人的，请先放回。")
    if row.state == Handing.ANSWERED:
        raise ValidationError(f"{row.answered_by_name}已经答复了，不能再{move.label}。")
    if row.state == Handing.CLOSED:
        raise ValidationError(f"{row.answered_by_name}已经关闭了这条提问，不能再{move.label}。")
    raise ValidationError("这条提问还没有人接手（可能刚被放回），请先接手。")


def _move(row: HandOver, move: HandingMove, by: Any, fields: tuple[str, ...], **noted: str) -> HandOver:
    """The state after the move; the caller has locked the row and checked all else."""
    before, row.state = row.state, HANDING_STEPS[move][1]
    with record(f"assistant.{move}", by=by, target=row, org_code=row.org_code, before={"state": str(before)}) as entry:
        row.save(update_fields=["state", *fields])
        entry.after = {"state": str(row.state), **noted}
    return row


@transaction.atomic
def take(*, hand_over: HandOver, by: Any) -> HandOver:
    """This will make `by` the one who answers; taken twice by the same is taken once."""
    row = _locked(hand_over)
    if row.state == Handing.TAKEN and row.taken_by_id == by.pk:
        return row
    _check(row, HandingMove.TAKE, by)
    row.taken_by, row.taken_at = by, timezone.now()
    return _move(row, HandingMove.TAKE, by, ("taken_by", "taken_at"))


@transaction.atomic
def put_back(*, hand_over: HandOver, reason: str, by: Any) -> HandOver:
    """This will let others take it: her own, or that of somebody who is away. ValidationError for an unknown reason."""
    row = _locked(hand_over)
    _check(row, HandingMove.PUT_BACK, by)
    if reason not in PutBack.values:
        raise ValidationError("请选一个放回的理由。")
    if row.taken_by_id != by.pk and reason != PutBack.AWAY:
        raise ValidationError(f"这条由{name_of(row.taken_by) or '别人'}接手；只有在接手的人不在岗时，才能由别人放回。")
    row.taken_by = row.taken_at = None
    return _move(row, HandingMove.PUT_BACK, by, ("taken_by", "taken_at"), reason=PutBack(reason).label)


@transaction.atomic
def answer(*, hand_over: HandOver, text: str, by: Any) -> HandOver:
    """This will give the answer that the asker reads; only who took it answers, once.

    Sent twice with the same text it is one answer. ValidationError for an empty or too long text, or one with a personal number.
    """
    row = _locked(hand_over)
    text = text.replace("\r\n", "\n").strip()
    if row.state == Handing.ANSWERED and row.answered_by_id == by.pk and row.answer == text:
        return row
    _check(row, HandingMove.ANSWER, by)
    if row.taken_by_id != by.pk:
        raise ValidationError(f"{name_of(row.taken_by) or '别人'}已经先接手了，由接手的人答复；需要换人的，请先放回。")
    if not text:
        raise ValidationError("请写下答复。")
    if len(text) > MOST_ANSWER:
        raise ValidationError(f"答复太长，请不超过 {MOST_ANSWER} 字。")
    if guard(text).masked:
        raise ValidationError("答复里有身份证号、手机号或银行卡号。请删去个人号码；要留电话的，请写社区的座机。")
    row.answer = text
    _end(row, HandingMove.ANSWER, by)
    tell_of_end(hand_over=row)
    return row


@transaction.atomic
def close(*, hand_over: HandOver, reason: str, by: Any) -> HandOver:
    """This will end it without an answer; the asker reads why. ValidationError for an unknown reason."""
    row = _locked(hand_over)
    if row.state == Handing.CLOSED and row.answered_by_id == by.pk:
        return row
    _check(row, HandingMove.CLOSE, by)
    if reason not in Closing.values:
        raise ValidationError("请选一个关闭的理由。")
    if row.state == Handing.TAKEN and row.taken_by_id != by.pk:
        raise ValidationError(f"{name_of(row.taken_by) or '别人'}正在处理这条提问，由接手的人关闭。")
    row.answer = CLOSED_SAYS[Closing(reason)]
    _end(row, HandingMove.CLOSE, by, reason=Closing(reason).label)
    tell_of_end(hand_over=row)
    return row


def _end(row: HandOver, move: HandingMove, by: Any, **noted: str) -> HandOver:
    row.answered_by_id, row.answered_by_name, row.ended_at = by.pk, name_of(by), timezone.now()
    return _move(row, move, by, ("answer", "answered_by_id", "answered_by_name", "ended_at"), **noted)
