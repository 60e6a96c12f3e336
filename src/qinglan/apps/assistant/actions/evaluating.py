"""Measure the assistant in the background: every question of a set asked, with a draft once without it and once with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from time import monotonic
from typing import Any

import numpy as np
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from qinglan.apps.assistant import permissions
from qinglan.apps.assistant.models import CardVersion, Evaluation
from qinglan.apps.assistant.models import Question as Typed
from qinglan.apps.assistant.queries.knowledge import Known, answerer_of, city_of, known, pack_of
from qinglan.apps.assistant.queries.measuring import cards_with, day_of, fingerprint, kept
from qinglan.apps.assistant.states import Measuring
from qinglan.apps.audit.actions import record
from qinglan.apps.base.actions import Queued, name_of
from qinglan.apps.base.models import ReleaseState
from qinglan.core.retrieval.deciding import Answerer, City, Outcome, Reply, Turn
from qinglan.core.retrieval.encoding import Encoder
from qinglan.core.retrieval.evaluating import Asked, Question, evaluate
from qinglan.core.retrieval.evaluating import Evaluation as Found

MOST = 5_000
MOST_AT_ONCE = 1_000  # questions that a page itself may ask when nobody works on background jobs
BETWEEN = 0.5  # seconds after which it is told how far it is
TURNS = 3
OPEN = (ReleaseState.DRAFT, ReleaseState.SUBMITTED)
EVALUATIONS: Queued[Evaluation] = Queued(
    "assistant.evaluate", called="这次评测", task="assistant.evaluate", argument="evaluation_id", cancelled=Measuring.FAILED,
    broken="评测时出了意外，没有问完。请再评一次；仍不行请告诉管理员。", record=record,
)  # fmt: skip


@transaction.atomic
def make(
    *, district: str, name: str, questions: Sequence[Question], by: Any, draft: CardVersion | None = None
) -> Evaluation:
    """This will keep a set of questions and have it asked in the background. ValidationError with a sentence."""
    if by is not None and district not in permissions.districts_to_keep(by):
        raise PermissionDenied("评测由维护知识卡的区级管理员办理。")
    if not questions:
        raise ValidationError("问题集里没有问题；请至少写一个。")
    if len(questions) > MOST:
        raise ValidationError(f"问题集有 {len(questions):,} 个问题，一次最多 {MOST:,} 个；请分成几份。")
    if draft is not None and (draft.org_code != district or draft.state not in OPEN):
        raise ValidationError(f"这份卡片「{draft.get_state_display()}」，只有草稿和待发布的才评测得失。")
    rows = [[one.question, one.expected, one.city, one.context] for one in questions]
    with record("assistant.evaluate", by=by, org_code=district) as entry:
        row = Evaluation.objects.create(
            org_code=district, name=name, questions=rows, draft=draft, total=len(rows) * (2 if draft else 1),
            made_by_id=getattr(by, "pk", None), made_by_name=name_of(by),
        )  # fmt: skip
        entry.target = row
        entry.after = {"name": name, "questions": len(rows), "draft": draft.pk if draft else None}
    EVALUATIONS.put(row)
    return row


def carry_out(*, evaluation: Evaluation, by: Any) -> None:
    """This will ask the questions of an evaluation that waits; whoever comes second finds it begun.

    Not one transaction: how far it is is written down as it goes. Begun anew after a worker died, it gives the same.
    """
    row = EVALUATIONS.begin(evaluation, by)
    if row is None:
        return
    with EVALUATIONS.ending(row, by) as found:
        found["cards"], found["outcome"] = _measured(row)
        found["done"] = row.total


def _measured(row: Evaluation) -> tuple[str, dict[str, Any]]:
    """(fingerprint of the cards asked, the outcome): what residents of the district are told on that day."""
    today = timezone.localdate()
    on = day_of(row.draft, today)
    questions = [Question(*one) for one in row.questions]
    knows = known(row.org_code, on)
    held, given = knows.answerer, Given(today, city_of(row.org_code, on), pack_of(row.org_code, on))
    if row.draft is None:
        return fingerprint(held.index.cards), _told(_found(row, held, questions, given, 0), given.told(on, knows))
    drafted = answerer_of(cards_with(row.draft, today))
    drafted = replace(drafted, encoder=Remembering(drafted.encoder))
    outcome = _told(_found(row, drafted, questions, given, 0), given.told(on, knows))
    held = replace(held, encoder=drafted.encoder)  # its vectors are known by now
    outcome["before"] = kept(_found(row, held, questions, given, len(questions)))
    outcome["residents"] = _residents(row.draft, drafted, held, today)
    return fingerprint(drafted.index.cards), outcome


@dataclass(frozen=True)
class Given:
    """What a resident's question is asked with: what the district has filled in, and what its pack says."""

    today: date
    city: City | None
    pack: Mapping[str, str]

    def told(self, on: date, knows: Known) -> dict[str, Any]:
        """As the outcome keeps it (queries.measuring)."""
        values = len(self.city.values) if self.city else 0
        return {"on": on.isoformat(), "own": len(knows.versions), "values": values, "pack": len(self.pack)}


def _told(found: Found, knows: dict[str, Any]) -> dict[str, Any]:
    return {
        **kept(found), "median_ms": round(found.latency(0.5) * 1000, 1), "p95_ms": round(found.latency(0.95) * 1000, 1),
        "before": None, "residents": None, "knows": knows,
    }  # fmt: skip


def _found(row: Evaluation, answerer: Answerer, questions: Sequence[Question], given: Given, done: int) -> Found:
    """All questions asked of one side; `done`: how many were asked of the other. Stopped when somebody cancelled it."""
    answerer.ask("先问一句", today=given.today)  # what is loaded at the first question is nobody's time
    asked: list[Asked] = []
    told = monotonic()
    _tell(row, done)
    for one in questions:
        asked += evaluate(answerer, [one], given.today, given.city, given.pack).asked
        if monotonic() - told > BETWEEN:
            _tell(row, done + len(asked))
            told = monotonic()
    return Found(tuple(asked))


class Remembering:
    """An encoder that makes the vectors of a text once: the second answerer is asked the same questions."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._known: dict[str, np.ndarray] = {}
        self.name, self.size = encoder.name, encoder.size

    def vectors(self, texts: list[str]) -> np.ndarray:
        missing = [one for one in dict.fromkeys(texts) if one not in self._known]
        if missing:
            self._known |= dict(zip(missing, self._encoder.vectors(missing), strict=True))
        return np.stack([self._known[one] for one in texts]) if texts else self._encoder.vectors([])


def _tell(row: Evaluation, done: int) -> None:
    """Write down how far it is. Stopped when nobody waits for it any more."""
    EVALUATIONS.tell(row, done=done)


def _residents(draft: CardVersion, drafted: Answerer, without: Answerer, today: date) -> dict[str, int]:
    """Of what residents asked and is linked to the draft: how many it answers now, how many were answered by any card before."""
    linked = list(draft.questions.select_related("talk").order_by("pk"))
    earlier: dict[int, list[Typed]] = defaultdict(list)
    for one in (
        Typed.objects.filter(talk__in={one.talk_id for one in linked}).order_by("pk").only("talk", "text", "card_title")
    ):
        earlier[one.talk_id].append(one)
    cities = {code: city_of(code, today) for code in {one.talk.org_code for one in linked}}
    pack = pack_of(draft.org_code, today) if linked else {}
    now = before = 0
    for one in linked:
        turns = [Turn(each.text, each.card_title) for each in earlier[one.talk_id] if each.pk < one.pk][-TURNS:]
        given: dict[str, Any] = {
            "today": today, "city": cities[one.talk.org_code], "pack": pack, "before": turns,
        }  # fmt: skip
        reply = drafted.ask(one.text, **given)
        now += _answers(reply) and reply.card is not None and reply.card.key == draft.key
        before += _answers(without.ask(one.text, **given))
    return {"linked": len(linked), "now": now, "before": before}


def _answers(reply: Reply) -> bool:
    """Says what the card says; asking only for the city counts, for the card's common part is told."""
    return reply.outcome is Outcome.ANSWERED or (reply.outcome is Outcome.ASKS and reply.asks == "city")


def cancel(*, evaluation: Evaluation, by: Any) -> Evaluation:
    """This will stop an evaluation that waits or runs; nothing of it is kept but that. ValidationError when it has ended."""
    return EVALUATIONS.cancel(evaluation, by)
