"""What an evaluation asks and how what came of it is kept and read; whether a draft has been measured.

`Evaluation.outcome` is plain data:

    shares     [{label, good, all}, …] of core.retrieval.evaluating.Evaluation.shares
    median_ms, p95_ms
    came       [[outcome, card key or "", what it is called, right], …] in the order of the questions
    before     {shares, came}: the same asked without the draft, or null
    residents  {linked, now, before}: of what residents asked and was linked to the draft, how many it answers, and how many were
               answered without it; null without a draft. Only counts: what residents typed is forgotten, an evaluation is not.
    knows      {on, own, values, pack}: the day whose knowledge was asked, and of the district's own how many cards, city values and
               parts of its pack; not there where it was asked of the cards alone
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Func, IntegerField
from django.db.models.fields.json import KeyTransform
from django.utils import timezone

from qinglan.apps.assistant.models import CardVersion, Evaluation
from qinglan.apps.assistant.queries import card_content
from qinglan.apps.assistant.queries.knowledge import in_force, with_versions
from qinglan.apps.assistant.states import Measuring, Outcome
from qinglan.core.retrieval import shipped
from qinglan.core.retrieval.cards import Card
from qinglan.core.retrieval.evaluating import REFUSE, TARGET, Asked, Question, Share, read_questions
from qinglan.core.retrieval.evaluating import Evaluation as Found

DEVELOPMENT = "随程序的开发集"
SIZE = Func("questions", function="jsonb_array_length", output_field=IntegerField())
WAITING = (Measuring.QUEUED, Measuring.RUNNING)
# Of these the target is told; the others only describe.
AIMED = ("第一张卡片正确", "正确且作了答", "该拒的拒了或转了人工")
NOT_MEASURED = (
    "这份草稿还没有照现在的知识卡评测过（评测以后又发布了别的卡片、或更新了系统的，要再评一次）。"
    "请先打开草稿，点「评测这份草稿」，看清多答对了哪些、少答对了哪些，再发布。"
)


def development() -> list[Question]:
    """The questions that come with the program."""
    return read_questions(shipped.DEVELOPMENT.read_text(encoding="utf-8"), shipped.cards())


def sets_of(district: str) -> list[tuple[int, str, int]]:
    """(number of its last evaluation, name, questions) of the sets that the district has brought in itself."""
    rows = (
        Evaluation.objects.filter(org_code=district).exclude(name=DEVELOPMENT)
        .order_by("name", "-pk").distinct("name").annotate(size=SIZE).values_list("pk", "name", "size")
    )  # fmt: skip
    return list(rows)


def newest_of(evaluation: Evaluation) -> str:
    """What a form calls the evaluation's set: its newest evaluation stands for it (`sets_of`)."""
    if evaluation.name == DEVELOPMENT:
        return "development"
    same = Evaluation.objects.filter(org_code=evaluation.org_code, name=evaluation.name)
    return str(same.order_by("-pk").values_list("pk", flat=True)[0])


def day_of(draft: CardVersion | None, today: date) -> date:
    """The day whose cards are asked: that on which the draft would come into force, when it is yet to come."""
    return max(today, draft.since) if draft else today


def cards_of(district: str, on: date) -> list[Card]:
    """The cards that hold in the district on a day."""
    return with_versions(_own(district, on))


def cards_with(draft: CardVersion, today: date) -> list[Card]:
    """Those cards with the draft in its place."""
    return with_versions([*_own(draft.org_code, day_of(draft, today)), draft])


def _own(district: str, on: date) -> list[CardVersion]:
    return list(CardVersion.objects.filter(pk__in=[number for _, number in in_force(district, on)]))


def fingerprint(cards: Iterable[Card]) -> str:
    """Stands for all that answers: cards, refusals, weights, encoder. Another answer can come only when it changes."""
    told = hashlib.sha256(shipped.answerer().encoder.name.encode() + shipped.WEIGHTS.read_bytes())
    for one in shipped.refusals():
        told.update(one.model_dump_json().encode())
    # The database keeps a card's parts in an order of its own, so they are put in order here.
    for text in sorted(json.dumps(card.model_dump(mode="json"), sort_keys=True) for card in cards):
        told.update(text.encode())
    return told.hexdigest()


def measured(version: CardVersion, today: date) -> Evaluation | None:
    """The newest evaluation of exactly this version against the cards that hold now; None when it must be measured first."""
    asked = fingerprint(cards_with(version, today))
    found = Evaluation.objects.filter(draft=version, state=Measuring.DONE, cards=asked)
    return found.defer("questions").first()


def changes_nothing(version: CardVersion, today: date) -> bool:
    """Whether the assistant answers by this version as it does without it: nothing can be won or lost."""
    if version.retired:
        return False
    without = {card.key: card for card in cards_of(version.org_code, day_of(version, today))}
    return without.get(version.key) == card_content.read(version.content).card


def check_measured(version: CardVersion, today: date) -> None:
    """ValidationError for a version that may not be released because nobody has seen what it wins and loses."""
    if measured(version, today) is None and not changes_nothing(version, today):
        raise ValidationError(NOT_MEASURED)


def kept(found: Found) -> dict[str, Any]:
    """What came of one side, as it is kept."""
    return {
        "shares": [{"label": label, "good": one.good, "all": one.all} for label, one in found.shares.items()],
        "came": [_came(one) for one in found.asked],
    }


def _came(asked: Asked) -> list[Any]:
    reply = asked.reply
    if reply.card is not None:
        return [str(reply.outcome), reply.card.key, reply.card.title, asked.right]
    return [str(reply.outcome), "", reply.refusal.title if reply.refusal else "", asked.right]


def shares_of(side: dict[str, Any]) -> dict[str, Share]:
    """By label."""
    return {one["label"]: Share(one["good"], one["all"]) for one in side["shares"]}


@dataclass(frozen=True)
class Figure:
    """A share as the page shows it. `said`: how it stands to the target, "" where none is set."""

    label: str
    share: Share
    said: str
    kind: str  # of its badge

    @property
    def value(self) -> str:
        return f"{self.share.value:.1%}" if self.share.all else "—"

    @property
    def interval(self) -> str:
        low, high = self.share.interval
        return f"{low:.1%} 至 {high:.1%}" if self.share.all else "—"

    @property
    def target(self) -> str:
        return f"{TARGET:.0%}" if self.said else "—"


def figures(side: dict[str, Any]) -> list[Figure]:
    """All shares of one side beside the target."""
    return [Figure(label, share, *_beside(label, share)) for label, share in shares_of(side).items()]


def _beside(label: str, share: Share) -> tuple[str, str]:
    if label not in AIMED or not share.all:
        return "", "plain"
    low, _ = share.interval
    if low >= TARGET:
        return "达到", "good"
    return ("达到，但题数少、还说不准", "warn") if share.value >= TARGET else ("未达到", "bad")


@dataclass(frozen=True)
class Line:
    """One question of an evaluation. `change`: won, lost, other (another card, as right or as wrong as before) or ""."""

    number: int
    question: str
    context: str
    city: str
    expected: str
    outcome: str
    key: str
    came: str
    right: bool
    before: str
    change: str

    @property
    def order(self) -> tuple[int, int]:
        """Lost first, then what is wrong, then what was won or changed."""
        return ({"lost": 0, "won": 2, "other": 3}.get(self.change, 4 if self.right else 1), self.number)


def changed(was: Sequence[Any], came: Sequence[Any]) -> str:
    """Which of CHANGES two answers to one question are apart by, or ""."""
    if was[3] != came[3]:
        return "won" if came[3] else "lost"
    return "other" if was[1] != came[1] else ""


CHANGES = {"won": "多答对", "lost": "少答对", "other": "换了卡片"}


def lines(evaluation: Evaluation) -> list[Line]:
    """Every question with what came of it, misses first."""
    outcome = evaluation.outcome or {"came": [], "before": None}
    before = (outcome.get("before") or {}).get("came") or [None] * len(outcome["came"])
    rows = zip(evaluation.questions, outcome["came"], before, strict=True)
    made = [_line(number, asked, came, was) for number, (asked, came, was) in enumerate(rows, start=1)]
    return sorted(made, key=lambda one: one.order)


def _line(number: int, asked: Sequence[str], came: Sequence[Any], was: Sequence[Any] | None) -> Line:
    question, expected, city, context = asked
    change = "" if was is None else changed(was, came)
    outcome, key, title, right = came
    return Line(
        number=number, question=question, context=context, city=city, expected=expected, outcome=outcome, key=key,
        came=title or "没有卡片", right=right, before="" if was is None else f"{Outcome(was[0]).label}：{was[2] or '没有卡片'}",
        change=change,
    )  # fmt: skip


def titles_of(cards: Iterable[Card]) -> dict[str, tuple[str, str]]:
    """Item → (key, title) of the card that answers it; 拒答 has none."""
    found: dict[str, tuple[str, str]] = {}
    for card in cards:
        for item in card.items:
            found.setdefault(item, (card.key, card.title))
    return found


def expected_of(line: Line, titles: dict[str, tuple[str, str]]) -> str:
    """What was to come, in words."""
    if line.expected == REFUSE:
        return "拒答或转人工"
    return titles.get(line.expected, ("", f"编号 {line.expected}"))[1]


def earlier(evaluation: Evaluation, most: int = 40) -> list[Any]:
    """Those of the same set of questions that are done and had no draft, up to this one, the newest first, each with `shares` and `p95`."""
    same = Evaluation.objects.filter(
        org_code=evaluation.org_code, name=evaluation.name, questions=evaluation.questions, state=Measuring.DONE,
        draft__isnull=True, pk__lte=evaluation.pk,
    )  # fmt: skip
    told = same.annotate(shares=KeyTransform("shares", "outcome"), p95=KeyTransform("p95_ms", "outcome"))
    return list(told.defer("questions", "outcome")[:most])


def over_time(series: Sequence[Any]) -> dict[str, Any]:
    """The chart of `earlier`: the shares that have a target, in per cent, and the target."""
    rows = series[::-1]
    labels = [f"{timezone.localtime(one.made_at):%-m月%-d日}（{one.pk}）" for one in rows]
    shares = [shares_of({"shares": one.shares}) for one in rows]
    found = [
        {"name": label, "values": [round(100 * one[label].value, 2) if one[label].all else None for one in shares]}
        for label in AIMED
        if any(one[label].all for one in shares)
    ]
    aim = {"name": "目标", "values": [100 * TARGET] * len(rows)}
    return {
        "kind": "line", "labels": labels, "series": [*found, aim], "unit": "%", "max": 100, "zero": False, "places": 1,
        "head": "评测",
    }  # fmt: skip


def summary(evaluation: Evaluation | None) -> dict[str, Any] | None:
    """What a draft's page tells of its evaluation: {row, size, won, lost, other, residents}."""
    if evaluation is None or evaluation.outcome is None:
        return None
    pairs = zip(evaluation.outcome["before"]["came"], evaluation.outcome["came"], strict=True)
    changes = [changed(was, came) for was, came in pairs]
    return {
        "row": evaluation, "size": len(changes), "residents": evaluation.outcome["residents"],
        **{one: changes.count(one) for one in CHANGES},
    }  # fmt: skip
