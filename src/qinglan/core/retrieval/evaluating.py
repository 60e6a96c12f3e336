"""Measured honestly: questions with what is expected of them, asked one after the other, and how many were right, with intervals."""

from __future__ import annotations

import csv
import io
import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from qinglan.core.retrieval.cards import Card
from qinglan.core.retrieval.deciding import Answerer, City, Outcome, Reply, Turn

REFUSE = "拒答"
TARGET = 0.98  # assistant.ai98
COLUMNS = ("question", "expected", "city", "context")


class QuestionsError(Exception):
    """A file of questions that cannot be used. `problems`: line, field, what is wrong, how to mend it."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Question:
    """`expected`: an item's number, or 拒答. `context`: what was asked before in the same talk, or ""."""

    question: str
    expected: str
    city: str = ""
    context: str = ""


@dataclass(frozen=True)
class Asked:
    """A question, what came, and whether it was right. `seconds` of the last turn."""

    question: Question
    reply: Reply
    seconds: float

    @property
    def refusal_expected(self) -> bool:
        return self.question.expected == REFUSE

    @property
    def turned_away(self) -> bool:
        return self.reply.outcome in (Outcome.REFUSED, Outcome.HANDED_OVER)

    @property
    def right_card(self) -> bool:
        return self.reply.card is not None and self.question.expected in self.reply.card.items

    @property
    def right(self) -> bool:
        """Turned away where it must be; else the right card, said and not only guessed at."""
        if self.refusal_expected:
            return self.turned_away
        guessed = self.reply.outcome is Outcome.HANDED_OVER and self.reply.card and self.reply.card.kind != "handover"
        return self.right_card and not guessed


@dataclass(frozen=True)
class Share:
    """`good` of `all`, with Wilson's interval of 95 %."""

    good: int
    all: int

    @property
    def value(self) -> float:
        return self.good / self.all if self.all else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        if not self.all:
            return (0.0, 1.0)
        z, n, p = 1.959964, self.all, self.good / self.all
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
        return (max(0.0, middle - half), min(1.0, middle + half))

    def __str__(self) -> str:
        if not self.all:
            return "没有这样的问题"
        low, high = self.interval
        return f"{self.good}/{self.all} = {self.value:.1%}〔{low:.1%}，{high:.1%}〕"


@dataclass(frozen=True)
class Evaluation:
    """What came of a set of questions."""

    asked: tuple[Asked, ...]

    @property
    def shares(self) -> dict[str, Share]:
        """By label: the right card first, right and said, answered at all, with a citation, refused rightly, refused wrongly."""
        answerable = [one for one in self.asked if not one.refusal_expected]
        refusable = [one for one in self.asked if one.refusal_expected]
        said = [one for one in answerable if one.reply.outcome in (Outcome.ANSWERED, Outcome.ASKS)]
        return {
            "第一张卡片正确": _share(answerable, lambda one: one.right_card),
            "正确且作了答": _share(answerable, lambda one: one.right),
            "作答的比例": Share(len(said), len(answerable)),
            "作答的带出处": _share(said, lambda one: one.reply.card is not None and bool(one.reply.card.basis)),
            "该拒的拒了或转了人工": _share(refusable, lambda one: one.turned_away),
            "不该拒的拒了": _share(answerable, lambda one: one.reply.card is None),
        }

    @property
    def misses(self) -> list[Asked]:
        return [one for one in self.asked if not one.right]

    def latency(self, share: float) -> float:
        """Seconds that this share of the questions stayed within."""
        times = sorted(one.seconds for one in self.asked)
        return times[min(len(times) - 1, math.ceil(share * len(times)) - 1)] if times else float("nan")


def evaluate(
    answerer: Answerer,
    questions: Iterable[Question],
    today: date,
    here: City | None = None,
    pack: Mapping[str, str] | None = None,
) -> Evaluation:
    """Every question asked for itself; one with a context asks that first.

    `here`: where those are asked that name no city, or this one, with what is filled in there; `pack`: what its pack in force says.
    """
    found = []
    for one in questions:
        away = one.city and not (here and (one.city in here.name or here.name in one.city))
        city = City(one.city) if away else here
        before: tuple[Turn, ...] = ()
        if one.context:
            first = answerer.ask(one.context, today=today, city=city, pack=pack)
            before = (Turn(first.question, first.card.title if first.card else ""),)
        started = time.perf_counter()
        reply = answerer.ask(one.question, today=today, city=city, before=before, pack=pack)
        found.append(Asked(one, reply, time.perf_counter() - started))
    return Evaluation(tuple(found))


def read_questions(text: str, cards: Sequence[Card]) -> list[Question]:
    """Questions of a CSV (question, expected, and if wanted city and context). QuestionsError lists every line that is wrong."""
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    missing = [name for name in COLUMNS[:2] if name not in (rows.fieldnames or ())]
    if missing:
        raise QuestionsError([f"第 1 行缺少列：{'、'.join(missing)}；表头应为 question,expected,city,context。"])
    items = {item for card in cards for item in card.items}
    found, problems = [], []
    for row in rows:
        question, expected = (row["question"] or "").strip(), (row["expected"] or "").strip()
        if not question:
            problems.append(f"第 {rows.line_num} 行 question 是空的；请写上问题或删去这一行。")
        elif expected != REFUSE and expected not in items:
            problems.append(
                f"第 {rows.line_num} 行 expected“{expected}”没有这个编号；应是卡片的编号（如 35、S3、W4）或{REFUSE}。"
            )
        else:
            found.append(
                Question(question, expected, (row.get("city") or "").strip(), (row.get("context") or "").strip())
            )
    if problems:
        raise QuestionsError(problems)
    return found


def _share(asked: Sequence[Asked], good: Callable[[Asked], bool]) -> Share:
    return Share(sum(bool(good(one)) for one in asked), len(asked))
